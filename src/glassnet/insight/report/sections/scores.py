"""The scores of the network and of simple models on the same rows, with their intervals."""

from __future__ import annotations

from glassnet.insight.report.intervals import RESAMPLES
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.sections.words import METRICS, model_name, span
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["scores"]

CAPTION = Text(
    "Scores on {rows:,} rows, each with its 95 % confidence interval below", "{rows:,} 行上的得分，下方为 95% 置信区间"
)
MODEL = Text("Model", "模型")
INTERVALS = Text(
    "The intervals are bootstrap percentiles: {count:,} times as many rows as there are were drawn from these rows "
    "with "
    "replacement (seed 0), and every model was scored on the same draws. They say how far chance in the choice of "
    "these rows goes, and nothing of other trainings.",
    "区间取自自助法的百分位数：从这些行里有放回地抽取同样多的行，共 {count:,} 次（种子 0），"
    "每次所有模型都在同样的行上评分。"
    "区间说明这些行的选取带来多少偶然，不说明另训练一次会怎样。",
)
OTHERS = Text(
    "The simple models learned from the same rows as the network, with the usual columns for levels.",
    "简单的模型与网络学的是同样的行，类别展开为各自的列。",
)
FOLDS = Text(
    "The rows that the network learned from are not known here. So the simple models learned from the rows to judge "
    "by, "
    "in three folds: each row is predicted by a model that was not trained on it.",
    "这里不知道网络学过哪些行，所以简单的模型是在用于评判的行上分三折学的：每一行都由没有见过它的模型来预测。",
)
ALONE = Text(
    "No simple models stand beside it: there are too few rows, or none were wanted.",
    "旁边没有简单的模型：行数太少，或者没有要求比较。",
)
MEANINGS = {
    "accuracy": Text("the share of rows whose class is right; higher is better", "类别判对的行的比例，越高越好"),
    "balanced_accuracy": Text(
        "the same, the mean over the classes, so that rare ones count alike; higher is better",
        "各类别各自的正确率的平均，少见的类别同样重要，越高越好",
    ),
    "roc_auc": Text(
        "how often a row of the second class gets the higher probability of two rows; 0.5 is chance, 1 perfect",
        "任取两类各一行，第二类的行概率更高的机会；0.5 等于乱猜，1 为完美",
    ),
    "log_loss": Text(
        "how surprising the truth is, given the probabilities; lower is better",
        "按预测的概率，真实答案有多出人意料，越低越好",
    ),
    "rmse": Text(
        "the root of the mean squared error, in the units of the target; lower is better",
        "误差平方的平均的平方根，单位与目标相同，越低越好",
    ),
    "mae": Text(
        "the mean distance from the truth, in the units of the target; lower is better",
        "与真实值的平均距离，单位与目标相同，越低越好",
    ),
    "r2": Text(
        "how much of the variance is explained; 0 is as good as the mean, 1 perfect",
        "解释了多少方差；0 相当于只用均值，1 为完美",
    ),
}


def scores(subject: Subject) -> Markup:
    """A table of scores, and what they mean."""
    metrics = subject.metrics
    rows = []
    for name, found in subject.scores.items():
        cells: list[str] = [model_name(subject, name)]
        for metric in metrics:
            interval = subject.resampled.interval(name, metric.key)
            around = None if interval is None else span(metric, interval.low, interval.high)
            value = metric.spell(found.get(metric.key))
            cells.append(join([value, None if around is None else element("span", around, class_="interval")]))
        rows.append(cells)
    head = [subject.say(MODEL), *(subject.say(METRICS[metric.key]) for metric in metrics)]
    notes = [ALONE if not subject.simple else FOLDS if subject.folds else OTHERS]
    measured = subject.resampled.interval(next(iter(subject.models)), metrics[0].key) is not None
    meanings = [
        element(
            "div", element("dt", subject.say(METRICS[metric.key])), element("dd", subject.say(MEANINGS[metric.key]))
        )
        for metric in metrics
    ]
    return join(
        [
            table(subject.say(CAPTION, rows=len(subject.y)), head, rows, best=0),
            element("dl", *meanings, class_="facts"),
            *(element("p", subject.say(note)) for note in notes),
            element("p", subject.say(INTERVALS, count=RESAMPLES)) if measured else None,
        ]
    )

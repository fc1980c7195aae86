"""How probabilities and classes fare: calibration, curves of two classes, and which class was taken for which."""

from __future__ import annotations

import copy

import numpy as np

from glassnet.estimators.calibration import reliability
from glassnet.insight.numbers import number
from glassnet.insight.predicted import Predicted, predict_rows
from glassnet.insight.report.charts import Line, lines
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.sections.words import model_name, percent
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.text import Text
from glassnet.layers.base import Array
from glassnet.tables.summary import shortened

__all__ = ["calibration", "confusions", "curves"]

MOST_CLASSES = 12
"""A wider table of confusions is not read by anyone: then the most frequent confusions are listed."""
SHOWN_PAIRS = 15
BINS = 15

ERROR = Text("Calibration error", "校准误差")
AFTER, BEFORE = Text("calibrated", "校准后"), Text("before calibration", "校准前")
AS_TRAINED = Text("not calibrated", "未校准")
TEMPERATURE = Text(
    "The scores behind the probabilities are divided by the temperature {temperature:.3f}, found on rows held back "
    "from learning: {what}.",
    "概率背后的分数除以温度 {temperature:.3f}，这个温度是在没有用于学习的行上找到的：{what}。",
)
TOO_SURE, TOO_SHY = (
    Text("the network was too sure of itself", "网络原来过于自信"),
    Text("the network was not sure enough of itself", "网络原来自信不足"),
)
NO_TEMPERATURE = Text("The probabilities are as the network gives them.", "概率就是网络给出的，没有再作校准。")
CALIBRATION_TITLE = Text("Calibration curve", "校准曲线")
CALIBRATION_NOTE = Text(
    "Rows are grouped by the probability of the predicted class. On the dashed line it is right as often as it says; "
    "below it is too sure. The calibration error is the mean distance from the line: {errors}.",
    "各行按所预测类别的概率分组。在虚线上，判对的比例与所说的把握一致；在虚线之下则过于自信。"
    "校准误差是与虚线的平均距离：{errors}。",
)
ONE_ERROR = Text("{value} {name}", "{name} {value}")
SURE, RIGHT = Text("probability of the predicted class", "所预测类别的概率"), Text("share that is right", "判对的比例")
PERFECT = Text("perfectly calibrated", "完美校准")

ROC_TITLE = Text("ROC curve of “{name}”", "“{name}”的 ROC 曲线")
ROC_NOTE = Text(
    "Each threshold finds a share of the rows of “{name}” and takes a share of the others for it. The area is how "
    "often "
    "such a row gets the higher probability of two. Areas: {areas}.",
    "每个阈值都会找出一部分“{name}”的行，也会把一部分其他的行误认为是它。面积是任取两类各一行、这一类概率更高的机会。"
    "面积：{areas}。",
)
FALSE_ALARMS, FOUND = Text("false positive rate", "假阳性率"), Text("recall", "召回率")
CHANCE = Text("chance", "乱猜")
PR_TITLE = Text("Precision and recall of “{name}”", "“{name}”的精确率与召回率")
PR_NOTE = Text(
    "Precision is the share of the rows predicted as “{name}” that are, recall the share of all “{name}” that "
    "are found. Predicting “{name}” for every row is right for {share}, the dashed line.",
    "精确率是判为“{name}”的行里真正属于它的比例，召回率是“{name}”的行里被找出的比例。"
    "全都判为“{name}”时只有 {share} 是对的，即虚线。",
)
PRECISION, RECALL, SUPPORT = Text("Precision", "精确率"), Text("Recall", "召回率"), Text("Rows", "行数")
CLASS = Text("Class", "类别")
PER_CLASS = Text("Class by class", "各个类别")
PER_CLASS_NOTE = Text(
    "Precision: the share of the rows predicted as a class that are of it. Recall: the share of the rows of a class "
    "that were found. F1: the harmonic mean of both.",
    "精确率：判为此类的行里有多少真的是。召回率：真正此类的行里找出了多少。F1：两者的调和平均。",
)
MATRIX = Text("Which class was taken for which, in rows", "哪一类被判为哪一类（行数）")
WEIGHED = Text("Which class was taken for which, in sums of the rows' weights", "哪一类被判为哪一类（各行权重之和）")
CORNER = Text("true ↓ predicted →", "真实 ↓ 预测 →")
PAIRS = Text("The most frequent confusions", "最常见的混淆")
TRUE, PREDICTED, HOW_OFTEN = Text("True", "真实"), Text("Predicted", "预测"), Text("Rows", "行数")
WEIGHT = Text("Weight", "权重")


def calibration(subject: Subject) -> Markup | None:
    """Confidence against how often it is right, before and after the temperature."""
    if subject.classes is None or subject.predicted.probabilities is None:
        return None
    temperature = subject.model.temperature_
    stages = [(AS_TRAINED if temperature == 1 else AFTER, "a", subject.predicted)]
    if temperature != 1:
        plain = copy.copy(subject.model)
        plain.temperature_ = 1.0
        stages.append((BEFORE, "b", predict_rows(plain, subject.X)))
    drawn, errors = [], []
    for name, kind, predicted in stages:
        probabilities = np.asarray(predicted.probabilities)
        right = subject.classes[probabilities.argmax(axis=1)] == subject.y
        found = reliability(probabilities.max(axis=1), right, BINS, subject.weight)
        errors.append(subject.say(ONE_ERROR, value=f"{found.error:.4f}", name=subject.say(name)))
        drawn.append(Line(subject.say(name), found.sure, found.right, kind, dots=True))
    guide = Line(subject.say(PERFECT), [0, 1], [0, 1], "guide")
    note = subject.say(CALIBRATION_NOTE, errors=", ".join(errors))
    labels = subject.say(SURE), subject.say(RIGHT)
    chart = lines("calibration", subject.say(CALIBRATION_TITLE), note, *labels, [*drawn, guide], square=True)
    if temperature == 1:
        words = subject.say(NO_TEMPERATURE)
    else:
        words = subject.say(
            TEMPERATURE, temperature=temperature, what=subject.say(TOO_SURE if temperature > 1 else TOO_SHY)
        )
    return join([element("p", words), element("div", chart, class_="charts")])


def curves(subject: Subject) -> Markup | None:
    """ROC, and precision and recall, of two classes."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    if "roc_auc" not in subject.scores[NETWORK] or subject.classes is None:
        return None
    name, positive = str(subject.classes[1]), subject.y == subject.classes[1]
    shown = [item for item in subject.models.items() if item[1].probabilities is not None][:2]
    roc, precision_recall, areas = [], [], []
    for kind, (model, predicted) in zip("ab", shown, strict=False):
        score = np.asarray(predicted.probabilities)[:, 1]
        called = model_name(subject, model)
        false_alarms, found, _ = roc_curve(positive, score, sample_weight=subject.weight)
        roc.append(Line(called, false_alarms, found, kind))
        precision, recall, _ = precision_recall_curve(positive, score, sample_weight=subject.weight)
        precision_recall.append(Line(called, recall, precision, kind))
        areas.append(f"{called} {subject.scores[model]['roc_auc']:.4f}")
    share = float(np.average(positive, weights=subject.weight))
    roc.append(Line(subject.say(CHANCE), [0, 1], [0, 1], "guide"))
    precision_recall.append(Line(subject.say(CHANCE), [0, 1], [share, share], "guide"))
    charts = [
        lines(
            "roc", subject.say(ROC_TITLE, name=name), subject.say(ROC_NOTE, name=name, areas=", ".join(areas)),
            subject.say(FALSE_ALARMS), subject.say(FOUND), roc, square=True,
        ),
        lines(
            "precision", subject.say(PR_TITLE, name=name), subject.say(PR_NOTE, name=name, share=percent(share)),
            subject.say(RECALL), subject.say(PRECISION), precision_recall, square=True,
        ),
    ]  # fmt: skip
    return element("div", *charts, class_="charts")


def confusions(subject: Subject) -> Markup | None:
    """A matrix of few classes, the most frequent confusions of many; and each class by itself."""
    from sklearn.metrics import confusion_matrix

    if subject.classes is None:
        return None
    counts = confusion_matrix(subject.y, subject.predicted.values, labels=subject.classes, sample_weight=subject.weight)
    names = [shortened(str(name), 24) for name in subject.classes]
    drawn = _matrix(subject, counts, names) if len(names) <= MOST_CLASSES else _pairs(subject, counts, names)
    return join([drawn, _per_class(subject, subject.predicted, names)])


def _matrix(subject: Subject, counts: Array, names: list[str]) -> Markup:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    rows = []
    for at, name in enumerate(names):
        cells = [
            element("span", _count(count), class_="shade", style=f"--share: {share:.2f}")
            for count, share in zip(counts[at].tolist(), shares[at].tolist(), strict=True)
        ]
        rows.append([name, *cells])
    caption = MATRIX if subject.weight is None else WEIGHED
    return table(subject.say(caption), [subject.say(CORNER), *names], rows)


def _pairs(subject: Subject, counts: Array, names: list[str]) -> Markup:
    wrong = counts - np.diag(np.diag(counts))
    order = [at for at in np.argsort(-wrong, axis=None, kind="stable")[:SHOWN_PAIRS] if wrong.flat[at]]
    rows = [[names[at // len(names)], names[at % len(names)], _count(wrong.flat[at])] for at in order]
    head = (TRUE, PREDICTED, HOW_OFTEN if subject.weight is None else WEIGHT)
    return table(subject.say(PAIRS), [subject.say(word) for word in head], rows, words=(0, 1))


def _count(rows: float) -> str:
    """A number of rows, or the sum of their weights."""
    return f"{rows:,}" if isinstance(rows, (int, np.integer)) else number(rows)


def _per_class(subject: Subject, predicted: Predicted, names: list[str]) -> Markup:
    from sklearn.metrics import precision_recall_fscore_support

    each = precision_recall_fscore_support(
        subject.y, predicted.values, labels=subject.classes, zero_division=0, sample_weight=subject.weight
    )
    counts = [int(np.sum(subject.y == name)) for name in np.asarray(subject.classes)]
    rows = [
        [name, percent(precision), percent(recall), f"{f1:.3f}", f"{count:,}"]
        for name, precision, recall, f1, count in zip(names, *each[:3], counts, strict=True)
    ]
    head = [subject.say(CLASS), subject.say(PRECISION), subject.say(RECALL), "F1", subject.say(SUPPORT)]
    return join([table(subject.say(PER_CLASS), head, rows), element("p", subject.say(PER_CLASS_NOTE), class_="note")])

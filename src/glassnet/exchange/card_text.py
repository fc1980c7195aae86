"""A model card as text: front matter for programs, and sections for people, in one of two languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from glassnet.estimators.kinds import parameters_in_words
from glassnet.insight.numbers import number
from glassnet.insight.report.columns import spelled_ends
from glassnet.insight.report.words import KINDS, METRICS, MODELS, percent, span
from glassnet.insight.scores import CLASSIFICATION, REGRESSION
from glassnet.language import Language, Text
from glassnet.tables.summary import ColumnSummary
from glassnet.visible import visible

__all__ = ["page"]

Known = Mapping[str, Any]
SHOWN_COLUMNS: Final = 60
SHOWN_CLASSES: Final = 20

FILL_IN = Text("> **To be filled in by a person:** {what}", "> **请人填写：** {what}")
UNKNOWN = Text("Not known.", "未知。")

KIND = {
    "classification": Text(
        "A neural network that tells {classes} classes apart, from a table of {columns} columns.",
        "一个神经网络，根据有 {columns} 列的表格区分 {classes} 个类别。",
    ),
    "regression": Text(
        "A neural network that predicts a number, from a table of {columns} columns.",
        "一个神经网络，根据有 {columns} 列的表格预测一个数值。",
    ),
    None: Text(
        "A feed-forward neural network; inputs: {inputs}, outputs: {outputs}.",
        "一个前馈神经网络，输入 {inputs} 个，输出 {outputs} 个。",
    ),
}
TARGET = Text("It predicts **{target}**.", "它预测的是 **{target}**。")
CLASSES = Text("The classes: {classes}.", "类别：{classes}。")
MORE = Text("and {count:,} more", "等，另有 {count:,} 个")
SIZE = Text(
    "{networks} of {parameters} parameters, computed in {dtype}; it was trained to minimize {loss}:",
    "{networks}有 {parameters} 个参数，以 {dtype} 计算，训练时最小化 {loss}：",
)
ONE, SEVERAL = Text("One network", "一个网络"), Text("{count} networks, averaged, each", "{count} 个网络取平均，每个")
OF_KINDS = Text(
    "These are the layers of the first. The networks are of several kinds; the weight of each kind was fitted on rows "
    "held out from it.",
    "以上是第一个网络的各层。网络分为几种；每种的权重由未用于其训练的样本决定。",
)
KIND_HEAD = (
    *(Text("kind", "种类"), Text("networks", "网络数"), Text("parameters of each", "每个网络的参数")),
    Text("weight", "权重"),
)
MEMBERS = Text("Each consists of {count} members that share weights.", "每个网络由 {count} 个共享权重的成员组成。")
USE = Text(
    "What is it for, who uses it, and what follows from its predictions?",
    "模型的用途是什么，由谁使用，它的预测会带来什么后果？",
)
NOT_FOR = Text(
    "What must it not be used for? Which groups of people or cases are missing from its training data, and who is "
    "harmed by a wrong prediction?",
    "它不能用来做什么？训练数据缺了哪些人群或情形，答错时谁会受损？",
)
ORIGIN = Text("Where do the rows come from, and under which licence?", "数据从哪里来，采用什么许可？")
LEARNED = Text(
    "It was trained on {rows:,} rows, including those that validated its epochs.",
    "它用 {rows:,} 个样本训练，其中包括用于逐轮验证的样本。",
)
KEPT = Text(
    "It predicts from its training rows, and holds them: up to {rows:,} in a network, embedded, and with their "
    "targets. Whoever has the model has these.",
    "它依据训练过的数据来回答，这些数据就存在模型里：每个网络最多 {rows:,} 行，以嵌入的形式，连同目标。"
    "拿到模型的人，也就拿到了它们。",
)
LOOKED_AT = Text(
    "The figures are those of {rows:,} of them, evenly spread.", "下列数字取自其中均匀分布的 {rows:,} 行。"
)
MORE_COLUMNS = Text("{count:,} more columns are not shown.", "另有 {count:,} 列没有列出。")
NO_DATA = Text("What the rows were like is not in the model.", "模型里没有记录训练数据的情况。")
COLUMN_HEAD = (
    Text("column", "列"),
    Text("kind", "种类"),
    Text("missing", "缺失"),
    Text("distinct", "不同的值"),
    Text("minimum · median · maximum, or most frequent", "最小值 · 中位数 · 最大值，或最常见的值"),
)
TARGET_NUMBERS = Text(
    "The target goes from {low} to {high}, with a median of {middle}.", "目标从 {low} 到 {high}，中位数 {middle}。"
)
TARGET_CLASSES = Text("The classes of the target: {levels}.", "目标的类别：{levels}。")
SCORED = Text("On {rows:,} rows that it was not trained on:", "在未参与训练的 {rows:,} 个样本上：")
SCORED_SOMEWHERE = Text("On rows that it was not trained on:", "在未参与训练的样本上：")
SCORE_HEAD = tuple(
    Text(*pair) for pair in (("score", "指标"), ("network", "网络"), ("95% confidence interval", "95% 置信区间"))
)
INTERVALS = Text(
    "The intervals are bootstrap percentiles: they measure the chance in the choice of these rows, not the variation "
    "from one training to another.",
    "区间是自助法的百分位数：只反映这些样本选取的偶然性，不反映各次训练之间的差异。",
)
NO_SCORES = Text(
    "No scores are in the model. They come with `glassnet train`, or with test rows given to the card.",
    "模型里没有得分。用 `glassnet train` 训练，或制作模型卡时给出测试数据，就会有。",
)
PYTHON = Text("In Python:", "在 Python 中：")
TERMINAL = Text("In the terminal:", "在终端中：")
ROWS_COMMENT = Text("a table with the columns above", "含有上述各列的表格")
MATRIX_COMMENT = Text("an array of shape (rows, {inputs})", "形状为 (行数, {inputs}) 的数组")
SAFE = Text(
    "The file is safetensors: nothing in it is executed when it is loaded.",
    "文件是 safetensors 格式：加载时不会执行其中的任何内容。",
)
NEEDS = Text("Rows must have these columns, by name; gaps are fine.", "数据要有这些列，按列名对应，可以有空缺。")
BEYOND = Text(
    "Far outside the ranges above its predictions have no basis; an unseen level of a category counts as unknown.",
    "远超上述范围时，它的预测没有依据；没有见过的类别值按未知处理。",
)
CALIBRATED = Text(
    "Its probabilities are calibrated (temperature {temperature:.3g}).", "概率经过校准（温度 {temperature:.3g}）。"
)
UNCALIBRATED = Text("Its probabilities are not calibrated.", "概率未经校准。")
PROMISED = Text(
    "Its intervals or sets hold what they promise for rows from where the {rows:,} rows came from that `conformalize` "
    "saw.",
    "区间或集合的保证，对与 `conformalize` 所见 {rows:,} 行来源相同的数据成立。",
)
CAUSES = Text("It has learned correlation, not causation.", "它学到的是相关，不是因果。")

MARKUP: Final = re.compile(r"[\\`*\[\]<>|#]|(?<!\w)_|_(?!\w)")
"""Signs that Markdown takes for more than themselves; an underscore within a word it does not."""

WRITTEN_WITH = Text("This card was written with:", "生成本卡时的版本：")

TITLES: Final = {
    "description": Text("Description", "简介"),
    "use": Text("Intended use", "用途"),
    "data": Text("Training data", "训练数据"),
    "evaluation": Text("Evaluation", "评估"),
    "how": Text("How to use", "使用方法"),
    "limits": Text("Limits", "局限"),
    "versions": Text("Versions", "版本"),
}


def page(known: Known, name: str, language: Language) -> str:
    """A whole card.

    Parameters
    ----------
    known : mapping
        As :func:`glassnet.exchange.card.facts` gives it.
    name : str
        What the model is called.
    language : {"en", "zh"}, optional
    """
    sections: dict[str, Callable[[Known, Language], Iterator[str]]] = {
        "description": _description,
        "use": lambda known, language: iter([FILL_IN.say(language, what=USE.say(language))]),
        "data": _data,
        "evaluation": _evaluation,
        "how": _how,
        "limits": _limits,
        "versions": _versions,
    }
    blocks = [_front_matter(known, name), f"# {_plain(name)}"]
    for key, section in sections.items():
        blocks += [f"## {TITLES[key].say(language)}", *section(known, language)]
    return visible("\n\n".join(blocks)) + "\n"


def _front_matter(known: Known, name: str) -> str:
    """What programs read. A value is written as JSON, which YAML takes as it is."""
    task = f"tabular-{known['task']}" if known["task"] else None
    lines = [
        "library_name: glassnet",
        f"tags: {json.dumps([tag for tag in ('glassnet', 'neural-network', task) if tag])}",
    ]
    if task:
        lines.append(f"pipeline_tag: {task}")
    evaluation = known["evaluation"]
    if task and evaluation and evaluation["scores"].get("network"):
        metrics = [{"type": key, "value": value} for key, value in evaluation["scores"]["network"].items()]
        dataset = {"type": "tabular", "name": f"rows with {known['target'] or 'the target'}"}
        result = {"task": {"type": task}, "dataset": dataset, "metrics": metrics}
        lines.append(f"model-index: {json.dumps([{'name': name, 'results': [result]}], ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---"])


def _description(known: Known, language: Language) -> Iterator[str]:
    network, classes = known["network"], known["classes"]
    counts = {"classes": len(classes or ()), "columns": len(known["columns"] or ())}
    parts = [KIND[known["task"]].say(language, **counts, inputs=network["inputs"], outputs=network["outputs"])]
    if known["target"]:
        parts.append(TARGET.say(language, target=_plain(known["target"])))
    if classes:
        parts.append(CLASSES.say(language, classes=_listed([str(each) for each in classes], language)))
    yield _sentences(parts, language)
    count = network["networks"]
    networks = ONE.say(language) if count == 1 else SEVERAL.say(language, count=count)
    sizes = [kind["parameters"] for kind in known["kinds"] or [network]]
    size = {"parameters": parameters_in_words(sizes), "dtype": network["dtype"], "loss": network["loss"]}
    parts = [SIZE.say(language, networks=networks, **size)]
    if network["members"] > 1:
        parts.insert(0, MEMBERS.say(language, count=network["members"]))
    yield _sentences(parts, language)
    yield "\n".join(f"{place}. `{layer}`" for place, layer in enumerate(network["layers"], 1))
    if known["kinds"]:
        yield OF_KINDS.say(language)
        rows = [
            [kind["settings"], str(kind["networks"]), f"{kind['parameters']:,}", f"{kind['weight']:.1%}"]
            for kind in known["kinds"]
        ]
        yield _table([title.say(language) for title in KIND_HEAD], rows)


def _data(known: Known, language: Language) -> Iterator[str]:
    data = known["data"]
    if data is None:
        yield NO_DATA.say(language)
    else:
        parts = [LEARNED.say(language, rows=data["rows"])]
        if data["looked_at"] < data["rows"]:
            parts.append(LOOKED_AT.say(language, rows=data["looked_at"]))
        yield _sentences(parts, language)
        columns = [ColumnSummary.from_plain(column) for column in data["columns"]]
        if columns:
            head = [title.say(language) for title in COLUMN_HEAD]
            yield _table(head, [_column(column, language) for column in columns[:SHOWN_COLUMNS]])
        if data["width"] > SHOWN_COLUMNS or not columns:
            yield MORE_COLUMNS.say(language, count=data["width"] - min(len(columns), SHOWN_COLUMNS))
        if data["target"] is not None:
            yield _target(ColumnSummary.from_plain(data["target"]), language)
    if known["rows_kept"]:
        yield KEPT.say(language, rows=known["rows_kept"])
    yield FILL_IN.say(language, what=ORIGIN.say(language))


def _column(column: ColumnSummary, language: Language) -> list[str]:
    missing = percent(column.gaps / column.rows) if column.rows and column.gaps else "0"
    values = spelled_ends(column) or _levels(column)
    return [column.name, KINDS[column.kind].say(language), missing, f"{column.distinct:,}", values]


def _levels(column: ColumnSummary) -> str:
    known = max(1, column.rows - column.gaps)
    return ", ".join(f"{level} {percent(count / known, 0)}" for level, count in column.levels)


def _target(target: ColumnSummary, language: Language) -> str:
    if target.ends is None:
        return TARGET_CLASSES.say(language, levels=_plain(_levels(target)))
    low, middle, high = map(number, target.ends)
    return TARGET_NUMBERS.say(language, low=low, middle=middle, high=high)


def _evaluation(known: Known, language: Language) -> Iterator[str]:
    found = known["evaluation"]
    if found is None:
        yield NO_SCORES.say(language)
        return
    rows = found["rows"]
    yield SCORED_SOMEWHERE.say(language) if rows is None else SCORED.say(language, rows=rows)
    others = [name for name in found["scores"] if name != "network"]
    ours, intervals = found["scores"].get("network", {}), found["intervals"]
    metrics = [metric for metric in (*CLASSIFICATION, *REGRESSION) if metric.key in ours]
    head = [title.say(language) for title in SCORE_HEAD]
    head += [MODELS[name].say(language) if name in MODELS else name for name in others]
    lines = []
    for metric in metrics:
        ends = span(metric, *intervals[metric.key]) if metric.key in intervals else "-"
        theirs = [metric.spell(found["scores"][name].get(metric.key)) for name in others]
        lines.append([METRICS[metric.key].say(language), metric.spell(ours[metric.key]), ends, *theirs])
    yield _table(head, lines)
    if intervals:
        yield INTERVALS.say(language)


def _how(known: Known, language: Language) -> Iterator[str]:
    estimator = known["columns"] is not None
    comment = (
        ROWS_COMMENT.say(language) if estimator else MATRIX_COMMENT.say(language, inputs=known["network"]["inputs"])
    )
    yield PYTHON.say(language)
    yield "\n".join(
        [
            "```python",
            "import glassnet",
            "",
            'model = glassnet.load("model.safetensors")',
            f"model.predict(X)  # X: {comment}",
            *(["model.predict_proba(X)"] if known["task"] == "classification" else []),
            "```",
        ]
    )
    if estimator:
        yield TERMINAL.say(language)
        yield "```console\n$ glassnet predict model.safetensors rows.csv\n```"
    yield SAFE.say(language)


def _limits(known: Known, language: Language) -> Iterator[str]:
    lines = [CAUSES.say(language)]
    if known["columns"] is not None:
        lines = [NEEDS.say(language), BEYOND.say(language), *lines]
    if known["temperature"] is not None:
        calibrated = known["temperature"] != 1
        lines.append((CALIBRATED if calibrated else UNCALIBRATED).say(language, temperature=known["temperature"]))
    if known["conformal_rows"] is not None:
        lines.append(PROMISED.say(language, rows=known["conformal_rows"]))
    yield "\n".join(f"- {line}" for line in lines)
    yield FILL_IN.say(language, what=NOT_FOR.say(language))


def _versions(known: Known, language: Language) -> Iterator[str]:
    yield WRITTEN_WITH.say(language)
    yield "\n".join(f"- {name} {version}" for name, version in known["versions"].items())


def _sentences(parts: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(parts)


def _listed(names: list[str], language: Language) -> str:
    shown = ("、" if language == "zh" else ", ").join(_plain(name) for name in names[:SHOWN_CLASSES])
    more = len(names) - SHOWN_CLASSES
    return shown if more <= 0 else f"{shown} {MORE.say(language, count=more)}"


def _plain(text: str) -> str:
    """Text of the user's, which is to be seen as it is and must not become markup."""
    return MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

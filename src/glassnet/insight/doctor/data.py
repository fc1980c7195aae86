"""The rows themselves: scales that a bare network cannot take, classes that are rare, rows that occur twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.finding import Case, Finding, Severity, filled
from glassnet.insight.doctor.forest import CELLS, sample
from glassnet.insight.doctor.patient import NotMeasurable, Patient
from glassnet.language import Text
from glassnet.layers import BatchNorm, LayerNorm, RMSNorm
from glassnet.layers.base import Array

__all__ = ["almost_numbers", "column_names", "duplicates", "imbalance", "never_answered", "unscaled"]

LARGE = 10.0
"""Initial weights suit inputs of size 1 (Glorot, Bengio 2010; He et al. 2015): at ten times that, sums begin in the
flat parts of tanh, and a step that suits one column is ten times too long for another."""
SMALL = 0.01
"""All columns below it: the network begins, and long remains, blind to them."""
RARE = 0.05
"""A class with a smaller share is one that a network may leave out without much loss."""
FEW_OF_A_CLASS = 10
REPEATED = {"note": 0.01, "warning": 0.1}
"""The share of the rows judged by that were learned from, too."""
ROWS = 20_000
SHOWN = 5

UNSCALED = Case(
    "unscaled_inputs",
    Text(
        "inputs not scaled: the RMS of {count} of {columns} columns is far from 1; that of column {column} is "
        "{size:.3g}",
        "输入没有缩放：{columns} 列中有 {count} 列的均方根远离 1；{column} 列为 {size:.3g}",
    ),
    Text(
        "Initial weights suit inputs of size 1. Large columns saturate or kill units and drown out the others; tiny "
        "ones are hardly seen at all.",
        "初始权重适合大小约为 1 的输入。过大的列使单元饱和或失活，并淹没其他列；过小的列几乎不起作用。",
    ),
    Text(
        "Subtract each column's mean and divide by its standard deviation (TableEncoder or StandardScaler), or begin "
        "with batch_norm.",
        "每一列减去均值再除以标准差（TableEncoder 或 StandardScaler）；或者第一层用 batch_norm。",
    ),
)
UNSCALED_TARGET = Case(
    "unscaled_target",
    Text("target not scaled: its RMS is {size:.3g}", "目标没有缩放：均方根为 {size:.3g}"),
    Text(
        "The gradient grows with the error. With targets this large, the first steps throw the weights far off, and "
        "the biases need many steps to catch up.",
        "梯度随误差增大。目标这么大，最初几步就会打乱权重，偏置也要走很多步才能跟上。",
    ),
    Text(
        "Subtract the mean, divide by the standard deviation, and undo this in the predictions; NeuralRegressor does "
        "so by itself.",
        "减去均值再除以标准差，预测时再变换回来；NeuralRegressor 会自动完成。",
    ),
)
IMBALANCE = Case(
    "imbalance",
    Text(
        "imbalanced classes: {name} has {share:.2%} of the rows ({count:,} of {rows:,})",
        "类别不平衡：{name} 只占 {share:.2%}（{rows:,} 个样本中的 {count:,} 个）",
    ),
    Text(
        "Accuracy says little here: never predicting {name} is right on {right:.2%} of the rows.",
        "这时正确率说明不了什么：从不预测 {name}，正确率也有 {right:.2%}。",
    ),
    Text(
        "Evaluate with average_precision, balanced_accuracy or log loss; choose the threshold for the purpose; use "
        "class_weight='balanced' if rare classes must be found at the price of false alarms.",
        "用 average_precision、balanced_accuracy 或对数损失来评估；按用途选择阈值；如果宁可误报也要找出少数类，就用 "
        "class_weight='balanced'。",
    ),
)
NEVER = Case(
    "class_never_answered",
    Text(
        "the network never predicts {name}, though {count:,} of {rows:,} rows belong to it",
        "网络从不预测 {name}，而 {rows:,} 个样本中有 {count:,} 个属于它",
    ),
    Text(
        "For every row some other class is more probable. That may be right if the class is rare and resembles "
        "others, but the network is then useless for recognizing it.",
        "对每个样本来说，总有别的类别概率更高。如果这一类很少见、又与其他类别相似，这也许没有错；"
        "但要用它来识别这一类，就毫无用处。",
    ),
    Text(
        "Use predict_proba with a threshold of your own, class_weight='balanced', or more rows of this class.",
        "用 predict_proba 加自己的阈值，用 class_weight='balanced'，或者增加这一类的数据。",
    ),
)
DUPLICATES = Case(
    "duplicates",
    Text(
        "{count:,} of {rows:,} held-out rows ({share:.1%}) also occur among the training rows, with the same inputs "
        "and target",
        "{rows:,} 个留出样本中有 {count:,} 个（{share:.1%}）也出现在训练样本中，输入和目标都相同",
    ),
    Text(
        "On these rows the score measures memory. If rows repeat naturally (few columns with few values), new data "
        "will repeat them too; if somebody copied them, the score is too good.",
        "在这些样本上，得分反映的是记忆。如果重复是自然产生的（列少、取值也少），新数据也会如此；如果是复制出来的，得"
        "分就偏高。",
    ),
    Text(
        "Remove copies before splitting, or keep rows of the same origin on one side (GroupKFold).",
        "划分之前去掉重复的样本，或者让同一来源的样本留在同一边（GroupKFold）。",
    ),
)
TWICE = Case(
    "duplicates",
    Text(
        "{count:,} of {rows:,} rows ({share:.1%}) occur more than once, target included; a random split puts them on "
        "both sides",
        "{rows:,} 个样本中有 {count:,} 个（{share:.1%}）连同目标不止出现一次；随机划分后，两边都会有",
    ),
    DUPLICATES.reason,
    DUPLICATES.remedy,
)
ALMOST_NUMBERS = Case(
    "almost_numbers",
    Text(
        "{name} is text, but {share:.1%} of its cells are numbers; the exceptions are {spoilers}",
        "{name} 是文本列，但 {share:.1%} 的单元格是数字；例外的是 {spoilers}",
    ),
    Text(
        "As text, each number is a category of its own: that 41 is close to 42 is lost, and a number that did not "
        "occur in training means nothing.",
        "作为文本，每个数字都是一个单独的类别：41 与 42 相近这一信息丢失了，训练中没有出现过的数字也毫无意义。",
    ),
    Text(
        "If these cells stand for missing values, say so (--missing, read_table(missing=...)); otherwise correct "
        "them, or turn the column into numbers with missing values.",
        "如果这些单元格表示缺失值，请注明（--missing，read_table(missing=...)）；否则改正它们，或者把这一列变成带缺失"
        "值的数值列。",
    ),
)
MARKED_NUMBERS = Case(
    "almost_numbers",
    Text(
        "{name} is text, but {share:.1%} of its cells are numbers with something around them: {written}",
        "{name} 是文本列，但 {share:.1%} 的单元格是数字，只是前后带有别的字符：{written}",
    ),
    ALMOST_NUMBERS.reason,
    Text(
        "Write only the numbers in the cells, and put the sign or unit into the column name.",
        "单元格里只写数字，符号或单位写进列名。",
    ),
)
ALMOST_DATES = Case(
    "almost_numbers",
    Text(
        "{name} is text, but {share:.1%} of its cells are dates, written {written}",
        "{name} 是文本列，但 {share:.1%} 的单元格是日期，写法如 {written}",
    ),
    Text(
        "As text, each date is a category of its own: which came first is lost, and a date that did not occur in "
        "training means nothing.",
        "作为文本，每个日期都是一个单独的类别：先后顺序丢失了，训练中没有出现过的日期也毫无意义。",
    ),
    Text(
        "Write all of them as 2021-01-27, or 2021-01-27 15:01.",
        "统一写成 2021-01-27 或 2021-01-27 15:01。",
    ),
)
SPOILT_DATES = Case(
    "almost_numbers",
    Text(
        "{name} is text, but {share:.1%} of its cells are dates; the exceptions are {spoilers}",
        "{name} 是文本列，但 {share:.1%} 的单元格是日期；例外的是 {spoilers}",
    ),
    ALMOST_DATES.reason,
    Text(
        "If these cells stand for missing values, say so (--missing, read_table(missing=...)); otherwise correct them.",
        "如果这些单元格表示缺失值，请注明（--missing，read_table(missing=...)）；否则改正它们。",
    ),
)
NORMALISED = Text("the first layer scales them itself", "第一层自带缩放")


def unscaled(patient: Patient) -> Iterator[Finding]:
    """Inputs and targets of a bare network that are far from size 1."""
    if isinstance(patient.network.layers[0], (BatchNorm, LayerNorm, RMSNorm)):
        raise NotMeasurable(NORMALISED)
    x = take_rows(patient.X, sample(patient.X.shape[0], ROWS, patient.X.shape[1]), np.float64)
    with np.errstate(over="ignore"):
        sizes = np.sqrt(np.mean(x**2, axis=0))
    far = sizes > LARGE if sizes.max() >= SMALL else np.ones(len(sizes), bool)
    if far.any():
        column = int(sizes.argmax())
        name = patient.names[column]
        yield UNSCALED.found("warning", count=int(far.sum()), columns=len(far), column=name, size=float(sizes[column]))
    if patient.task == "numbers" and patient.network.loss.response == "identity":
        size = float(np.sqrt(np.mean(patient.target.astype(np.float64) ** 2)))
        if size > LARGE:
            yield UNSCALED_TARGET.found("warning", size=size)


def almost_numbers(patient: Patient) -> Iterator[Finding]:
    """Columns of text most of whose cells are numbers or dates."""
    for column in patient.almost or ():
        name, share = repr(column.name), column.share
        if column.forms:
            case = ALMOST_DATES if column.dates else MARKED_NUMBERS
            yield case.found("warning", name=name, share=share, written=column.written, which=column.name)
        else:
            case = SPOILT_DATES if column.dates else ALMOST_NUMBERS
            yield case.found("warning", name=name, share=share, spoilers=column.spoilt_by, which=column.name)


def imbalance(patient: Patient) -> Iterator[Finding]:
    """A class with few rows: a fact, and no fault."""
    counts, names = _counts(patient)
    rarest = int(counts.argmin())
    share = counts[rarest] / counts.sum()
    if share < RARE and share < 0.5 / len(counts):  # of thirty classes each is rare
        yield IMBALANCE.found(
            "note",
            name=names[rarest],
            share=float(share),
            count=int(counts[rarest]),
            rows=int(counts.sum()),
            right=float(1 - share),
            counts={str(name): int(count) for name, count in zip(names, counts, strict=True)},
        )


def never_answered(patient: Patient) -> Iterator[Finding]:
    """A class that occurs and is never the most probable one."""
    counts, names = _counts(patient)
    rows, probabilities = patient.probabilities()
    answered = np.bincount(probabilities.argmax(axis=1), minlength=len(counts))
    present = np.bincount(patient.target[rows], minlength=len(counts))
    silent = np.flatnonzero((answered == 0) & (present >= FEW_OF_A_CLASS))
    if len(silent):
        worst = silent[present[silent].argmax()]
        yield NEVER.found(
            "warning" if present[worst] >= RARE * len(rows) else "note",
            name=names[worst],
            count=int(present[worst]),
            rows=len(rows),
            which=[names[number] for number in silent],
        )


def _counts(patient: Patient) -> tuple[Array, list[str]]:
    """How many rows each class has, and the classes' names."""
    assert patient.classes is not None
    names = [repr(name) for name in patient.classes]
    return np.bincount(patient.target, minlength=len(names)), names


def duplicates(patient: Patient) -> Iterator[Finding]:
    """Rows on both sides of a split; where no split is known, rows that occur more than once."""
    assert patient.y is not None
    known = _fingerprints(patient.X, patient.y)
    if patient.given is not None:
        other = _fingerprints(patient.given.X, patient.given.y)
        count, rows = int(np.isin(other, known).sum()), len(other)
    elif patient.shares is not None:
        count = sum(int(np.isin(known[held], known[learned]).sum()) for learned, held in patient.shares)
        rows = sum(len(held) for _, held in patient.shares)
    else:
        _, position, repeats = np.unique(known, return_inverse=True, return_counts=True)
        count, rows = int((repeats[position] > 1).sum()), len(known)
    share = count / rows
    if share >= REPEATED["note"]:
        split = patient.given is not None or patient.shares is not None
        severity: Severity = "warning" if share >= REPEATED["warning"] and patient.given is not None else "note"
        yield (DUPLICATES if split else TWICE).found(severity, count=count, rows=rows, share=share)


def _fingerprints(X: Any, y: Array) -> Array:
    """For each row a number that only the same inputs with the same target have."""
    width = y.shape[1] if y.ndim == 2 else 1
    target = np.ascontiguousarray(y.reshape(len(y), width), np.float64)
    found = np.empty(len(y), np.int64)
    step = max(1, CELLS // X.shape[1])
    for start in range(0, len(y), step):
        some = slice(start, start + step)
        x = take_rows(X, some, np.float64) + 0.0  # there is but one zero
        found[some] = [hash(row.tobytes()) for row in np.hstack([x, target[some] + 0.0])]
    return found


def column_names(names: list[str]) -> Text:
    """Some names of columns in words.

    >>> column_names(["a", "b"]).zh
    'a、b'
    """
    more = max(0, len(names) - SHOWN)
    shown = Text(", ".join(names[:SHOWN]), "、".join(names[:SHOWN]))
    return (
        filled(Text("{shown} and {more} more", "{shown} 等 {total} 列"), shown=shown, more=more, total=len(names))
        if more
        else shown
    )

"""Nothing that a terminal shows is missing in Chinese: rules and remedies of errors are found in the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import glassnet
from glassnet.apps.texts import TEXTS
from glassnet.support.language import speaking
from glassnet.support.phrases import message_in_words, patterns

SOURCES = Path(glassnet.__file__).parent
ROOMS = [*SOURCES.glob("apps/*.py"), *SOURCES.glob("apps/commands/*.py")]


def _text(node: ast.expr) -> str | None:
    """A text of the source, with an "x" for whatever is filled in; None where it is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_the_command_line_says_nothing_that_is_not_in_a_catalogue() -> None:
    """Whatever is written out is a text of the catalogue, or made of such."""
    spoken = []
    for file in ROOMS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if name in ("say", "show", "show_line", "show_about") and isinstance(node, ast.Call):
                spoken += [
                    f"{file.name}: {text}"
                    for place, argument in enumerate(node.args)
                    if (text := _text(argument)) and (name == "show" or place) and any(map(str.isalpha, text))
                ]
    assert spoken == []


def test_somebody_says_every_text() -> None:
    tables = {"texts.py": "\n}\n"}  # what follows the table of texts is code
    files = SOURCES.glob("apps/**/*.py")
    code = "".join(file.read_text("utf-8").rpartition(tables.get(file.name, "\0"))[2] for file in files)
    for name in TEXTS:
        section, _, key = name.partition(".")
        assert f'"{name}"' in code or f'"{section}.' in code or f'"{key}"' in code or section == "topic", name


def test_no_phrase_hides_another() -> None:
    for section, known in patterns().items():
        for phrase in known:
            assert phrase.chinese.strip(), (section, phrase.pattern.pattern)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "a.csv already exists. Choose another file with --out, or overwrite it with --force.",
            "a.csv 已存在。请用 --out",
        ),
        ("--test must be a file, or a share in [0, 1). Received: 3. For example 0.2.", "收到：3。例如 0.2。"),
        (
            "The target must be used for training. Received: 'a. b' is also left out. Specify it only once.",
            "收到：'a. b' is also",
        ),
        ("`epochs` must be a positive integer. Received: -1. For example 100.", "`epochs` 必须是正整数。收到：-1。"),
        (
            "`rate` of Dropout must be in [0, 1). Received: 3. Common values are 0.1 to 0.5.",
            "Dropout 的 `rate` 必须在 [0, 1)",
        ),
        (
            "Each of `a` of B must be text. Received: 3. Choose one.",
            "B 的 `a` 的每一项必须是文本。收到：3。请选择其一。",
        ),
        (
            "Column 'a' must contain dates, as in training. Received: 'x'. Correct it.",
            "列 'a' 在训练时是日期，",
        ),
        (
            "`epochs` must be a positive integer. Received: -1. Ask.",
            "`epochs` must be a positive integer. Received: -1",
        ),
        ("`a` must be a tree. Received: 'x'. Correct it.", "`a` must be a tree. Received: 'x'. Correct it."),
        (
            "A Python file must have a name that can be imported. Received: a.b.py. For example model.py.",
            "Python 文件名必须是可以 import 的模块名。收到：a.b.py。例如 model.py。",
        ),
        (
            "a.csv has no columns 'b', 'c' and 6 more. Available: d, e and 1 more.",
            "a.csv 中没有这些列：'b', 'c'，另有 6 个。可用的有：d, e，另有 1 个。",
        ),
        ("a.csv has no columns 'b', 'c'. Available: d, e.", "a.csv 中没有这些列：'b', 'c'。可用的有：d, e。"),
        (
            "a.csv must be written like the training table, with a decimal comma. Received: '3.0' in "
            "column 'b'. If it is correct, specify which is meant with --decimal (decimal=): '.' or ','.",
            "小数点为逗号。收到：'3.0' in column 'b'。若确实如此，请用 --decimal 指明是 '.' 还是 ','。",
        ),
        (
            "Settings and data must be the same as in the training that wrote the checkpoints in a. "
            "Received: differences in layers. Restore them, or start in another folder.",
            "请恢复原来的设置，或换一个文件夹重新开始。",
        ),
        (
            "--monotone must name columns of the table. Received: 'c'. Available: a, b.",
            "--monotone 只能指定表格中的列。收到：'c'。可用的有：a, b。",
        ),
        (
            "--refits must leave a member of each kind with held-out rows. Received: 9 of 6 members. "
            "Refit fewer members, or use more of them.",
            "请减少用全部样本训练的成员，或增加成员。",
        ),
        (
            "The cells of column 'l': each argument must be a string or a real number, a boolean, a date or a time. "
            "Received: a column of type List(Int64). Omit the column, or split it into several plain columns.",
            "列 'l' 的单元格必须是文本、实数、布尔值、日期或时间。收到：a column of type List(Int64)。请去掉该列",
        ),
        (
            "A layer must be one of dense layers, activations, dropout, batch, layer and RMS normalization. "
            "Received: layer 2: its `call` is not Keras's own but was replaced. "
            "Remove it, or put it into another model.",
            "A layer 必须是以下之一：全连接层、激活函数",
        ),
        (
            "y must have one class per row, among those of the training. Received: [7]. The classes are: [0, 1].",
            "y 必须每行一个类别，且是训练时有的类别。收到：[7]。类别有：[0, 1]。",
        ),
        (
            'A row must be an object. Received: 3. Give {"column": value, ...}.',
            '收到：3。请给出 {"column": value, ...}。',
        ),
        (
            "Column 'age' must contain numbers, as in training. Received: 'old' in row 7. "
            "Enter a value of that type, or leave it empty (None).",
            "收到：'old'（第 7 行）。",
        ),
        (
            "The loss is nan before the first step. Scale the inputs and targets.",
            "第一步之前损失就是 nan。请缩放输入和目标。",
        ),
        ("Something that nobody has translated", "Something that nobody has translated"),
    ],
)
def test_an_error_is_said_part_by_part(english: str, chinese: str) -> None:
    with speaking("zh"):
        assert chinese in message_in_words(english)
    assert message_in_words(english) == english

"""What the columns of a history are called, wherever they are shown."""

from __future__ import annotations

from glassnet.language import Language, Text

__all__ = ["EPOCH", "LEARNING_RATE", "LOSS", "column_name"]

EPOCH = Text("epoch", "轮次")
LOSS = Text("loss", "损失")
LEARNING_RATE = Text("learning rate", "学习率")
COLUMNS = {
    "epoch": EPOCH,
    "loss": Text("training loss", "训练损失"),
    "validation_loss": Text("validation loss", "验证损失"),
    "validation_score": Text("validation score", "验证得分"),
    "learning_rate": LEARNING_RATE,
    "seconds": Text("seconds", "秒"),
}
SCORE = Text("validation {name}", "验证集 {name}")


def column_name(column: str, language: Language) -> str:
    """A column of a history in the reader's words; scores keep the names that scikit-learn gave them.

    Examples
    --------
    >>> column_name("validation_loss", "zh"), column_name("validation_roc_auc", "en"), column_name("mine", "en")
    ('验证损失', 'validation roc auc', 'mine')
    """
    if column in COLUMNS:
        return COLUMNS[column].say(language)
    if column.startswith("validation_"):
        return SCORE.say(language, name=column.removeprefix("validation_").replace("_", " "))
    return column

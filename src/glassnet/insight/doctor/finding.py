"""A finding: what is wrong, how bad it is, the numbers behind it, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from glassnet.language import LANGUAGES, Language, Text

__all__ = ["SEVERITIES", "SEVERITY_NAMES", "Case", "Finding", "Severity", "filled", "graded"]

Severity = Literal["serious", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first. A note is a fact that one should know; nothing needs to be done about it at once."""

SEVERITY_NAMES = {
    "serious": Text("serious", "严重"),
    "warning": Text("warning", "警告"),
    "note": Text("note", "提示"),
}
WHY = Text("Why it matters", "为何重要")
HEAD = Text("{severity}: {what}", "{severity}：{what}")
REASON = Text("why: {reason}", "原因：{reason}")
REMEDY = Text("do: {remedy}", "办法：{remedy}")


class Case(NamedTuple):
    """What can be found, in words; names in braces are the finding's evidence.

    Attributes
    ----------
    kind : str
        A name for programs, which never changes.
    what, reason, remedy : Text
    """

    kind: str
    what: Text
    reason: Text
    remedy: Text

    def found(self, severity: Severity, /, **evidence: Any) -> Finding:
        """The finding, with its evidence."""
        return Finding(self.kind, severity, self, evidence)


@dataclass(frozen=True)
class Finding:
    """Something that the doctor found.

    Parameters
    ----------
    kind : str
        A stable name: "dead_units", "overfitting", ...
    severity : {"serious", "warning", "note"}
    case : Case
        The words.
    evidence : dict from str to object
        The numbers, layers, columns or rows that it rests on.
    language : {"en", "zh"}, optional

    Examples
    --------
    >>> case = Case("late", Text("{minutes} minutes late", "迟到 {minutes} 分钟"), Text("Traffic.", "堵车。"),
    ...             Text("Start earlier.", "早点出发。"))
    >>> finding = case.found("note", minutes=5)
    >>> print(finding)
    note: 5 minutes late
      why: Traffic.
      do: Start earlier.
    >>> finding.spoken("zh").what
    '迟到 5 分钟'
    """

    kind: str
    severity: Severity
    case: Case = field(repr=False)
    evidence: dict[str, Any]
    language: Language | None = None

    @property
    def what(self) -> str:
        """What was found, in a sentence with its numbers."""
        return self._say(self.case.what)

    @property
    def reason(self) -> str:
        """Why it comes about and why it matters."""
        return self._say(self.case.reason)

    @property
    def remedy(self) -> str:
        """What to do."""
        return self._say(self.case.remedy)

    def spoken(self, language: Language | None) -> Finding:
        """The same in another language."""
        return Finding(self.kind, self.severity, self.case, self.evidence, language)

    def shown(self) -> dict[str, str]:
        """As the template of findings takes it."""
        return {
            "severity": self.severity,
            "named": SEVERITY_NAMES[self.severity].say(self.language),
            "what": self.what,
            "remedy": self.remedy,
            "why": WHY.say(self.language),
            "reason": self.reason,
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain data: strict JSON."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "what": self.what,
            "reason": self.reason,
            "remedy": self.remedy,
            "evidence": _plain(self.evidence, self.language),
        }

    @property
    def lines(self) -> tuple[str, str, str]:
        """What was found and how bad it is; why; what to do."""
        severity = SEVERITY_NAMES[self.severity].say(self.language)
        return (
            HEAD.say(self.language, severity=severity, what=self.what),
            REASON.say(self.language, reason=self.reason),
            REMEDY.say(self.language, remedy=self.remedy),
        )

    def __str__(self) -> str:
        return "\n  ".join(self.lines)

    def _say(self, text: Text) -> str:
        said = {name: v.say(self.language) if isinstance(v, Text) else v for name, v in self.evidence.items()}
        return text.say(self.language, **said)


def filled(text: Text, /, **values: Any) -> Text:
    """A text with its names filled in, in both languages; a value may be such a text itself.

    >>> filled(Text("{count} rows", "{count} 行"), count=3)
    Text(en='3 rows', zh='3 行')
    """
    said = [
        {name: value.say(language) if isinstance(value, Text) else value for name, value in values.items()}
        for language in LANGUAGES
    ]
    return Text(text.en.format(**said[0]), text.zh.format(**said[1]))


def graded(value: float, **limits: float) -> Severity | None:
    """The worst severity whose limit a value reaches, or None.

    >>> graded(0.5, note=0.1, warning=0.4, serious=0.9), graded(0.05, note=0.1)
    ('warning', None)
    """
    return next((severity for severity in SEVERITIES if severity in limits and value >= limits[severity]), None)


def _plain(value: Any, language: Language | None) -> Any:
    """What JSON can carry: texts in one language, NumPy's numbers as numbers, what is not finite by its name."""
    if isinstance(value, Text):
        return value.say(language)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, language) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, language) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist(), language)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)

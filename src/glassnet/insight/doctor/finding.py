"""A finding: what is wrong, how bad it is, the numbers behind it, why it matters, and what to do.

The words stand in a catalogue beside this file; the checks know them by their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from glassnet.language import Language, Text, catalogue
from glassnet.touching import plain_json

__all__ = ["TEXTS", "Case", "Finding", "Severity", "graded"]

TEXTS: Final = catalogue(Path(__file__).with_name("texts.toml"))
Severity = Literal["serious", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first. A note is a fact that one should know; nothing needs to be done about it at once."""


class Case(NamedTuple):
    """What can be found, in words; names in braces are the finding's evidence."""

    kind: str
    what: Text
    reason: Text
    remedy: Text

    @classmethod
    def named(cls, kind: str, name: str = "") -> Case:
        """What can be found, in the words that the catalogue has under its name, or else under its kind.

        Examples
        --------
        >>> Case.named("diverged").kind, Case.named("duplicates", "twice").remedy == Case.named("duplicates").remedy
        ('diverged', True)
        """
        parts = ("what", "reason", "remedy")
        return cls(kind, *(TEXTS.get(f"{name}.{part}") or TEXTS[f"{kind}.{part}"] for part in parts))

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
    def rank(self) -> int:
        """How bad it is, 0 the worst: findings are sorted by it."""
        return SEVERITIES.index(self.severity)

    @property
    def what(self) -> str:
        """What was found, in a sentence with its numbers."""
        return self.case.what.say(self.language, **self.evidence)

    @property
    def reason(self) -> str:
        """Why it comes about and why it matters."""
        return self.case.reason.say(self.language, **self.evidence)

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.case.remedy.say(self.language, **self.evidence)

    def spoken(self, language: Language | None) -> Finding:
        """The same in another language."""
        return replace(self, language=language)

    def shown(self) -> dict[str, str]:
        """As the template of findings takes it."""
        named, why = TEXTS[f"severity.{self.severity}"].say(self.language), TEXTS["finding.why"].say(self.language)
        return {"severity": self.severity, "named": named, "why": why} | self._words

    def to_dict(self) -> dict[str, Any]:
        """As plain data: strict JSON."""
        said = {name: v.say(self.language) if isinstance(v, Text) else v for name, v in self.evidence.items()}
        evidence = plain_json(said, infinite=str)
        return {"kind": self.kind, "severity": self.severity, **self._words, "evidence": evidence}

    @property
    def _words(self) -> dict[str, str]:
        return {"what": self.what, "reason": self.reason, "remedy": self.remedy}

    @property
    def lines(self) -> list[str]:
        """What was found and how bad it is; why; what to do."""
        values = {"severity": TEXTS[f"severity.{self.severity}"], **self._words}
        return [TEXTS[f"finding.{part}"].say(self.language, **values) for part in ("head", "reason", "remedy")]

    def __str__(self) -> str:
        return "\n  ".join(self.lines)


def graded(value: float, **limits: float) -> Severity | None:
    """The worst severity whose limit a value reaches, or None.

    >>> graded(0.5, note=0.1, warning=0.4, serious=0.9), graded(0.05, note=0.1)
    ('warning', None)
    """
    return next((severity for severity in SEVERITIES if severity in limits and value >= limits[severity]), None)

"""What the doctor says in the end: what was found, what was looked at and is fine, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.insight.blocks import Own, Words
from glassnet.insight.display import display
from glassnet.insight.doctor.finding import TEXTS, Finding
from glassnet.language import Language, Text

__all__ = ["Diagnosis"]


@dataclass(frozen=True)
class Diagnosis:
    """The findings, the worst first; iterate, print, or take it as plain data.

    Parameters
    ----------
    findings : sequence of Finding
    fine : sequence of Text
        What was looked at without a finding.
    skipped : sequence of (Text, Text)
        What could not be looked at, and why.
    checked : int
        How many things were looked at.
    language : {"en", "zh"}, optional

    Examples
    --------
    >>> drift = Text("drift", "漂移"), Text("give rows", "请给出数据行")
    >>> print(Diagnosis([], [Text("dead units", "失活单元")], [drift], checked=1))
    checked: 1; found: 0
    fine: dead units
    not checked: drift (give rows)
    """

    findings: Sequence[Finding]
    fine: Sequence[Text]
    skipped: Sequence[tuple[Text, Text]]
    checked: int
    language: Language | None = None

    def __post_init__(self) -> None:
        spoken = [finding.spoken(self.language) for finding in self.findings]
        object.__setattr__(self, "findings", sorted(spoken, key=lambda finding: finding.rank))

    @property
    def healthy(self) -> bool:
        """Whether there is nothing worse than a note."""
        return all(finding.severity == "note" for finding in self.findings)

    def findings_of(self, kind: str) -> list[Finding]:
        """Those of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """As plain data: strict JSON, in the diagnosis's language."""
        return {
            "healthy": self.healthy,
            "checked": self.checked,
            "findings": [finding.to_dict() for finding in self.findings],
            "fine": [name.say(self.language) for name in self.fine],
            "not checked": {name.say(self.language): why.say(self.language) for name, why in self.skipped},
        }

    def __str__(self) -> str:
        return "\n".join([self._summary(), *map(str, self.findings), *self._others()])

    def _repr_html_(self) -> str:
        findings = Own("findings.html", [finding.shown() for finding in self.findings])
        notes = [Words(line, "note") for line in self._others()]
        return display([Words(self._summary()), findings, *notes], self.language)

    def _summary(self) -> str:
        return TEXTS["diagnosis.summary"].say(self.language, checked=self.checked, found=len(self.findings))

    def _others(self) -> list[str]:
        """What is fine, and what was not looked at and why, a line each."""
        language, lines = self.language, []
        comma, semicolon = (TEXTS[f"diagnosis.{mark}"].say(language) for mark in ("and", "semicolon"))
        if self.fine:
            names = comma.join(name.say(language) for name in self.fine)
            lines.append(TEXTS["diagnosis.fine"].say(language, names=names))
        if self.skipped:
            for_a_reason: dict[Text, list[str]] = {}
            for name, why in self.skipped:
                for_a_reason.setdefault(why, []).append(name.say(language))
            each = [
                TEXTS["diagnosis.because"].say(language, names=comma.join(names), reason=reason)
                for reason, names in for_a_reason.items()
            ]
            lines.append(TEXTS["diagnosis.skipped"].say(language, names=semicolon.join(each)))
        return lines

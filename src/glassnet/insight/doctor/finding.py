"""A finding (problem, severity, evidence, reason, remedy), and a diagnosis, which holds them all.

The words stand in `texts.py`; the checks know them by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

from glassnet.display.blocks import Block, Paragraph, Template
from glassnet.display.result import Result
from glassnet.insight.doctor.texts import TEXTS
from glassnet.support.coercion import plain_json
from glassnet.support.language import Language, Text, check_language
from glassnet.support.option_names import methods_suggest_options

Severity = Literal["serious", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first. A note is a fact that one should know; nothing needs to be done about it at once."""


class Case(NamedTuple):
    """The texts of a kind of finding; names in braces are filled in from its evidence."""

    kind: str
    what: Text
    reason: Text
    remedy: Text

    @classmethod
    def named(cls, kind: str, name: str = "") -> Case:
        """A kind of finding, with the texts under its name in the catalogue, or else under its kind.

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


@dataclass(frozen=True, repr=False)
class Finding(Result):
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
    >>> case = Case("late", Text("{count} rows"), Text("Traffic."), Text("Start earlier."))
    >>> finding = case.found("note", count=5)
    >>> print(finding)
    note: 5 rows
      why: Traffic.
      do: Start earlier.
    >>> finding.spoken("zh").what
    '5 行'
    """

    kind: str
    severity: Severity
    case: Case
    evidence: dict[str, Any]
    language: Language | None = None

    @property
    def rank(self) -> int:
        """Rank of the severity, by which findings are sorted; 0 is the worst."""
        return SEVERITIES.index(self.severity)

    @property
    def what(self) -> str:
        """The finding in a sentence with its figures."""
        return self.case.what.say(self.language, **self.evidence)

    @property
    def reason(self) -> str:
        """Why it comes about and why it matters."""
        return self.case.reason.say(self.language, **self.evidence)

    @property
    def remedy(self) -> str:
        """The remedy."""
        return self.case.remedy.say(self.language, **self.evidence)

    def spoken(self, language: Language | None) -> Finding:
        """The same finding in another language."""
        return replace(self, language=language)

    def shown(self) -> dict[str, str]:
        """Return the values that the template of findings takes."""
        named, why = TEXTS[f"severity.{self.severity}"].say(self.language), TEXTS["finding.why"].say(self.language)
        return {"severity": self.severity, "named": named, "why": why} | self._words

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data that is valid JSON."""
        values = {name: v.say(self.language) if isinstance(v, Text) else v for name, v in self.evidence.items()}
        evidence = plain_json(values, infinite=str)
        return {"kind": self.kind, "severity": self.severity, **self._words, "evidence": evidence}

    @property
    def _words(self) -> dict[str, str]:
        return {"what": self.what, "reason": self.reason, "remedy": self.remedy}

    @property
    def lines(self) -> list[str]:
        """Lines with the severity and the finding, its reason and its remedy."""
        values = {"severity": TEXTS[f"severity.{self.severity}"], **self._words}
        return [TEXTS[f"finding.{part}"].say(self.language, **values) for part in ("head", "reason", "remedy")]

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the finding, else the language that is set."""
        return "\n  ".join(self.spoken(language or self.language).lines)

    def _blocks(self, language: Language) -> list[Block]:
        return [Template("findings.html", [self.spoken(language).shown()])]


def graded(value: float, **limits: float) -> Severity | None:
    """The worst severity whose limit a value reaches, or None.

    >>> graded(0.5, note=0.1, warning=0.4, serious=0.9), graded(0.05, note=0.1)
    ('warning', None)
    """
    return next((severity for severity in SEVERITIES if severity in limits and value >= limits[severity]), None)


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Diagnosis(Result):
    """The findings, the worst first; iterate, print, or take it as plain data.

    Parameters
    ----------
    findings : sequence of Finding
    fine : sequence of Text
        The checks without a finding.
    skipped : sequence of (Text, Text)
        The checks that could not run, and why.
    checked : int
        How many things were looked at.
    language : {"en", "zh"}, optional

    Examples
    --------
    >>> drift = Text("drift"), Text("give rows")
    >>> print(Diagnosis([], [Text("dead units")], [drift], checked=1))
    checks: 1; problems found: 0
    passed: dead units
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
        """Whether no finding is worse than a note."""
        return all(finding.severity == "note" for finding in self.findings)

    def findings_of(self, kind: str) -> list[Finding]:
        """The findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data that is valid JSON, in the language of the diagnosis."""
        return {
            "healthy": self.healthy,
            "checked": self.checked,
            "findings": [finding.to_dict() for finding in self.findings],
            "fine": [name.say(self.language) for name in self.fine],
            "not checked": {name.say(self.language): why.say(self.language) for name, why in self.skipped},
        }

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the language that is set."""
        language = check_language(self.language if language is None else language)
        findings = (finding.in_words(language) for finding in self.findings)
        return "\n".join([self._summary(language), *findings, *self._others(language)])

    def _blocks(self, language: Language) -> list[Block]:
        findings = [block for finding in self.findings for block in finding._blocks(language)]
        notes = [Paragraph(line, "note") for line in self._others(language)]
        return [Paragraph(self._summary(language)), *findings, *notes]

    def _summary(self, language: Language) -> str:
        return TEXTS["diagnosis.summary"].say(language, checked=self.checked, found=len(self.findings))

    def _others(self, language: Language) -> list[str]:
        """The checks that passed, and those that were skipped and why, a line each."""
        lines = []
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

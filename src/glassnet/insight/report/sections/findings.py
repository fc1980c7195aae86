"""What the doctor found: anything with a severity, a title, evidence, a reason and a remedy."""

from __future__ import annotations

from typing import Any

from glassnet.insight.report.markup import Markup, element, join
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["findings"]

WHY, DO = Text("Why", "原因"), Text("What to do", "怎么办")


def findings(subject: Subject) -> Markup | None:
    """An article for each finding."""
    if not subject.findings:
        return None
    return join(_article(subject, finding) for finding in subject.findings)


def _article(subject: Subject, finding: Any) -> Markup:
    severity = str(finding.severity)
    pairs = [
        element("div", element("dt", subject.say(name)), element("dd", str(value)))
        for name, value in ((WHY, finding.reason), (DO, finding.remedy))
        if value
    ]
    return element(
        "article",
        element("h3", element("span", severity, class_="severity"), " ", str(finding.title)),
        element("p", str(finding.evidence)),
        element("dl", *pairs, class_="facts") if pairs else None,
        class_="finding",
    )

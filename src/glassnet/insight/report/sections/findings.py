"""What the doctor found: each finding with its severity, what it is, why it matters, and what to do."""

from __future__ import annotations

from glassnet.insight.doctor.finding import SEVERITY_NAMES, Finding
from glassnet.insight.report.markup import Markup, element, join
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["findings"]

WHY, DO = Text("Why", "原因"), Text("What to do", "怎么办")
HEALTHY = Text("The doctor found nothing wrong.", "没有诊断出问题。")


def findings(subject: Subject) -> Markup | None:
    """An article for each finding; nothing where nobody looked."""
    if subject.findings is None:
        return None
    if not subject.findings:
        return element("p", subject.say(HEALTHY))
    return join(_article(subject, finding) for finding in subject.findings)


def _article(subject: Subject, finding: Finding) -> Markup:
    severity = subject.say(SEVERITY_NAMES[finding.severity])
    pairs = [
        element("div", element("dt", subject.say(name)), element("dd", value))
        for name, value in ((WHY, finding.reason), (DO, finding.remedy))
    ]
    return element(
        "article",
        element("h3", element("span", severity, class_="severity"), " ", finding.what),
        element("dl", *pairs, class_="facts"),
        class_=f"finding {finding.severity}",
    )

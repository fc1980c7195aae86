"""What the doctor found: each finding with its severity, what it is, what to do, and why it matters."""

from __future__ import annotations

from glassnet.insight.doctor.finding import SEVERITY_NAMES
from glassnet.insight.report.blocks import Block, Own, Words
from glassnet.insight.report.subject import Subject

__all__ = ["findings"]


def findings(subject: Subject) -> list[Block]:
    """An article for each finding; nothing where nobody looked."""
    if subject.findings is None:
        return []
    if not subject.findings:
        return [Words(subject.say("findings.healthy"))]
    each = [
        {
            "severity": found.severity,
            "named": subject.say(SEVERITY_NAMES[found.severity]),
            "what": found.what,
            "reason": found.reason,
            "remedy": found.remedy,
        }
        for found in subject.findings
    ]
    return [Own("findings.html", each)]

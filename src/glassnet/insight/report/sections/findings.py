"""What the doctor found: each finding with its severity, what it is, what to do, and why it matters."""

from __future__ import annotations

from glassnet.insight.blocks import Block, Own, Words
from glassnet.insight.report.subject import Subject

__all__ = ["findings"]


def findings(subject: Subject) -> list[Block]:
    """An article for each finding; nothing where nobody looked."""
    if subject.findings is None:
        return []
    if not subject.findings:
        return [Words(subject.say("findings.healthy_network" if subject.learned is None else "findings.healthy"))]
    return [Own("findings.html", [found.spoken(subject.language).shown() for found in subject.findings])]

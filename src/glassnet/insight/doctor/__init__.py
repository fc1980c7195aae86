"""The doctor: what is wrong with a network, with its training or its rows; with evidence, reason and remedy."""

from glassnet.insight.doctor.examination import diagnose
from glassnet.insight.doctor.finding import Diagnosis, Finding
from glassnet.insight.doctor.live import Doctor

__all__ = ["Diagnosis", "Doctor", "Finding", "diagnose"]

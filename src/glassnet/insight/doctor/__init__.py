"""The doctor: finds problems of a network, its training or its rows, with evidence, reason and remedy."""

from glassnet.insight.doctor.examination import Doctor, diagnose
from glassnet.insight.doctor.finding import Diagnosis, Finding

__all__ = ["Diagnosis", "Doctor", "Finding", "diagnose"]

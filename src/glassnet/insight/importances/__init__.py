"""Which columns a model relies on: how much worse it gets when the cells of one column change places."""

from glassnet.insight.importances.measure import ModelScore, importances
from glassnet.insight.importances.result import Importances
from glassnet.insight.importances.shuffled import ColumnGroups

__all__ = ["ColumnGroups", "Importances", "ModelScore", "importances"]

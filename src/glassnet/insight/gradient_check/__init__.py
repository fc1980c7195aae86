"""The check of a gradient against finite differences: of a network, or of a formula or layer of one's own."""

from glassnet.insight.gradient_check.check import GradientCheck, Group, check_gradients

__all__ = ["GradientCheck", "Group", "check_gradients"]

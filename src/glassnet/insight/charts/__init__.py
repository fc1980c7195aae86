"""What every chart shows, said once: SVG for pages and notebooks and the axes of matplotlib are both made of it."""

from glassnet.insight.charts.chart import Axis, Band, Bar, Bars, Chart, Columns, Dots, Line, Rule
from glassnet.insight.charts.svg import figure

__all__ = ["Axis", "Band", "Bar", "Bars", "Chart", "Columns", "Dots", "Line", "Rule", "figure"]

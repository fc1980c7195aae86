"""How the page looks: dark and light as the reader's system has it, on any width, and on paper."""

from __future__ import annotations

from typing import Final

from glassnet.insight.theme import THEMES

__all__ = ["STYLE"]


def _colors(theme: str) -> str:
    """The colours that the page shares with the pictures; what is quiet here has small letters, and is darker."""
    look = THEMES[theme]
    shared = {"page": look.paper, "text": look.ink, "a": look.positive, "b": look.negative, "c": look.color(2)}
    return f":root {{ {' '.join(f'--{name}: {color};' for name, color in shared.items())} }}"


COLORS: Final = f"""
{_colors("light")}
@media (prefers-color-scheme: dark) {{ {_colors("dark")} }}
@media print {{ {_colors("light")} }}
"""

STYLE: Final = (
    COLORS
    + """
:root {
  color-scheme: light dark;
  --quiet: #566070; --edge: #d5dae1; --panel: #f4f6f9; --link: #0b57a4; --warn: #8a4b00; --warn-panel: #fff4e0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --quiet: #a3adba; --edge: #38414d; --panel: #1d232c; --link: #7db8f5; --warn: #ffc676; --warn-panel: #33291a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.55; overflow-wrap: anywhere;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", sans-serif;
}
.wide { max-width: 68rem; margin-left: auto; margin-right: auto; padding: 0 1rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.4rem 0.8rem; background: var(--page); z-index: 1; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
header { border-bottom: 1px solid var(--edge); background: var(--panel); padding: 1.5rem 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 0.3rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 0.8rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--edge); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 0.5rem; }
p, li, dd { max-width: 46rem; }
.quiet, .note, .interval, header p, footer { color: var(--quiet); }
.note { font-size: 0.92rem; }
.lead { font-size: 1.1rem; }
p.warning { color: var(--warn); background: var(--warn-panel); padding: 0.6rem 0.9rem; border-radius: 0.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; list-style: none; margin-top: 0.8rem; margin-bottom: 0; }
nav a { display: inline-block; padding: 0.25rem 0; }
dl { margin: 1rem 0; }
dd { margin: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(14.5rem, 1fr)); gap: 0.8rem; }
.cards dt::first-letter { text-transform: uppercase; }
.cards > div { background: var(--panel); border: 1px solid var(--edge); border-radius: 0.5rem; padding: 0.8rem 1rem; }
.cards dd { font-size: 0.86rem; color: var(--quiet); }
.cards .large { font-size: 1.7rem; line-height: 1.3; color: var(--text); font-variant-numeric: tabular-nums; }
.facts > div { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: 1rem; padding: 0.3rem 0; }
.facts dt { color: var(--quiet); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.94rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.4rem; }
caption > span { position: sticky; left: 0; display: inline-block; max-width: min(46rem, calc(100vw - 2rem)); }
th, td {
  overflow-wrap: break-word; padding: 0.35rem 0.8rem 0.35rem 0; vertical-align: top;
  border-bottom: 1px solid var(--edge);
}
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
th { word-break: keep-all; }
.words { text-align: left; max-width: 26rem; }
.numbers { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
tbody .numbers { white-space: nowrap; }
.best > * { font-weight: 700; }
.interval { display: block; font-size: 0.86rem; font-weight: 400; }
.shade {
  display: inline-block; min-width: 3.2rem; padding: 0.1rem 0.5rem; border-radius: 0.25rem;
  background: color-mix(in srgb, var(--a) calc(var(--share) * 40%), transparent);
}
.bar { display: block; height: 0.8rem; margin-top: 0.35rem; width: 9rem; background: var(--panel); }
.bar::before { content: ""; display: block; height: 100%; width: calc(var(--share) * 100%); background: var(--a); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2rem; }
figure { margin: 1rem 0; max-width: 31rem; min-width: 0; }
figcaption { font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 12.5px; }
svg .grid { stroke: var(--edge); stroke-width: 1; }
svg .mark { stroke: var(--text); stroke-width: 1.2; stroke-dasharray: 2 3; }
svg .curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
svg .curve.a, svg .dots.a { stroke: var(--a); }
svg .curve.b, svg .dots.b { stroke: var(--b); }
svg .curve.b { stroke-dasharray: 7 3; }
svg .curve.c { stroke: var(--c); }
svg .curve.guide { stroke: var(--quiet); stroke-width: 1.4; stroke-dasharray: 3 4; }
svg .dots { fill: none; stroke-width: 7; stroke-linecap: round; }
svg .points { fill: none; stroke: var(--a); stroke-opacity: 0.4; stroke-width: 4; stroke-linecap: round; }
svg rect.a { fill: var(--a); }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; list-style: none; margin: 0.2rem 0; padding: 0; }
.key { display: inline-block; width: 1.6rem; margin-right: 0.4rem; vertical-align: middle; border-top: 3px solid; }
.key.a { border-color: var(--a); }
.key.b { border-color: var(--b); border-top-style: dashed; }
.key.c { border-color: var(--c); }
.key.guide, .key.mark { border-color: var(--quiet); border-top: 2px dotted; }
pre {
  background: var(--panel); border: 1px solid var(--edge); border-radius: 0.4rem; padding: 0.8rem 1rem;
  overflow-x: auto; font-size: 0.9rem; overflow-wrap: normal;
}
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.92em; }
.finding { border-left: 4px solid var(--edge); padding-left: 1rem; margin: 1.2rem 0; }
.finding.warning { border-color: var(--warn); }
.finding.serious {
  border-color: var(--b); border-left-width: 8px; background: var(--warn-panel); padding: 0.6rem 1rem;
  border-radius: 0.4rem;
}
.finding.serious .severity { border-color: var(--b); font-weight: 700; }
.severity {
  border: 1px solid var(--edge); background: var(--panel); border-radius: 0.3rem; padding: 0 0.5rem;
  font-size: 0.85rem; font-weight: 500;
}
footer { border-top: 1px solid var(--edge); margin-top: 3rem; padding: 1rem 0 2rem; font-size: 0.92rem; }
@media (max-width: 34rem) {
  .facts > div { grid-template-columns: 1fr; gap: 0; }
  h1 { font-size: 1.4rem; }
  table { font-size: 0.86rem; }
  th, td { padding-right: 0.5rem; }
  tbody .numbers:has(.interval) { white-space: normal; }
  .bar { width: 5rem; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --text: #000000; --quiet: #444444; --edge: #bbbbbb; --panel: #f4f4f4; --link: #000000;
    --warn: #6b3a00; --warn-panel: #fff4e0;
  }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, .skip { display: none; }
  .wide { max-width: none; padding: 0; }
  .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  tr, figure, .cards > div, .facts > div, .finding { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  .charts { grid-template-columns: 1fr 1fr; }
}
@page { margin: 16mm; }
"""
)

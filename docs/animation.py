"""Draws the animated picture of the READMEs: python docs/animation.py [en|zh ...]. Writes docs/images/step.*.svg.

One training step of a network of three neurons, beat by beat: forward, the loss, back, the update. All numbers are from
`network.trace`. The motion is in the picture's own style sheet, which follows the reader's light or dark; who wants
no motion sees the last beat.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from moving import Scene

from glassnet import NeuralNetwork
from glassnet.display.markup import Markup, element
from glassnet.display.theme import THEMES

IMAGES = Path(__file__).parent / "images"
LARGEST = 500_000
WIDTH, HEIGHT = 880, 372
NEGATIVE_TEXT = {"light": "#b34d00", "dark": THEMES["dark"].negative}
"""Letters need more contrast than lines; this is the page's own."""
BEAT = 2.6
"""Seconds for each."""
COLUMNS, HALF = (84, 270, 456), (46, 25)
"""The middles of the columns of neurons, and half the size of a neuron."""
ROWS = {2: (112, 242), 1: (177,)}
SHARE = 0.28
"""How far along a link its number stands."""
X, TARGET, RATE = np.array([[1.0, 0.5]]), np.array([1.0]), 0.1
WEIGHTS = [0.5, -0.5, -0.5, 1.0, 0.25, -0.25, 0.5, -2.0, -0.25]

WORDS = {
    "en": {
        "title": "One training step of a network with two inputs, two hidden neurons and one output, number by number",
        "columns": ("inputs", "hidden, tanh", "output"),
        "input": ("The inputs", "A row of the table comes in. Its target is y = {y}."),
        "hidden": ("Forward: the hidden layer", "Each neuron adds up its weighted inputs; tanh bends the sum."),
        "output": ("Forward: the output", "The same once more, of what the hidden neurons say."),
        "loss": ("The loss", "How far is the output from the target?"),
        "back2": ("Backward: the output", "How does the loss change with the sum z and with each weight?"),
        "back1": ("Backward: the hidden layer", "The chain rule carries it back, factor by factor."),
        "update": ("The update", "Each weight takes a step against its gradient."),
        "after": "The loss of this row was {before}, and is {after} now.",
    },
    "zh": {
        "title": "一个网络的一步训练：两个输入、两个隐藏神经元、一个输出，逐个数字展示",
        "columns": ("输入", "隐藏层 tanh", "输出"),
        "input": ("输入", "表中的一个样本进入网络，它的目标值是 y = {y}。"),
        "hidden": ("前向：隐藏层", "每个神经元把输入加权求和，再经过 tanh。"),
        "output": ("前向：输出层", "对隐藏神经元的输出再做一次。"),
        "loss": ("损失", "输出与目标值相差多远？"),
        "back2": ("反向：输出层", "损失怎样随加权和 z 与每个权重变化？"),
        "back1": ("反向：隐藏层", "链式法则逐个因子地把它传回来。"),
        "update": ("更新", "每个权重沿梯度的反方向走一步。"),
        "after": "这个样本的损失原为 {before}，现在是 {after}。",
    },
}
ORDER = ("input", "hidden", "output", "loss", "back2", "back1", "update")


def number(value: Any, digits: int = 3) -> str:
    """As people write it."""
    return f"{float(value):.{digits}g}".replace("-", "−")


def inside(value: Any) -> str:
    """A number within a formula."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def write(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> Markup:
    """A line of text."""
    return element("text", words, x=x, y=y, class_=kind or None, text_anchor=anchor)


def link(layer: int, start: int, end: int, widths: Sequence[int], back: bool = False) -> str:
    """The path from a neuron to one of the next column, or the other way round."""
    x1, y1 = COLUMNS[layer] + HALF[0], ROWS[widths[layer]][start]
    x2, y2 = COLUMNS[layer + 1] - HALF[0], ROWS[widths[layer + 1]][end]
    middle = (x1 + x2) / 2
    if back:
        return f"M{x2},{y2}C{middle},{y2} {middle},{y1} {x1},{y1}"
    return f"M{x1},{y1}C{middle},{y1} {middle},{y2} {x2},{y2}"


def links(scene: Scene, weights: Sequence[Any], widths: Sequence[int], first: int, last: int, largest: float) -> None:
    """All links by numbers of theirs: as wide as these are large, in the colours of signs; with the numbers."""
    labels = []
    for layer, table in enumerate(weights):
        for start, row in enumerate(table):
            for end, value in enumerate(row):
                width = 1 + 6 * min(1.0, abs(float(value)) / largest)
                kind = "negative" if value < 0 else "positive"
                path = link(layer, start, end, widths)
                scene.add(element("path", d=path, class_=f"link {kind}", stroke_width=f"{width:.1f}"), first, last)
                x1, y1 = COLUMNS[layer] + HALF[0], ROWS[widths[layer]][start]
                x2, y2 = COLUMNS[layer + 1] - HALF[0], ROWS[widths[layer + 1]][end]
                bend = SHARE * SHARE * (3 - 2 * SHARE)
                labels.append(write(x1 + SHARE * (x2 - x1), y1 + bend * (y2 - y1) - 5, number(value), "label"))
    scene.add(Markup("".join(labels)), first, last)  # above all links


def told(scene: Scene, beat: int, words: tuple[str, str], formulas: Sequence[str]) -> None:
    """Below the network: what happens in this beat, and its formulas."""
    title, sentence = words
    lines = [
        write(28, 322, f"{beat + 1}/{len(ORDER)}  {title}", "title", "start"),
        write(28, 348, sentence, "sentence", "start"),
    ]
    lines += [write(546, 88 + 27 * place, formula, "formula", "start") for place, formula in enumerate(formulas)]
    scene.add(Markup("".join(lines)), beat, beat)


def neurons(scene: Scene, values: Sequence[Any], deltas: Sequence[Any], words: tuple[str, ...]) -> None:
    """Boxes; in them the activations from the beat on in which they are known, and below the gradients."""
    for layer, column in enumerate(values):
        scene.add(write(COLUMNS[layer], 60, words[layer], "head"))
        for unit, value in enumerate(column):
            x, y = COLUMNS[layer], ROWS[len(column)][unit]
            scene.add(
                element(
                    "rect", x=x - HALF[0], y=y - HALF[1], width=2 * HALF[0], height=2 * HALF[1], rx=8, class_="neuron"
                )
            )
            known = layer  # the beat in which it is
            back = {1: 5, 2: 4}.get(layer)
            name = f"x{'₁₂'[unit]} = " if layer == 0 else ""
            if back is None:
                scene.add(write(x, y + 6, f"{name}{number(value)}", "value"), known)
                continue
            scene.add(write(x, y + 6, number(value), "value"), known, back - 1)
            delta = deltas[layer][unit]
            both = write(x, y - 2, number(value), "value") + write(
                x, y + 17, f"δ {number(delta)}", "negative" if delta < 0 else "positive"
            )
            scene.add(Markup(both), back)


def picture(language: str) -> str:
    """The whole picture as SVG."""
    words = WORDS[language]
    network = NeuralNetwork(2, ["tanh:2", 1], loss="mse")
    network.parameters[:] = WEIGHTS
    trace = network.trace(X, TARGET, learning_rate=RATE)
    stepped = network.copy()
    stepped.parameters[:] = np.concatenate([trace[f"{name} after"].ravel() for name in network.named_parameters])
    after = float(stepped.trace(X, TARGET)["loss"])
    weights, slopes = ([trace[f"{prefix}{layer}.W"] for layer in (1, 2)] for prefix in ("", "d_"))
    moved = [trace[f"{layer}.W after"] for layer in (1, 2)]
    (x1, x2), (a1, a2), (out,) = X[0], trace["1.a"][0], trace["2.a"][0]
    (z1, z2), (d1, d2), (d_out,) = trace["1.z"][0], trace["d_1.z"][0], trace["d_2.z"][0]
    (w1, w2), b1 = weights[0], trace["1.b"][0]
    (v1,), (v2,), (c,) = *weights[1], trace["2.b"]
    loss, y = float(trace["loss"]), TARGET[0]
    widths = (2, 2, 1)

    scene = Scene(len(ORDER))
    most = float(max(np.abs(table).max() for table in weights))
    links(scene, weights, widths, 0, 3, most)
    steep = float(max(np.abs(table).max() for table in slopes))
    links(scene, slopes, widths, 4, 5, steep)
    links(scene, moved, widths, 6, 6, most)
    for beat, layer, back in ((1, 0, False), (2, 1, False), (4, 1, True), (5, 0, True)):
        for start in range(widths[layer]):
            for end in range(widths[layer + 1]):
                scene.dot(link(layer, start, end, widths, back), beat, "error" if back else "signal")
    neurons(
        scene, (X[0], trace["1.a"][0], trace["2.a"][0]), (None, trace["d_1.z"][0], trace["d_2.z"][0]), words["columns"]
    )

    formulas = {
        "input": (f"x₁ = {number(x1)}", f"x₂ = {number(x2)}", f"y = {number(y)}"),
        "hidden": (
            "z₁ = w₁₁ x₁ + w₂₁ x₂ + b₁",
            f"= {inside(w1[0])}·{inside(x1)} + {inside(w2[0])}·{inside(x2)} + {inside(b1)}",
            f"= {number(z1)}",
            f"a₁ = tanh({number(z1)}) = {number(a1)}",
            f"z₂ = {number(z2)}",
            f"a₂ = tanh({number(z2)}) = {number(a2)}",
        ),
        "output": (
            "z = v₁ a₁ + v₂ a₂ + b",
            f"= {inside(v1)}·{inside(a1)} + {inside(v2)}·{inside(a2)} + {inside(c)}",
            f"= {number(out)}",
        ),
        "loss": ("L = (z − y)²", f"= ({number(out)} − {number(y)})²", f"= {number(loss)}"),
        "back2": (
            f"δ = ∂L/∂z = 2 (z − y) = {number(d_out)}",
            f"∂L/∂v₁ = δ a₁ = {inside(d_out)}·{inside(a1)}",
            f"= {number(slopes[1][0, 0])}",
            f"∂L/∂v₂ = δ a₂ = {number(slopes[1][1, 0])}",
        ),
        "back1": (
            "δ₁ = δ v₁ tanh′(z₁) = δ v₁ (1 − a₁²)",
            f"= {inside(d_out)}·{inside(v1)}·{number(1 - a1 * a1)}",
            f"= {number(d1)}",
            f"δ₂ = {number(d2)}",
            f"∂L/∂w₁₁ = δ₁ x₁ = {number(slopes[0][0, 0])}",
        ),
        "update": (
            f"w ← w − α ∂L/∂w,  α = {number(RATE)}",
            f"v₁ ← {inside(v1)} − {number(RATE)}·{inside(slopes[1][0, 0])}",
            f"= {number(moved[1][0, 0])}",
            f"w₁₁ ← {inside(w1[0])} − {number(RATE)}·{inside(slopes[0][0, 0])}",
            f"= {number(moved[0][0, 0])}",
        ),
    }
    for beat, key in enumerate(ORDER):
        title, sentence = words[key]
        said = sentence.format(y=number(y))
        if key == "update":
            said += ("" if language == "zh" else " ") + words["after"].format(before=number(loss), after=number(after))
        told(scene, beat, (title, said), formulas[key])
    body = "".join(scene.parts)
    style = "".join([*_themes(), STYLE, *scene.styles.values()])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img">\n'
        f"{element('title', words['title'])}\n<style>\n{style}</style>\n"
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="12"/>\n{body}\n</svg>\n'
    )


def _themes() -> Iterator[str]:
    for name, theme in THEMES.items():
        colors = {
            "ink": theme.ink,
            "quiet": theme.quiet,
            "paper": theme.paper,
            "positive": theme.positive,
            "negative": theme.negative,
        }
        text = " ".join(f"--{key}: {color};" for key, color in colors.items())
        text += f" --negative-text: {NEGATIVE_TEXT[name]};"
        yield (
            f"svg {{ {text} }}\n"
            if name == "light"
            else f"@media (prefers-color-scheme: dark) {{ svg {{ {text} }} }}\n"
        )


STYLE = f"""\
text {{ font: 15px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; fill: var(--ink) }}
text {{ font-variant-numeric: tabular-nums }}
g, .dot {{ animation: {BEAT * len(ORDER):.1f}s linear infinite }}
.paper {{ fill: var(--paper); stroke: var(--quiet); stroke-opacity: 0.35 }}
.neuron {{ fill: var(--paper); stroke: var(--quiet); stroke-width: 1.6 }}
.link {{ fill: none }}
.link.positive {{ stroke: var(--positive) }}
.link.negative {{ stroke: var(--negative) }}
.dot {{ opacity: 0; stroke: var(--paper); stroke-width: 2 }}
.dot.signal {{ fill: var(--ink) }}
.dot.error {{ fill: var(--negative) }}
text.positive {{ fill: var(--positive) }}
text.negative {{ fill: var(--negative-text) }}
text.value {{ font-weight: 650; font-size: 16px }}
text.label {{ font-size: 13px; stroke: var(--paper); stroke-width: 4px; paint-order: stroke }}
text.head {{ fill: var(--quiet); font-size: 14px }}
text.title {{ font-weight: 650; font-size: 17px }}
text.formula {{ font-size: 15px }}
@media (prefers-reduced-motion: reduce) {{ g, .dot {{ animation: none }} }}
"""


def main(language: str) -> None:
    """Write the picture, unless it is too large for a repository."""
    file = IMAGES / f"step.{language}.svg"
    text = picture(language)
    file.write_text(text, encoding="utf-8")
    size = len(text.encode())
    print(f"{file.relative_to(Path.cwd())}  {WIDTH} × {HEIGHT}  {size / 1000:.0f} kB")
    if size > LARGEST:
        raise SystemExit(f"{file} must be below {LARGEST / 1000:.0f} kB")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or WORDS:
        if chosen not in WORDS:
            raise SystemExit(f"A language must be one of: {', '.join(WORDS)}. Received: {chosen!r}")
        main(chosen)

"""Draws the picture that opens the docs: python docs/pictures.py [en|zh ...]. Writes docs/images/*.png.

Its size is that of a column of text, 9 inches for some 830 pixels, so that the letters stay as large as the text.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLORS, INK, QUIET, draw_points, draw_regions, use_style
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from PIL import Image

from glassnet import Dense, NeuralNetwork, Neuron, Trainer

IMAGES = Path(__file__).parent / "images"
DARK = {"train": "#005b8e", "validation": "#9a6a00"}  # for letters, which need more contrast than areas
LARGEST = 150_000
WORDS = {
    "en": {
        "neuron": "One neuron: AND",
        "network": "Two hidden layers: spirals",
        "curves": "Loss in training",
        "and": ("{} and {}: no", "{} and {}: yes"),
        "train": "training",
        "validation": "validation",
        "best": "best epoch: {}\nits weights are kept",
        "epoch": "epoch",
    },
    "zh": {
        "neuron": "一个神经元：逻辑“与”",
        "network": "两个隐藏层：三条螺旋线",
        "curves": "训练中的损失",
        "and": ("{} 与 {}：否", "{} 与 {}：是"),
        "train": "训练集",
        "validation": "验证集",
        "best": "第 {} 轮最好\n保留其权重",
        "epoch": "轮次",
    },
}


def spirals(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three arms of points that no straight lines tell apart."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, rows)
    radius = rng.uniform(0.1, 1, rows)
    angle = radius * 4.2 + y * 2 * np.pi / 3 + rng.normal(0, 0.16, rows)
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)], y


def label_plane(axes: plt.Axes, low: int, high: int) -> None:
    """Both axes with two numbers and the name of the input between them."""
    axes.set(xticks=[low, high], yticks=[low, high])
    axes.set_xlabel("$x_1$", labelpad=-9)
    axes.set_ylabel("$x_2$", labelpad=0, rotation=0, va="center")


def draw_neuron(axes: plt.Axes, words: dict[str, str]) -> None:
    """The line of a neuron that learned AND, and its certainty around it."""
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 0, 0, 1])
    neuron = Neuron(2)
    neuron.train(X, y, optimizer="adam", learning_rate=0.1, epochs=400)
    draw_regions(axes, neuron.predict, -0.5, 1.5)
    draw_points(axes, X, y, 90)
    for (x1, x2), target in zip(X, y, strict=True):
        text = words["and"][int(target)].format(int(x1), int(x2))
        place = (0, 17 if target else -17)
        axes.annotate(text, (x1, x2), place, textcoords="offset points", ha="center", va="center")
    label_plane(axes, 0, 1)
    axes.set_title(words["neuron"])


def draw_network(axes: plt.Axes, curves: plt.Axes, words: dict[str, str]) -> None:
    """The regions that a network found, and how it got there."""
    X, y = spirals(600)
    network = NeuralNetwork(2, [Dense(32, "tanh"), Dense(32, "tanh"), Dense(3)], loss="cross_entropy")
    trainer = Trainer(learning_rate=0.01, schedule="cosine", epochs=120, patience=120, validation_fraction=0.3)
    history = trainer.fit(network, X, y)
    draw_regions(axes, network.predict, -1.15, 1.15)
    draw_points(axes, X, y, 14)
    label_plane(axes, -1, 1)
    axes.set_title(words["network"])

    epochs, best = history["epoch"], history.best_epoch
    assert best is not None
    for column, name, color in (("validation_loss", "validation", COLORS[1]), ("loss", "train", COLORS[0])):
        losses = history[column]
        curves.plot(epochs, losses, color=color, linewidth=2)
        shift = 1.75 if name == "validation" else 0.62
        curves.text(100, losses[100] * shift, words[name], color=DARK[name], ha="right", va="center", weight="bold")
    lowest = history["validation_loss"][best - 1]
    curves.plot([best], [lowest], "o", color="white", markeredgecolor=INK, markersize=8, markeredgewidth=2, zorder=4)
    curves.vlines(best, lowest * 1.25, 0.13, color=QUIET, linewidth=1)
    curves.text(len(history) + 2, 0.15, words["best"].format(best), ha="right", va="bottom")
    curves.set(yscale="log", ylim=(1.3e-3, 1.3), xlim=(0, len(history) + 2), title=words["curves"])
    curves.set_xlabel(words["epoch"], labelpad=1)
    curves.yaxis.set_major_locator(FixedLocator([0.01, 0.1, 1]))
    curves.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    curves.yaxis.set_minor_locator(NullLocator())
    curves.set_box_aspect(1)


def save(figure: plt.Figure, file: Path) -> None:
    """As a PNG of 256 colours, which is a third of the size and looks the same.

    Raises
    ------
    SystemExit
        If it is still too large for a repository.
    """
    picture = io.BytesIO()
    figure.savefig(picture, dpi=180)
    image = Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(file, optimize=True)
    print(f"{file.relative_to(Path.cwd())}  {image.width} × {image.height}  {file.stat().st_size / 1000:.0f} kB")
    if file.stat().st_size > LARGEST:
        raise SystemExit(f"{file} must be below {LARGEST / 1000:.0f} kB")


def main(language: str) -> None:
    """Draw its three panels."""
    use_style(language)
    words = WORDS[language]
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.3))
    figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
    draw_neuron(axes[0], words)
    draw_network(axes[1], axes[2], words)
    IMAGES.mkdir(exist_ok=True)
    save(figure, IMAGES / f"overview.{language}.png")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or WORDS:
        if chosen not in WORDS:
            raise SystemExit(f"A language must be one of: {', '.join(WORDS)}. Received: {chosen!r}")
        main(chosen)

"""Draws the pictures of the README and the docs: python docs/pictures.py [en|zh]. Writes docs/images/*.png."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap, to_rgb

from glassnet import Dense, NeuralNetwork, Neuron, Trainer

IMAGES = Path(__file__).parent / "images"
COLORS = ("#0072b2", "#e69f00", "#009e73")  # Okabe & Ito: told apart by colour-blind eyes too
INK, QUIET = "#1b2733", "#6b7785"
WORDS = {
    "en": {
        "neuron": "One neuron learns AND: a line",
        "network": "Two hidden layers: three spirals",
        "curves": "Training, and the epoch that is kept",
        "train": "training loss",
        "validation": "validation loss",
        "best": "best epoch",
        "epoch": "epoch",
    },
    "zh": {
        "neuron": "一个神经元学会“与”：一条直线",
        "network": "两个隐藏层：三条螺旋线",
        "curves": "训练过程与保留的那一轮",
        "train": "训练损失",
        "validation": "验证损失",
        "best": "最佳轮次",
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


def blend(probabilities: np.ndarray) -> np.ndarray:
    """Each class's colour by its probability, on white."""
    colors = np.array([to_rgb(color) for color in COLORS[: probabilities.shape[-1]]])
    return 1 - 0.55 * (1 - probabilities @ colors)


def plane(low: float, high: float, cells: int = 240) -> tuple[np.ndarray, np.ndarray]:
    """A grid over the input plane, as rows."""
    side = np.linspace(low, high, cells)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    return grid.reshape(-1, 2), side


def draw_neuron(axes: plt.Axes, words: dict[str, str]) -> None:
    """The line of a neuron that learned AND, and its certainty around it."""
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 0, 0, 1])
    neuron = Neuron(2)
    neuron.train(X, y, optimizer="adam", learning_rate=0.1, epochs=400)
    points, side = plane(-0.5, 1.5)
    yes = np.asarray(neuron.forward(points)).reshape(len(side), len(side), 1)
    extent = (-0.5, 1.5, -0.5, 1.5)
    axes.imshow(blend(np.concatenate([1 - yes, yes], axis=-1)), extent=extent, origin="lower", aspect="auto")
    axes.contour(side, side, yes[..., 0], levels=[0.5], colors=INK, linewidths=1.5)
    axes.scatter(*X.T, c=y, cmap=ListedColormap(COLORS[:2]), s=90, edgecolors="white", linewidths=1.5, zorder=3)
    for (a, b), target in zip(X, y, strict=True):
        axes.annotate(f"{a:.0f}, {b:.0f} → {target:.0f}", (a, b), (0, 11), textcoords="offset points", ha="center",
                      color=INK, fontsize=9)
    axes.set(xticks=[], yticks=[], title=words["neuron"])


def draw_network(axes: plt.Axes, curves: plt.Axes, words: dict[str, str]) -> None:
    """The regions that a network found, and how it got there."""
    X, y = spirals(600)
    network = NeuralNetwork(2, [Dense(32, "tanh"), Dense(32, "tanh"), Dense(3)], loss="cross_entropy")
    trainer = Trainer(learning_rate=0.01, schedule="cosine", epochs=120, patience=120, validation_fraction=0.3)
    history = trainer.fit(network, X, y)
    points, side = plane(-1.15, 1.15)
    probabilities = network.predict(points).reshape(len(side), len(side), 3)
    axes.imshow(blend(probabilities), extent=(-1.15, 1.15, -1.15, 1.15), origin="lower", aspect="auto")
    axes.scatter(*X.T, c=y, cmap=ListedColormap(COLORS), s=11, edgecolors="white", linewidths=0.4)
    axes.set(xticks=[], yticks=[], title=words["network"])
    epochs = history["epoch"]
    curves.plot(epochs, history["loss"], color=COLORS[0], label=words["train"])
    curves.plot(epochs, history["validation_loss"], color=COLORS[1], label=words["validation"])
    assert history.best_epoch is not None
    best = history["validation_loss"][history.best_epoch - 1]
    curves.plot([history.best_epoch], [best], "o", color=COLORS[2], ms=8, label=f"{words['best']}: {history.best_epoch}")
    curves.set(yscale="log", xlabel=words["epoch"], title=words["curves"])
    curves.legend(frameon=False, fontsize=9)
    curves.spines[["top", "right"]].set_visible(False)


def main(language: str) -> None:
    """Draw the three panels that open the README."""
    mpl.rcParams.update(
        {
            "font.family": ["DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei"],
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": QUIET,
            "xtick.color": QUIET,
            "ytick.color": QUIET,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
        }
    )
    words = WORDS[language]
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.9), layout="constrained")
    draw_neuron(axes[0], words)
    draw_network(axes[1], axes[2], words)
    IMAGES.mkdir(exist_ok=True)
    figure.savefig(IMAGES / f"overview.{language}.png", dpi=110)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "en")

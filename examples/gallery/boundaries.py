"""What layers are for: three tables, and what networks with no, a narrow and a wide hidden layer make of them.

python examples/gallery/boundaries.py
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from glassnet import NeuralNetwork, Trainer

rng = np.random.default_rng(0)
rows = 300
angle, side = rng.uniform(0, 2 * np.pi, rows), rng.integers(0, 2, rows)
xor = rng.uniform(-1, 1, (rows, 2))
turn = np.pi * np.sqrt(rng.uniform(0.05, 1, rows)) * 2
tables = {
    "ring": (
        (0.35 + 0.45 * side)[:, None] * np.c_[np.cos(angle), np.sin(angle)] + rng.normal(0, 0.07, (rows, 2)),
        side,
    ),
    "xor": (xor, (xor[:, 0] * xor[:, 1] > 0).astype(int)),
    "spirals": (
        (turn / 7)[:, None] * np.c_[np.cos(turn + np.pi * side), np.sin(turn + np.pi * side)]
        + rng.normal(0, 0.03, (rows, 2)),
        side,
    ),
}
networks = {"[1]": [1], '["tanh:3", 1]': ["tanh:3", 1], '["tanh:32", "tanh:32", 1]': ["tanh:32", "tanh:32", 1]}

colors = LinearSegmentedColormap.from_list("classes", ["#d55e00", "#f3f3f1", "#0072b2"])  # those of the points

line = np.linspace(-1.1, 1.1, 120)
plane = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
trainer = Trainer(learning_rate=0.02, epochs=100, schedule="cosine", early_stopping=False, validation_fraction=0)
figure, axes = plt.subplots(3, 3, figsize=(8, 8), sharex=True, sharey=True)
for row, (table, (X, y)) in zip(axes, tables.items(), strict=True):
    for ax, (name, layers) in zip(row, networks.items(), strict=True):
        network = NeuralNetwork(2, layers, loss="binary_cross_entropy")
        trainer.fit(network, X, y)
        right = (network.classify(X).ravel() == y).mean()
        print(f"{table:<8} {name:<26} {right:.0%} of the training rows right")
        probability = network.predict(plane).reshape(len(line), -1)
        ax.contourf(line, line, probability, levels=np.linspace(0, 1, 11), cmap=colors, alpha=0.7)
        ax.scatter(*X.T, c=np.where(y, "#0072b2", "#d55e00"), s=8)
        ax.set(title=f"{name}  {right:.0%}", xticks=[], yticks=[])
        ax.title.set_size(9)
plt.show()

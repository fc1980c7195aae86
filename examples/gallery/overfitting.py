"""A network that learns twenty noisy rows by heart, and three ways to keep it from that.

python examples/gallery/overfitting.py
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet import NeuralNetwork, Trainer

rng = np.random.default_rng(1)
x = rng.uniform(-3, 3, (20, 1))
y = np.sin(x[:, 0]) + rng.normal(0, 0.4, 20)
x_new = rng.uniform(-3, 3, (500, 1))
y_new = np.sin(x_new[:, 0]) + rng.normal(0, 0.4, 500)

wide = ["tanh:100", "tanh:100", 1]
ways = {
    "wide": (wide, {}),
    "dropout": (["tanh:100", "dropout:0.3", "tanh:100", "dropout:0.3", 1], {}),
    "weight decay": (wide, {"optimizer": "adamw", "weight_decay": 1.0}),
    "early stopping": (wide, {"early_stopping": True, "patience": 20}),
}
line = np.linspace(-3.2, 3.2, 300)[:, None]
figure, axes = plt.subplots(2, 4, figsize=(8, 4.4))
for (above, below), (name, (layers, options)) in zip(axes.T, ways.items(), strict=True):
    network = NeuralNetwork(1, layers, loss="mse")
    settings = {"learning_rate": 0.01, "epochs": 600, "early_stopping": False, "restore_best": False} | options
    settings["restore_best"] = settings["early_stopping"]
    history = Trainer(**settings).fit(network, x, y, validation_data=(x_new, y_new))
    above.plot(history["epoch"], history["loss"], label="training rows")
    above.plot(history["epoch"], history["validation_loss"], label="new rows")
    above.set(title=name, yscale="log", ylim=(0.02, 2))
    below.plot(x, y, ".", color="gray", markersize=4)
    below.plot(line, network.predict(line))
    below.set(ylim=(-2.5, 2.5))
    error = np.mean((network.predict(x_new).ravel() - y_new) ** 2)
    print(f"{name:<15} mean squared error on new rows {error:.3f} (the noise alone: {0.4**2:.3f})")
axes[0, 0].legend(fontsize=7)
plt.show()

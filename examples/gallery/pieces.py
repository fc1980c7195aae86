"""A relu network is a line with kinks: one for each unit. More units, more kinks, and any curve can be followed.

python examples/gallery/pieces.py
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet import Dense, NeuralNetwork, Trainer

x = np.linspace(-2, 2, 400)[:, None]
y = np.sin(3 * x[:, 0]) * np.exp(-(x[:, 0] ** 2) / 2) + 0.2 * x[:, 0]
trainer = Trainer(learning_rate=0.01, epochs=400, schedule="cosine", early_stopping=False, validation_fraction=0)
figure, axes = plt.subplots(1, 4, figsize=(8, 2.6), sharey=True)
for ax, units in zip(axes, (2, 4, 8, 32), strict=True):
    network = NeuralNetwork(1, [Dense(units, "relu", start="data"), 1], loss="mse", seed=2)
    history = trainer.fit(network, x, y)
    kinks = -network["1.b"] / network["1.W"][0]  # where a unit's weighted sum passes through zero
    ax.plot(x, y, color="gray", linewidth=1)
    ax.plot(x, network.predict(x), color="#0072b2")
    inside = kinks[np.abs(kinks) < 2]
    ax.plot(inside, network.predict(inside[:, None]).ravel(), "o", color="#d55e00", markersize=4)
    ax.set(title=f"relu:{units}", xticks=[-2, 0, 2])
    print(f"{units:>2} units: mean squared error {history['loss'][-1]:.5f}, {len(inside)} kinks in view")
plt.show()

"""A race: the same network, rows and weights at the start. A line for each learning rate, the best one strong.

python examples/gallery/optimizers.py
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from glassnet import NeuralNetwork

X, y = load_digits(return_X_y=True)
X = X / 16
figure, axes = plt.subplots(2, 3, figsize=(8, 4.6), sharex=True, sharey=True)
for ax, optimizer in zip(axes.flat, ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"), strict=True):
    curves = {}
    for rate in (0.001, 0.003, 0.01, 0.03, 0.1):
        network = NeuralNetwork(64, ["relu:32", 10], loss="cross_entropy", seed=1)
        try:
            curves[rate] = network.train(X, y, epochs=15, optimizer=optimizer, learning_rate=rate)
        except ArithmeticError:  # too high a rate: the loss left the finite numbers
            continue
    best = min(curves, key=lambda rate: curves[rate][-1])
    for rate, losses in curves.items():
        ax.plot(np.arange(1, 16), losses, color="#0072b2", linewidth=2.5 if rate == best else 0.7)
    ax.set(title=f"{optimizer}, best at {best}", yscale="log", ylim=(1e-2, 5))
    ax.title.set_size(9)
    print(f"{optimizer:<9} loss {curves[best][-1]:.4f} after 15 epochs with a rate of {best}")
plt.show()

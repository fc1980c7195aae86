"""What hidden units look for: the weights of a first layer, as images. Blue asks for ink, orange for none.

python examples/gallery/units.py
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from glassnet import Dense, NeuralNetwork, Trainer

X, y = load_digits(return_X_y=True)
X = X / 16 - 0.3
network = NeuralNetwork(64, [Dense(24, "relu", l2=0.003), 10], loss="cross_entropy", seed=3)
history = Trainer(learning_rate=0.003, epochs=60, schedule="cosine", scoring="accuracy").fit(network, X, y)
print(f"best validation accuracy {max(history['validation_accuracy']):.3f}")

weights = network["1.W"]  # (inputs, units)
order = np.argsort(-np.abs(weights).sum(axis=0))
figure, axes = plt.subplots(3, 8, figsize=(8, 3.4))
for ax, unit in zip(axes.flat, order, strict=True):
    image = weights[:, unit].reshape(8, 8)
    reach = np.abs(image).max()
    ax.imshow(image, cmap="PuOr", vmin=-reach, vmax=reach)
    favourite = network["2.W"][unit].argmax()  # the digit that this unit speaks for
    ax.set_title(str(favourite), fontsize=9)
    ax.set(xticks=[], yticks=[])
plt.show()

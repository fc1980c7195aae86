"""An activation of your own: written, checked by finite differences, used in a network and in an estimator.

python examples/own_activation.py
"""

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score

from glassnet import Activation, Dense, NeuralClassifier, NeuralNetwork
from glassnet.formulas.activations import ACTIVATIONS


def squareplus(z, width):
    """A smooth rectifier without exponentials: (z + √(z² + width)) / 2."""
    return (z + np.sqrt(z * z + width)) / 2


def squareplus_derivative(z, a, width):
    """(1 + z / √(z² + width)) / 2."""
    return (1 + z / np.sqrt(z * z + width)) / 2


activation = Activation(
    "squareplus", squareplus, squareplus_derivative, initializer="he_normal", parameters=(("width", 4.0),)
)

z = np.linspace(-5, 5, 201)
measured = (activation(z + 1e-5) - activation(z - 1e-5)) / 2e-5
print(f"derivative off by at most {abs(measured - activation.backward(z, activation(z), 1)).max():.0e}")

# in a network: the record stands where a name could
x = np.linspace(-3, 3, 100)[:, None]
network = NeuralNetwork(1, [Dense(32, activation), Dense(1)])
losses = network.train(x, np.sin(x[:, 0]), epochs=200, learning_rate=0.01)
print(f"a sine: loss {losses[0]:.3f} -> {losses[-1]:.4f}")

# registered, it has a name, parameters in spellings, and a place in saved models
ACTIVATIONS.register(activation)
X, y = load_wine(return_X_y=True, as_frame=True)
for spelling in ("relu", "squareplus", "squareplus(width=1)"):
    model = NeuralClassifier(hidden_layers=32, activation=spelling, random_state=0)
    print(f"wine with {spelling}: {cross_val_score(model, X, y, cv=3).mean():.3f} right")

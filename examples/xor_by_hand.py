"""A network that learns XOR, written by hand in NumPy; then the same step by glassnet, number by number.

python examples/xor_by_hand.py
"""

import numpy as np

from glassnet import NeuralNetwork

X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0.0], [1], [1], [0]])
RATE = 0.5

rng = np.random.default_rng(0)
W1, b1 = rng.normal(size=(2, 8)), np.zeros(8)  # small, random, of both signs; biases zero
W2, b2 = rng.normal(size=(8, 1)), np.zeros(1)

# the same numbers in a network, before they change
network = NeuralNetwork(2, ["tanh:8", 1], loss="binary_cross_entropy")
for name, value in {"1.W": W1, "1.b": b1, "2.W": W2, "2.b": b2}.items():
    network[name][...] = value
trace = network.trace(X, y, optimizer="sgd", learning_rate=RATE)

for step in range(1, 3001):
    # forward
    a1 = np.tanh(X @ W1 + b1)
    z2 = a1 @ W2 + b2
    loss = np.mean(np.logaddexp(0, z2) - y * z2)  # cross-entropy of sigmoid(z2), in a form that does not overflow

    # backward: the chain rule, from the loss to every weight
    d_z2 = (1 / (1 + np.exp(-z2)) - y) / len(X)
    d_a1 = d_z2 @ W2.T
    d_z1 = d_a1 * (1 - a1**2)  # tanh'(z) = 1 - tanh(z)²

    # update: every weight against its gradient, after all gradients are known
    W2, b2 = W2 - RATE * a1.T @ d_z2, b2 - RATE * d_z2.sum(axis=0)
    W1, b1 = W1 - RATE * X.T @ d_z1, b1 - RATE * d_z1.sum(axis=0)

    if step == 1:
        same = np.allclose(W1, trace["1.W after"]) and np.allclose(W2, trace["2.W after"])
        print(f"after one step the weights are those of glassnet's trace: {same}")
    if step in (1, 10, 100, 1000, 3000):
        print(f"step {step:4}: loss {loss:.4f}")

print("probability of yes:", (1 / (1 + np.exp(-z2))).ravel().round(3), "in truth:", y.ravel())

"""Quantiles: a network that says how uncertain it is, where the noise differs from place to place.

python examples/gallery/bands.py
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet import NeuralRegressor

rng = np.random.default_rng(0)


def draw(rows):
    x = rng.uniform(-3, 3, rows)
    return x[:, None], np.sin(2 * x) + rng.normal(0, 0.05 + 0.25 * (x > 0) * x, rows)


X, y = draw(2000)
model = NeuralRegressor(loss="quantile(levels=(0.05, 0.25, 0.5, 0.75, 0.95))", preset="fast", random_state=0).fit(X, y)

X_new, y_new = draw(2000)
lowest, low, middle, high, highest = model.predict(X_new).T
for name, below, above in (("half", low, high), ("nine in ten", lowest, highest)):
    print(f"{name}: {((below <= y_new) & (y_new <= above)).mean():.0%} of new rows inside")

line = np.linspace(-3, 3, 300)[:, None]
lowest, low, middle, high, highest = model.predict(line).T
figure, ax = plt.subplots(figsize=(8, 3.6))
ax.plot(X_new, y_new, ".", color="gray", markersize=2)
ax.fill_between(line.ravel(), lowest, highest, alpha=0.25, color="#0072b2")
ax.fill_between(line.ravel(), low, high, alpha=0.35, color="#0072b2")
ax.plot(line, middle, color="#0072b2")
plt.show()

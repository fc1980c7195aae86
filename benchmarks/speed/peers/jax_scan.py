"""JAX: a network and Adam by hand, one jitted call for a whole epoch, whose steps are a ``lax.scan``.

The rows are gathered batch by batch within the scan, or all at once before it. The last, smaller batch is a step of
its own within the same call. NumPy draws the order: it is faster at it than JAX on a CPU. In bfloat16 parameters are
cast for the layers, whose loss is float32 again, as are the parameters that Adam updates.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.speed.cases import Case
from benchmarks.speed.peers.base import RATE, Form, Peer, Training

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "gelu": functools.partial(jax.nn.gelu, approximate=False),  # exact, with erf
}


def forward(case: Case, dtype: str, parameters: Any, x: Any, key: Any = None) -> Any:
    """The raw outputs; with a key, dropout acts."""
    parameters, x = jax.tree.map(lambda numbers: numbers.astype(dtype), (parameters, x))
    for number, (W, b) in enumerate(parameters[:-1]):
        x = ACTIVATIONS[case.activation](x @ W + b)
        if case.dropout and key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - case.dropout, x.shape)
            x = jnp.where(kept, x / (1 - case.dropout), 0)
    W, b = parameters[-1]
    return (x @ W + b).astype(jnp.float32)


def mean_loss(case: Case, dtype: str, parameters: Any, x: Any, y: Any, key: Any) -> Any:
    """Softmax cross-entropy."""
    output = forward(case, dtype, parameters, x, key)
    right = jnp.take_along_axis(output, y[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(output, axis=1) - right)


def adam(parameters: Any, gradient: Any, m: Any, v: Any, t: Any) -> Any:
    """One update."""
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    c1, c2 = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
    parameters = jax.tree.map(lambda p, m, v: p - RATE * (m * c1) / (jnp.sqrt(v * c2) + 1e-8), parameters, m, v)
    return parameters, m, v


def epoch_function(case: Case, dtype: str, form: Form) -> Callable[..., Any]:
    """The jitted epoch: from (state, order, X, y) to (state, mean loss)."""
    full = case.rows // case.batch

    def step(state: Any, x: Any, y: Any) -> Any:
        parameters, m, v, t, key = state
        own = None
        if case.dropout:
            own = jax.random.fold_in(key, t.astype(jnp.int32))
        loss, gradient = jax.value_and_grad(functools.partial(mean_loss, case, dtype))(parameters, x, y, own)
        return (*adam(parameters, gradient, m, v, t + 1), t + 1, key), loss

    def epoch(state: Any, order: Any, X: Any, y: Any) -> Any:
        main, rest = order[: full * case.batch].reshape(full, case.batch), order[full * case.batch :]
        if form["gather"] == "epoch":
            flat = main.reshape(-1)
            batches = X[flat].reshape(full, case.batch, -1), y[flat].reshape(full, case.batch)
            state, losses = jax.lax.scan(lambda state, xy: step(state, *xy), state, batches)
        else:
            state, losses = jax.lax.scan(lambda s, i: step(s, X[i], y[i]), state, main)
        total = jnp.sum(losses)
        if len(rest):
            state, loss = step(state, X[rest], y[rest])
            total += loss
        return state, total / case.steps

    return jax.jit(epoch, donate_argnums=0)


class JaxTraining(Training):
    def __init__(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, dtype: str, seed: int) -> None:
        self.case, self.form = case, form
        self.X, self.y = jnp.asarray(X), jnp.asarray(y.astype(np.int32))
        self.epoch = epoch_function(case, dtype, form)
        self.forward = jax.jit(functools.partial(forward, case, dtype))
        self.reset(seed)

    def train(self, epochs: int) -> float:
        loss = jnp.zeros(())
        for _ in range(epochs):
            order = self.rng.permutation(self.case.rows).astype(np.int32)
            self.state, loss = self.epoch(self.state, order, self.X, self.y)
        return float(jax.block_until_ready((loss, self.state))[0])

    def reset(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        parameters = [
            (
                jnp.asarray(self.rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out)), jnp.float32),
                jnp.zeros(fan_out, jnp.float32),
            )
            for fan_in, fan_out in itertools.pairwise(self.case.widths)
        ]
        m, v = (jax.tree.map(jnp.zeros_like, parameters) for _ in "mv")
        self.state = (parameters, m, v, jnp.zeros((), jnp.float32), jax.random.key(seed))

    def classify(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.forward(self.state[0], X)).argmax(axis=1)

    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        x, parameters, function = jnp.asarray(X), self.state[0], self.forward
        return {"network": lambda: function(parameters, x).block_until_ready()}


class Jax(Peer):
    def __init__(self, dtype: str = "float32") -> None:
        self.dtype = dtype

    def forms(self, case: Case) -> list[Form]:
        """Tried and no faster on a CPU: unrolling the scan, other random generators, masks from 16 bits a number."""
        return [{"gather": "batch"}, {"gather": "epoch"}]

    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> JaxTraining:
        return JaxTraining(case, X, y, form, self.dtype, seed)


def make(name: str, **options: Any) -> Jax:
    return Jax(**options)

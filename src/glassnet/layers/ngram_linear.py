"""A linear model on the n-grams of texts, beside the network: its scores are added to the outputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.layers.base import OWN_RATE, Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.support.options import Integer

USUAL_NGRAMS = 256
"""The number of n-grams in a text of usual length, by which the work per row is estimated."""


@dataclass(frozen=True, repr=False)
class NgramLinear(Layer):
    r"""A linear model on the n-grams of the row's texts is added to the outputs: :math:`a = x + t W`.

    t are the values of the row's n-grams (:class:`TextRows`), nearly all of them 0. W begins at 0 and does not decay.
    The layer stands at the end of a network, before the response: hidden layers that see the texts overfit to them.
    Rows without texts pass unchanged.

    Parameters
    ----------
    ngrams : int
        The number of n-grams of all columns of text.
    rate : float
        The learning rate as a multiple of the network's.

    Notes
    -----
    Source: Joulin, Grave, Bojanowski, Mikolov (2017), *Bag of Tricks for Efficient Text Classification*, for linear
    models on n-grams; Cheng et al. (2016), *Wide & Deep Learning for Recommender Systems*, for one beside a network.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.layers import TextRows, TextStore
    >>> store = TextStore(np.array([0, 2, 3]), np.array([0, 3, 1]), np.array([0.5, 0.25, 1.0]), size=4)
    >>> rows = TextRows(np.zeros((2, 1)), np.arange(2), store)
    >>> W = {"W": np.array([[2.0], [10.0], [0.0], [4.0]])}
    >>> NgramLinear(4).forward(W, rows.matrix, Pass(ngrams=rows.ngrams))[0].tolist()
    [[2.0], [10.0]]
    """

    ngrams: int = field(metadata=takes(Integer("Give the number of n-grams of the encoder")))
    rate: float = field(default=1.0, metadata=OWN_RATE)

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return (Parameter("W", (self.ngrams, inputs), kind="gain", rate=self.rate),)

    def multiplications(self, inputs: int) -> int:
        """Return those of a text of usual length."""
        return min(self.ngrams, USUAL_NGRAMS) * inputs

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        t = run.ngrams
        if t is None:
            return x, {"x": x, "a": x}
        scores = t @ values["W"]
        a = x + scores
        return a, {"x": x, "scores": scores, "a": a, "_t": t}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        gradients["W"][...] = record["_t"].T @ d_y if "_t" in record else 0
        return d_y

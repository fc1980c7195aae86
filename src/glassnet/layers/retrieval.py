"""Retrieval as a layer: a row is answered by what is known of the nearest of the rows that were learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from glassnet.formulas.activations import softmax, softmax_backward
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.loss import RESPONSES, Response
from glassnet.formulas.retrieval import mixed_scores, mixed_scores_backward
from glassnet.layers.base import Array, Layer, Parameter, Pass, Record, Values, takes
from glassnet.options import Choice, Whole


@dataclass(frozen=True, repr=False)
class Retrieval(Layer):
    r"""Softmax over rows that are known, and the mean of their answers: share = softmax(x K + b), p = share V.

    With the known rows' embeddings :math:`e_j` as the columns of K, twice, and :math:`b_j = -|e_j|^2` a row's share
    follows from its squared distance, :math:`\mathrm{softmax}(-|x - e_j|^2)`. So the layer holds something of every one
    of those rows. Whoever learns by retrieval sets the numbers; a network that is trained with the layer in it learns
    K, b and V as anything else.

    Parameters
    ----------
    units : int
        The number of outputs: of classes, or of numbers.
    rows : int
        How many rows are known.
    response : {"identity", "sigmoid", "softmax", "exp"}
        That of the loss: the outputs are such that it makes p of them, to a small floor under probabilities.

    Notes
    -----
    Source: Ye, Yin, Zhan, Chao (2024), *Revisiting Nearest Neighbor for Tabular Data* (ModernNCA); there distances are
    not squared.

    Examples
    --------
    Two rows, at 0 and at 3, whose answers are 10 and 20:

    >>> import numpy as np
    >>> values = {"K": np.array([[0.0, 6.0]]), "b": np.array([0.0, -9.0]), "V": np.array([[10.0], [20.0]])}
    >>> Retrieval(1, rows=2).forward(values, np.array([[0.0], [1.5], [3.0]]), Pass())[0].round(1).tolist()
    [[10.0], [15.0], [20.0]]
    """

    units: int = field(metadata=takes(Whole("One for each number or class")))
    rows: int = field(default=1, metadata=takes(Whole("Give the number of known rows")))
    response: Response = field(default="identity", metadata=takes(Choice(*RESPONSES)))

    def outputs(self, inputs: int) -> int:
        return self.units

    def parameters(self, inputs: int) -> tuple[Parameter, ...]:
        return (
            Parameter("K", (inputs, self.rows), INITIALIZERS.get("glorot_uniform")),
            Parameter("b", (self.rows,), kind="bias"),
            Parameter("V", (self.rows, self.units), INITIALIZERS.get("ones"), kind="bias"),
        )

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        share = softmax(x @ values["K"] + values["b"])
        p = share @ values["V"]
        a = mixed_scores(p, self.response)
        return a, {"x": x, "share": share, "p": p, "a": a}

    def backward(self, values: Values, record: Record, d_y: Array, gradients: Values) -> Array:
        x, share = record["x"], record["share"]
        d_p = mixed_scores_backward(record["p"], d_y, self.response)
        gradients["V"][...] = share.T @ d_p
        d_share = d_p @ values["V"].T
        d_score = softmax_backward(None, share, d_share)
        gradients["K"][...] = x.T @ d_score
        gradients["b"][...] = d_score.sum(axis=0)
        record |= {"d_p": d_p, "d_share": d_share}
        d_x: Array = d_score @ values["K"].T
        return d_x

    def equations(self) -> dict[str, str]:
        of_p = {"identity": "p", "sigmoid": "ln(p / (1 - p))"}.get(self.response, "ln p")
        back = {"identity": "d_a", "sigmoid": "d_a (1/p + 1/(1 - p))"}.get(self.response, "d_a / p")
        score = "share (d_share - the row's sum of share d_share)"
        return {
            "share": "softmax(x K + b)",
            "p": "share V",
            "a": of_p,
            "d_p": back,
            "d_share": "d_p Vᵀ",
            "d_V": "shareᵀ d_p",
            "d_K": f"xᵀ {score}",
            "d_b": f"sum of {score} over the rows",
            "d_x": f"{score} Kᵀ",
        }


def rows_known(chains: Iterable[Sequence[Layer]]) -> int:
    """The most rows that one of these chains of layers answers by, and so holds, and whoever has it; 0: none.

    >>> rows_known([[Retrieval(1, rows=5)], []])
    5
    """
    return max((layer.rows for layers in chains for layer in layers if isinstance(layer, Retrieval)), default=0)

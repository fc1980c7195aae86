"""Layers: what is refused, and with which message."""

from __future__ import annotations

import numpy as np

from glassnet import Activate, Blend, Dense, Dropout, LayerNorm, MemberDense, NeuralNetwork, Residual
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import Initializer
from glassnet.formulas.losses import LOSSES
from glassnet.layers import (
    BatchNorm,
    Copies,
    Embedding,
    Layout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    layer_to_dict,
    parse_layers,
)
from glassnet.layers.output_activation import before_loss, check_output_activation
from tests.layers.harness import Alone
from tests.refusals import each, refusals

DIRECTIONS = [1, 0, -1, 0]

BINARY, CLASSES = LOSSES.get("binary_cross_entropy"), LOSSES.get("cross_entropy")


def ends(activation, loss):
    check_output_activation(ACTIVATIONS.get(activation), LOSSES.get(loss))


test_input_errors = refusals(
    InputError,
    # data start
    (
        lambda: Dense(3, parametrization="mup"),
        "`parametrization` of Dense must be one of: standard, ntk. Received: 'mup'",
    ),
    (lambda: Dense(3, start="zero"), "`start` of Dense must be one of: random, data. Received: 'zero'"),
    (lambda: Blend("softmax"), "The activation of Blend must be elementwise. Received: softmax"),
    # dense
    *each(Dense, r"^`units` of Dense must be a positive integer\. Received: .*0|-3", [0, -3, np.int64(0)]),
    (lambda: Dense(3, l1=-0.1), "`l1` of Dense must be 0 or more. Received: -0.1"),
    (lambda: Dense(3, l2=float("nan")), "`l2` of Dense must be 0 or more. Received: nan"),
    (lambda: Dense(3, l2=float("inf")), "`l2` of Dense must be 0 or more. Received: inf"),
    (lambda: Dense(3, max_norm=0), "`max_norm` of Dense must be positive. Received: 0"),
    (lambda: Dense(3, max_norm=float("inf")), "`max_norm` of Dense must be positive. Received: inf"),
    *each(
        lambda field: Dense(3, **{field: "reluu"}),
        "must be one of: .*Received: 'reluu'",
        ["activation", "initializer", "bias_initializer"],
    ),
    # dropout
    *each(Dropout, r"`rate` of Dropout must be in \[0, 1\)", [1.0, -0.1, 1.5, float("nan"), float("inf")]),
    # embedding
    (lambda: PeriodicEmbedding(0), "`columns` of PeriodicEmbedding must be a positive integer. Received: 0"),
    (lambda: PeriodicEmbedding(size=1), "`size` of PeriodicEmbedding must be at least 2. Received: 1"),
    (lambda: PeriodicEmbedding(spread=0), "`spread` of PeriodicEmbedding must be positive. Received: 0"),
    (lambda: PeriodicEmbedding(rate=-1), "`rate` of PeriodicEmbedding must be positive. Received: -1"),
    (lambda: PeriodicEmbedding(5).outputs(4), "must be at most the number of columns.* Received: 5 of 4"),
    (lambda: PiecewiseLinearEmbedding(bins=0), "`bins` of PiecewiseLinearEmbedding must be a positive integer"),
    (lambda: Embedding([]), "`levels` of Embedding must name at least one column"),
    (lambda: Embedding([3, 0]), "`levels` of Embedding must be a positive integer. Received: 0"),
    (lambda: Embedding([1, 1]).outputs(1), "no more columns of codes than there are columns. Received: 2 of 1"),
    # last activation
    (lambda: ends("relu", "cross_entropy"), "Remove it from the end of the layers.$"),
    (lambda: ends("sigmoid", "cross_entropy"), "take a loss that goes with it: binary_cross_entropy, binary_focal"),
    (lambda: ends("softmax", "binary_cross_entropy"), "take a loss that goes with it: cross_entropy, focal"),
    (
        lambda: ends("identity", "cross_entropy_from_probabilities"),
        'End the layers with "softmax", or .*: cross_entropy, focal',
    ),
    (lambda: ends("sigmoid", "hinge"), "reach -1 and [+]1.*: binary_cross_entropy"),
    # members
    (lambda: Copies(0), "`members` of Copies must be a positive integer. Received: 0."),
    (lambda: MemberDense(0), "`units` of MemberDense must be a positive integer. Received: 0."),
    (lambda: MemberDense(3, start="zero"), "`start` of MemberDense must be one of: random, data"),
    (lambda: MemberDense(3, parametrization="mup"), "`parametrization` of MemberDense must be one of"),
    (lambda: MemberDense(3, bias_rate=0), "`bias_rate` of MemberDense must be positive"),
    (
        lambda: Layout([MemberDense(3, members=2)], 5),
        r"the same number of inputs for each member. Received: 5 inputs of 2 members. Put Copies\(2\) before it",
    ),
    # monotone
    (lambda: NeuralNetwork(4, ["mish:3", 1], monotone=DIRECTIONS), "activations must be non-decreasing"),
    (lambda: NeuralNetwork(4, [LayerNorm(), 1], monotone=DIRECTIONS), "each layer must be monotonic"),
    (lambda: NeuralNetwork(4, [Residual([Dense(4)]), 1], monotone=DIRECTIONS), "each layer must be monotonic"),
    (lambda: NeuralNetwork(4, [PeriodicEmbedding(3, keep=False), 1], monotone=DIRECTIONS), "must not be periodic"),
    (lambda: NeuralNetwork(4, [Embedding([3, 3, 3, 3]), 1], monotone=DIRECTIONS), "category codes must be 0"),
    (lambda: NeuralNetwork(4, [2, "batch_norm"], monotone=DIRECTIONS), "the last layer must be dense"),
    (lambda: NeuralNetwork(4, [Dense(8), MemberDense(3, members=2), 1], monotone=DIRECTIONS), "the same directions"),
    *each(
        lambda monotone: NeuralNetwork(4, [1], monotone=monotone),
        "1, -1 or 0",
        [[1], [2, 0, 0, 0], ["up", 0, 0, 0], [True, 0, 0, 0]],
    ),
    (lambda: NeuralNetwork(4, [3], "cross_entropy", monotone=DIRECTIONS), "two classes.*Received: 3 classes"),
    # normalization
    *each(
        lambda momentum: BatchNorm(momentum=momentum),
        r"`momentum` of BatchNorm must be in \(0, 1\]",
        [0, 1.1, -0.1, float("nan")],
    ),
    # output activation
    *each(
        lambda spelled: before_loss(spelled, CLASSES),
        "Before `cross_entropy` must come raw scores",
        [
            [Dense(3, "relu"), Activate("softmax")],
            [Dense(3, "softmax"), Activate("softmax")],
            [Dense(3, "sigmoid"), Dropout(0.1)],
            [MemberDense(3, "relu", 2)],
        ],
    ),
    # residual
    (lambda: Residual([Dense(5)]).outputs(4), r"Received: 4 in, 5 out\. End them with Dense\(4\)"),
    (lambda: Alone(Residual([Dense(5), Residual([Dense(5)])])), "must have as many outputs as inputs"),
    (lambda: Residual([]), "Residual must contain at least one layer"),
    # spelling
    *each(
        lambda text: parse_layers([text], "relu"),
        "Received: ",
        ["reluu:3", "relu:", "relu:x", "0", "relu:-3", "dropout:1.5", "dropout:x", "norm", ""],
    ),
    *each(
        layer_to_dict,
        "must be registered under its name",
        [
            Dense(3, Activation("square", lambda z: z * z, lambda z, a: 2 * z)),
            Activate(Activation("relu", lambda z: z * z, lambda z, a: 2 * z)),
            Dense(3, initializer=Initializer("threes", lambda rng, shape: np.full(shape, 3.0))),
        ],
    ),
)

test_input_type_errors = refusals(
    InputTypeError,
    # dense
    *each(Dense, "`units` of Dense must be a positive integer", [True, np.True_, 3.0, "3", None, np.array([3, 4])]),
    (lambda: Dense(3, l1="0.1"), "`l1` of Dense must be"),
    (lambda: Dense(3, l2=None), "`l2` of Dense must be"),
    (lambda: Dense(3, l2=True), "`l2` of Dense must be"),
    (lambda: Dense(3, max_norm="3"), "`max_norm` of Dense must be"),
    (lambda: Dense(3, l1=[1]), "`l1` of Dense must be"),
    (lambda: Dense(3, bias="no"), "`bias` of Dense must be"),
    (lambda: Dense(3, bias=0), "`bias` of Dense must be"),
    # dropout
    *each(Dropout, r"`rate` of Dropout must be in \[0, 1\)", ["0.2", None, True, [0.2]]),
    # embedding
    (lambda: Embedding(7), "`levels` of Embedding must be a list. Received: 7"),
    (lambda: PeriodicEmbedding(keep=1), "`keep` of PeriodicEmbedding must be True or False. Received: 1"),
    (lambda: PiecewiseLinearEmbedding(rectify="no"), "`rectify` of .* must be True or False. Received: 'no'"),
    # members
    (lambda: MemberDense(3, members=2.5), "`members` of MemberDense must be a positive integer"),
    (lambda: MemberDense(3, shared="no"), "`shared` of MemberDense must be True or False"),
    # normalization
    (lambda: BatchNorm(momentum="0.1"), "`momentum` of BatchNorm"),
    # residual
    *each(Residual, "`layers` of Residual must be a list", [5, "relu:4", Dense(4), None]),
    *each(lambda entry: Residual([entry]), "Each of `layers` of Residual must be a layer", [4, "relu:4", None, Dense]),
    # spelling
    *each(
        lambda entry: parse_layers([entry], "relu"),
        r"A layer must be a number of units, a string or a Layer\.",
        [1.5, None, ["relu"], Dense, True],
    ),
)

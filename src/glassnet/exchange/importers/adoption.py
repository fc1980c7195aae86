"""An estimator around a network that was trained elsewhere, or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator

from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.class_targets import AnswerTargets, ClassTargets
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import choose_settings, fitting_loss
from glassnet.exchange.importers.pipelines import inputs_of_steps
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Dense
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support import coercion
from glassnet.support.language import Text
from glassnet.support.messages import listed
from glassnet.support.options import String
from glassnet.tables import TableEncoder
from glassnet.training import History

Estimator = TypeVar("Estimator", bound=NeuralEstimator)


def adopted(
    kind: type[Estimator],
    network: NeuralNetwork,
    targets: ClassTargets | AnswerTargets | NumberTargets,
    encoder: TableEncoder,
    history: History,
    *,
    rows: int = 1,
    **options: Any,
) -> Estimator:
    """Return a fitted estimator with a copy of a network; options follow from the network, or are given.

    Training that goes on chooses its settings by `rows`, how many the network learned from, where that is known.

    Raises
    ------
    InputError
        If the loss of the network is none for such targets, or its outputs are not as many.
    """
    numbers = isinstance(targets, NumberTargets)
    own: dict[str, Any] = {"loss": _spelled(network.loss), "dropout": 0.0, "scaling": encoder.scaling, "preset": "mlp"}
    own |= {"dtype": network.dtype.name, "monotone": network.monotone} | ({"clamp": False} if numbers else {})
    model = kind(**own | {"hidden_layers": network.layers[:-1]} | options)
    model.targets_, model.encoder_ = targets, encoder
    given = {name: getattr(model, name) for name in model.setting_names}
    model.settings_ = choose_settings(given, "mlp", TableSize(rows, network.inputs, numbers), targets.default_loss)
    loss = fitting_loss(model.settings_, model.loss_targets, kind.__name__)
    if targets.outputs(loss) != network.outputs:
        rule = Text(
            "A network for these targets must have {count} outputs with the loss {loss}",
            count=targets.outputs(loss),
            loss=loss,
        )
        raise InputError(rule, network.outputs, "List all classes, or import it with another loss")
    model.networks_ = [network.remade(loss=loss)]
    model.weights_, model.temperature_, model.conformal_ = None, 1.0, None
    model.notes_, model.data_, model.new_levels_ = {}, None, {}
    model.histories_ = [history]
    return model


def around(
    kind: type[Estimator],
    network: NeuralNetwork,
    targets: ClassTargets | AnswerTargets | NumberTargets,
    columns: Sequence[str] | None,
    scaler: Any,
) -> Estimator:
    """Build the encoder for numeric columns whose training rows are unknown."""
    history = History()
    history.end("elsewhere", "trained elsewhere")
    return adopted(
        kind, network, targets, encoder_of_numbers(network.inputs, network.dtype.name, columns, scaler), history
    )


def network_of_classes(network: Any, classes: Any) -> tuple[NeuralNetwork, ClassTargets | AnswerTargets]:
    """Return a network whose outputs are in the ascending order of the classes, and their targets.

    Raises
    ------
    InputError, InputTypeError
        If it is no network, or does not tell so many classes apart.
    """
    network = _checked(network)
    if network.loss.target not in ("classes", "fractions", "signs"):
        rule = Text("A classification network needs a classification loss, such as cross_entropy")
        remedy = Text('Import it with loss="cross_entropy", or loss="binary_cross_entropy" for one output')
        raise InputError(rule, str(network.loss), remedy)
    single = network.loss.target != "classes"
    if classes is None and single and network.outputs > 1:
        return network, AnswerTargets(network.outputs)
    wanted = 2 if single else network.outputs
    with coercion.coercing("`classes` must be an array", classes, "Specify what each output stands for"):
        named = np.arange(wanted) if classes is None else np.asarray(classes)
    count = len(named) if named.ndim == 1 else 0
    if count != wanted or len(np.unique(named)) != count:
        rule = Text(
            "`classes` of a network with {count} outputs must be {wanted} distinct classes, in order",
            count=network.outputs,
            wanted=wanted,
        )
        raise InputError(rule, listed(named.ravel().tolist()), "Specify what each output stands for")
    order = np.argsort(named, kind="stable")
    if not np.array_equal(order, np.arange(count)):
        network = _reordered(network, order)
    return network, ClassTargets.of(named[order])


def network_of_numbers(network: Any) -> tuple[NeuralNetwork, NumberTargets]:
    """Return a network that predicts numbers in their own units, and their targets."""
    network = _checked(network)
    if network.loss.target in ("classes", "fractions", "signs"):
        rule = Text("A regression network needs a regression loss, such as mse")
        raise InputError(rule, str(network.loss), "Use NeuralClassifier.from_network for classes")
    targets = network.outputs // network.loss.outputs_per_target
    return network, NumberTargets(np.zeros(targets), np.ones(targets), targets == 1)


NAMES = Text('For example columns=["age", "income"]')


def encoder_of_numbers(width: int, dtype: str, columns: Sequence[str] | None, scaler: Any = None) -> TableEncoder:
    """Return the encoder of columns of numbers, unscaled or scaled as by a scaler of scikit-learn; without names, those
    of the scaler.

    Gaps count as the mean.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If names or scaler are not such, or not for so many columns.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> scaler = StandardScaler().fit([[1.0], [3.0]])
    >>> encoder_of_numbers(1, "float64", ["age"], scaler).transform([[5.0], [np.nan]])
    array([[3.],
           [0.]])
    """
    if columns is None and isinstance(scaler, BaseEstimator):
        columns = getattr(scaler, "feature_names_in_", None)
    names = None
    if columns is not None:
        entries = coercion.listed("`columns`", columns, NAMES, once=True)
        names = [String(NAMES).taken(Text("Each of {option}", option="`columns`"), name) for name in entries]
    if names is not None and (len(names) != width or len({*names}) != width):
        rule = Text("`columns` must be {width} distinct names, one for each input of the network", width=width)
        raise InputError(
            rule, Text("{count} names", count=len(names)), "List each column once, in the order of the inputs"
        )
    inputs = inputs_of_steps([] if scaler is None else [scaler], width, width, names, dtype)
    if inputs.feeding != tuple((place,) for place in range(width)):
        rule = Text("The steps in front of a network must scale each of its columns, and leave them in order")
        raise InputError(rule, type(scaler).__name__, "Import it with from_sklearn, or encode the rows beforehand")
    return inputs.encoder


def _checked(network: Any) -> NeuralNetwork:
    if not isinstance(network, NeuralNetwork):
        remedy = Text("Import it with from_torch, from_keras or from_onnx")
        raise InputTypeError("`network` must be a NeuralNetwork", type(network).__name__, remedy)
    if network.members > 1:
        raise InputError("`network` must have no members", network.members, "Train it with an estimator")
    return network


def _reordered(network: NeuralNetwork, order: Array) -> NeuralNetwork:
    """Return the network with its outputs in another order, or with the other sign if one output separates two
    classes.
    """
    last = network.layers[-1]
    if network.monotone is not None:
        rule = Text("`classes` must be in ascending order where the network is `monotone`, for the second rises")
        raise InputError(rule, list(network.monotone), "Train it with the classes in that order")
    if not isinstance(last, Dense) or last.f.name != "identity" or not last.bias:
        rule = Text("`classes` must be in ascending order where the last layer is no dense one with biases")
        raise InputError(rule, repr(last), "Put the outputs into that order")
    parameters = network.parameters.copy()
    *_, values = network.layout.values(parameters, network.statistics)
    for array in values.values():
        array[...] = -array if network.outputs == 1 else array[..., order]
    return network.remade(parameters=parameters)


def _spelled(loss: Loss) -> str | Loss:
    """Return the spelling of a loss, if it restores the loss; else the loss."""
    text = str(loss)
    return text if loss.name in LOSSES and LOSSES.get(text) == loss else loss

"""Which layer a node of an ONNX graph is, or several nodes together: activations, and normalizations without a node.

Exporters spell an activation that has no node of its own in simple ones, each in its own way. So what several nodes
compute is evaluated at some numbers, and compared with the activations that glassnet knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.exchange.importers.assembly import LayerArrays, clipped, leaky, names_in
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.layers import RMSNorm
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.lazy_import import LazyModule

onnx = LazyModule("onnx")

NAMES: Final = names_in("onnx")
CALCULATIONS: Final = frozenset(
    (
        *("Abs", "Add", "Clip", "Div", "Erf", "Exp", "Greater", "HardSigmoid", "Log"),
        *("Max", "Min", "Mul", "Neg", "Pow"),
        *("Reciprocal", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Sub", "Tanh", "Where"),
    )
)
"""The elementwise operators: no others are evaluated."""
WOVEN: Final = (
    *("silu", "gelu", "gelu_tanh", "mish", "softplus", "softsign"),
    *("hard_sigmoid", "hard_swish", "elu", "selu"),
)
"""The activations that may be spelled in several nodes."""
TOLERANCE: Final = 2e-6
"""Two formulas that are the same differ by so much at most, in float32."""
MOST_NODES: Final = 30
"""No activation is spelled in more."""


def activation_of_one(kind: str, settings: Mapping[str, Any], limits: Sequence[Array | None]) -> str:
    """Return the spelling of the activation of one node, from its attributes and its constant inputs.

    Examples
    --------
    >>> activation_of_one("LeakyRelu", {"alpha": 0.25}, [])
    'leaky_relu(slope=0.25)'
    """
    if kind == "LeakyRelu":
        return f"leaky_relu(slope={settings.get('alpha', 0.01)})"
    if kind == "Elu":
        return f"elu(alpha={settings.get('alpha', 1.0)})"
    if kind == "Selu":
        usual = dict(ACTIVATIONS.get("selu").parameters)
        given = settings.get("gamma", usual["scale"]), settings.get("alpha", usual["alpha"])
        return f"selu(scale={given[0]}, alpha={given[1]})"
    if kind == "Gelu":
        return "gelu_tanh" if settings.get("approximate", b"none") in (b"tanh", "tanh") else "gelu"
    if kind == "HardSigmoid":
        if np.allclose((settings.get("alpha", 0.2), settings.get("beta", 0.5)), (1 / 6, 0.5)):
            return "hard_sigmoid"
        raise InputError("The slope of HardSigmoid must be 1/6", settings.get("alpha", 0.2), "Use another activation")
    if kind == "Clip":
        ends = [settings.get("min"), settings.get("max")]
        further = [None if limit is None else float(limit.item()) for limit in [*limits, None, None]]
        ends = [given if limit is None else limit for given, limit in zip(ends, further, strict=False)]
        return clipped(*ends)
    if kind == "PRelu" and limits[0] is not None:
        return leaky(limits[0])
    if kind == "Softmax":
        if settings.get("axis", -1) in (-1, 1):
            return "softmax"
        raise InputError(
            "Softmax must act along the outputs of each row", Text("axis {value}", value=settings["axis"]), "Use -1"
        )
    if kind in NAMES:
        return NAMES[kind]
    raise InputError("Unsupported layer")


def activation_of_nodes(nodes: Sequence[Any], start: str, end: str, constants: Mapping[str, Array]) -> str:
    """Return the spelling of the activation that some `CALCULATIONS` form together; `constants` are numbers of the
    file.
    """
    from onnx.reference import ReferenceEvaluator

    if len(nodes) > MOST_NODES or any(array.size != 1 for array in constants.values()):
        raise InputError("The graph branches before it, and the branches are not an elementwise activation")
    z = np.linspace(-30, 30, 961, dtype=np.float32)  # beyond where a softplus may become a straight line
    make = onnx.helper
    scalars = [
        onnx.numpy_helper.from_array(array.astype(np.float32).reshape(()), name) for name, array in constants.items()
    ]
    infos = [make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None]) for name in (start, end)]
    model = make.make_model(make.make_graph(list(nodes), "activation", infos[:1], infos[1:], scalars))
    try:
        with np.errstate(all="ignore"):
            (a,) = ReferenceEvaluator(model).run(None, {start: z})
    except Exception as error:  # a damaged file may raise anything
        raise InputError("These nodes must together form an activation", f"{error}", "Export it again") from error
    for name in WOVEN:
        if np.shape(a) == z.shape and np.allclose(a, ACTIVATIONS.get(name)(z), rtol=TOLERANCE, atol=TOLERANCE):
            return name
    kinds = ", ".join(node.op_type for node in nodes)
    raise InputError("These nodes must together form an activation that glassnet has", kinds, "Use another one")


STEPS: Final = ("Pow", "ReduceMean", "Add", "Sqrt", "Reciprocal", "Mul", "Mul")
"""x · 1/√(mean(x²) + ε) · gain."""


def root_mean_square(
    at: str, users: Mapping[str, Sequence[Any]], constants: Mapping[str, Array]
) -> tuple[LayerArrays, str] | None:
    """Return the layer that the nodes after a value form together, and the name of its output; None if they form
    none.
    """
    nodes, value = [], at
    for kind in STEPS:
        node = next((user for user in users.get(value, ()) if user.op_type == kind), None)
        if node is None or len(users[value]) != (2 if value == at else 1):
            return None
        nodes.append(node)
        value = node.output[0]
    power, mean, plus, _, reciprocal, product, last = nodes
    if product not in users[at] or set(product.input) != {at, reciprocal.output[0]}:
        return None
    exponent, axes, epsilon, gain = (_number(node, constants) for node in (power, mean, plus, last))
    if exponent is None or axes is None or epsilon is None or gain is None or epsilon.size != 1:
        return None
    keeps = all(attribute.i for attribute in mean.attribute if attribute.name == "keepdims")
    if power.input[0] != at or exponent.tolist() not in (2, [2]) or axes.tolist() not in ([-1], [1]) or not keeps:
        return None
    return LayerArrays(RMSNorm(float(epsilon.item())), {"gain": np.ravel(gain)}), value


def _number(node: Any, constants: Mapping[str, Array]) -> Array | None:
    """Return the constant that a node reads from the file, if there is exactly one."""
    there = [constants[name] for name in node.input if name in constants]
    return there[0] if len(there) == 1 else None

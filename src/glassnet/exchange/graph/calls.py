"""Formulas that an export writes otherwise than by what they are made of: as one operation, or computed in another way.

While a model is traced, the end of each call of such a formula is heard of; so nothing need be found again in a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from glassnet.exchange.graph.node import Node
from glassnet.ir.tensor import Node as TraceNode
from glassnet.ir.tensor import Tensor, record


class Call(NamedTuple):
    """A formula, and what it was called with, by the names that it has for it."""

    formula: Callable[..., Any]
    arguments: dict[str, Any]


Calls = dict[TraceNode, Call]
"""By what came of them."""
Rule = Callable[..., Tensor | None]
"""``rule(calls, **arguments)`` is what takes the place of a call; None: what the formula is made of."""


def operation(name: str, formula: Callable[..., Any]) -> Rule:
    """The rule that makes a formula of a number and of constants one operation, whose attributes they are."""

    def rule(_: Calls, **arguments: Any) -> Tensor | None:
        x, *constants = arguments.values()
        if not all(isinstance(one, float) for one in constants):
            return None
        values = dict(zip(list(arguments)[1:], constants, strict=True))
        return record("formula", (x,), x.shape, x.dtype, name=name, formula=formula, **values)

    return rule


def heard(
    made: dict[TraceNode, Node], rules: Mapping[Callable[..., Any], Rule], others: set[TraceNode]
) -> dict[CodeType, Callable[[Any, Mapping[str, Any]], None]]:
    """What happens at the end of each call: its place is taken in single precision, where constants are known.

    Parameters
    ----------
    made : dict of trace node to node
        Of the tape that is recorded on.
    rules : mapping
        By formula.
    others : set
        Gets what is computed in another way, and so has no name of its own.
    """
    calls: Calls = {}

    def hear(formula: Callable[..., Any], rule: Rule) -> Callable[[Any, Mapping[str, Any]], None]:
        names = formula.__code__.co_varnames[: formula.__code__.co_argcount]

        def end(result: Any, variables: Mapping[str, Any]) -> None:
            if not isinstance(result, Tensor) or result.dtype != np.float32:
                return
            arguments = {name: _known(variables[name]) for name in names}
            calls[result.node] = Call(formula, arguments)
            other = rule(calls, **arguments)
            if other is not None:
                made[result.node] = made[other.node]
                if other.node.op != "formula":
                    others.add(result.node)

        return end

    return {formula.__code__: hear(formula, rule) for formula, rule in rules.items()}


def _known(value: Any) -> Any:
    """Of constants a number in single precision, or an array of several."""
    if isinstance(value, Tensor):
        return value
    array = np.array(value, np.float32)
    return float(array.ravel()[0]) if array.size == 1 else array

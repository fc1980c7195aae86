"""Formulas that an export writes otherwise than by what they are made of: as one operation, or fused with others.

A hook runs at the end of each call of such a formula while a model is traced, so nothing is searched for in a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

import numpy as np

from glassnet.exchange.graph.node import Node
from glassnet.ir.naming import Hook
from glassnet.ir.tensor import Node as TraceNode
from glassnet.ir.tensor import Tensor, record

Formula = Callable[..., Any]
Calls = dict[TraceNode, tuple[Formula, dict[str, Any]]]
"""By its result, each call: the formula, and its arguments by name."""
Rule = Callable[..., Tensor | None]
"""``rule(calls, **arguments)`` gives what replaces a call; None: nothing does."""


def operation(name: str, formula: Formula) -> Rule:
    """The rule that makes a formula of a number and of constants one operation, with the constants as attributes."""

    def rule(calls: Calls, **arguments: Any) -> Tensor | None:
        (_, x), *constants = arguments.items()
        if not all(isinstance(value, float) for _, value in constants):
            return None
        return record("formula", (x,), x.shape, x.dtype, name=name, formula=formula, **dict(constants))

    return rule


def return_hooks(
    made: dict[TraceNode, Node], rules: Mapping[Formula, Rule], fused: set[TraceNode]
) -> dict[CodeType, Hook]:
    """Hooks that replace calls in single precision.

    Parameters
    ----------
    made : dict of trace node to node
        Of the tape that records.
    rules : mapping
        By formula.
    fused : set
        Gets the results that are computed in another way, which have no name of their own.
    """
    calls: Calls = {}

    def hook(formula: Formula, rule: Rule) -> Hook:
        names = formula.__code__.co_varnames[: formula.__code__.co_argcount]

        def replace(result: Any, variables: Mapping[str, Any]) -> None:
            if isinstance(result, Tensor) and result.dtype == np.float32:
                arguments = {name: _known(variables[name]) for name in names}
                calls[result.node] = formula, arguments
                replacement = rule(calls, **arguments)
                if replacement is not None:
                    made[result.node] = made[replacement.node]
                    fused.update({result.node} if replacement.node.op != "formula" else ())

        return replace

    return {formula.__code__: hook(formula, rule) for formula, rule in rules.items()}


def _known(value: Any) -> Any:
    """A constant as a number in single precision, or an array of several."""
    if isinstance(value, Tensor):
        return value
    array = np.array(value, np.float32)
    return float(array.ravel()[0]) if array.size == 1 else array

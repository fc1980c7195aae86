"""What a model answers, as the page has to know it: of what kind the numbers are, and what each is called."""

from __future__ import annotations

from typing import Any

from glassnet.estimators import NeuralClassifier
from glassnet.exchange.graph.node import Graph
from glassnet.insight.explanations.answer import Answer
from glassnet.visible import visible

__all__ = ["described_answer"]


def described_answer(model: Any, graph: Graph, coverage: float) -> dict[str, Any]:
    """The answer as strict JSON: which output of the graph it is, its kind, the names of its numbers.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    graph : Graph
        Its graph.
    coverage : float
        What intervals and sets promise, where the graph has them.
    """
    kind = Answer(model, 0 if isinstance(model.classes_, list) else None).kind if _classifies(model) else "number"
    output = next(name for name in ("probabilities", "scores", "quantiles", "value") if name in graph.outputs)
    names = _names(model, graph, output)
    levels = model.network_.loss.levels
    quantiles = output == "quantiles" and len(names) == len(levels)
    return {
        "output": output,
        "kind": kind,
        "names": names,
        "exclusive": _classifies(model) and "label" in graph.outputs and not isinstance(model.classes_, list),
        "middle": min(range(len(levels)), key=lambda place: abs(levels[place] - 0.5)) if quantiles else 0,
        "interval": f"{levels[-1] - levels[0]:.0%}" if quantiles else f"{coverage:.0%}",
        "usual": _usual(model),
    }


def _classifies(model: Any) -> bool:
    return isinstance(model, NeuralClassifier)


def _names(model: Any, graph: Graph, output: str) -> list[str]:
    shape = graph.outputs[output].shape
    width = shape[1] if len(shape) > 1 else 1
    if _classifies(model) and not isinstance(model.classes_, list):
        classes = [visible(str(one)) for one in model.classes_.tolist()]
        return classes[-width:]  # of two classes there may be the score of the second alone
    if output == "quantiles":
        levels = [f"{level:.0%}" for level in model.network_.loss.levels]
        targets = width // len(levels)
        return (
            levels if targets == 1 else [f"{target}: {level}" for target in range(1, targets + 1) for level in levels]
        )
    return [str(number) for number in range(1, width + 1)]


def _usual(model: Any) -> Any:
    """Of classes the share of each in training, in the order of the names; of a number its ends and its middle."""
    target = model.data_.target if model.data_ is not None else None
    if target is None:
        return None
    if not _classifies(model):
        return target.ends
    counts = dict(target.levels)
    total = sum(counts.values())
    return [counts.get(str(one), 0) / total for one in model.classes_.tolist()] if total else None

"""What a notebook shows of a model by itself, asked for by name."""

from __future__ import annotations

from typing import Any

from glassnet.insight.html import estimator_html, network_html
from glassnet.insight.plots.subject import network_of
from glassnet.markup import Markup

__all__ = ["summary"]


def summary(model: Any, *, language: str | None = None) -> Markup:
    """What a notebook shows of a network or a fitted estimator by itself, in a language of your choice.

    Parameters
    ----------
    model : NeuralNetwork or fitted estimator
    language : {"en", "zh"}, optional

    Returns
    -------
    str
        HTML that holds all it needs: the diagram, the layers; of an estimator its best and its last epoch, too. A
        notebook shows it if it is the last line of a cell; matplotlib is not needed.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model has no network, or the language is unknown.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> "4 个输入，3 个输出" in summary(NeuralNetwork(4, ["tanh:16", 3]), language="zh")
    True
    """
    network = network_of(model)
    return network_html(network, language) if network is model else estimator_html(model, language)

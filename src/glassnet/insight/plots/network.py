"""A network as a page shows it."""

from __future__ import annotations

from typing import Any

from glassnet.display.markup import Markup
from glassnet.estimators.estimator_display import estimator_html
from glassnet.insight.plots.subject import network_of
from glassnet.network.diagram import network_html
from glassnet.support.option_names import suggests_options


@suggests_options
def summary(model: Any, *, language: str | None = None) -> Markup:
    """The HTML summary of a network or fitted estimator that notebooks display, in a language of your choice.

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

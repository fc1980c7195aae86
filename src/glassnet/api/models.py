"""Functions that return public estimators: from a file, or from scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

from glassnet.api.estimators import NeuralClassifier, NeuralRegressor
from glassnet.exchange.files import model_file
from glassnet.exchange.importers.scikit_learn import estimator_of_mlp
from glassnet.network import NeuralNetwork
from glassnet.support.option_names import suggests_options
from glassnet.support.options import FILE, checked

Model: TypeAlias = NeuralClassifier | NeuralRegressor | NeuralNetwork
ESTIMATORS: Final[Mapping[str, type[NeuralClassifier] | type[NeuralRegressor]]] = {
    each.__name__: each for each in (NeuralClassifier, NeuralRegressor)
}


@checked(path=FILE)
def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that :func:`save` wrote. It predicts the same, to the last bit.

    A folder of checkpoints gives the model as far as its training has come; see :class:`glassnet.Checkpoint`.

    Training may go on with ``partial_fit`` or ``warm_start``. Where the optimizer's state was not saved,
    ``partial_fit`` starts with a fresh one. Files of older versions of glassnet are read, too.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    NeuralClassifier, NeuralRegressor or NeuralNetwork

    Raises
    ------
    InputError
        If it is no such file, damaged, of a newer format, or needs a formula that is not registered. Nothing in a file
        is ever executed, and no memory is taken on its word alone.
    OSError
        If it cannot be read.
    """
    return cast("Model", model_file.load(path, ESTIMATORS))


@suggests_options
def from_sklearn(mlp: Any) -> NeuralClassifier | NeuralRegressor:
    """The fitted estimator that predicts as scikit-learn's does, to rounding.

    Classes, names of columns and the losses of the epochs come along. How it was trained does not: ``partial_fit`` or a
    warm start go on with glassnet's own choices. scikit-learn refuses rows with gaps; here a gap counts as 0.

    Parameters
    ----------
    mlp : MLPClassifier or MLPRegressor, or a Pipeline that ends with one of them
        Fitted. Steps before it may be StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, SimpleImputer,
        OneHotEncoder, ColumnTransformer and pipelines of these. They become part of the estimator: it takes columns as
        they are, fills gaps as they do, and gives unknown levels no weight.

    Returns
    -------
    NeuralClassifier or NeuralRegressor

    Raises
    ------
    InputError, InputTypeError
        If it is neither, has an activation that glassnet does not know, or a step that is none of these.
    NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier((8,), max_iter=500, solver="lbfgs", random_state=0).fit(X, y)
    >>> bool(np.allclose(from_sklearn(mlp).predict_proba(X), mlp.predict_proba(X)))
    True
    """
    return cast("NeuralClassifier | NeuralRegressor", estimator_of_mlp(mlp, NeuralClassifier, NeuralRegressor))

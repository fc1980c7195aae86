"""Models in MLflow: ``save_model``, ``log_model`` and ``load_model``, as MLflow's own flavours have them.

What is kept is the file that :func:`glassnet.save` writes, not a pickle: to load a model runs no code of its own. It
needs MLflow: ``pip install "glassnet[mlflow]"``. ``mlflow.pyfunc.load_model`` loads these models, too, and so does all
else in MLflow that takes models, such as ``mlflow models serve``: they give what ``predict`` gives.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glassnet import __version__
from glassnet.api.models import Model, load
from glassnet.exchange import save
from glassnet.support.lazy_import import require

FILE = "model.safetensors"


def save_model(model: Model, path: str | os.PathLike[str], **options: Any) -> None:
    """Write a fitted model as an MLflow model, a new folder.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
    path : str or path
    **options
        Of ``mlflow.pyfunc.save_model``, such as ``signature``.

    Raises
    ------
    MissingExtraError
        If MLflow is not installed.
    """
    with _written(model) as arguments:
        _pyfunc().save_model(os.fspath(path), **arguments | options)


def log_model(model: Model, name: str = "model", **options: Any) -> Any:
    """Log a fitted model with the active run, or a new one.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
    name : str
    **options
        Of ``mlflow.pyfunc.log_model``, such as ``signature`` or ``registered_model_name``.

    Returns
    -------
    mlflow.models.model.ModelInfo
        Its ``model_uri`` is what ``load_model`` takes.

    Raises
    ------
    MissingExtraError
        If MLflow is not installed.
    """
    with _written(model) as arguments:
        return _pyfunc().log_model(name=name, **arguments | options)


def load_model(uri: str) -> Model:
    """Read a model that ``save_model`` or ``log_model`` wrote; it predicts the same, to the last bit.

    Parameters
    ----------
    uri : str
        A folder, or "models:/churn/3", "runs:/.../model".

    Returns
    -------
    NeuralClassifier, NeuralRegressor or NeuralNetwork

    Raises
    ------
    InputError
        If it is none, as in :func:`glassnet.load`.
    MissingExtraError
        If MLflow is not installed.
    """
    folder = require("mlflow.artifacts", "MLflow", "mlflow", "mlflow-skinny").download_artifacts(artifact_uri=uri)
    return load(Path(folder) / "data" / FILE)


@contextlib.contextmanager
def _written(model: Model) -> Iterator[dict[str, Any]]:
    """What MLflow is told of a model, as long as its file exists."""
    with tempfile.TemporaryDirectory() as folder:
        save(model, file := Path(folder) / FILE)
        requirements = [f"glassnet=={__version__}"]
        yield {"loader_module": __name__, "data_path": str(file), "pip_requirements": requirements}


def _pyfunc() -> Any:
    return require("mlflow.pyfunc", "A model for MLflow", "mlflow", "mlflow-skinny")


def _load_pyfunc(path: str) -> Model:
    """What MLflow calls to load a model: of this one it calls ``predict``."""
    return load(path)

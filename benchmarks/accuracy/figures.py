"""How good predictions are: the figures of one model on the test rows of one table."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import r2_score, roc_auc_score, root_mean_squared_error

__all__ = ["calibration_error", "class_figures", "number_figures", "widened"]

LEAST = 1e-7
"""A probability below it counts as this much, so that one sure mistake does not outweigh all other rows."""

BINS = 15


def class_figures(y: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """For classes.

    Parameters
    ----------
    y, labels : array of int, shape (rows,)
        The right classes and those predicted.
    probabilities : array of shape (rows, classes)

    Returns
    -------
    dict
        error : the share of wrong labels; accuracy : that of right ones; log_loss : in natural logarithms;
        roc_auc : each class against the rest, the mean over classes; calibration_error : see below.

    Raises
    ------
    ValueError
        If a probability is not finite.
    """
    if not np.isfinite(probabilities).all():
        raise ValueError("there are probabilities that are not finite")
    clipped = np.clip(probabilities, LEAST, 1)
    clipped /= clipped.sum(axis=1, keepdims=True)
    accuracy = float(np.mean(labels == y))
    return {
        "error": 1 - accuracy,
        "accuracy": accuracy,
        "log_loss": float(-np.mean(np.log(clipped[np.arange(len(y)), y]))),
        "roc_auc": _one_against_rest(y, clipped),
        "calibration_error": calibration_error(y, clipped),
    }


def number_figures(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """For numbers: rmse, which is the error, too, and r2.

    Raises
    ------
    ValueError
        If a prediction is not finite.
    """
    rmse = float(root_mean_squared_error(y, predicted))
    return {"error": rmse, "rmse": rmse, "r2": float(r2_score(y, predicted))}


def calibration_error(y: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> float:
    r"""The expected calibration error: how far confidence is from the share of rows in which it is right.

    :math:`\sum_b \frac{n_b}{n} |a_b - c_b|` over `bins` ranges of equal width of the highest probability of a row,
    with the :math:`n_b` rows of a range, their accuracy :math:`a_b` and their mean confidence :math:`c_b`.

    Source: Guo, Pleiss, Sun, Weinberger (2017), *On Calibration of Modern Neural Networks*, equation 3.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, right - confidence, bins)  # n_b (a_b - c_b)
    return float(np.abs(gaps).sum() / len(y))


def widened(probabilities: np.ndarray, seen: np.ndarray, classes: int) -> np.ndarray:
    """Probabilities of all classes, from those of the classes that the model has seen; the others get 0."""
    full = np.zeros((len(probabilities), classes))
    full[:, np.asarray(seen, int)] = probabilities
    return full


def _one_against_rest(y: np.ndarray, probabilities: np.ndarray) -> float:
    classes = probabilities.shape[1]
    if classes == 2:
        return float(roc_auc_score(y, probabilities[:, 1]))
    return float(np.mean([roc_auc_score(y == code, probabilities[:, code]) for code in np.unique(y)]))

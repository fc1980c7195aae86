"""The base of losses: the loss of a row, and its gradient.

A loss is written for single numbers (one output, one target). This record carries the formula over rows: through the
link in front of it, over the targets of a row, and back. The training loop applies means over rows, sample weights and
class weights, once for all losses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import sigmoid, sigmoid_derivative, softmax, softmax_backward
from glassnet.formulas.elementary import exp, expm1, indicator, log1p
from glassnet.formulas.formula import Formula, of_numbers
from glassnet.formulas.regularization import smooth_labels
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import LABEL_SMOOTHING, Choice, Each, Function, Integer, Number, validate

Array = npt.NDArray[Any]
Target = Literal["numbers", "counts", "fractions", "signs", "classes"]
Response = Literal["identity", "sigmoid", "softmax", "exp"]
Taken = Literal["scores", "probabilities", "sides", "numbers"]


def log_softmax(z: Any) -> Any:
    r"""The logarithm of softmax, row by row: :math:`l_j = z_j - \ln \sum_k e^{z_k}`, every l_j ≤ 0.

    The row's maximum is taken out of the sum first, so that nothing overflows and no logarithm of zero is taken.
    Its own term is then 1, and the others are kept apart from it, however small: where the network is sure, they are
    the loss.

    >>> log_softmax(np.array([[1000.0, 0.0]]))
    array([[    0., -1000.]])
    """
    shifted = z - np.max(z, axis=-1, keepdims=True)
    below = np.sum(np.where(shifted < 0, exp(shifted), 0), axis=-1, keepdims=True)
    equal = np.sum(1 - indicator(shifted < 0, shifted), axis=-1, keepdims=True) - 1
    return shifted - log1p(below + equal)


def log_softmax_backward(log_p: Any, d_log_p: Any) -> Any:
    r"""The gradient through log_softmax: :math:`dz_j = dl_j - p_j \sum_k dl_k` with :math:`p = e^l`.

    With the -t/1 of cross-entropy and targets that sum to 1 it is the well-known p - t, which cancels where the network
    is sure. So it is computed as :math:`(1 - p_j)\,dl_j - p_j \sum_{k \ne j} dl_k`, where 1 - p is -expm1(l).
    """
    others = np.sum(d_log_p, axis=-1, keepdims=True) - d_log_p
    return -d_log_p * expm1(log_p) - others * exp(log_p)


RESPONSES: dict[str, Callable[[Any], Any]] = {
    "identity": lambda output: output,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "exp": exp,
}
"""Response functions: from outputs to predictions."""
RESPONSES_BACKWARD: dict[str, Callable[[Any, Any], Any]] = {
    "identity": lambda answer, d_answer: d_answer,
    "sigmoid": lambda answer, d_answer: d_answer * sigmoid_derivative(None, answer),
    "softmax": lambda answer, d_answer: softmax_backward(None, answer, d_answer),
    "exp": lambda answer, d_answer: d_answer * answer,
}
"""The gradient with respect to outputs, from the response and its gradient."""


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Loss(Formula):
    """A loss with its gradient.

    Parameters
    ----------
    name : str
    function : callable
        ``value(output, target, *parameters)`` of arrays or scalars, elementwise; with ``columns=2``:
        ``value(first, second, target, *parameters)``.
    derivative : callable
        The derivative with respect to the output, same arguments; with two columns a pair of them.
    target : {"numbers", "counts", "fractions", "signs", "classes"}
        The kind of a target: any number; a number of events ≥ 0; a share or probability in [0, 1] (0 and 1 for no and
        yes); one of two sides, coded -1 and +1; one of several classes 0, 1, ... or a row of their probabilities.
    link : {"identity", "log_softmax"}
        The function that is applied to the outputs of a row before the formula.
    response : {"identity", "sigmoid", "softmax", "exp"}
        The function from outputs to predictions: probabilities, rates. The formula includes it; prediction applies it
        separately.
    over_targets : {"mean", "sum"}
        How the terms of one row become its loss.
    columns : int
        How many outputs the formula takes for each target; where there are several, each may be any number.
    spread : {"none", "log_variance"}
        The meaning of the second of two columns: the logarithm of the variance around the first, the mean. With "none"
        no deviation is predicted.
    kinks : tuple of float
        Values of output - target (of sign · output for "signs") without a derivative.
    label_smoothing : float in [0, 1)
        Takes this share of each class target away and spreads it evenly over all classes.
    parameters, domains
        See :class:`glassnet.formulas.formula.Formula`: the trailing arguments of the functions, and where they may lie.

    Examples
    --------
    A new loss is two functions of a few lines:

    >>> import numpy as np
    >>> fourth = Loss("fourth", lambda output, target: (output - target) ** 4,
    ...               lambda output, target: 4 * (output - target) ** 3)
    >>> fourth.value(np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]]))
    array([ 0., 16.])
    """

    options: ClassVar[tuple[str, ...]] = ("label_smoothing",)

    function: Callable[..., Any]
    derivative: Callable[..., Any]
    target: Target = "numbers"
    link: Literal["identity", "log_softmax"] = "identity"
    response: Response = "identity"
    over_targets: Literal["mean", "sum"] = "mean"
    columns: int = 1
    spread: Literal["none", "log_variance"] = "none"
    kinks: tuple[float, ...] = ()
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        function = Function("Give a function of output and target")
        validate(
            self,
            function=function,
            derivative=function,
            target=Choice("numbers", "counts", "fractions", "signs", "classes"),
            link=Choice("identity", "log_softmax"),
            response=Choice(*RESPONSES),
            over_targets=Choice("mean", "sum"),
            columns=Integer("2 for a mean and a variance"),
            spread=Choice("none", "log_variance"),
            kinks=Each(Number("(-inf, inf)", "0 for mae"), "For example (0.0,)"),
            label_smoothing=LABEL_SMOOTHING,
        )
        if self.spread != "none" and self.columns != 2:
            raise InputError(
                Text("A loss with `spread` needs a mean and a variance: `{name}`", name=self.name),
                self.columns,
                Text("Set columns=2"),
            )
        if self.label_smoothing and self.target not in ("classes", "fractions"):
            raise InputError(
                Text(
                    "Label smoothing needs a classification loss; `{name}` has targets of kind {what}",
                    name=self.name,
                    what=self.target,
                ),
                self.label_smoothing,
                "Keep `label_smoothing` at 0",
            )

    # ---------------------------------------------------------------- outputs

    @property
    def takes(self) -> Taken:
        """The kind of outputs that the loss takes: see :mod:`glassnet.layers.output_activation`.

        Scores, which may be any numbers; probabilities, as a sigmoid or softmax gives them; numbers on both sides of
        0, to be compared with -1 and +1; or whatever the targets are.
        """
        if self.link != "identity" or self.response != "identity" or self.columns > 1:
            return "scores"
        if self.target in ("fractions", "classes"):
            return "probabilities"
        return "sides" if self.target == "signs" else "numbers"

    @property
    def equation(self) -> str:
        """The loss of its arguments: "cross_entropy of softmax(output)"."""
        return str(self) if self.response == "identity" else f"{self} of {self.response}(output)"

    @property
    def outputs_per_target(self) -> int:
        """Number of network outputs per target: quantile levels, or mean and variance."""
        return self.columns * max(1, len(self.levels))

    @property
    def levels(self) -> tuple[float, ...]:
        """The parameter values of the outputs of one target: quantile levels, or none."""
        return next((value for value in self.values if isinstance(value, tuple)), ())

    @property
    def without_smoothing(self) -> Loss:
        """The loss without label smoothing."""
        return self.with_parameters(label_smoothing=0.0) if self.label_smoothing else self

    # ---------------------------------------------------------------- targets

    def check(self, target: Array, outputs: int) -> None:
        """Refuse targets that are not what this loss compares with.

        Parameters
        ----------
        target : array of shape (rows,) or (rows, targets)
        outputs : int
            The number of outputs of the network.

        Raises
        ------
        InputError
            If the shape does not fit the outputs or a value lies outside the targets' range.
        """
        as_classes = self._as_classes(target, outputs)
        width = target.shape[1] if target.ndim == 2 else 1
        if target.ndim not in (1, 2) or not (as_classes or width * self.outputs_per_target == outputs):
            raise InputError(
                Text(
                    "Targets of `{name}` must match the network's {count} outputs, {each} per target",
                    name=self.name,
                    count=outputs,
                    each=self.outputs_per_target,
                ),
                of_shape(target.shape),
                "Give one target per row, shape (rows,), or (rows, targets), or change the last layer",
            )
        if not np.issubdtype(target.dtype, np.number) and target.dtype != bool:
            raise InputTypeError(
                "Targets of a network must be numbers", Text("dtype {dtype}", dtype=target.dtype), "Encode them first"
            )
        if not np.all(np.isfinite(target)):
            raise InputError("Targets must be finite numbers", "NaN or infinity", "Drop or repair those rows")
        if as_classes:
            wrong = (target < 0) | (target >= outputs) | (target != np.round(target))
            if wrong.any():
                raise InputError(
                    Text(
                        "Class targets of `{name}` must be whole numbers from 0 to {last}",
                        name=self.name,
                        last=outputs - 1,
                    ),
                    f"{target[wrong][0]}",
                    "Number the classes 0, 1, ... and give the last layer one output per class",
                )
            return
        if self.target == "classes":
            if (target < 0).any() or np.abs(target.sum(axis=1) - 1).max(initial=0) > 1e-3:
                raise InputError(
                    Text(
                        "A row of targets of `{name}` must contain the probabilities of the classes, which sum to 1",
                        name=self.name,
                    ),
                    f"{target[np.argmax(np.abs(target.sum(axis=1) - 1) + (target < 0).any(axis=1))]}",
                    "Pass class numbers of shape (rows,) or probabilities, not scores or gradients",
                )
        low, high = {"counts": (0, np.inf), "fractions": (0, 1), "signs": (-1, 1)}.get(self.target, (-np.inf, np.inf))
        if target.size and (target.min() < low or target.max() > high):
            worst = target.min() if target.min() < low else target.max()
            raise InputError(
                Text("Targets of `{name}` must lie in [{low}, {high}]", name=self.name, low=low, high=high),
                f"{worst}",
                "Choose another loss, or scale the targets",
            )
        if self.target == "signs" and not np.isin(target, (-1, 0, 1)).all():
            raise InputError(
                Text("Targets of `{name}` must be binary: 0 or -1 for no, 1 for yes", name=self.name),
                f"{target[~np.isin(target, (-1, 0, 1))][0]}",
                "Pass classes, not scores or gradients",
            )

    def strata(self, target: Array, outputs: int) -> Array | None:
        """Return the classes for a stratified split, if any.

        Examples
        --------
        >>> from glassnet.formulas.losses import LOSSES
        >>> LOSSES.get("binary_cross_entropy").strata(np.array([0.1, 0.9, 1.0]), 1)
        array([False,  True,  True])
        """
        if self._as_classes(target, outputs):
            return target
        middle = {"fractions": 0.5, "signs": 0.0}.get(self.target)
        return None if middle is None or target.ndim != 1 else target > middle

    def _as_classes(self, target: Array, outputs: int) -> bool:
        """Return whether targets are the numbers of classes, not yet a column for each class."""
        return target.ndim == 1 and (self.target == "classes" or (self.target == "signs" and outputs > 1))

    def prepare(self, target: Array, outputs: int, dtype: npt.DTypeLike = np.float64) -> Array:
        """Return targets in the form that the formula takes, one column a target: (rows, targets) or (rows, classes).

        Class numbers become rows of 0 and 1 (-1 and +1 for signs), label smoothing is applied.
        """
        if self._as_classes(target, outputs):
            prepared = np.zeros((len(target), outputs), dtype)
            prepared[np.arange(len(target)), target.astype(np.intp)] = 1
        else:
            prepared = target.astype(dtype, copy=False).reshape(len(target), -1)
        if self.target == "signs":
            return np.where(prepared > 0, prepared.dtype.type(1), prepared.dtype.type(-1))
        if self.label_smoothing:
            return smooth_labels(prepared, self.label_smoothing, outputs if self.target == "classes" else 2)
        return prepared

    # ------------------------------------------------------------------- rows

    def value(self, output: Array, target: Array) -> Array:
        """Return the loss of each row.

        Parameters
        ----------
        output : array of shape (rows, outputs)
        target : array of shape (rows, targets)
            As :meth:`prepare` gives them.

        Returns
        -------
        array of shape (rows,)
        """
        return self._over_targets(of_numbers(self.function, *self._arguments(output, target)[1]))

    def gradient(self, output: Array, target: Array) -> Array:
        """Return the gradient of each row's loss with respect to that row's outputs, shape (rows, outputs)."""
        return self.value_and_gradient(output, target)[1]

    def value_and_gradient(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Return loss and gradient together: shapes (rows,) and (rows, outputs)."""
        linked, arguments = self._arguments(output, target)
        terms = of_numbers(self.function, *arguments)
        slopes = of_numbers(self.derivative, *arguments)
        gradient = np.concatenate(slopes, axis=2) if self.columns > 1 else slopes
        gradient = np.broadcast_to(gradient, (*target.shape, self.outputs_per_target)).reshape(output.shape)
        if self.link == "log_softmax":
            gradient = log_softmax_backward(linked, gradient)
        if self.over_targets != "sum":
            gradient = gradient / (terms.shape[1] * terms.shape[2])
        return self._over_targets(terms), gradient

    def _arguments(self, output: Array, target: Array) -> tuple[Array, list[Any]]:
        """Return outputs behind the link, and the arguments of the formula: (rows, targets, outputs per target)."""
        rows, targets = target.shape if target.ndim == 2 else (-1, -1)
        if output.shape != (rows, targets * self.outputs_per_target):
            raise InputError(
                Text(
                    "`{name}` needs outputs of shape (rows, {each} · targets) and targets of shape (rows, targets)",
                    name=self.name,
                    each=self.outputs_per_target,
                ),
                Text("shapes {shape} and {wanted}", shape=output.shape, wanted=target.shape),
                "Convert the targets with `prepare`",
            )
        linked = log_softmax(output) if self.link == "log_softmax" else output
        # (rows, targets, outputs per target) against (rows, targets, 1): quantile levels run along the last axis
        grouped, goal = linked.reshape(rows, targets, -1), target[:, :, None]
        columns = [grouped] if self.columns == 1 else np.split(grouped, self.columns, axis=2)
        values = [np.asarray(v, output.dtype) if isinstance(v, tuple) else v for v in self.values]
        return linked, [*columns, goal, *values]

    def _over_targets(self, terms: Array) -> Array:
        """Return the loss of each row, from that of each of its targets."""
        total: Array = terms.sum(axis=(1, 2)) if self.over_targets == "sum" else terms.mean(axis=(1, 2))
        return total

    def predict(self, output: Array) -> Array:
        """Return predictions from the outputs: probabilities, rates, or the outputs themselves; same shape."""
        return RESPONSES[self.response](output)

    def predict_backward(self, output: Array, d_predicted: Array) -> Array:
        """Return the gradient with respect to outputs, from that with respect to predictions."""
        return RESPONSES_BACKWARD[self.response](self.predict(output), d_predicted)

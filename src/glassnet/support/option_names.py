"""Names of options in other libraries: errors translate them to the names here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar

from glassnet.errors import InputTypeError, shown
from glassnet.support.language import Text

P = ParamSpec("P")
R = TypeVar("R")
Kind = TypeVar("Kind", bound=type[Any])

_ELSEWHERE: Final[Mapping[str, str]] = {
    "learning_rate": "lr learning_rate_init eta eta0",
    "epochs": "max_iter n_epochs num_epochs nb_epoch max_epochs n_iter iterations",
    "hidden_layers": "hidden_layer_sizes hidden_sizes hidden_dims hidden_units hidden_size layers",
    "layers": "hidden_layers hidden_layer_sizes hidden_sizes hidden_dims",
    "optimizer": "solver optim optimiser",
    "weight_decay": "alpha l2 reg reg_lambda l2_regularization",
    "l2": "alpha weight_decay kernel_regularizer l2_regularization",
    "l1": "l1_regularization",
    "batch_size": "batch bs minibatch_size",
    "schedule": "scheduler lr_scheduler lr_schedule learning_rate_schedule",
    "patience": "n_iter_no_change early_stopping_rounds",
    "validation_fraction": "validation_split val_split val_size val_fraction",
    "validation_data": "validation_set val_data eval_set",
    "scoring": "metric metrics eval_metric",
    "seed": "random_state random_seed",
    "random_state": "seed random_seed",
    "clip_norm": "clipnorm grad_clip max_grad_norm gradient_clip_val",
    "clip_value": "clipvalue",
    "ema_decay": "ema_momentum use_ema",
    "members": "n_estimators n_members ensemble_size",
    "units": "n_units num_units out_features neurons",
    "inputs": "in_features input_dim input_size input_shape n_inputs n_features",
    "activation": "act nonlinearity activation_function",
    "loss": "criterion loss_fn loss_function objective",
    "dropout": "dropout_rate drop_rate",
    "rate": "p dropout_rate drop_rate",
    "initializer": "kernel_initializer weight_initializer init",
    "bias": "use_bias fit_intercept",
    "levels": "num_embeddings",
    "size": "embedding_dim",
    "epsilon": "eps",
    "time_limit": "max_time timeout time_budget",
    "budget": "max_time timeout time_budget time_limit",
    "trials": "n_trials n_iter max_trials",
    "cv": "n_splits folds n_folds",
    "n_jobs": "jobs num_workers",
    "jobs": "n_jobs num_workers",
    "verbose": "verbosity",
    "warm_start": "init_model",
    "path": "file filename filepath",
    "X": "x data inputs features",
    "y": "target targets labels",
}
"""By the name here those in scikit-learn, PyTorch, Keras and boosted trees."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    alias: tuple(here for here, names in _ELSEWHERE.items() if alias in names.split())
    for alias in " ".join(_ELSEWHERE.values()).split()
}
"""By the name elsewhere those here, of which a function has one."""


def closest_option(name: str, options: Collection[str]) -> str | None:
    """Which of these options is meant by a name; None: unknown.

    Examples
    --------
    >>> [closest_option(name, ["epochs", "loss"]) for name in ("max_iter", "Epoch", "tree")]
    ['epochs', 'epochs', None]
    """
    known = [here for here in ALIASES.get(name.lower(), ()) if here in options]
    near = get_close_matches(name.lower(), options, n=1)
    return next(iter(known or near), None)


def unknown_option(
    owner: str,
    name: str,
    value: object,
    options: Collection[str],
    others: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[str, str, str]:
    """Rule, received value and remedy of the error of an option that does not exist.

    Parameters
    ----------
    owner : str
        The called function or class: "NeuralNetwork.train".
    name : str
    value : object
        Its value.
    options : collection of str
        Those that it has.
    others : mapping from str to collection of str
        Those of others that belong to it: a constructor and `fit`.

    Examples
    --------
    >>> unknown_option("Dropout", "p", 0.5, ["rate"])
    ('Dropout has no option `p`', '0.5', 'Did you mean `rate`?')
    """
    elsewhere = [(other, name) for other, has in others.items() if name in has]
    elsewhere += [
        (other, here) for other, has in others.items() for here in ALIASES.get(name.lower(), ()) if here in has
    ]
    meant = closest_option(name, options)
    if elsewhere and (meant is None or meant not in ALIASES.get(name.lower(), ())):
        remedy = Text("Pass `{option}` to {name}", name=elsewhere[0][0], option=elsewhere[0][1])
    else:
        remedy = (
            Text("Did you mean `{meant}`?", meant=meant)
            if meant
            else Text("Available: {some}", some=", ".join(options))
        )
    return Text("{owner} has no option `{name}`", owner=owner, name=name), shown(value), remedy


def bound_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> inspect.BoundArguments:
    """Return the arguments of a call by their names.

    Raises
    ------
    InputTypeError
        If they do not fit the function.
    """
    signature = inspect.signature(function)
    path = function.__qualname__.rpartition("<locals>.")[2].split(".")
    choices = [name for name in signature.parameters if name not in ("self", "cls")]
    others: dict[str, Collection[str]] = {}
    if len(choices) < len(signature.parameters) and len(path) > 1 and args:  # a method, perhaps of a base
        kind = args[0] if isinstance(args[0], type) else type(args[0])
        path[-2] = kind.__name__
        doors = {"__init__": kind, "fit": getattr(kind, "fit", None), "train": getattr(kind, "train", None)}
        others = {
            kind.__name__ if way == "__init__" else f"{kind.__name__}.{way}": inspect.signature(door).parameters
            for way, door in doors.items()
            if door is not None and way != path[-1]
        }
    owner = ".".join(part for part in path if not part.startswith("_"))
    takes_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    unknown = [name for name in kwargs if name not in signature.parameters]
    if unknown and not takes_more:
        raise InputTypeError(*unknown_option(owner, unknown[0], kwargs[unknown[0]], choices, others))
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:  # its message does not name the function
        remedy = Text("Available: {some}", some=", ".join(choices))
        raise InputTypeError(
            Text("A call of {name} must match its signature", name=owner), str(error), remedy
        ) from None


def suggests_options(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function answer an unknown option with the closest one; a call that fits takes no longer."""

    @functools.wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError:
            try:
                bound_arguments(function, args, kwargs)
            except InputTypeError as error:
                raise error from None
            raise

    return door


def methods_suggest_options(kind: Kind, *, methods: bool = True) -> Kind:
    """Let the constructor of a class, and its own public methods, answer an unknown option with the closest one."""
    for name, function in list(vars(kind).items()):
        public = name == "__init__" or (methods and not name.startswith("_"))
        if public and inspect.isfunction(function):
            setattr(kind, name, suggests_options(function))
        elif public and isinstance(function, classmethod):
            setattr(kind, name, classmethod(suggests_options(function.__func__)))
    return kind

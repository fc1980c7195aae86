"""The options of an estimator, as scikit-learn wants them: stored as they are given, looked at in ``fit``."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Self, TypeVar, cast

from sklearn.base import BaseEstimator

from glassnet.errors import InputError
from glassnet.estimators.declaration import RULES, Declared
from glassnet.estimators.settings import NOT_SETTINGS
from glassnet.support.option_names import unknown_option

Kind = TypeVar("Kind", bound=type[Declared])


def documented(estimator: Kind) -> Kind:
    """Put the section "Parameters" into the docstring of an estimator, as its options are declared."""
    if estimator.__doc__ is not None:  # which python -OO leaves out
        within = textwrap.TextWrapper(116, initial_indent="    ", subsequent_indent="    ")
        told = ((option.name, option.metadata["kind"], option.metadata["words"]) for option in fields(estimator))
        entries = [f"{name} : {kind}\n{within.fill(words)}" for name, kind, words in told]
        before, heading, after = inspect.cleandoc(estimator.__doc__).partition("Attributes\n----------\n")
        estimator.__doc__ = "\n".join([f"{before}Parameters\n----------", *entries, "", f"{heading}{after}"])
    return estimator


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options in their plain form; None where one is left to the preset.

    Raises
    ------
    InputError, InputTypeError
        If one is none.
    """
    return {name: RULES[name].taken(f"`{name}`", value) for name, value in options.items()}


class Options(Declared, BaseEstimator):
    """The options that both estimators have; None leaves one to the preset."""

    def _given(self) -> dict[str, Any]:
        return given_options({name: getattr(self, name) for name in self._option_names()})

    @classmethod
    def _option_names(cls) -> list[str]:
        """The options declared here; the signature of a subclass may add some and omit others."""
        return sorted(option.name for option in fields(cls) if option.name in RULES)

    def set_params(self, **options: Any) -> Self:
        """Set options by their names, as scikit-learn does; see its documentation."""
        known = self._get_param_names()
        for name, value in options.items():
            if name not in known:
                raise InputError(*unknown_option(type(self).__name__, name, value, known))
        return cast("Self", super().set_params(**options))

    def __sklearn_clone__(self) -> Any:
        try:
            return super().__sklearn_clone__()
        except Exception:  # what has no copy, such as a generator, is mostly no option: the rules say so more clearly
            self._given()
            raise

    @property
    def setting_names(self) -> list[str]:
        """The options that are in ``settings_`` after ``fit``."""
        return [name for name in self._option_names() if name not in NOT_SETTINGS]

    @classmethod
    @cache
    def _get_param_names(cls) -> Any:
        """scikit-learn reads them from the signature each time that it is asked, which is often in a fit."""
        return super()._get_param_names()

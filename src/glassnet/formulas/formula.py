"""The base of formulas: a name, parameters, and a registry from names to formulas.

A formula is written as plain functions; its record ties the functions to a name and to the values of their trailing
arguments. Records are frozen: two are equal when they compute the same thing.
"""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import repeat
from typing import Any, ClassVar, Final, Generic, TypeVar

import numpy as np

from glassnet.display.record import PrintedRecord
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import listed
from glassnet.support.language import Text
from glassnet.support.options import Each, Number, Rule, String, lies_in, validate

Self = TypeVar("Self", bound="Formula")
F = TypeVar("F", bound="Formula")
Value = float | int | bool | tuple[float, ...]


@dataclass(frozen=True, repr=False)
class Formula(PrintedRecord):
    """A named formula with the values of its parameters.

    Parameters
    ----------
    name : str
        The name by which a registry knows it.
    parameters : tuple of (str, value) pairs
        The trailing arguments of the functions, in their order.
    domains : tuple of (str, str) pairs
        The interval in which a parameter must lie, as it is written in mathematics: ``("delta", "(0, inf)")``; or
        ``("cycles", "{1, 2, ...}")`` for whole numbers. Of a tuple each value must.
    """

    options: ClassVar[tuple[str, ...]] = ()
    """Fields of the record, beside the parameters, that a spelling may set (a loss's label smoothing)."""

    name: str
    parameters: tuple[tuple[str, Value], ...] = field(default=(), kw_only=True)
    domains: tuple[tuple[str, str], ...] = field(default=(), kw_only=True, repr=False, compare=False)
    zeros: tuple[float, ...] = field(default=(), init=False, repr=False)
    """The signs of parameters that are zero: 0.0 and -0.0 are equal numbers, but their formulas may differ in bits."""

    def __post_init__(self) -> None:
        validate(self, name=String("Give the name used in errors and files"), parameters=PARAMETERS, domains=DOMAINS)
        values = dict(self.parameters)
        object.__setattr__(self, "zeros", tuple(math.copysign(1.0, value) for value in values.values() if value == 0))
        for name, interval in self.domains:
            if name not in values:
                rule = Text("`domains` must name parameters of the formula")
                raise InputError(rule, repr(name), Text("Available: {some}", some=", ".join(values) or "none"))
            value = values[name]
            numbers = value if isinstance(value, tuple) else (value,)
            if not numbers or not all(_lies_in(number, interval) for number in numbers):
                remedy = Text("Choose a number in this interval (a square bracket belongs to it, a round one does not)")
                if interval.startswith("{"):
                    remedy = Text("Choose one of these whole numbers")
                raise InputError(
                    Text(
                        "`{parameter}` of `{name}` must lie in {interval}",
                        parameter=name,
                        name=self.name,
                        interval=interval,
                    ),
                    value,
                    remedy,
                )

    @property
    def values(self) -> tuple[Value, ...]:
        """The parameters' values, in the order in which the functions take them."""
        return tuple(value for _, value in self.parameters)

    def with_parameters(self: Self, **changes: Value) -> Self:
        """The same formula with other values of its parameters.

        Raises
        ------
        InputError
            If a parameter is not one of the formula's.
        """
        known = dict(self.parameters)
        for name in changes:
            if name not in known and name not in self.options:
                accepted = ", ".join([*known, *self.options])
                raise InputError(
                    Text(
                        "A parameter of `{name}` must be one of: {choices}",
                        name=self.name,
                        choices=accepted or "none, it has no parameters",
                    ),
                    repr(name),
                    "Use one of these names",
                )
        set_options: dict[str, Any] = {name: value for name, value in changes.items() if name in self.options}
        values = tuple((name, changes.get(name, value)) for name, value in self.parameters)
        return replace(self, parameters=values, **set_options) if changes else self

    def settings(self) -> dict[str, Value]:
        """Everything that a spelling may set, by name: the parameters and the options."""
        return dict(self.parameters) | {name: getattr(self, name) for name in self.options}

    def __str__(self) -> str:
        defaults = {f.name: f.default for f in fields(self)}
        shown = dict(self.parameters)
        shown |= {name: getattr(self, name) for name in self.options if getattr(self, name) != defaults[name]}
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in shown.items())})" if shown else self.name


class Registry(Generic[F]):
    """The known formulas of one kind, by name; `of_function` makes one of a plain function, where that is enough.

    Examples
    --------
    >>> from glassnet.formulas.activations import ACTIVATIONS
    >>> str(ACTIVATIONS.get("leaky_relu(slope=0.2)"))
    'leaky_relu(slope=0.2)'
    >>> ACTIVATIONS.get("rleu")
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: An activation must be one of: elu, gelu, ... Received: 'rleu'. Did you mean 'relu'?
    """

    def __init__(
        self, kind: str, record: type[F], of_function: Callable[[Callable[..., Any]], F] | None = None
    ) -> None:
        self.kind = kind
        self.record = record
        self.of_function = of_function
        self._known: dict[str, F] = {}
        self._aliases: dict[str, str] = {}
        self._elsewhere: dict[str, str] = {}
        self._made: dict[tuple[str, str], F] = {}  # networks ask for each of their formulas again and again

    def register(self, formula: F, *aliases: str) -> F:
        """Make a formula known by its name (and aliases).

        Raises
        ------
        InputError
            If another formula has the name already.
        """
        for name in (formula.name, *aliases):
            known = self._known.get(self._aliases.get(name, name))
            if known is not None and known != formula:
                raise InputError(
                    Text("The name of {name} must not be taken", name=self.kind), repr(name), "Choose another name"
                )
        self._known[formula.name] = formula
        self._aliases.update(dict.fromkeys(aliases, formula.name))
        self._made.clear()
        return formula

    def meant_by(self, **names: str) -> None:
        """Names in other libraries, which errors translate."""
        self._elsewhere |= names

    def get(self, spelling: str | F | Callable[..., Any], /, **parameters: Value) -> F:
        """Return the formula that a name, a spelling such as ``"elu(alpha=0.5)"`` or a record stands for.

        Raises
        ------
        InputError
            If the name or a parameter is unknown; the message lists the known ones.
        InputTypeError
            If it is neither text nor a record of this kind.
        """
        if isinstance(spelling, self.record):
            return spelling.with_parameters(**parameters)
        if self.of_function is not None and callable(spelling):
            return self.of_function(spelling)
        if not isinstance(spelling, str):
            raise InputTypeError(
                Text(
                    "{name} must be a name or a record of type `{type_name}`",
                    name=KINDS.get(self.kind, self.kind),
                    type_name=self.record.__name__,
                ),
                shown(spelling),
                Text("Use one of the names {names}, or a formula of your own", names=", ".join(self)),
            )
        if type(spelling) is not str or not all(type(value) is float for value in parameters.values()):
            return self._make(spelling, **parameters)
        key = spelling, repr(parameters)  # as text -0.0 is not 0.0
        if key not in self._made:
            self._made[key] = self._make(spelling, **parameters)
        return self._made[key]

    def _make(self, spelling: str, **parameters: Value) -> F:
        name, positional, named = _parse(spelling)
        formula = self._known.get(self._aliases.get(name, name))
        if formula is None:
            elsewhere = self._elsewhere.get(name.lower())
            guess = (
                [elsewhere]
                if elsewhere
                else difflib.get_close_matches(name.lower(), [*self._known, *self._aliases], n=1)
            )
            raise InputError(
                Text(
                    "{option} must be one of: {choices}",
                    option=KINDS.get(self.kind, self.kind),
                    choices=", ".join(self),
                ),
                repr(spelling),
                Text("Did you mean {name!r}?", name=guess[0])
                if guess
                else "Use one of these names, or a formula of your own",
            )
        if len(positional) > len(formula.parameters):
            raise InputError(
                Text("`{name}` takes {count} parameters", name=name, count=len(formula.parameters)),
                repr(spelling),
                "Omit the extra ones",
            )
        ordered = dict(zip((key for key, _ in formula.parameters), positional, strict=False))
        return formula.with_parameters(**ordered | named | parameters)

    def taken(self, name: str, value: Any) -> F:
        """See :class:`glassnet.support.options.Rule`."""
        return self.get(value)

    def spelling(self, formula: F) -> str:
        """Return the shortest text that :meth:`get` turns into the formula: without parameters that are as registered.

        >>> from glassnet.formulas.activations import ACTIVATIONS
        >>> ACTIVATIONS.spelling(ACTIVATIONS.get("selu")), ACTIVATIONS.spelling(ACTIVATIONS.get("elu(alpha=0.5)"))
        ('selu', 'elu(alpha=0.5)')
        """
        return formula.name if self._known.get(formula.name) == formula else str(formula)

    def written(self, formula: F) -> str:
        """Return the text that stands for a formula in a file, with all its parameters.

        Raises
        ------
        InputError
            If :meth:`get` would not bring the formula back.

        Examples
        --------
        >>> from glassnet.formulas.losses import LOSSES
        >>> LOSSES.written(LOSSES.get("huber"))
        'huber(delta=1.0)'
        """
        text = str(formula)
        if formula.name not in self or self.get(text) != formula:
            raise InputError(
                Text(
                    "{name} must be registered under its name before it can be written to a file",
                    name=KINDS.get(self.kind, self.kind),
                ),
                text,
                "Register it, here and wherever the file is read",
            )
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._known))

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._aliases


KINDS: Final = {
    "an activation": Text("An activation"),
    "an initializer": Text("An initializer"),
    "a loss": Text("A loss"),
    "an optimizer": Text("An optimizer"),
    "a schedule": Text("A schedule"),
}
"""The kind of a formula, at the beginning of a sentence."""
MADE_OF = Text("Use only arithmetic, comparisons and NumPy's elementwise functions")
OF_NUMBERS = Text("A formula must be a function of single numbers, or of arrays, whose shape it keeps")


def of_numbers(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a formula for arrays; one with `if` or `max` is called for each number.

    Raises
    ------
    InputTypeError
        If it cannot be called in either way.

    Examples
    --------
    >>> of_numbers(lambda z: max(z, 0), np.array([[-1.0, 2.0]]))
    array([[0., 2.]])
    """
    arrays = [one for one in arguments if isinstance(one, np.ndarray) and one.ndim]
    if not arrays:  # a number, or a symbol, which traces both branches of a test
        trace = next((one.number_by_number for one in arguments if hasattr(type(one), "number_by_number")), None)
        return function(*arguments) if trace is None else trace(function, arguments)
    shape, dtype = np.broadcast_shapes(*(array.shape for array in arrays)), arrays[0].dtype
    if 0 in shape:  # without numbers a test has no result: call it with one number, and keep only the form
        one = [np.ones_like(a, shape=[n or 1 for n in a.shape]) if isinstance(a, np.ndarray) else a for a in arguments]
        found = of_numbers(function, *one)
        return tuple(np.empty(shape, f.dtype) for f in found) if isinstance(found, tuple) else np.empty(shape, dtype)
    try:
        found = function(*arguments)
    except (TypeError, ValueError, AttributeError):
        return _number_by_number(function, arguments, shape, dtype)
    if isinstance(found, (tuple, np.ndarray)) and np.ndim(found) >= len(shape):
        return found
    if np.asarray(found).dtype.kind in "biuf" and _is_constant(function, found, arguments):
        return np.full(shape, found, dtype)
    if math.prod(shape) == 1:  # an array of one number has a truth value, too
        return _number_by_number(function, arguments, shape, dtype)
    raise InputTypeError(OF_NUMBERS, Text("shape {shape} for {wanted}", shape=np.shape(found), wanted=shape), MADE_OF)


def _number_by_number(
    function: Callable[..., Any], arguments: tuple[Any, ...], shape: tuple[int, ...], dtype: Any
) -> Any:
    spread = [
        np.broadcast_to(one, shape).flat if isinstance(one, np.ndarray) and one.ndim else repeat(one)
        for one in arguments
    ]
    try:
        each = [function(*numbers) for numbers in zip(*spread, strict=False)]
        several = bool(each) and isinstance(each[0], tuple)
        columns = zip(*each, strict=True) if several else (each,)
        made = tuple(np.array(list(map(float, column)), dtype).reshape(shape) for column in columns)
    except Exception as error:  # a user's function may raise any exception
        raise InputTypeError(OF_NUMBERS, f"{type(error).__name__}: {error}", MADE_OF) from error
    return made if several else made[0]


def _is_constant(function: Callable[..., Any], found: Any, arguments: tuple[Any, ...]) -> bool:
    """Return whether a scalar result is a constant, such as 1, and not a sum over the arrays."""
    if np.ndim(found):
        return False
    first = [one.flat[0] if isinstance(one, np.ndarray) and one.ndim else one for one in arguments]
    others = [one + 1 if isinstance(one, np.floating) else one for one in first]
    return bool(function(*first) == found == function(*others))


class _Value:
    """A number or a tuple of numbers, as Python types, which can be printed, compared and hashed."""

    def taken(self, name: str, value: Any) -> Value:
        if isinstance(value, (list, tuple)):
            return Each(ANY_NUMBER, NUMBERS).taken(name, value)
        plain = value.item() if isinstance(value, np.generic) else value
        if type(plain) in (bool, int):
            return plain
        return ANY_NUMBER.taken(name, plain)


class _Interval:
    """An interval as mathematics writes it."""

    def taken(self, name: str, value: Any) -> str:
        text = String(INTERVAL).taken(name, value)
        try:
            lies_in(0.0, text)
            sound = (text[0] in "[(" and text[-1] in "])") or (text[0] == "{" and text.endswith(", ...}"))
        except (ValueError, IndexError):
            sound = False
        if not sound:
            raise InputError(Text("{name} must be an interval", name=name), shown(text), INTERVAL)
        return text


@dataclass(frozen=True)
class _Pair:
    """A name, and what belongs to it."""

    second: Rule

    def taken(self, name: str, value: Any) -> tuple[str, Any]:
        pair = listed(name, value, PAIRS)
        if len(pair) != 2:
            raise InputError(Text("{name} must be a pair", name=name), shown(value), PAIRS)
        key = String(PAIRS).taken(name, pair[0])
        assert isinstance(name, Text)  # of `Each`
        return key, self.second.taken(Text("`{key}` in {option}", key=key, option=name.values["option"]), pair[1])


NUMBERS, PAIRS, INTERVAL = (
    Text("Give a number, or several"),
    Text('For example (("alpha", 1.0),)'),
    Text('For example "(0, 1]"'),
)
ANY_NUMBER = Number("(-inf, inf)", NUMBERS)
PARAMETERS, DOMAINS = Each(_Pair(_Value()), PAIRS), Each(_Pair(_Interval()), 'For example (("alpha", "(0, 1]"),)')


@dataclass(frozen=True)
class Spelled:
    """The rule of an option: a formula, or its name, which stays a name."""

    registry: Registry[Any]
    also: tuple[str, ...] = ()

    def taken(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return self.registry.get(value)
        text = str.__str__(value)
        if text not in self.also:
            self.registry.get(text)
        return text


def _lies_in(number: Any, interval: str) -> bool:
    return not isinstance(number, bool) and isinstance(number, (int, float)) and lies_in(number, interval)


def _parse(spelling: str) -> tuple[str, list[Value], dict[str, Value]]:
    """Parse ``"name(1, b=2)"``; literals only, nothing is evaluated."""
    text = spelling.strip()
    if "(" not in text:
        return text, [], {}
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError("not of the form name(...)")
        positional = [ast.literal_eval(argument) for argument in call.args]
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    # all that hostile text can raise
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise InputError(
            "A formula must be written as name or name(parameter=number, ...)",
            repr(spelling),
            "For example 'leaky_relu' or 'leaky_relu(slope=0.2)'",
        ) from error
    for value in (*positional, *named.values()):
        if not isinstance(value, (int, float, tuple)):
            raise InputError(
                "A parameter of a formula must be a number", repr(spelling), "For example 'elu(alpha=0.5)'"
            )
    return call.func.id, positional, named

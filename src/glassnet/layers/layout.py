"""The layout of a network's parameters in one flat vector.

One vector makes an optimizer one loop, a copy one copy and a checkpoint one array; the arrays of the layers are views
into it, so that writing to either is writing to both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.layers import chain
from glassnet.layers.base import Array, Layer, Parameter
from glassnet.layers.ngram_linear import NgramLinear
from glassnet.support.language import Text
from glassnet.support.messages import of_shape

LINE_BYTES = 64
"""Bytes of a cache line, and of a vector of 512 bits."""

MOST_NUMBERS = 2**31 - 1
"""Some 16 GB, and as much again for gradients: an epoch would take days."""


@dataclass(frozen=True)
class Slot:
    """The slot of a parameter: elements start to stop of the flat vector, of layer `layer` (from 1)."""

    layer: int
    parameter: Parameter
    start: int
    stop: int

    @property
    def name(self) -> str:
        """The parameter's name in the whole network, such as "1.W"."""
        return f"{self.layer}.{self.parameter.name}"

    def view(self, flat: Array) -> Array:
        """Return the parameter in its own shape, sharing memory with the flat vector."""
        return flat[self.start : self.stop].reshape(self.parameter.shape)


class Layout:
    """The parameters and the running statistics of a chain of layers, laid out one after the other.

    Parameters
    ----------
    layers : sequence of Layer
    inputs : int
        The width of a row of input.

    Examples
    --------
    >>> from glassnet.layers import Dense
    >>> layout = Layout([Dense(3, "relu"), Dense(1)], inputs=2)
    >>> [(slot.name, slot.parameter.shape, slot.start) for slot in layout.parameters]
    [('1.W', (2, 3), 0), ('1.b', (3,), 6), ('2.W', (3, 1), 9), ('2.b', (1,), 12)]
    >>> layout.size
    13
    """

    def __init__(self, layers: Sequence[Layer], inputs: int) -> None:
        self.layers = tuple(layers)
        self.widths = chain.sizes(self.layers, inputs)
        pairs = list(zip(self.layers, self.widths, strict=False))
        self.parameters = tuple(_place([layer.parameters(width) for layer, width in pairs]))
        self.statistics = tuple(_place([layer.statistics(width) for layer, width in pairs]))
        self.size = self.parameters[-1].stop if self.parameters else 0
        self.statistics_size = self.statistics[-1].stop if self.statistics else 0
        self.ngrams = max((layer.ngrams for layer in self.layers if isinstance(layer, NgramLinear)), default=0)
        """The number of n-grams of its texts; 0: it takes none."""
        self.least: Array | None = None
        self.most: Array | None = None

    @property
    def text_weights(self) -> Slot | None:
        """The slot of the weights of n-grams, if there are any."""
        ngrams = (slot for slot in self.parameters if isinstance(self.layers[slot.layer - 1], NgramLinear))
        return next(ngrams, None)

    def limit(self, least: Array, most: Array) -> None:
        """Set limits of parameters, which initialization and training keep.

        Parameters
        ----------
        least, most : arrays of shape (parameters,)
        """
        self.least, self.most = least, most

    def bring_within(self, parameters: Array) -> None:
        """Clip parameters to their limits, in place."""
        if self.least is not None and self.most is not None:
            parameters[...] = np.clip(parameters, self.least, self.most)

    def check_parameters(self, flat: Array) -> None:
        """Refuse parameters beyond their limits.

        Raises
        ------
        InputError
            If there are such.
        """
        if self.least is None or self.most is None:
            return
        beyond = np.flatnonzero((flat < self.least) | (flat > self.most))
        if len(beyond):
            place = int(beyond[0])
            (slot,) = (slot for slot in self.parameters if slot.start <= place < slot.stop)
            rule = Text(
                "With `monotone`, values of `{name}` must be from {least:g} to {most:g}",
                name=slot.name,
                least=self.least[place],
                most=self.most[place],
            )
            raise InputError(rule, f"{flat[place]:g}", "Pass those of a network trained with the same `monotone`")

    def initial(self, seed: int, dtype: npt.DTypeLike) -> tuple[Array, Array]:
        """Initial parameters and statistics, flat: the same for the same seed in both precisions.

        Raises
        ------
        InputError
            If an initializer gives another shape than the parameter has, or the memory does not hold so many numbers.
        """
        rng = np.random.default_rng(seed)
        try:
            if self.size > MOST_NUMBERS:
                raise MemoryError
            parameters = _fill(self.parameters, self.size, rng, dtype)
            if self.least is not None and self.most is not None:  # of the same size on the other side
                low, high = parameters < self.least, parameters > self.most
                parameters[low | high] *= -1
                self.bring_within(parameters)
            return parameters, _fill(self.statistics, self.statistics_size, rng, dtype)
        except MemoryError:
            rule = Text("The parameters of a network must fit into memory")
            raise InputError(
                rule, Text("{size:,} of them", size=self.size), "Use fewer units, or fewer layers"
            ) from None

    def check_statistics(self, flat: Array) -> None:
        """Refuse running statistics that training cannot give.

        Raises
        ------
        InputError
            If a number is none that it may be: a variance below 0.
        """
        for slot in self.statistics:
            numbers, allowed = slot.view(flat), slot.parameter
            wrong = ~(numbers >= allowed.least)  # NaN, too
            if wrong.any():
                rule = Text(
                    "The running statistic `{name}` must be {least:g} or more", name=slot.name, least=allowed.least
                )
                raise InputError(
                    rule, f"{numbers[wrong][0]:g}", "Check that it is trained and that the file is complete"
                )

    def values(self, parameters: Array, statistics: Array) -> list[dict[str, Array]]:
        """Return the arrays of each layer by name, as views into the two flat vectors."""
        values = self.gradients(parameters)
        for slot in self.statistics:
            values[slot.layer - 1][slot.parameter.name] = slot.view(statistics)
        return values

    def gradients(self, flat: Array) -> list[dict[str, Array]]:
        """Return views of a flat vector for the parameters of each layer."""
        views: list[dict[str, Array]] = [{} for _ in self.layers]
        for slot in self.parameters:
            views[slot.layer - 1][slot.parameter.name] = slot.view(flat)
        return views

    def named(self, flat: Array) -> dict[str, Array]:
        """Return a view for each parameter by its name in the network."""
        return {slot.name: slot.view(flat) for slot in self.parameters}


def as_flat(name: str, numbers: Any, size: int) -> Array:
    """Return a flat vector as engines take it: unchanged, if it is contiguous.

    Raises
    ------
    InputError
        If it is of another size or type.
    """
    array = np.asarray(numbers)
    if array.shape != (size,) or array.dtype not in (np.float32, np.float64):
        rule = Text(
            "`{name}` of this network must be an array of shape {shape}, of float32 or float64",
            name=name,
            shape=(size,),
        )
        raise InputError(
            rule,
            Text("shape {shape}, {dtype}", shape=array.shape, dtype=array.dtype),
            "Pass the arrays of a network with these layers",
        )
    fits = array.flags.carray and array.dtype.isnative
    return array if fits else np.array(array, array.dtype.newbyteorder("="), order="C")


def usable(numbers: Array) -> Array:
    """Return an unpickled vector as engines take it: a copy, if it is unaligned or read-only.

    It may lie in a file, or in bytes that came from elsewhere: at odd places, and closed to writing, which kernels do
    not ask about.

    >>> sent = np.frombuffer(bytes(8))
    >>> sent.flags.writeable, usable(sent).flags.writeable
    (False, True)
    """
    odd = numbers.ctypes.data % numbers.itemsize  # of no numbers NumPy would say that they are aligned
    return numbers if not odd and numbers.flags.writeable else np.array(numbers)


def on_lines(size: int, dtype: npt.DTypeLike) -> Array:
    """Return zeros aligned to a cache line: a vector across two lines is read twice."""
    memory = np.zeros(size * np.dtype(dtype).itemsize + LINE_BYTES, np.uint8)
    start = -memory.ctypes.data % LINE_BYTES
    return memory[start : start + size * np.dtype(dtype).itemsize].view(dtype)


def _place(of_layers: Sequence[tuple[Parameter, ...]]) -> Iterator[Slot]:
    at = 0
    for layer, parameters in enumerate(of_layers, 1):
        for parameter in parameters:
            size = math.prod(parameter.shape)
            yield Slot(layer, parameter, at, at + size)
            at += size


def _fill(slots: tuple[Slot, ...], size: int, rng: np.random.Generator, dtype: npt.DTypeLike) -> Array:
    flat = on_lines(size, dtype)
    for slot in slots:
        # a vector (bias, gain) or a number is a matrix of weights from a single input, which is always 1; of a stack of
        # matrices each is drawn by itself, for its own numbers of inputs and units
        fan_in, fan_out = (1, 1, *slot.parameter.shape)[-2:]
        for matrix in slot.view(flat).reshape(-1, fan_in, fan_out):
            start = slot.parameter.initializer(rng, (fan_in, fan_out))
            if np.shape(start) != (fan_in, fan_out):
                raise InputError(
                    Text(
                        "The initializer of `{name}` must return shape {shape}", name=slot.name, shape=(fan_in, fan_out)
                    ),
                    of_shape(np.shape(start)),
                    "Return an array of the requested shape",
                )
            matrix[...] = start
    return flat

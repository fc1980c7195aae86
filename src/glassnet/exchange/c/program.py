"""A whole model in C: which functions there are, in which order they are called, and where their results lie."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.exchange.c.function import Function
from glassnet.exchange.c.parts import Part, size_of
from glassnet.exchange.c.tables import Table, Tables
from glassnet.exchange.c.values import Parameter
from glassnet.exchange.graph import Graph, Node

__all__ = ["Call", "Program", "Section"]


@dataclass(frozen=True)
class Call:
    """A function of a part with what it is given.

    Attributes
    ----------
    function : str
    given : tuple of (Parameter, Table or None)
        A table, or None for an input or output, whose place depends on who calls.
    part : Part
    result : Node or None
        What is returned.
    """

    function: str
    given: tuple[tuple[Parameter, Table | None], ...]
    part: Part
    result: Node | None

    @property
    def network(self) -> str:
        """The number of the network whose layer it is; "" for everything else."""
        return self.part.scope.name.partition(".")[0] if self.part.scope.part == "layer" else ""


@dataclass
class Section:
    """Calls that stand in one function, and the arrays in which they lay their results.

    Attributes
    ----------
    calls : list of Call
    places : dict from Node to str
        Where numbers lie, in the words of that function.
    buffers : list of [type, name, size]
        Each for several results, one after the other.
    """

    calls: list[Call] = field(default_factory=list)
    places: dict[Node, str] = field(default_factory=dict)
    buffers: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def declared(self) -> list[str]:
        """The declarations of the arrays."""
        return [f"{kind} {name}[{size}];" for kind, name, size in self.buffers]

    @property
    def stack(self) -> int:
        """Bytes of the arrays."""
        return sum(size * {"float": 4, "double": 8, "int64_t": 8, "bool": 1}[kind] for kind, _, size in self.buffers)


@dataclass
class Program:
    """A model, ready to be written.

    Attributes
    ----------
    prefix : str
        What every public name begins with.
    graph : Graph
    fields : dict from Node to str
        The names of the inputs and outputs of the graph, as fields of structures.
    functions : dict from str to (Function, Part)
        By name, in the order of the file.
    tables : Tables
    row : Node or None
        What the encoder gives and the network takes; None: there is no encoder.
    encoder, network, prediction : Section
        The calls of each of three functions; those of a network stand for all networks, if there are several.
    several : bool
        Whether there are several networks.
    networks : list of list of Call
        Of several networks with the same layers the calls of each; else empty.
    """

    prefix: str
    graph: Graph
    fields: dict[Node, str]
    several: bool = False
    functions: dict[str, tuple[Function, Part]] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables)
    row: Node | None = None
    encoder: Section = field(default_factory=Section)
    network: Section = field(default_factory=Section)
    prediction: Section = field(default_factory=Section)
    networks: list[list[Call]] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        """Everything that the functions call."""
        return {name for function, _ in self.functions.values() for name in function.used}

    @property
    def stack(self) -> int:
        """Bytes of arrays that are there at the same time, at most."""
        row = 0 if self.row is None else size_of(self.row) * self.row.dtype.itemsize
        deepest = max(self._needs(section) for section in (self.encoder, self.network, self.prediction))
        answers = sum(size_of(calls[-1].part.outputs[0]) * 4 for calls in self.networks)
        return row + answers + deepest

    def _needs(self, section: Section) -> int:
        return section.stack + max((self.functions[call.function][0].stack for call in section.calls), default=0)

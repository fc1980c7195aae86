"""The parts of a graph as functions of Python: columns, layers, the answer."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import Graph, Node, Scope
from glassnet.exchange.graph.dataflow import Array, constant
from glassnet.exchange.python.expressions import RESERVED, Special, body
from glassnet.exchange.python.template import KINDS
from glassnet.ir.printing import free_name
from glassnet.tables.columns.texts import TextColumn

__all__ = ["WIDTH", "PartWriter", "identifier", "shown"]

READERS: Final = {
    **dict.fromkeys(("number", "boolean", "matrix"), "read_numbers"),
    **dict.fromkeys(("duration", "time"), "read_seconds"),
    "date": "read_days",
    "datetime": "read_moments",
}
"""What reads the cells of a column; text is looked up as it is."""
WIDTH: Final = 110


class PartWriter:
    """Writes the parts one by one; of equal functions one is written."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.weights: dict[str, Array] = {}  # by the part, a slash, and the name in its function
        self.tables: list[str] = []  # assignments that stand in front of all functions
        self.readers: set[str] = set()  # the functions of `runtime.py` that are used
        self._functions: dict[str, str] = {}
        self._prelude: list[str] = []
        self._given: Node  # the numbers of the table
        self._names: set[str] = set(RESERVED)
        self._outputs = set(graph.outputs.values())
        self._parts: dict[Scope, list[Node]] = {}
        self._users: dict[Node, set[Scope]] = {}
        for node in graph.nodes:
            if node.operation not in ("input", "constant"):
                self._parts.setdefault(node.scope, []).append(node)
            for source in node.inputs:
                self._users.setdefault(source, set()).add(node.scope)

    def functions(self) -> str:
        """The functions since the last call, and two empty lines behind each."""
        text = "".join(f"def {name}{rest}\n\n\n" for rest, name in self._functions.items())
        self._functions = {}
        return text

    # ---------------------------------------------------------------- columns

    def encode(self) -> tuple[list[str], Node]:
        """The lines of the function that encodes a table, and the node that is its matrix."""
        calls: list[tuple[str, Node]] = []
        joined: list[Node] = []
        for scope in [*self._parts]:
            if scope.part in ("column", "text"):
                calls.append(self._column(scope))
            elif scope.part == "encoder" and scope.name:
                calls.append(self._numbers(scope))
            elif scope.part == "codes":
                calls.append(self._codes(scope))
            elif scope.part == "encoder":
                joined = self._parts[scope]
        if not calls:  # a bare network takes the matrix as it is
            (source,) = self.graph.inputs
            self.readers.add("read_numbers")
            return [f'return read_numbers(columns["X"], "X").astype(np.{source.node.dtype.name})'], source.node
        if not joined:
            return [*self._prelude, f"return {calls[0][0]}"], calls[0][1]
        lines = [f"        {call}," for call, _ in calls]
        return [*self._prelude, "return np.concatenate(", "    [", *lines, "    ],", "    axis=1,", ")"], joined[-1]

    def _numbers(self, scope: Scope) -> tuple[str, Node]:
        """All number columns at once: how the function is called, and what it gives."""
        inputs = [source for source in self.graph.inputs if scope in self._users[source.node]]
        nodes = self._parts[scope]
        self._given = x = inputs[0].node
        if len(inputs) > 1:
            concat = tuple(source.node for source in inputs)
            self._given = x = next(n for n in nodes if n.operation == "concat" and n.inputs == concat)
        if inputs[0].kind == "matrix":
            self.readers.add("read_numbers")
            read = 'read_numbers(columns["X"], "X")'
            if any(part.part == "codes" for part in self._parts):  # which take the numbers, too
                self._prelude.append(f"x = {read}")
                read = "x"
        else:
            spans = [source.name for source in inputs if READERS[source.kind] == "read_seconds"]
            self.readers |= {READERS[source.kind] for source in inputs}
            self.tables.append(f"NUMBERS = {shown([source.name for source in inputs])}")
            if spans:
                self.tables.append(f"DURATIONS = {shown(spans)}")
            reader, read = "read_numbers", "x"
            if spans:
                reader = "read[name]"
                self._prelude.append(
                    "read = {name: read_seconds if name in DURATIONS else read_numbers for name in NUMBERS}"
                )
            self._prelude.append(f"x = np.stack([{reader}(columns[name], name) for name in NUMBERS], axis=1)")
        name, more = self._function("encode_numbers", scope, {x: "x"}, f"{scope.note.capitalize()}.", "numbers")
        return f"{name}({read}{more})", self._result(scope)

    def _codes(self, scope: Scope) -> tuple[str, Node]:
        """The codes of a column of numbers: how the function is called, and what it gives."""
        note, part = f"Column {scope.name!r}: codes of its values.", f"codes {identifier(scope.name)}"
        name, more = self._function(f"encode_codes_{identifier(scope.name)}", scope, {self._given: "x"}, note, part)
        return f"{name}(x{more})", self._result(scope)

    def _column(self, scope: Scope) -> tuple[str, Node]:
        """One column of text or time, or what its n-grams add: how the function is called, and what it gives."""
        (source,) = (source for source in self.graph.inputs if source.name == scope.name)
        word, reader = identifier(scope.name), READERS.get(source.kind)
        title = "encode" if scope.part == "column" else "score"
        part = f"{scope.part} {word}"
        while any(key.startswith(f"{part}/") for key in self.weights):
            part += "_"
        note = f"Column {scope.name!r}: {KINDS[source.kind] if scope.part == 'column' else scope.note}."
        name, more = self._function(f"{title}_{word}", scope, {source.node: word}, note, part, self._table(scope))
        cells = f"columns[{shown(scope.name)}]"
        if reader is not None:
            self.readers.add(reader)
            cells = f"{reader}({cells}, {shown(scope.name)})[:, None]"
        return f"{name}({cells}{more})", self._result(scope)

    def _table(self, scope: Scope) -> Special:
        """Text becomes numbers by a table that stands in front of the functions, or by what is known of n-grams."""

        def written(node: Node, text: Callable[[Node], str]) -> str | None:
            if node.operation == "ngrams":
                column: TextColumn = node.attributes["column"]
                known: list[Node] = []
                if column.ngrams:
                    alphabet, keys = column.known
                    letters = [ord(character) for character in alphabet.characters[1:]]  # the blank is in every one
                    known = [constant(letters, np.uint32, "alphabet"), constant(keys, np.uint64, "keys")]
                self.readers.add("encode_texts")
                return f"encode_texts({', '.join(map(text, [*node.inputs, *known]))})"
            if node.operation == "lookup":
                return "level"  # is written with the next node, which takes the axis away that a lookup has not here
            if not (node.operation == "reshape" and node.inputs[0].operation == "lookup"):
                return None
            node = node.inputs[0]
            table, levels = f"{identifier(scope.name).upper()}_CODES", node.attributes
            while any(line.startswith(f"{table} =") for line in self.tables):
                table += "_"
            codes = dict(zip(levels["keys"], levels["values"], strict=True))
            self.tables.append(f"{table} = {shown(codes)}")
            self.readers.add("look_up")
            return f"look_up({text(node.inputs[0])}, {table}, {levels['default']})"

        return written

    # ---------------------------------------------------------------- networks

    def networks(self, x: Node) -> tuple[list[Node], list[str]]:
        """Write the layers of all networks; their outputs, and the function of each, which those of one build share."""
        layers: dict[str, list[Scope]] = {}
        for scope in self._parts:
            if scope.part == "layer":
                layers.setdefault(scope.name.partition(".")[0], []).append(scope)
        outputs, names = [], []
        for scopes in layers.values():
            given, steps = x, []
            again = any(scope in self._users[x] for scope in scopes[1:])  # what texts add stands beside the inputs
            for scope in scopes:
                number = scope.name.partition(".")[2]
                title = re.sub(r"(?<!^)(?=[A-Z])", "_", re.split(r"\W", scope.note)[0]).lower()
                note = f"Layer {number}: {scope.note}."
                also = {x: "encoded"} if given is not x and scope in self._users[x] else {}
                name, more = self._function(f"{title}_{number}", scope, {given: "x"} | also, note, scope.name)
                learned = f', weights(f"{{network}}.{number}")' if more else ""
                steps.append(f"x = {name}({', '.join(['x', *also.values()])}{learned})")
                given = self._result(scope)
            *steps, last = steps
            gives = last.removeprefix("x = ")
            takes, note = "x: Array, network: int", "All layers of one network."
            steps = ["encoded = x", *steps] if again else steps
            names.append(self._named("run_network", takes, note, steps, gives))
            outputs.append(given)
        return outputs, names

    # ------------------------------------------------------------------ answer

    def answer(self, outputs: Sequence[Node]) -> None:
        """Write the function that makes answers of the outputs of the networks."""
        several = len(outputs) > 1
        given = {node: f"outputs[{at}]" for at, node in enumerate(outputs)} if several else {outputs[0]: "output"}

        def stacked(node: Node, text: object = None) -> str | None:
            inner = [source.inputs[0] if source.operation == "reshape" else source for source in node.inputs]
            return "np.stack(outputs)" if several and node.operation == "concat" and inner == [*outputs] else None

        nodes = self._parts.get(Scope(), [])
        hidden = {source for node in nodes if stacked(node) for source in node.inputs}
        results, written = [*self.graph.outputs.values()], [node for node in nodes if node not in hidden]
        lines, gives, learned = self._body("answer", written, given, results, stacked)
        pairs = [f'"{name}": {value}' for name, value in zip(self.graph.outputs, gives, strict=True)]
        result = f"{{{', '.join(pairs)}}}"
        if len(result) > WIDTH - 10:
            result = "\n".join(["{", *(f"    {line}," for pair in pairs for line in pair.split("\n")), "}"])
        if learned:
            lines = ['w = weights("answer")', *lines]
        takes = "outputs: Sequence[Array]" if several else "output: Array"
        note = "What the outputs of the networks mean." if several else "What the output of the network means."
        self._names -= {"answer"}
        self._named("answer", takes, note, lines, result, "dict[str, Array]")

    # --------------------------------------------------------------- functions

    def _function(
        self, title: str, scope: Scope, given: dict[Node, str], note: str, part: str, special: Special | None = None
    ) -> tuple[str, str]:
        """Write a part; the name of its function, and what a call has behind its first argument."""
        nodes = self._parts[scope]
        kind = "Sequence[Any]" if any(node.operation in ("lookup", "ngrams") for node in nodes) else "Array"
        lines, gives, learned = self._body(part, nodes, given, [self._result(scope)], special)
        takes = ", ".join(f"{argument}: {kind}" for argument in given.values()) + ", w: Weights" * learned
        name = self._named(title, takes, note, lines, gives[0])
        return name, f", weights({shown(part)})" if learned else ""

    def _body(
        self, part: str, nodes: Sequence[Node], given: dict[Node, str], results: Sequence[Node], special: Special | None
    ) -> tuple[list[str], list[str], bool]:
        """Lines and results, and whether they take arrays that were learned, which are kept under the part's name."""
        names: dict[Node, str] = {}

        def constant(node: Node) -> str:
            if node.name == "classes":
                return "CLASSES"
            if node not in names:
                names[node] = free_name(node.name or "constant", names.values())
                self.weights[f"{part}/{names[node]}"] = node.known
            return f'w["{names[node]}"]'

        lines, gives = body(nodes, given, results, constant, special)
        return lines, gives, bool(names)

    def _named(self, title: str, takes: str, note: str, lines: Sequence[str], gives: str, kind: str = "Array") -> str:
        """The name of the function with this text, which is written unless it is there."""
        escaped = note.replace("\\", "\\\\").replace('"""', "'''")
        escaped = f"{escaped} " if escaped.endswith('"') else escaped
        inner = [f'"""{escaped}"""', *lines, *f"return {gives}".split("\n")]
        rest = "\n".join([f"({takes}) -> {kind}:", *(f"    {line}" for line in inner)])
        if rest not in self._functions:
            name = free_name(title, self._names)
            self._names.add(name)
            self._functions[rest] = name
        return self._functions[rest]

    def _result(self, scope: Scope) -> Node:
        """The node of a part that others need."""
        found = (n for n in self._parts[scope] if n in self._outputs or self._users.get(n, set()) - {scope})
        (result,) = (node for node in found if node is not getattr(self, "_given", None))
        return result


def shown(value: Any) -> str:
    """Text, numbers, and lists and tables of them as Python, in as few lines as will do.

    Examples
    --------
    >>> shown({"a": 1, "b": 2}), shown([True, "c"])
    ('{"a": 1, "b": 2}', '[True, "c"]')
    """
    if isinstance(value, dict):
        entries, ends = [f"{shown(key)}: {shown(one)}" for key, one in value.items()], "{}"
    elif isinstance(value, (list, tuple)):
        entries, ends = [shown(one) for one in value], "[]"
    else:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    line = f"{ends[0]}{', '.join(entries)}{ends[1]}"
    if len(line) <= WIDTH - 20:
        return line
    lines = [""]
    for entry in entries:
        if len(lines[-1]) + len(entry) > WIDTH - 6 and lines[-1]:
            lines.append("")
        lines[-1] += f" {entry}," if lines[-1] else f"{entry},"
    return "\n".join([ends[0], *(f"    {line}" for line in lines), ends[1]])


def identifier(name: str) -> str:
    """A name of Python's for a column.

    Examples
    --------
    >>> identifier("Net income (€)"), identifier("2nd"), identifier("年龄"), identifier("class"), identifier("look_up")
    ('net_income', 'c_2nd', '年龄', 'class_', 'look_up_')
    """
    plain = re.sub(r"\W+", "_", name).strip("_").lower() or "column"
    if not plain.isidentifier():
        plain = f"c_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) or plain in ("w", "np", *RESERVED) else plain

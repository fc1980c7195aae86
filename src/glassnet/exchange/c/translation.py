"""From a function in plain Python to the same function in C, statement by statement.

It knows what the functions of the compiled engine are made of: assignments, arithmetic, choices between two numbers,
calls, and whole numbers of 32 bits where the text says so. Everything else is refused.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.literals import comment, number

CALLS: Final = {"abs": "fabsf", "with_sign_of": "copysignf"}
KINDS: Final = {"to_bits": "int32_t", "integer": "int32_t"}
"""Functions that do not give a float."""
SYMBOLS: Final[dict[type, str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
FLOAT: Final = np.dtype(np.float32)


def called_in(function: Callable[..., Any]) -> Iterator[str]:
    for node in ast.walk(_parsed(function)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def _parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return definition


def fields_of(functions: Any) -> dict[str, list[str]]:
    """What the results of a function that gives several are called, by those who call it."""
    found: dict[str, list[str]] = {}
    for function in functions:
        for node in ast.walk(_parsed(function)):
            if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)):
                continue
            if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
                names = [target.id for target in node.targets[0].elts if isinstance(target, ast.Name)]
                if "_" not in names:
                    found[node.value.func.id] = names
    return found


class Translation:
    """One function of the engine; `fields` name the results of those that give several, polynomials begin with x⁰."""

    def __init__(
        self,
        function: Callable[..., Any],
        spelled: Callable[[str], str],
        fields: dict[str, list[str]],
        polynomials: dict[str, tuple[float, ...]],
    ) -> None:
        self.definition = _parsed(function)
        self.fields, self.polynomials, self.name_of = fields, polynomials, spelled
        self.lines = textwrap.dedent(inspect.getsource(function)).splitlines()
        self.known = dict(inspect.getclosurevars(function).nonlocals)
        self.types = {argument.arg: self._type_of_argument(argument.arg) for argument in self.definition.args.args}
        self.spelled: dict[str, str] = {}
        self.before = ""

    def _type_of_argument(self, name: str) -> str:
        whole = any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "integer"
            and any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))
            for node in ast.walk(self.definition)
        )
        return "int32_t" if whole else "float"

    def text(self) -> str:
        """The function in C, with what must stand before it."""
        name = self.definition.name
        parameters = ", ".join(f"{kind} {argument}" for argument, kind in self.types.items())
        body, result = [], "float"
        at = self.definition.body[0].lineno
        for statement in self.definition.body:
            if isinstance(statement, ast.Expr):  # the docstring
                continue
            said = " ".join(
                line.strip("# ") for line in self.lines[at : statement.lineno - 1] if line.strip()[:1] == "#"
            )
            at = statement.end_lineno or statement.lineno
            body += [comment(said, "    ")] if said else []
            if isinstance(statement, ast.Return):
                assert statement.value is not None
                if isinstance(statement.value, ast.Tuple):
                    result = f"struct {name}"
                    body += self._several(name, statement.value.elts)
                else:
                    body.append(f"return {self._plain(statement.value)};")
            else:
                assert isinstance(statement, ast.Assign)
                body += [self._assignment(target, value) for target, value in _pairs(statement)]
        described = ast.get_docstring(self.definition) or ""
        head = f"{comment(described)}\n" if described else ""
        signature = f"static inline {result} {self.name_of(name)}({parameters})"
        lines = "\n".join(line if line.startswith(" ") else f"    {line}" for line in body)
        return f"{self.before}{head}{signature}\n{{\n{lines}\n}}\n"

    def _several(self, name: str, values: list[ast.expr]) -> list[str]:
        fields = self.fields[name]
        kinds = [self._typed(value)[1] for value in values]
        declared = " ".join(f"{kind} {field};" for kind, field in zip(kinds, fields, strict=True))
        self.before += f"struct {name} {{ {declared} }};\n\n"
        texts = ", ".join(self._plain(value) for value in values)
        return [f"const struct {name} found = {{{texts}}};", "return found;"]

    def _assignment(self, target: ast.expr, value: ast.expr) -> str:
        if isinstance(target, ast.Tuple):
            assert isinstance(value, ast.Call)
            assert isinstance(value.func, ast.Name)
            source = value.func.id
            for element, field in zip(target.elts, self.fields[source], strict=True):
                assert isinstance(element, ast.Name)
                self.spelled[element.id] = f"parts.{field}"
                self.types[element.id] = "float" if field == "p" else "int32_t"
            return f"const struct {source} parts = {self._plain(value)};"
        assert isinstance(target, ast.Name)
        said, kind = self._typed(value)
        if target.id in self.types:
            return f"{target.id} = {said};"
        self.types[target.id] = kind
        again = sum(
            isinstance(other, ast.Name) and other.id == target.id and isinstance(other.ctx, ast.Store)
            for other in ast.walk(self.definition)
        )
        return f"{'const ' if again == 1 else ''}{kind} {target.id} = {said};"

    def _plain(self, node: ast.expr) -> str:
        return self._typed(node)[0]

    def _operand(self, node: ast.expr) -> str:
        """A part of an expression; in parentheses, unless it is a single name, number or call."""
        text, inner = self._plain(node), _without_cast(node)
        return (
            f"({text})"
            if (isinstance(inner, (ast.BinOp, ast.Compare)) or _is_choice(inner)) and text[:9] != "(int32_t)"
            else text
        )

    def _typed(self, node: ast.expr) -> tuple[str, str]:
        """An expression in C, and its type."""
        match node:
            case ast.Name(id=name) if name in self.types:
                return self.spelled.get(name, name), self.types[name]
            case ast.Name(id=name):
                return _constant(self.known[name])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._operand(operand)}", self._typed(operand)[1]
            case ast.Call(func=ast.Name(id="choose"), args=[test, one, other]):
                return f"{self._plain(test)} ? {self._operand(one)} : {self._operand(other)}", self._typed(one)[1]
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return f"{self._operand(left)} {SYMBOLS[type(operation)]} {self._operand(right)}", "bool"
            case ast.BinOp(left=left, op=operation, right=right):
                return self._arithmetic(left, operation, right)
            case ast.Call(func=ast.Name(id="integer"), args=[argument]):
                return self._typed(argument)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                if name in self.polynomials:
                    polynomial = _polynomial(name, self.polynomials[name])
                    self.before += "" if polynomial in self.before else polynomial
                given = ", ".join(self._plain(argument) for argument in arguments)
                return f"{CALLS.get(name, self.name_of(name))}({given})", KINDS.get(name, "float")
        raise NotImplementedError(ast.dump(node))

    def _arithmetic(self, left: ast.expr, operation: ast.operator, right: ast.expr) -> tuple[str, str]:
        sign = SYMBOLS[type(operation)]
        if "float" in (self._typed(left)[1], self._typed(right)[1]):
            return self._fused(left, sign, right) or f"{self._operand(left)} {sign} {self._operand(right)}", "float"
        a, b = self._operand(left), self._operand(right)
        if sign == ">>":  # of negative numbers, too: every compiler keeps the sign
            return f"{a} >> {b}", "int32_t"
        # bits that leave at the upper end are meant to, which C allows for numbers without sign alone
        second = b if sign == "<<" else f"(uint32_t){b}"
        return f"(int32_t)((uint32_t){a} {sign} {second})", "int32_t"

    def _fused(self, left: ast.expr, sign: str, right: ast.expr) -> str | None:
        """A product and a sum in one operation, as the engine may take them; None if it is neither."""
        if sign not in "+-":
            return None
        minus = "-" if sign == "-" else ""
        for product, other, first, last in ((right, left, minus, ""), (left, right, "", minus)):
            if isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
                a, b = (self._plain(one) for one in (product.left, product.right))
                a = f"-{self._operand(product.left)}" if first else a
                c = f"-{self._operand(other)}" if last else self._plain(other)
                return f"FUSED({a}, {b}, {c})"
        return None


def _pairs(statement: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Names and what they are given, of ``a, b = x, y`` both."""
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _is_choice(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "choose"


def _without_cast(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "integer":
        node = node.args[0]
    return node


def _constant(value: Any) -> tuple[str, str]:
    if isinstance(value, (np.integer, int)):
        return (hex(int(value)) if abs(int(value)) > 1000 else str(int(value))), "int32_t"
    return number(value, FLOAT), "float"


def _polynomial(name: str, coefficients: tuple[float, ...]) -> str:
    """A polynomial in pairs, as the engine adds them: (a + bx) + (c + dx) x², and so on; FUSED(a, b, c) is a b + c."""
    terms = [number(value, FLOAT) for value in map(np.float32, coefficients)]
    lines, power = [], "x"
    while len(terms) > 1:
        pairs = [f"({high} * {power} + {low})" for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(terms) & ~1 :]
        if len(terms) > 1:
            squared = f"x{2 * int(power[1:] or 1)}"
            lines.append(f"    const float {squared} = {power} * {power};")
            power = squared
    declared = "\n".join(lines)
    return f"static inline float {name}(float x)\n{{\n{declared}\n    return {terms[0]};\n}}\n\n"

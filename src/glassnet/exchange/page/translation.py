"""From a formula in plain Python to the same formula in JavaScript, statement by statement.

It knows what formulas are made of: assignments, arithmetic, choices, calls, tuples. Everything else is refused.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, Final

CHOICE, COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(7)
"""How firmly the parts of an expression hold together."""
OPERATORS: Final[dict[type, tuple[str, int]]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.Div: ("/", PRODUCT),
    ast.Pow: ("**", POWER),
}
COMPARISONS: Final[dict[type, str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.Is: "===",
}
NUMPY: Final = {"abs": "abs", "maximum": "max", "minimum": "min", "sign": "sign", "sqrt": "sqrt"}
"""Functions of NumPy's, and what JavaScript calls them."""


def called_in(function: Callable[..., Any]) -> list[str]:
    """The names that a formula uses and does not define: of other formulas, and of constants.

    Examples
    --------
    >>> from glassnet.formulas.activations import silu
    >>> called_in(silu)
    ['sigmoid']
    """
    definition = _parsed(function)
    names = [node.id for node in ast.walk(ast.Module(definition.body, [])) if isinstance(node, ast.Name)]
    own = {argument.arg for argument in definition.args.args}
    own |= {node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return sorted(set(names) - own - {"np"})


def translated(function: Callable[..., Any]) -> str:
    """A formula as a function of the same name in JavaScript.

    Examples
    --------
    >>> from glassnet.formulas.activations import elu
    >>> print(translated(elu))
    function elu(z, alpha) {
      return z > 0 ? z : alpha * expm1(min(z, 0));
    }
    """
    definition = _parsed(function)
    known = [argument.arg for argument in definition.args.args]
    head = f"function {definition.name}({', '.join(known)}) {{"
    stored = [
        node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    again = {name for name in stored if stored.count(name) > 1}
    return "\n".join([head, *_statements(definition.body, set(known), again, "  "), "}"])


def _parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise NotImplementedError(ast.dump(definition))
    return definition


def _statements(statements: list[ast.stmt], known: set[str], again: set[str], indent: str) -> list[str]:
    lines: list[str] = []
    for statement in statements:
        match statement:
            case ast.Expr(value=ast.Constant()):  # the docstring
                continue
            case ast.Return(value=ast.expr() as value):
                lines.append(f"{indent}return {_said(value)};")
            case ast.Assign(targets=[target], value=value):
                lines.append(f"{indent}{_assignment(target, value, known, again)};")
            case ast.If(test=test, body=body, orelse=[]):
                inside = _statements(body, known, again, f"{indent}  ")
                lines += [f"{indent}if ({_said(test)}) {{", *inside, f"{indent}}}"]
            case _:
                raise NotImplementedError(ast.dump(statement))
    return lines


def _assignment(target: ast.expr, value: ast.expr, known: set[str], again: set[str]) -> str:
    """Names that are new are declared; what is given anew must be declared already."""
    names = [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
    new = [name for name in names if name not in known]
    if new and len(new) < len(names):
        raise NotImplementedError(f"{', '.join(names)} are given a value together, and only some of them are new")
    known |= set(names)
    declared = ("let " if again & set(new) else "const ") if new else ""
    return f"{declared}{_said(target)} = {_said(value)}"


def _said(node: ast.expr, level: int = CHOICE) -> str:
    """An expression; in parentheses where it holds together less firmly than what is around it."""
    text, own = _expression(node)
    return f"({text})" if own < level else text


def _expression(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.Constant(value=None):
            return "undefined", ATOM
        case ast.Constant(value=bool() as value):
            return str(value).lower(), ATOM
        case ast.Constant(value=int() | float() as value):
            return repr(value), ATOM
        case ast.Name(id=name):
            return name, ATOM
        case ast.Tuple(elts=elements):
            return f"[{', '.join(map(_said, elements))}]", ATOM
        case ast.Starred(value=value):
            return f"...{_said(value, ATOM)}", ATOM
        case ast.Subscript(value=value, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as place))):
            return f"{_said(value, ATOM)}.at(-{place})", ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_said(operand, ATOM)}", UNARY
        case ast.IfExp(test=test, body=yes, orelse=no):
            return _choice(test, yes, no)
        case ast.Compare(left=left, ops=[operation], comparators=[right]):
            return f"{_said(left, SUM)} {COMPARISONS[type(operation)]} {_said(right, SUM)}", COMPARISON
        case ast.BinOp(left=left, op=operation, right=right):
            sign, level = OPERATORS[type(operation)]
            first, second = (ATOM, UNARY) if level == POWER else (level, level + 1)
            return f"{_said(left, first)} {sign} {_said(right, second)}", level
        case ast.Call(func=function, args=arguments, keywords=[]):
            return _call(function, arguments)
    raise NotImplementedError(ast.dump(node))


def _choice(test: ast.expr, yes: ast.expr, no: ast.expr) -> tuple[str, int]:
    return f"{_said(test, COMPARISON)} ? {_said(yes, COMPARISON)} : {_said(no)}", CHOICE


def _call(function: ast.expr, arguments: list[ast.expr]) -> tuple[str, int]:
    match function, arguments:
        case ast.Attribute(value=ast.Name(id="np"), attr="where"), [test, yes, no]:
            return _choice(test, yes, no)
        case ast.Attribute(value=ast.Name(id="np"), attr=name), _ if name in NUMPY:
            return f"{NUMPY[name]}({', '.join(map(_said, arguments))})", ATOM
        case ast.Name(id="indicator"), [condition, _]:
            return f"Number({_said(condition)})", ATOM
        case ast.Name(id="whole_power"), [base, exponent]:
            return f"{_said(base, ATOM)} ** {_said(exponent, UNARY)}", POWER
        case ast.Name(id=name), _:
            return f"{name}({', '.join(map(_said, arguments))})", ATOM
    raise NotImplementedError(ast.dump(function))

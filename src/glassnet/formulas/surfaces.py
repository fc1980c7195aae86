r"""Small loss surfaces to try an optimizer on, of one number or of two: what stands in the way of training, by itself.

Each is a pair of plain functions: the height, and its gradient as a tuple, right below each other. A network's loss is
such a surface with as many directions as there are parameters; here one can be seen whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.formulas.formula import Formula, Registry


@dataclass(frozen=True, repr=False)
class Surface(Formula):
    """A loss surface: its height, its gradient, and its interesting region.

    Parameters
    ----------
    name : str
    function : callable
        ``f(x)`` or ``f(x, y)``, the height.
    gradient : callable
        Of the same numbers, a tuple with a number for each.
    reach : tuple of (float, float)
        From where to where, for each number.
    start : tuple of float
        Where descending is interesting.
    rate : float
        A learning rate for rules whose steps are as long as the gradient is (sgd, momentum).
    stride : float
        One for rules that make steps of about the learning rate's length (adam, rmsprop).

    Examples
    --------
    >>> SURFACES.get("ravine").function(1.0, 1.0), SURFACES.get("ravine").gradient(1.0, 1.0)
    (10.5, (1.0, 20.0))
    """

    function: Callable[..., Any]
    gradient: Callable[..., tuple[Any, ...]]
    reach: tuple[tuple[float, float], ...]
    start: tuple[float, ...]
    rate: float
    stride: float


SURFACES: Registry[Surface] = Registry("a surface", Surface)


def parabola(x: Any) -> Any:
    """x²/2: steps of rate α multiply x by 1 - α, so from α = 2 on they lead ever farther away.

    >>> parabola(3.0)
    4.5
    """
    return 0.5 * x * x


def parabola_gradient(x: Any) -> tuple[Any]:
    """(x,)."""
    return (x,)


def valleys(x: Any) -> Any:
    """x⁴/4 - x² + 0.3 x + 1.5: a local minimum on the right, a deeper one on the left.

    >>> valleys(0.0)
    1.5
    """
    return 0.25 * x * x * x * x - x * x + 0.3 * x + 1.5


def valleys_gradient(x: Any) -> tuple[Any]:
    """(x³ - 2 x + 0.3,)."""
    return (x * x * x - 2 * x + 0.3,)


def plateau(x: Any) -> Any:
    """x² / (1 + x²): far from its minimum so flat that hardly any gradient is left.

    >>> plateau(3.0)
    0.9
    """
    return x * x / (1 + x * x)


def plateau_gradient(x: Any) -> tuple[Any]:
    """(2 x / (1 + x²)²,)."""
    return (2 * x / ((1 + x * x) * (1 + x * x)),)


def bowl(x: Any, y: Any) -> Any:
    """(x² + y²)/2: the gradient points away from the minimum everywhere.

    >>> bowl(3.0, 4.0)
    12.5
    """
    return 0.5 * (x * x + y * y)


def bowl_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """(x, y)."""
    return x, y


def ravine(x: Any, y: Any) -> Any:
    """(x² + 20 y²)/2: twenty times as steep across as along; steps that suit one direction do not suit the other.

    >>> ravine(0.0, 1.0)
    10.0
    """
    return 0.5 * (x * x + 20 * y * y)


def ravine_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """(x, 20 y)."""
    return x, 20 * y


def saddle(x: Any, y: Any) -> Any:
    """x² - y² + y⁴/4 + 1: at (0, 0) a minimum along x and a maximum along y; the minima are at y = ±√2.

    >>> saddle(0.0, 0.0)
    1.0
    """
    return x * x - y * y + 0.25 * y * y * y * y + 1


def saddle_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """(2 x, y³ - 2 y)."""
    return 2 * x, y * y * y - 2 * y


def basins(x: Any, y: Any) -> Any:
    """The valleys along x, a parabola along y: two basins, of which one is deeper.

    >>> basins(0.0, 2.0)
    3.5
    """
    return valleys(x) + 0.5 * y * y


def basins_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """(x³ - 2 x + 0.3, y)."""
    return x * x * x - 2 * x + 0.3, y


def rosenbrock(x: Any, y: Any) -> Any:
    """(1 - x)² + 100 (y - x²)²: a bent ravine whose floor hardly falls; its minimum is at (1, 1).

    Source: Rosenbrock (1960), *An Automatic Method for Finding the Greatest or Least Value of a Function*.

    >>> rosenbrock(0.0, 1.0)
    101.0
    """
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)


def rosenbrock_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    """(2 (x - 1) - 400 x (y - x²), 200 (y - x²))."""
    return 2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)


for _surface in (
    Surface("parabola", parabola, parabola_gradient, ((-3, 3),), (-2.6,), 0.3, 0.2),
    Surface("valleys", valleys, valleys_gradient, ((-2.3, 2.3),), (2.1,), 0.05, 0.1),
    Surface("plateau", plateau, plateau_gradient, ((-5, 5),), (4.0,), 0.5, 0.2),
    Surface("bowl", bowl, bowl_gradient, ((-3, 3), (-2, 2)), (-2.4, 1.5), 0.1, 0.1),
    Surface("ravine", ravine, ravine_gradient, ((-3, 3), (-2, 2)), (-2.6, 1.4), 0.04, 0.1),
    Surface("saddle", saddle, saddle_gradient, ((-3, 3), (-2, 2)), (2.4, 0.01), 0.05, 0.05),
    Surface("basins", basins, basins_gradient, ((-2.4, 2.4), (-1.6, 1.6)), (2.1, 1.2), 0.05, 0.1),
    Surface("rosenbrock", rosenbrock, rosenbrock_gradient, ((-2, 2), (-1, 3)), (-1.2, 1.0), 0.0005, 0.05),
):
    SURFACES.register(_surface)

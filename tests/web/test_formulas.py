"""The formulas of the parts' pages in node, beside the Python that they are said again from."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from glassnet.exchange.page.formulas import FILES
from glassnet.exchange.page.javascript import function_text
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.surfaces import SURFACES
from glassnet.ir.scalar import capture, symbol
from glassnet.support.scripts import WEB
from tests.node import run_program

Z = [-30.0, -4.0, -2.5, -1.0, -0.3, -1e-3, 0.4, 1.0, 2.0, 5.0, 40.0]
STEPS = 40
BY_HAND = {
    "model/operations.js": "NumPy's functions under their names",
    "parts/ground.js": "bands of height on a logarithmic scale",
    "playground/dialogs/landscape.js": "bands of the loss on a logarithmic scale",
    "playground/session/random.js": "draws of the page's own generator",
    "playground/session/tables.js": "toy tables, which the page alone has",
}
SCRIPT = """
const { ACTIVATIONS, LOSSES, OPTIMIZERS, SURFACES } = await import("%s");
const { erf, erfc } = await import("%s");
const z = %s;
const of = (record, ask) => Object.fromEntries(Object.entries(record).map(([name, one]) => [name, ask(one)]));
const descend = ({ rule, slots, coefficients }) => {
  let [theta, memory, told, found] = [1.5, slots.map(() => 0), undefined, []];
  for (let t = 1; t <= %d; t++) {
    told = coefficients(t, told);
    [theta, ...memory] = rule(theta, 3 * theta ** 3 - 1, memory, 0.05, told);
    found.push(theta);
  }
  return found;
};
console.log(JSON.stringify({
  erf: z.map((one) => [erf(one / 5), erfc(one / 5)]),
  activations: of(ACTIVATIONS, ({ f, slope }) => z.map((one) => [f(one), slope(one, f(one))])),
  losses: of(LOSSES, ({ value, slope }) => z.map((one) => [value(one, 0.75), slope(one, 0.75)])),
  optimizers: of(OPTIMIZERS, descend),
  surfaces: of(SURFACES, ({ f, gradient, reach }) => {
    const place = reach.map(([low, high]) => low + 0.3 * (high - low));
    return [f(...place), ...gradient(...place)];
  }),
}));
"""


@pytest.mark.parametrize("name", FILES)
def test_the_module_says_what_the_formulas_say(name):
    """If it does not: make wasm."""
    assert (WEB / name).read_text(encoding="utf-8") == FILES[name](), "run make wasm"


def test_no_page_computes_what_formulas_are_made_of_by_hand():
    """Numbers come from the engine or from generated modules; each exception has its reason."""
    found = set()
    for path in Path(str(WEB)).rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        if not text.startswith("// Generated") and re.search(r"\bMath\.(exp|expm1|log|log1p|tanh|cosh|erf)\b", text):
            found.add(path.relative_to(str(WEB)).as_posix())
    assert found == set(BY_HAND)


@pytest.fixture(scope="module")
def computed():
    script = SCRIPT % (WEB / "parts" / "formulas.js", WEB / "model" / "erf.js", Z, STEPS)
    return run_program(script)


@pytest.mark.slow
def test_the_error_function_gives_the_same(computed):
    expected = [[special.erf(z / 5), special.erfc(z / 5)] for z in Z]
    np.testing.assert_allclose(computed["erf"], expected, rtol=1e-13)


@pytest.mark.slow
def test_every_activation_gives_the_same(computed):
    names = [name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise]
    assert set(computed["activations"]) == set(names), "run make wasm"
    for name in names:
        one, z = ACTIVATIONS.get(name), np.array(Z)
        a = one(z)
        expected = np.transpose([a, one.derivative(z, a, *one.values) * np.ones_like(z)])
        np.testing.assert_allclose(computed["activations"][name], expected, rtol=1e-12, atol=1e-300, err_msg=name)


@pytest.mark.slow
def test_every_loss_of_single_numbers_gives_the_same(computed):
    assert "mse" in computed["losses"]
    assert "cross_entropy" not in computed["losses"]
    for name, found in computed["losses"].items():
        one, z = LOSSES.get(name), np.array(Z)
        values = [value[0] if isinstance(value, tuple) else value for value in one.values]
        expected = np.transpose([f(z, 0.75, *values) * np.ones_like(z) for f in (one.function, one.derivative)])
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300, err_msg=name)


@pytest.mark.slow
def test_every_optimizer_takes_the_same_path(computed):
    assert set(computed["optimizers"]) == set(OPTIMIZERS)
    for name in OPTIMIZERS:
        rule, theta, told = OPTIMIZERS.get(name), np.array(1.5), None
        slots, path = rule.start(theta), []
        for t in range(1, STEPS + 1):
            told = rule.at_step(t, told)
            theta, *slots = rule(theta, 3 * theta**3 - 1, slots, 0.05, told)
            path.append(float(theta))
        np.testing.assert_allclose(computed["optimizers"][name], path, rtol=1e-9, err_msg=name)


@pytest.mark.slow
def test_every_surface_has_the_same_height_and_gradient(computed):
    assert set(computed["surfaces"]) == set(SURFACES)
    for name in SURFACES:
        surface = SURFACES.get(name)
        place = [low + 0.3 * (high - low) for low, high in surface.reach]
        expected = [surface.function(*place), *surface.gradient(*place)]
        np.testing.assert_allclose(computed["surfaces"][name], expected, rtol=1e-12, err_msg=name)


def test_what_javascript_does_not_have_is_refused():
    with pytest.raises(NotImplementedError, match="arctan2"):
        function_text("angle", ("x", "y"), capture(np.arctan2, symbol("x"), symbol("y")))


def test_a_negative_base_of_a_power_stands_in_parentheses():
    text = function_text("f", ("x",), capture(lambda x: (-x) ** 3 - 2 * (-x), symbol("x")))
    assert "return (-x) ** 3 - 2 * -x;" in text

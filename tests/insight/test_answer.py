"""The answer that is explained is the one that is predicted, and its gradient is its slope."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.insight.answer import ScalarOutput
from tests.gradient import assert_close, numerical_gradient
from tests.insight.people import KINDS, PEOPLE, model_of, output_of

ROWS = 6


def bent(answer, X, by=0.0):
    """Rows as `slopes` takes them, moved by so much before they are bent."""
    lifted = answer.points(answer.encoded(X))
    return [bend(point + by) for bend, point in zip(answer.bends(), lifted, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_every_kind_of_answer_is_its_slope(kind):
    """By each coordinate that is lifted and bent, of each network."""
    answer = ScalarOutput(model_of(kind), output_of(kind))
    X = PEOPLE.polars()[:ROWS]
    chosen = answer.chosen(answer.answers(X))
    points = bent(answer, X, by=0.001)  # off where sums are zero, and relu has a kink
    _, gradients = answer.slopes(points, chosen)
    for place, gradient in enumerate(gradients):

        def asked(moved, place=place):
            others = [*points[:place], moved, *points[place + 1 :]]
            return float(answer.slopes(others, chosen)[0].sum()) / answer.scale[0]

        assert_close(gradient / answer.scale[0], numerical_gradient(asked, points[place]), f"{kind}, network {place}")
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_what_the_model_predicts(kind):
    model, X = model_of(kind), PEOPLE.polars()
    answer = ScalarOutput(model, output_of(kind))
    points, chosen = bent(answer, X), answer.chosen(answer.answers(X))
    value, _ = answer.slopes(points, chosen)
    if kind == "hinge":
        predicted = np.abs(model.decision_function(X))
    elif kind == "hinge of classes":
        predicted = model.decision_function(X).max(axis=1)
    elif kind == "answers":
        predicted = model.predict_proba(X)[:, 1]
    elif hasattr(model, "classes_"):
        predicted = model.predict_proba(X).max(axis=1)
    else:
        predicted = model.predict(X).reshape(len(X), -1)[:, {"quantiles": 1}.get(kind, 0)]
    np.testing.assert_allclose(value, predicted, rtol=1e-9)
    if hasattr(model, "classes_") and kind != "answers":
        assert [answer.classes[place] for place in chosen] == model.predict(X).tolist()


def test_an_output_may_be_named():
    model, X = model_of("classes"), PEOPLE.polars()
    proba = model.predict_proba(X)
    for place, name in enumerate(["a", "b", "c"]):
        answer = ScalarOutput(model, name)
        value, _ = answer.slopes(answer.points(answer.encoded(X)), answer.chosen(answer.answers(X)))
        np.testing.assert_allclose(value, proba[:, place])
    high = ScalarOutput(model_of("quantiles"), 2)
    np.testing.assert_allclose(high.answers(X)[:, high.output], model_of("quantiles").predict(X)[:, 2])


@pytest.mark.slow
def test_crossing_quantiles_are_put_in_order_and_so_are_their_slopes():
    """Where the outputs cross, the lowest level is another output than usual."""
    model = model_of("quantiles")
    last = f"{len(model.network_.layers)}.b"
    before = model.network_[last].copy()
    try:
        model.network_[last][...] = before[::-1] * [1, 1, 1] + [2.0, 0.0, -2.0]
        for output in range(3):
            answer = ScalarOutput(model, output)
            X = PEOPLE.polars()[:ROWS]
            points, chosen = bent(answer, X), answer.chosen(answer.answers(X))
            value, (gradient,) = answer.slopes(points, chosen)
            np.testing.assert_allclose(value, np.sort(model.predict(X), axis=1)[:, output])

            def asked(moved, answer=answer, chosen=chosen):
                return float(answer.slopes([moved], chosen)[0].sum()) / answer.scale[0]

            assert_close(gradient / answer.scale[0], numerical_gradient(asked, points[0]), f"quantile {output}")
    finally:
        model.network_[last][...] = before


def test_beyond_the_clamp_nothing_changes():
    model = model_of("clamped")
    answer = ScalarOutput(model)
    far = answer.encoded(PEOPLE.polars()[:1])
    far[0, 0] = 1e3
    value, (gradient,) = answer.slopes([far], np.zeros(1, int))
    assert value[0] in (PEOPLE.score.min(), PEOPLE.score.max())
    assert np.abs(gradient).max() == 0


def test_outputs_that_are_none_are_refused():
    with pytest.raises(InputError, match=r"`output` must be one of the classes \['a', 'b', 'c'\]. Received: 'd'"):
        ScalarOutput(model_of("classes"), "d")
    with pytest.raises(InputTypeError, match="`output` must be an integer from 0 to 2. Received: None"):
        ScalarOutput(model_of("answers"))
    for wrong in (3, -1, True, "a", 0.5):
        with pytest.raises((InputError, InputTypeError), match="from 0 to 2. Received"):
            ScalarOutput(model_of("quantiles"), wrong)

"""Records are printed shortly, and the records that one holds are a table in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from xml.etree import ElementTree

import numpy as np
import pytest

import glassnet
from glassnet.display.record import MOST_ROWS, PrintedRecord
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES
from glassnet.tables.table_summary import TableSummary


@dataclass(frozen=True, repr=False)
class Part(PrintedRecord):
    name: str
    share: float | None = None
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, repr=False)
class Whole(PrintedRecord):
    parts: tuple[Part, ...]
    rows: int = 0
    steps: list[int] = field(default_factory=list)


def cells(whole: Whole) -> list[str]:
    tree = ElementTree.fromstring(whole._repr_html_() or "")
    return ["".join(cell.itertext()) for row in tree.iter("tr") for cell in row]


def test_what_is_as_by_default_is_not_printed() -> None:
    assert repr(Whole((Part("a"),))) == "Whole(parts=(Part(name='a'),))"
    assert repr(Whole((), 1, [2])) == "Whole(parts=(), rows=1, steps=[2])"


def test_long_values_are_cut_short() -> None:
    long = Part("a" * 100, counts=tuple((name, 1) for name in "abcdef"))
    assert len(repr(long)) < 130
    assert repr(long).endswith("counts=(('a', 1), ('b', 1), ('c', 1), ...))")
    three = ", ".join(["Part('b', ...)"] * 3)
    assert repr(Whole((Part("b", 0.5, long.counts),) * 4)) == f"Whole(parts=({three}, ...))"


@pytest.mark.parametrize("formulas", [ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES], ids=lambda each: each.kind)
def test_a_formula_is_printed_with_the_names_of_its_functions(formulas) -> None:
    for name in formulas:
        text = repr(formulas.get(name))
        assert f"name={name!r}" in text
        assert "0x" not in text
        assert len(text) < 260


def test_a_trainer_is_printed_with_what_was_chosen() -> None:
    assert repr(glassnet.Trainer(epochs=3, batch_size=8)) == "Trainer(batch_size=8, epochs=3)"


def test_no_public_record_with_many_fields_has_the_text_of_a_dataclass() -> None:
    public = [getattr(glassnet, name) for name in glassnet.__all__]
    dumped = [one for one in public if is_dataclass(one) and hasattr(one.__repr__, "__wrapped__")]
    assert max(len(fields(one)) for one in dumped) <= 5


def test_records_are_a_table_in_a_notebook() -> None:
    counts = (("x", 2), ("y", 1))
    assert cells(Whole((Part("a"), Part("<b>", 1 / 3, counts)))) == [
        *("name", "share", "counts"),
        *("a", "", ""),
        *("<b>", "0.3333", "x: 2, y: 1"),
    ]
    assert Part("a")._repr_html_() is None


def test_of_many_records_the_first_are_shown() -> None:
    shown = cells(Whole(tuple(Part(str(place)) for place in range(2 * MOST_ROWS))))
    assert shown[-6:] == [str(MOST_ROWS - 1), "", "", "…", "…", "…"]


def test_a_model_tells_of_its_training_rows() -> None:
    rows = [[1.5, "a"], [None, "b"], [2.5, "b"]]
    plan = glassnet.TableEncoder().fit(rows).plan
    summary = TableSummary.of(rows, np.array([0, 1, 1]), plan, classes=True)
    assert "array" not in repr(summary)
    shown = "".join(ElementTree.fromstring(summary._repr_html_() or "").itertext())
    assert "b: 2, a: 1" in shown
    assert "1.5, 2, 2.5" in shown

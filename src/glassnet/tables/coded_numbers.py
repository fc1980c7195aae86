"""The number columns of a table whose values get codes, too: those that are named, or whose numbers are names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.errors import InputError
from glassnet.support.coercion import real_array
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.tables.columns.conversion import as_numbers
from glassnet.tables.columns.number_levels import JUDGED, NumberLevels, are_names, values_with_codes
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.matched_columns import open_matched
from glassnet.training.split import sample_rows


def coded_numbers(plan: EncoderPlan, X: Any, targets: Any, names: Sequence[str] | None) -> list[NumberLevels]:
    """Return the codes of columns; see :meth:`glassnet.TableEncoder.with_number_levels`."""
    table, positions = open_matched(X, plan)
    varying = plan.numbers.sources[: plan.numbers.values].tolist()
    there = [plan.names[source] for source in varying]
    for name in names or ():
        if name not in there:
            rule = Text("`number_levels` must name columns of the table that hold numbers, which vary")
            received = next((each.in_words for each in plan.describe() if each.name == name), repr(name))
            raise InputError(rule, received, Text("These do: {some}", some=", ".join(there[:20]) or "none"))
    remedy = Text("Encode them first, or use NeuralClassifier")
    known = real_array("The targets", targets, remedy)
    if known.ndim != 2 or len(known) != table.rows:
        raise InputError(Text("The targets must be an array of shape (rows, outputs)"), of_shape(known.shape), remedy)
    judged = sample_rows(table.rows, JUDGED)
    found = []
    for source, name in zip(varying, there, strict=True):
        if names is None or name in names:
            kind = plan.kinds[source]
            numbers = as_numbers(table.column(int(positions[source])), kind, name, plan.notation)
            if not (names or are_names(numbers[judged], known[judged])):
                continue
            values = values_with_codes(numbers)
            if names and not values:
                rule = Text("`number_levels` must name columns of which several rows have the same value")
                remedy = Text("Leave it out: a value of one row tells nothing of others")
                raise InputError(rule, repr(name), remedy)
            found.append(NumberLevels(name, source, kind, values))
    return found

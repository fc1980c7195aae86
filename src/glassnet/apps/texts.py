"""The words of the command line and of the server's pages: each text once, by its name; catalogues have the Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from glassnet.support.language import Text

TEXTS: Final[dict[str, Text]] = {
    "topic.best": Text("best"),
    "topic.card": Text("card"),
    "topic.checked": Text("checked"),
    "topic.compiled": Text("compiled"),
    "topic.doctor": Text("doctor"),
    "topic.estimated": Text("estimated"),
    "topic.file": Text("file"),
    "topic.folder": Text("folder"),
    "topic.gives": Text("gives"),
    "topic.importances": Text("importances"),
    "topic.left_out": Text("left out"),
    "topic.memory": Text("memory"),
    "topic.model": Text("model"),
    "topic.network": Text("network"),
    "topic.notation": Text("notation"),
    "topic.note": Text("note"),
    "topic.nothing": Text(""),
    "topic.playground": Text("playground"),
    "topic.ready": Text("ready"),
    "topic.report": Text("report"),
    "topic.rows": Text("rows"),
    "topic.search": Text("search"),
    "topic.searched": Text("searched"),
    "topic.serving": Text("serving"),
    "topic.stopped": Text("stopped"),
    "topic.table": Text("table"),
    "topic.takes": Text("takes"),
    "topic.target": Text("target"),
    "topic.task": Text("task"),
    "topic.text": Text("text", context="kind of column"),
    "topic.trained": Text("trained"),
    "topic.training": Text("training"),
    "topic.verdict": Text("verdict"),
    "topic.next": Text("next step"),
    "topic.warning": Text("warning"),
    "topic.written": Text("written"),
    "list.colon": Text(": "),
    "list.comma": Text(", "),
    "list.semicolon": Text("; "),
    "list.and": Text(" and ", context="apps"),
    "list.more": Text("{names} and {count} more"),
    "list.brackets": Text(" ({text})"),
    "count.row": Text("{count:,} rows"),
    "count.one_row": Text("1 row"),
    "count.test_row": Text("{count:,} test rows"),
    "count.one_test_row": Text("1 test row"),
    "count.column": Text("{count:,} columns"),
    "count.one_column": Text("1 column"),
    "count.empty_cell": Text("{count:,} empty cells"),
    "count.one_empty_cell": Text("1 empty cell"),
    "count.input": Text("{count:,} inputs"),
    "count.one_input": Text("1 input"),
    "count.epoch": Text("{count:,} epochs"),
    "count.one_epoch": Text("1 epoch"),
    "count.prediction": Text("{count:,} predictions"),
    "count.one_prediction": Text("1 prediction"),
    "count.byte": Text("{count:,} bytes"),
    "count.one_byte": Text("1 byte"),
    "count.trial": Text("{count:,} trials"),
    "count.one_trial": Text("1 trial"),
    "count.kernel": Text("{count:,} kernels"),
    "count.one_kernel": Text("1 kernel"),
    "cells.numbers": Text("{count} numbers"),
    "cells.one_numbers": Text("1 number"),
    "cells.booleans": Text("{count} booleans"),
    "cells.one_booleans": Text("1 boolean"),
    "cells.moments": Text("{count} dates or times"),
    "cells.one_moments": Text("1 date or time"),
    "cells.text": Text("{count} text"),
    "cells.empty": Text("{count} empty"),
    "table.standard_input": Text("standard input"),
    "table.found": Text("{name}: {rows}; {columns} used as features: {kinds}"),
    "table.read": Text("{name}: {rows}; {columns} used by the model: {kinds}"),
    "table.gaps": Text("; {cells} in {names}"),
    "table.words": Text("read as missing: {words}. --missing names other texts"),
    "table.word": Text("{word} in {name} ({count:,})"),
    "table.noticed": Text("{what}. {remedy}"),
    "target.numbers": Text("{name}: {low} to {high}, mean {mean}"),
    "target.classes": Text("{name}: {shares}"),
    "target.share": Text("{value} ({share:.0%})"),
    "target.task": Text("{task}: {reason}"),
    "target.may_be_numbers": Text("if the integers are scores or amounts, not classes: --task regression"),
    "target.as_you_said": Text("as given"),
    "target.classification": Text("classification"),
    "target.regression": Text("regression"),
    "target.a_column": Text("a column"),
    "target.a_number": Text("a number"),
    "target.with_positive": Text("{answers}; {positive}"),
    "target.one_of": Text("one of {names}"),
    "target.line": Text("{name}: {answers}"),
    "rows.training": Text("{count:,} for training"),
    "rows.validation": Text("{count:,} for validation"),
    "rows.test": Text("{count:,} for testing"),
    "rows.no_test": Text("none for testing, so no scores"),
    "rows.dropped": Text("{count:,} dropped (no target)"),
    "rows.left_out": Text("{count:,} not used (earlier rows of groups in the test)"),
    "rows.tied": Text("no {name} in more than one of them"),
    "rows.latest": Text("the latest by {name} for testing"),
    "rows.scored": Text("{count:,} scored"),
    "rows.not_known": Text("these may not be the training rows, so some checks were skipped"),
    "network.constant": Text("{names}: the same in every row"),
    "network.shape": Text("{layers}; {parameters}"),
    "network.texts": Text(
        "{names}: free text, from whose {count:,} n-grams the network learns; --free-text none: categories"
    ),
    "network.ngrams": Text("plus a linear model of n-grams"),
    "network.outputs": Text("{count} out"),
    "network.first": Text("the first of {count}, whose predictions are averaged"),
    "network.parameters": Text("{count} parameters"),
    "network.parameters_each": Text("{count} parameters each"),
    "network.layer_Blend": Text("parametric {name}"),
    "network.layer_Copies": Text("{members} copies"),
    "network.layer_Dropout": Text("dropout {rate:g}"),
    "network.layer_BatchNorm": Text("batch norm"),
    "network.layer_LayerNorm": Text("layer norm"),
    "network.layer_Embedding": Text("embedding"),
    "network.layer_PeriodicEmbedding": Text("periodic embedding"),
    "network.layer_PiecewiseLinearEmbedding": Text("piecewise linear embedding"),
    "network.layer_Residual": Text("residual"),
    "network.layer_RMSNorm": Text("RMS norm"),
    "network.layer_Scale": Text("scale"),
    "plan.preset": Text("preset {name}"),
    "plan.members": Text("average of {count} members"),
    "plan.kind": Text("{members} × {settings}"),
    "plan.refits": Text("{count} of them refitted on all rows"),
    "plan.shared": Text("{count} members per network, sharing weights"),
    "plan.learning_rate": Text("learning rate {rate:g} ({schedule})"),
    "plan.weight_decay": Text("weight decay {rate:g}"),
    "plan.batches": Text("batches of {count}"),
    "plan.epochs": Text("up to {epochs}"),
    "plan.patience": Text("or {count} without improvement"),
    "ended.epochs_each": Text("{epochs} epochs"),
    "timings.part": Text("part"),
    "timings.seconds": Text("seconds"),
    "timings.read": Text("read the table"),
    "timings.examine": Text("examine and split the table"),
    "timings.encode": Text("encode the rows"),
    "timings.fit": Text("train the networks"),
    "timings.member": Text("— network {number}"),
    "timings.evaluate": Text("evaluate the network"),
    "timings.compare": Text("train and evaluate baselines"),
    "timings.diagnose": Text("run the doctor"),
    "timings.explain": Text("compute importances"),
    "timings.report": Text("make the report"),
    "ended.trained": Text("{epochs} in {seconds:.1f} s: {why}{kept}"),
    "ended.stopped": Text("after {epochs}, {seconds:.1f} s{kept}"),
    "ended.best_kept": Text("; the weights of epoch {epoch} are kept"),
    "ended.best_kept_each": Text("; the weights of each validated member's best epoch are kept ({epoch})"),
    "ended.last_kept": Text("; the last weights are kept"),
    "ended.goes_on": Text("to resume from the last checkpoint, run:"),
    "file.size": Text("{file} ({size})"),
    "file.written_by": Text("{file}, {size}, written by {versions}"),
    "scores.corner": Text("actual ↓ predicted →"),
    "scores.test_scores": Text("test scores"),
    "scores.positive": Text("positive class: {name}"),
    "scores.positive_from": Text("positive class: {name}, from a probability of {threshold}"),
    "scores.by_costs": Text("{positive} (by the costs of errors)"),
    "scores.by_score": Text("{positive} (chosen for {score})"),
    "inspect.columns": Text("column|kind|inputs|encoding"),
    "inspect.settings": Text("setting|value"),
    "inspect.ended": Text("{why}."),
    "explain.row": Text("row {place}"),
    "explain.base": Text("baseline"),
    "explain.meaning": Text(
        "the number after “rather than” is the baseline: the prediction with all columns unknown; in parentheses: "
        "the contribution of each column"
    ),
    "explain.too_few": Text(
        "not measured: {rows} with a known {target} are too few to tell an effect from chance; at least {fewest} "
        "are needed"
    ),
    "doctor.healthy": Text("No problems found."),
    "doctor.note": Text("No serious problems, but note: {what}."),
    "doctor.warning": Text("Check this first: {what}."),
    "doctor.serious": Text("Do not rely on this model until this is resolved: {what}."),
    "search.hint": Text("press Ctrl-C to stop early and keep the best options"),
    "search.went": Text("{trials} in {seconds:.0f} s ({states}), by {validation}; {ended}"),
    "search.best": Text("{metric} {best}; with the defaults {default}"),
    "search.head": Text("trial|seconds|options"),
    "search.defaults": Text("the defaults: {options}"),
    "export.written": Text("{files}, {format}, {size}"),
    "export.c_written": Text("{source} and {header}, C99, {size} of text"),
    "export.field": Text("{name} ({kind})"),
    "export.memory": Text("{tables} of tables, {weights}; {stack} on the stack"),
    "export.one_byte": Text("8-bit weights"),
    "export.single": Text("single-precision weights"),
    "export.not_run": Text("the C code was not run: {why}"),
    "export.deviation": Text("{rows}, largest difference {largest}"),
    "export.changed": Text("the class changes in {share:.2%} of them"),
    "export.score": Text("{what} {after} (the model: {before})"),
    "train.not_held_out": Text(
        "{missing:,} of {rows:,} training rows have no prediction: every member was trained on them. By --cv 5, and "
        "with five members or more, every row has one."
    ),
    "predict.written": Text("{file}: {predictions} in {seconds:.1f} s"),
    "warm.compiled": Text("{kernels} in {seconds} s, for {precisions}"),
    "serve.serving": Text("{address}, model {digest} of {file}"),
    "serve.answered": Text("all pending requests were answered"),
    "playground.written": Text("{count} files; the page is {page}"),
    "playground.open": Text("{address}; press Ctrl-C to stop"),
    "book.written": Text("{count} notebooks; open them with: jupyter lab {folder}"),
    "progress.compiling": Text("compiling"),
    "error.written_otherwise": Text(" Add {option} {values} if this file writes such values in another way."),
    "error.line": Text("glassnet: {message}"),
    "error.note": Text("glassnet: note: {message}"),
    "error.interrupted": Text("interrupted; nothing more was written"),
    "error.see": Text("{message} See: {command}"),
    "error.debug": Text("{message} (--debug shows where)"),
    "error.closed": Text("a required standard stream is closed"),
    "error.elsewhere": Text("{wanted}: {reason}. The model was saved to {file} instead"),
    "page.skip": Text("Skip to content"),
    "page.form": Text("Try the model"),
    "page.docs": Text("API"),
    "page.ways": Text("Pages"),
    "page.written": Text("glassnet {version}. This page loads nothing from other sites and contains no scripts."),
    "docs.no_form": Text("There is no form for this model: {words}"),
    "docs.lead": Text("Endpoints of this server."),
    "docs.same": Text("OpenAPI document"),
    "docs.key": Text(
        "This server requires an API key: send it in the header Authorization: Bearer KEY or X-API-Key: KEY."
    ),
    "docs.predict": Text(
        "Predict the rows in the request body. The response has the format of the body, or that of the Accept "
        "header. A row that cannot be predicted gets an error; the others are predicted."
    ),
    "docs.explain": Text("Explain the predictions, in numbers and in words."),
    "docs.model": Text("Describe the model: task, columns, classes, scores."),
    "docs.health": Text("Health check (needs no API key), and counters for Prometheus."),
    "docs.forms": Text("Formats"),
    "docs.looks": Text("example"),
    "docs.columns": Text("Columns of a row"),
    "docs.column": Text("column"),
    "docs.holds": Text("type"),
    "docs.levels": Text("for example"),
    "docs.more": Text("... and {count:,} more, see /model"),
    "kind.number": Text("a number", context="pages"),
    "kind.boolean": Text("true or false"),
    "kind.duration": Text("a duration"),
    "kind.date": Text("a date"),
    "kind.datetime": Text("a date with time"),
    "kind.time": Text("a time of day"),
    "kind.category": Text("text"),
    "kind.empty": Text("any"),
}


def say(name: str, /, **values: Any) -> str:
    """A text by its name, filled in.

    Examples
    --------
    >>> say("rows.training", count=1200)
    '1,200 for training'
    """
    return TEXTS[name].say(**values)


def counted(count: int, noun: str) -> str:
    """How many there are of something that the catalogue can count.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return say(f"count.{noun if count != 1 else f'one_{noun}'}", count=count)


def named(names: Sequence[str], at_most: int = 5) -> str:
    """The first of many names, and how many more there are.

    Examples
    --------
    >>> named(["age", "city", "paid"], 2)
    'age, city and 1 more'
    """
    first, more = comma(names[:at_most]), len(names) - at_most
    return say("list.more", names=first, count=more, whole=len(names)) if more > 0 else first


def comma(parts: Sequence[str]) -> str:
    """Parts with a comma between them."""
    return say("list.comma").join(parts)


def semicolon(parts: Sequence[str]) -> str:
    """Parts with a semicolon between them."""
    return say("list.semicolon").join(parts)

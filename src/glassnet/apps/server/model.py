"""A loaded model behind the server's interface: rows in any format in, predictions out."""

from __future__ import annotations

import asyncio
import copy
import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import glassnet
from glassnet.apps.saved_model import chosen, decide, held_kinds, load_model, remembered_names, task_of
from glassnet.apps.server.batching import LARGEST, Batcher
from glassnet.apps.server.formats import ERROR, answer_rows
from glassnet.apps.server.limits import Work
from glassnet.apps.server.log import LOG
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.shared_options import DecisionOptions
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.partitions import IdentityEncoder
from glassnet.exchange.graph import named_answers
from glassnet.exchange.page import ModelPage, PageServer, model_page
from glassnet.insight.explanation import Explanation
from glassnet.insight.predictions import predict_encoded, predict_rows
from glassnet.support.coercion import plain_json
from glassnet.support.container import check_regular
from glassnet.support.language import Language, Text
from glassnet.support.messages import error_text
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.reading.notation import gap_numbers
from glassnet.tables.reading.sources import pl
from glassnet.tables.records import Record, RecordColumns, RecordEncoder, check_finite
from glassnet.tables.writers import check_text_columns

QUICK = 40_000_000
"""Multiplications that take a millisecond or so: not worth a thread."""


SECONDS = 1.0
"""Between two looks at the file."""
SHOWN_LEVELS = 1_000
"""More levels of a category than this are counted, and not named."""


class LoadedModel:
    """A model ready to answer requests; `seen` is called with the number of rows of each batch."""

    def __init__(
        self,
        file: Path,
        pool: Executor,
        seen: Callable[[int], object] = lambda rows: None,
        deciding: DecisionOptions = DecisionOptions(),
    ) -> None:
        self.file = file
        self.digest, self.model = _load(file)
        decide(self.model, deciding)
        self.loaded = datetime.datetime.now(datetime.UTC)
        self.task = task_of(self.model)
        self.ids, self.notation = remembered_names(self.model), self.model.notation_
        self.missing = self.notation.missing or ()
        self.gaps, self.gap_numbers = self.notation.gaps_in_text, gap_numbers(self.missing)
        self.kinds = held_kinds(self.model)
        self.records = RecordEncoder(self.model.encoder_)
        self.columns = self.records.names
        # compile before the first request
        warm = self.records.encode([self.records.read(dict.fromkeys(self.columns))])
        self.empty = predict_encoded(self.model, warm).table(pl.DataFrame())[:0]
        quick = min(LARGEST, QUICK // self.multiplications)
        self._page: ModelPage | None = None
        self._bare = copy.copy(self.model)  # of rows that are encoded
        self._bare.encoder_ = IdentityEncoder()
        self.batcher: Batcher[Record, dict[str, Any]] = Batcher(self.answer, quick, pool, seen)

    @property
    def multiplications(self) -> int:
        """Return the cost of a row."""
        sizes = [(each.layout.size + each.layout.statistics_size) * each.members for each in self.model.networks_]
        return max(1, sum(sizes))

    # -------------------------------------------------------------- row by row

    def read(self, row: Mapping[str, Any]) -> Record:
        """A row as it came in JSON or from a form; texts are treated as the cells of a CSV file are."""
        return self.records.read({name: self._cell(cell) for name, cell in row.items()})

    def read_columns(self, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], RecordColumns] | None:
        """The names of rows, and all of them as :meth:`read` reads each; None if one has a fault.

        Read one by one, the row that has it tells it in its words.
        """
        if not all(isinstance(row, dict) for row in rows):
            return None
        try:
            names = [self.names(row) for row in rows] if self.ids else [{}] * len(rows)
            return names, self.records.read_columns(rows, self._cell, cleans_numbers=bool(self.gap_numbers))
        except (InputError, InputTypeError, OverflowError):
            return None

    def _cell(self, cell: Any) -> Any:
        if not isinstance(cell, str):
            return None if type(cell) in (int, float) and cell in self.gap_numbers else cell
        cell = cell.strip()
        return None if not cell or cell in self.gaps else cell

    def answer(self, records: Sequence[Record] | RecordColumns) -> list[dict[str, Any]]:
        """An answer for each row, or its error."""
        try:
            return answer_rows(predict_encoded(self.model, self.records.encode(records)))
        except (InputError, InputTypeError) as error:
            if len(records) == 1:
                return [{ERROR: error_text(error)}]
        middle = len(records) // 2  # one by one, the good ones would cost as much as each alone
        return [*self.answer(records[:middle]), *self.answer(records[middle:])]

    def names(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What names the row, to be given back.

        Raises
        ------
        InputTypeError
            If it is no single value.
        InputError
            If it is a number beyond all numbers.
        """
        names = {name: row[name] for name in self.ids if name in row}
        for name, value in names.items():
            if isinstance(value, dict | list):
                raise InputTypeError(
                    Text("Column {name!r} must contain single values", name=name),
                    type(value).__name__,
                    "Split it in columns",
                )
            if isinstance(value, float):  # 1e999 is a number in JSON, and cannot be given back as one
                check_finite(value, name)
        return names

    def explain(self, row: Mapping[str, Any], language: Language) -> tuple[Explanation, str]:
        """Why a row is answered as it is, and the same in words."""
        self.read(row)
        cells = [self._cell(row[name]) for name in self.columns]
        cells = [c if name in self.kinds else level_text(c) for name, c in zip(self.columns, cells, strict=True)]
        explanation: Explanation = self.model.explain([cells])
        return explanation, explanation.words(0, language=language)

    # --------------------------------------------------------------- the page

    def page(self, *, private: bool) -> ModelPage:
        """The model as a page, which asks for each answer if the model is private or large; made once.

        Raises
        ------
        InputError
            If there is no page of such a model, for example of one with very many columns.
        """
        if self._page is None:
            loaded = self.loaded.strftime("%Y-%m-%d %H:%M UTC")
            self._page = model_page(self.model, server=PageServer(self.digest, loaded, private))
        return self._page

    def page_answers(self, rows: Iterable[Any]) -> dict[str, Any]:
        """What the page asks of rows: the outputs of the graph as its script has them.

        Rows are those of JSON, with durations in seconds, and without columns that were empty in training.

        Raises
        ------
        InputError, InputTypeError
            If a row is no object, or has a cell that its column cannot hold.
        """
        durations = [name for name, kind in self.kinds.items() if kind == "duration"]
        records = []
        for row in rows:
            if not isinstance(row, dict):
                raise InputTypeError("A row must be an object", type(row).__name__, 'Give {"column": value, ...}')
            whole: dict[str, Any] = dict.fromkeys(self.columns) | row
            for name in durations:
                if isinstance(seconds := whole[name], int | float):
                    whole[name] = datetime.timedelta(seconds=seconds)
            records.append(self.read(whole))
        answers = named_answers(self._bare, self.records.encode(records))
        return {
            name: {"shape": list(array.shape), "data": plain_json(array.ravel().tolist())}
            for name, array in answers.items()
        }

    # -------------------------------------------------------- a piece of a table

    def check(self, frame: pl.DataFrame, work: Work) -> dict[int, str]:
        """Return the errors of the rows of a table, by their positions; empty if all rows are valid.

        Raises
        ------
        ------
        RefusalError
            If the table is too large, or the request has been cancelled.
        InputError, InputTypeError
            If the table does not fit the model.
        """
        check_text_columns(frame.select([name for name in self.ids if name in frame.columns]))
        try:
            self.model.encoder_.transform(frame)
        except (InputError, InputTypeError):
            wrong = {}
            for place, row in enumerate(frame.select(self._known(frame)).iter_rows(named=True)):
                work.check()
                try:
                    self.records.encode([self.records.read(row)])
                except (InputError, InputTypeError) as error:
                    wrong[place] = str(error)
                    work.bad(wrong[place])
            if not wrong or len(self._known(frame)) < len(self.columns):
                raise
            return wrong
        return {}

    def table(self, frame: pl.DataFrame, wrong: Mapping[int, str] | None) -> pl.DataFrame:
        """Return predictions for the rows of a table, behind their names, with the errors in `wrong`."""
        names = [name for name in self.ids if name in frame.columns]
        good = [place for place in range(len(frame)) if not wrong or place not in wrong]
        rows = frame[good] if wrong else frame
        predicted = predict_rows(self.model, rows).table(rows.select(names)) if len(rows) else self.empty
        if wrong is None:
            return predicted
        places = pl.Series("place", good, pl.UInt32)
        words = pl.DataFrame(
            {"place": list(wrong), ERROR: list(wrong.values())}, {"place": pl.UInt32, ERROR: pl.String}
        )
        failed = pl.concat([words, frame[list(wrong)].select(names)], how="horizontal")
        known = predicted.with_columns(places, pl.lit(None, pl.String).alias(ERROR))
        whole = pl.concat([known, failed], how="diagonal").sort("place")
        return whole.select(*names, *self.empty.columns, ERROR)

    def _known(self, frame: pl.DataFrame) -> list[str]:
        return [name for name in self.columns if name in frame.columns]


def _load(file: Path) -> tuple[str, Any]:
    """A model and the digest of the file that it was read from: once more, if that was written to meanwhile."""
    digest, model = "", None
    check_regular(file)
    while digest != (found := hashlib.sha256(file.read_bytes()).hexdigest()[:12]):
        digest, model = found, load_model(file)
    return digest, model


class ModelReloader:
    """The model that answers now, which a thread of the pool loads; without one in the file it does not begin."""

    def __init__(
        self, file: Path, pool: Executor, metrics: Metrics, deciding: DecisionOptions = DecisionOptions()
    ) -> None:
        self.file, self.pool, self.metrics, self.deciding = file, pool, metrics, deciding
        self.problem: str | None = None
        self._asked = asyncio.Event()
        self._stamp = _stamp(file)
        self.served = self._load()
        self._loaded()

    def reload(self) -> None:
        """Load the file again at once, whether it has changed or not."""
        self._asked.set()

    async def watch(self, seconds: float = SECONDS) -> None:
        """Look at the file every now and then, for good."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._asked.wait()
            except TimeoutError:
                pass
            if self._asked.is_set() or _stamp(self.file) != self._stamp:
                self._asked.clear()
                await self.refresh()

    async def refresh(self) -> None:
        """Load the file, and answer with it from now on if it is a model."""
        self._stamp = _stamp(self.file)  # before: what comes while it is read is seen the next time
        try:
            served = await asyncio.get_running_loop().run_in_executor(self.pool, self._load)
        except Exception as error:  # after any error of the new file the old model goes on answering
            self.metrics.failed_loads.inc()
            self.problem = _words(error)
            LOG.error("%s was not loaded, model %s goes on: %s", self.file, self.served.digest, self.problem)
            return
        before, self.served, self.problem = self.served.digest, served, None
        self._loaded()
        LOG.info("model %s takes over from %s", served.digest, before)

    def _load(self) -> LoadedModel:
        return LoadedModel(self.file, self.pool, self.metrics.batch.observe, self.deciding)

    def _loaded(self) -> None:
        self.metrics.loads.inc()
        self.metrics.loaded.set(self.served.loaded.timestamp())


def _words(error: Exception) -> str:
    if isinstance(error, InputError | InputTypeError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"


def _stamp(file: Path) -> Any:
    """What changes when a file is replaced, written to, or taken away."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def describe(served: LoadedModel) -> dict[str, Any]:
    """The task, the columns that rows must have, the classes, the scores: what a client must know."""
    model = served.model
    record = {
        "model": served.digest,
        "file": served.file.name,
        "loaded": served.loaded.isoformat(timespec="seconds"),
        "glassnet": glassnet.__version__,
        "task": served.task,
        "target": model.notes_.get("target"),
        "classes": getattr(model, "classes_", None),
        **chosen(model),
        "columns": columns(served),
        "ids": served.ids,
        "missing": sorted(served.notation.gaps),
        "answer": served.empty.columns,
        "networks": len(model.networks_),
        "parameters": sum(sum(network.sizes) for network in model.networks_),
        "scores": model.notes_.get("scores"),
    }
    found: dict[str, Any] = plain_json(record)
    return found


def columns(served: LoadedModel) -> list[dict[str, Any]]:
    """For each column of a row its name, what it holds, and the levels or the usual number."""
    plan = served.model.encoder_.plan
    levels = {column.source: column.levels for column in plan.others if isinstance(column, CategoryColumn)}
    block = plan.numbers
    usual = dict(zip(block.sources.tolist()[: block.values], block.mean.tolist(), strict=True))
    described = []
    texts = {column.source for column in plan.texts}
    for source, (name, held) in enumerate(zip(plan.names, plan.kinds, strict=True)):
        kind = "text" if source in texts else held
        column: dict[str, Any] = {"name": name, "kind": kind}
        if source in usual and kind == "number":
            column["usual"] = usual[source]
        if source in levels:
            known = levels[source]
            column |= {"levels": list(known)} if len(known) <= SHOWN_LEVELS else {"level_count": len(known)}
        described.append(column)
    return described

"""Where words go: talk on the standard error, results on the standard output, and nothing else anywhere.

All output passes :func:`glassnet.support.escape_controls.escape_controls` before layout, since escapes take more space.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from glassnet.apps.terminal import say_command, write_talk
from glassnet.apps.texts import counted, say
from glassnet.display.numbers import number
from glassnet.support.coercion import plain_json
from glassnet.support.escape_controls import escape_controls, escape_controls_in_json

__all__ = ["Output", "console", "number", "size", "text_table"]

INDENT = 12
"""The column where text begins, beside its topic."""
FOLDED, GAP = 12, 3
"""How narrow a column of words may become, which are broken anywhere in Chinese; and what parts columns."""


@dataclass(frozen=True)
class Output:
    """The output of a command.

    `quiet`: neither messages nor results for people, only errors, and JSON if `json` is set. `json`: the result as JSON
    instead of text.
    """

    quiet: bool = False
    json: bool = False

    @cached_property
    def _talk(self) -> Console:
        return _without_edge(console(sys.stderr))

    @cached_property
    def _results(self) -> Console:
        return _without_edge(console(sys.stdout))

    def say(self, topic: str, text: str) -> None:
        """Print one message: its topic, by its name in the catalogue, and its text."""
        if not self.quiet:
            with self._talk.capture() as laid_out:
                _print_topic(self._talk, say(f"topic.{topic}"), text)
            write_talk(laid_out.get())  # not around a progress bar, which stands in for it and makes room

    def say_command(self, command: str) -> None:
        """What to type, below a line of talk."""
        if not self.quiet:
            say_command(command)

    @property
    def shows(self) -> bool:
        """Whether results are for people."""
        return not self.quiet and not self.json

    def show(self, *things: Any) -> None:
        """Results for people: texts, or tables from :func:`text_table`."""
        if self.shows:
            for thing in things:
                shown = escape_controls(thing) if isinstance(thing, str) else thing
                _wide_enough(self._results, shown).print(shown)

    def show_labelled(self, text: str) -> None:
        """Lines of the results that begin with a label, "why: ...": what goes on, goes on under the text."""
        if self.shows:
            for line in text.split("\n"):
                label = _LABEL.match(line)
                _print_hanging(self._results, line[: label.end()] if label else "", line[label.end() if label else 0 :])

    def show_line(self, topic: str, text: str) -> None:
        """One line of the results; the topic as in :meth:`say`."""
        self.show_about(say(f"topic.{topic}"), text)

    def show_about(self, what: str, text: str) -> None:
        """The same about something that has a name of its own."""
        if self.shows:
            _print_topic(self._results, what, text)

    def show_file(self, topic: str, file: Path) -> None:
        """The same of a file that was written."""
        self.show_line(topic, say("file.size", file=file, size=size(file.stat().st_size)))

    def record(self, record: Mapping[str, Any]) -> None:
        """Print the same results for programs, only with `json`."""
        if self.json:
            text = json.dumps(plain_json(record), indent=2, ensure_ascii=False)
            sys.stdout.write(escape_controls_in_json(text) + "\n")
            sys.stdout.flush()


def console(stream: TextIO, words: Callable[[str], str] = str) -> Console:
    """Where text is laid out for people; `words` says what each text of others is in their language."""

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise  # to the command: rich itself would exit with 1

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            if isinstance(renderable, Text) and (
                (shown := words(renderable.plain)) != renderable.plain or max(shown, default="") >= "\u2e80"  # Chinese
            ):
                width = (options or self.options).max_width
                broken = "\n".join(line for part in shown.split("\n") for line in _lines(part, width))
                renderable = Text(broken, renderable.style, end=renderable.end)
            for segment in super().render(renderable, options):
                yield segment if segment.control else segment._replace(text=escape_controls(segment.text))

    return Plain(file=stream, highlight=False, markup=False, emoji=False)


def _without_edge(laid_out: Console) -> Console:
    """A file is wider than any terminal, and a table should not be cut in it."""
    if not laid_out.is_terminal and "COLUMNS" not in os.environ:
        laid_out.width = 200
    return laid_out


def _wide_enough(laid_out: Console, thing: Any) -> Console:
    """The same, but for a table that does not fit: a terminal breaks its lines, where a number would lose digits."""
    if not isinstance(thing, Table):
        return laid_out
    widths = (column.min_width or min(FOLDED, max(map(_width, column.cells), default=0)) for column in thing.columns)
    needed = sum(widths) + GAP * (len(thing.columns) - 1)
    if needed <= laid_out.width:
        return laid_out
    wide = console(sys.stdout)
    wide.width = needed
    return wide


def _width(cell: Any) -> int:
    return cell_len(str(cell))


def _print_topic(to: Console, topic: str, text: str) -> None:
    """Print a topic and beside it its text, wrapped."""
    head = escape_controls(topic) + " " * max(1, INDENT - cell_len(escape_controls(topic)))
    _print_hanging(to, head, text, "bold", INDENT)


def _print_hanging(to: Console, head: str, text: str, style: str = "", indent: int | None = None) -> None:
    """A text behind its head, in as many lines as it needs, all of which begin where the first one does."""
    head = escape_controls(head)
    indent = cell_len(head) if indent is None else indent
    first, *rest = _lines(escape_controls(text), max(to.width, 2 * indent) - indent)
    to.print(Text.assemble((head, style), "\n".join([first, *(" " * indent + line for line in rest)])), soft_wrap=True)


_LABEL = re.compile(r"[^:：]{1,24}(?:: |：)")
_CHINESE, _OPENING, _CLOSING = "\u2e80-\u9fff\uff00-\uffef", "（“《", "，。；：？！、）”》"
_PIECES = re.compile(rf"[{_OPENING}]*(?:[{_CHINESE}]|[^\s{_CHINESE}]+)[{_CLOSING}]*|\s+")


def _lines(text: str, width: int) -> list[str]:
    """A text in lines: Chinese may go on behind any letter, and a path that is cut cannot be copied.

    Examples
    --------
    >>> _lines("at most fifteen wide", 15), _lines("最多十五列宽（的）中文。", 15)
    (['at most fifteen', 'wide'], ['最多十五列宽', '（的）中文。'])
    """
    lines = [""]
    for piece in _PIECES.findall(text):
        if cell_len(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] or len(lines) == 1 else piece.lstrip()
    return [line.rstrip() for line in lines]


def text_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, words: Iterable[int] = (0,), best: Iterable[int] = ()
) -> Any:
    """A table with few lines: columns of `words` to the left, those of numbers to the right, the `best` rows bold."""
    left, strong, rows = set(words), set(best), list(rows)
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for place, name in enumerate(head):
        is_text, cells = place in left, [name, *(row[place] for row in rows)]
        drawn.add_column(
            Text(escape_controls(name)),
            justify="left" if is_text else "right",
            no_wrap=not is_text,
            overflow="fold",
            min_width=None if is_text else max(cell_len(escape_controls(cell)) for cell in cells),
        )
    for place, row in enumerate(rows):
        drawn.add_row(*(Text(escape_controls(cell)) for cell in row), style="bold" if place in strong else None)
    return drawn


def size(count: float) -> str:
    """A number of bytes for people.

    Examples
    --------
    >>> size(312), size(31_200), size(3_120_000)
    ('312 bytes', '31 kB', '3.1 MB')
    """
    if count < 1000:
        return counted(round(count), "byte")
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"

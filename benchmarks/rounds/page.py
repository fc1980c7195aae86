"""The figures as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.markdown import seconds, table
from benchmarks.rounds.figures import NEAR, Record
from benchmarks.rounds.tasks import DEALT, HELD, SORTED
from benchmarks.rounds.trial import AVERAGE, BATCH, LOOK, MOMENTUM, TOGETHER

__all__ = ["page"]


def page(settings: dict[str, Any], summary: Sequence[Record], records: Sequence[Record], empty: float | None) -> str:
    """In Markdown; `empty` are the seconds of a round without learning."""
    tables = list(dict.fromkeys(record["table"] for record in records))
    lengths = ", ".join(map(str, settings["epochs"]))
    pays = (
        ""
        if empty is None
        else "*Pays from*: how long a step must take at least for shards on machines of their own to reach the target "
        f"sooner than one machine, if a round takes {seconds(empty)} beside its steps, as on the machine of "
        "`scale_model.md`. "
    )
    lines = [
        "# Training by rounds: shards, local steps, averages and momentum",
        "",
        "Made by `python -m benchmarks.rounds`; do not edit.",
        "",
        f"{settings['rows']:,} rows of each of {len(tables)} tables ({', '.join(tables)}), a network of 64 and 32 "
        f"units, AdamW along a cosine, batches of {BATCH} rows a shard; {settings['seeds']} seeds "
        f"({settings['sorted_seeds']} with rows {SORTED}). All settings see "
        "the same rows, so each of eight shards goes an eighth of the steps of one machine. Learning rates, and those "
        "of the momentum (of the way of a round), were chosen for each setting by the first seed on "
        f"{HELD // 2:,} rows held back (a smaller one where another seed fails with it); losses are those of "
        f"{HELD // 2:,} others, when it was smallest on the first. They were "
        f"looked at every {LOOK:,} rows, or after each round if it has more.",
        "",
        f"*Loss*: after {settings['epochs'][-1]} epochs at most. *Target*: a loss at most {NEAR - 1:.0%} larger than "
        f"that of one machine. *Rows*: how many were seen until then, along the best of cosines over {lengths} epochs, "
        f"each with rates of its own (with rows {SORTED}: the longest only, with the rates of the others); the median "
        "of the seeds. *Steps*: those one behind the other until then, as a share of those that one machine needs. "
        f"*Sent*: the network, and what AdamW remembers, to every shard and back, in each round. {pays}“{TOGETHER}” "
        "are exact steps on the batches of all shards, as with an all-reduce, where only gradients are sent.",
        "",
        "![losses and steps by the number of local steps](rounds.png)",
        "",
        "## All tables",
        "",
        "Losses as a multiple of one machine's: their geometric mean over the tables, and the worst.",
        "",
    ]
    for dealing in (DEALT, SORTED):
        lines += [f"### Rows {dealing}", "", *_summary([one for one in summary if one["dealing"] == dealing])]
        lines += [*_comparison([one for one in records if one["dealing"] == dealing]), ""]
    for name in tables:
        for dealing in (DEALT, SORTED):
            chosen = [one for one in records if one["table"] == name and one["dealing"] == dealing]
            lines += [f"## {name}, rows {dealing}", "", *_details(chosen)]
    return "\n".join(lines)


def _summary(summary: Sequence[Record]) -> list[str]:
    head = ("shards", "local steps", "way of a round", "loss", "worst", "target reached", "steps")
    rows = [
        (
            f"{one['shards']}",
            _steps(one),
            one["method"],
            f"{one['ratio']:.3f}",
            f"{one['worst_ratio']:.3f}",
            f"{one['reached']} of {one['seeds']}",
            _share(one["share_of_steps"]),
        )
        for one in sorted(summary, key=lambda one: (one["shards"], one["local_steps"], one["method"] != TOGETHER))
    ]
    return table(head, rows)


def _comparison(records: Sequence[Record]) -> list[str]:
    """Averages beside momentum, setting by setting, as a sentence."""
    by_way: dict[tuple[Any, ...], dict[str, Record]] = {}
    for one in records:
        by_way.setdefault((one["table"], one["shards"], one["local_steps"]), {})[one["method"]] = one
    pairs = [(way[AVERAGE], way[MOMENTUM]) for way in by_way.values() if AVERAGE in way and MOMENTUM in way]

    def count(better: Callable[[Record, Record], bool]) -> int:
        return sum(better(average, momentum) for average, momentum in pairs)

    return [
        f"Of {len(pairs)} pairs of settings that differ in nothing else, the plain average has the smaller loss in "
        f"{count(lambda average, momentum: average['loss'] < momentum['loss'])}, in "
        f"{count(lambda average, momentum: max(average['losses']) < min(momentum['losses']))} of them with every seed "
        f"smaller than any of the momentum's; the momentum in "
        f"{count(lambda average, momentum: momentum['loss'] < average['loss'])}, in "
        f"{count(lambda average, momentum: max(momentum['losses']) < min(average['losses']))} with every seed. The "
        "momentum needs fewer rows until the target in "
        f"{count(lambda average, momentum: _needs(momentum) < _needs(average))}, more in "
        f"{count(lambda average, momentum: _needs(momentum) > _needs(average))}.",
    ]


def _details(records: Sequence[Record]) -> list[str]:
    head = ("shards", "local steps", "way of a round", "rate", "loss", "± seeds", "reached")
    head += ("rows", "rounds", "sent", "steps", "pays from")
    rows = []
    for one in records:
        rate = f"{one['learning_rate']:g}" + ("" if one["outer_rate"] is None else f", {one['outer_rate']:g}")
        cells = [
            "one machine" if one["shards"] == 1 else f"{one['shards']}",
            _steps(one),
            "-" if one["shards"] == 1 else one["method"],
            rate,
            f"{one['loss']:.4f}",
            f"{one['deviation']:.4f}",
            f"{one['reached']} of {one['seeds']}",
        ]
        if one["rows"] is None:
            cells += ["-"] * 5
        else:
            cells += [
                f"{one['rows']:,}",
                f"{one['rounds']:,}" if one["shards"] > 1 else "-",
                f"{one['megabytes_sent']:.1f} MB" if one["shards"] > 1 else "-",
                _share(one.get("share_of_steps")),
                seconds(one.get("pays_from_seconds")),
            ]
        rows.append(cells)
    return table(head, rows)


def _needs(record: Record) -> float:
    return float("inf") if record["rows"] is None else float(record["rows"])


def _steps(record: Record) -> str:
    return "-" if record["method"] == TOGETHER else f"{record['local_steps']}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"

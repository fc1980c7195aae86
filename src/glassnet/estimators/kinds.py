"""Members of several kinds: settings that they take in turn, and how much each kind counts in their average.

Networks of other settings make other mistakes than networks of another seed do, and some settings suit a table better
than others. Which do is measured on rows that were held back, by all kinds on the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.architecture import EMBEDDINGS, OF_EMBEDDING
from glassnet.estimators.learners import grows_trees
from glassnet.layers.base import Array
from glassnet.support.coercion import listed, plain_dict
from glassnet.support.options import Rule

OF_KINDS = (
    *("numeric_embedding", *OF_EMBEDDING, "input_scale", "hidden_layers", "activation", "parametric"),
    *("parametrization", "start", "rates", "dropout", "dropout_schedule", "learning_rate", "schedule", "weight_decay"),
    *("decay_schedule", "batch_size", "epochs", "patience"),
)
"""What networks may differ in."""
Kind = Mapping[str, Any]


@dataclass(frozen=True)
class SettingsOfKinds:
    """Settings that members take in turn: a dict for each kind, with the options that it has another value of."""

    rule_of: Callable[[str], Rule]

    def taken(self, name: str, value: Any) -> tuple[dict[str, Any], ...]:
        remedy = 'For example ({"spread": 0.1}, {"spread": 2.0})'
        return tuple(self._kind(name, one, remedy) for one in listed(name, value, remedy))

    def _kind(self, name: str, value: Any, remedy: str) -> dict[str, Any]:
        kind = plain_dict(value)
        if kind is None:
            raise InputTypeError(f"{name} must have a dict for each kind of member", shown(value), remedy)
        for option in kind:
            if option not in (*OF_KINDS, "learner"):
                allowed = ", ".join((*OF_KINDS, "learner"))
                raise InputError(f"{name} must differ only in: {allowed}", shown(option), remedy)
            if kind[option] is None and option not in OF_EMBEDDING:  # of these it is what an embedding has none of
                raise InputTypeError(f"`{option}` in {name} must have a value", "None", "Omit it")
        taken = {
            option: None if own is None else self.rule_of(option).taken(f"`{option}` in {name}", own)
            for option, own in kind.items()
        }
        if grows_trees(taken) and len(taken) > 1:
            rule = f"Boosted trees have no network settings, so `learner` must be their only setting in {name}"
            raise InputError(rule, shown(value), 'Write {"learner": "boosted_trees"}')
        return taken


def refuse_to_go_on(settings: Mapping[str, Any]) -> None:
    """Refuse members that cannot learn from more rows later: boosted trees."""
    if any(map(grows_trees, kinds_of_members(settings))):
        rule = "Boosted trees need all rows at once, so they do not support incremental training"
        raise InputError(rule, "partial_fit, or warm_start=True", 'Use preset="bagged", or fit it again')


def kinds_of_members(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of each member.

    Examples
    --------
    >>> settings = {"members": 3, "epochs": 8, "kinds": ({"epochs": 4}, {})}
    >>> [of_member["epochs"] for of_member in kinds_of_members(settings)]
    [4, 8, 4]
    """
    kinds: Sequence[Kind] = settings["kinds"] or ({},)
    return [{**settings, **kinds[member % len(kinds)]} for member in range(settings["members"])]


def numbers_of_kinds(settings: Mapping[str, Any]) -> list[int]:
    """The kind of each member, as a number.

    Examples
    --------
    >>> numbers_of_kinds({"members": 5, "kinds": ({"spread": 0.1}, {"spread": 2.0})})
    [0, 1, 0, 1, 0]
    """
    kinds: Sequence[Kind] = settings["kinds"] or ({},)
    return [kinds.index(kinds[member % len(kinds)]) for member in range(settings["members"])]


class KindInWords(NamedTuple):
    """One kind of members, for people."""

    settings: str  # what it has another value of
    members: int  # how many are of it
    share: float  # of the average
    first: int  # the first of them, counted from 0


def kinds_in_words(settings: Mapping[str, Any], weights: Array | None) -> list[KindInWords]:
    """The description of each kind; empty if all members are alike.

    Examples
    --------
    >>> settings = {"members": 3, "kinds": ({"spread": 0.1}, {"spread": 2.0})}
    >>> for kind in kinds_in_words(settings, np.array([1.2, 0.6, 1.2])):
    ...     print(*kind)
    spread 0.1 2 0.8 0
    spread 2.0 1 0.2 1
    """
    numbers = np.array(numbers_of_kinds(settings))
    counted = np.ones(len(numbers)) if weights is None else weights
    return [
        KindInWords(
            ", ".join(f"{name} {value}" for name, value in _told(settings["kinds"][number])) or "as the preset",
            int((numbers == number).sum()),
            round(float(counted[numbers == number].sum() / counted.sum()), 3),
            int(np.argmax(numbers == number)),
        )
        for number in (np.unique(numbers) if settings["kinds"] else [])
    ]


def _told(kind: Kind) -> Iterator[tuple[str, Any]]:
    """The settings in which a kind differs, except those inherent to its embedding."""
    plain = EMBEDDINGS.get(kind.get("numeric_embedding", ""))
    for name, value in kind.items():
        if plain is None or name not in OF_EMBEDDING or value != getattr(plain, OF_EMBEDDING[name], None):
            yield name, value


def parameters_in_words(counts: Sequence[int]) -> str:
    """The number of parameters of each network: one count, or the minimum and the maximum.

    Examples
    --------
    >>> parameters_in_words([1200, 900, 1200]), parameters_in_words([900, 900])
    ('900–1,200', '900')
    """
    return "–".join(f"{count:,}" for count in sorted({min(counts), max(counts)}))


def rounds_of_members(settings: Mapping[str, Any]) -> list[int]:
    """The number of earlier members of the same kind; members of one round have the same validation rows.

    So a kind is weighed against the others, and not its rows against theirs.

    Examples
    --------
    >>> rounds_of_members({"members": 5, "kinds": ({"spread": 0.1}, {"spread": 2.0})})
    [0, 0, 1, 1, 2]
    """
    numbers = numbers_of_kinds(settings)
    return [numbers[:member].count(number) for member, number in enumerate(numbers)]


def members_by_round(settings: Mapping[str, Any], judged_by: Sequence[object]) -> list[list[int]]:
    """The members of each round: at most one of each kind, judged by the same rows, whichever members were lost.

    What each is `judged_by` is one and the same object for those of a round.

    Examples
    --------
    >>> early, late = object(), object()
    >>> settings = {"members": 4, "kinds": ({"spread": 0.1}, {"spread": 2.0}), "refits": 0}
    >>> members_by_round(settings, [early, early, late, late])
    [[0, 1], [2, 3]]
    >>> left = settings | kept_members(settings, [0, 2, 3])
    >>> members_by_round(left, [early, late, late])
    [[0], [1, 2]]
    """
    rounds: dict[tuple[int, int], list[int]] = {}
    seen: list[tuple[int, int]] = []
    for member, pair in enumerate(zip(map(id, judged_by), numbers_of_kinds(settings), strict=True)):
        rounds.setdefault((pair[0], seen.count(pair)), []).append(member)
        seen.append(pair)
    return list(rounds.values())


def members_for_rounds(settings: Mapping[str, Any], rounds: int) -> int:
    """The number of members, rounded up to complete rounds if there are enough rows.

    Examples
    --------
    >>> settings = {"members": 3, "kinds": ({"spread": 0.1}, {"spread": 2.0})}
    >>> members_for_rounds(settings, 2), members_for_rounds(settings, 4)
    (3, 8)
    """
    members = settings["members"]
    if max(rounds_of_members(settings)) + 1 == rounds:
        return int(members)
    while max(rounds_of_members({**settings, "members": members + 1})) < rounds:
        members += 1
    return int(members)


def judged_members(settings: Mapping[str, Any]) -> int:
    """The number of members, the first ones, that hold out rows; the others use all rows, for the best epochs found.

    Examples
    --------
    >>> judged_members({"members": 10, "refits": 6})
    4
    """
    return int(settings["members"] - settings["refits"])


def kept_members(settings: Mapping[str, Any], members: Sequence[int]) -> dict[str, Any]:
    """The settings that change if only these members are kept.

    Examples
    --------
    >>> kept_members({"members": 3, "kinds": ({"spread": 0.1}, {"spread": 2.0}), "refits": 1}, [0, 2])
    {'members': 2, 'kinds': ({'spread': 0.1}, {'spread': 0.1}), 'refits': 1}
    """
    kinds, judged = settings["kinds"], judged_members(settings)
    return {
        "members": len(members),
        "kinds": tuple(kinds[member % len(kinds)] for member in members) if kinds else (),
        "refits": sum(member >= judged for member in members),
    }

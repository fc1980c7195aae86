"""An ensemble of members of several kinds: their settings, and the weight of each kind.

Networks with other settings make other mistakes than networks with another seed do, and some settings suit a table
better than others. Which do is measured on held-out rows, the same ones for all kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.architecture import EMBEDDINGS, OF_EMBEDDING
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.support.coercion import listed, plain_dict
from glassnet.support.language import Text, verbatim
from glassnet.support.options import Rule

if TYPE_CHECKING:
    from glassnet.estimators.held_out import Round
    from glassnet.network import NeuralNetwork

Kind = Mapping[str, Any]
VOTES = 16
"""So many times at most the kind gets a vote that makes the average best. More change weights by less than chance."""
ROWS_OF_A_VOTE = 100
"""And once for so many rows that judge: of few rows a kind is the best by chance."""
ENOUGH_NUMBERS = 50_000
"""The number of held-out predictions that is enough to rank kinds."""


@dataclass(frozen=True)
class SettingsOfKinds:
    """Settings that members take in turn: a dict for each kind, with the options that it has another value of."""

    rule_of: Callable[[str], Rule]
    options: Callable[[], tuple[str, ...]]  # in which members may differ

    def taken(self, name: str, value: Any) -> tuple[dict[str, Any], ...]:
        remedy = Text('For example ({"spread": 0.1}, {"spread": 2.0})')
        return tuple(self._kind(name, one, remedy) for one in listed(name, value, remedy))

    def _kind(self, name: str, value: Any, remedy: str) -> dict[str, Any]:
        kind = plain_dict(value)
        if kind is None:
            raise InputTypeError(
                Text("{name} must have a dict for each kind of member", name=name), shown(value), remedy
            )
        for option in kind:
            if option not in (allowed := self.options()):
                raise InputError(
                    Text("{name} must differ only in: {choices}", name=name, choices=", ".join(allowed)),
                    shown(option),
                    remedy,
                )
            if kind[option] is None and option not in OF_EMBEDDING:  # of these it is what an embedding has none of
                raise InputTypeError(
                    Text("`{option}` in {where} must have a value", option=option, where=name),
                    Text("None", context="received"),
                    "Omit it",
                )
        return {
            option: None if own is None else self.rule_of(option).taken(f"`{option}` in {name}", own)
            for option, own in kind.items()
        }


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


def settings_of_kinds(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of each kind that has a member, in the order in which members take them.

    Examples
    --------
    >>> settings = {"members": 3, "epochs": 8, "kinds": ({"epochs": 4}, {})}
    >>> [of_kind["epochs"] for of_kind in settings_of_kinds(settings)]
    [4, 8]
    """
    return kinds_of_members(settings)[: max(1, len(settings["kinds"]))]


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

    settings: Text  # what it has another value of
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
            verbatim(", ".join(f"{name} {value}" for name, value in _kind_options(settings["kinds"][number])))
            or Text("as the preset"),
            int((numbers == number).sum()),
            round(float(counted[numbers == number].sum() / counted.sum()), 3),
            int(np.argmax(numbers == number)),
        )
        for number in (np.unique(numbers) if settings["kinds"] else [])
    ]


def _kind_options(kind: Kind) -> Iterator[tuple[str, Any]]:
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


def chosen_weights(kinds: int, loss: Callable[[Array], float], rows: int) -> Array:
    """The weight of each kind, 1 on average: each vote goes to the kind that improves the average of all votes most.

    All begin with one, so that no kind is left out because of some rows. The more `rows` judge, the more votes there
    are.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), *Ensemble Selection from Libraries of Models*, section 2.1,
    with replacement; there the best ones begin.

    Examples
    --------
    >>> answers = np.array([1.0, 3.0])
    >>> chosen_weights(2, lambda weights: abs(np.mean(weights * answers) - 1.5), rows=5000).round(2)
    array([1.56, 0.44])
    """
    votes = np.ones(kinds)
    for _ in range(min(VOTES, rows // ROWS_OF_A_VOTE)):
        losses = [loss(normalized(votes + one)) for one in np.eye(kinds)]
        votes[int(np.argmin(losses))] += 1
    return normalized(votes)


def normalized(votes: Sequence[float] | Array) -> Array:
    """Weights that are 1 on average, and the same numbers in float32, in which some networks compute.

    >>> normalized([1.0, 3.0]).tolist()
    [0.5, 1.5]
    """
    weights: Array = (np.asarray(votes) / np.mean(votes)).astype(np.float32).astype(np.float64)
    return weights


def weights_of_members(
    settings: Mapping[str, Any],
    rounds: Sequence[Round],
    loss: Loss,
    mean_loss: Callable[[Array, Array, Array | None], float],
) -> Array | None:
    """The weight of each member, 1 on average: that of its kind, divided among the members of the kind.

    Only rounds with a member of every kind say anything: each of them answers rows that none of the round has learned
    from. Where there are no such rows kinds count alike. None where all members do.
    """
    numbers = np.unique(numbers_of_kinds(settings), return_inverse=True)[1].tolist()
    kinds = len(set(numbers))
    complete = [each for each in rounds if len(each.members) == kinds and each.y is not None]
    if kinds == 1 or (not complete and len({numbers.count(number) for number in numbers}) == 1):
        return None
    if not complete:
        return normalized([1 / numbers.count(number) for number in numbers])
    y, weight = np.concatenate([each.y for each in complete]), None
    if complete[0].weight is not None:
        weight = np.concatenate([np.asarray(each.weight) for each in complete])
    orders = [np.argsort([numbers[member] for member in each.members]) for each in complete]
    by_kind = [[each.outputs[place] for place in order] for each, order in zip(complete, orders, strict=True)]
    answers = [np.concatenate(of_kind) for of_kind in zip(*by_kind, strict=True)]
    rows = len(y)
    some = np.arange(0, rows, -(-answers[0].size // ENOUGH_NUMBERS))
    answers, y, weight = [one[some] for one in answers], y[some], None if weight is None else weight[some]
    chosen = chosen_weights(kinds, lambda weights: mean_loss(averaged(answers, loss, weights=weights), y, weight), rows)
    return normalized([chosen[number] / numbers.count(number) for number in numbers])


def merge_text_weights(networks: Sequence[NeuralNetwork], weights: Array | None) -> None:
    """Give all members the same weights of n-grams: their average, which files and exports then hold once.

    What is measured on held-out rows must be measured before: each member has then learned from all of them. Averaging
    these scores instead of probabilities changed the log-loss of seven tables by at most 0.0002.

    Parameters
    ----------
    networks : sequence of NeuralNetwork
    weights : array of shape (networks,) or None
        The weight of each network; None: all equal.
    """
    slots = [network.layout.text_weights for network in networks]
    tables = [slot.view(each.parameters) for slot, each in zip(slots, networks, strict=True) if slot is not None]
    if len(tables) > 1:
        mean = np.average([table.astype(np.float64) for table in tables], axis=0, weights=weights)
        for table in tables:
            table[...] = mean

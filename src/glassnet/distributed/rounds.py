"""Training by rounds: each shard of the rows takes local steps, then the network takes the average of their updates.

What a shard does in a round is a pure function of the network, of what its optimizer remembers, of its rows and of the
place of the round; updates and memories are averaged in the order of the shards. So the resulting bits depend on the
number of shards, and not on which workers run them, how many there are, or which of them die.

Source: McMahan, Moore, Ramage, Hampson, Agüera y Arcas (2017), *Communication-Efficient Learning of Deep Networks from
Decentralized Data*; the momentum of the mean update: Douillard et al. (2023), *DiLoCo: Distributed Low-Communication
Training of Language Models*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

import numpy as np

from glassnet.engines import Updater, get_engine
from glassnet.engines.reference import StepOptions
from glassnet.errors import InputError
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.random import stream_key
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer, Number, validate
from glassnet.training.early_stopping import Rows

SHARDS: Final = 2**64 - 2
"""Instead of a layer's number: the random stream of the shards' seeds."""


@methods_suggest_options
@dataclass(frozen=True)
class Rounds:
    """Settings of training in rounds.

    Parameters
    ----------
    shards : int
        Into how many parts the rows are dealt. Each goes its own steps in every round. It decides the result, as
        `batch_size` does: keep it when the number of machines changes.
    local_steps : int
        The most steps that a shard goes by itself in a round, never more than an epoch has. Fewer mean more rounds, and
        more to send; more cost accuracy where there are many shards. See ``benchmarks/results/rounds.md``.
    outer_rate : float
        The factor of the shards' mean update; 1 with an `outer_momentum` of 0 is their plain average.
    outer_momentum : float in [0, 1)
        The momentum of the earlier updates, in Nesterov's form. DiLoCo has 0.9, and a rate of 0.7; with rates chosen
        for each, the plain average does no worse on the tables of ``benchmarks/results/rounds.md``.
    deadline : float
        Seconds after which a worker that does not answer is given up, and its work is done by another one. It changes
        no result.

    Examples
    --------
    >>> Rounds(4).local_steps
    10
    """

    shards: int = 8
    local_steps: int = 10
    outer_rate: float = 1.0
    outer_momentum: float = 0.0
    deadline: float = 30.0

    def __post_init__(self) -> None:
        validate(
            self,
            shards=Integer("Common values are 2 to 64"),
            local_steps=Integer("Common values are 5 to 100"),
            outer_rate=Number("(0, inf)", "Common values are 0.5 to 1"),
            outer_momentum=Number("[0, 1)", "Common values are 0 to 0.9"),
            deadline=Number("(0, inf)", "In seconds, for example 30"),
        )

    @classmethod
    def taken(cls, name: str, value: object) -> Rounds:
        """The rule of an option: a number of shards is accepted, too; None is the default."""
        if value is None:
            return cls()
        return value if isinstance(value, Rounds) else cls(Integer("Or pass a glassnet.Rounds").taken(name, value))


class RoundPlan(NamedTuple):
    """The division of an epoch into rounds: about one pass over all rows.

    Attributes
    ----------
    rounds : int
        Of an epoch.
    steps : int
        Of each shard in a round.
    batch_sizes : tuple of int
        Of each shard: larger shards have larger batches, so that all have as many steps.
    """

    rounds: int
    steps: int
    batch_sizes: tuple[int, ...]

    @property
    def rows(self) -> int:
        """The number of rows in a round."""
        return self.steps * sum(self.batch_sizes)


def plan_rounds(counts: Sequence[int], batch_size: int, local_steps: int) -> RoundPlan:
    """The division of an epoch into rounds for shards of these sizes.

    Parameters
    ----------
    counts : sequence of int
        The rows of each shard.
    batch_size : int
        Of a shard of average size.
    local_steps : int

    Raises
    ------
    InputError
        If a shard has no rows.

    Examples
    --------
    >>> plan_rounds([1000, 1000, 500], batch_size=50, local_steps=10)
    RoundPlan(rounds=2, steps=9, batch_sizes=(60, 60, 30))
    """
    if min(counts) < 1:
        rule = Text("Every shard must have training rows")
        raise InputError(
            rule, Text("{total} rows for {other} shards", total=sum(counts), other=len(counts)), "Use fewer shards"
        )
    mean = sum(counts) / len(counts)
    steps = max(1, round(mean / batch_size))
    rounds = -(-steps // local_steps)
    sizes = tuple(max(1, round(min(batch_size, mean) * count / mean)) for count in counts)
    return RoundPlan(rounds, -(-steps // rounds), sizes)


@dataclass(frozen=True)
class LocalTrainer:
    """The optimizer of local steps, with its state at the beginning of a round.

    Parameters
    ----------
    optimizer : Optimizer
    weight_decay, clip_value, clip_norm : float or None
        As of an :class:`glassnet.engines.Updater`.
    steps : int
        Those that are done.
    coefficients : tuple of float or None
        Of the last of them.
    memory : tuple of arrays of shape (parameters,)
        Its state: its slots.
    """

    optimizer: Optimizer
    weight_decay: float | None
    clip_value: float | None
    clip_norm: float | None
    steps: int
    coefficients: tuple[float, ...] | None
    memory: tuple[Array, ...]

    @classmethod
    def of(cls, updater: Updater) -> LocalTrainer:
        """The settings and state of an updater."""
        settings = updater.rule, updater.weight_decay, updater.clip_value, updater.clip_norm
        return cls(*settings, updater.t, updater.coefficients, tuple(updater.slots.values()))

    def updater(self, network: NeuralNetwork) -> Updater:
        """An updater that continues from this state."""
        settings = self.optimizer, self.weight_decay, self.clip_value, self.clip_norm
        updater = Updater(network.layout, *settings, dtype=network.dtype)
        self.put_into(updater)
        return updater

    def put_into(self, updater: Updater) -> None:
        """Restore an updater of the same kind to this state."""
        updater.t, updater.coefficients = self.steps, self.coefficients
        for slot, remembered in zip(updater.slots.values(), self.memory, strict=True):
            slot[...] = remembered


class StepRange(NamedTuple):
    """The steps of one shard in one round.

    Attributes
    ----------
    shard : int
        Its number.
    round : int
        That of the round, from 0, since training began.
    steps, batch_size : int
    rate, decay, dropout : float
        The learning rate, and the factors of weight decay and dropout.
    weight : float
        The factor of the row weights, so that all training rows have weight 1 on average.
    """

    shard: int
    round: int
    steps: int
    batch_size: int
    rate: float
    decay: float
    dropout: float
    weight: float = 1.0


class LocalUpdate(NamedTuple):
    """The result of the local steps of a shard.

    Attributes
    ----------
    moved : array of shape (parameters,)
        The parameters before it minus those after it.
    statistics : array
        Those of the network after it.
    loss : float
        The mean of the rows, each before its step.
    memory : tuple of arrays of shape (parameters,)
        The state of the optimizer after it.
    """

    moved: Array
    statistics: Array
    loss: float
    memory: tuple[Array, ...] = ()


class Shards(Protocol):
    """Rows in shards, in this process or elsewhere."""

    counts: Sequence[int]
    """The number of rows of each."""
    weight: float
    """The factor of row weights, as in a :class:`StepRange`."""
    sample: Rows
    """Some of the rows, in this process."""
    digest: str
    """A digest of the rows, which a checkpoint must match."""

    def go(self, network: NeuralNetwork, inner: LocalTrainer, stretches: Sequence[StepRange]) -> list[LocalUpdate]:
        """Run the local steps of each shard; the results are in the order of the shards."""


def local_round(network: NeuralNetwork, inner: LocalTrainer, rows: Rows, step_range: StepRange) -> LocalUpdate:
    """Run local steps from a network on the rows of a shard; the network is not changed.

    Parameters
    ----------
    network : NeuralNetwork
    inner : LocalTrainer
        With the mean of what all shards remembered after the round before.
    rows : Rows
        All of the shard; they are gone through again and again, in another order each time.
    step_range : StepRange

    Raises
    ------
    DivergenceError
        If the loss or the parameters leave the finite numbers.
    """
    own, engine = network.copy(), network.engine.with_workers(1)  # each call gets one processor
    seed = int(stream_key(network.seed, step_range.shard + 1, SHARDS))
    own.seed = int(stream_key(seed, step_range.round + 1, SHARDS))  # so that no two rounds drop the same units
    count = step_range.steps * step_range.batch_size
    taken = rows.take(turns(engine.name, seed, len(rows.y), step_range.round * count, count))
    weight = None if taken.weight is None else taken.weight * taken.weight.dtype.type(step_range.weight)
    updater = inner.updater(network)
    rates = np.full(step_range.steps, step_range.rate)
    with engine.training(own, taken.X, taken.y, weight, step_range.batch_size, updater) as steps:
        total = steps(np.arange(count), rates, StepOptions(step_range.decay, step_range.dropout))
    return LocalUpdate(
        network.parameters - own.parameters, own.statistics, float(total) / count, tuple(updater.slots.values())
    )


def turns(engine: str, seed: int, rows: int, begin: int, count: int) -> Array:
    """Row numbers from position `begin` of an endless series of passes over the rows, each in its own order.

    Examples
    --------
    >>> turns("reference", seed=0, rows=3, begin=0, count=9)
    array([1, 0, 2, 0, 1, 2, 1, 2, 0])
    """
    first, last = begin // rows, (begin + count - 1) // rows
    passes = [_order(engine, seed, number + 1, rows) for number in range(first, last + 1)]
    return np.concatenate(passes)[begin - first * rows :][:count]


@lru_cache(maxsize=16)
def _order(engine: str, seed: int, number: int, rows: int) -> Array:
    """The order of one pass, of which a round uses a part."""
    return get_engine(engine).order(seed, number, rows)


def average_updates(updates: Sequence[LocalUpdate], counts: Sequence[int]) -> LocalUpdate:
    """The average of the shards' updates, weighted by rows, added in order.

    Examples
    --------
    >>> updates = [LocalUpdate(np.array([1.0]), np.zeros(0), 0.5), LocalUpdate(np.array([5.0]), np.zeros(0), 0.9)]
    >>> average_updates(updates, [30, 10])
    LocalUpdate(moved=array([2.]), statistics=array([], dtype=float64), loss=0.6, memory=())
    """
    shares = (np.asarray(counts) / sum(counts)).tolist()

    def mean(arrays: Sequence[Array]) -> Array:
        total = np.zeros(len(arrays[0]))
        for array, share in zip(arrays, shares, strict=True):
            total += share * array.astype(np.float64)
        return total.astype(arrays[0].dtype)

    loss = 0.0
    for update, share in zip(updates, shares, strict=True):
        loss += share * update.loss
    return LocalUpdate(
        mean([update.moved for update in updates]),
        mean([update.statistics for update in updates]),
        loss,
        tuple(mean(memories) for memories in zip(*(update.memory for update in updates), strict=True)),
    )

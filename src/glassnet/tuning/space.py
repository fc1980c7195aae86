"""Search spaces: which options a search varies, and between which ends; a readable dictionary for each preset.

A space has ranges by the name of the option. Three names are no options: `depth` hidden layers of `width` units each,
or the words of `shape`, become `hidden_layers`. Options outside a space stay as the preset has them, such as
epochs and schedules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from glassnet.estimators.architecture import OF_EMBEDDING, hidden_layers, own_fields
from glassnet.estimators.declaration import options_that_are
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.measure import never_falls
from glassnet.layers import Dropout
from glassnet.network import LBFGS

if TYPE_CHECKING:
    from optuna.trial import Trial


class Range(Protocol):
    """The range of one option."""

    def suggest(self, trial: Trial, name: str) -> Any:
        """The value that Optuna's sampler proposes."""

    def __contains__(self, value: object) -> bool: ...


@dataclass(frozen=True)
class Uniform:
    """Any number from `low` to `high`."""

    low: float
    high: float

    def suggest(self, trial: Trial, name: str) -> float:
        return trial.suggest_float(name, self.low, self.high)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class LogUniform(Uniform):
    """Any number from `low` > 0 to `high`, each factor of ten as likely as another."""

    def suggest(self, trial: Trial, name: str) -> float:
        return trial.suggest_float(name, self.low, self.high, log=True)


@dataclass(frozen=True)
class UniformInteger(Uniform):
    """Any whole number from `low` to `high`."""

    low: int
    high: int

    def suggest(self, trial: Trial, name: str) -> int:
        return trial.suggest_int(name, self.low, self.high)


@dataclass(frozen=True)
class Categorical:
    """One of some values: numbers, words, or True and False, which a file of JSON gives back as they are."""

    values: tuple[float | str, ...]

    def suggest(self, trial: Trial, name: str) -> Any:
        return trial.suggest_categorical(name, self.values)

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return ", ".join(map(str, self.values))


Space = Mapping[str, Range]

OF_HIDDEN_LAYERS = ("width", "depth")
"""The names in a space that are no options."""

EMBEDDED: Space = MappingProxyType(
    {
        "numeric_embedding": Categorical(
            ("none", "piecewise_linear", "piecewise_linear_tree", "periodic", "periodic_relu")
        ),
        "spread": LogUniform(0.03, 5.0),
        "frequencies": Categorical((8, 16, 32)),
    }
)
"""How finely an embedding of numbers sees, in every space."""

MLP: Space = MappingProxyType(
    {
        "learning_rate": LogUniform(5e-4, 2e-2),
        "weight_decay": LogUniform(1e-4, 1e-1),
        "dropout": Uniform(0.0, 0.5),
        "width": Categorical((64, 128, 256)),
        "depth": UniformInteger(1, 4),
        "activation": Categorical(("relu", "silu", "mish")),
        **EMBEDDED,
        "batch_size": Categorical((64, 128, 256)),
        "label_smoothing": Categorical((0.0, 0.1)),
    }
)
"""For the preset "mlp". Weight decay and dropout as for the plain network in Gorishniy, Kotelnikov, Babenko (2025),
*TabM*, appendix on tuning; its learning rates, 1e-4 to 5e-3, are for more steps than small tables have, so ours are
higher, and of its shapes, 1 to 6 layers of 64 to 1024 units, we leave out those that take a processor long. Batches are
of the sizes that the preset chooses from."""

REALMLP: Space = MappingProxyType(
    {
        "learning_rate": LogUniform(2e-2, 3e-1),
        "weight_decay": LogUniform(1e-3, 5e-2),
        "dropout": Uniform(0.0, 0.5),
        "width": Categorical((64, 128, 256, 384)),
        "depth": UniformInteger(1, 4),
        "activation": Categorical(("relu", "selu", "mish")),
        **EMBEDDED,
        "batch_size": Categorical((128, 256, 512)),
        "label_smoothing": Categorical((0.0, 0.1)),
    }
)
"""For the preset "realmlp". Learning rate, activations, embeddings and label smoothing as in Holzmüller, Grinsztajn,
Steinwart (2024), *Better by Default*, section C (RealMLP-HPO). Weight decay, dropout and widths, for which it has two
or three values, as in the space of the same authors in Erickson et al. (2025), *TabArena*, with narrower networks,
which take a processor less long. Batch sizes, the ends of the spread and the numbers of
waves are our own."""

BAGGED: Space = MappingProxyType(dict(REALMLP) | {"width": Categorical((64, 128, 256))})
"""For the presets of several networks, which are narrower."""

TABM: Space = MappingProxyType(
    {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-4, 1e-1),
        "dropout": Uniform(0.0, 0.5),
        "width": Categorical((64, 128, 256)),
        "depth": UniformInteger(1, 4),
        **EMBEDDED,
        "batch_size": Categorical((128, 256)),
    }
)
"""For the preset "tabm". Learning rate, weight decay and dropout as in Gorishniy, Kotelnikov, Babenko (2025), *TabM*,
appendix on tuning; narrower, for processors."""

SPACES: Mapping[str, Space] = MappingProxyType(
    {
        "bagged": BAGGED,
        "best": REALMLP,
        "fast": BAGGED,
        "mlp": MLP,
        "realmlp": REALMLP,
        "tabm": TABM,
    }
)
"""The ranges of each preset."""

LABELS_COUNT = ("accuracy", "balanced_accuracy")
"""Scores that look at labels alone. Label smoothing helps these, and makes every score of probabilities worse
(Holzmüller, Grinsztajn, Steinwart, 2024, section B.5)."""


def search_space(
    preset: str, settings: Mapping[str, Any], fixed: Mapping[str, Any], *, classes: bool, scoring: object
) -> dict[str, Range]:
    """Return the search space: the preset's ranges without options that are set or have no effect.

    `settings` are every option as it would be without a search; those that are `fixed` are given, and so stay.

    Examples
    --------
    >>> from glassnet.estimators.presets import TableSize, resolve
    >>> settings = resolve("mlp", {}, TableSize(1000, 5))
    >>> fixed = {"hidden_layers": (64, 32), "learning_rate": 0.01}
    >>> list(search_space("mlp", settings, fixed, classes=True, scoring="roc_auc"))
    ['weight_decay', 'dropout', 'activation', 'numeric_embedding', 'spread', 'frequencies', 'batch_size']
    """
    decided = set(fixed)
    if "hidden_layers" in fixed:
        decided |= set(OF_HIDDEN_LAYERS)
        if any(isinstance(layer, Dropout) for layer in hidden_layers(settings)):
            decided.add("dropout")  # dropout that was placed by hand stays where it is
    if settings["optimizer"] == LBFGS:  # which takes no small steps
        decided |= {*options_that_are("for_batches"), "dropout"}
    if "numeric_embedding" in fixed and "spread" not in own_fields(settings["numeric_embedding"]):
        decided |= OF_EMBEDDING.keys()
    if not classes or scoring not in LABELS_COUNT:
        decided.add("label_smoothing")
    space = {name: range_ for name, range_ in SPACES[preset].items() if name not in decided}
    return space if settings.get("monotone") is None else {name: _monotone(name, one) for name, one in space.items()}


def _monotone(name: str, range_: Range) -> Range:
    """What there is to search for where answers must not fall: no activation that does, and no embedding of waves."""
    if name == "activation" and isinstance(range_, Categorical):
        return Categorical(tuple(value for value in range_.values if never_falls(ACTIVATIONS.get(str(value)))))
    if name == "numeric_embedding" and isinstance(range_, Categorical):
        return Categorical(tuple(value for value in range_.values if value != "periodic_relu"))
    return range_


def options_from(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the estimator's options for a sampled point of the space.

    Examples
    --------
    >>> options_from({"width": 64, "depth": 2, "dropout": 0.1})
    {'dropout': 0.1, 'hidden_layers': (64, 64)}
    """
    options = dict(drawn)
    if "depth" in options:
        options["hidden_layers"] = (options.pop("width"),) * options.pop("depth")
    return options


def option_names(space: Space) -> list[str]:
    """The options that a space is about.

    Examples
    --------
    >>> option_names(SPACES["tabm"])[2:5]
    ['dropout', 'hidden_layers', 'numeric_embedding']
    """
    return list(dict.fromkeys("hidden_layers" if name in OF_HIDDEN_LAYERS else name for name in space))


def drawn_from(settings: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """What would have to be drawn to get these settings, as far as they lie in the space.

    Examples
    --------
    >>> drawn_from({"hidden_layers": (256, 256), "dropout": 0.9, "batch_size": 64}, SPACES["mlp"])
    {'width': 256, 'depth': 2, 'batch_size': 64}
    """
    drawn = dict(settings)
    layers = settings.get("hidden_layers")
    if isinstance(layers, tuple) and len(set(layers)) == 1 and layers[0] in space.get("width", ()):
        drawn |= {"width": layers[0], "depth": len(layers)}
    return {name: drawn[name] for name, range_ in space.items() if name in drawn and drawn[name] in range_}

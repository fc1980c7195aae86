"""What a gradient check found: a table of the groups of numbers, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glassnet.display.blocks import Table, Words, display
from glassnet.display.numbers import short
from glassnet.support.language import Language, Lines, Text, aligned, check_language, minus, sentences
from glassnet.support.option_names import methods_suggest_options

INPUTS = "X"
"""The group of the inputs."""

TEXTS: Final = {
    "check.head": Text("group|numbers|checked|kinks|error|worst at|gradient|slope"),
    "check.right": Text("The gradient is correct: largest relative error {error:.0e} over {count:,} numbers{kinks}."),
    "check.kinks": Text("; {count:,} kinks skipped"),
    "check.one_kink": Text("; 1 kink skipped"),
    "check.nothing": Text("The gradient cannot be checked: all {count:,} numbers are at kinks."),
    "check.wrong": Text(
        "The gradient of {name} is wrong by {distance}: at {place} it is {gradient:.4g}, and the slope is {slope:.4g}."
    ),
    "check.sign": Text("It has the wrong sign throughout."),
    "check.factor": Text("It is {factor:.4g} times the slope throughout."),
    "check.few": Text("{wrong:,} of {checked:,} numbers are wrong."),
    "check.others": Text("Also wrong: {names}."),
    "check.after": Text("The layers after layer {layer} are correct."),
    "check.culprit": Text("`{name}`: its derivative does not match its function."),
    "check.sampled": Text("In larger groups, {samples:,} numbers each were sampled (seed {seed})."),
    "check.rounded": Text(
        "Checked in float64; in float32, the network's precision, rounding changes the gradient by {rounding:.0e}."
    ),
}


@dataclass(frozen=True)
class Group:
    """Numbers that belong together: a parameter such as "1.W", the inputs "X", the outputs of a formula.

    Attributes
    ----------
    name : str
    shape : tuple of int
    numbers, checked, kinks, wrong : int
        How many there are, were looked at, have no derivative, and have one that the gradient is not.
    error : float
        The largest relative error, kinks left out.
    distance : float
        That of the gradient from the slopes as a whole, as a share of the longer of both.
    place : tuple of int
        Where the error is largest.
    gradient, slope : float
        What was claimed there, and what the differences say.
    factor : float or None
        What all slopes are multiplied by in a wrong gradient; None: it is no such multiple.
    """

    name: str
    shape: tuple[int, ...]
    numbers: int
    checked: int
    kinks: int
    wrong: int
    error: float
    distance: float
    place: tuple[int, ...]
    gradient: float
    slope: float
    factor: float | None


@methods_suggest_options
@dataclass(frozen=True)
class GradientCheck:
    """Result of :func:`glassnet.check_gradients`; prints as a table and a verdict.

    Attributes
    ----------
    groups : tuple of Group
        Parameter by parameter, and last the inputs.
    tolerance : float
        The relative error that is taken for rounding.
    samples : int or None
        How many numbers were drawn of a larger group; None: all were looked at.
    seed : int
        What they were drawn by.
    culprits : tuple of str
        The activations, and the loss, of a network with a wrong gradient that are wrong by themselves.
    rounding : float or None
        How far a float32 network's own gradient is from the one in float64, as a share of its length.
    language : {"en", "zh"}, optional
        Of what is printed.
    """

    groups: tuple[Group, ...]
    tolerance: float
    samples: int | None = None
    seed: int = 0
    culprits: tuple[str, ...] = ()
    rounding: float | None = None
    language: Language | None = None

    @property
    def right(self) -> bool:
        """Whether no gradient is wrong, and not all numbers are at kinks."""
        return not any(group.wrong for group in self.groups) and self.checked > self.kinks

    @property
    def error(self) -> float:
        """The largest relative error."""
        return max(group.error for group in self.groups)

    @property
    def checked(self) -> int:
        """Number of checked numbers."""
        return sum(group.checked for group in self.groups)

    @property
    def kinks(self) -> int:
        """Number of kinks: checked numbers without a derivative."""
        return sum(group.kinks for group in self.groups)

    def __getitem__(self, name: str) -> Group:
        """The group of that name."""
        known = {group.name: group for group in self.groups}
        if name not in known:
            raise KeyError(f"There is no group {name!r}; there are: {', '.join(known)}")
        return known[name]

    def verdict(self, language: Language | None = None) -> str:
        """The verdict in words."""
        language = check_language(self.language if language is None else language)
        if any(group.wrong for group in self.groups):
            said = self._wrong(language)
        elif self.checked == self.kinks:
            said = [TEXTS["check.nothing"].say(language, count=self.checked)]
        else:
            text = TEXTS["check.one_kink" if self.kinks == 1 else "check.kinks"]
            kinks = text.say(language, count=self.kinks) if self.kinks else ""
            said = [TEXTS["check.right"].say(language, error=self.error, count=self.checked - self.kinks, kinks=kinks)]
        if self.samples is not None and any(group.checked < group.numbers for group in self.groups):
            said.append(TEXTS["check.sampled"].say(language, samples=self.samples, seed=self.seed))
        if self.rounding is not None:
            said.append(TEXTS["check.rounded"].say(language, rounding=self.rounding))
        return sentences(said, language)

    def _wrong(self, language: Language) -> list[str]:
        """The wrong group that is nearest to the loss first: on its way back an error reaches all that come earlier."""
        wrong = [group for group in self.groups if group.wrong]
        learned = [group for group in wrong if group.name[0].isdigit()]
        first = max(learned, key=lambda group: _layer(group.name)) if learned else wrong[0]
        place = f"[{', '.join(map(str, first.place))}]"
        values = {"name": first.name, "place": place, "gradient": first.gradient, "slope": first.slope}
        said = [TEXTS["check.wrong"].say(language, **values, distance=_share(first.distance))]
        if first.factor is not None:
            kind = "sign" if abs(first.factor + 1) < 1e-3 else "factor"
            said.append(TEXTS[f"check.{kind}"].say(language, factor=first.factor))
        elif first.wrong < first.checked:
            said.append(TEXTS["check.few"].say(language, checked=first.checked, wrong=first.wrong))
        others = [group.name for group in wrong if group is not first]
        if others:
            said.append(TEXTS["check.others"].say(language, names=", ".join(others)))
        layers = [_layer(group.name) for group in self.groups if group.name[0].isdigit()]
        if learned and _layer(first.name) < max(layers):
            said.append(TEXTS["check.after"].say(language, layer=_layer(first.name)))
        return said + [TEXTS["check.culprit"].say(language, name=name) for name in self.culprits]

    def cells(self, language: Language | None = None) -> list[list[str]]:
        """The groups as a table of text, its head first."""
        lines = [TEXTS["check.head"].say(check_language(self.language if language is None else language)).split("|")]
        for group in self.groups:
            counts = [f"{count:,}" for count in (group.numbers, group.checked, group.kinks)]
            place = f"[{', '.join(map(str, group.place))}]"
            lines.append(
                [group.name, *counts, minus(f"{group.error:.0e}"), place, short(group.gradient), short(group.slope)]
            )
        return lines

    def table(self, language: Language | None = None) -> str:
        """The groups, a line each."""
        return Lines(aligned(self.cells(language)))

    def __str__(self) -> str:
        return f"{self.table()}\n{self.verdict()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = self.cells()
        verdict = Words(self.verdict(), "" if self.right else "warning")
        return display([verdict, Table("", head, rows)], check_language(self.language))


def _layer(name: str) -> int:
    return int(name.partition(".")[0])


def _share(distance: float) -> str:
    return f"{100 * distance:.2g}%" if distance < 1 else f"{100 * distance:.0f}%"

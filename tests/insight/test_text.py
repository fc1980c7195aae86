"""Texts in two languages."""

import importlib
import pkgutil
import re
from importlib import resources

import pytest

import glassnet.insight
from glassnet.apps.texts import TEXTS
from glassnet.errors import InputError
from glassnet.support.language import LANGUAGES, Text, check_language


def all_texts():
    """Every text of the room, with where it stands."""
    for module in pkgutil.walk_packages(glassnet.insight.__path__, "glassnet.insight."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for place, text in found(value, name):
                yield f"{module.name}.{place}", text


def found(value, place):
    """The texts in a value, in containers as well."""
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from found(inner, f"{place}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from found(inner, f"{place}[{number}]")


def test_an_unknown_language_is_refused():
    assert [check_language(language) for language in LANGUAGES] == ["en", "zh"]
    with pytest.raises(InputError, match=r"`language` must be one of: en, zh. Received: 'fr'. Use one of these names"):
        check_language("fr")


def test_what_is_predicted_stands_beside_what_is_actual_and_not_what_is_true():
    """Also in the terminal and the playground; a true positive keeps its name."""
    said = dict(all_texts()) | TEXTS
    said["pages"] = (resources.files("glassnet") / "web" / "chinese.js").read_text(encoding="utf-8")
    other = re.compile(r"\btruth \\|\btrue (class|value|number)\b|\btrue [↓−]|, true \{", re.IGNORECASE)
    assert [place for place, text in said.items() if other.search(text)] == []

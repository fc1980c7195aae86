"""Texts in two languages."""

import importlib
import pkgutil
import string

import pytest

import glassnet.insight
from glassnet.errors import InputError
from glassnet.language import LANGUAGES, Text, check_language


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


def test_both_languages_fill_in_the_same():
    for place, text in all_texts():
        fields = [sorted({field for _, field, _, _ in string.Formatter().parse(part) if field}) for part in text]
        assert fields[0] == fields[1], place
        assert text.en.strip(), place
        assert text.zh.strip(), place


def test_an_unknown_language_is_refused():
    assert [check_language(language) for language in LANGUAGES] == ["en", "zh"]
    with pytest.raises(InputError, match=r"`language` must be one of: en, zh. Received: 'fr'. Use one of these words"):
        check_language("fr")

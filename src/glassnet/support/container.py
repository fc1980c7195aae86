"""The container of a model file: a safetensors file with JSON in its metadata.

The text has a digest of itself and of all arrays, so that not one changed bit goes unnoticed. This does not prevent
a forged file with a correct digest: the content is validated by its readers as untrusted input.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InputError
from glassnet.support.atomic_write import atomic_write
from glassnet.support.language import Text

Array = NDArray[Any]

FORMAT: Final = 9
"""The version of the format. Files of a newer one are refused, those of older ones are read for good: migration.py."""
KEY: Final = "glassnet"
DIGEST: Final = "sha256"
DTYPES: Final = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
"""The arrays that a model may have."""
RENAME: Final = Text("Rename the column, the class or the note that has it")
DAMAGED: Final = Text("Get a fresh copy of the file, or save the model again")

TIMES: Final = 4
"""The objects parsed from a description may take this many times the size of the file,"""
ALLOWANCE: Final = 24 * 2**20
"""and so much beyond that: more than the description of any usual model takes."""

LIST, DICT, NUMBER, HALF_A_WORD = 112, 208, 42, 32
"""Bytes that CPython takes at most for an object of each kind, its place in a list included."""


def write(path: Path, document: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write a model file, plain data and arrays of float32, float64 or int64: it is there whole, or as it was before.

    A link is kept, and its target is replaced.

    Raises
    ------
    InputError
        If the document is no strict JSON, or so large that it would not be read.
    OSError
        If the file cannot be written; nothing of it is left then.
    """
    contents = packed(document, arrays)
    with atomic_write(path) as file:
        file.write(contents)


def packed(document: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Read a model file.

    Raises
    ------
    InputError
        As :func:`write`.
    """
    from safetensors.numpy import save

    try:
        text = json.dumps({"format": FORMAT, **document, DIGEST: ""}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError("A model file holds plain data only", f"{error}", "Omit everything else") from error
    check_texts(document, RENAME)
    check_room(text, len(text) + sum(array.nbytes for array in arrays.values()))  # every written file can be read
    text = text.removesuffix('""}') + f'"{_digest(text, arrays)}"}}'
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {KEY: text})


def read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the arrays of a model file, as they were written.

    The description comes first, and memory is taken for it only once it is known to be worth it.

    Raises
    ------
    InputError
        If it is no model file, of a newer format, or not as it was written.
    OSError
        If it cannot be read.
    """
    check_regular(path)
    with path.open("rb") as file:  # read, not mapped: a file that shrinks under a mapping ends the process
        size = os.fstat(file.fileno()).st_size
        text = _text(file, size)
        document = _document(text, size)
        file.seek(0)
        arrays = _arrays(file.read(size))
    digest = document.pop(DIGEST, None)
    if not isinstance(digest, str) or digest != _digest(text.replace(digest, "", 1), arrays):
        raise InputError("A model file must be unmodified", "a changed one: its digest differs", DAMAGED)
    return document, arrays


def check_regular(path: Path) -> None:
    """Refuse a pipe or a device, which could block or never end."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError("A model must be a regular file", f"{path}", "Copy it to a file first")


def _text(file: BinaryIO, size: int) -> str:
    """Return the description: the value of glassnet's key in the file's header."""
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > size - 8:
        raise InputError("A model must be a complete safetensors file", Text("{size} bytes", size=size), DAMAGED)
    header = file.read(length)
    if not header.isascii():  # glassnet writes no other; one rare letter would make all others as wide
        raise InputError("The header of a model file must be plain ASCII", "other letters", DAMAGED)
    check_room(contents := header.decode("ascii"), size)
    del header
    try:
        metadata = json.loads(contents, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("A model must be a complete safetensors file", f"{error}", DAMAGED) from error
    named = metadata.get("__metadata__") if isinstance(metadata, dict) else None
    text = named.get(KEY) if isinstance(named, dict) else None
    if not isinstance(text, str):
        raise InputError("A model must be a file that glassnet wrote", "another safetensors file", "Use glassnet.save")
    return text


def _document(text: str, size: int) -> dict[str, Any]:
    """Return the description as plain data, of a format that can be read."""
    check_room(text, size)
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("The description in a model file must be JSON", f"{error}", DAMAGED) from error
    if not isinstance(document, dict) or type(document.get("format")) is not int:
        raise InputError("A model file must state the version of its format", None, DAMAGED)
    if "\\u" in text or not text.isascii():  # nothing else can stand for half of a character
        check_texts(document, DAMAGED)
    if not 1 <= document["format"] <= FORMAT:
        raise InputError(
            Text("The format version of a model file must be at most {number}", number=FORMAT),
            Text("format {value}, written by glassnet {other}", value=document["format"], other=_version(document)),
            "Install a newer glassnet to read it" if document["format"] > FORMAT else DAMAGED,
        )
    return document


def _arrays(contents: bytes) -> dict[str, Array]:
    """Return the arrays, whose sizes the library checks against that of the file."""
    from safetensors import SafetensorError, deserialize

    try:
        tensors: list[tuple[str, dict[str, Any]]] = deserialize(contents)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise InputError("A model must be a complete safetensors file", f"{error}", DAMAGED) from error
    arrays = {}
    for name, tensor in tensors:
        if tensor["dtype"] not in DTYPES:
            raise InputError(
                Text("Arrays in a model file must be of {dtypes}", dtypes=", ".join(DTYPES)), tensor["dtype"], DAMAGED
            )
        dtype = np.dtype(DTYPES[tensor["dtype"]])
        array = np.frombuffer(tensor["data"], dtype).reshape(tensor["shape"])
        arrays[name] = array.astype(dtype.newbyteorder("="), copy=False)
    return arrays


def _digest(text: str, arrays: Mapping[str, Array]) -> str:
    """SHA-256 of the text, an empty one in the digest's place, and of name, type, shape and numbers of each array."""
    digest = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.name} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def check_room(text: str, size: int) -> None:
    """Refuse a JSON text whose objects would take too much memory, before it is parsed.

    Two bytes, "[]", become an object of 72. So the signs that objects begin with are counted, and a text whose objects
    could be many times as large as the file is refused. The counts are upper bounds: signs inside of words count, too.

    Parameters
    ----------
    text : str
    size : int
        Bytes of the whole file that it is in.

    Raises
    ------
    InputError
        If they would.

    Examples
    --------
    >>> check_room('{"units": [64, 32]}', size=1000)
    >>> check_room("[]," * 10**7, size=3 * 10**7)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The description in a model file must take at most 145 MB. Received: 1,570 MB. Omit \
long lists from the notes; if there are none, the file may be damaged.
    """
    widest = 4 if "\\u" in text else 1  # one rare letter makes all letters of its word as wide
    needed = (
        LIST * text.count("[")
        + DICT * text.count("{")
        + NUMBER * text.count(",")
        + HALF_A_WORD * text.count('"')
        + widest * len(text)
    )
    allowed = TIMES * size + ALLOWANCE
    if needed > allowed:
        raise InputError(
            Text("The description in a model file must take at most {size:,} MB", size=allowed // 10**6),
            Text("{count:,} MB", count=needed // 10**6),
            "Omit long lists from the notes; if there are none, the file may be damaged",
        )


def check_texts(document: Any, remedy: str) -> None:
    """Refuse text that no page and no terminal can show: half of a pair of surrogates of UTF-16.

    Raises
    ------
    InputError
        If a text anywhere in the lists and dictionaries of a document has one.
    """
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, (list, tuple)):
            left += value
        elif isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise InputError("Text in a model file must be Unicode", ascii(value), remedy) from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _version(document: Mapping[str, Any]) -> str:
    versions = document.get("versions")
    return str(versions.get("glassnet")) if isinstance(versions, dict) else "of unknown version"

"""Texts in C: the loops around the rules of n-grams, which are printed, and the tables of a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.literals import comment, in_parentheses, table
from glassnet.exchange.c.scalar_code import INFIX, spell
from glassnet.ir.printing import AND, OR, WHOLE, Expression, from_the_left
from glassnet.ir.scalar import Operand, by_parameters, statements
from glassnet.ir.tensor import TraceNode
from glassnet.tables.columns import ngrams as rules
from glassnet.tables.columns.texts import TextColumn

__all__ = ["column_bytes", "column_source", "texts_source"]

SIGNS: Final = {**INFIX} | WHOLE | from_the_left(AND, {"bitwise_and": "&&"}) | from_the_left(OR, {"bitwise_or": "||"})
TYPES: Final = {"f": "double", "i": "uint32_t", "b": "bool"}

STRUCTURE: Final = """\
/* What a column of text knows: the characters that count as other ones, ascending, and from where on these stand in
   `others`; and of its n-grams the keys, ascending, of {bits} bits for each character: none where ids are hashes. */
struct ngrams {{
    const uint32_t *folded, *first, *others;
    uint32_t characters, blank;
    const uint64_t *keys;
    uint32_t count;
}};
"""
BY_KEY: Final = """\
/* The id of an n-gram in the vocabulary, found by halving; `count` if it is not in it. */
static uint32_t id_by_key(const struct ngrams *column, const uint32_t *characters, uint32_t size)
{{
    uint64_t key = 0;
    uint32_t low = 0, high = column->count;
    for (uint32_t i = 0; i < {longest}; ++i)
        key = key << {bits} | (i < size ? characters[i] : 0);
    while (low < high) {{
        const uint32_t middle = low + (high - low) / 2;
        if (column->keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }}
    return low < column->count && column->keys[low] == key ? low : column->count;
}}
"""
BY_HASH: Final = """\
/* The id of an n-gram without a vocabulary. */
static uint32_t id_by_hash(const uint32_t *characters, uint32_t size)
{{
    uint32_t state = {offset}u;
    for (uint32_t i = 0; i < size; ++i)
        state = hashed_character(state, characters[i]);
    return slot(state);
}}
"""
LOOPS: Final = """\
/* The next code point of a text in UTF-8; U+FFFD for bytes that are none. */
static uint32_t next_character(const unsigned char **text)
{{
    const unsigned char *at = *text;
    const uint32_t lead = *at++;
    const int more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : 0;
    uint32_t code = more > 0 ? lead & (0x3fu >> more) : lead < 0x80 ? lead : 0xfffd;
    for (int i = 0; i < more; ++i) {{
        if ((*at & 0xc0) != 0x80) {{
            code = 0xfffd;
            break;
        }}
        code = code << 6 | (*at++ & 0x3fu);
    }}
    *text = at;
    return whole_character(code);
}}

/* The values of the n-grams of a text of any length: a window slides over what its characters count as. */
static void ngram_values(const char *text, const struct ngrams *column, float *restrict values)
{{
    const unsigned char *at = (const unsigned char *)(text == NULL ? "" : text);
    uint32_t window[{longest}] = {{0}};
    double squares = 0.0;
    memset(values, 0, column->count * sizeof *values);
    window[{last}] = column->blank;
    for (bool inside = *at != 0; inside;) {{
        inside = *at != 0; /* a blank ends the text */
        const uint32_t code = inside ? next_character(&at) : ' ';
        uint32_t low = 0, high = column->characters;
        while (low < high) {{
            const uint32_t middle = low + (high - low) / 2;
            if (column->folded[middle] < code)
                low = middle + 1;
            else
                high = middle;
        }}
        const bool found = low < column->characters && column->folded[low] == code;
        const uint32_t from = found ? column->first[low] : 0, to = found ? column->first[low + 1] : 1;
        for (uint32_t i = from; i < to; ++i) {{
            const uint32_t next = found ? column->others[i] : column->keys == NULL ? code : {none};
            if (next == column->blank && window[{last}] == column->blank)
                continue;
            memmove(window, window + 1, {last} * sizeof *window);
            window[{last}] = next;
            const uint32_t longest = longest_ngram({window}, column->blank);
            for (uint32_t size = 2; size <= longest; ++size) {{
                const uint32_t *characters = window + {longest} - size;
                const uint32_t id = {id};
                if (id < column->count)
                    values[id] += 1.0f;
            }}
        }}
    }}
    for (uint32_t i = 0; i < column->count; ++i) {{
        if (values[i] > 0.0f) {{
            const double value = count_value((double)values[i]);
            squares += value * value;
        }}
    }}
    for (uint32_t i = 0; i < column->count; ++i) {{
        if (values[i] > 0.0f)
            values[i] = (float)(count_value((double)values[i]) / sqrt(squares));
    }}
}}
"""


def texts_source(*, vocabulary: bool, hashed: bool) -> str:
    """Return the functions that encode texts: by a vocabulary, by hashes, or both.

    Examples
    --------
    >>> "return (key ^ (key >> 16)) % 65536;" in texts_source(vocabulary=False, hashed=True)
    True
    """
    names = {"bits": int(rules.BITS), "longest": rules.LONGEST, "last": rules.LONGEST - 1, "none": rules.NONE}
    by_key, by_hash = "id_by_key(column, characters, size)", "id_by_hash(characters, size)"
    id_of = f"column->keys == NULL ? {by_hash} : {by_key}" if vocabulary and hashed else by_hash if hashed else by_key
    parts = [STRUCTURE.format(**names), _rule(rules.whole_character), _rule(rules.longest_ngram)]
    parts += [BY_KEY.format(**names)] if vocabulary else []
    if hashed:
        parts += [_rule(rules.hashed_character), _rule(rules.slot), BY_HASH.format(offset=int(rules.OFFSET))]
    window = ", ".join(f"window[{at}]" for at in range(rules.LONGEST))
    parts += [_rule(rules.count_value, "float64"), LOOPS.format(id=id_of, window=window, **names)]
    return "\n".join(parts)


def _rule(function: Callable[..., Any], dtype: str = "uint32") -> str:
    """Return a formula of single numbers as a function in C."""
    parameters, graph, _ = by_parameters(function, dtype)
    kind = "uint32_t" if dtype == "uint32" else "double"

    def written(node: TraceNode, operand: Operand) -> Expression:
        inputs = [operand(one) for one in node.inputs]
        return SIGNS[node.op].of(*inputs) if node.op in SIGNS else spell(node.op, inputs, dtype, dtype, set())

    lines, (output,) = statements(graph, written, lambda number: Expression(str(number)), {*parameters})
    body = [f"    const {TYPES[np.dtype(node.dtype).kind]} {name} = {text};" for node, name, text in lines]
    head = in_parentheses(f"static inline {kind} {function.__name__}", [f"{kind} {name}" for name in parameters])
    summary = (function.__doc__ or "").strip().partition("\n")[0]
    return "\n".join([comment(summary), head, "{", *body, f"    return {output};", "}", ""])


def column_source(name: str, column: TextColumn) -> str:
    """Return the tables of a column of text."""
    folded, first, others, keys = _tables(column.ngrams)
    codes = {"folded": folded, "first": first, "others": others}
    parts = [
        f"static const uint32_t {name}_{part}[{len(one)}] = {{\n{_listed(one)}\n}};\n" for part, one in codes.items()
    ]
    if len(keys):
        listed = table(f"0x{key:x}" for key in keys.tolist())
        parts.append(f"static const uint64_t {name}_keys[{len(keys)}] = {{\n{listed}\n}};\n")
    blank = rules.BLANK if len(keys) else ord(" ")
    values = [f"{name}_folded", f"{name}_first", f"{name}_others", len(folded), blank]
    values += [f"{name}_keys" if len(keys) else "NULL", column.size]
    return "".join([*parts, f"static const struct ngrams {name}[1] = {{{{{', '.join(map(str, values))}}}}};\n"])


def column_bytes(column: TextColumn) -> int:
    """Return the bytes of these tables."""
    return sum(one.nbytes for one in _tables(column.ngrams))


def _listed(numbers: np.ndarray[Any, Any]) -> str:
    return table(map(str, numbers.tolist()))


@lru_cache(maxsize=8)
def _tables(ngrams: Sequence[str]) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the characters that count as others, where these begin, the others, and the keys of n-grams.

    Of a vocabulary these are its characters, too, which count as their numbers, and all that are left out are unknown.
    """
    if ngrams:
        alphabet = rules.Alphabet.of(ngrams)
        numbers = {one: number for number, one in enumerate(alphabet.characters, rules.BLANK)}
        folded = dict(zip(alphabet.characters, alphabet.characters, strict=True))
        folded |= rules.folded_characters({*alphabet.characters})
        keys = alphabet.keys(ngrams)
    else:
        folded, keys = rules.folded_characters(), np.zeros(0, np.uint64)
    entries = sorted(folded.items())
    others = [numbers.get(one, rules.NONE) if ngrams else ord(one) for _, text in entries for one in text]
    first = np.concatenate([[0], np.cumsum([len(text) for _, text in entries])])
    codes = [ord(character) for character, _ in entries]
    return np.array(codes, np.uint32), first.astype(np.uint32), np.array(others, np.uint32), keys

"""The functions in C that do the work on whole tables: products, searches, and the sorting of a few numbers."""

from __future__ import annotations

from typing import Final

__all__ = ["LEVEL", "products_source"]

LEVEL: Final = """\
/* A text that a column is known to hold, and its number. */
struct level { const char *text; int number; };
"""

LOOK_UP: Final = """\
/* The number of a text, found by halving; the levels are in the order of their bytes. */
static int64_t look_up(const char *text, const struct level *levels, int count, int otherwise)
{
    int low = 0, high = count;
    if (text == NULL)
        text = ""; /* missing */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const int order = strcmp(text, levels[middle].text);
        if (order == 0)
            return levels[middle].number;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return otherwise;
}
"""

FUSED: Final = """\
/* a b + c, in one instruction where the processor has it. */
#ifdef FP_FAST_FMAF
#define FUSED(a, b, c) fmaf(a, b, c)
#else
#define FUSED(a, b, c) ((a) * (b) + (c))
#endif
"""

WEIGHTED_SUMS: Final = """\
/* y = x W for one row x; W has a row for each input. {note}The outputs are innermost, many at a time: their
   sums stay in registers, and the weights are read once, in the order in which they lie. */
static inline void {name}(int inputs, int outputs, const {type} *restrict x, const {weight} *restrict W,
                          {scale}{type} *restrict y)
{{
#define SUMS(block) \\
    for (; j + (block) <= outputs; j += (block)) {{ \\
        {type} sums[block] = {{0}}; \\
        for (int i = 0; i < inputs; ++i) \\
            for (int k = 0; k < (block); ++k) \\
                sums[k] = {fused}; \\
        for (int k = 0; k < (block); ++k) \\
            y[j + k] = sums[k]{times}; \\
    }}
    int j = 0;
    SUMS(128)
    SUMS(32)
    SUMS(8)
    SUMS(1)
#undef SUMS
}}
"""

ASCENDING: Final = """\
/* The places of a few numbers in ascending order; equal ones stay in theirs. */
static void ascending_{type}(int count, const {type} *restrict x, int64_t *restrict order)
{{
    for (int i = 0; i < count; ++i) {{
        int j = i;
        for (; j > 0 && x[order[j - 1]] > x[i]; --j)
            order[j] = order[j - 1];
        order[j] = i;
    }}
}}
"""

def products_source(used: set[str]) -> str:
    """Those functions that are used.

    Parameters
    ----------
    used : set of str
        Such as "weighted_sums float32", "weighted_sums_int8", "ascending float64", "look_up".
    """
    parts = []
    if "look_up" in used:
        parts.append(LOOK_UP)
    if used & {"weighted_sums float32", "weighted_sums_int8"}:
        parts.append(FUSED)
    if "weighted_sums float32" in used:
        parts.append(_weighted_sums("weighted_sums", "float", "float"))
    if "weighted_sums float64" in used:
        parts.append(_weighted_sums("weighted_sums_double", "double", "double"))
    if "weighted_sums_int8" in used:
        parts.append(_weighted_sums("weighted_sums_int8", "float", "int8_t"))
    parts += [ASCENDING.format(type=c) for c, dtype in (("float", "32"), ("double", "64")) if f"ascending float{dtype}" in used]
    return "\n".join(parts)


def _weighted_sums(name: str, kind: str, weight: str) -> str:
    whole = weight == "int8_t"
    one = f"{'(float)' if whole else ''}W[i * outputs + j + k]"
    return WEIGHTED_SUMS.format(
        name=name,
        type=kind,
        weight=weight,
        note="Weights are whole numbers, times a scale for each output. " if whole else "",
        scale="const float *restrict scale, " if whole else "",
        fused=f"FUSED(x[i], {one}, sums[k])" if kind == "float" else f"sums[k] + x[i] * {one}",
        times=" * scale[j + k]" if whole else "",
    )

"""The functions in C that do the work on whole tables: products, searches, and the sorting of a few numbers."""

from __future__ import annotations

from typing import Final

CLONED: Final = """\
/* Functions with long loops are there several times, for older processors of the kind and for newer ones: which is
   taken is decided when the program begins. With -march=native, and elsewhere, there is one of each. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__AVX2__) \\
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && __GNUC__ >= 12
#define SEVERAL
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif
"""

WIDEST: Final = """\
/* So many sums stay in registers: of long vectors there is room for more. */
#if defined(__AVX__) || defined(SEVERAL)
#define WIDEST 128
#else
#define WIDEST 64
#endif

"""

LEVEL: Final = """\
/* A text that a column is known to hold, and its number. */
struct level { const char *text; int number; };
"""

LOOK_UP: Final = """\
/* The number of a text, found by halving; the known ones are in the order of their bytes. */
static int64_t look_up(const char *text, const struct level *known, int count, int otherwise)
{
    int low = 0, high = count;
    if (text == NULL)
        text = ""; /* missing */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const int order = strcmp(text, known[middle].text);
        if (order == 0)
            return known[middle].number;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return otherwise;
}
"""

SINGLE_PRODUCTS: Final = ("weighted_sums float32", "weighted_sums_int8", "dot_products float32", "sparse_sums float32")
"""Those that use the macro below."""

FUSED: Final = """\
/* a b + c, in one instruction if the processor has one. */
#ifdef FP_FAST_FMAF
#define FUSED(a, b, c) fmaf(a, b, c)
#else
#define FUSED(a, b, c) ((a) * (b) + (c))
#endif
"""

WEIGHTED_SUMS: Final = """\
/* y = x W for one row x; W has a row for each input. {note}The outputs are innermost, many at a time: their
   sums stay in registers, and the weights are read once, in the order in which they lie. */
CLONED static void {name}(int inputs, int outputs, const {type} *restrict x, const {weight} *restrict W,
                          {scale}{type} *restrict y)
{{
#define SUMS(block) \\
    for (; j + (block) <= outputs; j += (block)) {{ \\
        {type} sums[block] = {{0}}; \\
        for (int i = 0; i < inputs; ++i) {{ \\
            if (x[i] != 0) {{ \\
                for (int k = 0; k < (block); ++k) \\
                    sums[k] = {fused}; \\
            }} \\
        }} \\
        for (int k = 0; k < (block); ++k) \\
            y[j + k] = sums[k]{times}; \\
    }}
    int j = 0;
    SUMS(WIDEST)
    SUMS(64)
    SUMS(32)
    SUMS(8)
    SUMS(1)
#undef SUMS
}}
"""

DOT_PRODUCTS: Final = """\
/* The same for few outputs, where each has its weights in one piece: eight sums at a time run along the inputs. */
CLONED static void {name}(int inputs, int outputs, const {type} *restrict x, const {type} *restrict W,
                         {type} *restrict y)
{{
    for (int j = 0; j < outputs; ++j) {{
        const {type} *const weights = W + j * inputs;
        {type} sums[8] = {{0}};
        int i = 0;
        for (; i + 8 <= inputs; i += 8)
            for (int k = 0; k < 8; ++k)
                sums[k] = {fused_eight};
        for (; i < inputs; ++i)
            sums[0] = {fused_one};
        y[j] = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }}
}}
"""

SPARSE_SUMS: Final = """\
/* The same for a row of which nearly all numbers are 0: it is looked through once for all outputs. */
static void {name}(int inputs, int outputs, const {type} *restrict x, const {type} *restrict W,
                   {type} *restrict y)
{{
    for (int j = 0; j < outputs; ++j)
        y[j] = 0;
    for (int i = 0; i < inputs; ++i)
        if (x[i] != 0)
            for (int j = 0; j < outputs; ++j)
                y[j] = {fused};
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
    """Return the source of the functions in use, such as "weighted_sums float32", "weighted_sums_int8", "ascending
    float64".
    """
    parts = [WIDEST] if any(one.startswith("weighted_sums") for one in used) else []
    if "look_up" in used:
        parts.append(LOOK_UP)
    for dtype, kind, suffix in (("float32", "float", ""), ("float64", "double", "_double")):
        if f"weighted_sums {dtype}" in used:
            parts.append(_weighted_sums(f"weighted_sums{suffix}", kind, kind))
        if f"dot_products {dtype}" in used:
            parts.append(_dot_products(f"dot_products{suffix}", kind))
        if f"sparse_sums {dtype}" in used:
            fused = _fused(kind, "x[i]", "W[i * outputs + j]", "y[j]")
            parts.append(SPARSE_SUMS.format(name=f"sparse_sums{suffix}", type=kind, fused=fused))
        if f"ascending {dtype}" in used:
            parts.append(ASCENDING.format(type=kind))
    if "weighted_sums_int8" in used:
        parts.append(_weighted_sums("weighted_sums_int8", "float", "int8_t"))
    return "\n".join(parts)


def _fused(kind: str, x: str, weight: str, before: str) -> str:
    return f"FUSED({x}, {weight}, {before})" if kind == "float" else f"{before} + {x} * {weight}"


def _dot_products(name: str, kind: str) -> str:
    return DOT_PRODUCTS.format(
        name=name,
        type=kind,
        fused_eight=_fused(kind, "x[i + k]", "weights[i + k]", "sums[k]"),
        fused_one=_fused(kind, "x[i]", "weights[i]", "sums[0]"),
    )


def _weighted_sums(name: str, kind: str, weight: str) -> str:
    whole = weight == "int8_t"
    one = f"{'(float)' if whole else ''}W[i * outputs + j + k]"
    return WEIGHTED_SUMS.format(
        name=name,
        type=kind,
        weight=weight,
        note="Weights are whole numbers, times a scale for each output. " if whole else "",
        scale="const float *restrict scale, " if whole else "",
        fused=_fused(kind, "x[i]", one, "sums[k]"),
        times=" * scale[j + k]" if whole else "",
    )

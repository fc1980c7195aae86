r"""Random numbers that need no state: each is a function of its place.

A generator with a state gives the n-th number only after the n - 1 before it. Here a number is computed from where it
is used: the seed of the run, the training step, the layer, the element. So a dropout mask is the same in every engine,
in any order and number of threads, and exactly the same after training was interrupted and resumed.

The numbers are those of SplitMix64, a generator whose n-th output is a hash of key + n · γ; here each (seed, step,
layer) has a key of its own, itself made by the same hash.

Source: Steele, Lea, Flood (2014), *Fast Splittable Pseudorandom Number Generators* (the constants of the finaliser
are those of Stafford's variant 13, as in Java's SplittableRandom); for the idea, Salmon, Moraes, Dror, Shaw (2011),
*Parallel Random Numbers: As Easy as 1, 2, 3*. For the order of rows, Durstenfeld (1964), *Algorithm 235: Random
Permutation*, known as the shuffle of Fisher and Yates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: the steps between two hashed counters
MULTIPLIER1 = np.uint64(0xBF58476D1CE4E5B9)
MULTIPLIER2 = np.uint64(0x94D049BB133111EB)
SHIFT1, SHIFT2, SHIFT3, SHIFT24, SHIFT32 = map(np.uint64, (30, 27, 31, 40, 32))
ONE = np.uint64(1)
ORDER = 2**64 - 1
"""In the place of a layer's number: the stream that orders the rows of an epoch."""


# Arithmetic is modulo 2^64. Written with np.add and np.multiply, not + and *: those warn of overflow on scalars.


def mix64(z: Any) -> Any:
    """Return the finaliser of SplitMix64: a bijection of 64 bits, where each input bit flips half of the output bits.

    z is np.uint64, array or scalar.

    >>> mix64(np.uint64(0)), mix64(np.uint64(1))
    (np.uint64(0), np.uint64(6238072747940578789))
    """
    z = np.multiply(z ^ (z >> SHIFT1), MULTIPLIER1)
    z = np.multiply(z ^ (z >> SHIFT2), MULTIPLIER2)
    return z ^ (z >> SHIFT3)


def random_bits(key: Any, index: Any) -> Any:
    """64 random bits for the element `index` = 0, 1, ... of the stream `key`, both np.uint64, arrays or scalars.

    The outputs of SplitMix64 started from the state `key`.

    >>> random_bits(np.uint64(1234567), np.uint64(0))
    np.uint64(6457827717110365317)
    """
    return mix64(np.add(key, np.multiply(np.add(index, ONE), GAMMA)))


def stream_key(seed: Any, step: Any, layer: Any) -> Any:
    """Return the key of the numbers that one layer needs in one step of the run with this seed.

    All three are integers of at least 0 and below 2^64, or np.uint64 arrays of such. One is hashed after the other, so
    that (1, 2) and (2, 1) have nothing in common.

    >>> stream_key(0, 1, 2) == stream_key(0, 2, 1)
    np.False_
    """
    key = random_bits(np.uint64(seed), np.uint64(step))
    return random_bits(key, np.uint64(layer))


def uniform(key: Any, index: Any) -> Any:
    """Return a number in [0, 1) for each element: the upper 24 of its 64 bits, as a multiple of 2^-24.

    24 bits are what float32 holds, so that the number (float64) is the same in both precisions.

    >>> uniform(stream_key(0, 1, 2), np.arange(3, dtype=np.uint64))
    array([0.31462067, 0.14778894, 0.82538998])
    """
    return (random_bits(key, index) >> SHIFT24) * 5.9604644775390625e-08


def sixteen_bits(key: Any, index: Any) -> Any:
    """Return 16 random bits for each element, a whole number in [0, 65536): one hash of 64 bits serves four elements.

    Of 64 elements from a multiple of 64 on, those whose indices differ by multiples of 16 share a hash: so 16 hashes
    side by side give four runs of 16 adjacent elements.

    >>> sixteen_bits(stream_key(0, 1, 2), np.arange(3, dtype=np.uint64))
    array([ 8852, 63937, 26225], dtype=uint64)
    """
    bits = random_bits(key, index // 64 * 16 + index % 16)
    return (bits >> (index // 16 % 4 * 16)) % 65536


def whole_below(key: Any, index: Any, count: Any) -> Any:
    """Return a whole number in [0, count) for each element, where count is at most 2^32: one as likely as another.

    The upper half of its 64 bits times count, divided by 2^32 and rounded down. No number is more likely than another
    by more than count / 2^32.

    >>> whole_below(stream_key(0, 1, 2), np.arange(5, dtype=np.uint64), np.uint64(6))
    array([1, 0, 4, 0, 1], dtype=uint64)
    """
    return np.multiply(random_bits(key, index) >> SHIFT32, count) >> SHIFT32


def row_order(seed: int, epoch: int, rows: int) -> Any:
    """Return the order of the rows in an epoch: a permutation that follows from the seed and the epoch alone.

    Row after row is put at a place drawn among those up to its own, and the one that was there goes to the end: so
    every order is as likely as another.

    Parameters
    ----------
    seed, epoch : int
    rows : int
        At most 2^32.

    Examples
    --------
    >>> row_order(seed=0, epoch=1, rows=4), row_order(seed=0, epoch=2, rows=4)
    (array([3, 0, 2, 1]), array([0, 1, 3, 2]))
    """
    index = np.arange(rows, dtype=np.uint64)
    order: list[int] = []
    for row, place in enumerate(whole_below(stream_key(seed, epoch, ORDER), index, index + ONE).tolist()):
        order.append(row)
        order[row], order[place] = order[place], row
    return np.array(order, np.int64)

"""The same bytes on every processor: results are brought to a grid, and chance hangs on the thing, not on the order.

Vector units, BLAS kernels and mathematical libraries differ in the last digit. A difference of 1e-16 is harmless until
something is sorted, counted or compared by it; so a figure goes through `snap` before that, and whatever is drawn for a
thing comes from a generator of its own, so that no thing shifts the chance of the next.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from data.power_diagram import FloatArray, IntArray

SEED: Final = 24
"""Another number gives another sample."""


def snap(values: npt.ArrayLike, decimals: int = 0) -> FloatArray:
    """`values` rounded to `decimals` (negative: tens, hundreds); never -0.0, which prints unlike 0.0."""
    return np.asarray(np.round(np.asarray(values, dtype=float), decimals) + 0.0, dtype=float)


def chance(*key: str | int) -> np.random.Generator:
    """The random generator of one thing, seeded by what the thing is: a purpose, then codes or whole metres."""
    digest = blake2b("/".join(map(str, (SEED, *key))).encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def chances(purpose: str, points: FloatArray | IntArray) -> list[np.random.Generator]:
    """A generator for each of `points` (n × 2, whole metres or whole columns and rows)."""
    return [chance(purpose, int(x), int(y)) for x, y in points.tolist()]

"""Noise in the last digit of what the sample's generator computes, as another processor or library would bring.

Shaken are mathematical functions, projections, lines, areas and draws, and every figure just before it is snapped. Not
shaken are sums, products and roots of whole numbers, which IEEE 754 fixes, and what has been snapped.
"""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pyproj
import pytest
import shapely

RELATIVE: Final = 1e-15
MATHEMATICS: Final = ("exp", "log", "sin", "cos", "tan", "sinh", "arctan", "arcsinh")
FIGURES: Final = ("area", "length", "distance", "buffer", "shortest_line", "point_on_surface")
CHOICES: Final = ("simplify", "set_precision")
"""Their input is shaken: what they give is a choice among its points, or on a grid."""
JOINS: Final = ("union_all", "intersection", "difference")
"""On a grid the input, without one the result."""
DRAWS: Final = ("normal", "uniform", "gumbel", "random")

Function = Callable[..., Any]
_cos, _transform = np.cos, shapely.transform


class Noise:
    """Shakes figures and shapes; every call otherwise, but equal figures of one call alike, so that rings stay closed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.calls = 0

    def shaken(self, values: Any) -> Any:
        """`values` (a figure, array, series, shapes, or a list of these), each times 1 ± `RELATIVE`; no whole number."""
        if isinstance(values, tuple | list):
            return type(values)(self.shaken(value) for value in values)
        if isinstance(values, shapely.Geometry) or getattr(values, "dtype", None) == np.dtype(object):
            return _transform(values, self.shaken)
        if isinstance(values, str | int):
            return values
        self.calls += 1
        return values * (1 + RELATIVE * _cos(1e7 * values + 1000 * self.seed + self.calls))

    def after(self, function: Function) -> Function:
        return lambda *args, **options: self.shaken(function(*args, **options))

    def before(self, function: Function) -> Function:
        return lambda values, *args, **options: function(self.shaken(values), *args, **options)

    def join(self, function: Function) -> Function:
        def joined(*args: Any, **options: Any) -> Any:
            gridded = options.get("grid_size") is not None
            return (self.before if gridded else self.after)(function)(*args, **options)

        return joined

    def hull(self, function: Function) -> Function:
        def shaken_hull(points: Any) -> SimpleNamespace:
            found = function(points)
            return SimpleNamespace(simplices=found.simplices, equations=self.shaken(found.equations))

        return shaken_hull

    def chance(self, function: Function) -> Function:
        def shaken_chance(*key: Any) -> SimpleNamespace:
            rng = function(*key)
            return SimpleNamespace(
                poisson=rng.poisson, **{name: self.after(getattr(rng, name)) for name in DRAWS}
            )

        return shaken_chance


def shake(monkeypatch: pytest.MonkeyPatch, seed: int) -> Noise:
    """Shake numpy, shapely, pyproj, scipy's hull and rasterio as the modules of `data` use them."""
    noise = Noise(seed)
    patches: list[tuple[Any, str, Callable[[Function], Function]]] = [
        *((np, name, noise.after) for name in MATHEMATICS),
        *((shapely, name, noise.after) for name in FIGURES),
        *((shapely, name, noise.before) for name in CHOICES),
        *((shapely, name, noise.join) for name in JOINS),
        (np.linalg, "solve", noise.after),
        (pyproj.Transformer, "transform", noise.after),
    ]
    imported = {
        "snap": noise.before,
        "rasterize": noise.before,
        "chance": noise.chance,
        "ConvexHull": noise.hull,
    }
    for module in [module for name, module in sys.modules.items() if name.startswith("data.")]:
        patches += [(module, name, patch) for name, patch in imported.items() if hasattr(module, name)]
    for owner, name, patch in patches:
        monkeypatch.setattr(owner, name, patch(getattr(owner, name)))
    return noise

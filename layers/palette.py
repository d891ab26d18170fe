"""What can be coloured, in which fixed classes, in which colours.

Classes are fixed, never taken from the sample, so that a colour means the same in every province and every year.
Dark and warm is always further behind; blue ramps count things that are neither good nor bad. Within a ramp lightness
only rises or only falls, which keeps the order for readers who do not see red and green apart, and on a grey print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.colours import NO_DATA_FILL as NO_DATA_FILL
from geo.colours import NO_DATA_HATCH as NO_DATA_HATCH
from geo.colours import VERDICT_COLOURS as VERDICT_COLOURS
from geo.schema import Direction, Network, Verdict
from layers.strings import Language, figure, has_text, number, text, unit_word

WORST_FIRST: Final = ("#7f2704", "#c9540f", "#f08c3a", "#fbc581", "#fff1d0")
COUNTS: Final = ("#e3eef9", "#b5d3ea", "#73b2d8", "#3484bf", "#0b4a94")
OPERATOR_COLOURS: Final = ("#0f766e", "#6d28d9", "#1d4ed8", "#be185d", "#3f3f46", "#4d7c0f")
DIRECTION_COLOURS: Final = {
    Direction.FALLING_BEHIND: "#b23a0e",
    Direction.STEADY: "#f0c06a",
    Direction.CATCHING_UP: "#cfe6f5",
}
SETTLEMENT_COLOURS: Final = {"centre": "#0b4a94", "cluster": "#73b2d8", "rural": "#e3eef9"}
HOTSPOT_COLOURS: Final = {"cluster": "#7f2704", "isolated": "#f08c3a", "none": "#fff1d0"}
PLACE_COLOURS: Final = {"town": "#0f172a", "school": "#6d28d9", "clinic": "#be185d", "office": "#b45309"}


@dataclass(frozen=True)
class Swatch:
    """One class: its key, its colour, and the colour of its hatch lines where it is hatched."""

    key: str
    fill: str
    hatch: str | None = None


NO_DATA: Final = Swatch("no_data", NO_DATA_FILL, NO_DATA_HATCH)


@dataclass(frozen=True)
class Indicator:
    """A column that can be coloured.

    `breaks` are the inner borders of the classes, in the column's own unit; a value on a border belongs to the class
    above it. `unit` is one of `layers.strings.figure`; empty for a verdict. `fallback_for` names the column whose
    absence makes this one worth offering. `label` names an own indicator, which the catalogue does not know.
    `categories` are the values of a column of classes, a colour each; the catalogue names them by keys that begin with
    `words`, which is empty for the classes of an own indicator and the gap together.
    """

    column: str
    unit: str = ""
    breaks: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()
    fallback_for: str = ""
    label: str = ""
    categories: tuple[str, ...] = ()
    words: str = ""

    @property
    def swatches(self) -> tuple[Swatch, ...]:
        """The classes in legend order, the one without data last."""
        if self.column == "verdict":
            known = [Swatch(str(verdict), colour) for verdict, colour in VERDICT_COLOURS.items()]
        elif self.categories:
            known = [Swatch(key, colour) for key, colour in zip(self.categories, self.colours, strict=True)]
        else:
            known = [Swatch(str(index), colour) for index, colour in enumerate(self.colours)]
        return (*known, NO_DATA)


def _of_classes(column: str, words: str, colours: Mapping[Any, str]) -> Indicator:
    keys = tuple(str(key) for key in colours)
    return Indicator(column, colours=tuple(colours.values()), categories=keys, words=words)


_BEST_FIRST: Final = tuple(reversed(WORST_FIRST))
_4G: Final = (0.80, 0.90, 0.95, 0.998)
_5G: Final = (0.10, 0.30, 0.60, 0.90)

INDICATORS: Final = (
    Indicator("verdict"),
    Indicator("gap_score", "points", (10, 25, 40, 60), _BEST_FIRST),
    Indicator("4g_covered_people_share", "share", _4G, WORST_FIRST),
    Indicator("4g_covered_area_share", "share", _4G, WORST_FIRST, "4g_covered_people_share"),
    Indicator("5g_covered_people_share", "share", _5G, WORST_FIRST),
    Indicator("5g_covered_area_share", "share", _5G, WORST_FIRST, "5g_covered_people_share"),
    Indicator("4g_uncovered_people", "people", (100, 300, 1_000, 3_000), COUNTS),
    Indicator("4g_operators", "operators", (1, 2, 3), (*WORST_FIRST[:1], *WORST_FIRST[2:])),
    Indicator("mobile_download_mbps", "Mbps", (5, 20, 40, 80), WORST_FIRST),
    Indicator("fixed_download_mbps", "Mbps", (10, 50, 100, 200), WORST_FIRST),
    *(_of_classes(f"{network}_direction", "direction", DIRECTION_COLOURS) for network in Network),
    Indicator("mobile_tests", "tests", (30, 100, 300, 1000), COUNTS),
    Indicator("town_distance_km", "km", (5, 10, 20, 40), _BEST_FIRST),
    Indicator("town_minutes", "minutes", (15, 30, 60, 120), _BEST_FIRST),
    _of_classes("settlement", "settlement", SETTLEMENT_COLOURS),
    _of_classes("hotspot", "hotspot", HOTSPOT_COLOURS),
    Indicator("people", "people", (5_000, 10_000, 20_000, 40_000), COUNTS),
)


def usable_indicators(result: pd.DataFrame) -> tuple[Indicator, ...]:
    """The indicators whose column the result table has, with at least one value in it."""
    filled = {name for name in result.columns if result[name].notna().any()}
    return tuple(i for i in INDICATORS if i.column in filled and i.fallback_for not in filled)


def classify(indicator: Indicator, values: Sequence[Any] | pd.Series) -> npt.NDArray[np.int64]:
    """Index into `indicator.swatches` for each value; what is missing or unknown goes to the last, *no data*."""
    last = len(indicator.swatches) - 1
    if indicator.column == "verdict" or indicator.categories:
        index = {swatch.key: position for position, swatch in enumerate(indicator.swatches)}
        return np.array([index.get(str(value), last) for value in values], dtype=np.int64)
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    classes = np.searchsorted(np.asarray(indicator.breaks, dtype=float), numbers, side="right")
    return np.where(np.isfinite(numbers), classes, last).astype(np.int64)


def class_labels(indicator: Indicator, language: Language) -> tuple[str, ...]:
    """One label per swatch, with the unit said once per label."""
    if indicator.column == "verdict":
        known = [text(f"verdict_{verdict}", language) for verdict in VERDICT_COLOURS]
        return (*known, text("verdict_unknown", language))
    if indicator.column == "4g_operators":
        top = int(indicator.breaks[-1])
        whole = [str(count) for count in range(top)]
        return (*whole, text("from_on", language, low=str(top)), text("no_data", language))
    if indicator.categories:
        return (
            *(_class_word(indicator, key, language) for key in indicator.categories),
            missing_word(indicator, language),
        )
    edges = [_edge(edge, indicator.unit, language) for edge in indicator.breaks]
    word = unit_word(indicator.unit, language) if indicator.unit != "points" else ""
    suffix = word if word in {"", "%"} else f" {word}"
    labels = [text("below", language, high=edges[0] + suffix)]
    labels += [f"{low} – {high}{suffix}" for low, high in pairwise(edges)]
    labels += [text("from_on", language, low=edges[-1] + suffix)]
    return (*labels, text("no_data", language))


def missing_word(indicator: Indicator, language: Language) -> str:
    """What a unit without a figure is called: as the page with these classes calls it, else that there are no data."""
    own = [f"{indicator.words}_{end}" for end in ("no_evidence", "unknown") if indicator.words]
    return text(next((key for key in own if has_text(key)), "no_data"), language)


def _class_word(indicator: Indicator, key: str, language: Language) -> str:
    """A class in words; `3-1` is a third of the gap score and a third of an own indicator."""
    if indicator.words:
        known = f"{indicator.words}_{key}"
        return text(known, language) if has_text(known) else missing_word(indicator, language)
    gap, own = key.split("-")
    return f"{text(f'gap_third_{gap}', language)}, {text(f'own_third_{own}', language)}"


def indicator_name(indicator: Indicator, language: Language) -> str:
    """What the indicator is called: an own one as its table was named, the others from the catalogue."""
    if indicator.categories and not indicator.words:
        return text("bivariate", language, name=indicator.label)
    return indicator.label or text(indicator.column, language)


def _edge(value: float, unit: str, language: Language) -> str:
    if unit != "share":
        return number(value, language, decimals=0 if float(value).is_integer() else 1)
    percent = round(value * 100, 6)
    return number(percent, language, decimals=0 if percent == int(percent) else 1)


def thin_line(fill: str) -> str:
    """Colour of the lines over a class that say the evidence is thin: light on dark, dark on light."""
    red, green, blue = (int(fill[place : place + 2], 16) for place in (1, 3, 5))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else "#475569"


def value_text(indicator: Indicator, value: Any, language: Language) -> str:
    """One unit's value in words, as the tooltip and the table show it."""
    if indicator.column == "verdict":
        known = {str(verdict) for verdict in Verdict}
        return text(f"verdict_{value}" if str(value) in known else "verdict_unknown", language)
    if value is None or pd.isna(value):
        return missing_word(indicator, language)
    if indicator.categories:
        return _class_word(indicator, str(value), language)
    return figure(float(value), indicator.unit, language)

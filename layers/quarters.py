"""A speed quarter by quarter on the map: every quarter of every unit as one small table that the browser steps through.

A quarter is coloured by its own mean alone: a unit without tests in it is hatched as without data, whatever it had before.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.schema import Network
from layers.escape import escape
from layers.labels import unit_labels
from layers.legend import swatch_fill
from layers.map_tools import LOCALES
from layers.palette import WORST_FIRST, Indicator, class_labels, classify
from layers.strings import Language, cut_decimal, number, text, unit_word
from layers.units import UnitsView, units_message

SUFFIX: Final = "_quarter_mbps"
_BREAKS: Final = {Network.MOBILE: (5, 20, 40, 80), Network.FIXED: (10, 50, 100, 200)}
_INDICATORS: Final = tuple(
    Indicator(f"{network}{SUFFIX}", "Mbps", tuple(float(edge) for edge in _BREAKS[network]), WORST_FIRST)
    for network in Network
)
"""In the classes of the indicator that takes all quarters together."""
_TEXTS: Final = (
    "bar",
    "slider",
    "speed",
    "slow",
    "normal",
    "fast",
    "play",
    "pause",
    "measured",
    "tests",
    "mean",
    "none",
)


def quarter_indicators(speed: pd.DataFrame) -> tuple[Indicator, ...]:
    """What can be shown quarter by quarter: networks with tests in two quarters at least; `speed`: `speed_by_quarter`."""
    return tuple(one for one in _INDICATORS if len(quarters_of(speed, one)) > 1)


def is_quarterly(indicator: Indicator) -> bool:
    """Whether the indicator is a speed quarter by quarter."""
    return indicator in _INDICATORS


def network_of(indicator: Indicator) -> str:
    """The network whose quarters the indicator shows."""
    return indicator.column.removesuffix(SUFFIX)


def quarters_of(speed: pd.DataFrame, indicator: Indicator) -> tuple[str, ...]:
    """Quarters with a mean of the indicator's network, oldest first: those that `quarter_frame` has, and no other."""
    if speed.empty:
        return ()
    mine = (speed["network"].astype(str) == network_of(indicator)) & (speed["tests"] > 0)
    shown = mine & (speed["download_raw_mbps"] >= 0)
    return tuple(sorted(speed.loc[shown, "quarter"].astype(str).unique()))


def quarter_now(wanted: Any, quarters: Sequence[str]) -> str:
    """The quarter asked for, else the newest; `quarters`: those there are, oldest first, at least one."""
    return str(wanted) if wanted in quarters else quarters[-1]


def quarter_word(quarter: str, language: Language) -> str:
    """`2026Q2` as people say it."""
    return text("quarter_word", language, year=quarter[:4], number=quarter[5:])


def quarter_frame(speed: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Mean, 90 % interval, tests and devices of every unit in every quarter with tests; see `geo.quarter_intervals`."""
    mine = speed[speed["network"].astype(str) == network_of(indicator)] if len(speed) else speed
    # slow to import, and the first view of the map shows no quarter
    from geo.quarter_intervals import quarter_intervals

    return quarter_intervals(mine)


def with_quarter(
    result: pd.DataFrame, frame: pd.DataFrame, indicator: Indicator, quarter: str
) -> pd.DataFrame:
    """`result` with the indicator's column: the mean of that quarter alone, null without tests; `frame`: `quarter_frame`."""
    rows = frame[frame["quarter"].astype(str) == quarter].set_index("unit_code")["download_mbps"]
    return result.assign(**{indicator.column: result["unit_code"].astype(str).map(rows)})


def quarters_message(
    result: pd.DataFrame, frame: pd.DataFrame, view: UnitsView, *, least_devices: float
) -> dict[str, Any]:
    """The message for the map's script with all quarters; which one to show first is one visitor's own.

    A row is a text for each unit, a cell per quarter apart by blanks: `class:mean:low:high:tests:thin`, low and high empty where
    there is no interval, the class alone where there are no tests; about 25 bytes a cell. Thin is a mean of fewer than
    `least_devices` devices, which would be no ground for an estimate.
    """
    indicator, language = view.indicator, view.language
    quarters = sorted(frame["quarter"].astype(str).unique())
    missing = len(indicator.swatches) - 1
    cells = _cells(frame, indicator, least_devices)
    codes = result["unit_code"].astype(str).tolist()
    units = {code: [missing, label, ""] for code, label in zip(codes, unit_labels(result), strict=True)}
    return {
        **units_message(result.iloc[:0].assign(**{indicator.column: np.nan}), view),
        "units": units,
        "quarters": {
            "names": quarters,
            "words": [quarter_word(quarter, language) for quarter in quarters],
            "measured": [sum((code, quarter) in cells for code in codes) for quarter in quarters],
            "rows": {
                code: " ".join(cells.get((code, one), str(missing)) for one in quarters) for code in codes
            },
            "locale": LOCALES[language],
            "texts": _texts(language),
        },
    }


def _texts(language: Language) -> dict[str, str]:
    found = {name: text(f"quarters_{name}", language) for name in _TEXTS}
    return {
        **found,
        "value": f"{{value}} {unit_word('Mbps', language)}",
        "interval": text("interval", language, low="{low}", high="{high}"),
        "thin": text("thin", language),
    }


def _cells(frame: pd.DataFrame, indicator: Indicator, least_devices: float) -> dict[tuple[str, str], str]:
    classes = classify(indicator, frame["download_mbps"])
    thin = (frame["devices"] < least_devices).astype(int)
    names = ("unit_code", "quarter", "download_mbps", "low_mbps", "high_mbps", "tests")
    columns = (frame[name].tolist() for name in names)
    return {
        (str(code), str(quarter)): ":".join(
            (str(place), _cut(mbps), _cut(low), _cut(high), str(max(1, round(tests))), str(few))
        )
        for place, few, code, quarter, mbps, low, high, tests in zip(classes, thin, *columns, strict=True)
    }


def _cut(value: float) -> str:
    """A figure as everywhere, cut and not rounded, so that none reads as the goal it misses; empty for none."""
    return f"{cut_decimal(value):.1f}" if np.isfinite(value) else ""


def thin_in(frame: pd.DataFrame, quarter: str, least_devices: float) -> int:
    """How many units have a mean of fewer than `least_devices` devices in that quarter."""
    rows = frame[frame["quarter"].astype(str) == quarter]
    return int((rows["devices"] < least_devices).sum())


def quarter_note(least_devices: float, language: Language) -> str:
    """What a quarter's figures are, in a sentence."""
    return text("quarters_note", language, devices=number(least_devices, language))


def quarters_legend_html(
    title: str, indicator: Indicator, least_devices: float, language: Language, *, above: str = ""
) -> str:
    """The legend while quarters play: the classes, without the counts that change with each; `above`: a row of what lies over them."""
    rows = "".join(
        f'<div class="vl-class"><span class="vl-swatch" style="{swatch_fill(swatch)}"></span><span><b>{escape(label)}</b></span></div>'
        for swatch, label in zip(indicator.swatches, class_labels(indicator, language), strict=True)
    )
    return (
        f'<section class="vl-legend" aria-label="{escape(text("legend", language))}">'
        f'<div class="vl-legend-title">{escape(title)}</div><div class="vl-legend-row">{rows}</div>{above}'
        f'<p class="vl-hint">{escape(quarter_note(least_devices, language))}</p></section>'
    )

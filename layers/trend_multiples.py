"""Trends as small multiples: the quarters of each unit beside the median of its list, as pictures of our own."""

import base64
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.trend_table import quarter_medians, with_tests
from layers.escape import escape
from layers.labels import labels_by_code
from layers.palette import DIRECTION_COLOURS, NO_DATA_HATCH
from layers.strings import Language, figure, quarter_text, text
from layers.trends import direction_word, slope_text

MOST_MULTIPLES: Final = 24
_WIDE, _HIGH, _EDGE = 150.0, 56.0, 5.0
# seen on light and on dark ground alike: a picture does not follow the theme
_OWN: Final = "#0d9488"
_MEDIAN: Final = "#7c8aa0"


def multiples_html(
    rows: pd.DataFrame, speed: pd.DataFrame, result: gpd.GeoDataFrame, network: str, language: Language
) -> str:
    """Small multiples: the quarters of each unit beside the list's median, all on one scale; at most `MOST_MULTIPLES`."""
    label = labels_by_code(result)
    medians = quarter_medians(speed, network)
    mine = with_tests(speed, network)
    shown: list[dict[Any, Any]] = (
        rows.dropna(subset=["trend_mbps_per_year"]).head(MOST_MULTIPLES).to_dict("records")
    )
    if not shown or medians.empty:
        return ""
    codes = {str(row["unit_code"]) for row in shown}
    kept = mine[mine["unit_code"].astype(str).isin(codes)]
    top = float(max(kept["download_raw_mbps"].max(), medians.max())) * 1.05
    quarters = list(medians.index)
    cells = "".join(
        _multiple(row, kept, medians, quarters, top, label[str(row["unit_code"])], language) for row in shown
    )
    scale = text(
        "trend_scale",
        language,
        top=figure(top / 1.05, "Mbps", language),
        first=quarter_text(str(quarters[0]), language),
        last=quarter_text(str(quarters[-1]), language),
    )
    return f'<div class="vl-multiples">{cells}</div><p class="vl-hint">{escape(scale)}</p>'


def _multiple(
    row: dict[Any, Any],
    speed: pd.DataFrame,
    medians: pd.Series,
    quarters: list[str],
    top: float,
    name: str,
    language: Language,
) -> str:
    own = speed[speed["unit_code"].astype(str) == str(row["unit_code"])].set_index("quarter")[
        "download_raw_mbps"
    ]
    unit = _places(own, quarters, top)
    colour = DIRECTION_COLOURS.get(row["direction"], NO_DATA_HATCH)
    word, said = direction_word(row["direction"], language), slope_text(row, language)
    dots = "".join(
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="2.4" fill="{_OWN}"/>' for at in unit if at is not None
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}">'
        f'<path fill="none" stroke="{_MEDIAN}" stroke-width="1.6" stroke-dasharray="3 2" d="{_line(_places(medians, quarters, top))}"/>'
        f'<path fill="none" stroke="{_OWN}" stroke-width="1.8" d="{_line(unit)}"/>{dots}</svg>'
    )
    # the page's cleaner of HTML takes drawings away, pictures stay
    source = f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
    return (
        f'<figure><img src="{source}" alt="{escape(f"{name}: {word}, {said}")}">'
        f'<figcaption><b>{escape(name)}</b><span><i style="background:{colour}"></i>{escape(word)}</span>'
        f"<span>{escape(said)}</span></figcaption></figure>"
    )


def _places(series: pd.Series, quarters: list[str], top: float) -> list[tuple[float, float] | None]:
    """Where each quarter's figure lies in the picture, None without one; zero is the bottom, so that heights can be compared."""
    step = (_WIDE - 2 * _EDGE) / max(len(quarters) - 1, 1)
    return [
        None if np.isnan(value) else (_EDGE + place * step, _HIGH - _EDGE - (_HIGH - 2 * _EDGE) * value / top)
        for place, value in enumerate(series.reindex(quarters).astype(float))
    ]


def _line(places: list[tuple[float, float] | None]) -> str:
    """A path through the places that breaks where there is none: no line stands where nothing was measured."""
    parts, pen = [], "M"
    for at in places:
        if at is not None:
            parts.append(f"{pen}{at[0]:.1f} {at[1]:.1f}")
        pen = "M" if at is None else "L"
    return "".join(parts)

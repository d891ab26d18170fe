"""Classes and colours: fixed borders, nothing unclassified, legible to readers who do not see red and green apart."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.people_sum import PeopleSum
from geo.schema import Direction
from geo.settlement import SETTLEMENTS
from layers.legend import legend_classes, legend_html
from layers.overlays import Overlay
from layers.palette import (
    COUNTS,
    DIRECTION_COLOURS,
    HOTSPOT_COLOURS,
    INDICATORS,
    SETTLEMENT_COLOURS,
    VERDICT_COLOURS,
    WORST_FIRST,
    Indicator,
    class_labels,
    classify,
    usable_indicators,
    value_text,
)
from layers.strings import text
from layers.table import VERDICT_CELLS
from tests.fake_built import communes, districts

BY_COLUMN = {indicator.column: indicator for indicator in INDICATORS}
# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


CLASSES_OF_COLOURS = [
    tuple(VERDICT_COLOURS.values()),
    tuple(DIRECTION_COLOURS.values()),
    tuple(SETTLEMENT_COLOURS.values()),
    tuple(HOTSPOT_COLOURS.values()),
    WORST_FIRST,
    COUNTS,
]


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ramp", [WORST_FIRST, tuple(reversed(COUNTS))])
def test_lightness_rises_along_a_ramp(ramp: tuple[str, ...]) -> None:
    lights = [luminance(colour) for colour in ramp]
    assert lights == sorted(lights)
    assert len(set(lights)) == len(lights)


@pytest.mark.parametrize("kind", ["none", *BLINDNESS])
@pytest.mark.parametrize("colours", CLASSES_OF_COLOURS)
def test_neighbours_can_be_told_apart_by_everyone(colours: tuple[str, ...], kind: str) -> None:
    seen_as = np.array(BLINDNESS.get(kind, np.eye(3)))
    for one, other in combinations(colours, 2):
        distance = np.linalg.norm(lab(seen_as @ linear(one)) - lab(seen_as @ linear(other)))
        assert distance > 12, (one, other)


def test_words_on_verdict_cells_are_legible() -> None:
    assert all(contrast(ground, ink) >= 4.5 for ground, ink in VERDICT_CELLS.values())


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.column)
def test_every_class_has_a_colour_and_a_label(indicator: Indicator) -> None:
    assert list(indicator.breaks) == sorted(set(indicator.breaks))
    if indicator.categories:
        assert len(indicator.colours) == len(indicator.categories)
    elif indicator.column != "verdict":
        assert len(indicator.colours) == len(indicator.breaks) + 1
    for language in ("vi", "en"):
        labels = class_labels(indicator, language)
        assert len(labels) == len(indicator.swatches)
        assert len(set(labels)) == len(labels)
    assert indicator.swatches[-1].hatch is not None
    assert all(swatch.hatch is None for swatch in indicator.swatches[:-1])


@pytest.mark.parametrize(
    ("column", "value", "index"),
    [
        ("4g_covered_people_share", 0.9979, 3),
        ("4g_covered_people_share", 0.998, 4),
        ("4g_covered_people_share", 0.0, 0),
        ("mobile_download_mbps", 4.999, 0),
        ("mobile_download_mbps", 5.0, 1),
        ("mobile_download_mbps", 900.0, 4),
        ("4g_operators", 0, 0),
        ("4g_operators", 3, 3),
        ("gap_score", 0.0, 0),
        ("gap_score", 100.0, 4),
        ("verdict", "gap", 0),
        ("verdict", "served", 2),
        ("mobile_direction", "falling_behind", 0),
        ("mobile_direction", "of tomorrow", 3),
        ("settlement", "rural", 2),
        ("hotspot", "none", 2),
    ],
)
def test_a_value_on_a_border_belongs_above_it(column: str, value: object, index: int) -> None:
    assert classify(BY_COLUMN[column], [value]).tolist() == [index]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, float("inf"), "?"])
@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.column)
def test_missing_is_its_own_class_never_zero(indicator: Indicator, missing: object) -> None:
    assert classify(indicator, [missing]).tolist() == [len(indicator.swatches) - 1]


def test_columns_of_classes_are_named_by_the_catalogue() -> None:
    direction = BY_COLUMN["mobile_direction"]
    assert class_labels(direction, "vi") == ("Tụt lại", "Như mức chung", "Bắt kịp", "Chưa tính được xu hướng")
    assert value_text(direction, "catching_up", "en") == "Catching up"
    assert (
        value_text(direction, "of tomorrow", "en")
        == value_text(direction, None, "en")
        == text("direction_unknown", "en")
    )
    assert {*DIRECTION_COLOURS} == {*Direction}
    assert tuple(SETTLEMENT_COLOURS) == SETTLEMENTS


def test_unknown_verdict_is_hatched() -> None:
    assert classify(BY_COLUMN["verdict"], ["unknown"]).tolist() == [3]
    assert value_text(BY_COLUMN["verdict"], "unknown", "vi") == "Chưa đủ bằng chứng"
    assert value_text(BY_COLUMN["verdict"], "of tomorrow", "vi") == "Chưa đủ bằng chứng"


@given(st.lists(st.floats(0, 1) | st.none(), min_size=1, max_size=30))
def test_legend_counts_every_unit_once(shares: list[float | None]) -> None:
    frame = pd.DataFrame({"4g_covered_people_share": pd.array(shares, dtype="Float64"), "people": 10.0})
    lines = legend_classes(BY_COLUMN["4g_covered_people_share"], frame, "vi")
    assert sum(line.units for line in lines) == len(shares)
    assert sum(line.people.known or 0 for line in lines) == 10 * len(shares)


def test_legend_does_not_make_people_up() -> None:
    lines = {line.label: line for line in legend_classes(BY_COLUMN["verdict"], communes(), "en")}
    assert lines["Not enough evidence"].units == 1
    # the one unit there has no people figure: not known, which is not none
    assert lines["Not enough evidence"].people.known is None
    assert lines["Watch"].units == 0
    assert lines["Watch"].people == PeopleSum(0.0, 0)
    bare = legend_classes(BY_COLUMN["verdict"], communes().drop(columns="people"), "en")
    assert all(line.people.known is None for line in bare)


def test_only_indicators_with_figures_are_offered() -> None:
    offered = [indicator.column for indicator in usable_indicators(districts())]
    assert offered == [
        "verdict",
        "gap_score",
        "4g_covered_people_share",
        "4g_operators",
        "mobile_download_mbps",
        "people",
    ]
    area_only = districts().drop(columns="4g_covered_people_share").assign(**{"4g_covered_area_share": 0.5})
    assert "4g_covered_area_share" in [indicator.column for indicator in usable_indicators(area_only)]
    # where people are known, area stands back
    assert "4g_covered_area_share" not in [indicator.column for indicator in usable_indicators(communes())]


def test_legend_html_escapes_what_came_from_files() -> None:
    lines = legend_classes(BY_COLUMN["verdict"], communes(), "vi")
    overlay = Overlay("x", "<script>alert(1)</script> 4G", "#0f766e", 1, 9, None)
    shown = legend_html("Kết luận", lines, [overlay], [], "vi")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "<small>9 đơn vị</small><small>90.030 người</small>" in shown


def test_every_rule_of_the_page_is_closed() -> None:
    sheet = (Path(__file__).parents[1] / "layers" / "page.css").read_text(encoding="utf-8")
    depth, deepest = 0, 0
    for letter in sheet:
        depth += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
        assert depth >= 0
    # a rule in a media query, or a page box in one: a rule left open makes all that follow it deeper
    assert (depth, deepest) == (0, 2)

"""METHODS.md against the code: every column is explained, no other is, and the recipes by hand give the figures."""

import csv
import io
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.aggregate import RESULT_RULES
from geo.border import DEFAULT_TOLERANCE_M, LEAST_TOLERANCES
from geo.clusters import FALSE_DISCOVERY_RATE, MIN_UNITS, PERMUTATIONS
from geo.contradictions import CONTRADICTION_COLUMNS, LEAST_SCATTER, ContradictionRules
from geo.export import communes_csv, export_layer
from geo.export_columns import LAYER_COLUMNS
from geo.export_layers import LAYERS
from geo.gaps import judge_goals, judge_units
from geo.proposals import Status
from geo.quarter_intervals import WIDEST_TIMES
from geo.read_raster import FRICTION_MARGIN_DEG, PLAUSIBLE_FRICTION
from geo.reasons import FLIP_COLUMNS
from geo.results import Built, UnitList
from geo.rollout_check import Advice, Judgement
from geo.rollout_rules import PARTS, RolloutRules
from geo.rollups import LEADING
from geo.rules import DEFAULT_GOALS, Rules
from geo.schema import RESULT_COLUMNS, Direction, Network, Outcome, Technology, Verdict
from geo.sensitivity import SENSITIVITY_COLUMNS
from geo.targets import NATIONAL_TARGETS, State
from geo.travel import REACHED_SHARE
from geo.unit_peers import MOST_SIMILAR, PEOPLE_TIMES, TOUCH_DEGREES, TOWN_KM
from layers.brief_data import MOST_GOALS, MOST_OPERATORS, MOST_REASONS

METHODS = (Path(__file__).parents[1] / "METHODS.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading of the second level."""
    return METHODS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table_rows(text: str) -> list[list[str]]:
    """Cells of the body rows of every table in a text."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return [
        row
        for row in cells
        if not set(row[0]) <= {"-"}
        and row[0] not in {"column", "dimension", "verdict", "target", "code", "figure"}
    ]


def expand(name: str) -> set[str]:
    """`{t}_evidence` → the names for every technology; likewise `{n}` for networks."""
    technologies = {name.replace("{t}", technology.lower()) for technology in Technology}
    return {one.replace("{n}", str(network)) for one in technologies for network in Network}


def documented_columns() -> set[str]:
    first_cells = [row[0] for row in table_rows(section("The result table"))]
    return {
        column for cell in first_cells for name in re.findall(r"`([^`]+)`", cell) for column in expand(name)
    }


@pytest.mark.parametrize("column", [column.name for column in RESULT_COLUMNS])
def test_every_column_of_the_result_is_explained(column: str) -> None:
    assert column in documented_columns()


def test_no_column_is_explained_that_does_not_exist() -> None:
    assert documented_columns() - {column.name for column in RESULT_COLUMNS} == set()


def test_every_section_that_the_table_points_to_exists() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", t).strip().lower().replace(" ", "-")
        for t in re.findall(r"^## (.+)$", METHODS, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", METHODS)) <= anchors


def test_default_goals_stand_as_they_are_in_the_code() -> None:
    rows = [row for row in table_rows(section("Goals and verdict")) if len(row) == 6]
    found = [
        (row[0].strip("`"), row[1].strip("`"), float(row[2].split()[0]), float(row[3].split()[0]), row[4] == "yes", float(row[5]))
        for row in rows
    ]  # fmt: skip
    assert found == [(g.dimension, g.column, g.goal, g.worst, g.essential, g.weight) for g in DEFAULT_GOALS]


@pytest.mark.parametrize(
    "name",
    [
        "min_devices", "decisive_devices", "speed_quarters", "contradicted_share", "draws", "seed", "weight_concentration",
        "geometric_floor", "goalpost_variation", "half_width", "wanted_samples",
    ],
)  # fmt: skip
def test_thresholds_stand_as_they_are_in_the_code(name: str) -> None:
    values = {float(value) for value in re.findall(rf"`?{name}`? \((\d+\.?\d*)\)", METHODS)}
    assert values == {float(getattr(Rules(), name))}


def test_the_weight_of_older_quarters_stands_as_it_is_in_the_code() -> None:
    assert re.findall(r"`speed_quarter_weight` \(([\d.]+)\)", METHODS) == [str(Rules().speed_quarter_weight)]


@pytest.mark.parametrize("name", [field.name for field in fields(RolloutRules)])
def test_thresholds_of_the_rollout_stand_as_they_are_in_the_code(name: str) -> None:
    values = {float(value) for value in re.findall(rf"`{name}` \(([\d.]+)", section("Rollout"))}
    assert values == {getattr(RolloutRules(), name)}


@pytest.mark.parametrize("word", [*PARTS, "duplicated", *Advice, *Judgement, *Status])
def test_every_part_outcome_and_status_of_a_proposal_is_explained(word: str) -> None:
    assert word in section("Rollout")


@pytest.mark.parametrize("word", [*Direction])
def test_every_direction_is_explained(word: str) -> None:
    assert word in section("Trend")


def test_national_targets_stand_as_they_are_in_the_code() -> None:
    rows = table_rows(section("Targets"))
    found = [(row[0].strip("`"), row[1].strip("`"), float(row[2]), row[3], row[4]) for row in rows]
    assert found == [(t.id, t.column, t.goal, t.due, t.said_on) for t in NATIONAL_TARGETS]


@pytest.mark.parametrize("column", FLIP_COLUMNS)
def test_what_flips_a_goal_is_explained(column: str) -> None:
    assert f"{column} " in section("Goals and verdict")


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("Sensitivity", SENSITIVITY_COLUMNS[2:]),
        ("Targets", ("short_by", "people_short", "people_to_cover", *State)),
        ("Where to measure next", ("open_points", "devices_missing", "tests_missing", "samples_missing")),
    ],
)
def test_columns_of_other_tables_are_explained(title: str, columns: tuple[str, ...]) -> None:
    assert [name for name in columns if name not in section(title)] == []


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Declared and measured", f"upper < {ContradictionRules().floor_mbps:g} Mbps"),
        ("Declared and measured", f"at least {ContradictionRules().min_devices:g} devices"),
        ("Declared and measured", f"m ≥ {ContradictionRules().min_tiles}, k ≥ 1 and chance ≤ {ContradictionRules().alpha:g}"),
        ("Declared and measured", f"newest {ContradictionRules().quarters} quarters"),
        ("Declared and measured", f"at least {LEAST_SCATTER:g}"),
        ("Declared and measured", f"{ContradictionRules().sigma_log} where tests are too few"),
        ("Remoteness", f"up to {FRICTION_MARGIN_DEG:g}° around"),
        ("Remoteness", f"outside {PLAUSIBLE_FRICTION[0]:.4f} to {PLAUSIBLE_FRICTION[1]:g}"),
        ("Remoteness", f"fewer than {REACHED_SHARE * 100:g} %"),
        ("One unit", f"within {TOUCH_DEGREES:f}°"),
        ("One unit", f"/ ln {PEOPLE_TIMES:g}, |town_distance_km − town_distance_km'| / {TOWN_KM:g}"),
        ("One unit", f"are the {MOST_SIMILAR} with"),
        ("One unit", f"wider than {WIDEST_TIMES:g} times"),
        ("One unit", f"at most {MOST_GOALS} goals, {MOST_REASONS} reasons and {MOST_OPERATORS} operators"),
        ("Border units", f"`--tolerance-m` ({DEFAULT_TOLERANCE_M:g} m)"),
        ("Border units", f"1 from {LEAST_TOLERANCES:g} tolerances"),
        ("Hotspots", f"{PERMUTATIONS} conditional"),
        ("Hotspots", f"false-discovery rate of {FALSE_DISCOVERY_RATE:.0%}".replace("%", " %")),
        ("Hotspots", f"under {MIN_UNITS} units"),
    ],
)  # fmt: skip
def test_constants_stand_as_they_are_in_the_code(title: str, value: str) -> None:
    assert value in " ".join(section(title).split())


def test_how_figures_roll_up_stands_as_it_is_in_the_code() -> None:
    """Every figure of the table of aggregates, by what weighs it, is a rule of the code, and the other way round."""
    found = {}
    for figures, of_whole in table_rows(section("Aggregates")):
        weight = next(
            (
                name
                for sign, name in (
                    ("Σ parts", ""),
                    ("Σ people ·", "people"),
                    ("Σ area ·", "area_km2"),
                    ("Σ tests ·", "tests"),
                )
                if of_whole.startswith(sign)
            ),
            None,
        )
        if weight is None:
            continue
        for name in (one for cell in re.findall(r"`([^`]+)`", figures) for one in expand(cell)):
            found[name] = f"{name.split('_')[0]}_tests" if weight == "tests" else weight or None
    assert found == dict(RESULT_RULES)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_is_named(layer: str) -> None:
    assert f"`{layer}`" in section("Exports")


def test_numbers_of_contradictions_and_roll_ups_are_explained_and_typed() -> None:
    named = [name for name in CONTRADICTION_COLUMNS if name not in ("unit_code", "technology", "as_of")]
    assert [name for name in named if f"`{name}`" not in section("Declared and measured")] == []
    assert set(CONTRADICTION_COLUMNS) <= set(LAYER_COLUMNS["contradictions"])
    assert [name for name in (*LEADING, "withheld") if f"`{name}`" not in section("Aggregates")] == []
    assert {*LEADING, "withheld", *RESULT_RULES} <= set(LAYER_COLUMNS["rollup"])


@pytest.mark.parametrize("word", [*Verdict, *Outcome])
def test_every_verdict_and_outcome_is_explained(word: str) -> None:
    assert f"`{word}`" in section("Goals and verdict")


def make_judged() -> UnitList:
    """Four squares in a row: all met, all at the worst goalpost, half way, and nothing known."""
    count = 4
    communes = pd.DataFrame(
        {
            "unit_code": [f"0000{number}" for number in range(count)],
            "vintage": "2026-04",
            "name": [f"Xã {number}" for number in range(count)],
            "4g_covered_people_share": [1.0, 0.80, 0.899, np.nan],
            "4g_operators": [3.0, 0.0, 1.0, np.nan],
            "mobile_download_mbps": [50.0, 5.0, 22.5, np.nan],
            "mobile_devices": [40.0, 40.0, 5.0, 0.0],
        }
    )
    goals = judge_goals(communes, Rules())
    judged = communes.merge(judge_units(goals), on="unit_code")
    shapes = [box(106 + number, 11, 107 + number, 12) for number in range(count)]
    result = gpd.GeoDataFrame(judged, geometry=shapes, crs="EPSG:4326")
    return UnitList("2026-04-commune", "2026-04", "commune", result, goals, pd.DataFrame(), pd.DataFrame())


MANIFEST: dict[str, Any] = {
    "name": "four squares",
    "vunglom_version": "0",
    "built_at": "",
    "rules": Rules().as_dict(),
    "inputs": [],
}


def read_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_score_confidence_verdict_and_rank_can_be_had_by_hand_from_exports(tmp_path: Path) -> None:
    units = make_judged()
    export_layer(Built(MANIFEST, [], {units.id: units}, None, None), "goals", "csv", tmp_path / "goals.csv")
    goals = read_rows((tmp_path / "goals.csv").read_bytes())
    communes = read_rows(communes_csv(units, MANIFEST))
    scores = {}
    for unit in communes:
        mine = [row for row in goals if row["unit_code"] == unit["unit_code"]]
        known = [row for row in mine if row["deficit"]]
        weight = sum(float(row["weight"]) for row in known)
        if known:
            score = 100 * sum(float(row["weight"]) * float(row["deficit"]) for row in known) / weight
            scores[unit["unit_code"]] = score
            assert float(unit["gap_score"]) == pytest.approx(score, abs=1e-8)
        else:
            assert unit["gap_score"] == unit["rank"] == ""
        decided = sum(float(row["weight"]) for row in mine if row["outcome"] in ("pass", "fail"))
        assert float(unit["confidence"]) == pytest.approx(decided / sum(float(row["weight"]) for row in mine))
        assert unit["verdict"] == verdict_by_hand(mine)
    ranks = {unit["unit_code"]: unit["rank"] for unit in communes if unit["rank"]}
    for code, rank in ranks.items():
        assert int(rank) == 1 + sum(other > scores[code] for other in scores.values())
    assert [unit["verdict"] for unit in communes] == ["served", "gap", "gap", "unknown"]
    assert [round(score, 6) for score in scores.values()] == [0.0, 100.0, 50.0]


def verdict_by_hand(goals: list[dict[str, str]]) -> str:
    """The table of METHODS.md, first line that holds."""
    essential = {row["outcome"] for row in goals if row["essential"] == "true"}
    every = {row["outcome"] for row in goals}
    if "fail" in essential:
        return "gap"
    if "no_evidence" in essential:
        return "unknown"
    return "watch" if every & {"undecided", "fail"} else "served"

"""Units whose people are not known: a check and a plan say how many, count them in no sum, and take nobody there for none.

The scene of `tests.rollout_scene`; the grid has no figures in unit C (strips 8-11), or in none of the units that are touched.
"""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geo.demand import Need, find_demand
from geo.people import count_people_of_units
from geo.planning import plan_sites
from geo.population_grid import PopulationGrid
from geo.results import read_built
from geo.rollout import Check
from geo.rollout_areas import Ground
from geo.rollout_check import UNKNOWN, Advice, Judgement
from geo.rollout_export import as_report, as_xlsx
from geo.rollout_rules import RolloutRules
from geo.rollout_text import check_text
from geo.schema import Technology
from geo.suggest import Ask, Suggestion
from layers.plan_text import suggestion_lines
from layers.rollout_text import further_reasons, headline
from layers.touched import touched_html, touched_rows
from tests.fake_built import fake_built
from tests.files import PEOPLE, SQUARES
from tests.rollout_scene import STRIPS, check, make_ground, offer, strips
from tests.said_columns import require_workbook_said
from tests.tiny import grid_over, units_of

HALF_KNOWN = grid_over(0, 0, 12, 4, [[*PEOPLE[:8], *[np.nan] * 4]])


def ground_of(grid: PopulationGrid | None) -> Ground:
    """The scene with people as the build counts them: null where the grid has no figure."""
    ground = make_ground(grid=grid)
    if grid is not None:
        ground.units["people"] = count_people_of_units(grid, ground.units.geometry)
    return ground


def checked(first: float, last: float, grid: PopulationGrid | None = HALF_KNOWN, least: float = 100) -> Check:
    rules = RolloutRules(min_new_people=least)
    return check(ground_of(grid), offer(first, last), rules=rules).checks[0]


def test_a_touched_unit_without_people_is_counted_and_in_no_sum() -> None:
    # strips 7 (20 people, unit B) and 8, 9 (unit C, nobody knows)
    one = checked(7, 10)
    assert one.people_unknown_units == 1
    assert one.basis == "people"
    assert one.figures["new"][0].value == pytest.approx(20)
    rows = one.units.set_index("unit_code")
    assert rows["new_people"]["02"] == pytest.approx(20)
    assert np.isnan([rows["new_people"]["03"], rows["inside_people"]["03"], rows["people"]["03"]]).all()
    assert rows["new_km2"]["03"] > 0
    reason = next(reason for reason in one.reasons if reason.code == "people_unknown_units")
    assert dict(reason.numbers) == {"count": 1, "units": 2}


@pytest.mark.parametrize(("first", "last", "grid"), [(6, 8, HALF_KNOWN), (7, 10, STRIPS), (7, 10, None)])
def test_nothing_is_said_where_all_are_known_or_there_is_no_grid(
    first: float, last: float, grid: PopulationGrid | None
) -> None:
    one = checked(first, last, grid)
    assert one.people_unknown_units == 0
    assert "people_unknown_units" not in [reason.code for reason in one.reasons]


def test_where_nobody_is_known_people_are_unknown_not_none_and_shares_are_of_area() -> None:
    one = checked(9, 11)
    assert one.people_unknown_units == 1
    assert {name: people for name, (people, _) in one.figures.items()} == dict.fromkeys(one.figures, UNKNOWN)
    assert one.basis == "area"
    assert {row["new"] for row in touched_rows(one, "vi")} == {"–"}
    criteria = {criterion.code: criterion for criterion in one.criteria}
    assert criteria["new_people"].outcome == Judgement.NOT_JUDGED
    assert criteria["duplication"].outcome == Judgement.PASS
    assert "km²" in headline(one, "vi")


def test_too_few_people_is_not_decided_while_some_are_unknown() -> None:
    few, known, enough = checked(7, 10), checked(7, 8), checked(7, 10, least=15)
    outcomes = [one.criteria[0].outcome for one in (few, known, enough)]
    assert outcomes == [Judgement.UNDECIDED, Judgement.FAIL, Judgement.PASS]
    assert few.criteria[0].reason.code == "new_people_undecided"
    assert (few.advice, known.advice) == (Advice.ACCEPTABLE, Advice.QUESTIONABLE)


def test_it_is_said_in_every_form(tmp_path: Path) -> None:
    fake_built(tmp_path / "workspace")
    built = read_built(tmp_path / "workspace")
    report = check(ground_of(HALF_KNOWN), offer(7, 10))
    one = report.checks[0]
    assert "people of 1 of 2 units are not known and in no sum" in check_text(built.manifest, report)
    said = json.loads(json.dumps(as_report(report, built, built.primary)))["proposals"][0]
    assert said["people_unknown_units"] == 1
    assert [row["new_people"] for row in said["units"]] == [pytest.approx(20), None]
    require_workbook_said(as_xlsx(report, built, built.primary))
    for language, sentence, total in (
        ("vi", "Chưa biết số dân của 1 trong 2 đơn vị liên quan", "ít nhất 20; 1 đơn vị chưa có số dân"),
        ("en", "The number of people is not known in 1 of 2 touched units", "at least 20"),
    ):
        assert any(line.startswith(sentence) for line in further_reasons(one, language))  # type: ignore[arg-type]
        assert total in touched_html(one, language)  # type: ignore[arg-type]
    assert [row["new"] for row in touched_rows(one, "vi")] == ["20", "–"]


def test_a_plan_says_of_how_many_units_nobody_is_known() -> None:
    units = units_of(**dict(SQUARES))
    known = units.assign(people=count_people_of_units(HALF_KNOWN, units.geometry.to_numpy()))
    demand = find_demand(known, HALF_KNOWN)
    assert (demand.unknown_units, demand.people.sum()) == (1, pytest.approx(120))
    assert demand.only(demand.people > 15).unknown_units == 1
    assert find_demand(units.assign(people=[50.0, 70.0, 20.0]), STRIPS).unknown_units == 0


def test_a_plan_says_it_in_its_files_and_on_the_page() -> None:
    units = units_of(**dict(SQUARES))
    demand = find_demand(units.assign(people=[50.0, 70.0, np.nan]), HALF_KNOWN)
    middle = gpd.GeoDataFrame({"name": ["a"], "cost": [1.0]}, geometry=[strips(5, 6).centroid], crs=4326)
    plan = plan_sites(demand, middle, radius=2000.0, sites=1)
    assert plan.summary()["people_unknown_units"] == 1
    asked = Ask(Technology.G4, "", 1, None, None, 2000.0, "grid", 1000.0, Need.PEOPLE, 5.0)
    found = Suggestion(asked, plan, plan.sites, None, ())
    assert "Chưa biết số dân của 1 đơn vị; người ở đó không nằm trong tổng nào." in suggestion_lines(
        found, "vi"
    )
    assert "The number of people is not known in 1 unit; nobody there is in any sum." in suggestion_lines(
        found, "en"
    )
    known = Suggestion(asked, replace(plan, people_unknown_units=0), plan.sites, None, ())
    assert not any(line.startswith("Chưa biết số dân") for line in suggestion_lines(known, "vi"))

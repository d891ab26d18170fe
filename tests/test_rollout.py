"""The check of a proposal on three squares, answers checked by eye; properties; several partners in any order."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError, VintageError
from geo.people import count_people
from geo.proposal import Proposal, Status
from geo.rollout import Check, check_all, check_proposal, with_plans
from geo.rollout_base import Today
from geo.rollout_criteria import Advice, Grade, advise, judge_check
from geo.rollout_sum import contributions, cut_pieces, union_gain
from geo.rules import RolloutRules
from tests.rollout_scene import accepted, claims_of, judge_again, make_today, offer
from tests.tiny import grid_over, tiles_box, units_of, voronoi_units

TODAY = make_today()


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def test_who_is_inside_covered_and_new() -> None:
    # tiles 5 to 10: strips 5-7 of 20 people, 8-9 of 5; Viettel's 4G reaches 7
    found = check_proposal(TODAY, offer(5, 10, "MobiFone")).figures
    assert found.people_inside == near(70)
    assert found.covered_same_operator == near(0)
    assert found.covered_others == near(40)
    assert found.covered_plans == near(0)
    assert found.newly_covered_people == near(30)
    assert (found.duplicated_people, found.duplicated_share) == (near(40), near(4 / 7))
    assert found.upgraded_people == near(30)  # MobiFone's 3G reaches 10
    assert found.outside_share == near(0)
    assert (found.newly_covered_low, found.newly_covered_high) == (near(30), near(30))


def test_own_and_others_coverage_overlap_but_nobody_is_duplicated_twice() -> None:
    found = check_proposal(TODAY, offer(2, 8, "Viettel")).figures
    # inside: 10 + 10 + 20·4; Viettel has 2-7, MobiFone 2-4
    assert found.people_inside == near(100)
    assert (found.covered_same_operator, found.covered_others) == (near(80), near(20))
    assert (found.duplicated_people, found.newly_covered_people) == (near(80), near(20))


def test_a_unit_row_says_what_changes_there() -> None:
    check = check_proposal(TODAY, offer(6, 12, "MobiFone"), judge_again)
    rows = check.units.set_index("unit_code")
    assert rows.index.tolist() == ["B", "C"]
    assert rows["people_inside"].tolist() == [near(40), near(20)]
    assert rows["newly_covered_people"].tolist() == [near(20), near(20)]
    assert rows["covered_people_share_before"].tolist() == [near(50 / 70), near(0)]
    assert rows["covered_people_share_after"].tolist() == [near(1), near(1)]
    assert rows["verdict_before"].tolist() == ["gap", "gap"]
    # mobile speed has no evidence here, so nothing better than unknown
    assert rows["verdict_after"].tolist() == ["unknown", "unknown"]
    assert (rows["gap_score_after"] < rows["gap_score_before"]).all()
    assert rows["rank_before"].tolist() == [2, 1]
    assert (rows["gap_score_low_after"] <= rows["gap_score_after"]).all()


def test_an_operator_counts_from_half_of_the_people() -> None:
    # C has nobody's 4G; 2 of its 4 strips are half of its people. Both leave the share under its worst goalpost
    half, less = (
        check_proposal(TODAY, offer(left, 12, "MobiFone"), judge_again).units for left in (10, 10.1)
    )
    assert less["gap_score_after"].tolist() == less["gap_score_before"].tolist() == [100]
    assert half["gap_score_after"].iloc[0] < 100


def test_what_would_be_after_is_what_a_build_with_that_coverage_gives() -> None:
    check = check_proposal(TODAY, offer(6, 12, "Viettel"), judge_again)
    built = make_today(claims=claims_of(
        ("Viettel", "4G", (0, 12)), ("MobiFone", "4G", (0, 4)), ("MobiFone", "3G", (0, 10))
    )).communes.set_index("unit_code").loc[["B", "C"]]  # fmt: skip
    for name in ("verdict", "gap_score", "gap_score_low", "gap_score_high", "rank"):
        after, wanted = check.units[f"{name}_after"].tolist(), built[name].tolist()
        assert after == (wanted if name == "verdict" else pytest.approx(wanted)), name


def test_accepted_plans_of_others_lower_a_gain_and_drafts_do_not() -> None:
    mine = offer(6, 12, "Viettel")
    alone = check_proposal(TODAY, mine).figures.newly_covered_people
    plan = accepted(7, 9, "MobiFone")
    with_plan = check_proposal(make_today(plan), mine).figures
    assert (alone, with_plan.newly_covered_people) == (near(40), near(15))
    assert with_plan.covered_plans == near(25)
    for status in (Status.DRAFT, Status.SUBMITTED):
        assert check_proposal(
            make_today(replace(plan, status=status)), mine
        ).figures.newly_covered_people == near(40)
    assert check_proposal(
        make_today(replace(plan, status=Status.BUILT)), mine
    ).figures.newly_covered_people == near(15)


@pytest.mark.parametrize(
    "plan",
    [accepted(7, 9, "Viettel"), accepted(7, 9, "MobiFone", technology="5G")],
    ids=["own plan", "another technology"],
)
def test_own_plans_and_other_technologies_take_nothing_away(plan: Proposal) -> None:
    assert check_proposal(make_today(plan), offer(6, 12, "Viettel")).figures.newly_covered_people == near(40)


def test_a_plan_on_record_is_not_held_against_itself_whoever_took_it_over() -> None:
    plan = accepted(7, 9, "MobiFone")
    again = replace(plan, operator="Viettel")
    assert check_proposal(make_today(plan), again).figures.newly_covered_people == near(25)


def test_inside_existing_coverage_nobody_is_gained() -> None:
    check = check_proposal(TODAY, offer(0, 7, "VinaPhone"))
    assert (check.figures.newly_covered_people, check.figures.duplicated_share) == (near(0), near(1))
    assert np.isnan(check.figures.cost_per_person)
    assert np.isnan(check.figures.gap_share)
    assert advise(judge_check(check, RolloutRules())) is Advice.QUESTIONABLE


def test_partly_outside_the_region_says_how_much() -> None:
    assert check_proposal(TODAY, offer(10, 14)).figures.outside_share == near(0.5)


def test_schools_and_clinics_are_gained_where_they_had_nothing() -> None:
    points = [shapely.centroid(tiles_box(x, 1, x + 1, 2)) for x in (1, 7.5, 9, 11)]
    places = gpd.GeoDataFrame(
        {"name": ["cũ", "Trường", "Trạm", "Chợ"], "class": ["school", "school", "clinic", "town"]},
        geometry=points, crs=4326,
    )  # fmt: skip
    gained = check_proposal(make_today(places=places), offer(0, 12)).gained
    assert gained["name"].tolist() == ["Trường", "Trạm"]


def test_cost_per_newly_covered_person() -> None:
    assert check_proposal(TODAY, offer(6, 12, cost=800.0)).figures.cost_per_person == near(20)
    assert np.isnan(check_proposal(TODAY, offer(6, 12)).figures.cost_per_person)


def test_share_of_the_gain_that_goes_to_gap_units() -> None:
    units = TODAY.communes.assign(verdict=["served", "watch", "gap"])
    found = check_proposal(replace(TODAY, communes=units), offer(6, 12)).figures
    assert found.gap_share == near(0.5)  # 20 of 40 in C


def test_a_range_of_areas_gives_a_range_of_people() -> None:
    wide = offer(8, 11, area_low=tiles_box(8, 0, 10, 4), area_high=tiles_box(8, 0, 12, 4))
    found = check_proposal(TODAY, wide).figures
    assert (found.newly_covered_low, found.newly_covered_people, found.newly_covered_high) == (
        near(10),
        near(15),
        near(20),
    )


def test_a_technology_of_which_nothing_is_known_gains_an_unknown_number() -> None:
    check = check_proposal(TODAY, offer(0, 12, technology="5G"), judge_again)
    found = check.figures
    assert found.people_inside == near(140)
    assert np.isnan([found.newly_covered_people, found.duplicated_share, found.newly_covered_km2]).all()
    assert (found.newly_covered_low, found.newly_covered_high) == (0, near(140))
    assert check.units["newly_covered_people"].isna().all()
    assert check.units["gap_score_after"].tolist() == pytest.approx(check.units["gap_score_before"].tolist())
    by_name = {criterion.name: criterion for criterion in judge_check(check, RolloutRules())}
    assert by_name["new_people"].grade is Grade.NO_EVIDENCE
    assert by_name["new_people"].reason == "coverage_not_known"
    assert advise(tuple(by_name.values())) is Advice.ACCEPTABLE


def test_without_a_grid_people_are_not_known_and_area_is() -> None:
    check = check_proposal(make_today(grid=None), offer(6, 12, "MobiFone"), judge_again)
    assert np.isnan([check.figures.people_inside, check.figures.newly_covered_people]).all()
    assert check.figures.newly_covered_km2 / check.figures.area_km2 == pytest.approx(5 / 6, rel=1e-3)
    assert (
        check.units["verdict_before"].tolist() == ["gap", "gap"]
        or check.units["verdict_before"].notna().all()
    )


def test_many_at_once_are_judged_as_each_alone() -> None:
    offers = [offer(6, 12), offer(9, 12, "MobiFone"), offer(0, 5, "VinaPhone"), offer(3, 10, "MobiFone")]
    together = check_all(TODAY, offers, judge_again)
    for check, one in zip(together, offers, strict=True):
        alone = check_proposal(TODAY, one, judge_again)
        for name in ("verdict_after", "rank_after", "covered_people_share_after", "gap_score_after"):
            assert check.units[name].tolist() == alone.units[name].tolist(), name


def test_the_nearest_planned_site_of_another_operator() -> None:
    one = shapely.get_coordinates(tiles_box(9, 2, 9, 2).centroid)
    other = shapely.get_coordinates(tiles_box(10, 2, 10, 2).centroid)
    plan = accepted(0, 1, "MobiFone", points=other)
    nearest = check_proposal(make_today(plan), offer(8, 10, points=one)).nearest
    assert nearest is not None
    assert (nearest.operator, nearest.site) == ("MobiFone", 0)
    assert nearest.km == pytest.approx(0.59, abs=0.01)
    assert (
        check_proposal(make_today(replace(plan, status=Status.DRAFT)), offer(8, 10, points=one)).nearest
        is None
    )
    assert check_proposal(make_today(plan), offer(8, 10, "MobiFone", points=one)).nearest is None
    assert check_proposal(make_today(plan), offer(8, 10)).nearest is None


def test_of_another_list_of_units_or_nowhere_here_is_refused() -> None:
    with pytest.raises(VintageError, match="list of units 2024, the workspace shows other"):
        check_proposal(TODAY, offer(6, 12, vintage="2024"))
    assert check_proposal(TODAY, offer(6, 12, vintage="other")).figures.newly_covered_people == near(40)
    with pytest.raises(InputError, match="lies wholly outside the region"):
        check_proposal(TODAY, offer(20, 22))
    swapped = shapely.transform(tiles_box(6, 0, 12, 4), lambda x, y: (y, x), interleaved=False)
    with pytest.raises(InputError, match="not longitude and latitude"):
        offer(0, 0, area=swapped)


def test_swapped_axes_are_recognised_where_both_are_possible() -> None:
    units = units_of(A=shapely.box(20, 40, 21, 41))
    today = make_today(units=units, grid=grid_over(0, 0, 1, 1, [[1]]), claims=claims_of()[:0])
    with pytest.raises(InputError, match="with latitude and longitude exchanged it lies inside"):
        check_proposal(today, offer(0, 0, area=shapely.box(40.2, 20.2, 40.5, 20.5)))


# criteria


def grades(check: Check, rules: RolloutRules = RolloutRules()) -> dict[str, Grade]:  # noqa: B008
    return {criterion.name: criterion.grade for criterion in judge_check(check, rules)}


def test_criteria_have_a_figure_thresholds_and_an_outcome() -> None:
    check = check_proposal(TODAY, offer(6, 12, cost=800.0, promised_mbps=50))
    rules = RolloutRules(good_people=30, few_people=10, cost_per_person=25.0)
    assert grades(check, rules) == {
        "new_people": Grade.PASS, "duplication": Grade.PASS, "gap_share": Grade.PASS, "inside_region": Grade.PASS,
        "cost_per_person": Grade.PASS, "site_distance": Grade.NOT_JUDGED, "promised_speed": Grade.PASS,
    }  # fmt: skip
    assert advise(judge_check(check, rules)) is Advice.RECOMMENDED
    strict = RolloutRules(good_people=50, few_people=41, cost_per_person=10.0, promised_mbps=60)
    found = {criterion.name: (criterion.grade, criterion.reason) for criterion in judge_check(check, strict)}
    assert found["new_people"] == (Grade.FAIL, "few_newly_covered")
    assert found["cost_per_person"] == (Grade.WARN, "cost_per_person_high")
    assert found["promised_speed"] == (Grade.WARN, "promised_speed_low")
    assert advise(judge_check(check, strict)) is Advice.QUESTIONABLE


def test_a_warning_alone_is_acceptable_and_a_range_over_a_threshold_warns() -> None:
    rules = RolloutRules(good_people=15, few_people=5)
    wide = offer(8, 11, area_low=tiles_box(8, 0, 10, 4), area_high=tiles_box(8, 0, 12, 4))
    check = check_proposal(TODAY, wide)
    assert grades(check, rules)["new_people"] is Grade.WARN
    assert grades(check_proposal(TODAY, offer(8, 11)), rules)["new_people"] is Grade.PASS
    assert advise(judge_check(check, rules)) is Advice.ACCEPTABLE


@pytest.mark.parametrize(
    ("east", "grade", "reason"),
    [(9.5, Grade.WARN, "share_site"), (11.5, Grade.WARN, "near_other_site"), (40, Grade.PASS, "")],
)
def test_sites_near_another_operators_are_said(east: float, grade: Grade, reason: str) -> None:
    one, other = (shapely.get_coordinates(tiles_box(x, 2, x, 2).centroid) for x in (9, east))
    check = check_proposal(make_today(accepted(0, 1, "MobiFone", points=other)), offer(8, 10, points=one))
    found = next(c for c in judge_check(check, RolloutRules()) if c.name == "site_distance")
    assert (found.grade, found.reason) == (grade, reason)


# several


OFFERS = (offer(7, 10, "Viettel"), offer(9, 12, "MobiFone"), offer(8, 11, "VinaPhone", height=(0, 2)))


def test_together_nobody_is_counted_twice_whatever_the_order() -> None:
    found = set()
    for order in permutations(OFFERS):
        checks = check_all(TODAY, order)
        people, km2 = union_gain(cut_pieces(TODAY, checks))
        found.add((round(people, 5), round(km2, 9)))
    # strip 7 has 20 people, strips 8 to 11 have 5 each: 40 together, of 30 + 15 + 7.5 alone
    assert [people for people, _ in found] == [near(40)]


def test_contributions_are_shapley_values_and_add_up() -> None:
    checks = check_all(TODAY, OFFERS)
    pieces = cut_pieces(TODAY, checks)
    table = contributions(checks, pieces)
    # half of a square in degrees is not quite half of it in tiles
    assert table["alone_people"].tolist() == pytest.approx([30, 15, 7.5], rel=1e-3)
    # 7: V 20; 8: north V and P, south V; 9: north all three, south V and M; 10: north M and P, south M; 11: M
    viettel, mobifone, vinaphone = (
        20 + 1.25 + 2.5 + 2.5 / 3 + 1.25,
        2.5 / 3 + 1.25 + 1.25 + 2.5 + 5,
        2.5 + 2.5 / 3,
    )
    assert table["people"].tolist() == pytest.approx([viettel, mobifone, vinaphone], rel=1e-3)
    assert table["only_people"].tolist() == pytest.approx([22.5, 7.5, 0], rel=1e-3, abs=1e-6)
    assert table["people"].sum() == near(union_gain(pieces)[0])


def shapley_by_hand(checks: list[Check], today: Today) -> list[float]:
    """The mean marginal gain over every order, each union counted from its geometry."""

    def worth(members: tuple[int, ...]) -> float:
        parts = [shape for member in members for shape in checks[member].gain if shape is not None]
        assert today.grid is not None
        return float(count_people(today.grid, [shapely.union_all(parts)])[0]) if parts else 0.0

    totals = np.zeros(len(checks))
    orders = list(permutations(range(len(checks))))
    for order in orders:
        for place, member in enumerate(order):
            totals[member] += worth(order[: place + 1]) - worth(order[:place])
    return [float(total) for total in totals / len(orders)]


def test_the_closed_form_is_the_mean_over_every_order() -> None:
    checks = check_all(TODAY, OFFERS)
    assert contributions(checks, cut_pieces(TODAY, checks))["people"].tolist() == pytest.approx(
        shapley_by_hand(checks, TODAY), rel=1e-5
    )


def test_partners_with_several_proposals_are_one_partner() -> None:
    checks = check_all(TODAY, (offer(7, 10, "Viettel"), offer(9, 12, "Viettel"), offer(9, 12, "MobiFone")))
    table = contributions(checks, cut_pieces(TODAY, checks), by_operator=True)
    assert table["partner"].tolist() == ["Viettel", "MobiFone"]
    assert table["alone_people"].tolist() == [near(40), near(15)]
    assert table["people"].tolist() == [near(25 + 7.5), near(7.5)]


def test_two_technologies_in_one_place_are_two_gains() -> None:
    today = make_today(claims=claims_of(("Viettel", "4G", (0, 7)), ("Viettel", "5G", (0, 1))))
    checks = check_all(today, (offer(7, 12), offer(7, 12, technology="5G")))
    assert union_gain(cut_pieces(today, checks))[0] == near(80)


def test_nothing_gained_and_nothing_asked_sum_to_nothing() -> None:
    assert union_gain(cut_pieces(TODAY, check_all(TODAY, [offer(0, 5)]))) == (0.0, 0.0)
    assert union_gain(cut_pieces(TODAY, [])) == (0.0, 0.0)


# properties


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Today, list[Proposal]]:
    seed = draw(st.integers(0, 500))
    random = np.random.default_rng(seed)
    units = voronoi_units(seed, 5)
    grid = grid_over(0, 0, 8, 8, random.gamma(0.5, 20, (9, 7)))
    west, south, east, north = units.total_bounds
    middles = random.uniform((west, south), (east, north), (3, 2))
    covered = shapely.buffer(shapely.points(middles), 0.01)
    frame = pd.DataFrame(
        [("Viettel", "4G", "declared", "2026-09-30")] * 3,
        columns=["operator", "technology", "evidence", "as_of"],
    )
    claims = (
        gpd.GeoDataFrame(frame, geometry=covered, crs=4326)
        .dissolve(["operator", "technology", "evidence", "as_of"])
        .reset_index()
    )
    today = make_today(units=units, grid=grid, claims=claims)
    offers = []
    for number in range(draw(st.integers(1, 4))):
        x, y = random.uniform(0, 6, 2)
        area = shapely.buffer(tiles_box(x, y, x + 2, y + 2), float(random.uniform(0, 0.005)))
        who = ["Viettel", "MobiFone", "VinaPhone"][int(random.integers(3))]
        offers.append(offer(0, 0, who, name=f"n{number}", area=area))
    return today, offers


@settings(max_examples=25, deadline=None)
@given(scene=scenes())
def test_inside_is_covered_and_new_and_the_union_is_never_more_than_the_sum(
    scene: tuple[Today, list[Proposal]],
) -> None:
    today, offers = scene
    checks = check_all(today, offers)
    for check in checks:
        found = check.figures
        assert found.people_inside == pytest.approx(
            found.duplicated_people + found.newly_covered_people, abs=1e-4
        )
        assert -1e-6 <= found.newly_covered_people <= found.people_inside + 1e-4
        assert found.upgraded_people <= found.newly_covered_people + 1e-4
        assert 0 <= found.outside_share <= 1
        assert today.grid is not None
        here = shapely.intersection(check.proposal.area, today.communes.union_all())
        whole = count_people(today.grid, [here])[0]
        assert found.people_inside == pytest.approx(whole, rel=1e-5, abs=1e-4)
    pieces = cut_pieces(today, checks)
    people, _ = union_gain(pieces)
    alone = [check.figures.newly_covered_people for check in checks]
    assert people <= sum(alone) * (1 + 1e-5) + 1e-4
    assert people >= max(alone) * (1 - 1e-5) - 1e-4
    table = contributions(checks, pieces)
    assert table["people"].sum() == pytest.approx(people, abs=1e-4)
    assert (table["people"] <= table["alone_people"] + 1e-4).all()
    assert (table["people"] >= table["only_people"] - 1e-4).all()


@settings(max_examples=15, deadline=None)
@given(scene=scenes())
def test_more_plans_of_others_never_raise_a_gain(scene: tuple[Today, list[Proposal]]) -> None:
    today, offers = scene
    first, *rest = offers
    before = check_proposal(today, first).figures.newly_covered_people
    plans = [replace(plan, status=Status.ACCEPTED, operator="Gmobile") for plan in rest]
    after = check_proposal(with_plans(today, plans), first).figures.newly_covered_people
    assert after <= before + 1e-4
    assert check_proposal(with_plans(today, rest), first).figures.newly_covered_people == pytest.approx(
        before
    )

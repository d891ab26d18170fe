"""The check of proposals on three squares whose answers the eye can follow, and what must hold of any proposals."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.operators import operator_key
from geo.people import count_people
from geo.rollout import Check
from geo.rollout_areas import Offer
from geo.rollout_check import Advice, Judgement, Range, compare_range, range_of
from geo.rollout_rules import RolloutRules
from geo.rollout_shares import contributions, cut_pieces
from geo.schema import Technology
from tests.rollout_scene import STRIPS, TODAY, check, make_ground, offer, site_offer, strips
from tests.tiny import tiles_box

GROUND = make_ground()
NEAR = 1e-4
SPANS = st.tuples(st.floats(0, 11), st.floats(0.3, 6)).map(
    lambda pair: (pair[0], min(12.0, pair[0] + pair[1]))
)


def people(found: Check, part: str) -> Any:
    return found.figures[part][0].value


def one(*offers: Offer, ground: Any = GROUND, **more: Any) -> Check:
    return check(ground, *offers, **more).checks[0]


def outcome(found: Check, code: str) -> str:
    return str(next(c.outcome for c in found.criteria if c.code == code))


def codes(found: Check) -> set[str]:
    return {reason.code for reason in found.reasons}


def test_the_parts_of_a_proposal_by_eye() -> None:
    found = one(offer(3, 9))
    wanted = {"inside": 95, "covered": 70, "covered_same": 10, "covered_others": 70, "others_plans": 0, "own_plans": 0,
              "new": 25, "upgraded": 25, "duplicated": 70}  # fmt: skip
    assert {part: people(found, part) for part in wanted} == pytest.approx(wanted, abs=NEAR)
    assert found.duplicated_share.value == pytest.approx(70 / 95)
    assert found.evidence == "declared"
    assert found.basis == "people"


def test_square_kilometres_stand_beside_people() -> None:
    found = one(offer(3, 9))
    for part, area in {"inside": strips(3, 9), "covered": strips(3, 7), "new": strips(7, 9)}.items():
        assert found.figures[part][1].value == pytest.approx(equal_area_km2([area])[0], rel=1e-9)
    assert equal_area_km2([found.new_area])[0] == pytest.approx(equal_area_km2([strips(7, 9)])[0])


def test_an_upgrade_is_who_had_the_technology_before() -> None:
    found = one(offer(9, 12))
    assert people(found, "new") == pytest.approx(15, abs=NEAR)
    assert people(found, "upgraded") == pytest.approx(5, abs=NEAR)  # strip 9 has 3G
    assert people(one(offer(9, 12, technology=Technology.G2)), "upgraded") is None


@pytest.mark.parametrize(
    ("status", "new", "theirs"),
    [("draft", 25, 0), ("submitted", 25, 0), ("accepted", 5, 20), ("built", 5, 20)],
)
def test_accepted_plans_of_others_lower_a_gain_and_drafts_do_not(
    status: str, new: float, theirs: float
) -> None:
    plan = offer(7, 8, "Viettel", "other", status=status)
    found = one(offer(3, 9), ground=make_ground([plan]))
    assert people(found, "new") == pytest.approx(new, abs=NEAR)
    assert people(found, "others_plans") == pytest.approx(theirs, abs=NEAR)


def test_an_own_accepted_plan_takes_nothing_off_and_is_said() -> None:
    plan = offer(7, 8, "mobifone", "other", status="accepted")
    found = one(offer(3, 9), ground=make_ground([plan]))
    assert people(found, "new") == pytest.approx(25, abs=NEAR)
    assert people(found, "own_plans") == pytest.approx(20, abs=NEAR)
    assert "own_plan" in codes(found)


def test_a_plan_of_another_technology_takes_nothing_off() -> None:
    plan = offer(7, 8, "Viettel", "other", status="accepted", technology=Technology.G5)
    assert people(one(offer(3, 9), ground=make_ground([plan])), "new") == pytest.approx(25, abs=NEAR)


def test_an_accepted_plan_that_is_checked_itself_is_weighed_not_taken_off() -> None:
    plan = offer(7, 9, "Viettel", "other", status="accepted")
    report = check(make_ground([plan]), offer(7, 9), plan)
    assert [people(c, "new") for c in report.checks] == pytest.approx([25, 25], abs=NEAR)
    assert [c.share for c in report.together[0].contributions] == pytest.approx([12.5, 12.5], abs=NEAR)


def test_units_before_and_after() -> None:
    units = one(offer(7, 9)).units.set_index("unit_code")
    assert list(units.index) == ["02", "03"]  # most newly covered people first; A is not touched
    assert units["new_people"].tolist() == pytest.approx([20, 5], abs=NEAR)
    # B: strips 4.5-8, 70 people; before 4.5-7 = 50
    assert units.loc["02", "covered_share_before"] == pytest.approx(50 / 70)
    assert units.loc["02", "covered_share_after"] == pytest.approx(1)
    assert units["verdict_before"].tolist() == ["gap", "gap"]
    assert units["verdict_after"].tolist() == ["served", "gap"]
    assert units.loc["03", "score_after"] == pytest.approx(75)
    # C was first (100) and stays so, B goes from second to level with A, first of the rest
    assert units["rank_before"].tolist() == [2, 1]
    assert units["rank_after"].tolist() == [2, 1]
    assert one(offer(7, 9)).lifted_units == 1


def test_operators_are_counted_when_their_own_coverage_reaches_half() -> None:
    # MobiFone has nothing in B (70 people); strips 4.5-6 bring 30, strips 4.5-7 bring 50
    few = one(offer(4.5, 6)).units.set_index("unit_code")
    many = one(offer(4.5, 7)).units.set_index("unit_code")
    assert (few.loc["02", "operators_before"], few.loc["02", "operators_after"]) == (1, 1)
    assert many.loc["02", "operators_after"] == 2
    # whoever is there already is not counted twice
    assert one(offer(4.5, 8, "Viettel")).units["operators_after"].tolist() == [1]


def test_the_share_of_the_gain_that_goes_to_gap_units() -> None:
    today = {**TODAY, ("Viettel", "4G"): (0, 4)}
    ground = make_ground(today=today)  # A: 40 of 50, B and C: none
    assert one(offer(4, 8), ground=ground).gap_share == pytest.approx(1)
    assert one(offer(0, 4)).gap_share is None  # no gain
    ground = make_ground(today={("Viettel", "4G"): (0, 11.9)})
    assert one(offer(11.5, 12), ground=ground).gap_share == pytest.approx(0)


def test_schools_and_clinics_in_the_newly_covered_area() -> None:
    points = [strips(start, start + 1).centroid for start in (5, 7, 8, 11)]
    places = gpd.GeoDataFrame({"name": list("abcd"), "class": ["school", "school", "school", "town"]},
                              geometry=points, crs=4326)  # fmt: skip
    found = one(offer(3, 9), ground=make_ground(places=places))
    assert found.places == {"school": 2, "clinic": None}
    assert one(offer(3, 9)).places == {"school": None, "clinic": None}


def test_cost_per_newly_covered_person() -> None:
    found = one(offer(3, 9, cost=5_000.0))
    assert found.cost_per_new_person.value == pytest.approx(200)
    assert outcome(found, "cost") == "not_judged"  # no threshold was set
    limit = RolloutRules(max_cost_per_new_person=100)
    assert outcome(one(offer(3, 9, cost=5_000.0), rules=limit), "cost") == "fail"
    assert outcome(one(offer(3, 9), rules=limit), "cost") == "not_judged"
    nobody = one(offer(0, 3, cost=5_000.0), rules=limit)
    assert nobody.cost_per_new_person == Range()
    assert "no_gain" in codes(nobody)


def test_an_area_a_million_times_the_units_is_counted_inside_and_said_to_lie_outside() -> None:
    found = one(offer(0, 0, area=shapely.box(90, 0, 130, 30)))
    assert people(found, "inside") == pytest.approx(140, abs=NEAR)
    assert 0.999 < found.outside_share < 1
    assert outcome(found, "inside") == "fail"


def test_a_proposal_partly_outside_is_counted_inside_and_the_rest_named() -> None:
    found = one(offer(10, 14))
    assert people(found, "inside") == pytest.approx(10, abs=NEAR)
    assert found.outside_share == pytest.approx(0.5, abs=1e-6)
    assert outcome(found, "inside") == "fail"


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (tiles_box(20, 0, 24, 4), "of another region, or in the sea"),
        (
            shapely.transform(strips(3, 9), lambda xy: xy[:, ::-1]),
            "latitude and longitude are probably exchanged",
        ),
    ],
)
def test_a_proposal_wholly_outside_is_refused(area: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"p: none of it lies inside the units.*{said}"):
        one(offer(0, 0, area=area))


def test_a_proposal_given_twice_is_refused_by_key_and_recognised_by_area() -> None:
    with pytest.raises(InputError, match="p: given more than once"):
        check(GROUND, offer(3, 9), offer(3, 9))
    report = check(GROUND, offer(3, 9, key="a"), offer(3, 9, key="b"))
    assert "same_area" in codes(report.checks[1])
    assert "same_area" not in codes(report.checks[0])
    assert people(report.together[0].check, "new") == pytest.approx(25, abs=NEAR)


def test_without_any_file_of_the_technology_a_gain_is_not_known() -> None:
    found = one(offer(3, 9, technology=Technology.G5, cost=10.0))
    assert (found.figures["new"][0].value, found.figures["new"][0].low) == (None, 0.0)
    assert found.figures["new"][0].high == pytest.approx(95, abs=NEAR)
    assert found.figures["covered"][0] == Range()
    assert found.duplicated_share == Range(None, 0.0, 1.0)
    assert outcome(found, "new_people") == "fail"  # 95 at best, below 100
    assert outcome(one(offer(0, 12, technology=Technology.G5)), "new_people") == "undecided"
    assert {"coverage_unknown"} <= codes(found)
    assert found.units["verdict_after"].isna().all()
    assert found.new_area is None


def test_an_operator_without_a_file_is_not_known_to_cover_nothing() -> None:
    found = one(offer(3, 9, "VNPT"))
    assert people(found, "covered_same") is None
    assert people(found, "covered_others") == pytest.approx(70, abs=NEAR)
    assert people(found, "new") == pytest.approx(25, abs=NEAR)


def test_without_a_grid_shares_are_of_area_and_people_are_not_judged() -> None:
    found = one(offer(3, 9), ground=make_ground(grid=None))
    assert found.basis == "area"
    assert people(found, "inside") is None
    assert found.duplicated_share.value == pytest.approx(4 / 6, rel=1e-6)
    assert outcome(found, "new_people") == "not_judged"
    assert "no_grid" in codes(found)
    assert found.advice != Advice.RECOMMENDED
    assert found.units.set_index("unit_code").loc["02", "covered_share_after"] == pytest.approx(1)


def test_advice_by_eye() -> None:
    rules = RolloutRules(min_new_people=20, min_gap_share=0.5)
    assert one(offer(7, 9), rules=rules).advice == Advice.RECOMMENDED
    assert one(offer(3, 9), rules=rules).advice == Advice.QUESTIONABLE  # 74 % is there already
    assert one(offer(0, 3), rules=rules).advice == Advice.QUESTIONABLE
    outside = one(offer(7, 14), rules=rules)
    assert outside.advice == Advice.ACCEPTABLE  # all good but for the part outside


def ends(figure: Range) -> tuple[float, float, float]:
    assert figure.low is not None
    assert figure.value is not None
    assert figure.high is not None
    return figure.low, figure.value, figure.high


def test_sites_give_ranges_in_order() -> None:
    found = one(site_offer(8, 2))
    assert found.modelled
    for part in ("inside", "new"):
        low, value, high = ends(found.figures[part][0])
        assert 0 < low < value < high
    low, value, high = ends(found.duplicated_share)
    assert low <= value <= high
    assert "modelled" in codes(found)
    low, _, high = ends(found.figures["new"][0])
    between = RolloutRules(min_new_people=(low + high) / 2)
    assert outcome(one(site_offer(8, 2), rules=between), "new_people") == "undecided"


@pytest.mark.parametrize(
    ("tiles", "status", "code"),
    [
        (0.5, "submitted", "spacing_share"),
        (5.0, "accepted", "spacing_warn"),
        (5.0, "draft", "no_planned_sites"),
    ],
)
def test_the_distance_to_the_nearest_planned_site_of_another(tiles: float, status: str, code: str) -> None:
    plan = site_offer(6 + tiles, 2, "Viettel", "other", status=status)
    found = one(site_offer(6, 2), ground=make_ground([plan]))
    assert code in codes(found)
    if status != "draft":
        # a zoom-16 tile is about 590 m wide at 14.9° N
        assert found.nearest_site_km == pytest.approx(0.5905 * tiles, rel=0.01)
        assert found.nearest_site_of == "Viettel"
    mine = replace(plan, operator="MOBIFONE")
    assert "no_planned_sites" in codes(one(site_offer(6, 2), ground=make_ground([mine])))


def test_sites_outside_every_unit_are_counted() -> None:
    far = site_offer(6, 2)
    mixed = replace(far, sites=np.vstack([far.sites, far.sites + 3]))
    reason = next(r for r in one(mixed).reasons if r.code == "sites_outside")
    assert reason.numbers == {"count": 1, "sites": 2}


def test_several_partners_are_never_counted_twice_in_any_order() -> None:
    offers = [offer(6, 9, "MobiFone", "a"), offer(7, 10, "Viettel", "b"), offer(8, 12, "VNPT", "c")]
    seen = []
    for order in permutations(offers):
        together = check(GROUND, *order).together[0]
        assert together.method == "exact"
        seen.append({c.operator: (c.share, c.alone, c.last) for c in together.contributions})
        assert people(together.check, "new") == pytest.approx(40, abs=NEAR)  # strips 7-11
        # alone 25, 30 and 20 come to 75
        assert together.promised_twice == pytest.approx(35, abs=NEAR)
    # strip 7 (20): MobiFone, Viettel; 8 (5): all; 9 (5): Viettel, VNPT; 10, 11 (10): VNPT
    wanted = {
        "MobiFone": (10 + 5 / 3, 25, 0),
        "Viettel": (10 + 5 / 3 + 2.5, 30, 0),
        "VNPT": (5 / 3 + 2.5 + 10, 20, 10),
    }
    for found in seen:
        for name, numbers in wanted.items():
            assert found[name] == pytest.approx(numbers, abs=NEAR)


def test_two_proposals_of_one_partner_are_one_contribution() -> None:
    report = check(GROUND, offer(7, 9, "Vinaphone", "a"), offer(8, 10, "VNPT", "b"))
    (contribution,) = report.together[0].contributions
    assert contribution.proposals == 2
    assert contribution.share == pytest.approx(30, abs=NEAR)


def test_technologies_are_summed_apart() -> None:
    report = check(GROUND, offer(7, 9, key="a"), offer(7, 9, key="b", technology=Technology.G5))
    assert [t.check.technology for t in report.together] == ["4G", "5G"]


def test_contributions_are_exact_for_any_number_of_partners() -> None:
    spans = [(7 + 0.1 * place, 9 + 0.1 * place) for place in range(30)]
    offers = [offer(*span, f"operator {place}", f"p{place}") for place, span in enumerate(spans)]
    together = check(GROUND, *offers).together[0]
    assert together.method == "exact"
    found = {c.operator: c for c in together.contributions}
    total = people(together.check, "new")
    assert sum(c.share for c in found.values()) == pytest.approx(total)
    for place, span in enumerate(spans):
        edges = np.unique(np.clip(np.array([edge for s in spans for edge in s]), *span))
        wanted = 0.0
        for west, east in pairwise(edges):
            offered = sum(a <= west and east <= b for a, b in spans)
            wanted += float(count_people(STRIPS, [strips(max(west, 7), east)])[0]) / offered
        assert found[f"operator {place}"].share == pytest.approx(wanted, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(spans=st.lists(SPANS, min_size=1, max_size=5))
def test_contributions_are_the_mean_over_all_orders(spans: Any) -> None:
    """The definition itself, every order played through: the oracle of the closed form."""
    areas = [strips(*span) for span in spans]
    gained = np.zeros(len(areas))
    orders = list(permutations(range(len(areas))))
    for order in orders:
        so_far = 0.0
        for place, who in enumerate(order):
            held = float(count_people(STRIPS, [shapely.union_all([areas[w] for w in order[: place + 1]])])[0])
            gained[who] += held - so_far
            so_far = held
    assert contributions(GROUND, areas, 0) == pytest.approx(gained / len(orders), abs=1e-3)
    whole = equal_area_km2([shapely.union_all(areas)])[0]
    assert contributions(GROUND, areas, 1).sum() == pytest.approx(whole, rel=1e-9)


def test_pieces_by_eye() -> None:
    # strips 0-4, 2-6, 3-8: pieces 0-2, 2-3, 3-4, 4-6, 6-8
    pieces, inside = cut_pieces([strips(0, 4), strips(2, 6), strips(3, 8), shapely.Polygon()])
    wanted = {(0, 2): "1000", (2, 3): "1100", (3, 4): "1110", (4, 6): "0110", (6, 8): "0010"}
    west = np.argsort(shapely.bounds(pieces)[:, 0])
    for piece, owners, (span, said) in zip(pieces[west], inside.T[west], wanted.items(), strict=True):
        assert shapely.area(shapely.symmetric_difference(piece, strips(*span))) < 1e-12
        assert "".join(str(int(one)) for one in owners) == said
    ring = shapely.difference(strips(0, 8), tiles_box(3, 1, 5, 3))
    assert len(cut_pieces([ring])[0]) == 1  # a hole is nobody's


def test_operator_names_are_one_whatever_their_spelling() -> None:
    assert operator_key(" VIETTEL ") == operator_key("Viettel")
    assert operator_key("VinaPhone") == operator_key("VNPT")
    assert operator_key("Mobifone") != operator_key("Viettel")


@pytest.mark.parametrize(
    ("figure", "better", "wanted"),
    [
        (Range(5, 5, 5), "high", Judgement.PASS),
        (Range(4.9, 4.9, 4.9), "high", Judgement.FAIL),
        (Range(5, 4, 6), "high", Judgement.UNDECIDED),
        (Range(None, 0, 4), "high", Judgement.FAIL),
        (Range(5, 5, 5), "low", Judgement.PASS),
        (Range(5.1, 5.1, 5.1), "low", Judgement.FAIL),
        (Range(5, 4, 6), "low", Judgement.UNDECIDED),
        (Range(), "low", Judgement.NOT_JUDGED),
    ],
)
def test_a_criterion_is_decided_only_by_its_whole_range(
    figure: Range, better: str, wanted: Judgement
) -> None:
    assert compare_range(figure, 5, better) == wanted


def test_a_range_holds_its_best_value_and_is_unknown_when_any_part_is() -> None:
    assert range_of(3, 1, 2) == Range(1, 1, 3)
    assert range_of(None, 1, 2) == Range()


NAMES = st.sampled_from(["Viettel", "MobiFone", "VNPT"])
OFFERS = st.lists(st.tuples(SPANS, NAMES), min_size=1, max_size=5)


def make_offers(drawn: Sequence[tuple[tuple[float, float], str]]) -> list[Offer]:
    return [offer(*span, name, f"p{place}") for place, (span, name) in enumerate(drawn)]


@settings(max_examples=25, deadline=None)
@given(drawn=OFFERS, data=st.data())
def test_the_union_never_gains_more_than_the_sum_and_contributions_make_it_up(drawn: Any, data: Any) -> None:
    offers = make_offers(drawn)
    report = check(GROUND, *offers)
    together = report.together[0]
    singles = [people(found, "new") or 0.0 for found in report.checks]
    joint = people(together.check, "new") or 0.0
    assert max(singles) - 1e-3 <= joint <= sum(singles) + 1e-3
    assert sum(c.share for c in together.contributions) == pytest.approx(joint, abs=1e-3)
    for contribution in together.contributions:
        assert contribution.last - 1e-3 <= contribution.share <= contribution.alone + 1e-3
    other = check(GROUND, *data.draw(st.permutations(offers)))
    assert people(other.together[0].check, "new") == pytest.approx(joint, abs=1e-3)
    shares = {c.operator: c.share for c in other.together[0].contributions}
    assert shares == pytest.approx({c.operator: c.share for c in together.contributions}, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(start=st.floats(0, 6.5), width=st.floats(0.1, 3))
def test_a_proposal_inside_existing_coverage_gains_nobody(start: float, width: float) -> None:
    found = one(offer(start, min(7.0, start + width)))
    assert people(found, "new") == pytest.approx(0, abs=1e-6)
    assert outcome(found, "new_people") == "fail"


@settings(max_examples=25, deadline=None)
@given(span=SPANS, plan=SPANS, status=st.sampled_from(["draft", "submitted", "accepted", "built"]))
def test_plans_never_raise_a_gain_and_parts_make_up_the_whole(span: Any, plan: Any, status: str) -> None:
    planned = offer(plan[0], plan[1], "Viettel", "other", status=status)
    found = one(offer(span[0], span[1]), ground=make_ground([planned]))
    alone = people(one(offer(*span)), "new")
    assert people(found, "new") <= alone + 1e-4
    if status in ("draft", "submitted"):
        assert people(found, "new") == pytest.approx(alone, abs=1e-4)
    assert people(found, "new") + people(found, "duplicated") == pytest.approx(
        people(found, "inside"), abs=1e-3
    )
    assert found.units["new_people"].sum() == pytest.approx(people(found, "new"), abs=1e-3)
    assert found.units["inside_people"].sum() == pytest.approx(people(found, "inside"), abs=1e-3)
    assert (found.units["covered_share_after"] >= found.units["covered_share_before"] - 1e-9).all()
    assert (found.units["score_after"] <= found.units["score_before"] + 1e-6).all()

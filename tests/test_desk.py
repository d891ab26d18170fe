"""What was drawn → shapes; faults with a code and a sentence in both languages; the desk kept up to date with the store."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import equal_area_km2
from geo.demand import Need
from geo.desk import DeskError, circle, require_inside, shapes_from_drawing, with_proposals
from geo.errors import ConflictError, InputError, ProposalError
from geo.proposal_files import read_proposal
from geo.proposal_sites import Said
from geo.proposal_store import Store
from geo.proposals import Content, Status
from geo.rollout_areas import Offer
from geo.rollout_desk import Desk, open_desk
from geo.schema import Technology
from geo.site_points import read_site_points
from geo.suggest import FILE, GRID, Ask, Lists, as_geojson, as_xlsx, suggest
from layers.faults import HINTS, details_of, fault_text, hint_of
from layers.strings import CATALOGUE, Language
from pages.desk import redraw
from tests.said_columns import require_workbook_said

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"
LANGUAGES: tuple[Language, ...] = ("vi", "en")


def area(*corners: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": "area"},
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": place}


SQUARE = area((107.0, 11.9), (107.1, 11.9), (107.1, 12.0), (107.0, 12.0))
BOW = area((106.8, 11.8), (106.95, 11.9), (106.8, 11.9), (106.95, 11.8))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    root = tmp_path_factory.mktemp("desk") / "workspace"
    shutil.copytree(SAMPLE, root)
    return open_desk(root)


def test_areas_and_sites_become_a_collection() -> None:
    kind, found = shapes_from_drawing([SQUARE, SQUARE], 10)
    assert (kind, len(found["features"])) == ("areas", 2)
    kind, found = shapes_from_drawing([point(107, 11.9, kind="site")], 10)
    assert (kind, found["features"][0]["geometry"]["coordinates"]) == ("sites", (107.0, 11.9))


@given(st.floats(102, 110), st.floats(8, 24), st.floats(50, 50_000))
def test_a_circle_has_the_area_of_a_circle_and_is_drawn_again_as_one(
    lon: float, lat: float, radius_m: float
) -> None:
    kind, found = shapes_from_drawing([point(lon, lat, kind="circle", radius=radius_m)], 10)
    assert kind == "areas"
    shape = shapely.geometry.shape(found["features"][0]["geometry"])
    assert equal_area_km2([shape])[0] == pytest.approx(np.pi * radius_m**2 / 1e6, rel=1e-4)
    # through the store and back
    again = redraw(json.loads(json.dumps(found)))
    assert again == [point(lon, lat, kind="circle", radius=radius_m)]


def test_what_cannot_be_drawn_again_is_not() -> None:
    _, found = shapes_from_drawing([SQUARE], 10)
    assert redraw(found) is not None
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    parts = redraw({"features": [{"geometry": shapely.geometry.mapping(two), "properties": {}}]})
    assert parts is not None
    assert len(parts) == 2
    assert redraw({"features": [point(107, 12, frequency_mhz=900.0)]}) is None
    many = shapely.geometry.mapping(shapely.Point(0, 0).buffer(1, quad_segs=2000))
    assert redraw({"features": [{"geometry": many, "properties": {}}]}) is None


@pytest.mark.parametrize(
    ("drawn", "code", "said"),
    [
        ([], "nothing_drawn", "nothing is drawn"),
        ([SQUARE, point(107, 12)], "mixed", "areas and sites"),
        ([BOW], "self_crossing", "crosses itself near 11.85000, 106.87500"),
        ([point(107, 12, radius=0)], "radius", "radius of 0 m"),
        ([point(107, 12, radius=1e7)], "radius", "wanted up to 200000 m"),
        ([point(107, 12)] * 4, "too_many_sites", "4 sites, wanted at most 3"),
    ],
)
def test_a_drawing_that_cannot_be_checked_is_named(drawn: list[Any], code: str, said: str) -> None:
    with pytest.raises(DeskError, match=said) as caught:
        shapes_from_drawing(drawn, 3)
    assert caught.value.code == code
    for language in LANGUAGES:
        assert fault_text(caught.value, "fault_check", language).startswith(
            CATALOGUE[language][f"fault_{code}"].split("{")[0]
        )


def test_outside_and_exchanged_are_told_apart(desk: Desk) -> None:
    inside = shapely.box(107.0, 11.9, 107.1, 12.0)
    require_inside(desk.ground, Offer("p", "Viettel", Technology.G4, inside))
    for shape, code in (
        (shapely.box(11.9, 107.0, 12.0, 107.1), "swapped"),
        (shapely.box(100, 20, 101, 21), "outside"),
    ):
        with pytest.raises(DeskError, match="none of it lies inside") as caught:
            require_inside(desk.ground, Offer("p", "Viettel", Technology.G4, shape))
        assert caught.value.code == code


def test_errors_of_the_store_have_their_own_sentence() -> None:
    assert "vừa lưu phiên bản mới" in fault_text(ConflictError("x"), "fault_store", "vi")
    assert "Không lưu được" in fault_text(ProposalError("x"), "fault_file", "vi")


def collection(*shapes: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(shapes)})


LINE = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "LineString", "coordinates": [[106, 11], [107, 12]]},
}
METRES = area((500000, 1300000), (510000, 1300000), (510000, 1310000))
MESSES = [
    ("swapped", "a.csv", "lat,lon\n106.9,11.9\n107.0,11.95\n"),
    ("comma", "a.csv", "lat;lon\n11,9;106,9\n11,95;107,0\n"),
    ("columns", "a.csv", "ten,ghi chu\nA,b\n"),
    ("blank", "a.csv", "lat,lon\n11.9,\n,107\n"),
    ("sites", "a.csv", "lat,lon\n" + "".join(f"11.{i:05d},106.9\n" for i in range(60))),
    ("empty", "a.geojson", collection()),
    ("empty", "b.geojson", ""),
    ("shape", "a.geojson", collection(LINE)),
    ("crossing", "a.geojson", collection(BOW)),
    ("crs", "a.geojson", collection(METRES)),
    ("rows", "a.csv", "lat,lon,technology\n11.9,106.9,6G\n"),
    ("other", "a.csv", "lat,lon,technology\n11.9,106.9,3G\n"),
    ("kind", "a.geojson", "{"),
    ("kind", "a.zip", "PK"),
    ("kind", "a.gpkg", "no"),
]


@pytest.mark.parametrize(("hint", "name", "content"), MESSES)
def test_the_readers_complaints_have_a_hint_in_vietnamese(
    tmp_path: Path, hint: str, name: str, content: str
) -> None:
    path = tmp_path / f"upload{Path(name).suffix}"
    path.write_text(content, encoding="utf-8")
    said = Said(operator="MobiFone", technology=Technology.G4)
    with pytest.raises(InputError) as caught:
        read_proposal(
            path, said, vintage="2026-04-commune", region=[106.39, 11.32, 107.4, 12.28], most_sites=50
        )
    assert hint_of(caught.value, "vi") == [CATALOGUE["vi"][f"hint_{hint}"]]
    details = details_of(caught.value, name)
    assert name in details
    assert str(tmp_path) not in details


SITE_MESSES = [
    ("point", "a.geojson", collection(SQUARE)),
    ("outside", "a.csv", "lat,lon\n8.0,110.0\n"),
    ("repeated", "a.csv", "lat,lon\n11.9,107.0\n11.9,107.0\n"),
    ("cost", "a.csv", "lat,lon,cost\n11.9,107.0,-5\n"),
]
PLAN_HINTS = {"no_cost", "no_place", "no_coverage", "no_people"}
TABLE_HINTS = {"sheet", "formula", "percent", "font"}
"""Tried where tables are read: in test_table_xlsx and test_legacy_fonts."""
BORDER_HINTS = {"border_far", "border_kinds"}
"""Tried in test_border."""


@pytest.mark.parametrize(("hint", "name", "content"), SITE_MESSES)
def test_complaints_about_a_list_of_sites_have_a_hint(
    desk: Desk, tmp_path: Path, hint: str, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_site_points(path, desk.units.result)
    assert hint_of(caught.value, "vi") == [CATALOGUE["vi"][f"hint_{hint}"]]


def test_every_hint_but_the_limits_of_the_reader_is_tried() -> None:
    tried = {hint for hint, _, _ in (*MESSES, *SITE_MESSES)}
    assert tried == set(HINTS) - {"large"} - PLAN_HINTS - TABLE_HINTS - BORDER_HINTS


def test_a_place_that_a_fault_names_is_written_as_the_language_writes_it() -> None:
    with pytest.raises(DeskError) as caught:
        shapes_from_drawing([BOW], 10)
    assert "vĩ độ 11,85000, kinh độ 106,87500" in fault_text(caught.value, "fault_check", "vi")
    assert "11.85000" in fault_text(caught.value, "fault_check", "en")


def test_the_desk_follows_the_store(desk: Desk) -> None:
    _, geometry = shapes_from_drawing([SQUARE], 10)
    store = Store(desk.root)
    saved = store.add(Content("a", "Viettel", Technology.G4, "areas", geometry, desk.units.id), who="Lan")
    assert with_proposals(desk, store.newest()).ground.plans.offers == ()
    for number, status in enumerate((Status.SUBMITTED, Status.ACCEPTED), start=1):
        store.set_status(saved.id, number, status, who="Lan")
    now = with_proposals(desk, store.newest())
    assert [offer.key for offer in now.ground.plans.offers] == [saved.id]
    other = Offer("new", "MobiFone", Technology.G4, shapely.box(107.0, 11.9, 107.1, 12.0))
    planned = now.check([other]).checks[0].figures["others_plans"][0].value
    assert planned == pytest.approx(now.check([other]).checks[0].figures["inside"][0].value)
    assert desk.check([other]).checks[0].figures["others_plans"][0].value == 0


def ask(**changed: Any) -> Ask:
    given = {
        "technology": Technology.G4, "operator": "", "sites": 3, "budget": None, "site_cost": None, "radius_m": 3000.0,
        "candidates": GRID, "grid_m": 2000.0, "need": Need.PEOPLE, "time_limit_seconds": 20.0,
    }  # fmt: skip
    return Ask(**{**given, **changed})


def test_suggested_sites_bring_what_the_check_says_of_their_circles(desk: Desk) -> None:
    found = suggest(desk, ask())
    assert found.plan.solution.proven
    assert len(found.sites) == 3
    gained = float(found.sites["people_gained"].sum())
    circles = shapely.union_all([circle(p.x, p.y, 3000.0) for p in found.sites.geometry])
    checked = desk.check([Offer("new", "MobiFone", Technology.G4, circles)]).checks[0].figures["new"][0].value
    # the plan counts a cell by its centre, the check by the part of it inside
    assert checked == pytest.approx(gained, rel=0.05)
    head = json.loads(as_geojson(desk, found))
    assert [feature["properties"]["order"] for feature in head["features"]] == [1, 2, 3]
    assert require_workbook_said(as_xlsx(found)) == {"sites", "plan", "columns"}


def test_a_budget_and_an_accepted_plan_limit_the_suggestion(desk: Desk) -> None:
    assert len(suggest(desk, ask(sites=None, budget=7.0, site_cost=3.5)).sites) == 2
    with pytest.raises(InputError, match="have no cost"):
        suggest(desk, ask(sites=None, budget=7.0))
    first = suggest(desk, ask(sites=1)).sites.geometry[0]
    _, geometry = shapes_from_drawing([point(first.x, first.y, radius=3000)], 10)
    store = Store(desk.root)
    saved = store.add(Content("b", "Viettel", Technology.G4, "areas", geometry, desk.units.id), who="Lan")
    for number, status in enumerate((Status.SUBMITTED, Status.ACCEPTED), start=1):
        store.set_status(saved.id, number, status, who="Lan")
    again = suggest(with_proposals(desk, store.newest()), ask(sites=1)).sites.geometry[0]
    assert again != first


def test_what_cannot_be_suggested_has_a_hint(desk: Desk) -> None:
    blind = replace(desk, ground=replace(desk.ground, grid=None))
    for hint, of, asked in [
        ("no_people", blind, ask()),
        ("no_coverage", desk, ask(technology=Technology.G2)),
        ("no_cost", desk, ask(sites=None, budget=7.0)),
        ("no_place", desk, ask(grid_m=20_000.0, radius_m=100.0)),
    ]:
        with pytest.raises(InputError) as caught:
            suggest(of, asked)
        assert hint_of(caught.value, "vi") == [CATALOGUE["vi"][f"hint_{hint}"]]


def test_candidates_and_existing_sites_of_files(desk: Desk, tmp_path: Path) -> None:
    free = suggest(desk, ask(sites=4))
    best = free.sites.geometry[0]
    places = "\n".join(f"{p.y},{p.x},Cột {i},7" for i, p in enumerate(free.sites.geometry))
    (tmp_path / "a.csv").write_text(f"lat,lon,name,cost\n{places}\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"lat,lon\n{best.y},{best.x}\n8.0,110.0\n", encoding="utf-8")
    candidates, _ = read_site_points(tmp_path / "a.csv", desk.units.result)
    keep, findings = read_site_points(tmp_path / "b.csv", desk.units.result)
    asked = ask(sites=2, candidates=FILE, candidates_file="a.csv", keep_file="b.csv")
    lists = Lists(candidates, keep, tuple(one.message for one in findings))
    found = suggest(desk, asked, lists)
    # the best place is taken already, so its people are nobody's gain and the next ones are chosen
    assert set(found.sites["name"]) <= {"Cột 1", "Cột 2", "Cột 3"}
    assert found.plan.people_kept > 0
    assert found.kept is not None
    assert found.kept["radius_m"].tolist() == [3000.0]
    assert found.sites["people_gained"].tolist() == pytest.approx(free.sites["people_gained"].tolist()[1:3])
    head = json.loads(as_geojson(desk, found))
    assert len(head["features"]) == 2
    assert "1 of 2 sites lie outside" in json.dumps(head)
    with pytest.raises(InputError, match="no file of candidate sites"):
        suggest(desk, asked)
    # a cost of the file is kept, one that it does not state is the question's
    priced = suggest(desk, ask(sites=None, budget=14.0, site_cost=1.0, candidates=FILE), lists)
    assert priced.sites["cost"].tolist() == [7.0, 7.0]

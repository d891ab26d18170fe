"""Proposals that reach into a unit: squares of a tenth of a degree."""

from typing import Any

import pytest
import shapely
from shapely.geometry import Point, box, mapping

from geo.proposals import Content, Status, Version
from geo.schema import Technology
from geo.touching import TOUCHING_COLUMNS, proposals_touching

UNIT = box(106.5, 11.5, 106.6, 11.6)


def version(number: int, *shapes: Any, kind: str = "areas", **said: Any) -> Version:
    features = [
        {"type": "Feature", "properties": said.pop("properties", {}), "geometry": mapping(one)}
        for one in shapes
    ]
    content = Content(
        name=said.pop("name", f"Đề xuất {number}"), operator="Viettel", technology=Technology.G4, kind=kind,
        geometry={"type": "FeatureCollection", "features": features}, vintage="2026-04-commune", year=2027, **said,
    )  # fmt: skip
    return Version(f"p{number}", 1, "2026-11-25T00:00:00+00:00", "a", "added", Status.SUBMITTED, content)


def test_shares_of_the_unit_and_of_the_proposal() -> None:
    half = version(1, box(106.55, 11.5, 106.65, 11.6))
    inside = version(2, box(106.52, 11.52, 106.53, 11.53))
    beside = version(3, box(106.6, 11.5, 106.7, 11.6))
    far = version(4, box(107, 11.5, 107.1, 11.6))
    found = proposals_touching(UNIT, [half, inside, beside, far]).set_index("proposal").to_dict("index")
    assert list(found) == ["p1", "p2"]
    shares = [(row["unit_share"], row["own_share"]) for row in found.values()]
    assert shares == [pytest.approx((0.5, 0.5), rel=1e-3), pytest.approx((0.01, 1.0), rel=1e-3)]
    # some 120 km² of a tenth of a degree near 11.5° N
    assert found["p1"]["inside_km2"] == pytest.approx(60.4, rel=0.01)
    names = ("name", "operator", "technology", "year", "status", "modelled")
    assert [found["p1"][name] for name in names] == ["Đề xuất 1", "Viettel", "4G", 2027, "submitted", False]


def test_overlapping_areas_of_one_proposal_count_once() -> None:
    twice = version(1, box(106.5, 11.5, 106.55, 11.6), box(106.5, 11.5, 106.55, 11.6))
    assert proposals_touching(UNIT, [twice])["unit_share"].tolist() == pytest.approx([0.5], rel=1e-3)


def test_sites_reach_by_the_model_and_say_so() -> None:
    near = version(1, Point(106.605, 11.55), kind="sites")
    (row,) = proposals_touching(UNIT, [near]).to_dict("records")
    assert row["modelled"]
    assert 0 < row["own_share"] < 1
    assert not len(proposals_touching(UNIT, [version(2, Point(108.5, 11.55), kind="sites")]))


def test_a_site_that_cannot_be_modelled_stands_by_its_point() -> None:
    silent = {"eirp_dbm": -200.0}
    inside, beside = Point(106.55, 11.55), Point(106.61, 11.55)
    found = proposals_touching(
        UNIT,
        [
            version(1, inside, kind="sites", properties=silent),
            version(2, beside, kind="sites", properties=silent),
        ],
    )
    assert found["proposal"].tolist() == ["p1"]
    assert found[["inside_km2", "unit_share", "own_share"]].isna().all().all()


def test_nothing_stored_no_rows() -> None:
    found = proposals_touching(shapely.MultiPolygon([UNIT]), [])
    assert found.empty
    assert tuple(found.columns) == TOUCHING_COLUMNS

"""Outlines that are valid one by one and cross each other without end are refused before anything is laid over anything."""

import json
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import coverable
from geo.crossings import MOST_CROSSINGS, chains_of, cross_too_often
from geo.errors import InputError
from tests.files import claim, cpu_seconds, feature, new_scene, run, snapshot, succeed, write_geojson
from tests.hostile import comb
from tests.tiny import tiles_box

TEETH = 800
SECONDS = 20.0
"""Of processor time for one command; what it keeps from happening takes minutes."""


def on_squares(teeth: int, *, upright: bool) -> Any:
    """A comb over the three squares."""
    west, south, east, north = tiles_box(0, 0, 12, 4).bounds
    shape = shapely.from_geojson(json.dumps(comb(teeth, upright=upright)))
    size = [east - west, north - south]
    return shapely.transform(shape, lambda points: (points - [106.0, 11.0]) * size + [west, south])


def array(*shapes: Any) -> Any:
    return np.array(shapes, dtype=object)


def edges(shape: Any) -> Any:
    points = shapely.get_coordinates(shape)
    return shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))


@given(st.integers(0, 10_000), st.integers(3, 70), st.integers(3, 70))
def test_the_count_is_that_of_every_edge_against_every_other(seed: int, one: int, other: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = (shapely.Polygon(rng.random((corners, 2))) for corners in (one, other))
    crossings = int(shapely.crosses(edges(left)[:, None], edges(right)[None]).sum())
    both = chains_of(array(left)), chains_of(array(right))
    assert not cross_too_often(*both, most=crossings)
    assert not crossings or cross_too_often(*both, most=crossings - 1)


def test_holes_and_parts_count_and_touching_does_not() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    both = shapely.MultiPolygon([ring, shapely.box(20, 0, 29, 9)])
    across = chains_of(array(shapely.box(-1, 4, 30, 5)))
    assert not cross_too_often(chains_of(array(both)), across, most=12)
    assert cross_too_often(chains_of(array(both)), across, most=11)
    beside = chains_of(array(shapely.box(9, 0, 12, 9)))
    assert not cross_too_often(chains_of(array(ring)), beside, most=0)
    assert not cross_too_often(chains_of(array(ring)), chains_of(array()), most=0)
    assert not cross_too_often(chains_of(array(ring)), chains_of(array(ring)), most=0)


@pytest.mark.parametrize("slope", [0.0, 50.0])
def test_a_hopeless_pair_is_told_within_seconds(slope: float) -> None:
    """Also where no edge crosses any, but all lie beside all."""
    upright = shapely.from_geojson(json.dumps(comb(50_000, upright=True)))
    one = shapely.transform(upright, lambda points: np.c_[points[:, 0] + slope * points[:, 1], points[:, 1]])
    lying = shapely.from_geojson(json.dumps(comb(50_000, upright=False)))
    other = lying if not slope else shapely.transform(one, lambda points: points + 1e-7)
    start = time.process_time()
    assert cross_too_often(chains_of(array(one)), chains_of(array(other)))
    assert time.process_time() - start < SECONDS


def test_outlines_that_run_along_each_other_are_let_pass() -> None:
    """The same borders from two sources cross at every edge, and that is a time by their size."""
    angle = np.linspace(0, 2 * np.pi, 600_000, endpoint=False)
    wobble = 1 + 1e-9 * (-1) ** np.arange(len(angle))
    one, other = (shapely.Polygon(np.c_[np.cos(angle) * r, np.sin(angle) * r]) for r in (wobble, 2 - wobble))
    both = chains_of(array(one)), chains_of(array(other))
    assert cross_too_often(*both, most=MOST_CROSSINGS)
    assert not cross_too_often(*both)


def test_claims_of_different_technologies_never_meet() -> None:
    rows = [("Viettel", "4G"), ("MobiFone", "5G")]
    shapes = [on_squares(TEETH, upright=True), on_squares(TEETH, upright=False)]
    said = {"evidence": "declared", "as_of": "2026-09-30"}
    claims = [{"operator": operator, "technology": technology, **said} for operator, technology in rows]
    coverable.require_untangled(gpd.GeoDataFrame(claims, geometry=shapes, crs=4326), [])
    met = gpd.GeoDataFrame([{**one, "technology": "4G"} for one in claims], geometry=shapes, crs=4326)
    wanted = r"coverage of Viettel 4G \(declared, 2026-09-30\) and coverage of MobiFone 4G .* cross each other so often"
    with pytest.raises(InputError, match=wanted):
        coverable.require_untangled(met, [])


@pytest.fixture
def combed(tmp_path: Path, squares: Path) -> tuple[Path, Path, Path]:
    """A workspace with an upright comb of Viettel's; a lying comb; a plain square."""
    files = {
        name: write_geojson(tmp_path / f"{name}.geojson", [feature(shape)])
        for name, shape in (
            ("upright", on_squares(TEETH, upright=True)),
            ("lying", on_squares(TEETH, upright=False)),
            ("plain", tiles_box(0, 0, 6, 4)),
        )
    }
    succeed("add", squares, "coverage", files["upright"], *claim())
    return squares, files["lying"], files["plain"]


@pytest.mark.parametrize("operator", ["Viettel", "MobiFone"])
def test_a_claim_that_tangles_with_one_there_is_refused(
    operator: str, combed: tuple[Path, Path, Path]
) -> None:
    root, lying, plain = combed
    before = snapshot(root)
    start = cpu_seconds()
    result = run("add", root, "coverage", lying, *claim(operator))
    assert result.exit_code == 1
    assert cpu_seconds() - start < SECONDS
    assert "coverage of " in result.stderr
    assert "simplify them" in result.stderr
    assert snapshot(root) == before
    # as it says: of another technology, or simplified, it comes in, and the workspace builds
    succeed("add", root, "coverage", lying, *claim(operator, "5G"))
    succeed("add", root, "coverage", plain, *claim(operator))


def test_two_files_of_one_add_are_held_against_each_other(tmp_path: Path, squares: Path) -> None:
    for upright in (True, False):
        write_geojson(tmp_path / f"comb{upright}.geojson", [feature(on_squares(TEETH, upright=upright))])
    result = run("add", squares, "coverage", tmp_path / "comb*.geojson", *claim())
    assert result.exit_code == 1
    assert "coverage of Viettel 4G (declared, 2026-09-30): putting its polygons together" in result.stderr


def test_units_and_coverage_that_tangle_are_refused_from_either_side(tmp_path: Path) -> None:
    units = write_geojson(
        tmp_path / "u.geojson", [feature(on_squares(TEETH, upright=True), code="01", name="A")]
    )
    lying = write_geojson(tmp_path / "c.geojson", [feature(on_squares(TEETH, upright=False))])
    new_scene(tmp_path / "one", units)
    result = run("add", tmp_path / "one", "coverage", lying, *claim())
    assert (result.exit_code, "and the outlines of the units cross each other" in result.stderr) == (1, True)
    plain = write_geojson(tmp_path / "p.geojson", [feature(tiles_box(0, 0, 12, 4), code="01", name="A")])
    new_scene(tmp_path / "two", plain)
    succeed("add", tmp_path / "two", "coverage", lying, *claim())
    columns = ["--code", "code", "--label", "name"]
    result = run("add", tmp_path / "two", "boundaries", units, *columns, "--replace")
    assert (result.exit_code, "and the outlines of the units cross each other" in result.stderr) == (1, True)


def test_a_build_of_a_workspace_from_elsewhere_ends(
    combed: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, lying, _ = combed
    monkeypatch.setattr("geo.admission.require_coverable", lambda *_: None)
    succeed("add", root, "coverage", lying, *claim("MobiFone"))
    start = cpu_seconds()
    result = run("build", root)
    assert result.exit_code == 1
    assert cpu_seconds() - start < SECONDS
    assert "cross each other so often" in result.stderr
    assert not (root / "built").exists()

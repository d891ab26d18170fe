"""The tables of `make validate`: real tiles held back fall inside the intervals as often as claimed; the page is written as said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.tile_pairs import make_pairs
from tests import validate
from tests.validate import Region, azores, hold_quarter, hold_tiles, puerto_rico, rms


def test_the_page_has_the_marks_and_only_what_is_between_them_changes() -> None:
    page = validate.METHODS.read_text(encoding="utf-8")
    assert page.count(validate.START) == page.count(validate.END) == 1
    changed = validate.replace_between(page, ["one", "two"])
    assert changed.split(validate.START)[0] == page.split(validate.START)[0]
    assert changed.split(validate.END)[1] == page.split(validate.END)[1]
    assert "make validate -->\none\ntwo\n<!-- validate: to here" in changed
    assert validate.replace_between(changed, ["one", "two"]) == changed


def test_without_the_real_tiles_it_says_so_and_leaves_the_page_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(validate, "REAL", tmp_path / "nowhere")
    monkeypatch.setattr(validate, "METHODS", tmp_path / "METHODS.md")
    validate.main()
    assert "skipped: the real tiles are not beside the project" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def regions(real: Path) -> dict[str, Region]:
    return {
        "puerto_rico": puerto_rico(real),
        "azores_mobile": azores(real, "mobile"),
        "azores_fixed": azores(real, "fixed"),
    }


TESTS: dict[str, Callable[[Region], pd.DataFrame]] = {
    "half": lambda region: hold_tiles(region, 0.5),
    "next": lambda region: hold_quarter(region, step=True),
}


@pytest.mark.real
@pytest.mark.parametrize("test", sorted(TESTS))
@pytest.mark.parametrize("name", ["puerto_rico", "azores_mobile", "azores_fixed"])
def test_between_85_and_95_percent_are_inside(regions: dict[str, Region], name: str, test: str) -> None:
    found = TESTS[test](regions[name])
    assert len(found) > 200
    assert 0.85 <= found["inside"].mean() <= 0.95
    # where tests are few the estimate is nearer the truth than the unit's own mean, levelled or raw
    few = found[found["tests"] < 100]
    assert rms(few["estimate"]) < min(rms(few["own"]), rms(few["raw"]))


@pytest.mark.real
def test_thin_evidence_is_where_pooling_pays(regions: dict[str, Region]) -> None:
    found = hold_tiles(regions["puerto_rico"], 0.03)
    assert 0.85 <= found["inside"].mean() <= 0.95
    assert rms(found["estimate"]) < 0.6 * rms(found["own"])


@pytest.mark.real
def test_a_random_half_of_each_units_tiles(regions: dict[str, Region]) -> None:
    region = regions["puerto_rico"]
    pairs = make_pairs(region.tiles, region.shares, region.codes, region.quarters[-4:])
    seen = validate.choose_tiles(pairs, 0.5, 1)
    frame = pd.DataFrame({"unit": pairs.unit, "tile": pairs.tile, "seen": seen})
    by_tile = frame.groupby(["unit", "tile"])["seen"].agg(["all", "any"])
    # a tile is kept or held back with all of its quarters
    assert (by_tile["all"] == by_tile["any"]).all()
    counts = by_tile["all"].groupby("unit").agg(["sum", "size"])
    assert (np.abs(counts["sum"] - counts["size"] / 2) < 1).all()

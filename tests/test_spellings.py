"""One operator written in several ways is one: in the count of operators, in what a newer claim replaces, beside its own sites."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.operators import one_spelling, operator_key, other_spellings
from geo.pipeline import build
from geo.results import Built, read_built
from geo.spellings import with_one_spelling
from geo.workspace import load_workspace
from tests.files import Files, claim, succeed


@pytest.mark.parametrize(
    "names",
    [
        ["Viettel", "VIETTEL", " viettel "],
        ["VNPT", "VinaPhone", "VNPT-VinaPhone", "VNPT / VinaPhone", "VNPT (VinaPhone)", "Vinaphone–VNPT"],
        ["I-Telecom", "I Telecom", "i_telecom", "I–TELECOM"],
        ["Mobifone", "MobiFone.", "Mobi\u200bFone", "\ufeffMobifone\u00a0"],
        ["Đông Á", "ĐÔNG Á", "\u0110ông A\u0301"],
    ],
)
def test_spellings_of_one_operator(names: list[str]) -> None:
    assert len({operator_key(name) for name in names}) == 1
    written = pd.Series([None, *names, "Gmobile"], dtype=object)
    taken = one_spelling(written)
    assert taken.isna().tolist() == [True] + [False] * (len(names) + 1)
    assert taken.tolist()[1:] == [names[0]] * len(names) + ["Gmobile"]
    assert other_spellings(written) == {names[0]: names[1:]}


@pytest.mark.parametrize("names", [["A+", "A"], ["214-07", "214-70"], ["-", "/"], ["Viettel", "Vietel"]])
def test_names_that_differ_in_a_letter_or_a_meaning_sign_are_two(names: list[str]) -> None:
    assert len({operator_key(name) for name in names}) == 2
    assert other_spellings(pd.Series(names)) == {}


def _points(*operators: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"operator": pd.Series(operators, dtype=object)},
        geometry=[shapely.Point(0, 0)] * len(operators),
        crs=4326,
    )


def test_the_first_spelling_in_all_tables_is_taken_and_the_others_are_said() -> None:
    claims, cells = _points("VNPT", "viettel"), _points("VinaPhone", None, "Viettel", "viettel")
    (one, none, other), findings = with_one_spelling(claims, None, cells)
    assert none is None
    assert one is not None
    assert one["operator"].tolist() == ["VNPT", "viettel"]
    assert other is not None
    assert other["operator"].fillna("").tolist() == ["VNPT", "", "viettel", "viettel"]
    assert [(f.code, f.values) for f in findings] == [
        ("operator_spellings", {"operator": "VNPT", "others": {"names": ["VinaPhone"], "more": 0}}),
        ("operator_spellings", {"operator": "viettel", "others": {"names": ["Viettel"], "more": 0}}),
    ]
    assert cells["operator"].tolist()[0] == "VinaPhone"  # what was given stays as it was
    assert with_one_spelling(None, None) == ([None, None], [])


@pytest.fixture
def built(squares: Path, scene: Files) -> Built:
    """Square A is covered twice over by one operator, written in two ways, of one day."""
    succeed("add", squares, "coverage", scene.viettel, *claim("Viettel"))
    succeed("add", squares, "coverage", scene.mobifone, *claim("VIETTEL"))
    succeed("add", squares, "population", scene.people)
    build(load_workspace(squares))
    return read_built(squares)


def test_an_operator_written_in_two_ways_is_no_choice(built: Built) -> None:
    assert built.primary.result["4g_operators"].tolist() == [1, 1, 0]
    assert set(built.primary.coverage["operator"]) == {"Viettel", "*"}
    said = [row for row in built.quality if row["code"] == "operator_spellings"]
    assert [row["message"] for row in said] == ["the operator Viettel is also written 'VIETTEL'"]


def test_a_newer_claim_replaces_an_older_one_of_another_spelling(squares: Path, scene: Files) -> None:
    older = [*claim("VinaPhone")[:-1], "2025-06-30"]
    succeed("add", squares, "coverage", scene.viettel, *older)
    succeed("add", squares, "coverage", scene.mobifone, *claim("VNPT"))
    build(load_workspace(squares))
    found = read_built(squares)
    assert found.coverage_areas is not None
    assert found.coverage_areas[["operator", "as_of"]].to_numpy().tolist() == [["VinaPhone", "2026-09-30"]]
    # the newer one reaches 4 of A's 4.5 columns, the older one 2.5 of B's 3.5
    assert found.primary.result["4g_operators"].tolist() == [1, 0, 0]
    assert "superseded" in {row["code"] for row in found.quality}

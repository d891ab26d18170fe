"""Every column that a check is taken home with, in both files, has a definition in both languages; so has every one of a plan."""

import io
import json
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from geo.results import read_built
from geo.rollout_export import as_geojson, as_xlsx
from geo.rollout_terms import rollout_columns, rollout_term
from layers.definitions import TERMS, definition_of, meaning_of, title_of
from layers.strings import LANGUAGES
from tests.fake_built import fake_built
from tests.rollout_scene import check, make_ground, offer


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The columns of both files of two proposals that overlap, with a note, a cost and places."""
    root = tmp_path_factory.mktemp("columns") / "workspace"
    fake_built(root)
    built = read_built(root)
    report = check(make_ground(), offer(6, 9, cost=1000.0), offer(7, 11, "Viettel", "q"))
    report = replace(report, notes={"p": ("mended",)})
    collection = json.loads(as_geojson(report, built, built.primary))
    found = {name for feature in collection["features"] for name in feature["properties"]}
    book = load_workbook(io.BytesIO(as_xlsx(report, built, built.primary)), read_only=True)
    for sheet in (one for one in book.worksheets if one.title != "columns"):
        rows = list(sheet.iter_rows(values_only=True))
        assert len(rows) > 1, f"sheet {sheet.title} has no row, so that its columns go unseen"
        found |= {str(name) for name in rows[0]}
    return found


def test_every_column_has_a_definition_in_both_languages(columns: set[str]) -> None:
    assert len(columns) > 80
    assert sorted(name for name in columns if definition_of(rollout_term(name)) is None) == []


def test_nothing_is_defined_that_no_file_has(columns: set[str]) -> None:
    written = {rollout_term(name) for name in columns}
    assert {definition.term for definition in rollout_columns()} <= written


def test_a_pattern_is_filled_with_its_part() -> None:
    part = TERMS[rollout_term("new_people_low")]
    assert title_of(part, "vi") == "Mới được phủ sóng: số người"
    assert meaning_of(part, "en").startswith("People. What lies inside, less what is covered")
    assert title_of(TERMS[rollout_term("score_low_after")], "en").startswith("Gap score: lower end")
    for language in LANGUAGES:
        for definition in rollout_columns():
            assert "{" not in title_of(definition, language) + meaning_of(definition, language)

"""What files say of their columns: each has a title and a meaning in both languages, the words of the pages and the numbers of the rules."""

from dataclasses import replace
from pathlib import Path

import pytest

from geo.column_meanings import check_meanings, column_meanings, plan_meanings
from geo.column_terms import column_term
from geo.export import export_layer
from geo.export_columns import LAYER_COLUMNS
from geo.export_layers import LAYERS
from geo.results import read_built
from geo.rollout_export import as_xlsx
from layers.definitions import definition_of, meaning_of
from layers.strings import LANGUAGES
from tests.fake_built import fake_built
from tests.rollout_scene import check, make_ground, offer
from tests.said_columns import require_said, require_workbook_said
from tests.test_export import make_built


def test_a_column_is_said_in_vietnamese_and_in_english() -> None:
    assert column_meanings("communes", ["mobile_latency_raw_ms"]) == [
        {
            "name": "mobile_latency_raw_ms",
            "title_vi": "Độ trễ di động, trung bình đo được",
            "meaning_vi": "Trung bình độ trễ (di động) theo số phép đo, tính bằng mili giây; càng thấp càng tốt.",
            "title_en": "Latency, mobile, mean as measured",
            "meaning_en": "Mean latency (mobile) weighted by tests, in milliseconds; lower is better.",
            "type": "number",
            "unit": "ms",
        }
    ]


@pytest.mark.parametrize("layer", LAYER_COLUMNS)
def test_every_column_of_every_layer_is_said_in_both_languages(layer: str) -> None:
    require_said(column_meanings(layer, LAYER_COLUMNS[layer]))


@pytest.mark.parametrize("layer", [layer for layer, formats in LAYERS.items() if "xlsx" in formats])
def test_every_column_of_an_exported_workbook_is_said(layer: str, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    export_layer(make_built(), layer, "xlsx", out)
    assert require_workbook_said(out.read_bytes(), one_table=True) == {"data", "columns", "sources"}


def test_every_column_of_the_workbook_of_a_check_is_said(tmp_path: Path) -> None:
    fake_built(tmp_path / "workspace")
    built = read_built(tmp_path / "workspace")
    report = check(make_ground(), offer(6, 9, cost=1000.0), offer(7, 11, "Viettel", "q"))
    for notes in ({"p": ("mended",)}, {}):
        sheets = require_workbook_said(as_xlsx(replace(report, notes=notes), built, built.primary))
        assert {"proposals", "units", "columns", "sources"} <= sheets


def test_the_pages_say_the_same_of_a_column() -> None:
    """One definition: what the page of method says of a figure of the result table is what its file says."""
    for said in column_meanings("communes", LAYER_COLUMNS["communes"]):
        definition = definition_of(column_term(said["name"]))
        assert definition is not None
        assert [said[f"meaning_{one}"] for one in LANGUAGES] == [
            meaning_of(definition, one) for one in LANGUAGES
        ]


def test_numbers_in_meanings_are_those_of_the_rules_of_the_build() -> None:
    (said,) = column_meanings("communes", ["mobile_download_mbps"], {"min_devices": 7.0})
    assert "Dưới 7 thiết bị" in said["meaning_vi"]
    assert "Under 7 devices" in said["meaning_en"]
    (said,) = column_meanings("communes", ["gap_score_low"], {"draws": 2500})
    assert "Trong 2.500 lần" in said["meaning_vi"]
    assert "In 2,500 computations" in said["meaning_en"]


def test_a_name_means_what_its_layer_says() -> None:
    assert column_meanings("places", ["name"])[0]["meaning_en"] == "Name of the place."
    assert column_meanings("communes", ["name"])[0]["meaning_en"].startswith("The unit's name")
    assert "1 là kém nhất" in column_meanings("indicators", ["rank"])[0]["meaning_vi"]


def test_a_column_of_the_input_is_said_to_be_carried_over_and_a_shape_is_none() -> None:
    carried, *rest = column_meanings("places", ["ghi chú", "geometry"])
    assert rest == []
    assert (carried["name"], carried["type"], carried["unit"]) == ("ghi chú", None, None)
    require_said([carried])


def test_ends_of_an_interval_are_told_apart() -> None:
    titles = [one["title_vi"] for one in check_meanings({"a": ["new_km2", "new_km2_low", "new_km2_high"]})]
    assert titles == [
        "Mới được phủ sóng: km²",
        "Mới được phủ sóng: km² (đầu dưới của khoảng)",
        "Mới được phủ sóng: km² (đầu trên của khoảng)",
    ]


def test_a_column_of_no_check_is_refused() -> None:
    with pytest.raises(KeyError, match="rollout_nothing"):
        check_meanings({"units": ["nothing"]})


def test_the_sheets_of_a_plan_are_said() -> None:
    told = plan_meanings(["order", "name", "longitude"])
    assert [(one["sheet"], one["name"]) for one in told] == [
        ("sites", "order"), ("sites", "name"), ("sites", "longitude"), ("plan", "what"), ("plan", "value"),
    ]  # fmt: skip
    require_said(told)

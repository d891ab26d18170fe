"""The chart of an own indicator against the gap: its points, its looks, and what is said of it."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layers.scatter import COLOURS, SHAPES, scatter_hints, scatter_meaning, scatter_points, scatter_spec
from layers.strings import LANGUAGES, Language
from tests.fake_built import NASTY_NAMES, communes, own_of

RESULT = communes()
OWN = own_of(RESULT)


def test_a_point_for_every_unit_with_both_figures_and_no_other() -> None:
    points = {point["code"]: point for point in scatter_points(OWN, RESULT, "vi")}
    # 25012 has neither figure
    assert set(points) == set(RESULT["unit_code"]) - {"25012"}
    behind = points["25008"]
    assert behind["score"] == pytest.approx(RESULT.set_index("unit_code").loc["25008", "gap_score"], abs=1e-3)
    assert (behind["value"], behind["value_text"]) == (5.0, "5%")
    assert (behind["name"], behind["verdict"]) == ("xã Bù Gia Mập", "Vùng lõm")
    assert behind["said"] == "xã Bù Gia Mập: Vùng lõm, Điểm tụt hậu 100,0 (90%: 72,4 – 100,0), 5%"
    assert "90%: " in points["25004"]["score_text"]
    one = scatter_points(OWN.assign(value=OWN["value"].where(OWN["unit_code"] != "25001")), RESULT, "vi")
    assert "25001" not in {point["code"] for point in one}


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = scatter_points(OWN.sample(frac=1, random_state=1), RESULT.sample(frac=1, random_state=2), "en")
    assert shuffled == scatter_points(OWN, RESULT, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_can_be_written_as_json_and_names_no_address(language: Language) -> None:
    spec = scatter_spec(OWN, RESULT, language, selected="25008")
    written = json.dumps(spec, allow_nan=False)
    assert "http" not in written
    assert '"url"' not in written
    assert [point["code"] for point in spec["data"]["values"] if point["selected"]] == ["25008"]


def test_verdicts_have_a_colour_and_a_shape_each() -> None:
    points = scatter_spec(OWN, RESULT, "en")["layer"][1]["encoding"]
    for channel, looks in (("color", COLOURS), ("shape", SHAPES)):
        scale = points[channel]["scale"]
        assert scale["domain"] == ["Gap", "Watch", "Served", "Not enough evidence"]
        assert scale["range"] == list(looks.values())
        assert len(set(scale["range"])) == 4


@pytest.mark.parametrize("nasty", [*NASTY_NAMES, "image", "title"])
def test_words_from_files_are_data_and_no_field_or_title_of_a_tooltip(nasty: str) -> None:
    spec = scatter_spec(OWN.assign(label=nasty, unit=""), RESULT, "en")
    fields: list[dict[str, Any]] = spec["layer"][1]["encoding"]["tooltip"]
    assert [field["title"] for field in fields] == ["Name", "Verdict", "Gap score", "Figure"]
    assert spec["title"]["text"] == nasty
    assert {"title", "image"}.isdisjoint(field["title"] for field in fields)


def test_figures_are_written_as_the_language_writes_them() -> None:
    assert scatter_spec(OWN, RESULT, "vi")["config"]["locale"]["number"]["decimal"] == ","
    assert scatter_spec(OWN, RESULT, "en")["config"]["locale"]["number"]["decimal"] == "."


def _against(values: Any) -> pd.DataFrame:
    """The own indicator with other figures, in the order of the gap score."""
    order = RESULT["gap_score"].rank(method="first")
    figures = np.asarray(values, dtype=float)
    return OWN.assign(value=[np.nan if np.isnan(place) else figures[int(place) - 1] for place in order])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (range(11, 0, -1), "Where the gap is wider, this indicator is worse too."),
        (range(1, 12), "Where the gap is wider, this indicator is better."),
        ([5, 1, 9, 3, 7, 2, 8, 4, 6, 1, 9], "No clear relation: the interval contains 0."),
    ],
)
def test_what_the_rank_correlation_says_in_words(values: Any, said: str) -> None:
    assert scatter_meaning(_against(values), RESULT, "en") == (said,)


def test_too_few_units_say_nothing() -> None:
    few = OWN.assign(value=OWN["value"].where(OWN.index < 3))
    assert scatter_meaning(few, RESULT, "vi") == ()
    assert scatter_hints(few, RESULT, "vi")[-1] == ("Không có điểm vì thiếu một trong hai số liệu: 9 đơn vị.")


def test_the_hint_says_which_way_is_better() -> None:
    assert "higher is better" in scatter_hints(OWN, RESULT, "en")[0]
    assert "càng thấp càng tốt" in scatter_hints(OWN.assign(better="lower"), RESULT, "vi")[0]
    whole = RESULT[RESULT["unit_code"] != "25012"]
    assert len(scatter_hints(OWN, whole, "en")) == 1

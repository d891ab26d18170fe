"""Every reason of a check has a sentence in both languages, with its numbers and nothing left open."""

import pytest

from geo.proposals import Status
from geo.rollout_check import REASONS, Advice, Judgement
from geo.rollout_rules import PARTS
from layers.rollout_sentences import range_text, reason_text
from layers.strings import CATALOGUE, LANGUAGES, Language
from layers.words_en import EN
from layers.words_rollout_en import ROLLOUT_EN
from layers.words_rollout_vi import ROLLOUT_VI
from layers.words_vi import VI

NUMBERS = {"value": 0.25, "low": 0.2, "high": 0.4, "threshold": 0.5, "basis": "people", "operator": "Viettel", "criterion": "cost",
           "technology": "4G", "other": "p1", "units": 9, "count": 2, "sites": 9, "inside": 0.5}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_every_code_has_a_sentence(code: str, language: Language) -> None:
    said = reason_text(code, NUMBERS, language)
    assert said.endswith(".")
    assert "{" not in said


def test_both_languages_have_the_same_words_and_take_none_from_the_others() -> None:
    assert set(ROLLOUT_VI) == set(ROLLOUT_EN)
    assert not set(ROLLOUT_VI) & set(VI)
    assert not set(ROLLOUT_EN) & set(EN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_outcomes_parts_and_statuses_have_words(language: Language) -> None:
    words = [f"advice_{one}" for one in Advice] + [f"judged_{one}" for one in Judgement]
    words += [f"part_{one}" for one in (*PARTS, "duplicated")] + [f"status_{one}" for one in Status]
    assert [word for word in words if word not in CATALOGUE[language]] == []


def test_sentences_by_eye() -> None:
    numbers = {"value": 1234.0, "low": 900.0, "high": 2000.0, "threshold": 100.0}
    assert reason_text("new_people_pass", numbers, "vi") == (
        "Phủ sóng mới cho 1.234 người (900 đến 2.000), không dưới mức 100 người."
    )
    near = {"value": 0.4, "low": 0.4, "high": 0.4, "threshold": 10.0, "operator": "VNPT"}
    assert (
        reason_text("spacing_share", near, "en")
        == "A planned site of VNPT is only 0.4 km away: share one site."
    )
    many = {"value": 0.737, "low": 0.737, "high": 0.737, "threshold": 0.5, "basis": "people"}
    assert reason_text("duplication_fail", many, "en") == (
        "73.7% of the people inside are covered already or in another operator's accepted plan, above 50%."
    )


def test_a_range_without_a_best_figure_and_one_that_is_not_known() -> None:
    assert range_text({"value": None, "low": 0.0, "high": 95.0}, "people", "en") == "0 to 95"
    assert range_text({"value": None, "low": None, "high": None}, "people", "en") == "–"

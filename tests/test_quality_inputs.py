"""How old the inputs are: dates by kind, limits by hand, unknown dates told apart from old ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.quality import Severity
from geo.quality_inputs import STALE_DAYS, check_dates, day_of
from geo.workspace import KINDS, Input, Provenance, StoredFile

TODAY = date(2026, 11, 25)


def _input(kind: str, day: str = "", *, files: int = 1, **options: Any) -> Input:
    stored = tuple(StoredFile(f"raw/{kind}/{n}", f"{kind}{n}.x", "0" * 64) for n in range(files))
    return Input(kind, stored, options, Provenance(date=day))


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (_input("boundaries", "2026-02-28"), date(2026, 2, 28)),
        (_input("population", "2020"), date(2020, 12, 31)),
        (_input("places", "2024-02"), date(2024, 2, 29)),
        (_input("places", "2024-12"), date(2024, 12, 31)),
        (_input("coverage", "2026-11-01", as_of="2025-06-30"), date(2025, 6, 30)),
        (_input("speed", "2026-11-01", quarter="2025Q3"), date(2025, 9, 30)),
        (_input("speed", "2026-11-01", quarter="soon"), date(2026, 11, 1)),
        (_input("places", ""), None),
        (_input("places", "last year"), None),
        (_input("places", "2026-13"), None),
        (_input("places", "2026-02-30"), None),
        (_input("places", "0000"), None),
        (_input("places", "2026-00"), None),
        (_input("places", "9999"), date(9999, 12, 31)),
    ],
)
def test_the_day_an_input_holds_for(made: Input, wanted: date | None) -> None:
    assert day_of(made) == wanted


@given(day=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_written_day_is_read_back(day: date) -> None:
    assert day_of(_input("places", day.isoformat())) == day
    last = day_of(_input("places", f"{day:%Y-%m}"))
    assert last is not None
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + timedelta(days=1)).day == 1


def test_every_kind_of_input_has_a_limit() -> None:
    assert set(STALE_DAYS) >= set(KINDS)


@pytest.mark.parametrize("kind", ["boundaries", "population", "places", "coverage"])
def test_an_input_is_stale_the_day_after_its_limit(kind: str) -> None:
    limit = TODAY - timedelta(days=STALE_DAYS[kind])
    assert check_dates([_input(kind, limit.isoformat())], TODAY) == []
    old = limit - timedelta(days=1)
    (found,) = check_dates([_input(kind, old.isoformat(), files=3)], TODAY)
    assert (found.severity, found.code, found.file) == (Severity.WARNING, "stale_date", f"{kind}0.x")
    assert found.value == STALE_DAYS[kind] + 1
    assert found.message.startswith(
        f"{kind} {kind}0.x and 2 more files: of {old}, {found.value:,.0f} days before 2026-11-25"
    )


def test_an_unknown_date_is_a_note_and_not_an_old_one() -> None:
    none, odd = check_dates([_input("places"), _input("population", "spring")], TODAY)
    assert {none.severity, odd.severity} == {Severity.NOTE}
    assert {none.code, odd.code} == {"date_unknown"}
    assert none.message == "places places0.x: no date is said, so its age is not known"
    assert "its date is 'spring'" in odd.message


def test_of_speed_the_newest_quarter_of_each_network_counts() -> None:
    quarters = [("mobile", "2019Q1"), ("mobile", "2026Q3"), ("fixed", "2023Q4"), ("fixed", "2019Q1")]
    inputs = [_input("speed", network=network, quarter=quarter) for network, quarter in quarters]
    (found,) = check_dates(inputs, TODAY)
    assert "of 2023-12-31" in found.message


def test_age_counts_to_the_newest_quarter_where_that_is_later_than_today() -> None:
    claim = _input("coverage", as_of="2026-01-01")
    assert check_dates([claim], TODAY) == []
    (found,) = check_dates([claim, _input("speed", network="mobile", quarter="2027Q1")], TODAY)
    assert found.value == (date(2027, 3, 31) - date(2026, 1, 1)).days

"""Findings about the age of the inputs: which are older than what they describe is likely to last, which say no date."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

from geo.quality import Finding, Severity
from geo.sayings import some
from geo.sources.ookla import QUARTER, quarter_end
from geo.workspace import Input

STALE_DAYS: Final = {
    "speed": 270,  # Ookla publishes a quarter within three months of its end: then two newer ones are out
    "coverage": 365,  # operators build all year and report to the ministry every year
    "indicator": 548,  # provinces count their digital transformation once a year
    "sites": 730,  # a mast stands for years, its technologies and operators change
    "places": 1096,  # schools and clinics open and merge over years
    "boundaries": 1096,  # lists of units change by decree; the last two in Vietnam were ten months apart
    "friction": 1826,  # roads are built and paved over years; the publisher's surfaces are of 2015 and 2019
    "population": 1826,  # the publishers' grids follow censuses, and have five years between editions
}
"""Days after which an input of a kind is stale."""
_WRITTEN: Final = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


def check_dates(inputs: Sequence[Input], today: date) -> list[Finding]:
    """Inputs that are stale against the newest quarter or today, whichever is later, and those of unknown date.

    Of speed only the newest quarter of each network counts: older ones are there for the trend.
    """
    speed = _newest_speed(inputs)
    others = [given for given in inputs if given.kind != "speed"]
    now = max([today, *(day for given in speed if (day := day_of(given)))])
    return [finding for given in [*speed, *others] if (finding := _check(given, now))]


def _newest_speed(inputs: Sequence[Input]) -> list[Input]:
    """The input with the newest quarter of each network; none of a network whose files all lack a quarter."""
    newest: dict[str, Input] = {}
    for given in inputs:
        if given.kind == "speed":
            network = str(given.options.get("network", ""))
            known = newest.get(network)
            if known is None or str(given.options.get("quarter", "")) > str(known.options.get("quarter", "")):
                newest[network] = given
    return list(newest.values())


def day_of(given: Input) -> date | None:
    """The day an input holds for: a claim's own day, the end of a quarter, else its publisher's date; None when unknown.

    A year or month alone stands for its last day.
    """
    if given.kind == "coverage" and given.options.get("as_of"):
        return _last_day(str(given.options["as_of"]))
    quarter = str(given.options.get("quarter", ""))
    if given.kind == "speed" and QUARTER.match(quarter):
        return _last_day(quarter_end(quarter))
    return _last_day(given.provenance.date)


def _last_day(text: str) -> date | None:
    found = _WRITTEN.match(text)
    if not found:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    try:
        day = int(found[3] or monthrange(year, month)[1])
        return date(year, month, day)
    except ValueError:
        return None


def _check(given: Input, now: date) -> Finding | None:
    file = given.files[0].name
    more = f" and {len(given.files) - 1} more files" if len(given.files) > 1 else ""
    about = {"kind": given.kind, "files": some([one.name for one in given.files], 1)}
    day = day_of(given)
    if day is None:
        said = f"its date is {given.provenance.date!r}" if given.provenance.date else "no date is said"
        return Finding(
            Severity.NOTE,
            "date_unknown",
            f"{given.kind} {file}{more}: {said}, so its age is not known",
            file=file,
            done="used as it is",
            said="date_unreadable" if given.provenance.date else "date_unknown",
            values=about | ({"date": given.provenance.date} if given.provenance.date else {}),
            mend=f"vunglom add DIR {given.kind} FILE … --date YYYY-MM-DD --replace",
        )
    age, limit = (now - day).days, STALE_DAYS[given.kind]
    if age <= limit:
        return None
    return Finding(
        Severity.WARNING,
        "stale_date",
        f"{given.kind} {file}{more}: of {day}, {age:,} days before {now}; such data are stale after {limit:,}",
        file=file,
        done="used as it is",
        mend=f"vunglom add DIR {given.kind} with newer files",
        value=float(age),
        values={**about, "day": day.isoformat(), "age": age, "now": now.isoformat(), "limit": limit},
    )

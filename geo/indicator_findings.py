"""What is told of an own indicator that could not be put to the units of a list."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.indicators import Indicator
from geo.inputs import UnitsInput
from geo.quality import Finding, Severity
from geo.sayings import some

_NAMED: Final = 10


def of_other_list(indicator: Indicator, found: UnitsInput) -> Finding:
    """The table is of a list that does not lead to this one."""
    what, vintage = f"is of vintage {indicator.vintage}", str(indicator.vintage)
    values = {"vintage": vintage}
    return _finding(
        indicator, found, what, "not used for this list", said="indicator_other_list", values=values
    )


def tell_some(
    indicator: Indicator,
    found: UnitsInput,
    what: Sequence[str],
    how: str,
    cases: Mapping[str, Sequence[Any]],
    *,
    said: str = "indicator_unmatched",
) -> list[Finding]:
    """One finding for many cases, the first of them named; none for none. `cases`: their rows or units, by the name `said` has."""
    if not what:
        return []
    more = f"; {len(what) - _NAMED} more" if len(what) > _NAMED else ""
    told = f"{len(what)} {how}: {'; '.join(what[:_NAMED])}{more}"
    values = {"count": len(what), **{name: some(these, _NAMED) for name, these in cases.items()}}
    return [_finding(indicator, found, told, "left out", said=said, values=values)]


def _finding(
    indicator: Indicator, found: UnitsInput, what: str, done: str, *, said: str, values: Mapping[str, Any]
) -> Finding:
    return Finding(
        Severity.WARNING,
        "indicator",
        f"{found.id}: {indicator.label}: {what}",
        file=indicator.source,
        done=done,
        said=said,
        values={"indicator": indicator.label, **values},
    )

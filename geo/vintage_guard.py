"""Is a table of the vintage it is said to be? Codes alone rarely tell, codes with names do."""

from collections.abc import Iterable, Sequence

from geo.errors import VintageError
from geo.match import GivenUnit, Status, agrees, match_name
from geo.schema import VIETNAMESE_VINTAGES, Vintage
from geo.unit_lists import by_code


def agreement(rows: Iterable[GivenUnit], vintage: Vintage) -> int:
    """How many rows fit a vintage: code and name together where both are given, else the one there is."""
    listed = by_code(vintage)
    fit = 0
    for row in rows:
        unit = listed.get(row.code)
        if row.code:
            fit += unit is not None and (not row.name or agrees(row.name, unit))
        elif row.name:
            fit += match_name(row, vintage).status is Status.MATCHED
    return fit


def require_right_vintage(rows: Sequence[GivenUnit], declared: Vintage, *, source: str = "the table") -> None:
    """Raise `VintageError` when the rows fit another list of units better than the declared one.

    2025-07 and 2026-04 share codes and names, so only the list of 2024 and the later ones can be told apart.
    """
    fits = {vintage: agreement(rows, vintage) for vintage in VIETNAMESE_VINTAGES}
    most = max(fits.values())
    if most == fits[declared]:
        return
    best = [vintage for vintage in VIETNAMESE_VINTAGES if fits[vintage] == most]
    raise VintageError(
        f"{source} was given as vintage {declared}, which its codes and names fit in {fits[declared]} of {len(rows)} rows, "
        f"but they fit vintage {' and '.join(best)} in {most}; wanted the list of units the table was made with. "
        f"Mend: say --from {best[0]} (a table that is of the wanted list already needs no conversion), or check the columns"
    )


def codes_shared(rows: Iterable[GivenUnit], vintage: Vintage) -> int:
    """How many rows have a code and no name, and a code that names another place in another vintage too."""
    other = Vintage.V2025_07 if vintage is Vintage.V2024 else Vintage.V2024
    here, there = by_code(vintage), by_code(other)
    return sum(
        not row.name
        and row.code in here
        and row.code in there
        and not agrees(here[row.code].name, there[row.code])
        for row in rows
    )

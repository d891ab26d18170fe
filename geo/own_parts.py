"""Why a unit has no figure of an own indicator: its table is of a younger list, in which the unit is one part of several.

Figures are not passed down: a yes of the whole is not a yes of every part, nor its rate the rate of each (METHODS, own indicators).
"""

from collections.abc import Iterable
from typing import Any

from geo.schema import VIETNAMESE_VINTAGES, Vintage
from geo.unit_lists import by_code
from geo.vintages import crosswalk


def table_vintages(inputs: Iterable[Any]) -> dict[str, str]:
    """Name of each own indicator → the list its table is of, from a manifest's inputs; left out where one name has several."""
    found: dict[str, set[str]] = {}
    for given in inputs:
        options = (
            given.get("options") if isinstance(given, dict) and given.get("kind") == "indicator" else None
        )
        if isinstance(options, dict) and {"name", "vintage"} <= set(options):
            found.setdefault(str(options["name"]), set()).add(str(options["vintage"]))
    return {name: min(vintages) for name, vintages in found.items() if len(vintages) == 1}


def whole_of(code: str, vintage: str, table_vintage: str) -> str | None:
    """The unit of the table's list (`xã Lộc Thạnh`) that this commune is one of several parts of; None where it is not that.

    A commune that went into several units is part of all of them: they are named together.
    """
    both = {vintage, table_vintage}
    if len(both) < 2 or not both <= {str(one) for one in VIETNAMESE_VINTAGES}:
        return None
    here, there = Vintage(vintage), Vintage(table_vintage)
    ways = crosswalk(there, here)
    if not ways.is_backward:
        return None
    names = by_code(there)
    wholes = [one for one in ways.parts.get(code, ()) if len(ways.targets[one]) > 1]
    return ", ".join(_within(names[one].full_name) for one in wholes) or None


def _within(name: str) -> str:
    """A full name as it stands within a sentence: `xã Lộc Thạnh`."""
    return f"{name[:1].lower()}{name[1:]}"

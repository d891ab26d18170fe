"""What a finding can say: the names of the figures and names that each sentence is made of (`layers.finding_text` has the words).

A finding holds these as data, so that a page can say them in the reader's language; its English message stays for logs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

SAYINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "audit_people": ("living", "outside"),
    "audit_tests": ("network", "quarters", "allocated", "total", "outside", "tiles_outside", "tiles"),
    "blank_rows": ("count", "rows"),
    "border_measured": ("at", "total", "km"),
    "border_outline": (),
    "border_stray": ("km", "metres"),
    "border_unsure": ("count", "units", "metres"),
    "cells_far": ("far", "total", "degrees"),
    "coverage_misses_sites": ("claim", "missed", "total", "share"),
    "coverage_outside": ("operator", "technology", "evidence"),
    "coverage_without_site": ("claim", "empty", "parts", "km2"),
    "date_unknown": ("kind", "files"),
    "date_unreadable": ("kind", "files", "date"),
    "declared_area": ("unit", "km2", "declared_km2", "difference"),
    "duplicate_name": ("count", "names"),
    "duplicate_name_in_province": ("count", "province", "name", "codes"),
    "duplicate_name_without_province": ("count", "name", "codes"),
    "encoding": ("encoding",),
    "few_tests": ("unit", "network", "devices", "needed"),
    "gap_between_units": ("km2", "around"),
    "indicator_inexact": ("indicator", "count", "units"),
    "indicator_lost": ("indicator", "count", "units"),
    "indicator_other_list": ("indicator", "vintage"),
    "indicator_split": ("indicator", "count", "units"),
    "indicator_unmatched": ("indicator", "count", "rows"),
    "mended_axes": (),
    "mended_cell": ("column", "cell"),
    "mended_commas": (),
    "mended_copy": (),
    "mended_header": ("before", "after"),
    "mended_page": ("byte",),
    "mended_place": ("x", "y"),
    "mended_rows": ("count", "listed"),
    "mended_separator": ("separator",),
    "mended_text": ("before", "after"),
    "nfc": ("count",),
    "no_operator": ("count", "total"),
    "no_way_to_town": ("lost", "units", "codes"),
    "operator_spellings": ("operator", "others"),
    "outlines": ("units", "parts", "vertices", "km2"),
    "overlap": ("first", "second", "km2", "share"),
    "overlap_people": ("first", "second", "km2", "share", "people"),
    "people_twice": ("people", "share"),
    "people_unknown": ("unit",),
    "people_zero": ("unit",),
    "places_far": ("far", "total", "degrees", "rows", "name", "x", "y"),
    "quarantined_cells": ("cells",),
    "quarantined_change": ("reason", "change", "limit"),
    "quarantined_column": ("column", "cell"),
    "quarantined_crossings": ("reason", "crossings"),
    "quarantined_empty": ("reason",),
    "quarantined_place": ("x", "y"),
    "quarantined_rows": ("count", "total"),
    "repaired": ("reason", "change"),
    "rows_without_unit": ("table", "count", "codes"),
    "same_cell": ("count",),
    "separator": ("separator",),
    "sheet": ("sheet", "others"),
    "sites_outside": ("operator", "outside", "total", "share", "cells"),
    "sites_outside_nobody": ("outside", "total", "share", "cells"),
    "sites_outside_rows": ("outside", "total", "rows"),
    "sites_unmodelled": ("count", "total", "reason", "sites"),
    "stale_date": ("kind", "files", "day", "age", "now", "limit"),
    "superseded": ("operator", "technology", "evidence", "as_of"),
    "tests_by_quarter": ("network", "quarters", "allocated", "total", "outside", "tiles_outside", "tiles"),
    "tile_coverage": ("network", "without", "units", "area_share"),
    "tile_coverage_people": ("network", "without", "units", "area_share", "people_share"),
    "too_few_tests": ("unit", "network", "devices", "needed"),
    "units_without_row": ("table", "count", "units"),
}
"""Sentence → the names of its values. A code of `geo.quality.CODES` has one of its own name, or several that its finding names in `said`."""


def some(names: Sequence[Any], most: int) -> dict[str, Any]:
    """The first `most` of a list that may be long, and how many more there are."""
    return {"names": [str(name) for name in names[:most]], "more": max(0, len(names) - most)}


def plain_values(said: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON can hold them; raises `ValueError` where they are not those of the sentence `said`."""
    wanted = SAYINGS.get(said)
    if wanted is None or set(wanted) != set(values):
        raise ValueError(f"finding {said!r} has values {sorted(values)}; wanted {sorted(wanted or ())}")
    return {name: value.item() if hasattr(value, "item") else value for name, value in values.items()}

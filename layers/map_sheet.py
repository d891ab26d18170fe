"""What a map to take home shows and says, whatever it is made as: an image, or a page that opens by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from geo.export_filter import narrow, operator_share_of
from geo.export_meta import describe
from geo.people_sum import PeopleSum, people_of_rows
from geo.results import Built, UnitList
from geo.unit_filter import UnitFilter
from layers.evidence import thin_units
from layers.filter_text import condition_text
from layers.legend import LegendClass, legend_classes
from layers.own import own_indicators, with_own
from layers.palette import Indicator, classify, indicator_name, usable_indicators
from layers.people_words import people_sum_text
from layers.sources import source_lines, terms
from layers.strings import Language, moment, number, text


@dataclass(frozen=True)
class MapSheet:
    """One indicator of one list of units, of all units or of those that a filter lets in.

    `frame`: every unit of the list with the indicator's column. `inside`: which of them the filter lets in. `thin`: codes
    of units with thin evidence. `metadata`: as every export carries it.
    """

    built: Built
    units: UnitList
    indicator: Indicator
    language: Language
    wanted: UnitFilter
    frame: gpd.GeoDataFrame
    inside: "np.ndarray[Any, np.dtype[np.bool_]]"
    thin: frozenset[str]
    metadata: dict[str, Any]

    @property
    def codes(self) -> list[str]:
        """Codes of all units in the order of `frame`."""
        return [str(code) for code in self.frame["unit_code"]]

    @property
    def classes(self) -> list[int]:
        """Class of each unit of `frame`."""
        return [int(c) for c in classify(self.indicator, self.frame[self.indicator.column].tolist())]

    @property
    def legend(self) -> tuple[LegendClass, ...]:
        """The classes with units and people of the units let in."""
        return legend_classes(self.indicator, self.frame[self.inside], self.language)

    @property
    def thin_inside(self) -> int:
        """How many of the units let in rest on thin evidence."""
        return len(self.thin & set(self.frame.loc[self.inside, "unit_code"].astype(str)))


def map_indicators(units: UnitList) -> tuple[Indicator, ...]:
    """The indicators that a list can be coloured by, own ones last."""
    return (*usable_indicators(units.result), *own_indicators(units.indicators))


def make_sheets(
    built: Built,
    units: UnitList,
    columns: Sequence[str],
    language: Language,
    wanted: UnitFilter | None = None,
) -> tuple[MapSheet, ...]:
    """A map per column (of `map_indicators`); raises `KeyError` for another, `CallError` where no unit is let in."""
    known = {one.column: one for one in map_indicators(units)}
    wanted = wanted or UnitFilter()
    frame = with_own(units.result, units.indicators)
    metadata = describe("communes", (), built.manifest, units) | {"layer": "map"}
    metadata.pop("columns")
    inside = np.ones(len(frame), dtype=bool)
    if wanted:
        chosen, said = narrow(units, wanted, operator_share=operator_share_of(built.manifest))
        inside = frame["unit_code"].isin(chosen.result["unit_code"]).to_numpy()
        metadata = {**metadata, "filter": said}
    return tuple(
        MapSheet(
            built, units, known[column], language, wanted, frame, inside, thin_units(frame, units.goals, known[column]),
            {**metadata, "indicators": [column]},
        )
        for column in columns
    )  # fmt: skip


def make_sheet(
    built: Built, units: UnitList, column: str, language: Language, wanted: UnitFilter | None = None
) -> MapSheet:
    """One map of `make_sheets`."""
    return make_sheets(built, units, (column,), language, wanted)[0]


def sheet_title(sheet: MapSheet) -> str:
    """Region and indicator."""
    return f"{sheet.built.manifest['name']} · {indicator_name(sheet.indicator, sheet.language)}"


def sheet_lines(sheet: MapSheet) -> list[str]:
    """Which units: the list, each condition of the filter, how many units and people, how many are not known."""
    language, list_of = sheet.language, sheet.units
    level, vintage = text(f"level_{list_of.level}", language), text(f"vintage_{list_of.vintage}", language)
    lines = [text("sheet_list", language, level=level, vintage=vintage)]
    lines += condition_text(sheet.wanted, list_of, language)
    if sheet.wanted:
        lines.append(
            count_line(sheet.metadata["filter"], people_of_rows(sheet.frame[sheet.inside]), language)
        )
    return lines


def count_line(said: dict[str, Any], people: PeopleSum, language: Language) -> str:
    """How many units a filter lets in, their people, and how many it cannot judge."""
    parts = [
        text(
            "take_count",
            language,
            units=number(said["units"], language),
            of=number(said["of_units"], language),
        )
    ]
    if known := people_sum_text(people, language):
        parts.append(known)
    if said["units_not_known"]:
        parts.append(text("take_not_known", language, count=number(said["units_not_known"], language)))
    return "; ".join(parts)


def imprint_lines(sheet: MapSheet) -> list[str]:
    """Where the figures come from, on what terms, how they were made and when."""
    language, manifest = sheet.language, sheet.built.manifest
    made = text(
        "built_at",
        language,
        time=moment(str(manifest["built_at"]), language),
        version=manifest["vunglom_version"],
    )
    method = sheet.metadata["method"]["description_vi" if language == "vi" else "description"]
    said = [*source_lines(manifest["inputs"], language), terms(manifest["inputs"], language), method, made]
    return [line for line in said if line]


def illustrative_line(sheet: MapSheet) -> str:
    """What a map of invented figures says first; empty over real ones."""
    if not sheet.built.manifest["illustrative"]:
        return ""
    return f"{text('illustrative', sheet.language)} {text('illustrative_more', sheet.language)}"

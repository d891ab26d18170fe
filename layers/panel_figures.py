"""Figures of one unit beside its goals, as plain data: where speed is going, who is not covered, where people live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.schema import Direction, Network, Technology
from layers.reasons import optional_number
from layers.strings import Language, figure, has_text, text


@dataclass(frozen=True)
class TrendLine:
    """One network's slope in Mbps per year with its 90 % interval, and the direction; null below four quarters."""

    network: str
    mbps_per_year: float | None
    low: float | None
    high: float | None
    direction: str | None


@dataclass(frozen=True)
class UncoveredLine:
    """People outside all coverage of one technology, their share 0-1 of the unit's people, and how it is known."""

    technology: str
    people: float | None
    share: float | None
    evidence: str | None


def optional_word(value: Any) -> str | None:
    """A text with something in it, or None for everything that is not one."""
    return value if isinstance(value, str) and value else None


def trend_lines(row: Mapping[str, Any]) -> tuple[TrendLine, ...]:
    """A line per network that the result has trends of."""
    lines = []
    for network in Network:
        slope = f"{network}_trend_mbps_per_year"
        if slope not in row:
            continue
        known = optional_word(row.get(f"{network}_direction"))
        lines.append(
            TrendLine(
                network=str(network),
                mbps_per_year=optional_number(row[slope]),
                low=optional_number(row.get(f"{slope}_low")),
                high=optional_number(row.get(f"{slope}_high")),
                direction=known if known in {str(one) for one in Direction} else None,
            )
        )
    return tuple(lines)


def uncovered_lines(row: Mapping[str, Any]) -> tuple[UncoveredLine, ...]:
    """A line per technology that the result has people outside coverage of."""
    people = optional_number(row.get("people"))
    lines = []
    for technology in Technology:
        name = technology.lower()
        if f"{name}_uncovered_people" not in row:
            continue
        outside = optional_number(row[f"{name}_uncovered_people"])
        share = outside / people if outside is not None and people else None
        evidence = optional_word(row.get(f"{name}_evidence"))
        lines.append(UncoveredLine(str(technology), outside, share, evidence))
    return tuple(lines)


def place_lines(row: Mapping[str, Any], language: Language) -> tuple[tuple[str, str], ...]:
    """Where people live, as a name and a figure in words; what the result has no column of is left out."""
    lines = []
    for key, column, unit in (("distance", "town_distance_km", "km"), ("minutes", "town_minutes", "minutes")):
        if column in row:
            shown = figure(optional_number(row[column]), unit, language)
            lines.append((text(f"place_{key}", language), shown))
    for name in ("settlement", "hotspot"):
        kind = optional_word(row.get(name))
        if kind is not None and kind != "none":
            known = f"{name}_{kind}"
            lines.append((text(name, language), text(known, language) if has_text(known) else kind))
    return tuple(lines)

"""Find units of one list by any name: their own, or one that a place had before (`geo.search_units`), accents optional."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pandas as pd

from geo.errors import InputError
from geo.names import accented_key, has_accents, plain_key, readings
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage
from geo.search_units import EXACT, Hit, search_units
from geo.sort_names import sort_key

LONGEST_QUERY: Final = 200


@dataclass(frozen=True)
class Reached:
    """A unit of the list; `inside`: it lies wholly in the place that was found, else only a part of it does."""

    code: str
    inside: bool


@dataclass(frozen=True)
class Found:
    """A place of that name: its words, whether it is of an older list, and the units of the list that it leads to.

    `around`: the district and province it lay in; empty for a unit of the list itself.
    """

    name: str
    kind: str
    around: str
    is_old: bool
    reached: tuple[Reached, ...]


def find_units(query: str, result: pd.DataFrame, *, vintage: str, level: str) -> list[Found]:
    """Units of the list (`unit_code`, `name`, `kind`) of this name or code first, then places of other lists that lead to them.

    Empty where the query holds no letter or digit, or nothing is found. `vintage` and `level` are the list's.
    """
    name = query.strip()[:LONGEST_QUERY].split(",")[0]
    if not plain_key(name):
        return []
    own = _own_units(name, result) if "," not in query else []
    if any(name.strip() == one.reached[0].code for one in own):
        # a code of the list is that unit's, whatever else once had it
        return [one for one in own if one.reached[0].code == name.strip()]
    said = {_first(found) for found in own}
    names = dict(zip(result["unit_code"].astype(str), result["name"].astype(str), strict=True))
    hits = _older_hits(query.strip()[:LONGEST_QUERY], vintage, level)
    others = [found for hit in hits if (found := _as_found(hit, names, vintage, level)) is not None]
    # a unit that kept its name is said once
    return [*own, *(found for found in others if len(found.reached) > 1 or _first(found) not in said)]


def _first(found: Found) -> tuple[str, str]:
    return found.reached[0].code, plain_key(found.name)


def _own_units(name: str, result: pd.DataFrame) -> list[Found]:
    """Units of the list whose code is the name, or whose name has it: whole names first, then in order."""
    kinds = result["kind"].fillna("").astype(str) if "kind" in result.columns else [""] * len(result)
    hits = []
    for code, own, kind in zip(
        result["unit_code"].astype(str), result["name"].astype(str), kinds, strict=True
    ):
        fit = 0 if code == name.strip() else _fit(name, own, str(kind))
        if fit is not None:
            hits.append((fit, sort_key(own), code, own, str(kind)))
    if has_accents(name):
        # what is written with accents is meant with them, where any unit has them
        spelled = [hit for hit in hits if _is_spelled(name, hit[3])]
        hits = spelled or hits
    return [Found(own, kind, "", is_old=False, reached=(Reached(code, inside=True),))
            for _, _, code, own, kind in sorted(hits)]  # fmt: skip


def _fit(name: str, own: str, kind: str) -> int | None:
    found = [
        fit
        for asked, short in readings(name)
        if asked in ("", kind.casefold()) and (fit := _place_of(plain_key(short), plain_key(own))) is not None
    ]
    return min(found, default=None)


def _place_of(short: str, own: str) -> int | None:
    """0 for the whole name, 1 for its beginning, 2 for words within it; a number is not the beginning of a longer one."""
    if not short:
        return None
    if short == own:
        return 0
    at = f" {own}".find(f" {short}")
    cut_number = short[-1].isdecimal() and own[at + len(short) : at + len(short) + 1].isdecimal()
    return None if at < 0 or cut_number else 1 if at == 0 else 2


def _is_spelled(name: str, own: str) -> bool:
    return any(f" {accented_key(short)}" in f" {accented_key(own)}" for _, short in readings(name))


@lru_cache(maxsize=256)
def _older_hits(query: str, vintage: str, level: str) -> tuple[Hit, ...]:
    """Places of the country's lists; none where the list is of another country or level has no communes to lead to."""
    if vintage not in VIETNAMESE_VINTAGES or level not in (Level.COMMUNE, Level.DISTRICT):
        return ()
    try:
        return tuple(search_units(query, vintage=Vintage(vintage)))
    except InputError:
        return ()


def _as_found(hit: Hit, names: Mapping[str, str], vintage: str, level: str) -> Found | None:
    """The hit with what it leads to in the list (names by code); None where that is nothing."""
    place = hit.place
    reached: dict[str, bool] = {}
    for target in hit.targets:
        code = target.unit.district_code if level == Level.DISTRICT else target.unit.code
        inside = target.inside if level == Level.COMMUNE else place.level is not Level.COMMUNE
        if code in names:
            reached[code] = reached.get(code, True) and inside
    # half a name that leads to the whole list says nothing
    if not reached or (hit.fit != EXACT and len(reached) == len(names) > 1):
        return None
    around = [name for name in (place.district_name, place.province_name) if name and name != place.full_name]
    ordered = sorted(reached, key=lambda code: (not reached[code], sort_key(names[code])))
    return Found(
        place.name, place.kind, ", ".join(around), is_old=place.vintage != vintage,
        reached=tuple(Reached(code, reached[code]) for code in ordered),
    )  # fmt: skip

"""Find units by any name: of today's list or an older one, of a commune, district or province, accents optional.

What is found leads to the units of today: an old commune to where it went, a district to every unit it overlaps, each
with whether it lies inside wholly or only partly.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from geo.errors import InputError
from geo.names import accented_key, has_accents, plain_key, readings
from geo.schema import Level, Vintage
from geo.unit_lists import ListedUnit, by_code, communes, units
from geo.vintages import Crosswalk, crosswalk

EXACT, OTHER_KIND, OLDER, BEGINS, WITHIN = range(5)
"""How well a name fits: whole, whole but of another kind, one it had before 2024, its beginning, words in its middle."""

_NO_DIGIT: Final = "(?![0-9])"
"""Quận 1 is not the beginning of Quận 12."""
_LONGEST_QUERY: Final = 200
_LEVEL_ORDER: Final = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2}


@dataclass(frozen=True, slots=True)
class Target:
    """A unit that a place leads to; `inside`: it lies wholly in that place, else only a part of it does."""

    unit: ListedUnit
    inside: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of that name and the units it leads to. `fit` is 0 for the whole name, more the worse (`EXACT` …)."""

    place: ListedUnit
    targets: tuple[Target, ...]
    fit: int


def search_units(query: str, *, vintage: Vintage = Vintage.V2026_04) -> list[Hit]:
    """Places of a name or code, best fit first; after a comma stands the district or province they must lie in.

    Accents that are written count where any place has them (`Lộc Thạnh` is not `Lộc Thành`); without accents every
    place of that spelling is found. Raises `InputError` for a query without letters or digits.
    """
    if len(query) > _LONGEST_QUERY:
        raise InputError(
            f"a query of {len(query):,} characters (it begins {query[:40]!r}); wanted a name or code, at most {_LONGEST_QUERY}"
        )
    name, *places = [part.strip() for part in query.split(",") if part.strip()] or [""]
    if not plain_key(name):
        raise InputError(f"{query!r} holds no letter or digit; wanted the name or code of a unit")
    found = [(fit, place) for place in _places(vintage) if (fit := _fit(name, place)) is not None]
    found = [(fit, place) for fit, place in found if all(_lies_in(place, text) for text in places)]
    if has_accents(name):
        spelled = [(fit, place) for fit, place in found if _is_spelled(name, place)]
        found = spelled or found
    found.sort(
        key=lambda pair: (pair[0], pair[1].vintage is not vintage, _LEVEL_ORDER[pair[1].level], pair[1].code)
    )
    return [Hit(place, _targets(place, vintage), fit) for fit, place in found]


@lru_cache(maxsize=3)
def _places(vintage: Vintage) -> tuple[ListedUnit, ...]:
    """Every place that has a name: those of the wanted list, and those of 2024 (an island district without communes once)."""
    lists = [vintage] if vintage is Vintage.V2024 else [vintage, Vintage.V2024]
    found: dict[tuple[Vintage, str], ListedUnit] = {}
    for each in lists:
        for level in Level:
            for unit in units(each, level):
                found.setdefault((each, unit.code), unit)
    return tuple(found.values())


@lru_cache(maxsize=50_000)
def _keys(place: ListedUnit) -> tuple[str, frozenset[str]]:
    """Accentless name, and accentless names without spaces that the place had before."""
    return plain_key(place.name), frozenset(plain_key(key).replace(" ", "") for key in place.older_keys)


def _fit(name: str, place: ListedUnit) -> int | None:
    if name == place.code:
        return EXACT
    own, older = _keys(place)
    return min(
        (
            fit
            for kind, short in readings(name)
            if (fit := _fit_reading(kind, plain_key(short), place, own, older)) is not None
        ),
        default=None,
    )


def _fit_reading(kind: str, key: str, place: ListedUnit, own: str, older: frozenset[str]) -> int | None:
    right_kind = kind in ("", place.kind)
    if key == own:
        return EXACT if right_kind else OTHER_KIND
    if not right_kind or not key:
        return None
    if key.replace(" ", "") in older:
        return OLDER
    found = re.search(rf"(?<!\S){re.escape(key)}{_NO_DIGIT if key[-1].isdecimal() else ''}", own)
    return None if found is None else WITHIN if found.start() else BEGINS


def _is_spelled(name: str, place: ListedUnit) -> bool:
    """Whether the name as written, accents and all, is the place's or a part of it."""
    own = accented_key(place.name)
    return any(f" {accented_key(short)}" in f" {own}" for _, short in readings(name))


def _lies_in(place: ListedUnit, text: str) -> bool:
    around = [name for name in (place.district_name, place.province_name) if name]
    around += [place.full_name] if place.level is Level.PROVINCE else []
    wanted = {plain_key(short) for _, short in readings(text)}
    return any(plain_key(short) in wanted for name in around for _, short in readings(name))


def _targets(place: ListedUnit, vintage: Vintage) -> tuple[Target, ...]:
    if place.vintage is vintage and place.level is Level.COMMUNE:
        return (Target(place, inside=True),)
    inside, ways = _communes_of(place), crosswalk(place.vintage, vintage)
    reached = sorted({target for code in inside for target in ways.targets[code]})
    return tuple(Target(by_code(vintage)[code], inside=_is_inside(code, inside, ways)) for code in reached)


def _is_inside(code: str, inside: frozenset[str], ways: Crosswalk) -> bool:
    return inside.issuperset(ways.parts[code])


def _communes_of(place: ListedUnit) -> frozenset[str]:
    if place.level is Level.COMMUNE:
        return frozenset((place.code,))
    return _members(place.vintage, place.level)[place.code]


@lru_cache(maxsize=9)
def _members(vintage: Vintage, level: Level) -> Mapping[str, frozenset[str]]:
    """Codes of the communes of each district or province."""
    found: dict[str, set[str]] = {}
    for unit in communes(vintage):
        above = unit.district_code if level is Level.DISTRICT else unit.province_code
        found.setdefault(above, set()).add(unit.code)
    return {code: frozenset(codes) for code, codes in found.items()}


def as_dict(hit: Hit) -> dict[str, Any]:
    """A hit for scripts."""
    return {
        "place": _unit_dict(hit.place),
        "fit": ("name", "other kind", "older name", "beginning", "part")[hit.fit],
        "units": [{**_unit_dict(target.unit), "inside": target.inside} for target in hit.targets],
    }


def _unit_dict(unit: ListedUnit) -> dict[str, str]:
    return {"code": unit.code, "vintage": str(unit.vintage), "level": str(unit.level), "name": unit.full_name,
            "district": unit.district_name, "province": unit.province_name}  # fmt: skip


def describe(hit: Hit) -> str:
    """A hit as lines of text: the place, then the units it leads to."""
    return "\n".join(_lines(hit))


def _lines(hit: Hit) -> Iterator[str]:
    only = hit.targets[0].unit if len(hit.targets) == 1 else None
    older = " (an older name)" if hit.fit == OLDER else ""
    yield f"{hit.place.label}, {hit.place.vintage}{older}"
    if only == hit.place:
        return
    for target in hit.targets:
        went = hit.place.level is Level.COMMUNE and len(hit.targets) > 1
        note = (
            " – part of the old unit"
            if went
            else ""
            if target.inside or hit.place.level is Level.COMMUNE
            else " – only partly inside"
        )
        yield f"  → {target.unit.label}{note}"

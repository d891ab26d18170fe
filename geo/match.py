"""Which unit of a list a row means: by code and vintage; by name with accents inside the province (and, for 2024, the
district); then by name without accents only where that is unique (DESIGN §5). What is not sure is said, never chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from geo.names import accented_key, has_accents, plain_key, readings
from geo.schema import CODE_WIDTH, VIETNAMESE_VINTAGES, Level, Vintage
from geo.unit_lists import ListedUnit, by_code, units

_OTHER_PROVINCE_NAMES: Final = {(Vintage.V2024, "46"): ("Thừa Thiên Huế",)}
"""Huế was the province Thừa Thiên Huế until 31 December 2024: tables of 2024 use either name."""

MOST_NAMED: Final = 4
"""Candidates that a message names; a `Match` holds all."""


class Status(StrEnum):
    """How far a row was understood."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"


class Method(StrEnum):
    """What a match rests on; empty where there is none."""

    CODE = "code"
    CODE_AND_NAME = "code and name"
    CODE_OTHER_NAME = "code, though the name is not the list's"
    NAME = "name"
    NAME_OTHER_KIND = "name, though of another kind"
    PLAIN_NAME = "name without accents"
    NONE = ""


@dataclass(frozen=True, slots=True)
class GivenUnit:
    """What a row says of its unit; empty where it says nothing. `province` may be a name or a code."""

    code: str = ""
    name: str = ""
    province: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The unit a row means, or the candidates it may mean, and why."""

    status: Status
    method: Method = Method.NONE
    unit: ListedUnit | None = None
    candidates: tuple[ListedUnit, ...] = ()
    reason: str = ""


@lru_cache(maxsize=4)
def _index(vintage: Vintage, level: Level) -> Mapping[tuple[str, str], tuple[ListedUnit, ...]]:
    """Units by (province code, key of the name); keys of both sorts, the accented marked with a leading `=`."""
    found: dict[tuple[str, str], list[ListedUnit]] = {}
    for unit in units(vintage, level):
        for key in (f"={accented_key(unit.name)}", plain_key(unit.name)):
            found.setdefault((unit.province_code, key), []).append(unit)
    return {key: tuple(of_key) for key, of_key in found.items()}


@lru_cache(maxsize=4)
def _provinces(vintage: Vintage) -> Mapping[str, tuple[str, ...]]:
    """Province codes by code and by key of the name, alias (HCM) and, for 2024, other name."""
    found: dict[str, set[str]] = {}
    for unit in units(vintage, Level.PROVINCE):
        names = (unit.name, *_OTHER_PROVINCE_NAMES.get((vintage, unit.code), ()))
        keys = [f"={accented_key(name)}" for name in names] + [plain_key(name) for name in names]
        for key in (unit.code, *keys, *unit.older_keys):
            found.setdefault(key, set()).add(unit.code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


def find_province(text: str, vintage: Vintage) -> str:
    """Code of the province of a name or code; empty when the list has none or more than one such."""
    table = _provinces(vintage)
    if text.isdecimal():
        return next(iter(table.get(text.zfill(CODE_WIDTH[Level.PROVINCE]), ())), "")
    for prefix, key in (("=", accented_key), ("", plain_key)):
        codes = {code for _, name in readings(text) for code in table.get(prefix + key(name), ())}
        if len(codes) == 1:
            return codes.pop()
    return ""


def match_unit(given: GivenUnit, vintage: Vintage) -> Match:
    """The unit of `vintage` that a row means."""
    unit = by_code(vintage).get(given.code)
    if unit is None:
        return _match_without_code(given, vintage)
    if not given.name:
        return Match(Status.MATCHED, Method.CODE, unit)
    if agrees(given.name, unit):
        return Match(Status.MATCHED, Method.CODE_AND_NAME, unit)
    return _disputed(given, unit, vintage)


def _match_without_code(given: GivenUnit, vintage: Vintage) -> Match:
    if given.name:
        return match_name(given, vintage)
    if not given.code:
        return Match(Status.UNMATCHED, reason="the row has neither a code nor a name")
    width = CODE_WIDTH[Level.COMMUNE]
    if given.code.isdecimal() and len(given.code) < width:
        mend = f"a commune code has {width} digits; restore zeros that a spreadsheet lost with --code-width {width}"
        return Match(Status.UNMATCHED, reason=f"code {given.code!r} is too short, {mend}")
    others = [other for other in VIETNAMESE_VINTAGES if given.code in by_code(other)]
    known = f"; it is one of {others[0]}" if others else ""
    return Match(Status.UNMATCHED, reason=f"code {given.code} is not in the list of {vintage}{known}")


def agrees(name: str, unit: ListedUnit) -> bool:
    """Whether a name is the unit's, its kind left aside; accents may be wanting where they make it no other unit's."""
    shorts = [short for _, short in readings(name)]
    if any(accented_key(short) == accented_key(unit.name) for short in shorts):
        return True
    if not any(plain_key(short) == plain_key(unit.name) for short in shorts):
        return False
    index = _index(unit.vintage, Level.COMMUNE)
    return not any(
        (unit.province_code, f"={accented_key(short)}") in index for short in shorts if has_accents(short)
    )


def _disputed(given: GivenUnit, unit: ListedUnit, vintage: Vintage) -> Match:
    """A code and a name that do not go together: an unknown spelling is let pass and said, another unit's name is not."""
    for other in VIETNAMESE_VINTAGES:
        elsewhere = by_code(other).get(given.code)
        if elsewhere is not None and agrees(given.name, elsewhere):
            reason = f"code {given.code} is {unit.label} in {vintage}, but with the name {given.name!r} it is of vintage {other}"
            return Match(Status.AMBIGUOUS, candidates=(unit, elsewhere), reason=reason)
    named = match_name(GivenUnit(name=given.name, province=unit.province_code), vintage)
    rivals = (named.unit,) if named.unit else named.candidates
    if rivals:
        reason = f"code {given.code} is {unit.label}, but the name {given.name!r} is {_either(rivals)}"
        return Match(Status.AMBIGUOUS, candidates=(unit, *rivals), reason=reason)
    reason = f"code {given.code} is {unit.label}; the name {given.name!r} is not in the list"
    return Match(Status.MATCHED, Method.CODE_OTHER_NAME, unit, reason=reason)


def match_name(given: GivenUnit, vintage: Vintage) -> Match:
    """The unit of a name inside its province (and district, for 2024)."""
    province = find_province(given.province, vintage)
    if not province:
        return Match(Status.UNMATCHED, reason=_no_province(given, vintage))
    districts: frozenset[str] | None = None
    if given.district and units(vintage, Level.DISTRICT):
        found = _districts(given.district, province, vintage)
        if not found:
            where = by_province(vintage)[province]
            return Match(
                Status.UNMATCHED, reason=f"no district {given.district!r} in {where} in the list of {vintage}"
            )
        districts = found
    return _best(given, province, districts, vintage)


def _best(given: GivenUnit, province: str, districts: frozenset[str] | None, vintage: Vintage) -> Match:
    accented = any(has_accents(text) for text in (given.name, given.province, given.district))
    # a row written without any accents may mean Sa Pả by Sa Pa, so its spelling says no more than the plain key
    steps = (("=", Method.NAME), ("", Method.PLAIN_NAME)) if accented else (("", Method.PLAIN_NAME),)
    for prefix, method in steps:
        candidates, right_kind = _candidates(given.name, province, districts, vintage, prefix=prefix)
        if len(candidates) == 1:
            other = prefix and not right_kind
            return Match(Status.MATCHED, Method.NAME_OTHER_KIND if other else method, candidates[0])
        if candidates:
            district = " or its district (--district-column)" if vintage is Vintage.V2024 else ""
            reason = (
                f"{given.name!r} may be {_either(candidates)}; give its code, its accents, its kind{district}"
            )
            return Match(Status.AMBIGUOUS, candidates=candidates, reason=reason)
    where = by_province(vintage)[province]
    return Match(Status.UNMATCHED, reason=f"no unit {given.name!r} in {where} in the list of {vintage}")


def _either(candidates: tuple[ListedUnit, ...]) -> str:
    named = " or ".join(unit.label for unit in candidates[:MOST_NAMED])
    return f"{named} or {len(candidates) - MOST_NAMED} more" if len(candidates) > MOST_NAMED else named


def _candidates(
    name: str, province: str, districts: frozenset[str] | None, vintage: Vintage, *, prefix: str
) -> tuple[tuple[ListedUnit, ...], bool]:
    """Units of a name in a scope, only those of the kind it states where there are any, and whether the kind was met."""
    key = accented_key if prefix else plain_key
    index = _index(vintage, Level.COMMUNE)
    found: dict[str, ListedUnit] = {}
    exact: dict[str, ListedUnit] = {}
    for kind, short in readings(name):
        for unit in index.get((province, prefix + key(short)), ()):
            if districts is None or unit.district_code in districts:
                found[unit.code] = unit
                if kind in ("", unit.kind):
                    exact[unit.code] = unit
    chosen = exact or found
    return tuple(chosen[code] for code in sorted(chosen)), bool(exact)


def _districts(text: str, province: str, vintage: Vintage) -> frozenset[str]:
    """Codes of the districts a text may name: more than one when only the kind tells them apart and it is not said."""
    listed = units(vintage, Level.DISTRICT)
    if text.isdecimal() and len(text) == CODE_WIDTH[Level.DISTRICT]:
        return frozenset(unit.code for unit in listed if unit.code == text and unit.province_code == province)
    index = _index(vintage, Level.DISTRICT)
    for prefix, key in (("=", accented_key), ("", plain_key)):
        found = [
            (kind, unit)
            for kind, short in readings(text)
            for unit in index.get((province, prefix + key(short)), ())
        ]
        exact = frozenset(unit.code for kind, unit in found if kind in ("", unit.kind))
        if found:
            return exact or frozenset(unit.code for _, unit in found)
    return frozenset()


@lru_cache(maxsize=3)
def by_province(vintage: Vintage) -> Mapping[str, str]:
    """Full names of provinces by code."""
    return {unit.code: unit.full_name for unit in units(vintage, Level.PROVINCE)}


def _no_province(given: GivenUnit, vintage: Vintage) -> str:
    if not given.province:
        return f"{given.name!r} has no province; name it with --province-column or --province"
    others = [other for other in VIETNAMESE_VINTAGES if find_province(given.province, other)]
    known = f"; it is one of {others[0]}" if others else ""
    return f"no province {given.province!r} in the list of {vintage}{known}"

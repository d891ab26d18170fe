"""Findings about the figures of one list of units: nobody living there, too few tests, how far the tests reach."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo.arrays import FLOAT_NOISE
from geo.crs import equal_area_km2
from geo.quality import Finding, Severity
from geo.schema import Network, speed_column
from geo.tiles import tile_bounds

_MEND_TESTS: Final = "add more quarters with vunglom add DIR speed, or ask people there to test"


def people_zero(list_id: str, communes: pd.DataFrame) -> list[Finding]:
    """Units in which the population raster has figures, all of them nobody."""
    if "people" not in communes:
        return []
    nobody = communes[communes["people"] == 0]
    return [
        Finding(
            Severity.WARNING,
            "people_zero",
            f"{list_id}: nobody lives in {name} ({code}) by the population raster",
            unit=code,
            done="its shares of people are null",
            values={"unit": f"{name} ({code})"},
            mend="if people do live there, give a newer raster: vunglom add DIR population FILE --replace",
        )
        for code, name in zip(nobody["unit_code"], nobody["name"], strict=True)
    ]


def few_tests(
    list_id: str, communes: pd.DataFrame, *, min_devices: float, decisive_devices: float
) -> list[Finding]:
    """Units with too few devices for an estimate of a network (`too_few_tests`), or for a decision on it (`few_tests`)."""
    findings = []
    for network in Network:
        column = speed_column(network, "devices")
        if column in communes:
            rows = zip(communes["unit_code"], communes["name"], communes[column], strict=True)
            for code, name, devices in rows:
                about = f"{list_id}: {name} ({code}) has {devices:,.3g} device counts of {network} tests, under the"
                said = {"unit": f"{name} ({code})", "network": str(network), "devices": float(devices)}
                # as the estimate does: three devices shared out and summed again can come to 2.9999999999999996
                if devices < min_devices - FLOAT_NOISE:
                    findings.append(
                        _too_few(
                            f"{about} {min_devices:g} that an estimate needs",
                            code,
                            min_devices - devices,
                            {**said, "needed": float(min_devices)},
                        )
                    )
                elif devices < decisive_devices - FLOAT_NOISE:
                    findings.append(
                        _few(
                            f"{about} {decisive_devices:g} that a decision needs",
                            code,
                            decisive_devices - devices,
                            {**said, "needed": float(decisive_devices)},
                        )
                    )
    return findings


def _too_few(message: str, code: str, lacking: float, values: Mapping[str, Any]) -> Finding:
    done = "no speed is given: not known, which is not slow"
    return Finding(
        Severity.WARNING,
        "too_few_tests",
        message,
        unit=code,
        done=done,
        mend=_MEND_TESTS,
        value=float(lacking),
        values=values,
    )


def _few(message: str, code: str, lacking: float, values: Mapping[str, Any]) -> Finding:
    done = "the speed is given; the goal stays undecided"
    return Finding(
        Severity.NOTE,
        "few_tests",
        message,
        unit=code,
        done=done,
        mend=_MEND_TESTS,
        value=float(lacking),
        values=values,
    )


def area_in_tiles_km2(
    tiles: pd.DataFrame, shares: pd.DataFrame, windows: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Network → km² of units that lie in its tiles with tests of the quarters in `windows`.

    `tiles`: network, quarter, quadkey, tests; `shares`: quadkey, area_share from `geo.speed.share_tiles`.
    """
    keys = shares["quadkey"].drop_duplicates()
    tile_km2 = pd.Series(equal_area_km2(shapely.box(*tile_bounds(keys.tolist()).T)), index=keys.to_numpy())
    inside = shares["area_share"].to_numpy() * tile_km2[shares["quadkey"]].to_numpy()
    tested = tiles[tiles["tests"] > 0]
    found = {}
    for network, quarters in windows.items():
        used = tested[(tested["network"] == network) & tested["quarter"].isin(quarters)]
        found[network] = float(inside[shares["quadkey"].isin(used["quadkey"])].sum())
    return found


def tile_coverage(
    list_id: str,
    units: pd.DataFrame,
    tested: pd.DataFrame,
    people: pd.Series | None,
    tested_km2: Mapping[str, float],
) -> list[Finding]:
    """Per network: units without a tile with tests, and the share of area and people that lie in such tiles.

    `units`: unit_code, area_km2; `tested`: unit_code, `{n}_tiles`, `{n}_tested_people_share`, in the order of `units`;
    `people`: of each unit, None without a grid; `tested_km2`: from `area_in_tiles_km2`.
    """
    findings = []
    for network, km2 in tested_km2.items():
        without = int((tested[speed_column(network, "tiles")] == 0).sum())
        area = min(1.0, km2 / units["area_km2"].sum())
        reach = f"{area:.1%} of their area"
        values = {"network": str(network), "without": without, "units": len(units), "area_share": float(area)}
        if people is not None:
            living = tested[speed_column(network, "tested_people_share")].to_numpy() * people.to_numpy()
            share = float(np.nansum(living) / np.nansum(people))
            reach = f"{share:.1%} of people and {reach}"
            # in a region where nobody lives there is no share to tell
            values |= {"people_share": share} if np.isfinite(share) else {}
        findings.append(
            Finding(
                Severity.NOTE,
                "tile_coverage",
                f"{list_id}: {network}: {without:,} of {len(units):,} units have no tile with tests; {reach} lie in tiles with tests",
                done="the speeds of a unit speak for the places where tests were made",
                mend=_MEND_TESTS,
                value=area,
                said="tile_coverage_people" if "people_share" in values else "tile_coverage",
                values=values,
            )
        )
    return findings

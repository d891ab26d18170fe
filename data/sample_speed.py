"""Invented speed tiles in the schema of Ookla's open data: zoom-16 squares, means per tile, eight quarters."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.power_diagram import FloatArray
from data.sample_outlines import Outlines
from data.sample_people import Grid
from data.sample_profiles import PROFILES, Profile
from data.sample_steady import chances, snap

QUARTERS: Final = ("2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
NETWORKS: Final = ("mobile", "fixed")
ZOOM: Final = 16
TILES_PER_QUARTER: Final = {"mobile": 950, "fixed": 620}
LEAST_TILES: Final = {"mobile": 7, "fixed": 4}
UPLOAD_SHARE: Final = {"mobile": 0.32, "fixed": 0.80}
LATENCY_MS: Final = {"mobile": 38.0, "fixed": 14.0}
SPARSE: Final = ("few", "hardly")
HARDLY_QUARTER: Final = "2026Q1"
"""The one quarter in which a hardly tested unit has a single test."""


@dataclass(frozen=True)
class Tiles:
    """Inhabited tiles: column and row at zoom 16 (n × 2), people, number of the unit at the tile's middle of weight."""

    place: npt.NDArray[np.int64]
    people: FloatArray
    unit: npt.NDArray[np.int64]


def tile_edges(place: npt.NDArray[np.int64]) -> FloatArray:
    """West, south, east, north (degrees) of Web-Mercator tiles (column, row) at zoom 16."""
    count = 2**ZOOM
    west = place[:, 0] / count * 360 - 180
    east = (place[:, 0] + 1) / count * 360 - 180
    north, south = (
        np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (place[:, 1] + k) / count)))) for k in (0, 1)
    )
    return np.stack([west, south, east, north], axis=1)


def inhabited_tiles(grid: Grid, outlines: Outlines) -> Tiles:
    """Tiles where people live, without those across the edge of a sparsely tested unit (their tests would be shared)."""
    longitude, latitude = grid.centres()
    rows, columns = np.nonzero((grid.people > 0) & (grid.unit >= 0))
    x = ((longitude[columns] + 180) / 360 * 2**ZOOM).astype(np.int64)
    angle = np.arcsinh(np.tan(np.radians(latitude[rows])))
    y = ((1 - angle / np.pi) / 2 * 2**ZOOM).astype(np.int64)
    cells = pd.DataFrame(
        {"x": x, "y": y, "unit": grid.unit[rows, columns], "people": grid.people[rows, columns]}
    )
    shares = cells.groupby(["x", "y", "unit"])["people"].sum().reset_index()
    main = shares.sort_values(["x", "y", "people", "unit"]).drop_duplicates(["x", "y"], keep="last")
    place = main[["x", "y"]].to_numpy(dtype=np.int64)
    kept = ~_across_sparse(place, outlines)
    return Tiles(
        place[kept], main["people"].to_numpy(dtype=float)[kept], main["unit"].to_numpy(dtype=np.int64)[kept]
    )


def _across_sparse(place: npt.NDArray[np.int64], outlines: Outlines) -> npt.NDArray[np.bool_]:
    sparse = [PROFILES[code].testing in SPARSE for code in outlines.units["code"]]
    edges = shapely.union_all(shapely.boundary(outlines.units.geometry.to_numpy()[sparse]))
    shapely.prepare(edges)
    return np.asarray(shapely.intersects(edges, shapely.box(*tile_edges(place).T)), dtype=bool)


def make_speed(grid: Grid, outlines: Outlines) -> dict[tuple[str, str], pd.DataFrame]:
    """A table per network and quarter, in the published column order, sorted by quadkey."""
    tiles = inhabited_tiles(grid, outlines)
    profiles = [PROFILES[code] for code in outlines.units["code"]]
    found = {}
    for network in NETWORKS:
        habit, local, mood = _luck(tiles.place, network)
        habit = habit + 0.8 * np.log(tiles.people)
        for number, quarter in enumerate(QUARTERS):
            chosen = _choose(tiles, profiles, habit + mood[:, number], network, quarter)
            found[network, quarter] = _measure(tiles, profiles, chosen, local, network, quarter)
    return found


def _luck(place: npt.NDArray[np.int64], network: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each tile: how keenly it is tested, how its speed differs from the unit's (log), a chance per quarter."""
    rngs = chances(f"{network} tile", place)
    drawn = [(rng.normal(0, 0.9), rng.normal(0, 0.22), rng.gumbel(0, 1.0, len(QUARTERS))) for rng in rngs]
    habit, local, mood = zip(*drawn, strict=True)
    return np.array(habit), np.array(local), np.array(mood)


def _wanted(profile: Profile, people: float, all_people: float, network: str, quarter: str) -> int:
    """How many tiles of a unit have tests in a quarter."""
    if profile.testing == "hardly":
        return int(network == "mobile" and quarter == HARDLY_QUARTER)
    if profile.testing == "few":
        return 1
    share = float((people / all_people) ** 0.8) * 1.6
    return max(LEAST_TILES[network], round(share * TILES_PER_QUARTER[network] / 4))


def _choose(
    tiles: Tiles, profiles: list[Profile], keen: FloatArray, network: str, quarter: str
) -> npt.NDArray[np.int64]:
    """Numbers of the tiles with tests: the keenest of each unit, keenness being habit plus the quarter's chance."""
    keen = snap(keen, 9)
    picked = []
    for number, profile in enumerate(profiles):
        of_unit = np.flatnonzero(tiles.unit == number)
        count = _wanted(profile, tiles.people[of_unit].sum(), tiles.people.sum(), network, quarter)
        picked.append(of_unit[np.argsort(-keen[of_unit], kind="stable")[:count]])
    return np.sort(np.concatenate(picked))


def _measure(
    tiles: Tiles,
    profiles: list[Profile],
    chosen: npt.NDArray[np.int64],
    local: FloatArray,
    network: str,
    quarter: str,
) -> pd.DataFrame:
    place, units = tiles.place[chosen], tiles.unit[chosen]
    sparse = np.array([profile.testing in SPARSE for profile in profiles])[units]
    level = np.array([_level(profile, network, quarter) for profile in profiles])[units]
    rngs = chances(f"{network} {quarter}", place)
    luck = pd.DataFrame(
        [_luck_of_tests(*one) for one in zip(rngs, tiles.people[chosen], sparse, strict=True)]
    )
    download = level * 1000 * np.exp(local[chosen] + luck["speed"] / np.sqrt(luck["devices"]))
    upload = download * UPLOAD_SHARE[network] * np.exp(luck["upload"])
    latency = LATENCY_MS[network] * np.exp(luck["latency"]) * (60_000 / download) ** 0.2
    return _published(place, download, upload, latency, luck)


def _luck_of_tests(rng: np.random.Generator, people: float, sparse: bool) -> dict[str, float]:
    """A tile's devices and tests in a quarter; logs of what they differ by; factors of the latency under load."""
    devices = 1 if sparse else 1 + rng.poisson(min(max(people / 220.0, 0.4), 12.0))
    return {
        "devices": devices,
        "tests": devices + rng.poisson(1.1 * devices),
        "speed": rng.normal(0, 0.3),
        "upload": rng.normal(0, 0.15),
        "latency": rng.normal(0, 0.25),
        "loaded_down": rng.uniform(2, 6),
        "loaded_up": rng.uniform(2, 9),
        "loaded_known": rng.random() < 0.9,
    }


def _level(profile: Profile, network: str, quarter: str) -> float:
    """The unit's speed in Mbps: the profile's figure at the newest quarter, less growth for every quarter before."""
    service = profile.service
    newest = service.fixed_mbps if network == "fixed" else profile.mobile_mbps or service.mobile_mbps
    growth = service.growth_per_year if profile.growth_per_year is None else profile.growth_per_year
    years_ago = (len(QUARTERS) - 1 - QUARTERS.index(quarter)) / 4
    return float(newest * np.exp(-growth * years_ago))


def _published(
    place: npt.NDArray[np.int64],
    download: pd.Series,
    upload: pd.Series,
    latency: pd.Series,
    luck: pd.DataFrame,
) -> pd.DataFrame:
    """Columns, units (kbps, ms) and types as published since 2023Q3: loaded latency is a nullable 32-bit integer."""
    edges = tile_edges(place)
    loaded = [pd.Series(snap(latency * luck[name])).astype("Int32") for name in ("loaded_down", "loaded_up")]
    frame = pd.DataFrame(
        {
            "quadkey": [_quadkey(int(x), int(y)) for x, y in place],
            "tile": [_tile_text(*edge) for edge in edges.tolist()],
            "tile_x": np.round((edges[:, 0] + edges[:, 2]) / 2, 6),
            "tile_y": np.round((edges[:, 1] + edges[:, 3]) / 2, 6),
            "avg_d_kbps": snap(download).astype(np.int64),
            "avg_u_kbps": snap(upload).astype(np.int64),
            "avg_lat_ms": snap(latency).astype(np.int64),
            "avg_lat_down_ms": loaded[0],
            "avg_lat_up_ms": loaded[1],
            "tests": luck["tests"].to_numpy(dtype=np.int64),
            "devices": luck["devices"].to_numpy(dtype=np.int64),
        }
    )
    frame.loc[~luck["loaded_known"], ["avg_lat_down_ms", "avg_lat_up_ms"]] = pd.NA
    return frame.sort_values("quadkey", ignore_index=True)


def _quadkey(x: int, y: int) -> str:
    return "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(ZOOM - 1, -1, -1))


def _tile_text(west: float, south: float, east: float, north: float) -> str:
    corners = ((west, north), (east, north), (east, south), (west, south), (west, north))
    ring = ", ".join(f"{round(x, 6):.10g} {round(y, 6):.10g}" for x, y in corners)
    return f"POLYGON (({ring}))"

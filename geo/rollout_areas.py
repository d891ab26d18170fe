"""What a proposal is laid over: units, today's coverage, accepted plans, people; and the parts into which they split it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import BoolArray, FloatArray
from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.operators import operator_key
from geo.people import count_people
from geo.pieces import NOTHING, Layer, common, make_layer, union, without
from geo.population_grid import PopulationGrid
from geo.propagation import ModelRules
from geo.rollout_rules import PARTS
from geo.schema import Evidence, PlaceClass, Technology
from geo.site_areas import model_coverage, model_radii, unmodelled_sites

EARLIER: Final = {Technology.G3: Technology.G2, Technology.G4: Technology.G3, Technology.G5: Technology.G4}
"""The technology whose users a new one upgrades."""
RELIABILITIES: Final = (0.95, 0.90, 0.75)
"""Of the low, middle and high area of a site: the higher the share of places that must have signal, the smaller."""


@dataclass(frozen=True, eq=False)
class Offer:
    """A proposal as the check takes it: areas in EPSG:4326, valid; `low` and `high` bound areas modelled from sites.

    `key`: its id or file name. `sites`: (n, 2) lon/lat, none where areas were given. `cost` is in whatever money the
    workspace uses; None where not said. `unmodelled`: sites that the model of coverage holds nothing for.
    """

    key: str
    operator: str
    technology: Technology
    area: Any
    low: Any = None
    high: Any = None
    sites: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    year: int | None = None
    cost: float | None = None
    speed_mbps: float | None = None
    status: str = "draft"
    unmodelled: int = 0

    @property
    def modelled(self) -> bool:
        """Whether the area was computed from sites."""
        return self.low is not None

    @property
    def areas(self) -> tuple[Any, Any, Any]:
        """Low, middle and high area; the same three times where an area was given."""
        return (self.low if self.low is not None else self.area, self.area,
                self.high if self.high is not None else self.area)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Claims:
    """Areas of one technology by operator: `keys` are `operator_key`s, in the order of the layer's owners."""

    keys: tuple[str, ...]
    layer: Layer
    evidence: str = ""

    def of(self, key: str) -> BoolArray:
        """Which owners are this operator's."""
        return np.array([own == key for own in self.keys], dtype=bool)


@dataclass(frozen=True, eq=False)
class Plans:
    """Accepted and built proposals: their areas in one layer, and every site planned by anybody (accepted or not yet)."""

    offers: tuple[Offer, ...]
    layer: Layer

    def owners(self, technology: Technology, left_out: Collection[str]) -> BoolArray:
        """Those of a technology, without the proposals that are being checked themselves."""
        return np.array(
            [o.technology == technology and o.key not in left_out for o in self.offers], dtype=bool
        )

    def of(self, key: str) -> BoolArray:
        """Those of one operator."""
        return np.array([operator_key(offer.operator) == key for offer in self.offers], dtype=bool)


@dataclass(frozen=True, eq=False)
class Ground:
    """A workspace made ready for checks: read only, and used for any number of them.

    `units`: the result table of one list of units; `shares`: people and area share of each operator per unit, indexed by
    (technology, operator_key), arrays in the units' order. `planned`: sites of others count from status `submitted` on.
    """

    units: gpd.GeoDataFrame
    layer: Layer
    coverage: dict[Technology, Claims]
    shares: dict[tuple[Technology, str], tuple[FloatArray, FloatArray]]
    plans: Plans
    planned: tuple[Offer, ...]
    grid: PopulationGrid | None
    places: gpd.GeoDataFrame | None


def prepare_ground(
    units: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame | None,
    by_operator: Any,
    *,
    grid: PopulationGrid | None,
    places: gpd.GeoDataFrame | None,
    plans: Sequence[Offer] = (),
    evidence_order: Sequence[Evidence],
) -> Ground:
    """`units`: the result table; `areas`, `by_operator`: `coverage_areas` and `coverage_by_operator` of the build.

    Of each technology the kind of evidence is used that the headline figures use. `plans`: stored proposals of any status:
    accepted and built ones are taken off a gain, sites of submitted ones are looked at for distances, drafts for nothing.
    """
    units = units.sort_values("unit_code").reset_index(drop=True)
    coverage = {} if areas is None else _claims(areas, evidence_order)
    firm = tuple(offer for offer in plans if offer.status in ("accepted", "built"))
    planned = tuple(offer for offer in plans if len(offer.sites) and offer.status != "draft")
    return Ground(
        units=units,
        layer=make_layer(units.geometry.to_numpy()),
        coverage=coverage,
        shares=_shares(units, by_operator, coverage),
        plans=Plans(firm, make_layer([offer.area for offer in firm])),
        planned=planned,
        grid=grid,
        places=_service_places(places),
    )


def _claims(areas: gpd.GeoDataFrame, order: Sequence[Evidence]) -> dict[Technology, Claims]:
    found = {}
    for technology, rows in areas.groupby("technology", sort=True):
        kinds = set(rows["evidence"].astype(str))
        evidence = next((str(kind) for kind in order if str(kind) in kinds), min(kinds))
        used = rows[rows["evidence"] == evidence]
        keys = tuple(operator_key(str(name)) for name in used["operator"])
        found[Technology(str(technology))] = Claims(keys, make_layer(used.geometry.to_numpy()), evidence)
    return found


def _shares(
    units: gpd.GeoDataFrame, by_operator: Any, coverage: dict[Technology, Claims]
) -> dict[tuple[Technology, str], tuple[FloatArray, FloatArray]]:
    shares: dict[tuple[Technology, str], tuple[FloatArray, FloatArray]] = {}
    if by_operator is None or not len(by_operator):
        return shares
    for (technology, operator, evidence), rows in by_operator.groupby(["technology", "operator", "evidence"]):
        kind = Technology(str(technology))
        if kind in coverage and coverage[kind].evidence == evidence:
            figures = rows.set_index("unit_code").reindex(units["unit_code"])
            shares[kind, operator_key(str(operator))] = (
                figures["covered_people_share"].to_numpy(dtype=float, na_value=np.nan),
                figures["covered_area_share"].to_numpy(dtype=float, na_value=np.nan),
            )
    return shares


def _service_places(places: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if places is None:
        return None
    return places[places["class"].isin([str(PlaceClass.SCHOOL), str(PlaceClass.CLINIC)])].reset_index(
        drop=True
    )


def areas_of_sites(sites: gpd.GeoDataFrame) -> tuple[Any, Any, Any, list[str]]:
    """Low, middle and high area that sites of one operator and technology are modelled to cover, and the sites left out.

    `sites`: `geo.site_areas.model_radii`'s columns. Terrain-blind: `geo.site_areas.TERRAIN_BLIND` says what that means.
    Raises `InputError` where no site can be modelled.
    """
    left = unmodelled_sites(model_radii(sites))
    if len(left) == len(sites):
        raise InputError(
            f"none of the {len(sites)} sites can be modelled (first: {left['site_id'][0]}: {left['reason'][0]}); "
            "wanted a frequency of 500-7,000 MHz and an antenna of 10-150 m, or neither column"
        )
    drawn = [
        model_coverage(sites, as_of="", rules=ModelRules(reliability=share)).geometry
        for share in RELIABILITIES
    ]
    low, middle, high = (shapely.union_all(shapes.to_numpy()) for shapes in drawn)
    return low, middle, high, [f"{row.site_id}: {row.reason}" for row in left.itertuples()]


def clip_to_units(ground: Ground, area: Any) -> Any:
    """The part of an area inside the units: nothing outside them is counted."""
    return ground.layer.within(area)


def split(ground: Ground, offer: Offer, inside: Any, left_out: Collection[str]) -> dict[str, Any]:
    """`PARTS` of an area that lies inside the units, as polygons; those that need coverage of no file are None."""
    own = operator_key(offer.operator)
    parts: dict[str, Any] = dict.fromkeys(PARTS)
    parts["inside"] = inside
    owners = ground.plans.owners(offer.technology, left_out)
    theirs = ground.plans.of(own)
    parts["others_plans"] = ground.plans.layer.within(inside, owners & ~theirs)
    parts["own_plans"] = ground.plans.layer.within(inside, owners & theirs)
    claims = ground.coverage.get(offer.technology)
    if claims is None:
        return parts
    mine = claims.of(own)
    # an operator that gave no file is not known to cover nothing
    parts["covered_same"] = claims.layer.within(inside, mine) if mine.any() else None
    parts["covered_others"] = claims.layer.within(inside, ~mine)
    parts["covered"] = union([parts["covered_same"] or NOTHING, parts["covered_others"]])
    parts["new"] = without(inside, union([parts["covered"], parts["others_plans"]]))
    earlier = ground.coverage.get(EARLIER[offer.technology]) if offer.technology in EARLIER else None
    parts["upgraded"] = None if earlier is None else common(parts["new"], earlier.layer.within(parts["new"]))
    return parts


def measure(ground: Ground, shapes: Sequence[Any]) -> tuple[FloatArray, FloatArray]:
    """People (null without a grid) and km² of polygons; null for None."""
    given = np.empty(len(shapes), dtype=object)
    given[:] = [NOTHING if shape is None else shape for shape in shapes]
    missing = np.array([shape is None for shape in shapes], dtype=bool)
    area = equal_area_km2(given)
    people = np.full(len(given), np.nan) if ground.grid is None else count_people(ground.grid, given)
    return np.where(missing, np.nan, people), np.where(missing, np.nan, area)

"""A proposal as data: who would bring which technology to which area, when, for how much; checked when it is made."""

import difflib
import hashlib
import math
from collections.abc import Collection
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import ObjectArray, only_polygons
from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.names import clean_name, plain_key
from geo.operators import OPERATORS
from geo.schema import Technology

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
MEND_LIMIT: Final = 0.01
"""Share of its area that mending a drawing may change before it is refused, as for boundary files."""
MORE_OPERATORS: Final = ("VNPT", "FPT")
"""Partners without a network code of their own, or known by another name than their network."""


_SHAPES: Final = ("area", "points", "area_low", "area_high")


class Status(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    BUILT = "built"


NEXT: Final = {
    Status.DRAFT: (Status.SUBMITTED,),
    Status.SUBMITTED: (Status.DRAFT, Status.ACCEPTED),
    Status.ACCEPTED: (Status.SUBMITTED, Status.BUILT),
    Status.BUILT: (),
}
"""Which status may follow which; an accepted proposal can be sent back, a built one stays built."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """`area`: polygon in EPSG:4326, the ground to be served; `points` (n, 2) lon/lat of its sites, none for a bare area.

    `area_low`, `area_high`: the area at a cautious and at a hopeful reach, where it is modelled from sites; None where it was
    drawn. `basis` says in words what the area is. `cost` in any one unit, `promised_mbps` download; None where not said.
    """

    name: str
    operator: str
    technology: Technology
    area: Any
    year: int | None = None
    points: Any = None
    cost: float | None = None
    promised_mbps: float | None = None
    status: Status = Status.DRAFT
    vintage: str = ""
    basis: str = "drawn"
    area_low: Any = None
    area_high: Any = None
    id: str = ""

    @property
    def sites(self) -> Any:
        """(n, 2) lon/lat of the sites; (0, 2) for a bare area."""
        return (
            np.zeros((0, 2)) if self.points is None else np.asarray(self.points, dtype=float).reshape(-1, 2)
        )

    def details(self) -> dict[str, Any]:
        """All that is not shape, as plain values."""
        plain = {part.name: getattr(self, part.name) for part in fields(self) if part.name not in _SHAPES}
        return {**plain, "technology": str(self.technology), "status": str(self.status)}

    def digest(self) -> str:
        """Hex sha256 of what is proposed, whoever saves it under whichever name and status."""
        area = shapely.to_wkb(shapely.normalize(self.area))
        said = f"{self.operator}|{self.technology}|{self.year}|{self.cost}|{self.promised_mbps}"
        return hashlib.sha256(area + self.sites.tobytes() + said.encode("utf-8")).hexdigest()


def make_proposal(
    *,
    name: str,
    operator: str,
    technology: str,
    area: Any,
    year: int | None = None,
    cost: float | None = None,
    promised_mbps: float | None = None,
    known_operators: Collection[str] = (),
    **more: Any,
) -> Proposal:
    """A checked proposal; raises one `InputError` naming every fault.

    `known_operators`: those of the workspace, beside Vietnam's; a name that differs from one only in case, accents or spaces is
    taken for it. `more`: further fields of `Proposal`.
    """
    faults: list[str] = []
    title = clean_name(name) or "proposal"
    who = _operator(operator, known_operators, faults)
    which = next(
        (str(known) for known in Technology if str(known).casefold() == str(technology).strip().casefold()),
        "",
    )
    if not which:
        faults.append(f"technology is {technology!r}, wanted one of {', '.join(Technology)}")
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        faults.append(f"year is {year}, wanted {FIRST_YEAR} to {LAST_YEAR}")
    faults += _number_faults("cost", cost, least=0.0) + _number_faults(
        "promised_mbps", promised_mbps, above=0.0
    )
    if faults:
        raise InputError(f"{title}: " + "; ".join(faults))
    return Proposal(
        title,
        who,
        Technology(which),
        clean_area(area, title),
        year=year,
        cost=cost,
        promised_mbps=promised_mbps,
        **more,
    )


def _operator(given: str, known: Collection[str], faults: list[str]) -> str:
    names = sorted({*known, *OPERATORS.values(), *MORE_OPERATORS})
    wanted = {plain_key(name).replace(" ", ""): name for name in names}
    text = clean_name(given)
    found = wanted.get(plain_key(text).replace(" ", ""))
    if found:
        return found
    near = difflib.get_close_matches(text, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    faults.append(
        f"operator {text!r} is not known{hint}; known are {', '.join(names)}"
        if text
        else "no operator is given"
    )
    return text


def _number_faults(
    name: str, value: float | None, *, least: float = -math.inf, above: float = -math.inf
) -> list[str]:
    if value is None or (math.isfinite(value) and value >= least and value > above):
        return []
    return [f"{name} is {value:g}, wanted a number {'above 0' if above == 0 else 'of 0 or more'}, or nothing"]


def clean_area(area: Any, name: str) -> Any:
    """One valid polygon of all shapes given; small faults of drawing are mended.

    Raises `InputError` naming where a drawing crosses itself, when mending would change its area by more than 1 %, and when
    there is no area at all.
    """
    given = np.array(area, dtype=object).ravel() if isinstance(area, list | tuple | np.ndarray) else [area]
    shapes: ObjectArray = np.array([shape for shape in given if shape is not None], dtype=object)
    shapes = shapes[~shapely.is_empty(shapes)] if len(shapes) else shapes
    if not len(shapes):
        raise InputError(f"{name}: holds no area; draw or upload at least one polygon")
    kinds = sorted({shape.geom_type for shape in shapes} - {"Polygon", "MultiPolygon"})
    if kinds:
        raise InputError(
            f"{name}: holds a {kinds[0]} where an area was wanted; draw a polygon, or give sites as points"
        )
    west, south, east, north = shapely.total_bounds(shapes)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError(
            f"{name}: reaches from ({west:g}, {south:g}) to ({east:g}, {north:g}), which is not longitude and latitude"
        )
    for place in np.flatnonzero(~shapely.is_valid(shapes)):
        shapes[place] = _mended(shapes[place], name)
    return shapely.union_all(shapes)


def _mended(shape: Any, name: str) -> Any:
    reason = shapely.is_valid_reason(shape)
    mended = only_polygons(np.array([shapely.make_valid(shape)], dtype=object))[0]
    # what a crossing ring encloses twice or backwards cancels out in its own area, not in what mending keeps of it
    before, after = equal_area_km2([shape, mended])
    if not after > 0:
        raise InputError(f"{name}: encloses no area ({reason}); draw it again")
    if abs(after - before) / after > MEND_LIMIT:
        raise InputError(
            f"{name}: its outline crosses itself ({reason}); draw it again so that no two sides cross"
        )
    return mended

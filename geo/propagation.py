"""How far a cell reaches: path loss of 3GPP TR 38.901 for rural macro cells (RMa), a link budget, and the radius they give.

Formulas and ranges of validity: 3GPP TR 38.901, tables 7.4.1-1 (path loss) and 7.4.2-1 (probability of line of sight),
after Report ITU-R M.2135. The model knows no terrain: what it gives is `modelled`, for open air at a height of 1.5 m.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray
from geo.errors import InputError, RulesError
from geo.schema import Technology

LIGHT_M_PER_S: Final = 3.0e8
"""As TR 38.901 rounds it."""
FREQUENCY_GHZ: Final = (0.5, 7.0)
ANTENNA_M: Final = (10.0, 150.0)
NEAREST_M: Final = 10.0
FARTHEST_M: Final = {True: 10_000.0, False: 5_000.0}
"""Longest horizontal distance for which TR 38.901 gives a loss: with line of sight (True) and without."""
SHADOWING_DB: Final = 8.0
"""Standard deviation of shadow fading without line of sight."""
_HALVINGS: Final = 40
"""5 km / 2^40 is far below a millimetre."""


class Sight(StrEnum):
    """What is assumed between antenna and terminal."""

    LOS = "los"
    NLOS = "nlos"
    MIXED = "mixed"


@dataclass(frozen=True)
class Surroundings:
    """Ground around a cell: mean height of buildings, width of streets, height of the terminal; defaults of TR 38.901."""

    building_height_m: float = 5.0
    street_width_m: float = 20.0
    terminal_height_m: float = 1.5

    def __post_init__(self) -> None:
        wanted = {"building_height_m": (5, 50), "street_width_m": (5, 50), "terminal_height_m": (1, 10)}
        faults = [f"{name} is {getattr(self, name)}, wanted {low} to {high}" for name, (low, high) in wanted.items()
                  if not low <= getattr(self, name) <= high]  # fmt: skip
        if faults:
            raise RulesError(f"TR 38.901 RMa does not hold there: {'; '.join(faults)}")


OPEN_COUNTRY: Final = Surroundings()


def line_of_sight_share(distance_m: npt.ArrayLike) -> FloatArray:
    """Probability 0-1 of line of sight at a horizontal distance (TR 38.901, table 7.4.2-1, RMa)."""
    beyond = np.maximum(np.asarray(distance_m, dtype=float) - NEAREST_M, 0.0)
    return np.asarray(np.exp(-beyond / 1000.0), dtype=float)


def loss_los_db(
    distance_m: npt.ArrayLike,
    frequency_ghz: npt.ArrayLike,
    antenna_m: npt.ArrayLike,
    around: Surroundings = OPEN_COUNTRY,
) -> FloatArray:
    """Path loss in dB with line of sight, `distance_m` horizontal; arrays broadcast. No range is checked here."""
    ground, ghz, high = (np.asarray(value, dtype=float) for value in (distance_m, frequency_ghz, antenna_m))
    built, low = around.building_height_m, around.terminal_height_m
    direct = np.hypot(ground, high - low)
    break_m = 2 * np.pi * high * low * ghz * 1e9 / LIGHT_M_PER_S

    def near(metres: FloatArray) -> FloatArray:
        free = 20 * np.log10(40 * np.pi * metres * ghz / 3)
        clutter = min(0.03 * built**1.72, 10) * np.log10(metres) - min(0.044 * built**1.72, 14.77)
        return np.asarray(free + clutter + 0.002 * np.log10(built) * metres)

    far = near(break_m) + 40 * np.log10(direct / break_m)
    return np.where(ground <= break_m, near(direct), far)


def loss_nlos_db(
    distance_m: npt.ArrayLike,
    frequency_ghz: npt.ArrayLike,
    antenna_m: npt.ArrayLike,
    around: Surroundings = OPEN_COUNTRY,
) -> FloatArray:
    """Path loss in dB without line of sight, never less than with it; arguments as of `loss_los_db`."""
    ground, ghz, high = (np.asarray(value, dtype=float) for value in (distance_m, frequency_ghz, antenna_m))
    built, low = around.building_height_m, around.terminal_height_m
    direct, log_high = np.hypot(ground, high - low), np.log10(high)
    loss = (
        161.04
        - 7.1 * np.log10(around.street_width_m)
        + 7.5 * np.log10(built)
        - (24.37 - 3.7 * (built / high) ** 2) * log_high
        + (43.42 - 3.1 * log_high) * (np.log10(direct) - 3)
        + 20 * np.log10(ghz)
        - (3.2 * np.log10(11.75 * low) ** 2 - 4.97)
    )
    return np.asarray(np.maximum(loss, loss_los_db(ground, ghz, high, around)), dtype=float)


def loss_mixed_db(
    distance_m: npt.ArrayLike,
    frequency_ghz: npt.ArrayLike,
    antenna_m: npt.ArrayLike,
    around: Surroundings = OPEN_COUNTRY,
) -> FloatArray:
    """Expected path loss in dB: both losses weighted by the probability of line of sight (as SEAMCAT takes it)."""
    seen = line_of_sight_share(distance_m)
    with_sight = loss_los_db(distance_m, frequency_ghz, antenna_m, around)
    return seen * with_sight + (1 - seen) * loss_nlos_db(distance_m, frequency_ghz, antenna_m, around)


_LOSS: Final[Mapping[Sight, Callable[..., FloatArray]]] = {
    Sight.LOS: loss_los_db,
    Sight.NLOS: loss_nlos_db,
    Sight.MIXED: loss_mixed_db,
}


@dataclass(frozen=True)
class LinkBudget:
    """What a technology's cell sends and what a terminal needs, where a cell record does not say otherwise.

    `eirp_dbm` is the whole carrier's. `reference_db` is how far the signal that terminals measure lies below it: one of
    1,200 subcarriers on 4G (20 MHz), one of 3,276 on 5G (100 MHz at 30 kHz), a tenth for the 3G pilot, the carrier
    itself on 2G. `threshold_dbm` applies to that signal (RSRP, SS-RSRP, RSCP, RxLev).
    """

    frequency_mhz: float
    eirp_dbm: float
    reference_db: float
    threshold_dbm: float


def _subcarriers_db(count: int) -> float:
    return float(10 * np.log10(count))


ANTENNA_GAIN_DBI: Final = 17.0
FEEDER_LOSS_DB: Final = 3.0
DEFAULT_ANTENNA_M: Final = 35.0
"""The base station height of TR 38.901 RMa."""
_GAIN_DB: Final = ANTENNA_GAIN_DBI - FEEDER_LOSS_DB
BUDGETS: Final[Mapping[Technology, LinkBudget]] = {
    Technology.G2: LinkBudget(947.5, 43 + _GAIN_DB, 0.0, -95.0),
    Technology.G3: LinkBudget(2140.0, 43 + _GAIN_DB, 10.0, -100.0),
    Technology.G4: LinkBudget(1842.5, 46 + _GAIN_DB, _subcarriers_db(1200), -105.0),
    Technology.G5: LinkBudget(3750.0, 53 + _GAIN_DB, _subcarriers_db(3276), -110.0),
}
"""Bands are the middle of the downlink that Vietnam's operators use most for the technology; see METHODS."""
OPERATOR_5G_MHZ: Final[Mapping[str, float]] = {
    "viettel": 2550.0, "vnpt": 3750.0, "vinaphone": 3750.0, "mobifone": 3850.0,
}  # fmt: skip
"""The band each won in the auctions of 2024, by a word of the operator's name in small letters."""


@dataclass(frozen=True)
class ModelRules:
    """Choices of the model. `reliability`: share of places at a cell's edge where the signal suffices (0.75: 5.4 dB)."""

    reliability: float = 0.90
    sight: Sight = Sight.MIXED
    around: Surroundings = OPEN_COUNTRY
    antenna_m: float = DEFAULT_ANTENNA_M
    budgets: Mapping[Technology, LinkBudget] = field(default_factory=lambda: BUDGETS)

    def __post_init__(self) -> None:
        if not 0.5 <= self.reliability < 1:
            raise RulesError(f"reliability is {self.reliability}, wanted 0.5 to below 1, for example 0.9")

    @property
    def margin_db(self) -> float:
        """Edge margin: 5.4, 10.3 and 13.2 dB for reliabilities of 0.75, 0.90 and 0.95 at σ = 8 dB."""
        # slow to import, and the app, which imports this module for its words, models no site before it is asked to
        from scipy.special import ndtri

        return float(ndtri(self.reliability) * SHADOWING_DB)


def cell_radius_m(
    allowed_loss_db: npt.ArrayLike,
    frequency_mhz: npt.ArrayLike,
    antenna_m: npt.ArrayLike,
    *,
    sight: Sight = Sight.MIXED,
    around: Surroundings = OPEN_COUNTRY,
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Horizontal distance at which the loss reaches what is allowed, and whether a bound of validity cut it short.

    Bisection on the loss, which grows with distance, from 10 m to 10 km with line of sight and 5 km otherwise: a cell
    that reaches further gets that bound. 0 where not even 10 m is reached; NaN where frequency or antenna height lies
    outside what TR 38.901 holds for (0.5-7 GHz, 10-150 m) or is NaN. Arguments broadcast.
    """
    given = (
        np.atleast_1d(np.asarray(value, dtype=float)) for value in (allowed_loss_db, frequency_mhz, antenna_m)
    )
    allowed, mhz, high = np.broadcast_arrays(*given)
    ghz, farthest = mhz / 1000, FARTHEST_M[sight is Sight.LOS]
    valid = is_valid_cell(mhz, high) & np.isfinite(allowed)
    ghz, high, allowed = (
        np.where(valid, values, stand_in) for values, stand_in in ((ghz, 1.0), (high, 35.0), (allowed, 0.0))
    )

    def reached(metres: Any) -> npt.NDArray[np.bool_]:
        return np.asarray(_LOSS[sight](metres, ghz, high, around) <= allowed)

    low, top = np.full(allowed.shape, NEAREST_M), np.full(allowed.shape, farthest)
    for _ in range(_HALVINGS):
        middle = (low + top) / 2
        inside = reached(middle)
        low, top = np.where(inside, middle, low), np.where(inside, top, middle)
    clipped = reached(np.full(allowed.shape, farthest))
    radius = np.where(clipped, farthest, np.where(reached(np.full(allowed.shape, NEAREST_M)), low, 0.0))
    return np.where(valid, radius, np.nan), clipped & valid


def is_valid_cell(frequency_mhz: npt.ArrayLike, antenna_m: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether TR 38.901 RMa holds for the frequency and the antenna's height; False for NaN."""
    ghz, high = np.asarray(frequency_mhz, dtype=float) / 1000, np.asarray(antenna_m, dtype=float)
    in_band = (ghz >= FREQUENCY_GHZ[0]) & (ghz <= FREQUENCY_GHZ[1])
    return np.asarray(in_band & (high >= ANTENNA_M[0]) & (high <= ANTENNA_M[1]))


def budget_of(technology: str, rules: ModelRules) -> LinkBudget:
    """The link budget of a technology; raises `InputError` naming the known ones."""
    known = {str(name): budget for name, budget in rules.budgets.items()}
    if technology not in known:
        raise InputError(f"no link budget for technology {technology!r}; wanted one of {', '.join(known)}")
    return known[technology]


def default_frequency_mhz(technology: str, operator: str, rules: ModelRules) -> float:
    """The band assumed for a cell that does not state its own: the operator's for 5G in Vietnam, else the technology's."""
    words = operator.casefold()
    own = [mhz for name, mhz in OPERATOR_5G_MHZ.items() if name in words]
    return own[0] if own and technology == str(Technology.G5) else budget_of(technology, rules).frequency_mhz

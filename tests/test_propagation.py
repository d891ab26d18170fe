"""Path loss against published figures, the link budget by hand, and radii that solve the loss they are asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError, RulesError
from geo.propagation import (
    BUDGETS,
    ModelRules,
    Sight,
    Surroundings,
    budget_of,
    cell_radius_m,
    default_frequency_mhz,
    line_of_sight_share,
    loss_los_db,
    loss_mixed_db,
    loss_nlos_db,
)
from geo.schema import Technology

LOSS = {Sight.LOS: loss_los_db, Sight.NLOS: loss_nlos_db, Sight.MIXED: loss_mixed_db}


def test_the_published_example_of_a_rural_cell() -> None:
    """The example of MATLAB's nrPathLoss (5G Toolbox), which is with line of sight: 110.1615 dB."""
    around = Surroundings(building_height_m=7, street_width_m=25)
    distance = np.hypot(1000, 1000)
    assert loss_los_db(distance, 3.5, 30, around) == pytest.approx(110.1615, abs=5e-5)
    assert loss_nlos_db(distance, 3.5, 30, around) == pytest.approx(138.4848, abs=5e-5)


@pytest.mark.parametrize(
    ("distance", "los", "nlos"),
    [
        (10, 77.3784, 77.3784),
        (100, 87.2965, 95.7718),
        (1000, 108.5577, 133.5223),
        (5000, None, 160.5169),
        (10_000, 140.3896, None),
    ],
)
def test_another_implementation_at_5_ghz(distance: float, los: float | None, nlos: float | None) -> None:
    """Figures of ns-3's own test of its RMa model: base station 35 m, terminal 1.5 m, tolerance 0.05 dB."""
    if los is not None:
        assert loss_los_db(distance, 5.0, 35) == pytest.approx(los, abs=0.05)
    if nlos is not None:
        assert loss_nlos_db(distance, 5.0, 35) == pytest.approx(nlos, abs=0.05)


@pytest.mark.parametrize(("distance", "los", "nlos"), [(100, 70, 79), (5000, 121, 143)])
def test_a_tall_cell_at_700_mhz(distance: float, los: float, nlos: float) -> None:
    assert round(float(loss_los_db(distance, 0.7, 35))) == los
    assert round(float(loss_nlos_db(distance, 0.7, 35))) == nlos


def test_700_mhz_lies_below_5_ghz_by_the_frequency_term_alone_without_sight() -> None:
    assert loss_nlos_db(5000, 0.7, 35) == pytest.approx(160.5169 - 20 * np.log10(5 / 0.7), abs=0.05)


@pytest.mark.parametrize(("distance", "share"), [(0, 1), (10, 1), (1010, np.exp(-1)), (5010, np.exp(-5))])
def test_probability_of_line_of_sight(distance: float, share: float) -> None:
    assert line_of_sight_share(distance) == pytest.approx(share)


def test_mixed_lies_between_and_comes_near_no_sight_far_out() -> None:
    metres = np.linspace(10, 5000, 200)
    los, nlos, mixed = (LOSS[sight](metres, 1.8, 35) for sight in Sight)
    assert (los <= mixed + 1e-9).all()
    assert (mixed <= nlos + 1e-9).all()
    assert nlos[-1] - mixed[-1] < 0.5


@settings(deadline=None)
@given(st.floats(0.5, 7), st.floats(10, 150), st.sampled_from(list(Sight)))
def test_loss_grows_with_distance(ghz: float, antenna: float, sight: Sight) -> None:
    metres = np.linspace(10, 10_000 if sight is Sight.LOS else 5000, 400)
    assert (np.diff(LOSS[sight](metres, ghz, antenna)) > 0).all()


@pytest.mark.parametrize(("reliability", "margin"), [(0.75, 5.4), (0.90, 10.3), (0.95, 13.2)])
def test_edge_margins(reliability: float, margin: float) -> None:
    assert ModelRules(reliability=reliability).margin_db == pytest.approx(margin, abs=0.06)


def test_the_budget_of_4g_by_hand() -> None:
    budget = BUDGETS[Technology.G4]
    assert budget.eirp_dbm == 46 + 17 - 3
    assert budget.eirp_dbm - budget.reference_db == pytest.approx(29.2, abs=0.05)
    assert budget.threshold_dbm == -105


@settings(deadline=None)
@given(st.floats(60, 170), st.floats(500, 7000), st.floats(10, 150), st.sampled_from(list(Sight)))
def test_a_radius_solves_the_loss(allowed: float, mhz: float, antenna: float, sight: Sight) -> None:
    (radius,), (clipped,) = cell_radius_m(allowed, mhz, antenna, sight=sight)
    loss = LOSS[sight]
    if clipped:
        assert radius == (10_000 if sight is Sight.LOS else 5000)
        assert loss(radius, mhz / 1000, antenna) <= allowed
    elif radius == 0:
        assert loss(10, mhz / 1000, antenna) > allowed
    else:
        assert loss(radius - 1e-3, mhz / 1000, antenna) <= allowed
        assert loss(radius + 1e-3, mhz / 1000, antenna) >= allowed


def test_without_sight_the_radius_has_a_closed_form() -> None:
    allowed, ghz, high = 124.0, 1.8, 35.0
    at_1_km = float(loss_nlos_db(np.sqrt(1e6 - 33.5**2), ghz, high))
    direct = 1000 * 10 ** ((allowed - at_1_km) / (43.42 - 3.1 * np.log10(high)))
    (radius,), _ = cell_radius_m(allowed, ghz * 1000, high, sight=Sight.NLOS)
    assert radius == pytest.approx(np.sqrt(direct**2 - 33.5**2), abs=1e-3)


@pytest.mark.parametrize(
    ("mhz", "antenna"), [(450, 35), (26_000, 35), (1800, 9), (1800, 151), (np.nan, 35), (1800, np.nan)]
)
def test_no_radius_where_the_model_does_not_hold(mhz: float, antenna: float) -> None:
    (radius, good), (clipped, _) = cell_radius_m(120, [mhz, 1800], [antenna, 35])
    assert np.isnan(radius)
    assert not clipped
    assert good > 0


def test_more_reliability_a_higher_band_or_a_lower_antenna_reach_less_far() -> None:
    def radius(margin: float = 10, mhz: float = 1800, antenna: float = 35) -> float:
        return float(cell_radius_m(134 - margin, mhz, antenna)[0][0])

    assert radius(margin=13) < radius() < radius(margin=5)
    assert radius(mhz=2600) < radius() < radius(mhz=700)
    assert radius(antenna=20) < radius() < radius(antenna=50)


@pytest.mark.parametrize(
    ("operator", "technology", "mhz"),
    [
        ("Viettel", "5G", 2550), ("VNPT VinaPhone", "5G", 3750), ("MobiFone", "5G", 3850), ("Orange", "5G", 3750),
        ("Viettel", "4G", 1842.5), ("MobiFone", "2G", 947.5), ("VNPT", "3G", 2140),
    ],
)  # fmt: skip
def test_default_bands(operator: str, technology: str, mhz: float) -> None:
    assert default_frequency_mhz(technology, operator, ModelRules()) == mhz


@pytest.mark.parametrize("reliability", [0, 0.49, 1, 1.2, np.nan])
def test_a_reliability_that_is_none(reliability: float) -> None:
    with pytest.raises(RulesError, match=r"wanted 0\.5 to below 1"):
        ModelRules(reliability=reliability)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"building_height_m": 4}, "building_height_m is 4, wanted 5 to 50"),
        ({"street_width_m": 60}, "street_width_m is 60, wanted 5 to 50"),
        ({"terminal_height_m": 0.5, "street_width_m": 1}, "street_width_m is 1.*terminal_height_m is 0.5"),
    ],
)
def test_surroundings_outside_the_model(given: dict[str, float], match: str) -> None:
    with pytest.raises(RulesError, match=match):
        Surroundings(**given)


def test_an_unknown_technology_has_no_budget() -> None:
    with pytest.raises(InputError, match="no link budget for technology '6G'; wanted one of 2G, 3G, 4G, 5G"):
        budget_of("6G", ModelRules())

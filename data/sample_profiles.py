"""What was invented about each unit: how well it is served, how much it is tested, whether it falls behind.

None of it is measured. The remote forest and border communes are served worse, as they are in most countries.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Service:
    """One class of service; shares 0-1, speeds in Mbps at the newest quarter, growth per year of log speed."""

    people_per_km2: float
    km2_per_hamlet: float
    unserved_share: float
    vinaphone: float
    mobifone: float
    vietnamobile: float
    share_5g: float
    mobile_mbps: float
    fixed_mbps: float
    growth_per_year: float


URBAN: Final = Service(700.0, 7.0, 0.00, 1.00, 1.00, 1.00, 0.75, 96.0, 165.0, 0.16)
GOOD: Final = Service(330.0, 8.0, 0.00, 0.95, 0.90, 0.60, 0.40, 70.0, 135.0, 0.13)
FAIR: Final = Service(140.0, 9.0, 0.00, 0.85, 0.70, 0.25, 0.04, 55.0, 112.0, 0.09)
WEAK: Final = Service(75.0, 16.0, 0.04, 0.60, 0.40, 0.05, 0.00, 31.0, 80.0, 0.05)
REMOTE: Final = Service(40.0, 24.0, 0.12, 0.40, 0.20, 0.00, 0.00, 17.0, 52.0, 0.02)


@dataclass(frozen=True)
class Profile:
    """A unit's service, its testing (`normal`, `few`: under 10 devices a year, `hardly`: under 3) and its own twists."""

    service: Service
    testing: str = "normal"
    mobile_mbps: float | None = None
    growth_per_year: float | None = None


PROFILES: Final[dict[str, Profile]] = {
    "25195": Profile(URBAN), "25210": Profile(URBAN), "25217": Profile(URBAN), "25326": Profile(URBAN),
    "25432": Profile(URBAN), "25441": Profile(GOOD), "25220": Profile(GOOD), "25333": Profile(GOOD),
    "25270": Profile(GOOD), "25357": Profile(GOOD), "25363": Profile(GOOD), "25450": Profile(FAIR),
    "25387": Profile(FAIR), "25252": Profile(FAIR), "25345": Profile(FAIR, growth_per_year=-0.12), "25308": Profile(FAIR),
    "25279": Profile(FAIR), "25417": Profile(FAIR), "25231": Profile(FAIR), "25267": Profile(FAIR),
    "25390": Profile(FAIR, mobile_mbps=33.0, growth_per_year=-0.08),
    "25292": Profile(FAIR, testing="few", mobile_mbps=44.0), "25351": Profile(FAIR, testing="few", mobile_mbps=46.0),
    "25246": Profile(FAIR, testing="few", mobile_mbps=43.0), "25255": Profile(FAIR, testing="few", mobile_mbps=42.0),
    "25303": Profile(FAIR, testing="few", mobile_mbps=47.0),
    "25261": Profile(FAIR, testing="hardly"), "25280": Profile(FAIR, testing="hardly", mobile_mbps=30.0),
    "25396": Profile(WEAK, growth_per_year=-0.10), "25405": Profile(WEAK), "25378": Profile(WEAK),
    "25294": Profile(WEAK), "25349": Profile(WEAK, mobile_mbps=45.0, growth_per_year=-0.06),
    "25318": Profile(WEAK, mobile_mbps=48.0), "25420": Profile(WEAK),
    "25222": Profile(REMOTE), "25225": Profile(REMOTE), "25309": Profile(REMOTE), "25402": Profile(REMOTE),
    "25399": Profile(REMOTE, growth_per_year=-0.05),
}  # fmt: skip
"""By code of vintage 2026-04."""

OTHER_OPERATORS: Final = ("VinaPhone", "MobiFone", "Vietnamobile")
OPERATORS: Final = ("Viettel", *OTHER_OPERATORS)
TOTAL_PEOPLE: Final = 1_100_000.0


def operator_share(service: Service, operator: str) -> float:
    """Share of served settlements where the operator has a site; Viettel has one in every one of them."""
    return float(getattr(service, operator.lower())) if operator in OTHER_OPERATORS else 1.0

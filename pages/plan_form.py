"""The parameters of a suggestion: what is asked, from which sites, and what is still to be filled in."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from geo.demand import Need
from geo.rollout_desk import Desk
from geo.schema import PlaceClass, Technology
from geo.suggest import FILE, GRID, Ask
from layers.plan_text import places_text, reach_text
from layers.strings import Language, text
from pages import plan_files, plan_job
from pages.choices import choose

TIME_LIMIT_S: Final = 30
MOST_SITES: Final = 200
GRID_M: Final = 1000.0
WIDTHS: Final = (0.7, 1.0, 1.0, 1.2, 1.3, 1.1, 1.0, 1.0, 0.7)
BUDGET_WIDTHS: Final = (0.65, 0.95, 0.9, 1.05, 1.1, 1.25, 1.05, 1.15, 0.95, 0.65)
"""Of the row of settings; by a budget, the cost of a site stands beside it."""
NUMBERS: Final[dict[str, tuple[Any, Any, Any]]] = {
    "sites": (1, MOST_SITES, 1), "budget": (0.0, None, None), "cost": (0.0, None, None), "radius": (100, 50_000, 100),
    "grid": (100, 20_000, 100), "time": (1, 300, 1),
}  # fmt: skip
"""Boxes for numbers: the least, the largest and the step; of money there is neither a largest nor a step."""
DEFAULTS: Final[dict[str, Any]] = {
    "technology": "4G", "limit": "sites", "sites": 5, "budget": None, "cost": None, "reach": "radius", "radius": 3000,
    "candidates": GRID, "grid": 1000, "need": str(Need.PEOPLE), "time": TIME_LIMIT_S,
}  # fmt: skip
"""As the form opens; what differs from it is in the address."""


def value_in(name: str, given: str | None) -> Any:
    """What an address says of a field; its default where it says nothing that the field could hold."""
    if name not in NUMBERS:
        return given if given in [str(one) for one in Technology] else DEFAULTS[name]
    low, high, _ = NUMBERS[name]
    try:
        value = type(low)(given or "")
    except ValueError:
        return DEFAULTS[name]
    fits = low <= value < math.inf and (high is None or value <= high)
    return value if fits else DEFAULTS[name]


def plan_link() -> dict[str, str]:
    """The fields that are not as the form opens, for the address; of the two limits the one that counts."""
    idle = "budget" if st.session_state.get("plan_limit") == "sites" else "sites"
    held = {name: st.session_state.get(f"plan_{name}") for name in DEFAULTS if name != idle}
    return {
        f"plan_{name}": f"{value:.15g}" if isinstance(value, float) else str(value)
        for name, value in held.items()
        if value is not None and value != DEFAULTS[name]
    }


def show_form(desk: Desk, basis: str, language: Language) -> Ask:
    """The parameters, and the button that begins."""
    for name in ("technology", *NUMBERS):
        key = f"plan_{name}"
        # assigned anew at every run: of the two limits one is not drawn, and would come back empty
        st.session_state[key] = st.session_state.get(key, value_in(name, st.query_params.get(key)))
    files = plan_files.given_files(basis)
    # what a budget needs stands in the row; the choice is read before its box, which is drawn below
    by_sites = st.session_state.get("plan_limit", st.query_params.get("plan_limit")) != "budget"
    row = st.columns(WIDTHS if by_sites else BUDGET_WIDTHS, vertical_alignment="bottom")
    # without a budget the cost is one of the other settings
    places = row if by_sites else [*row[:3], *row[4:]]
    with places[6], st.popover(text("plan_more", language), width="stretch"):
        cost = _number("cost", language) if by_sites else None
        radius_m = _number("radius", language)
        grid = _number("grid", language)
        seconds = _number("time", language)
    with places[7], st.popover(text("plan_files", language), width="stretch"):
        plan_files.show_files(desk, basis, language)
    with places[0]:
        technology = Technology(_choose("technology", [str(one) for one in Technology], language, str))
    with places[1]:
        _choose("limit", ["sites", "budget"], language)
    with places[2]:
        sites = _number("sites", language) if by_sites else None
        budget = None if by_sites else _number("budget", language)
    if not by_sites:
        with row[3]:
            cost = _number("cost", language)
    with places[3]:
        reach = partial(_reach_words, radius_m, language)
        modelled = _choose("reach", ["radius", "model"], language, reach) == "model"
    with places[4]:
        words = partial(places_text, grid_m=float(grid or GRID_M), language=language)
        candidates = _choose("candidates", candidates_of(desk), language, words)
    with places[5]:
        need = Need(_choose("need", [str(one) for one in Need], language))
    ask = Ask(
        technology=technology,
        operator="",
        sites=None if sites is None else int(sites),
        budget=budget,
        site_cost=cost,
        radius_m=None if modelled or radius_m is None else float(radius_m),
        candidates=candidates,
        grid_m=float(grid or GRID_M),
        need=need,
        time_limit_seconds=float(seconds or TIME_LIMIT_S),
        candidates_file=files["candidates"].source if candidates == FILE and "candidates" in files else "",
        keep_file=files["keep"].source if "keep" in files else "",
    )
    lacking = lacking_of(ask, files, modelled=modelled, by_sites=by_sites)
    places[8].button(
        text("plan_run", language), key="plan_run", type="primary", disabled=bool(lacking), width="stretch",
        on_click=partial(plan_job.start, desk, basis, ask, plan_files.lists_of(files)),
    )  # fmt: skip
    if lacking:
        st.caption(text(lacking, language))
    plan_files.show_used_files(files, language)
    return ask


def lacking_of(ask: Ask, files: dict[str, plan_files.SiteFile], *, modelled: bool, by_sites: bool) -> str:
    """The sentence for what is still to be filled in; empty where nothing is."""
    from_file = files.get("candidates") if ask.candidates == FILE else None
    if ask.candidates == FILE and from_file is None:
        return "plan_lacking_file"
    if not modelled and ask.radius_m is None:
        return "plan_lacking_radius"
    priced = from_file is not None and bool(from_file.sites["cost"].notna().all())
    if not by_sites and (ask.budget is None or (ask.site_cost is None and not priced)):
        return "plan_lacking"
    return ""


def _reach_words(radius_m: int | None, language: Language, reach: str) -> str:
    if reach == "model" or radius_m is None:
        return text(f"plan_reach_{reach}", language)
    return reach_text(float(radius_m), language)


def _choose(
    name: str, options: list[str], language: Language, words: Callable[[str], str] | None = None
) -> str:
    label = text(f"plan_{name}", language)
    return choose(f"plan_{name}", label, options, words or (lambda one: text(f"plan_{name}_{one}", language)))


def _number(name: str, language: Language) -> Any:
    """A box for a number; one of money without the two decimals that would be written the English way."""
    low, high, step = NUMBERS[name]
    shown = "%g" if isinstance(low, float) else None
    return st.number_input(
        text(f"plan_{name}", language), low, high, key=f"plan_{name}", step=step, format=shown,
        help=text("plan_money_help", language) if shown else None,
    )  # fmt: skip


def candidates_of(desk: Desk) -> list[str]:
    """The grid, the classes of places that there are (offices always, since a point in each unit stands in), a file."""
    known = set() if desk.built.places is None else set(desk.built.places["class"].astype(str))
    return [GRID, *(str(one) for one in PlaceClass if str(one) in known or one is PlaceClass.OFFICE), FILE]

"""The parameters of a suggestion: what is asked, from which sites, and what is still to be filled in."""

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


def show_form(desk: Desk, basis: str, language: Language) -> Ask:
    """The parameters, and the button that begins."""
    for key, value in (
        ("plan_sites", 5), ("plan_budget", None), ("plan_cost", None), ("plan_radius", 3000), ("plan_grid", 1000),
        ("plan_time", TIME_LIMIT_S), ("plan_technology", "4G"),
    ):  # fmt: skip
        # assigned anew at every run: of the two limits one is not drawn, and would come back empty
        st.session_state[key] = st.session_state.get(key, value)
    files = plan_files.given_files(basis)
    # what a budget needs stands in the row; the choice is read before its box, which is drawn below
    by_sites = st.session_state.get("plan_limit", "sites") != "budget"
    row = st.columns(WIDTHS if by_sites else BUDGET_WIDTHS, vertical_alignment="bottom")
    # without a budget the cost is one of the other settings
    places = row if by_sites else [*row[:3], *row[4:]]
    with places[6], st.popover(text("plan_more", language), width="stretch"):
        cost = _money("cost", language) if by_sites else None
        radius_m = _number("radius", language, 100, 50_000, 100)
        grid = _number("grid", language, 100, 20_000, 100)
        seconds = _number("time", language, 1, 300, 1)
    with places[7], st.popover(text("plan_files", language), width="stretch"):
        plan_files.show_files(desk, basis, language)
    with places[0]:
        technology = Technology(_choose("technology", [str(one) for one in Technology], language, str))
    with places[1]:
        _choose("limit", ["sites", "budget"], language)
    with places[2]:
        sites = _number("sites", language, 1, MOST_SITES, 1) if by_sites else None
        budget = None if by_sites else _money("budget", language)
    if not by_sites:
        with row[3]:
            cost = _money("cost", language)
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


def _number(name: str, language: Language, low: int, high: int, step: int) -> Any:
    return st.number_input(text(f"plan_{name}", language), low, high, key=f"plan_{name}", step=step)


def _money(name: str, language: Language) -> Any:
    """A box for an amount, without the two decimals that would be written the English way."""
    return st.number_input(
        text(f"plan_{name}", language), 0.0, key=f"plan_{name}", format="%g", help=text("plan_money_help", language),
    )  # fmt: skip


def candidates_of(desk: Desk) -> list[str]:
    """The grid, the classes of places that there are (offices always, since a point in each unit stands in), a file."""
    known = set() if desk.built.places is None else set(desk.built.places["class"].astype(str))
    return [GRID, *(str(one) for one in PlaceClass if str(one) in known or one is PlaceClass.OFFICE), FILE]

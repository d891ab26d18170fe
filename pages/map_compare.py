"""Two maps side by side: two indicators, two quarters or two lists of units, moving as one; both stand in the link (`compare=`)."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.bivariate import is_bivariate, square_html
from layers.compare_text import (
    Said,
    codes_agree,
    compared_html,
    hints_html,
    said_in_quarter,
    said_of,
    side_title,
    unit_name,
)
from layers.escape import escape
from layers.explore import FULL_OPACITY, explore_part
from layers.legend import legend_html
from layers.map_tools import tools_part
from layers.palette import Indicator, indicator_name
from layers.quarters import is_quarterly, quarter_now, quarter_word, quarters_of
from layers.strings import Language, text
from layers.units import chosen_part, unit_labels, units_group
from pages.choices import list_chosen, list_name, write_address
from pages.map_parts import figures_of
from pages.map_quarters import QUARTER, drawn_in, frame_of, map_indicators, quarter_title
from pages.register import page_of
from pages.shared import bounds_of, stamp_of, terms_html

COMPARE: Final = "compare"
NAMES: Final = ("a", "b")
MAP_HEIGHT_PX: Final = 420
_FAULT: Final = "compare_fault"
_SECOND: Final = ("mobile_download_mbps", "gap_score", "verdict")


@dataclass(frozen=True)
class Side:
    """What one of the maps shows; `quarter` is empty for an indicator without quarters."""

    units: UnitList
    indicator: Indicator
    quarter: str = ""

    @property
    def link(self) -> str:
        """As it stands in the address."""
        return ",".join(part for part in (self.units.id, self.indicator.column, self.quarter) if part)


Sides = tuple[Side, Side]


def is_comparing() -> bool:
    """Whether the map page shows two maps."""
    return bool(_links())


def _links() -> tuple[str, ...]:
    given = st.session_state.get(COMPARE)
    return tuple(st.query_params.get_all(COMPARE) if given is None else given)


def read_side(built: Built, link: str) -> Side | None:
    """One map of a link; None for a list or an indicator that there is not. A quarter that there is not is the newest."""
    list_id, column, quarter = (*link.split(","), "", "")[:3]
    units = built.lists.get(list_id)
    return None if units is None else _side(built, units, column, quarter)


def _side(built: Built, units: UnitList, column: str, quarter: str) -> Side | None:
    indicator = next((one for one in map_indicators(built, units) if one.column == column), None)
    if indicator is None:
        return None
    shown = quarter_now(quarter, quarters_of(units.speed, indicator)) if is_quarterly(indicator) else ""
    return Side(units, indicator, shown)


def sides_now(built: Built) -> Sides:
    """Both maps as chosen last, else as the address says; the usual pair where it cannot be read."""
    read = [read_side(built, link) for link in _links()]
    if len(read) == 2 and read[0] and read[1]:
        return read[0], read[1]
    st.session_state[_FAULT] = True
    return two_indicators(built, first_side(built))


def set_sides(sides: Sides) -> None:
    """Both maps from now on."""
    st.session_state[COMPARE] = [side.link for side in sides]


def first_side(built: Built) -> Side:
    """What the map page shows, as one of two maps."""
    units = list_chosen(built)
    column = str(st.session_state.get("indicator", st.query_params.get("indicator")))
    quarter = str(st.session_state.get(QUARTER, st.query_params.get(QUARTER)))
    found = _side(built, units, column, quarter)
    return found or Side(units, map_indicators(built, units)[0])


def two_indicators(built: Built, first: Side) -> Sides:
    """The first map's list in two indicators."""
    offered = {one.column: one for one in map_indicators(built, first.units)}
    other = next((name for name in _SECOND if name in offered and name != first.indicator.column), None)
    second = offered[other] if other else first.indicator
    return first, Side(first.units, second)


def two_quarters(built: Built, first: Side) -> Sides | None:
    """The first map's list in its oldest and its newest quarter; None without quarters."""
    quarterly = [one for one in map_indicators(built, first.units) if is_quarterly(one)]
    if not quarterly:
        return None
    indicator = first.indicator if first.indicator in quarterly else quarterly[0]
    quarters = quarters_of(first.units.speed, indicator)
    return Side(first.units, indicator, quarters[0]), Side(first.units, indicator, quarters[-1])


def two_lists(built: Built, first: Side) -> Sides | None:
    """The first map's indicator in two lists, the older one first, of the same level where there are two; None with one list."""
    others = [one for one in built.lists.values() if one.id != first.units.id]
    others.sort(key=lambda one: (one.level != first.units.level, one.vintage == first.units.vintage))
    for other in others:
        second = _side(built, other, first.indicator.column, first.quarter)
        if second is not None:
            older = sorted((first, second), key=lambda side: (side.units.vintage, side.units.id))
            return older[0], older[1]
    return None


def show_compare_button(built: Built, language: Language) -> None:
    """The way from one map to two."""
    st.button(
        text("compare", language), icon=":material/splitscreen_vertical_add:", key="compare_open", width="content",
        help=text("compare_help", language), on_click=_open, args=(built,),
    )  # fmt: skip


def _open(built: Built) -> None:
    set_sides(two_indicators(built, first_side(built)))


def _close(built: Built) -> None:
    """Back to one map: the first of the two."""
    first = sides_now(built)[0]
    chosen = {"list": first.units.id, "indicator": first.indicator.column, QUARTER: first.quarter or None}
    st.session_state.update({**chosen, COMPARE: []})


@st.fragment
def show_compare(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole of it; a choice of one side runs this alone."""
    if not is_comparing():
        st.rerun()
    _keep_choices()
    sides = sides_now(built)
    set_sides(sides)
    st.html(f'<h2 class="vl-compare-title">{escape(text("compare_title", language))}</h2>')
    _show_shortcuts(built, sides, language)
    st.html(hints_html(hints_of(sides, language)))
    columns = st.columns(2, gap="medium")
    for column, name, side in zip(columns, NAMES, sides, strict=True):
        with column:
            _show_choices(built, name, side, language)
            _show_map(workspace, built, assets, name, sides, language)
    _show_unit(built, sides, language)
    if said := terms_html(built, language):
        st.html(said)
    _remember(built, sides, language)


def _keep_choices() -> None:
    """Choices of the page with one map stay for when it comes back: a widget that is not drawn is forgotten."""
    for key in page_of("map").linked:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def hints_of(sides: Sides, language: Language) -> list[str]:
    """What must be known of the pair."""
    one, two = sides
    lines = [text("compare_fault", language)] if st.session_state.pop(_FAULT, False) else []
    lines.append(text("compare_hint", language))
    if one == two or one.link == two.link:
        lines.append(text("compare_same", language))
    if one.units.level != two.units.level:
        lines.append(text("compare_levels", language))
    elif not _agree(one.units, two.units):
        lines.append(text("compare_codes", language))
    return lines


def _agree(one: UnitList, two: UnitList) -> bool:
    return codes_agree((one.vintage, one.level), (two.vintage, two.level))


def _show_shortcuts(built: Built, sides: Sides, language: Language) -> None:
    first = sides[0]
    pairs: tuple[tuple[str, Sides | None], ...] = (
        ("compare_indicators", two_indicators(built, first)),
        ("compare_quarters", two_quarters(built, first)),
        ("compare_lists", two_lists(built, first)),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="compare_shortcuts"):
        for key, pair in pairs:
            if pair is not None:
                st.button(text(key, language), key=key, on_click=set_sides, args=(pair,), width="content")
        st.space("stretch")
        st.button(
            text("compare_close", language), icon=":material/close_fullscreen:", key="compare_close", width="content",
            on_click=_close, args=(built,),
        )  # fmt: skip


def _show_choices(built: Built, name: str, side: Side, language: Language) -> None:
    """What one of the maps shows, to be chosen."""
    label = text(f"compare_{name}", language)
    indicators = {one.column: one for one in map_indicators(built, side.units)}
    quarters = quarters_of(side.units.speed, side.indicator) if side.quarter else ()
    st.html(f'<h3 class="vl-compare-side">{escape(label)}</h3>')
    _choose(
        built, name, "list", side.units.id, list(built.lists), text("compare_list_of", language, side=label),
        lambda one: list_name(built.lists[one], language),
    )  # fmt: skip
    left, right = st.columns([2, 1]) if quarters else (st.container(), None)
    with left:
        _choose(
            built, name, "indicator", side.indicator.column, list(indicators),
            text("compare_indicator_of", language, side=label), lambda one: indicator_name(indicators[one], language),
        )  # fmt: skip
    if right is not None:
        with right:
            _choose(
                built, name, "quarter", side.quarter, list(quarters), text("compare_quarter_of", language, side=label),
                lambda one: quarter_word(one, language),
            )  # fmt: skip


def _choose(
    built: Built, name: str, part: str, now: str, options: Sequence[str], label: str, words: Callable[[str], str]
) -> None:  # fmt: skip
    key = f"compare_{name}_{part}"
    # assigned anew at every run: what the browser keeps is the word shown, which another language does not know
    st.session_state[key] = now
    st.selectbox(label, options, format_func=words, key=key, on_change=partial(_take, built, name, part))


def _take(built: Built, name: str, part: str) -> None:
    """One choice of one map; what does not fit it any more goes to the first there is."""
    sides = dict(zip(NAMES, sides_now(built), strict=True))
    side, value = sides[name], str(st.session_state[f"compare_{name}_{part}"])
    if part == "list":
        units = built.lists[value]
        indicator = side.indicator
        found = _side(built, units, indicator.column, side.quarter) or Side(
            units, map_indicators(built, units)[0]
        )
    elif part == "indicator":
        found = _side(built, side.units, value, side.quarter) or side
    else:
        found = replace(side, quarter=value)
    sides[name] = found
    set_sides((sides["a"], sides["b"]))


def _show_map(
    workspace: Workspace, built: Built, assets: MapAssets, name: str, sides: Sides, language: Language
) -> None:
    """One of the maps and its legend."""
    side = sides[NAMES.index(name)]
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # both bases are of the first list of units, so that both open at the same place and another list makes no other map
    bounds = bounds_of(built.primary)
    drawn = drawn_in(built, side.units, side.indicator, side.quarter, language)
    title = quarter_title(side.indicator, side.quarter, language)
    key = base_map_key(bounds, basemap, page=f"compare {name}")
    st_folium(
        BaseMap(assets, bounds, basemap),
        key=key,
        height=MAP_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=units_group(_message(built, name, side, title, language), drawn.literal),
        on_change=partial(_take_click, key, side.units.id),
    )
    if is_bivariate(side.indicator):
        st.html(square_html(title, side.indicator, drawn.classes, language, places=""))
    else:
        st.html(legend_html(title, drawn.classes, (), (), language, thin=drawn.thin))


def _message(built: Built, name: str, side: Side, title: str, language: Language) -> dict[str, Any]:
    placed = {}
    if name == NAMES[0]:
        # one of the two is enough to keep in the address where both stand
        placed = explore_part(dimmed=(), limits=None, bound=None, opacity=FULL_OPACITY, focus=None)
    return {
        **chosen_part(_unit_on(built, side.units), (), ()),
        **placed,
        **tools_part(title, side.indicator, language),
        "side": name,
        "quarter": side.quarter,
        "play": False,
    }


def _unit_now(built: Built) -> tuple[UnitList, str] | None:
    """The unit looked at and its list: a code without its list may be two units."""
    units = list_chosen(built)
    code = st.session_state.get("unit", st.query_params.get("unit"))
    return (units, str(code)) if (units.result["unit_code"].astype(str) == str(code)).any() else None


def _unit_on(built: Built, units: UnitList) -> str | None:
    """Code of the unit looked at where the list has it for sure."""
    found = _unit_now(built)
    if found is None or not (units.id == found[0].id or _agree(units, found[0])):
        return None
    return found[1] if (units.result["unit_code"].astype(str) == found[1]).any() else None


def _take_click(key: str, list_id: str) -> None:
    """A click on one of the maps becomes the unit looked at, before both are drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing and "code" in drawing["properties"]:
        st.session_state.update({"list": list_id, "unit": drawing["properties"]["code"]})


def _show_unit(built: Built, sides: Sides, language: Language) -> None:
    """What both maps say of the unit looked at; the box reaches every unit without a mouse."""
    options = _unit_options(sides)
    found = _unit_now(built)
    key = "compare_unit"
    now = f"{found[0].id} {found[1]}" if found else ""
    # a unit of the other of two lists that agree is the same unit
    wanted = (
        now
        if now in options
        else next((one for one in options if found and _is_same(built, one, found)), None)
    )
    st.session_state[key] = wanted
    st.selectbox(
        text("compare_unit", language), list(options), key=key, format_func=options.__getitem__,
        placeholder=text("unit_placeholder", language), on_change=_take_unit,
    )  # fmt: skip
    if found is None or wanted is None:
        return
    said = [_said(built, name, side, language) for name, side in zip(NAMES, sides, strict=True)]
    st.html(compared_html(unit_name(found[0].result, found[1]), said, language))


def _unit_options(sides: Sides) -> dict[str, str]:
    """Every unit of both maps, those of the second only where they are others: `list code` → words."""
    one, two = sides
    shown = [("", one)] if _agree(one.units, two.units) else [("A: ", one), ("B: ", two)]
    found = {}
    for mark, side in shown:
        codes = side.units.result["unit_code"].astype(str)
        for code, label in zip(codes, unit_labels(side.units.result), strict=True):
            found[f"{side.units.id} {code}"] = f"{mark}{label} ({code})"
    return found


def _is_same(built: Built, option: str, found: tuple[UnitList, str]) -> bool:
    list_id, code = option.split(" ", 1)
    return code == found[1] and _agree(built.lists[list_id], found[0])


def _take_unit() -> None:
    chosen = st.session_state["compare_unit"]
    if chosen is None:
        st.session_state["unit"] = None
        return
    list_id, code = chosen.split(" ", 1)
    st.session_state.update({"list": list_id, "unit": code})


def _said(built: Built, name: str, side: Side, language: Language) -> Said:
    code, stamp = _unit_on(built, side.units), stamp_of(built)
    title = side_title(name, indicator_name(side.indicator, language), side.quarter, language)
    if code is None:
        return Said(name, title, "", "")
    if side.quarter:
        frame = frame_of(side.units, stamp, side.units.id, side.indicator)
        codes = side.units.result["unit_code"].astype(str).tolist()
        return Said(name, title, *said_in_quarter(frame, codes, code, side.quarter, language))
    figures = figures_of(side.units, stamp, side.units.id)
    return Said(name, title, *said_of(figures, code, side.indicator, language))


def _remember(built: Built, sides: Sides, language: Language) -> None:
    """Write the pair into the address."""
    found = _unit_now(built)
    units = list_chosen(built)
    view: dict[str, Any] = {
        "lang": language if language != "vi" else None,
        "list": units.id if units.id != built.primary.id else None,
        "unit": found[1] if found else None,
        COMPARE: [side.link for side in sides],
    }
    write_address(view)

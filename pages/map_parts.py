"""Parts of the map page as text and plain data, made once for all visitors; never a Folium object, which changes when drawn.

A key names the results, the list of units and the words that went in; frames stand beside it unhashed.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import streamlit as st

from geo.results import Built, UnitList
from layers.assets import app_static_folder
from layers.bivariate import with_people
from layers.evidence import thin_units
from layers.explore import limits_message
from layers.legend import LegendClass, legend_classes
from layers.overlays import PlaceMarks, place_marks
from layers.overview import Overview, overview
from layers.own import own_names, with_own
from layers.palette import Indicator
from layers.panel_html import overview_html
from layers.strings import Language
from layers.units import UnitsView, units_literal
from pages.own import own_html
from pages.shared import bounds_of, publish_list


@dataclass(frozen=True)
class UnitsDrawn:
    """One indicator of one list: the table for the map's script, the classes of the legend, how many units are thin."""

    literal: str
    classes: tuple[LegendClass, ...]
    thin: int


@st.cache_resource(max_entries=64, show_spinner=False)
def units_drawn(
    _units: UnitList, stamp: str, list_id: str, indicator: Indicator, language: Language
) -> UnitsDrawn:
    """The units in the classes of an indicator, with nothing that one visitor alone chose."""
    result = figures_of(_units, stamp, list_id)
    thin = thin_units(result, _units.goals, indicator)
    view = UnitsView(publish_list(_units, stamp, list_id), bounds_of(_units), indicator, language, thin=thin)
    return UnitsDrawn(units_literal(result, view), legend_classes(indicator, result, language), len(thin))


@st.cache_resource(max_entries=8, show_spinner=False)
def figures_of(_units: UnitList, stamp: str, list_id: str) -> gpd.GeoDataFrame:  # noqa: ARG001  # told apart by them
    """The result table with every column that can be coloured: own indicators, and two things in one colour."""
    return with_people(with_own(_units.result, _units.indicators))


@st.cache_resource(max_entries=16, show_spinner=False)
def overview_of(_units: UnitList, stamp: str, list_id: str) -> Overview:  # noqa: ARG001
    """What is said of a whole list of units."""
    return overview(_units.result, _units.goals)


@st.cache_resource(max_entries=32, show_spinner=False)
def opening_html(_units: UnitList, stamp: str, list_id: str, language: Language) -> str:
    """The panel while no unit is looked at."""
    found = overview_of(_units, stamp, list_id)
    return overview_html(found, language, own_names(_units.indicators)) + own_html(_units, language)


@st.cache_resource(max_entries=32, show_spinner=False)
def publish_places(
    _built: Built,
    stamp: str,  # noqa: ARG001
    classes: tuple[str, ...],
    language: Language,
) -> tuple[PlaceMarks, ...]:
    """Places of some classes, made once."""
    if _built.places is None:
        return ()
    return place_marks(_built.places, classes, app_static_folder(), language)


@st.cache_resource(max_entries=64, show_spinner=False)
def limits_of(
    _units: UnitList,
    stamp: str,
    list_id: str,
    indicator: Indicator,
    inside: tuple[bool, ...],
    language: Language,
) -> dict[str, Any] | None:
    """The slider of thresholds for one indicator among the units that a filter keeps; None where it has none."""
    return limits_message(figures_of(_units, stamp, list_id), inside, indicator, language)

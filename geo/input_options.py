"""What the options of an input say, checked: they come from the command line, from a page, or from a `workspace.toml` of elsewhere."""

from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from geo.errors import InputError, WorkspaceError
from geo.mends import Mends, parse_mends
from geo.schema import EVERY_OPERATOR, Level, Network, Vintage
from geo.sources import ookla
from geo.units import clean_text, text_fault

Choice = TypeVar("Choice", bound=StrEnum)
_WIDEST_CODE: Final = 20


def option_of(options: dict[str, Any], name: str, allowed: type[Choice], what: str) -> Choice:
    """The option as one of the choices allowed; raises `WorkspaceError` where it is missing or another text."""
    try:
        return allowed(str(options[name]))
    except KeyError as fault:
        raise WorkspaceError(f"{what}: option {name} is missing; add the input again") from fault
    except ValueError as fault:
        wanted = ", ".join(str(choice) for choice in allowed)
        raise WorkspaceError(f"{what}: {name} is {options[name]!r}; wanted one of {wanted}") from fault


def list_id(options: dict[str, Any], what: str) -> str:
    """`2026-04-commune`: the identity of the list of units that a boundaries input belongs to."""
    return f"{option_of(options, 'vintage', Vintage, what)}-{option_of(options, 'level', Level, what)}"


def code_width_of(options: dict[str, Any], what: str) -> int:
    """How many digits a code has, 0 where it was not said; raises `WorkspaceError` for what is no such number."""
    width = options.get("code_width", 0)
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= _WIDEST_CODE:
        raise WorkspaceError(
            f"{what}: code_width is {width!r}; wanted how many digits a code has, 1 to {_WIDEST_CODE}"
        )
    return width


def mends_of(options: dict[str, Any], what: str) -> Mends:
    """The mends that were asked for when the input was added."""
    return parse_mends(options.get("mend"), source=what)


def quarter_and_network(what: str, full_path: str, options: dict[str, Any]) -> tuple[str, Network]:
    """Quarter and network of a tile file from its path and the options; raises where they are missing or differ."""
    stated = ookla.quarter_of(full_path)
    quarter = options.get("quarter") or stated
    if not quarter or not ookla.QUARTER.match(str(quarter)):
        raise InputError(
            f"{what}: which quarter is it? Neither its path nor --quarter says it; wanted for example --quarter 2022Q3"
        )
    if stated and stated != quarter:
        raise InputError(
            f"{what}: its path says quarter {stated}, but {quarter} was given; correct one of them"
        )
    network = option_of(options, "network", Network, what)
    named = ookla.network_of(full_path)
    if named and named != network:
        raise InputError(
            f"{what}: its path says network {named}, but {network} was given; correct one of them"
        )
    return str(quarter), network


def operator_of(options: dict[str, Any], what: str) -> str:
    """The operator that was said, empty where none was; raises `InputError` for one that is no name or that means all."""
    operator = clean_text(options.get("operator", "")) or ""
    fault = text_fault(operator) or (
        "which stands for all operators together" if operator == EVERY_OPERATOR else ""
    )
    if fault:
        raise InputError(f"{what}: --operator is {operator!r:.60}, {fault}; wanted the operator's name")
    return operator


def held_on(options: dict[str, Any], what: str, *, needed: bool) -> str:
    """The day that a file holds for, empty where none was said and none is needed; raises `InputError` for what is no day."""
    text = str(options.get("as_of", ""))
    if (text or needed) and not _is_day(text):
        raise InputError(f"{what}: the date is {text!r}; wanted the day it holds for, as --as-of 2026-09-30")
    return text


def _is_day(text: str) -> bool:
    """Whether the text is a day as 2026-09-30, the one way of writing it that also sorts by time."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

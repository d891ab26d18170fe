"""Own indicators: any table of units that the province brings, one figure per unit, kept beside the project's own.

Reading and checking; `geo.indicator_places` puts the figures to the units of a list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo import confined
from geo.convert_rows import ConversionRequest, Decimal, given_units, parse_number
from geo.errors import InputError, WorkspaceError
from geo.goals import INDICATOR_ID
from geo.inputs import NamedFile, files_of
from geo.intervals import BORDER, YES_OR_NO
from geo.mends import parse_mends
from geo.names import plain_key
from geo.quality import Finding
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage
from geo.table_xlsx import naming_sheet
from geo.tidy_table import tidy_table
from geo.vintage_guard import require_right_vintage
from geo.workspace import Workspace

_CODE_NAMES: Final = ("unit code", "code", "ma xa", "ma don vi", "ma dvhc", "ma")
_NAME_NAMES: Final = ("name", "full name", "ten xa", "ten don vi", "ten")
"""`plain_key`s of column names: `Mã xã`, `ma_xa` and `MA XA` are one. Not `don vi`, which may be the unit of a figure."""


class Better(StrEnum):
    """Which way an indicator is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Key(StrEnum):
    """What a table knows its units by."""

    CODE = "code"
    NAME = "name"


class Figures(StrEnum):
    """What the figures are: counts can be added up when units are put together, and of yes or no one yes makes the whole a yes."""

    RATE = "rate"
    COUNT = "count"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class Indicator:
    """One own indicator: what it is called, which way is better, its goalposts where given, and its rows."""

    id: str
    label: str
    unit: str
    better: str
    goal: float | None
    worst: float | None
    date: str
    level: Level
    source: str
    figures: Figures
    table: pd.DataFrame
    request: ConversionRequest
    findings: tuple[Finding, ...] = ()

    @property
    def column(self) -> str:
        """Column of the table with the figures."""
        return (*self.request.sums, *self.request.means)[0]

    @property
    def is_count(self) -> bool:
        """Whether the figures of the parts make that of the whole without people to weigh them."""
        return self.figures is not Figures.RATE

    @property
    def is_listed(self) -> bool:
        """Whether its units are Vietnamese communes, whose national lists are known."""
        return self.level is Level.COMMUNE and self.vintage in VIETNAMESE_VINTAGES

    @property
    def vintage(self) -> Vintage:
        """List of units that the table is of."""
        return self.request.source


def indicator_id(label: str) -> str:
    """`Hồ sơ trực tuyến` → `ho_so_truc_tuyen`; raises `InputError` for a name without a letter or digit."""
    found = re.sub(r"[^a-z0-9]+", "_", plain_key(label)).strip("_")
    if not INDICATOR_ID.fullmatch(found):
        raise InputError(
            f"--name is {label!r}; wanted the indicator's name in words, for example 'Hồ sơ trực tuyến'"
        )
    return found


def own_id(options: dict[str, Any]) -> str:
    """The id that was said (`border`), else the one that its name makes; raises `InputError` for one that is none."""
    said = str(options.get("id", ""))
    if said and not INDICATOR_ID.fullmatch(said):
        raise InputError(f"--id is {said!r:.60}; wanted small letters, digits and _, for example border")
    return said or indicator_id(str(options.get("name", "")))


def read_indicators(workspace: Workspace) -> tuple[Indicator, ...]:
    """Every own indicator of the workspace, in the order added; raises `InputError` for one that cannot be read."""
    found = [
        read_indicator(file, given.options, date=given.provenance.date)
        for given in workspace.of_kind("indicator")
        for file in files_of(workspace, given)
    ]
    ids = [one.id for one in found]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise WorkspaceError(
            f"{workspace.root}: indicator {', '.join(twice)} was added more than once; keep one with --replace"
        )
    unknown = sorted({goal.dimension for goal in workspace.rules.goals if goal.is_own} - set(ids))
    if unknown:
        raise WorkspaceError(
            f"{workspace.root}: the rules weigh indicator {', '.join(unknown)}, which was not added "
            f"(there are: {', '.join(ids) or 'none'}); add it, or take it out of [rules.indicators]"
        )
    return tuple(found)


def read_indicator(file: NamedFile, options: dict[str, Any], *, date: str = "") -> Indicator:
    """The table and what was said of it, checked; raises `InputError` naming the file and the fault."""
    source, label = file.name, str(options.get("name", ""))
    better = _one_of(options, "better", [*map(str, Better)], source)
    figures, unit = _figures(options, source)
    goal, worst = (_optional(options, name, source) for name in ("goal", "worst"))
    _require_goalposts(goal, worst, better, source)
    if figures is not Figures.RATE and options.get("weight"):
        what = "counts are added up, so they need" if figures is Figures.COUNT else "yes or no needs"
        raise InputError(f"{source}: {what} no weight; leave out --weight or --figures {figures}")
    mends = parse_mends(options.get("mend"), source=source)
    given = confined.open_table(Path(file.path), sheet=str(options.get("sheet", "")), mends=mends)
    with naming_sheet(given.findings):
        tidied = tidy_table(given, mends, source=source)
        table = tidied.frame
        request = _request(table, options, source)
    indicator = Indicator(
        id=own_id(options), label=label, unit=unit, better=better, goal=goal, worst=worst,
        date=date, level=Level(_one_of(options, "level", [*map(str, reversed(Level))], source)), source=source,
        figures=figures, table=table, request=request, findings=tidied.findings,
    )  # fmt: skip
    if figures is Figures.YES_NO:
        _require_yes_or_no(table[indicator.column], request.decimal, f"{source}: column {indicator.column!r}")
    if indicator.is_listed:
        require_right_vintage(given_units(table, request, source=source), indicator.vintage, source=source)
    return indicator


def _one_of(options: dict[str, Any], name: str, allowed: Sequence[str], source: str) -> str:
    """The option, or the first of `allowed` where it was not given."""
    given = str(options.get(name, allowed[0]))
    if given not in allowed:
        raise InputError(f"{source}: {name} is {given!r}; wanted --{name} {f' or --{name} '.join(allowed)}")
    return given


def _figures(options: dict[str, Any], source: str) -> tuple[Figures, str]:
    """What the figures are, and their unit; whether a unit lies at the border is yes or no, whatever was said of it."""
    figures = Figures(_one_of(options, "figures", [*map(str, Figures)], source))
    unit = str(options.get("unit", ""))
    if figures is Figures.YES_NO or unit == YES_OR_NO or own_id(options) == BORDER:
        return Figures.YES_NO, YES_OR_NO
    return figures, unit


def _require_yes_or_no(cells: pd.Series, decimal: Decimal, where: str) -> None:
    for row, cell in enumerate(cells.tolist(), start=1):
        if parse_number(cell, f"{where}, data row {row}", decimal=decimal) not in (None, 0, 1):
            raise InputError(
                f"{where}, data row {row} holds {cell!r:.60}; wanted 1 for yes or 0 for no, or nothing where it is not known"
            )


def _require_goalposts(goal: float | None, worst: float | None, better: str, source: str) -> None:
    if goal is None and worst is None:
        return
    if goal is None or worst is None:
        raise InputError(f"{source}: wanted --goal and --worst together, or neither")
    if goal == worst or (goal > worst) != (better == "higher"):
        raise InputError(
            f"{source}: goal {goal:g} and worst {worst:g} do not go with --better {better}; "
            f"wanted the worst {'below' if better == 'higher' else 'above'} the goal"
        )


def _optional(options: dict[str, Any], name: str, source: str) -> float | None:
    if name not in options:
        return None
    value = parse_number(str(options[name]), f"{source}: --{name}", decimal=Decimal.POINT)
    return None if value is None else float(value)


def _request(table: pd.DataFrame, options: dict[str, Any], source: str) -> ConversionRequest:
    """Which columns hold units and figures; those not named are found by their usual names, never guessed at."""
    by = _one_of(options, "by", [*map(str, Key)], source)
    columns = [str(name) for name in table.columns]
    given = {
        part: str(options.get(f"{part}_column", ""))
        for part in ("code", "name", "province", "district", "value")
    }
    weight = str(options.get("weight", ""))
    code = (given["code"] or _usual(columns, _CODE_NAMES)) if by == "code" else ""
    name = given["name"] or _usual(columns, _NAME_NAMES)
    if not (code if by == "code" else name):
        raise InputError(
            f"{source}: which column has the units' {by}s? It has {', '.join(columns)}: name one with --{by}-column"
        )
    keys = {code, name, given["province"], given["district"], weight}
    rest = [column for column in columns if column not in keys]
    value = given["value"] or (rest[0] if len(rest) == 1 else "")
    if not value:
        raise InputError(
            f"{source}: which column has the figures? It has {', '.join(rest) or 'no other'}: name one with --value-column"
        )
    missing = sorted({*keys, value} - {"", *columns})
    if missing:
        raise InputError(f"{source}: no column {', '.join(missing)}; it has {', '.join(columns)}")
    vintage = Vintage(str(options.get("vintage", Vintage.OTHER)))
    province = str(options.get("province", ""))
    return ConversionRequest(
        source=vintage, target=vintage, code=code, name=name, province_column=given["province"],
        # names of a list of one's own are looked up in that list as a whole
        province=province or ("" if vintage in VIETNAMESE_VINTAGES else "-"), district=given["district"],
        code_width=int(options.get("code_width", 0)), sums=() if weight else (value,), means=(value,) if weight else (),
        weight=weight, decimal=Decimal(_one_of(options, "decimal", ("unsaid", "point", "comma"), source)),
    )  # fmt: skip


def _usual(columns: Sequence[str], names: Sequence[str]) -> str:
    return next((column for column in columns if plain_key(column) in names), "")

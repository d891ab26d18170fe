"""The command `brief`: one A4 page about a unit as PDF, or one of each of many units as a ZIP file.

The command line stands on top, as the pages do: a brief is drawn by `layers`, in the words of its catalogue.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geo.cli_rows import ListOption, choose_list
from geo.errors import CallError
from geo.files import require_place, write_atomically
from geo.reporting import Dir, Json, Quiet, reporting, say_result
from geo.results import UnitList, read_built
from geo.schema import Verdict


class Speech(StrEnum):
    """Language of a brief."""

    VI = "vi"
    EN = "en"


def brief(
    directory: Dir,
    out: Annotated[Path, typer.Option(help="File to write: .pdf for one unit, .zip for several.")],
    unit: Annotated[str, typer.Option(help="Code of the unit.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="All units of the list, a PDF each, in one ZIP.")
    ] = False,
    verdict: Annotated[Verdict | None, typer.Option(help="With --all: units of this verdict alone.")] = None,
    language: Annotated[Speech, typer.Option(help="Language of the brief.")] = Speech.VI,
    units: ListOption = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write the one-page brief of a unit as PDF, or of all units as ZIP: figures, map, reasons, sources."""
    with reporting(as_json):
        _require_call(out, unit, every=every, verdict=verdict)
        built = read_built(directory)
        chosen = choose_list(built, units)
        codes = _codes(chosen, unit, verdict)
        # the typesetter and what draws maps are slow to load
        from layers.brief_pdf import brief_pdf, briefs_zip, open_press
        from layers.strings import as_language

        press = open_press(built, chosen)
        spoken = as_language(language)
        write_atomically(out, briefs_zip(press, codes, spoken) if every else brief_pdf(press, unit, spoken))
        fields = {"file": str(out), "list": chosen.id, "units": codes, "language": spoken}
        pages = "1 page" if len(codes) == 1 else f"{len(codes)} pages"
        say_result(fields, f"{out}: {pages} ({chosen.id})", quiet, as_json)


def _require_call(out: Path, unit: str, *, every: bool, verdict: Verdict | None) -> None:
    if every == bool(unit):
        raise CallError("wanted either --unit CODE, for one PDF, or --all, for a ZIP of all units")
    if verdict is not None and not every:
        raise CallError("--verdict chooses among all units: say --all with it")
    wanted = ".zip" if every else ".pdf"
    if out.suffix.lower() != wanted:
        raise CallError(f"{out}: wanted a name that ends in {wanted}")
    require_place(out)


def _codes(chosen: UnitList, unit: str, verdict: Verdict | None) -> list[str]:
    rows = chosen.result
    known: list[str] = rows["unit_code"].astype(str).tolist()
    if unit:
        if unit not in known:
            raise CallError(
                f"no unit {unit!r} in the list {chosen.id}; `vunglom search` finds codes by name, --units names another list"
            )
        return [unit]
    if verdict is None:
        return known
    found: list[str] = rows.loc[rows["verdict"].astype(str) == str(verdict), "unit_code"].astype(str).tolist()
    if not found:
        raise CallError(f"no unit of the list {chosen.id} has the verdict {verdict}")
    return found

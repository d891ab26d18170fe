"""`vunglom fetch DIR SOURCE …`: open data straight into a workspace."""

import json
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from geo.download import no_progress
from geo.errors import CallError
from geo.fetch import Job, Outcome, working
from geo.fetch_boundaries import Choice, Publisher, fetch_boundaries
from geo.fetch_ookla import fetch_ookla
from geo.fetch_population import Grid, fetch_population
from geo.fetch_sources import fetch_opencellid, fetch_places
from geo.patience import Patience
from geo.reporting import reporting, say_step
from geo.schema import Level, Network, Vintage
from geo.sources import ookla, opencellid
from geo.transport import say_nothing


class What(StrEnum):
    """What `fetch` fetches."""

    BOUNDARIES = "boundaries"
    OOKLA = "ookla"
    POPULATION = "population"
    PLACES = "places"
    OPENCELLID = "opencellid"


def fetch(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The workspace folder; boundaries make it.")
    ],
    source: Annotated[What, typer.Argument(help="What to fetch.")],
    publisher: Annotated[
        str,
        typer.Option(
            "--from",
            help="boundaries: vn2025 (default), geoboundaries, gadm or osm; population: worldpop (default) or ghspop.",
        ),
    ] = "",
    province: Annotated[
        list[str] | None,
        typer.Option(help="boundaries: a province by name or code; may be given more than once."),
    ] = None,
    country: Annotated[
        str, typer.Option(help="boundaries, population: the country's three letters.")
    ] = "VNM",
    level: Annotated[
        str,
        typer.Option(help="boundaries: commune or province (vn2025); ADM0 to ADM5 (geoboundaries, gadm)."),
    ] = "",
    region: Annotated[str, typer.Option(help="boundaries from osm: VN, VN-39 or a relation's id.")] = "",
    admin_level: Annotated[
        int, typer.Option(help="boundaries from osm: 2 to 11; communes of Vietnam are 6.")
    ] = 0,
    vintage: Annotated[
        Vintage | None, typer.Option(help="boundaries: list of units the codes belong to.")
    ] = None,
    unit_level: Annotated[Level | None, typer.Option(help="boundaries: what the units are.")] = None,
    name: Annotated[str, typer.Option(help="boundaries: name of a new workspace.")] = "",
    network: Annotated[
        list[Network] | None, typer.Option(help="ookla: mobile or fixed; both when not given.")
    ] = None,
    quarters: Annotated[
        str, typer.Option(help="ookla: 2023Q1, 2023Q1..2023Q4 or 2023Q1..latest-published.")
    ] = ookla.LATEST,
    year: Annotated[
        int, typer.Option(help="population: the year; ghspop has every fifth, those to come are projected.")
    ] = 2025,
    mcc: Annotated[str, typer.Option(help="opencellid: the mobile country code.")] = opencellid.VIETNAM,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch again what is there already.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put these files in place of all inputs of this kind.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no summary.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Fetch open data, resume what was cut, check it, and add it with where it came from."""

    def run(job: Job) -> Outcome:
        if source is What.BOUNDARIES:
            choice = Choice(
                _choose(Publisher, publisher, Publisher.VN2025, source),
                country,
                level,
                tuple(province or ()),
                region,
                admin_level,
                vintage,
                unit_level,
                name,
            )
            return fetch_boundaries(job, choice)
        if source is What.POPULATION:
            grid = _choose(Grid, publisher, Grid.WORLDPOP, source)
            return fetch_population(job, grid, country=country, year=year)
        if publisher:
            raise CallError(
                f"{source} comes from one publisher; leave --from {publisher} out (it is for boundaries and population)"
            )
        if source is What.OOKLA:
            return fetch_ookla(job, networks=list(dict.fromkeys(network or Network)), quarters=quarters)
        return fetch_places(job) if source is What.PLACES else fetch_opencellid(job, mcc=mcc)

    with reporting(as_json):
        say, progress = (say_nothing, no_progress) if quiet else (say_step, _Meter())
        patience = Patience.of_environment()
        with working(
            directory, patience=patience, say=say, progress=progress, refresh=refresh, replace=replace
        ) as job:
            outcome = run(job)
        _report(directory, outcome, quiet, as_json)


C = TypeVar("C", bound=StrEnum)


def _choose(choices: type[C], given: str, default: C, source: What) -> C:
    if given and given not in [str(one) for one in choices]:
        raise CallError(f"--from is {given!r}; {source} come from {', '.join(choices)}")
    return choices(given) if given else default


def _report(directory: Path, outcome: Outcome, quiet: bool, as_json: bool) -> None:
    files = len(outcome.files)
    if as_json:
        told = {
            "workspace": str(directory), "kind": outcome.kind, "files": files, "publisher": outcome.publisher,
            "licence": outcome.licence, "notes": list(outcome.notes),
        }  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        typer.echo(
            f"{directory}: {files} {'file' if files == 1 else 'files'} of {outcome.kind} from {outcome.publisher}"
        )
        for line in (f"licence: {outcome.licence}", *outcome.notes):
            typer.echo(f"  {line}")


class _Meter:
    """A line about a long file every few seconds."""

    def __init__(self, every_s: float = 3.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._clock = every_s, clock
        self._name, self._next = "", 0.0

    def __call__(self, name: str, done: int, total: int | None) -> None:
        now = self._clock()
        if name != self._name:
            self._name, self._next = name, now + self._every_s
        elif now >= self._next:
            self._next = now + self._every_s
            say_step(f"{name}: {_megabytes(done)}" + (f" of {_megabytes(total)}" if total else ""))


def _megabytes(count: int | None) -> str:
    return f"{(count or 0) / 1e6:.1f} MB"

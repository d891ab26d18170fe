"""Open data into a workspace: source and region → files in the workspace's cache → checked inputs with provenance.

The cache is `fetched/` of the workspace. Before there is a workspace it lies beside it, so that a workspace is still
made whole or not at all. Everything is written whole; interrupted anywhere and run again, the result is the same.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from filelock import FileLock, Timeout

from geo import inputs
from geo.address import Address
from geo.admission import add_groups, admission_lines
from geo.crs import Bounds
from geo.download import Progress, Wanted, download, no_progress
from geo.errors import CallError, FetchError
from geo.files import write_atomically
from geo.inputs import NamedFile
from geo.patience import PATIENT, Patience, persist
from geo.quality import Finding
from geo.records import Fetched
from geo.sources.table import Source
from geo.transport import Session, open_answer, say_nothing
from geo.workspace import CONFIG_NAME, Provenance, load_workspace, new_workspace

CACHE_NAME: Final = "fetched"
LARGEST_ANSWER: Final = 4 * 1024**2
"""Bytes of an answer that is read as text: a listing of files, not a file."""


@dataclass(frozen=True)
class Job:
    """One run of `fetch`: the workspace's folder, where files are kept, and how to ask and tell."""

    root: Path
    cache: Path
    mirrors: Mapping[str, str]
    session: Session
    patience: Patience = PATIENT
    say: Callable[[str], None] = say_nothing
    progress: Progress = no_progress
    refresh: bool = False
    replace: bool = False

    def file(self, wanted: Wanted, *place: str) -> tuple[Path, Fetched]:
        """A file of the cache, fetched if it is not there whole."""
        target = self.cache.joinpath(*place)
        self.say(f"fetching {target.name}")
        record = download(
            wanted, target, self.session, patience=self.patience, progress=self.progress, refresh=self.refresh
        )
        return target, record

    def text(self, address: Address) -> bytes:
        """A small answer, read whole and not kept."""

        def ask() -> bytes:
            with open_answer(self.session, address, self.patience) as answer:
                return answer.read(LARGEST_ANSWER)

        return persist(ask, address, self.patience, reached=lambda: 0)

    def derived(self, content: Mapping[str, Any], *place: str) -> Path:
        """A file made from fetched ones, as JSON: the same content gives the same bytes."""
        target = self.cache.joinpath(*place)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        write_atomically(target, text.encode("utf-8"))
        return target


@dataclass(frozen=True)
class Outcome:
    """What a fetch brought: files, the terms they came under, and what the user has to know."""

    kind: str
    files: tuple[Path, ...]
    publisher: str
    licence: str
    notes: tuple[str, ...] = field(default=())


@contextmanager
def working(
    root: Path,
    *,
    patience: Patience = PATIENT,
    say: Callable[[str], None] = say_nothing,
    progress: Progress = no_progress,
    refresh: bool = False,
    replace: bool = False,
) -> Iterator[Job]:
    """A job on the workspace at `root`, which need not be there yet; other fetches into it wait."""
    folder = root.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            FileLock(folder.parent / f".{folder.name}.fetch-lock", timeout=patience.lock_s),
            Session() as session,
        ):
            exists = (folder / CONFIG_NAME).is_file()
            mirrors = load_workspace(root).mirrors if exists else {}
            cache = settle_cache(root) if exists else _cache_beside(root)
            yield Job(root, cache, mirrors, session, patience, say, progress, refresh, replace)
    except Timeout:
        raise FetchError(f"{root}: another fetch into it is running; wait for it or end it") from None


def _cache_beside(root: Path) -> Path:
    folder = root.resolve()
    return folder.parent / f".{folder.name}.{CACHE_NAME}"


def settle_cache(root: Path) -> Path:
    """The cache inside the workspace, with what was fetched before there was one."""
    inside, beside = root / CACHE_NAME, _cache_beside(root)
    if beside.is_dir() and not inside.exists():
        beside.rename(inside)
    elif beside.is_dir():
        shutil.rmtree(beside)
    return inside


def add_boundaries(
    job: Job, files: Sequence[Path], options: dict[str, Any], provenance: Provenance, name: str
) -> int:
    """Make the workspace with these boundaries, or add them to it; return how many units they are."""
    named = [NamedFile(file, file.name) for file in files]
    job.say(f"checking {len(named)} {'file' if len(named) == 1 else 'files'} of boundaries")
    found = inputs.read_boundaries(named, options)
    if (job.root / CONFIG_NAME).is_file():
        add_groups(job.root, "boundaries", [(named, options, provenance)], replace=job.replace)
    else:
        new_workspace(job.root, name=name, sources=list(files), options=options, provenance=provenance)
        settle_cache(job.root)
    _tell(job, found.findings)
    return len(found.units)


def add_files(job: Job, kind: str, given: Sequence[tuple[Path, dict[str, Any], Provenance]]) -> None:
    """Check files, each an input by itself, and put them into the workspace."""
    job.say(f"checking {len(given)} {'file' if len(given) == 1 else 'files'} of {kind}")
    groups = [([NamedFile(path, path.name)], options, known) for path, options, known in given]
    _tell(job, add_groups(job.root, kind, groups, replace=job.replace))


def _tell(job: Job, findings: Sequence[Finding]) -> None:
    for line in admission_lines(findings):
        job.say(line)


def region_shapes(job: Job) -> npt.NDArray[np.object_]:
    """The outlines of all units of the workspace, degrees; raises `CallError` where there is no workspace yet."""
    if not (job.root / CONFIG_NAME).is_file():
        raise CallError(
            f"{job.root}: the region is not known yet; fetch or add boundaries first (vunglom fetch {job.root} boundaries …)"
        )
    lists = inputs.read_unit_lists(load_workspace(job.root))
    return np.concatenate([found.units.geometry.to_numpy() for found in lists])


def region_bounds(job: Job) -> Bounds:
    """West, south, east, north of all units of the workspace; raises `CallError` where there is no workspace yet."""
    west, south, east, north = shapely.total_bounds(region_shapes(job)).tolist()
    return west, south, east, north


def region_id(bounds: Bounds) -> str:
    """A folder name for what was cut to these bounds."""
    return "_".join(f"{corner:.5f}" for corner in bounds)


def provenance_of(
    source: Source,
    record: Fetched,
    *,
    date: str = "",
    licence: str = "",
    more: str = "",
    made_from: Sequence[Fetched] = (),
) -> Provenance:
    """Where a fetched file came from; the date is the publisher's if it says one, else the day of the file, else of fetching.

    `made_from`: the records of the published files where the input is not the published file itself.
    """
    return Provenance(
        publisher=source.publisher,
        licence=licence or source.licence,
        date=date or record.changed_on or record.fetched_on,
        citation=source.citation + (f". {more}" if more else ""),
        address=record.address,
        made_from="; ".join(f"{one.name} sha256:{one.sha256}" for one in made_from),
    )


def short_hash(text: str) -> str:
    """Twelve hex digits that tell one query's file from another's."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]

"""Ookla's tiles of the region, quarter by quarter, without the rest of the world."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from geo.address import Address
from geo.crs import Bounds
from geo.cut import cut_tiles
from geo.download import Wanted, download
from geo.errors import FetchError, InputError
from geo.fetch import Job, Outcome, add_files, region_bounds, region_id
from geo.files import sha256_of
from geo.patience import PassingError, persist
from geo.records import Fetched, read_record, today, write_record
from geo.remote_file import FileChangedError, NoRangesError, RemoteFile
from geo.schema import Network
from geo.sources import ookla
from geo.transport import RefusedError, open_answer
from geo.workspace import Provenance


def fetch_ookla(job: Job, *, networks: Sequence[Network], quarters: str) -> Outcome:
    """The tiles of some networks and quarters that meet the units' bounds, as speed inputs."""
    first, last = ookla.parse_quarters(quarters)
    bounds = region_bounds(job)
    found, notes = [], []
    for network in networks:
        for quarter in _quarters(job, network, first, last):
            path, record = _tiles(job, network, quarter, bounds)
            if path is None:
                notes.append(f"{network} {quarter}: no test in the region")
                continue
            known = Provenance(
                ookla.PUBLISHER, ookla.LICENCE, ookla.quarter_end(quarter), ookla.CITATION, record.address
            )
            found.append((path, {"network": str(network), "quarter": quarter}, known))
    if found:
        add_files(job, "speed", found)
    return Outcome("speed", tuple(path for path, _, _ in found), ookla.PUBLISHER, ookla.LICENCE, tuple(notes))


def _quarters(job: Job, network: Network, first: str, last: str) -> list[str]:
    if ookla.LATEST in (first, last):
        oldest = ookla.FIRST_QUARTER if first == ookla.LATEST else first
        last = _latest(job, network, oldest)
        first = last if first == ookla.LATEST else first
    numbers = range(ookla.quarter_number(first), ookla.quarter_number(last) + 1)
    return [ookla.quarter_named(number) for number in numbers]


def _latest(job: Job, network: Network, oldest: str) -> str:
    """The newest quarter the server has: asked backwards from the present one."""
    now = datetime.now(UTC)
    present = now.year * 4 + (now.month - 1) // 3
    for number in range(present, ookla.quarter_number(oldest) - 1, -1):
        quarter = ookla.quarter_named(number)
        if _is_published(job, ookla.tiles_address(network, quarter, job.mirrors)):
            job.say(f"the newest quarter of {network} that is published is {quarter}")
            return quarter
    raise FetchError(
        f"Ookla has published no {network} tiles since {oldest}, or the server refuses to say; check the address or the mirror"
    )


def _is_published(job: Job, address: Address) -> bool:
    def ask() -> bool:
        try:
            with open_answer(job.session, address, job.patience, method="HEAD"):
                return True
        except RefusedError as fault:
            # S3 answers 403 for what is not there where it may not be listed (AWS, HeadObject)
            if fault.status in (403, 404):
                return False
            raise

    return persist(ask, address, job.patience, reached=lambda: 0)


def _tiles(job: Job, network: Network, quarter: str, bounds: Bounds) -> tuple[Path | None, Fetched]:
    """The cut file and its record; no file where no tile of that quarter meets the bounds."""
    name = ookla.file_name(network, quarter)
    address = ookla.tiles_address(network, quarter, job.mirrors)
    target = job.cache / ookla.SOURCE.name / region_id(bounds) / name
    if not job.refresh and (known := read_record(target, address)):
        return target, known
    job.say(f"reading the region's rows of {name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = persist(lambda: _cut(job, address, bounds, target), address, job.patience, reached=lambda: 0)
    if not rows:
        return None, Fetched(address.shown, "", 0, today(), "")
    record = Fetched(address.shown, sha256_of(target), target.stat().st_size, today(), "")
    write_record(target, record)
    return target, record


def _cut(job: Job, address: Address, bounds: Bounds, target: Path) -> int:
    name = target.name
    try:
        with RemoteFile(job.session, address, job.patience) as source:
            rows = cut_tiles(source, bounds, target, name=name)
            job.progress(name, source.bytes_read, source.size)
            return rows
    except NoRangesError:
        return _cut_whole(job, address, bounds, target)
    except (FileChangedError, InputError) as fault:
        raise PassingError(str(fault)) from None


def _cut_whole(job: Job, address: Address, bounds: Bounds, target: Path) -> int:
    """Where the server (a proxy) gives no parts: fetch the file to disk, cut it there, and let it go."""
    job.say(f"{target.name}: the server sends whole files only, fetching it all")
    whole = job.cache / ookla.SOURCE.name / "whole" / target.name
    wanted = Wanted(address, recognise=ookla.recognise, check=ookla.check)
    download(wanted, whole, job.session, patience=job.patience, progress=job.progress)
    rows = cut_tiles(whole, bounds, target, name=target.name)
    whole.unlink()
    return rows

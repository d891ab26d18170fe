"""Only the rows and cells of the region are read, and the same ones whichever way the file says where they lie."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo.address import Address
from geo.cut import cut_tiles, prefixes, tile_range
from geo.errors import InputError
from geo.patience import Patience
from geo.remote_file import FileChangedError, NoRangesError, RemoteFile
from geo.tiles import tile_bounds
from geo.transport import Session
from tests.fault_server import Fault, Site, serve
from tests.tiny import X, Y, quadkey, tiles_box

HASTE = Patience(attempts=5, connect_s=20, silence_s=20, pause_s=0.002, longest_pause_s=0.05)
IMPATIENT = replace(HASTE, silence_s=0.3)
"""For a server that does fall silent; a machine with other work is silent now and then, too."""
REGION = tuple(tiles_box(10.2, 10.2, 19.8, 19.8).bounds)
"""Tiles 10 to 19 in both directions from the corner."""


def world(*, middles: bool) -> pa.Table:
    """Tiles of 200 × 200, sorted by quadkey as Ookla's are, and some of the other side of the world."""
    places = [(X + x, Y + y) for x in range(200) for y in range(200)]
    places += [(100 + x, 20_000) for x in range(2000)]
    frame = pd.DataFrame({"quadkey": [quadkey(x, y) for x, y in places]})
    corners = tile_bounds(frame["quadkey"].tolist())
    if middles:
        frame["tile_x"], frame["tile_y"] = corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)
    frame["tile"] = "POLYGON ((…))"
    for name in ("avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"):
        frame[name] = np.arange(len(frame), dtype="int64") % 977 + 1
    return pa.Table.from_pandas(frame.sort_values("quadkey"), preserve_index=False)


@pytest.fixture(scope="module", params=[True, False], ids=["tile_x and tile_y", "quadkey"])
def published(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("world") / "tiles.parquet"
    pq.write_table(world(middles=request.param), path, row_group_size=1000)
    return path


@pytest.fixture
def site(published: Path) -> Iterator[Site]:
    with serve(Site(files={"/tiles.parquet": published})) as running:
        yield running


def expected(published: Path) -> pa.Table:
    table = pq.read_table(published)
    inside = [
        X + 10 <= int(x) < X + 20 and Y + 10 <= int(y) < Y + 20
        for x, y in (_place(key) for key in table["quadkey"].to_pylist())
    ]
    return table.filter(pa.array(inside))


def _place(key: str) -> tuple[int, int]:
    x = int("".join(str(int(digit) & 1) for digit in key), 2)
    return x, int("".join(str(int(digit) >> 1) for digit in key), 2)


def test_the_rows_of_the_region_come_as_published(published: Path, tmp_path: Path) -> None:
    target = tmp_path / "cut.parquet"
    assert cut_tiles(published, REGION, target, name="tiles") == 100
    assert pq.read_table(target).equals(expected(published))
    again = tmp_path / "again.parquet"
    cut_tiles(published, REGION, again, name="tiles")
    assert again.read_bytes() == target.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"cut.parquet", "again.parquet"}


def test_over_http_only_the_row_groups_of_the_region_are_read(
    site: Site, published: Path, tmp_path: Path
) -> None:
    with Session() as session, RemoteFile(session, Address(site.url + "/tiles.parquet"), HASTE) as remote:
        assert cut_tiles(remote, REGION, tmp_path / "cut.parquet", name="tiles") == 100
        read = remote.bytes_read - 256 * 1024  # the tail, where the index is
    assert pq.read_table(tmp_path / "cut.parquet").equals(expected(published))
    assert read < published.stat().st_size / 4


@pytest.mark.parametrize(
    "fault",
    [Fault.CUT, Fault.BUSY_429, Fault.BROKEN_500, Fault.BROKEN_503, Fault.SILENT, Fault.LONG_LENGTH,
     Fault.WRONG_RANGE, Fault.SHORT_RANGE],
)  # fmt: skip
def test_a_piece_that_fails_is_asked_for_again(
    site: Site, published: Path, tmp_path: Path, fault: Fault
) -> None:
    address, patience = Address(site.url + "/tiles.parquet"), IMPATIENT if fault is Fault.SILENT else HASTE
    for faults in ([fault], [None, fault], [None, None, fault]):
        todo = iter(faults)
        site.next_fault = lambda todo=todo: next(todo, None)
        with Session() as session, RemoteFile(session, address, patience) as remote:
            assert cut_tiles(remote, REGION, tmp_path / "cut.parquet", name="tiles") == 100
        assert pq.read_table(tmp_path / "cut.parquet").equals(expected(published))


@pytest.mark.parametrize("fault", [Fault.CHANGED, Fault.TRUNCATED, Fault.IGNORE_IF_RANGE, Fault.ERROR_TEXT, Fault.NO_RANGE])  # fmt: skip
def test_two_versions_never_mix(site: Site, tmp_path: Path, fault: Fault) -> None:
    todo = iter([None, fault])
    site.next_fault = lambda: next(todo, None)
    with (
        Session() as session,
        RemoteFile(session, Address(site.url + "/tiles.parquet"), HASTE) as remote,
        pytest.raises(FileChangedError, match="was replaced while it was read"),
    ):
        cut_tiles(remote, REGION, tmp_path / "cut.parquet", name="tiles")
    assert not (tmp_path / "cut.parquet").exists()


@pytest.mark.parametrize("setting", ["whole", "no etag", "weak etag"])
def test_a_server_that_cannot_give_pieces_is_told(site: Site, setting: str) -> None:
    site.etags, site.weak = setting != "no etag", setting == "weak etag"
    site.next_fault = lambda: Fault.NO_RANGE if setting == "whole" else None
    with Session() as session, pytest.raises(NoRangesError):
        RemoteFile(session, Address(site.url + "/tiles.parquet"), HASTE)


def test_a_remote_file_reads_as_a_file_does(site: Site, published: Path) -> None:
    content = published.read_bytes()
    dice = random.Random(4)
    with Session() as session, RemoteFile(session, Address(site.url + "/tiles.parquet"), HASTE) as remote:
        assert remote.size == len(content)
        for _ in range(40):
            start, length = dice.randrange(len(content)), dice.randrange(50_000)
            remote.seek(start)
            assert remote.read(length) == content[start : start + length]
        remote.seek(-10, 2)
        assert remote.read() == content[-10:]
        assert remote.read(5) == b""
        remote.seek(3)
        remote.seek(4, 1)
        assert remote.tell() == 7


def test_nothing_in_the_region_writes_nothing(published: Path, tmp_path: Path) -> None:
    assert cut_tiles(published, (0.0, 0.0, 1.0, 1.0), tmp_path / "cut.parquet", name="tiles") == 0
    assert list(tmp_path.iterdir()) == []


def test_quadkeys_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"quadkey": ["0123456789abcdef"]}), path)
    with pytest.raises(InputError, match="not 16 digits of 0 to 3"):
        cut_tiles(path, (-180, -85, 180, 85), tmp_path / "cut.parquet", name="a")
    pq.write_table(pa.table({"key": ["1"]}), path)
    with pytest.raises(InputError, match="no column quadkey"):
        cut_tiles(path, (-180, -85, 180, 85), tmp_path / "cut.parquet", name="a")
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="not a whole parquet file"):
        cut_tiles(path, (-180, -85, 180, 85), tmp_path / "cut.parquet", name="a")


def test_prefixes_cover_the_bounds_and_are_few() -> None:
    (left, right), (top, bottom) = tile_range(REGION)
    assert (left, right, top, bottom) == (X + 10, X + 19, Y + 10, Y + 19)
    found = prefixes(REGION)
    assert 0 < len(found) <= 64
    corners = [quadkey(x, y) for x in (left, right) for y in (top, bottom)]
    assert all(any(key.startswith(prefix) for prefix in found) for key in corners)
    assert prefixes((-180, -85.05, 180, 85.05)) == sorted(prefixes((-180, -85.05, 180, 85.05)))

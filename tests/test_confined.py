"""Reading in a process with limits: what it may do, what becomes of it, and that frames come through whole."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import confined, read
from geo.errors import CallError, CrsError, InputError
from geo.friction import make_friction
from geo.parcel import pack, unpack
from geo.population_grid import make_grid
from geo.quality import Finding, Severity
from geo.reader_limits import (
    DEFAULTS,
    LARGEST_VARIABLE,
    MEMORY_VARIABLE,
    SECONDS_VARIABLE,
    limits_for,
    setting,
)
from geo.reader_room import Room
from tests.files import PEOPLE, SQUARES, A, B, feature, write_geojson, write_raster, write_tiles, write_units
from tests.hostile import star, units_text
from tests.tiny import tiles_box

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="the system's own limits are asked for on Linux only"
)


def test_reads_as_the_reader_itself_does(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "a.geojson",
        [
            feature(A, code="01", n=1, x=0.5, yes=True, deep={"a": [1]}),
            feature(B, code="02", n=2, x=None, yes=None, deep=3),
        ],
    )
    direct, through = read.read_polygons(path), confined.read_polygons(path)
    pd.testing.assert_frame_equal(pd.DataFrame(through.frame), pd.DataFrame(direct.frame), check_dtype=False)
    assert through.frame.crs == direct.frame.crs
    assert through.frame["deep"].tolist() == [{"a": [1]}, 3]
    assert through.findings == direct.findings
    assert len(through.aside) == 0


def test_many_files_in_their_order(tmp_path: Path) -> None:
    paths = [write_units(tmp_path / f"{key}.geojson", {key: shape}) for key, shape in SQUARES.items()]
    assert [found.frame["code"].tolist() for found in confined.read_all_polygons(paths)] == [
        ["01"],
        ["02"],
        ["03"],
    ]


def test_an_error_keeps_its_class_and_names_the_file(tmp_path: Path) -> None:
    good = write_units(tmp_path / "good.geojson")
    bad = write_units(tmp_path / "bad.geojson", crs={"type": "link", "properties": {}})
    with pytest.raises(CrsError, match=r"bad\.geojson: its crs member is not a plain name"):
        confined.read_all_polygons([good, bad])


def test_of_many_files_the_one_that_breaks_its_reader_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_units(tmp_path / "good.geojson")
    bad = tmp_path / "bad.geojson"
    bad.write_text(units_text(star(100_001)), encoding="utf-8")
    monkeypatch.setenv(SECONDS_VARIABLE, "5")  # the good one takes 0.02 s where nothing else runs
    with pytest.raises(InputError, match=r"^bad\.geojson: .*(was stopped|crosses itself)"):
        confined.read_all_polygons([good, bad])


def test_time_can_be_set_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_units(tmp_path / "a.geojson", {f"{i}": A for i in range(20_000)})
    monkeypatch.setenv(SECONDS_VARIABLE, "0.05")
    with pytest.raises(
        InputError, match=r"a\.geojson: reading it takes more than 0\.05 s.*VUNGLOM_READER_SECONDS"
    ):
        confined.read_polygons(path)
    # what is set is time enough for a busy machine too
    monkeypatch.setenv(SECONDS_VARIABLE, "120")
    assert len(confined.read_polygons(path).frame) == 20_000


def test_memory_can_be_set_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_units(tmp_path / "a.geojson", {f"{i}": A for i in range(40_000)})
    monkeypatch.setenv(MEMORY_VARIABLE, "120")
    with pytest.raises(InputError, match=r"takes more than 120 MiB of memory.*VUNGLOM_READER_MEMORY_MB"):
        confined.read_polygons(path)


@pytest.mark.parametrize("given_text", ["0", "-1", "nan", "inf", "much", "9" * 30])
@pytest.mark.parametrize("variable", list(DEFAULTS))
def test_a_limit_that_is_none(variable: str, given_text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, given_text)
    with pytest.raises(CallError, match=rf"{variable} is '{given_text}'; wanted a number above zero"):
        setting(variable)


def test_a_file_over_the_size_is_refused_before_a_byte_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.geojson"
    with path.open("wb") as stream:
        stream.truncate(3 * 1024**2)
    monkeypatch.setenv(LARGEST_VARIABLE, "2")
    monkeypatch.setattr(confined, "_ROOM", None)
    with pytest.raises(
        InputError, match=r"big\.geojson: 3 MiB, larger than the 2 MiB .*VUNGLOM_LARGEST_FILE_MB"
    ):
        confined.read_polygons(path)


def test_a_folder_or_a_pipe_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        confined.read_polygons(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a.geojson")
        with pytest.raises(InputError, match="no such file"):
            confined.read_polygons(tmp_path / "a.geojson")


def _reader() -> psutil.Process:
    (process,) = [p for p in psutil.Process().children() if "geo.reader_process" in p.cmdline()]
    return process


def test_a_reader_that_was_killed_is_started_again(tmp_path: Path) -> None:
    path = write_units(tmp_path / "a.geojson")
    confined.read_polygons(path)
    first = _reader()
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert len(confined.read_polygons(path).frame) == 3
    assert _reader().pid != first.pid


def test_threads_take_turns(tmp_path: Path) -> None:
    paths = [write_units(tmp_path / f"{i}.geojson", {f"{i:02}": A}) for i in range(8)]
    found: dict[int, str] = {}

    def work(place: int) -> None:
        found[place] = confined.read_polygons(paths[place]).frame["code"].iloc[0]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {place: f"{place:02}" for place in range(8)}


def test_works_where_processes_cannot_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_units(tmp_path / "a.geojson")
    monkeypatch.setenv("VUNGLOM_READER_FORK", "0")
    room = Room()
    monkeypatch.setattr(confined, "_ROOM", room)
    assert len(confined.read_polygons(path).frame) == 3
    assert len(confined.read_polygons(path).frame) == 3
    with pytest.raises(InputError, match="no such file"):
        confined.read_polygons(tmp_path / "none.geojson")
    room.close()


def test_no_token_reaches_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCELLID_TOKEN", "pk.secret")
    room = Room()
    monkeypatch.setattr(confined, "_ROOM", room)
    confined.read_polygons(write_units(tmp_path / "a.geojson"))
    readers = [p for p in psutil.Process().children() if "geo.reader_process" in p.cmdline()]
    assert len(readers) >= 1
    assert all(
        "pk.secret" not in str(p.environ())
        for p in readers
        if p.create_time() == max(q.create_time() for q in readers)
    )
    room.close()


CONFINED = """
import os, socket, sys
from pathlib import Path
from geo.sandbox import Limits, confine, leave_network
inside, outside, address = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("network" if leave_network() else "")
print(*confine(Limits(5, 5, 2**30, 1000), readable=(inside / "given.txt",), writable=inside / "out"))
def told(work):
    try:
        return work()
    except OSError as fault:
        return type(fault).__name__
print(told((inside / "given.txt").read_text))
print(told((inside / "other.txt").read_text))
print(told(outside.read_text))
print(told(lambda: outside.with_name("new.txt").write_text("x")))
print(told(lambda: (inside / "out" / "a.txt").write_text("x")))
host, port = address.split(":")
print(told(lambda: socket.create_connection((host, int(port)), 2)))
print(told(lambda: os.listdir("/etc")))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(told(lambda: (inside / "out" / "b.txt").write_text("x" * 2000)))
print(told(lambda: os.execv("/bin/sh", ["sh", "-c", "echo ran"])))
"""


@linux
def test_a_confined_process_reaches_its_file_and_nothing_else(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "outside.txt"
    (inside / "out").mkdir(parents=True)
    (inside / "given.txt").write_text("given")
    (inside / "other.txt").write_text("other")
    outside.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        code = textwrap.dedent(CONFINED)
        done = subprocess.run(
            [sys.executable, "-c", code, str(inside), str(outside), address],
            capture_output=True,
            text=True,
            check=False,
        )
    said = done.stdout.splitlines()
    if "files" not in said[1]:
        pytest.skip("this kernel has no Landlock")
    assert said[2:6] == ["given", "PermissionError", "PermissionError", "PermissionError"]
    assert said[6] == "1"
    assert said[7] in ("PermissionError", "OSError")
    assert said[8:11] == ["PermissionError", "OSError", "PermissionError"]
    assert not outside.with_name("new.txt").exists()


def test_grids_come_through(tmp_path: Path) -> None:
    cells = np.array([[1.0, np.nan], [0.0, 2.5]])
    grid = make_grid(cells, west=105.0, north=15.0, cell_width=0.5, cell_height=0.25)
    again = unpack(pack(grid, tmp_path), tmp_path)
    assert np.array_equal(again.values, grid.values)
    assert np.array_equal(again.known, grid.known)
    assert (again.bounds, again.total) == (grid.bounds, grid.total)
    found = confined.read_population(write_raster(tmp_path / "p.tif"), tuple(tiles_box(0, 0, 12, 4).bounds))
    assert found.total == sum(PEOPLE)
    surface = make_friction([[0.01, -1.0]], west=105.0, north=15.0, cell_width=0.5, cell_height=0.25)
    back = unpack(pack(surface, tmp_path), tmp_path)
    assert np.array_equal(back.minutes_per_m, surface.minutes_per_m, equal_nan=True)
    assert (back.west, back.north, back.cell_width, back.cell_height) == (105.0, 15.0, 0.5, 0.25)


def test_tiles_and_findings_come_through(tmp_path: Path) -> None:
    assert confined.read_tiles(write_tiles(tmp_path / "t.parquet"))["tests"].tolist() == [10, 20, 30]
    finding = Finding(Severity.WARNING, "repaired", "đã sửa", file="a", row=3, done="mended", mend="x")
    assert unpack(pack((finding, [1, "a", None]), tmp_path), tmp_path) == [finding, [1, "a", None]]


_cells = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(-5, 5),
    st.floats(allow_nan=False),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8"), max_size=6), st.integers(), _cells), max_size=5)
)
def test_any_frame_comes_through(tmp_path: Path, rows: list[tuple[str, int, Any]]) -> None:
    frame = gpd.GeoDataFrame(
        {
            "text": [row[0] for row in rows],
            "number": np.array([row[1] % 2**40 for row in rows], dtype="int64"),
            "any": pd.Series([row[2] for row in rows], dtype=object),
        },
        geometry=[shapely.Point(number % 100, 1) for _, number, _ in rows],
        crs="EPSG:4326",
    )
    again = unpack(pack(frame, tmp_path), tmp_path)
    assert again["text"].tolist() == frame["text"].tolist()
    assert again["number"].tolist() == frame["number"].tolist()
    assert [_same(a, b) for a, b in zip(again["any"], frame["any"], strict=True)] == [True] * len(rows)
    assert shapely.equals(again.geometry.to_numpy(), frame.geometry.to_numpy()).all()
    assert again.crs == frame.crs


def _same(left: Any, right: Any) -> bool:
    return left == right or (right is None and pd.isna(left))


def test_a_reader_out_of_memory_does_not_call_the_file_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries have errors of their own for it, and readers take those for faults of the file."""
    lines = "".join(
        f"LTE,452,4,1,{cell},0,106.9,11.5,1000,5,1,1600000000,1700000000,0\n" for cell in range(200_000)
    )
    path = tmp_path / "cells.csv"
    path.write_text(lines, encoding="utf-8")
    monkeypatch.setenv(MEMORY_VARIABLE, "150")
    with pytest.raises(InputError, match=r"takes more than 150 MiB of memory"):
        confined.read_cells(path)


def test_many_files_have_the_time_of_their_size_and_not_each_that_of_one(tmp_path: Path) -> None:
    paths = [write_units(tmp_path / f"{place}.geojson") for place in range(95)]
    one, all_of_them = limits_for(paths[:1]), limits_for(paths)
    assert one.cpu_s == 4
    assert 10 < all_of_them.cpu_s < 20

"""Files from outside that mean harm: each is refused with one message, within seconds, and reaches nothing but itself."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.events import FileOpenedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from geo.workspace import KINDS
from tests.files import claim, cpu_seconds, run, snapshot
from tests.hostile import Case, Lures
from tests.hostile_cases import GOOD, HOSTILE
from tests.hostile_points import GOOD_POINTS, HOSTILE_POINTS

SECONDS = 5.0
"""The longest answer for a file of up to 10 MB, on a machine with nothing else to do."""
SLACK = 3.0
"""How many times that in processor time, which is longer while others use the caches; `make bench` prints the longest answer."""


class Listener:
    """A server on the loopback that counts who calls."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.calls = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


class Openings(FileSystemEventHandler):
    """Every opening of a file in a folder."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_any_event(self, event: FileSystemEvent) -> None:
        if isinstance(event, FileOpenedEvent):
            self.seen.append(str(event.src_path))


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    running = Listener()
    yield running
    running.close()


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Openings]]:
    folder = tmp_path_factory.mktemp("outside")
    secret = folder / "secret.csv"
    secret.write_text("code,name\n01,bí mật của hàng xóm\n", encoding="utf-8")
    watch, openings = Observer(), Openings()
    watch.schedule(openings, str(folder))
    watch.start()
    yield secret, openings
    watch.stop()
    watch.join()


def offer(case: Case, path: Path, squares: Path, out: Path) -> list[object]:
    """The command that takes the file in."""
    if case.kind == "boundaries":
        options = case.options or ("--code", "code", "--label", "name")
        return ["new", out, "--name", "x", "--boundaries", path, *options]
    if case.kind == "table":
        columns = ["--code-column", "code", "--name-column", "name", "--sum", "households"]
        return [
            "convert-units",
            path,
            "--from",
            "2025-07",
            "--to",
            "2026-04",
            *columns,
            "--out",
            out.with_suffix(".csv"),
        ]
    extra = {
        "coverage": claim(),
        "speed": ["--network", "mobile"],
        "indicator": ["--name", "x", "--unit", "%", "--better", "higher", "--by", "code"],
    }.get(case.kind, [])
    return ["add", squares, case.kind, path, *extra, *case.options]


@pytest.mark.parametrize("case", [*HOSTILE, *HOSTILE_POINTS], ids=lambda case: case.name)
def test_hostile(
    case: Case, tmp_path: Path, squares: Path, listener: Listener, canary: tuple[Path, Openings]
) -> None:
    secret, openings = canary
    path = case.make(tmp_path, Lures(listener.address, secret))
    before, opened, calls = snapshot(squares), len(openings.seen), listener.calls
    start = cpu_seconds()
    result = run(*offer(case, path, squares, tmp_path / "new"))
    seconds = cpu_seconds() - start
    assert result.exit_code == 1, result.stdout
    assert re.search(str(case.says), result.stderr), result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert "bí mật" not in result.stderr + result.stdout
    assert result.stderr.count("vunglom:") == 1
    assert path.name in result.stderr
    assert seconds < SLACK * SECONDS
    assert snapshot(squares) == before
    assert not (tmp_path / "new").exists()
    assert listener.calls == calls
    assert openings.seen[opened:] == []


@pytest.mark.parametrize("case", [*GOOD, *GOOD_POINTS], ids=lambda case: case.name)
def test_the_good_twin_comes_in(
    case: Case, tmp_path: Path, squares: Path, listener: Listener, canary: tuple[Path, Openings]
) -> None:
    secret, openings = canary
    path = case.make(tmp_path, Lures(listener.address, secret))
    opened, calls = len(openings.seen), listener.calls
    start = cpu_seconds()
    result = run(*offer(case, path, squares, tmp_path / "new"))
    assert result.exit_code == 0, result.stderr
    assert cpu_seconds() - start < SLACK * SECONDS
    assert listener.calls == calls
    assert openings.seen[opened:] == []


def test_the_traps_would_be_seen(listener: Listener, canary: tuple[Path, Openings]) -> None:
    """The listener counts and the watch sees: else the tests above could not fail."""
    secret, openings = canary
    calls, opened = listener.calls, len(openings.seen)
    host, port = listener.address.removeprefix("http://").split(":")
    socket.create_connection((host, int(port)), 5).close()
    secret.read_text(encoding="utf-8")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (listener.calls == calls or len(openings.seen) == opened):
        time.sleep(0.02)
    assert listener.calls == calls + 1
    assert openings.seen[opened:]


def test_there_are_enough() -> None:
    assert len(HOSTILE) + len(HOSTILE_POINTS) >= 150
    names = [case.name for case in (*HOSTILE, *HOSTILE_POINTS, *GOOD, *GOOD_POINTS)]
    assert len(set(names)) == len(names)
    kinds = {case.kind for case in (*HOSTILE, *HOSTILE_POINTS)}
    assert kinds == {case.kind for case in (*GOOD, *GOOD_POINTS)}
    assert kinds == {*KINDS, "table"}

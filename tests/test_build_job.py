"""Jobs in the background: one after another in a workspace, stopped by process id, killed, out of room, at fault; what they leave."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import pytest
import shapely

from geo import build_job
from geo.additions import Kind
from geo.build_job import MOST_WAITING, Jobs
from geo.errors import FetchError, InputError, WorkspaceError
from geo.job import STEP_NAMES, Command, Job, State, Step, build_command, read_step
from geo.pipeline import build
from geo.results import read_manifest
from geo.store import is_current
from geo.uploads import add_command, fetch_command
from geo.workspace import load_workspace
from tests.fault_server import Site, serve
from tests.files import A, B, Files, claim, snapshot, succeed
from tests.mirror import add_geoboundaries, use_mirror

SECONDS = 90.0


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


def over(job: Job) -> Job:
    wait(lambda: job.is_over)
    return job


def stub(script: str) -> Callable[[Sequence[str], IO[str]], "subprocess.Popen[str]"]:
    """A process that runs `script` in place of the command line."""

    def start(_: Sequence[str], answers: IO[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=answers,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


SLEEPER = "import sys, time\nprint('  … reading boundaries', file=sys.stderr, flush=True)\ntime.sleep(600)"
ANY = Command("build", ())


def added(scene: Files, root: Path, operator: str) -> Command:
    options = {"operator": operator, "technology": "4G", "evidence": "declared", "as_of": "2026-09-30"}
    return add_command(root, Kind.COVERAGE, [scene.viettel], options, replace=False, mend=False)


@pytest.mark.parametrize(
    ("line", "name", "what"),
    [
        ("  … checking the files", "files", ""),
        ("  … reading boundaries\n", "boundaries", ""),
        ("  … computing 2026-04-commune (40 units)", "computing", "2026-04-commune"),
        ("  … checking viettel.geojson and 3 more", "checking", "viettel.geojson and 3 more"),
        ("  … fetching 75_dong_nai.geojson", "fetching", "75_dong_nai.geojson"),
        ("  … tiles.parquet: 12.5 MB of 80.0 MB", "fetched", "tiles.parquet"),
        ("  … something new", "other", "something new"),
    ],
)  # fmt: skip
def test_steps_are_read_from_what_commands_say(line: str, name: str, what: str) -> None:
    step = read_step(line)
    assert step is not None
    assert (step.name, step.what) == (name, what)
    assert step.name in STEP_NAMES
    assert read_step("vunglom: a fault") is None


def test_a_job_adds_and_builds_and_tells_each_step(squares: Path, scene: Files) -> None:
    jobs, ended = Jobs(), threading.Event()
    job = over(
        jobs.submit(squares, [added(scene, squares, "Viettel"), build_command(squares)], after=ended.set)
    )
    assert (job.state, job.done_commands) == (State.DONE, ("add", "build"))
    assert ended.is_set()
    assert job.answers["add"]["kind"] == "coverage"
    assert job.step.name == "writing"
    assert is_current(load_workspace(squares))
    assert jobs.running(squares) is None
    assert jobs.last(squares) is job


def test_two_visitors_upload_at_once_and_neither_is_lost(squares: Path, scene: Files) -> None:
    jobs = Jobs()
    begun: list[Job] = []
    givers = [
        threading.Thread(
            target=lambda n=number: begun.append(
                jobs.submit(squares, [added(scene, squares, f"operator {n}"), build_command(squares)])
            )
        )
        for number in range(2)
    ]  # fmt: skip
    for giver in givers:
        giver.start()
    for giver in givers:
        giver.join()
    assert [over(job).state for job in begun] == [State.DONE] * 2
    found = {given.options["operator"] for given in load_workspace(squares).of_kind("coverage")}
    assert found == {"operator 0", "operator 1"}
    assert is_current(load_workspace(squares))


def test_every_session_sees_the_same_job_and_a_build_that_waits_is_not_doubled(
    squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_job, "start", stub(SLEEPER))
    jobs = Jobs()
    first = jobs.submit(squares, [ANY])
    wait(lambda: first.step.name == "boundaries")
    assert jobs.running(squares) is first
    second = jobs.submit(squares / ".." / squares.name, [ANY])
    assert jobs.submit(squares, [ANY]) is second
    assert jobs.waiting(squares) == 1
    jobs.cancel(second)
    assert (second.state, first.state) == (State.CANCELLED, State.RUNNING)
    jobs.cancel(first)
    assert over(first).state is State.CANCELLED


def test_the_queue_has_an_end(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_job, "start", stub(SLEEPER))
    jobs = Jobs()
    begun = [jobs.submit(squares, [Command("add", ())])]
    wait(lambda: jobs.running(squares) is begun[0] and begun[0].pid is not None)
    begun += [jobs.submit(squares, [Command("add", ())]) for _ in range(MOST_WAITING)]
    with pytest.raises(WorkspaceError, match="20 jobs wait already"):
        jobs.submit(squares, [Command("add", ())])
    for job in reversed(begun):
        jobs.cancel(job)
    assert [over(job).state for job in begun] == [State.CANCELLED] * len(begun)


@pytest.mark.parametrize("way", ["cancel", "kill"])
def test_a_build_that_is_stopped_leaves_the_old_results(way: str, full: Path, scene: Files) -> None:
    build(load_workspace(full))
    succeed("add", full, "coverage", scene.mobifone, *claim("Gmobile"), "--quiet")
    before = snapshot(full)
    jobs = Jobs()
    job = jobs.submit(full, [build_command(full)])
    wait(lambda: job.step.name in ("reading", "computing"))
    assert job.pid is not None
    if way == "cancel":
        jobs.cancel(job)
        assert over(job).state is State.CANCELLED
    else:
        os.kill(job.pid, signal.SIGKILL)
        assert over(job).state is State.DIED
    assert snapshot(full) == before
    assert not list(full.glob(".built-*"))
    assert over(jobs.submit(full, [build_command(full)])).state is State.DONE
    assert is_current(load_workspace(full))


def test_stopping_ends_what_the_process_started_too(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "child"
    script = (
        "import pathlib, signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(told)!r}).write_text(str(child.pid))\ntime.sleep(600)"
    )
    monkeypatch.setattr(build_job, "start", stub(script))
    monkeypatch.setattr(build_job, "_STOP_SECONDS", 0.3)
    jobs = Jobs()
    job = jobs.submit(squares, [ANY])
    wait(lambda: told.exists() and told.read_text() != "")
    jobs.cancel(job)
    assert over(job).state is State.CANCELLED
    state = Path(f"/proc/{told.read_text()}/stat")
    wait(lambda: not state.exists() or state.read_text().split()[2] == "Z")


def test_a_bad_file_changes_nothing_and_says_one_thing(full: Path, tmp_path: Path) -> None:
    build(load_workspace(full))
    before = snapshot(full)
    bad = tmp_path / "bad.geojson"
    bad.write_text("<html>", encoding="utf-8")
    options = {"operator": "V", "technology": "4G", "evidence": "declared", "as_of": "2026-09-30"}
    command = add_command(full, Kind.COVERAGE, [bad], options, replace=True, mend=False)
    job = over(Jobs().submit(full, [command, build_command(full)]))
    assert (job.state, job.done_commands) == (State.FAILED, ())
    assert isinstance(job.fault, InputError)
    assert "not valid GeoJSON" in str(job.fault)
    assert snapshot(full) == before


def test_a_full_disk_changes_nothing_and_is_said(
    full: Path, scene: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(load_workspace(full))
    succeed("add", full, "coverage", scene.mobifone, *claim("Gmobile"), "--quiet")
    before = snapshot(full)
    script = (
        "import pathlib, resource, runpy, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from geo import pipeline\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        f"sys.argv = ['vunglom', 'build', {str(full)!r}, '--json']\nrunpy.run_module('geo', run_name='__main__')"
    )
    monkeypatch.setattr(build_job, "start", stub(script))
    job = over(Jobs().submit(full, [build_command(full)]))
    assert job.state is State.FAILED
    assert "File too large" in str(job.fault)
    assert snapshot(full) == before


def test_a_command_that_cannot_begin_is_a_fault(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError("cannot allocate memory")

    monkeypatch.setattr(build_job, "start", none)
    job = over(Jobs().submit(squares, [ANY]))
    assert (job.state, str(job.fault)) == (State.FAILED, "cannot allocate memory")


def test_how_far_a_job_of_two_commands_is() -> None:
    add, make = Command("add", ()), Command("build", ())
    job = Job(Path("x"), (add, make))
    shares = [job.share(2)]
    for command, step, lists, done in [
        (add, "other", 0, ()), (add, "other", 0, ("add",)), (make, "other", 0, ("add",)), (make, "reading", 0, ("add",)),
        (make, "computing", 1, ("add",)), (make, "computing", 2, ("add",)), (make, "writing", 2, ("add",)),
        (make, "writing", 2, ("add", "build")),
    ]:  # fmt: skip
        job.command, job.step, job.lists_done, job.done_commands = command, Step(step), lists, done
        shares.append(job.share(2))
    # waiting is nothing; between the two commands half is done, whatever the first one's step was
    assert shares == pytest.approx([0, 0.15, 0.5, 0.5, 0.6, 0.7, 0.83, 0.96, 1])


def test_how_far_it_is_only_grows(full: Path) -> None:
    job = Jobs().submit(full, [build_command(full)])
    shares = []
    while not job.is_over:
        shares.append(job.share(1))
        time.sleep(0.02)
    assert shares == sorted(shares)
    assert max(shares) <= 1
    assert read_manifest(full)["name"] == "Ba ô"


def test_off_the_network_a_fetch_says_so_and_changes_nothing(
    squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setenv("VUNGLOM_MIRROR_OSM", address)
        monkeypatch.setenv("VUNGLOM_FETCH_PAUSE_S", "0.01")
        before = snapshot(squares)
        job = over(Jobs().submit(squares, [fetch_command(squares, "places", {}), build_command(squares)]))
    assert (job.state, type(job.fault)) == (State.FAILED, FetchError)
    assert snapshot(squares) == before


def test_what_is_fetched_is_built(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site()
    add_geoboundaries(
        site, "VNM", "ADM1", [("Một", shapely.geometry.mapping(A)), ("Hai", shapely.geometry.mapping(B))]
    )
    with serve(site) as running:
        use_mirror(monkeypatch, running, "geoboundaries")
        options = {"from": "geoboundaries", "level": "ADM1"}
        command = fetch_command(squares, "boundaries", options, replace=True)
        job = over(Jobs().submit(squares, [command, build_command(squares)]))
    assert (job.state, job.done_commands) == (State.DONE, ("fetch", "build"))
    assert read_manifest(squares)["lists"][0]["units"] == 2

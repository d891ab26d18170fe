"""Work on a workspace in the background: a queue of commands for each, run one after another in a process of their own.

A server that people look at must not read strangers' files, nor compute for a minute, in the process that answers them.
Every command is `python -m geo …`: what it prints is its progress and its end, and stopping it is ending its process.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from geo import errors
from geo.errors import VunglomError, WorkspaceError
from geo.files import is_free
from geo.job import Command, Job, State, Step, read_step
from geo.store import BUILD_LOCK, recover_built
from geo.workspace import CONFIG_NAME, load_workspace

MOST_WAITING: Final = 20
"""Jobs that may wait in one workspace."""
_STOP_SECONDS: Final = 5.0


class Jobs:
    """The jobs of one server: those of a workspace one after another, those of different ones side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Path, deque[Job]] = {}
        self._last: dict[Path, Job] = {}
        self._busy: set[Path] = set()

    def submit(
        self,
        root: Path,
        commands: Sequence[Command],
        *,
        title: str = "",
        after: Callable[[], None] | None = None,
    ) -> Job:
        """Begin a job, or put it behind those that wait. `after` is called when it is over, however it ended.

        A build that would follow another that has not begun is that one. Raises `WorkspaceError` when too many wait.
        """
        root = root.resolve()
        job = Job(root, tuple(commands), title, after)
        with self._lock:
            waiting = self._waiting.setdefault(root, deque())
            for known in waiting:
                if (
                    [one.purpose for one in job.commands]
                    == ["build"]
                    == [one.purpose for one in known.commands]
                ):
                    return known
            if len(waiting) >= MOST_WAITING:
                raise WorkspaceError(f"{root}: {MOST_WAITING} jobs wait already; wait for one of them to end")
            waiting.append(job)
            if root not in self._busy:
                self._busy.add(root)
                threading.Thread(target=self._work, args=(root,), name="vunglom-job", daemon=True).start()
        return job

    def running(self, root: Path) -> Job | None:
        """The job that runs in a workspace, or waits to."""
        with self._lock:
            last = self._last.get(root.resolve())
            if last is not None and not last.is_over:
                return last
            waiting = self._waiting.get(root.resolve())
            return waiting[0] if waiting else None

    def last(self, root: Path) -> Job | None:
        """The job of a workspace that was begun last."""
        with self._lock:
            return self._last.get(root.resolve())

    def waiting(self, root: Path) -> int:
        """How many jobs of a workspace have not begun."""
        with self._lock:
            return len(self._waiting.get(root.resolve(), ()))

    def cancel(self, job: Job) -> None:
        """Stop a job: one that waits is never begun, one that runs is ended by its process id."""
        with self._lock:
            job.cancelled = True
            waiting = self._waiting.get(job.root, deque())
            if job in waiting:
                waiting.remove(job)
                _end(job, State.CANCELLED)
            pid = job.pid
        if pid is not None:
            _stop(pid)

    def _work(self, root: Path) -> None:
        while True:
            with self._lock:
                waiting = self._waiting[root]
                if not waiting:
                    self._busy.discard(root)
                    return
                job = waiting.popleft()
                self._last[root] = job
                job.state, job.started = State.RUNNING, time.monotonic()
            _end(job, self._run(job))

    def _run(self, job: Job) -> State:
        for command in job.commands:
            job.command, job.step, job.lists_done = command, Step("other"), 0
            try:
                state = self._run_command(job, command)
            except OSError as fault:
                job.fault = VunglomError(str(fault))
                state = State.FAILED
            if state is not State.DONE:
                return state
            job.done_commands = (*job.done_commands, command.purpose)
        return State.DONE

    def _run_command(self, job: Job, command: Command) -> State:
        # a file: nobody reads a second pipe while the first is read
        with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as answers:
            return self._run_with(job, command, answers)

    def _run_with(self, job: Job, command: Command, answers: IO[str]) -> State:
        with self._lock:
            if job.cancelled:
                return State.CANCELLED
            process = start(command.arguments, answers)
            job.pid = process.pid
        said: list[str] = []
        with process:
            for line in process.stderr or ():
                _take_line(job, line, said)
            process.wait()
            answers.seek(0)
            answer = answers.read()
        with self._lock:
            # from here on the number may be another process's
            job.pid = None
        if process.returncode == 0:
            job.answers[command.purpose] = _object(answer)
            return State.DONE
        if command.purpose == "build":
            _clear(job.root)
        if job.cancelled:
            return State.CANCELLED
        job.fault = _fault(said)
        return State.FAILED if job.fault else State.DIED


def start(arguments: Sequence[str], answers: IO[str]) -> "subprocess.Popen[str]":
    """`python -m geo` in a process group of its own, its progress on a pipe, its answer written to a file."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": _import_path()}
    # a person waits: off the network, or at an address that does not answer, they hear of it within seconds
    environment.setdefault("VUNGLOM_FETCH_PAUSE_S", "0.3")
    return subprocess.Popen(  # noqa: S603  # our own command line
        [sys.executable, "-m", "geo", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=answers,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,
    )


def _import_path() -> str:
    """The folder of this package first, whatever the current folder is."""
    here = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))


def _take_line(job: Job, line: str, said: list[str]) -> None:
    step = read_step(line)
    if step is None:
        said.append(line)
        del said[:-20]
        return
    if step.name == "computing":
        job.lists_done += 1
    job.step = step


def _object(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def _fault(said: Sequence[str]) -> VunglomError | None:
    """The error that a command ended with, as itself; None when it did not get to say one."""
    for line in reversed(said):
        told = _object(line)
        if isinstance(told.get("error"), str):
            kind = getattr(errors, str(told.get("kind")), VunglomError)
            known = isinstance(kind, type) and issubclass(kind, VunglomError)
            return kind(told["error"]) if known else VunglomError(told["error"])
    return None


def _end(job: Job, state: State) -> None:
    job.ended = time.monotonic()
    try:
        if job.after is not None:
            job.after()
    finally:
        job.state = state


def _clear(root: Path) -> None:
    """What a build that was ended left half written; never a reason to fail."""
    if (root / CONFIG_NAME).is_file() and is_free(root, BUILD_LOCK):
        with suppress(VunglomError, OSError):
            recover_built(load_workspace(root))


def _stop(pid: int) -> None:
    """End a process and those it started: asked first, then made to."""
    _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if not _is_alive(pid):
            return
        time.sleep(0.05)
    _signal(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal(pid: int, which: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, which)
        else:
            os.kill(pid, which)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

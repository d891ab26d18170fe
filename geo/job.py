"""One piece of work in the background: its commands, where it stands, how far it is by what the commands say."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, Final

from geo.errors import VunglomError

_PROGRESS: Final = re.compile(r"^ *… (.*)$")
_STEPS: Final = (
    ("files", r"checking the files"),
    ("boundaries", r"reading boundaries"),
    ("reading", r"reading people, tiles"),
    ("computing", r"computing (?P<what>\S+)"),
    ("writing", r"writing"),
    ("checking", r"checking (?P<what>.+)"),
    ("fetching", r"fetching (?P<what>\S+)"),
    ("fetched", r"(?P<what>\S+): (?P<done>[\d.]+) MB(?: of (?P<whole>[\d.]+) MB)?"),
)
"""Step of a job, and how the command says it."""
_PARTS: Final = {"files": 0.02, "boundaries": 0.08, "reading": 0.2, "computing": 0.4, "writing": 0.92}
"""How far a build is when a step of it begins, of 1."""


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIED = "died"


@dataclass(frozen=True)
class Command:
    """One call of the command line: what it is for (`add`, `fetch`, `new`, `build`) and its arguments."""

    purpose: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What is being done: a name of `STEP_NAMES`, what it is done to, and how much of it."""

    name: str
    what: str = ""
    done: str = ""
    whole: str = ""


STEP_NAMES: Final = (*(name for name, _ in _STEPS), "other")


@dataclass(eq=False)
class Job:
    """One job: its commands, where it stands, and how it ended. Written by one thread, read by all.

    `title` says what it is about in a word of the data's own, such as the name of a file. `after` is called at the end.
    """

    root: Path
    commands: tuple[Command, ...]
    title: str = ""
    after: Callable[[], None] | None = None
    state: State = State.WAITING
    started: float = 0.0
    ended: float = 0.0
    command: Command | None = None
    step: Step = Step("other")
    lists_done: int = 0
    pid: int | None = None
    fault: VunglomError | None = None
    done_commands: tuple[str, ...] = ()
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelled: bool = False
    number: int = field(default_factory=count(1).__next__)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in (State.WAITING, State.RUNNING)

    @property
    def ended_ago(self) -> float:
        """Seconds since it ended; 0 while it has not."""
        return time.monotonic() - self.ended if self.ended else 0.0

    @property
    def seconds(self) -> float:
        """How long it has run, or ran."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0

    def share(self, lists: int) -> float:
        """About how far it is, of 1; a build of `lists` lists of units spends the most on computing them."""
        commands, done = len(self.commands), len(self.done_commands)
        if done == commands:
            return 1.0
        # one that waits, or whose next command is about to begin, is no farther than what is done
        inside = self._inside(lists) if self.command is self.commands[done] else 0.0
        return (done + inside) / commands

    def _inside(self, lists: int) -> float:
        """How far the command that runs is, of 1."""
        if self.command is None or self.command.purpose != "build":
            return 0.3
        inside = _PARTS.get(self.step.name, 0.0)
        if self.step.name == "computing":
            inside += (_PARTS["writing"] - inside) * max(0, self.lists_done - 1) / max(1, lists)
        return inside


def read_step(line: str) -> Step | None:
    """The step that a line of a command tells; None for a line that tells none."""
    found = _PROGRESS.match(line.rstrip("\n"))
    if found is None:
        return None
    for name, pattern in _STEPS:
        if said := re.match(pattern, found[1]):
            return Step(name, **{key: value or "" for key, value in said.groupdict().items()})
    return Step("other", found[1])


def build_command(root: Path, *, if_changed: bool = False) -> Command:
    """Build the results."""
    return Command("build", ("build", *(("--if-changed",) if if_changed else ()), "--json", "--", str(root)))

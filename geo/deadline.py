"""When a long computation is to end: at a moment, or as soon as nobody waits for its answer any more."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo.errors import GivenUpError


def never() -> bool:
    """What says that a computation is given up, where nobody can give it up."""
    return False


@dataclass(frozen=True)
class Deadline:
    """`at`: seconds of the monotonic clock, infinite for no limit; `given_up` is asked often, from several threads."""

    at: float = np.inf
    given_up: Callable[[], bool] = never

    @property
    def passed(self) -> bool:
        """Whether it is time to end."""
        return time.monotonic() >= self.at or self.given_up()

    @property
    def left(self) -> float:
        """Seconds to the moment, 0 past it."""
        return max(self.at - time.monotonic(), 0.0)

    def require_wanted(self) -> None:
        """Raise `GivenUpError` where nobody waits any more."""
        require_wanted(self.given_up)


NO_DEADLINE = Deadline()


def require_wanted(given_up: Callable[[], bool]) -> None:
    """Raise `GivenUpError` where a computation is given up: half an answer must not look like one that time cut off."""
    if given_up():
        raise GivenUpError("the search was given up before its end; there is no answer. Start it again")

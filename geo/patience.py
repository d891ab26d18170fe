"""Trying again what fails in passing: how long is waited for a server, and how often it is asked. `tenacity` repeats."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import tenacity

from geo.address import Address, redact
from geo.errors import CallError, FetchError

CHUNK: Final = 64 * 1024
"""Bytes received at a time; a try that brings as many more has got further."""
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to try without getting any further."""

    attempts: int = 6
    connect_s: float = 15.0
    silence_s: float = 60.0
    pause_s: float = 1.0
    longest_pause_s: float = 120.0
    lock_s: float = 3600.0

    @classmethod
    def of_environment(cls) -> "Patience":
        """The defaults, with VUNGLOM_FETCH_SILENCE_S and VUNGLOM_FETCH_PAUSE_S for slow or very quick lines.

        Raises `CallError` for what is no number above zero.
        """
        return cls(
            silence_s=_seconds("VUNGLOM_FETCH_SILENCE_S", cls.silence_s),
            pause_s=_seconds("VUNGLOM_FETCH_PAUSE_S", cls.pause_s),
        )


def _seconds(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise CallError(f"{variable} is {text!r}; wanted seconds, for example {default:g}")
    return seconds


PATIENT: Final = Patience()


class PassingError(Exception):
    """Something that may go well at the next try; `pause_s` is how long the server asked to be left alone."""

    def __init__(self, text: str, *, pause_s: float = 0.0) -> None:
        super().__init__(text)
        self.pause_s = pause_s


def persist(work: Callable[[], T], address: Address, patience: Patience, reached: Callable[[], int]) -> T:
    """Repeat `work` with growing pauses until it goes well, or `attempts` tries in a row brought nothing new.

    `reached` is how many bytes have been held at most; a try that adds a chunk to that starts the count again.
    Raises `FetchError` with the last fault.
    """
    state = _Tries(patience, reached)
    tries = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(PassingError),
        stop=state.stop,
        wait=state.wait,
        reraise=True,
    )
    try:
        return tries(work)
    except PassingError as fault:
        asked = f" and asks to be left alone for {fault.pause_s:g} s" if fault.pause_s else ""
        raise FetchError(
            f"{address.shown}: {redact(str(fault))}{asked}; given up after {state.tries} tries, nothing was kept under its name. "
            "Run the same command again later: it goes on where it stopped"
        ) from None


class _Tries:
    def __init__(self, patience: Patience, reached: Callable[[], int]) -> None:
        self._patience, self._reached = patience, reached
        self._idle, self._most, self.tries = 0, reached(), 0

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds until the next try: doubled each time, or what the server asked for if that is longer."""
        now = self._reached()
        self._idle = 1 if now >= self._most + CHUNK else self._idle + 1
        self._most, self.tries = max(now, self._most), state.attempt_number
        fault = state.outcome.exception() if state.outcome else None
        asked = fault.pause_s if isinstance(fault, PassingError) else 0.0
        pause: float = max(self._patience.pause_s * 2 ** (self._idle - 1), asked)
        return min(pause, self._patience.longest_pause_s)

    def stop(self, state: tenacity.RetryCallState) -> bool:
        """Whether to give up."""
        fault = state.outcome.exception() if state.outcome else None
        too_long = isinstance(fault, PassingError) and fault.pause_s > self._patience.longest_pause_s
        return too_long or self._idle >= self._patience.attempts

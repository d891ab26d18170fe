"""A suggestion being computed: in a thread of its own, so that the page stays free, and found again after a change of page.

Two threads serve all visitors, so a search that nobody waits for is ended: at once when it is given up, and some seconds
after its visitor's browser went away.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.rollout_desk import Desk
from geo.suggest import Ask, Lists, Suggestion, suggest

JOB_KEY: Final = "plan_job"
SPARE_SECONDS: Final = 5.0
"""What reading demand and drawing candidates takes beside the search."""
AWAY_SECONDS: Final = 15.0
"""For how long a browser may be away, as over a weak network, before its search is ended."""


class Wanted:
    """Whether somebody waits for a search: until it is dropped, or its visitor (`is_here`) has been away for too long.

    Asked from the threads that search, and for good: what was not wanted once is not wanted again.
    """

    def __init__(self, is_here: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_here, self._clock = is_here, clock
        self._seen = clock()
        self._dropped = False

    def drop(self) -> None:
        """Nobody waits any more."""
        self._dropped = True

    def given_up(self) -> bool:
        """Whether the search is to end."""
        if self._dropped:
            return True
        now = self._clock()
        if self._is_here():
            self._seen = now
        self._dropped = now - self._seen > AWAY_SECONDS
        return self._dropped


@dataclass(frozen=True, eq=False)
class Job:
    """What is being computed since when; `basis` names the results and the list of units that it was asked of."""

    ask: Ask
    basis: str
    started: float
    future: "Future[Suggestion]"
    wanted: Wanted

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self.started

    @property
    def limit(self) -> float:
        """About how long it may run."""
        return self.ask.time_limit_seconds + SPARE_SECONDS


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    # two, so that one visitor's long search does not keep another waiting
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="vunglom-plan")


def start(desk: Desk, basis: str, ask: Ask, lists: Lists) -> None:
    """Begin to compute; what ran before is ended."""
    drop()
    wanted = Wanted(_presence())
    future = _workers().submit(suggest, desk, ask, lists, wanted.given_up)
    st.session_state[JOB_KEY] = Job(ask, basis, time.monotonic(), future, wanted)


def _presence() -> Callable[[], bool]:
    """What says whether this visitor's browser is connected; a run outside a server has nobody who could leave."""
    context = get_script_run_ctx(suppress_warning=True)
    session = context.session_id if context is not None else ""
    return lambda: not exists() or get_instance().is_active_session(session)


def current(basis: str) -> Job | None:
    """The visitor's job, running or done; one that was asked of other results is dropped."""
    found: Job | None = st.session_state.get(JOB_KEY)
    if found is not None and found.basis != basis:
        drop()
        return None
    return found


def drop() -> None:
    """Forget the job: its thread ends it, and one that has not begun is never begun."""
    job: Job | None = st.session_state.pop(JOB_KEY, None)
    if job is not None:
        job.wanted.drop()
        job.future.cancel()

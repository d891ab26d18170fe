"""A suggestion being computed: in a thread of its own, so that the page stays free, and found again after a change of page."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import streamlit as st

from geo.rollout_desk import Desk
from geo.suggest import Ask, Lists, Suggestion, suggest

JOB_KEY: Final = "plan_job"
SPARE_SECONDS: Final = 5.0
"""What reading demand and drawing candidates takes beside the search."""


@dataclass(frozen=True, eq=False)
class Job:
    """What is being computed since when; `basis` names the results and the list of units that it was asked of."""

    ask: Ask
    basis: str
    started: float
    future: "Future[Suggestion]"

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
    """Begin to compute; what ran before is forgotten."""
    drop()
    future = _workers().submit(suggest, desk, ask, lists)
    st.session_state[JOB_KEY] = Job(ask, basis, time.monotonic(), future)


def current(basis: str) -> Job | None:
    """The visitor's job, running or done; one that was asked of other results is dropped."""
    found: Job | None = st.session_state.get(JOB_KEY)
    if found is not None and found.basis != basis:
        drop()
        return None
    return found


def drop() -> None:
    """Forget the job; one that has not begun is never begun."""
    job = st.session_state.pop(JOB_KEY, None)
    if job is not None:
        job.future.cancel()

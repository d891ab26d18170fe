"""The state of a workspace's data: what was built when, what waits to be, the job that runs, and the way back."""

import os
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st

from geo.build_job import Jobs
from geo.errors import MovedError, VunglomError
from geo.files import is_free
from geo.history import states
from geo.input_table import BUILT, input_rows
from geo.job import Command, Job, State, build_command
from geo.results import Built
from geo.store import BUILD_LOCK
from geo.undo import has_changes, mark, undo
from geo.workspace import Workspace
from layers.escape import escape, escape_markdown
from layers.finding_html import admitted_html
from layers.job_text import job_end_text, job_title, step_text
from layers.strings import Language, moment, number, text
from pages.workspaces import may_edit, switch_to

WATCHED_KEY: Final = "data_watched"
"""The folder of the job that this visitor started in another workspace, and its name there."""
SEEN_KEY: Final = "data_seen"
SAID_KEY: Final = "data_said"
BOX_KEY: Final = "data_box"
_POLL_S: Final = 1.0
_LOOK_S: Final = 4.0
TOLD_S: Final = 900.0
"""How long after a job the page still says how it ended."""


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this server, the same for all visitors."""
    return Jobs()


def submit(
    root: Path, commands: list[Command], language: Language, *, title: str = "", after: Any = None
) -> Job | None:
    """Begin a job; a fault is kept to be said. Nothing where data may not be changed."""
    if not may_edit():
        return None
    try:
        return jobs().submit(root, commands, title=title, after=after)
    except VunglomError as fault:
        st.session_state[SAID_KEY] = (text("job_too_many", language), str(fault))
        return None


def empty_box_after(job: Job, prefix: str) -> None:
    """Empty a file box once the job that takes its files has ended well: after a fault the files are still there."""
    st.session_state[BOX_KEY] = (job, prefix)


def takes_box(prefix: str) -> bool:
    """Whether a job is at work on the files of a box."""
    job, of = st.session_state.get(BOX_KEY, (None, ""))
    return of == prefix and job is not None and not job.is_over


def _empty_box() -> None:
    job, prefix = st.session_state.get(BOX_KEY, (None, ""))
    if job is not None and job.is_over:
        del st.session_state[BOX_KEY]
        if job.done_commands:
            # another key is another box
            st.session_state[f"{prefix}_box"] = st.session_state.get(f"{prefix}_box", 0) + 1


def watch_other(root: Path, name: str) -> None:
    """Follow a job in a workspace that is being made, and open it when it is there."""
    st.session_state[WATCHED_KEY] = (str(root), name)


def show_jobs(root: Path, language: Language) -> None:
    """What runs and how far it is; how the last one ended."""
    _show_said(language)
    _empty_box()
    watched = st.session_state.get(WATCHED_KEY)
    place = Path(watched[0]) if watched else root
    running = jobs().running(place)
    # a job that somebody else starts is seen a few seconds later
    st.fragment(_watch, run_every=_POLL_S if running else _LOOK_S)(
        place, running.number if running else 0, language
    )
    if running is None:
        _settle(place, language)


def _watch(place: Path, known: int, language: Language) -> None:
    job = jobs().running(place)
    if (job.number if job else 0) != known:
        st.rerun()
    if job is not None:
        _show_progress(job, language)


def _show_progress(job: Job, language: Language) -> None:
    said = text("job_waiting", language) if job.state is State.WAITING else step_text(job.step, language)
    line = f"{job_title(job, language)}: {said} · {text('seconds', language, count=number(job.seconds, language))}"
    waiting = jobs().waiting(job.root)
    if waiting and job.state is State.RUNNING:
        line += " · " + text("jobs_behind", language, count=number(waiting, language))
    with st.container(key="data_job"):
        bar, stop = st.columns([5, 1], vertical_alignment="bottom")
        bar.progress(job.share(3), text=escape_markdown(line))
        if may_edit():
            stop.button(
                text("job_cancel", language),
                key="job_cancel",
                width="stretch",
                on_click=partial(jobs().cancel, job),
            )
        st.caption(text("job_old_served", language))


def _settle(place: Path, language: Language) -> None:
    """The job is over: say how, and open the workspace that it made."""
    last = jobs().last(place)
    if last is None or last.ended_ago > TOLD_S or st.session_state.get(SEEN_KEY) == last.number:
        st.session_state.pop(WATCHED_KEY, None)
        return
    watched = st.session_state.get(WATCHED_KEY)
    if watched and last.done_commands:
        del st.session_state[WATCHED_KEY]
        switch_to(watched[1])
        st.rerun()
    sentence = escape_markdown(job_end_text(last, language))
    with st.container(key="data_job_end"):
        said, close = st.columns([6, 1], vertical_alignment="center")
        with said:
            if last.state is State.DONE:
                st.success(sentence, icon=":material/check_circle:")
            elif last.state is State.CANCELLED:
                st.warning(sentence)
            else:
                st.error(sentence)
                if last.fault is not None:
                    with st.expander(text("fault_details", language)):
                        st.code(without_folder(last.fault, place), language=None, wrap_lines=True)
        close.button(
            text("close", language), key="job_close", on_click=partial(_close, last.number), width="stretch"
        )
        # a build says how many it found, not which: those are on the page
        admitted = (last.answers.get(name, {}) for name in ("add", "new"))
        found = [row for answer in admitted for row in answer.get("findings", [])]
        if html := admitted_html(found, language):
            st.html(html)


def without_folder(fault: Exception, root: Path) -> str:
    """An error's own words, without where on this machine the workspace and the upload lie."""
    said = str(fault).replace(f"{root.parent}{os.sep}", "")
    return re.sub(r"\S*vunglom-upload-[^\s/\\]+[/\\]", "", said)


def _close(job: int) -> None:
    st.session_state[SEEN_KEY] = job
    # a workspace that was to be made and was not is followed no longer
    st.session_state.pop(WATCHED_KEY, None)


def _show_said(language: Language) -> None:
    said = st.session_state.pop(SAID_KEY, None)
    if said is None:
        return
    sentence, details = said
    if details:
        st.error(escape_markdown(sentence))
        if details.strip():
            with st.expander(text("fault_details", language)):
                st.code(details, language=None, wrap_lines=True)
    else:
        st.success(escape_markdown(sentence), icon=":material/check_circle:")


def show_state(workspace: Workspace, built: Built | None, language: Language) -> None:
    """When the results were built, what they do not hold yet, and the buttons that build and go back."""
    changed = built is None or has_changes(workspace)
    line = (
        ""
        if built is None
        else text("data_built", language, time=moment(str(built.manifest["built_at"]), language))
    )
    if built is not None:
        rows = input_rows(workspace, built.manifest["inputs"], datetime.now(UTC).date())
        count = sum(row.state != BUILT for row in rows)
        if changed:
            line += " " + text("data_changed", language, count=number(count, language))
    said, *places = st.columns([4, 1.3, 1.7], vertical_alignment="center")
    said.html(f'<section class="vl-panel"><p class="vl-hint" role="status">{escape(line)}</p></section>')
    if not may_edit():
        return
    busy = jobs().running(workspace.root) is not None
    places[0].button(
        text("data_build", language), key="data_build", type="primary" if changed else "secondary", width="stretch",
        on_click=partial(_build, workspace.root, language),
    )  # fmt: skip
    kept, seen = states(workspace.root), mark(workspace.root)
    places[1].button(
        text("data_drop_changes" if changed else "data_undo", language), key="data_undo", width="stretch",
        disabled=busy or built is None or not (changed or kept), help=text("data_undo_help", language),
        on_click=partial(_undo, workspace.root, "", seen, language),
    )  # fmt: skip
    if kept and built is not None:
        with st.expander(text("data_states", language, count=number(len(kept), language))):
            for state in kept:
                about, button = st.columns([4, 1.2], vertical_alignment="center")
                files = number(state.files, language)
                time = moment(state.built_at, language)
                pending = " " + text("data_state_pending", language) if state.pending else ""
                about.html(
                    f"<p>{escape(text('data_state', language, time=time, files=files))}{escape(pending)}</p>"
                )
                button.button(
                    text("data_return", language), key=f"return {state.id}", disabled=busy, width="stretch",
                    on_click=partial(_undo, workspace.root, state.id, seen, language),
                )  # fmt: skip


def _build(root: Path, language: Language) -> None:
    submit(root, [build_command(root)], language)


def _undo(root: Path, to: str, seen: str, language: Language) -> None:
    if not may_edit():
        return
    try:
        if not (is_free(root, BUILD_LOCK) and is_free(root, "add")):
            st.session_state[SAID_KEY] = (text("data_busy", language), " ")
            return
        done = undo(root, to, seen=seen)
    except MovedError:
        st.session_state[SAID_KEY] = (text("data_moved", language), " ")
        return
    except (VunglomError, OSError) as fault:
        st.session_state[SAID_KEY] = (text("undo_failed", language), without_folder(fault, root))
        return
    key = "undone_changes" if done.only_changes else "undone"
    st.session_state[SAID_KEY] = (text(key, language, time=moment(done.built_at, language)), "")

"""Saved proposals on the page: opening by link or from the list, saving, statuses, history, older versions."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from geo.errors import InputError
from geo.proposal_store import Store, made_of
from geo.proposals import OPEN, TRANSITIONS, Content, Status, Version
from geo.rollout_desk import Desk
from layers.escape import escape, escape_markdown
from layers.faults import fault_text
from layers.saved import action_text, history_html, saved_html, saved_label, status_text
from layers.strings import Language, text
from pages.choices import PROPOSAL_KEY
from pages.desk import BOX_KEY, FOCUS_KEY, HELD_KEY, Held, held, put_drawing, redraw
from pages.file_part import let_go

BASE_KEY: Final = "proposal_base"
SAID_KEY: Final = "desk_said"
SAID_SECONDS: Final = 8.0
TOP: Final = "top"
BELOW: Final = "below"
"""Where something is said: who presses a button at the foot of the page does not see what appears at its head."""


def open_from_address(desk: Desk, language: Language) -> None:
    """Open the proposal that the address names, once; call before any widget is made."""
    if PROPOSAL_KEY in st.session_state:
        return
    wanted = st.query_params.get("proposal")
    st.session_state[PROPOSAL_KEY] = None
    found = next((saved for saved in desk.proposals if saved.id == wanted), None)
    if found is not None:
        put_on_desk(found)
    elif wanted:
        say("error", text("fault_not_found", language, id=wanted))


def opened(desk: Desk) -> Version | None:
    """The proposal that is open, as it stands in the store."""
    wanted = st.session_state.get(PROPOSAL_KEY)
    return next((saved for saved in desk.proposals if saved.id == wanted), None)


def put_on_desk(version: Version) -> None:
    """Fill form and map with a saved proposal."""
    content = version.content
    let_go(BOX_KEY)
    st.session_state[PROPOSAL_KEY] = version.id
    st.session_state[BASE_KEY] = version.version
    fields = {
        "offer_operator": content.operator, "offer_technology": str(content.technology), "offer_year": content.year,
        "offer_cost": content.cost, "offer_speed": content.speed_mbps, "save_name": content.name,
    }  # fmt: skip
    st.session_state.update(fields)
    drawn = redraw(content.geometry)
    put_drawing(drawn or [])
    kept = None if drawn is not None else Held(content.kind, content.geometry, content.name, is_file=False)
    st.session_state[HELD_KEY] = kept
    st.session_state[FOCUS_KEY] = st.session_state.get(FOCUS_KEY, 0) + 1


def start_new() -> None:
    """An empty desk; operator, technology and year stay as they are."""
    let_go(BOX_KEY)
    st.session_state[PROPOSAL_KEY] = None
    st.session_state[HELD_KEY] = None
    st.session_state["save_name"] = ""
    put_drawing([])


def say(kind: str, sentence: str, details: str = "", place: str = TOP) -> None:
    """Keep something to be said by the next run: `success`, `error`; at the `TOP` of the page, or `BELOW` the buttons that save."""
    st.session_state[SAID_KEY] = (place, kind, sentence, details, None)


def show_said(language: Language, place: str = TOP) -> None:
    """Say what is to be said here, for a while: the map's answer to a new drawing would take it away before it is read."""
    if st.session_state.get(SAID_KEY, ("",))[0] != place:
        return
    _, kind, sentence, details, first = st.session_state.pop(SAID_KEY)
    now = time.monotonic()
    since, spoken = first or (now, language)
    if now - since > SAID_SECONDS or spoken != language:
        return
    st.session_state[SAID_KEY] = (place, kind, sentence, details, (since, spoken))
    if kind == "success":
        st.success(escape_markdown(sentence), icon=":material/check_circle:")
    else:
        show_fault(sentence, details, language)


def show_fault(sentence: str, details: str, language: Language) -> None:
    """What happened and what to do, and below it, folded, the reader's own words."""
    st.error(escape_markdown(sentence))
    if details:
        with st.expander(text("fault_details", language)):
            st.code(details, language=None, wrap_lines=True)


def _try(work: Any, language: Language) -> Version | None:
    """Do something with the store; say in words why it was refused."""
    try:
        found: Version = work()
    except InputError as fault:
        say("error", fault_text(fault, "fault_store", language), str(fault), BELOW)
        return None
    return found


def _who() -> str:
    return str(st.session_state.get("save_who") or "").strip()


def save_new(store: Store, content: Content, language: Language) -> None:
    """Save as a new draft and open it."""
    saved = _try(lambda: store.add(content, who=_who(), again=True), language)
    _after_saving(saved, language)


def save_change(store: Store, proposal: str, base: int, content: Content, language: Language) -> None:
    """Save as the next version of a proposal."""
    _after_saving(_try(lambda: store.save(proposal, base, content, who=_who()), language), language)


def _after_saving(saved: Version | None, language: Language) -> None:
    if saved is not None:
        st.session_state[PROPOSAL_KEY] = saved.id
        st.session_state[BASE_KEY] = saved.version
        say("success", text("saved", language, name=saved.content.name, id=saved.id), place=BELOW)


def set_status(store: Store, proposal: str, base: int, status: Status, language: Language) -> None:
    """Change the status of the open proposal, made from version `base`."""
    done = _try(lambda: store.set_status(proposal, base, status, who=_who()), language)
    if done is not None:
        st.session_state[BASE_KEY] = done.version
        said = text("status_changed", language, id=done.id, status=status_text(status, language))
        say("success", said, place=BELOW)


def bring_back(store: Store, version: Version, language: Language) -> None:
    """Bring an older version back as the newest, and put it on the desk."""
    number = st.session_state.get("restore_version")
    done = None
    if number is not None:
        done = _try(lambda: store.restore(version.id, number, version.version, who=_who()), language)
    if done is not None:
        put_on_desk(done)
        say("success", text("restored", language, version=number), place=BELOW)


def open_chosen(store: Store, language: Language) -> None:
    """Open the proposal that is chosen in the list."""
    wanted = st.session_state.get("open_which")
    found = _try(lambda: store.get(wanted), language) if wanted else None
    if found is not None:
        put_on_desk(found)


def show_saving(desk: Desk, content: Content | None, language: Language) -> None:
    """Name, who, and the buttons that save; `content` is None when there is nothing to save."""
    version = opened(desk)
    st.html(f'<section class="vl-panel"><h3>{escape(text("save_title", language))}</h3></section>')
    name_place, who_place, *button_places = st.columns([2, 1.4, 1.3, 1.3], vertical_alignment="bottom")
    name_place.text_input(text("save_name", language), key="save_name", max_chars=200)
    who_place.text_input(text("save_who", language), key="save_who", max_chars=100)
    named = bool(str(st.session_state.get("save_name") or "").strip())
    ready = content is not None and named and bool(_who())
    # with a proposal open, saving it comes first: another press of the same button would make a second one
    again = version is not None
    button_places[int(again)].button(
        text("save_as_new" if again else "save_draft", language), key="save_draft", disabled=not ready, width="stretch",
        type="secondary" if again else "primary",
        on_click=partial(save_new, Store(desk.root), content, language) if content else None,
    )  # fmt: skip
    if version is not None:
        changeable = version.status in OPEN
        base = int(st.session_state.get(BASE_KEY, version.version))
        button_places[0].button(
            text("save_change", language, id=version.id), key="save_change", disabled=not (ready and changeable),
            type="primary", width="stretch",
            on_click=partial(save_change, Store(desk.root), version.id, base, content, language) if content else None,
        )  # fmt: skip
        if not changeable:
            status = status_text(version.status, language)
            st.caption(escape_markdown(text("closed_to_change", language, status=status)))
    if not ready:
        st.caption(text("save_needs", language))
    _show_same_file(desk, content, version, language)
    show_said(language, BELOW)


def _show_same_file(desk: Desk, content: Content | None, version: Version | None, language: Language) -> None:
    if content is None or not content.sha256 or held() is None:
        return
    for saved in desk.proposals:
        if made_of(saved.content) == made_of(content) and saved != version:
            status = status_text(saved.status, language)
            st.warning(escape_markdown(text("fault_same_file", language, id=saved.id, status=status)))
            return


def show_saved(desk: Desk, language: Language) -> None:
    """The saved proposals, and for the open one its status and history."""
    version = opened(desk)
    if version is not None:
        _show_open(desk, version, language)
    st.html(saved_html(desk.proposals, version.id if version else None, language))
    if not desk.proposals:
        return
    which, button, new = st.columns([3, 1, 1.4], vertical_alignment="bottom")
    labels = {saved.id: saved_label(saved, language) for saved in desk.proposals}
    which.selectbox(
        text("open_which", language), list(labels), index=None, format_func=labels.__getitem__, key="open_which",
        placeholder=text("open_which", language), label_visibility="collapsed",
    )  # fmt: skip
    button.button(
        text("open", language),
        key="open",
        on_click=partial(open_chosen, Store(desk.root), language),
        width="stretch",
    )
    new.button(text("start_new", language), key="start_new", on_click=start_new, width="stretch")


def _seen(history: Sequence[Version]) -> int:
    """The version that what is on the desk stands on: the newest where only its status was changed since it was opened.

    A status given to what nobody here has seen would count that as seen, and the next save would go over it unsaid.
    """
    newest = history[-1]
    base = int(st.session_state.get(BASE_KEY, newest.version))
    opened_from = next((one for one in history if one.version == base), newest)
    return newest.version if opened_from.content == newest.content else base


def _show_open(desk: Desk, version: Version, language: Language) -> None:
    history = Store(desk.root).history(version.id)
    status = status_text(version.status, language)
    line = text("reopened", language, id=version.id, version=version.version, status=status)
    st.html(
        f'<section class="vl-panel"><h3>{escape(text("status_change", language))}</h3><p>{escape(line)}</p></section>'
    )
    base = _seen(history)
    if base != version.version:
        st.warning(
            escape_markdown(text("desk_older", language, base=base, version=version.version, who=version.who))
        )
    allowed = TRANSITIONS[version.status]
    if not allowed:
        st.caption(text("status_end", language))
    places = st.columns(4)
    for place, wanted in zip(places, allowed, strict=False):
        place.button(
            text("status_to", language, status=status_text(wanted, language)), key=f"status_{wanted}",
            disabled=not _who(), width="stretch",
            on_click=partial(set_status, Store(desk.root), version.id, base, wanted, language),
        )  # fmt: skip
    if allowed and not _who():
        st.caption(text("status_needs", language))
    with st.expander(text("history", language)):
        st.html(history_html(history, language))
        older = [one.version for one in history[:-1]]
        if older and version.status in OPEN:
            which, button = st.columns([2, 1], vertical_alignment="bottom")
            words = {one.version: f"{one.version}: {action_text(one.action, language)}" for one in history}
            which.selectbox(
                text("version", language), older, format_func=words.__getitem__, key="restore_version",
            )  # fmt: skip
            button.button(
                text("restore", language), key="restore", disabled=not _who(), width="stretch",
                on_click=partial(bring_back, Store(desk.root), version, language),
            )  # fmt: skip

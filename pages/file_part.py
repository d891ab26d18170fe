"""Which sheet of a workbook, or layer of a file, is meant: asked in the file box, kept while the file is in use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from geo import confined
from layers.escape import escape_markdown
from layers.file_part import kind_of
from layers.strings import Language, number, text
from pages.desk import as_file

PARTS_KEY: Final = "file_parts"


@dataclass(frozen=True, eq=False)
class Opened:
    """A file of several parts that was put into a box; `chosen`: the part in use, empty while none is."""

    name: str
    content: bytes
    parts: tuple[str, ...]
    chosen: str = ""


def opened(box: str) -> Opened | None:
    """The file of several parts of a box, if there is one."""
    found: Opened | None = _all().get(box)
    return found


def _all() -> dict[str, Opened]:
    files: dict[str, Opened] = st.session_state.setdefault(PARTS_KEY, {})
    return files


def look_into(box: str, name: str, content: bytes) -> tuple[bool, str | None]:
    """Whether the file can be read at once, and as which part; one of several parts is kept until one is chosen.

    Raises `InputError` as reading it does.
    """
    with as_file(name, content) as path:
        parts = confined.file_parts(path)
    if len(parts.names) < 2:
        return True, parts.named
    _all()[box] = Opened(name, content, parts.names)
    return False, None


def choose_part(box: str, part: str) -> None:
    """The part that is in use from now on."""
    _all()[box] = replace(_all()[box], chosen=part)


def let_go(box: str) -> None:
    """The file of the box is in use no more."""
    _all().pop(box, None)


def show_choice(box: str, language: Language, take: Callable[[str], None]) -> None:
    """The parts to choose from; `take` is given the one chosen."""
    found = opened(box)
    if found is None:
        return
    key = f"file_part {box}"
    # assigned anew at every run: it says what is in use, in any language and after a fault
    st.session_state[key] = found.chosen or None

    def taken() -> None:
        part = st.session_state.get(key)
        if part:
            take(str(part))

    kind = kind_of(found.name)
    # not in the label, which is read out as it is written, backslashes and all
    st.caption(escape_markdown(found.name))
    st.selectbox(
        text(f"part_{kind}", language), found.parts, key=key, index=None, on_change=taken,
        placeholder=text(f"part_choose_{kind}", language),
    )  # fmt: skip


def show_waiting(box: str, language: Language) -> None:
    """That nothing of a file is in use before a part is chosen, and where to choose it."""
    found = opened(box)
    if found is None or found.chosen:
        return
    count = number(len(found.parts), language)
    st.warning(
        escape_markdown(text(f"part_wait_{kind_of(found.name)}", language, name=found.name, count=count))
    )

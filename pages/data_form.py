"""The forms that take in files: which kind, which columns, whose data they are; the files themselves and their check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st

from geo.additions import Kind
from geo.border import DEFAULT_TOLERANCE_M, MOST_TOLERANCE_M
from geo.errors import InputError, VunglomError
from geo.indicators import Better, Figures, Key
from geo.schema import Evidence, Level, Network, Technology, Vintage
from geo.uploads import BORDER_LINE, LARGEST_MB, Tray, columns_of, endings_of, guess_column, require_ending
from layers.box_style import box_style
from layers.escape import escape_markdown
from layers.faults import fault_text
from layers.labels import list_words
from layers.strings import Language, has_text, iso_day, text

COLUMN: Final = "column"
LIST: Final = "list"
MULTIPLE: Final = (Kind.BOUNDARIES, Kind.SPEED, Kind.COVERAGE, Kind.PLACES, Kind.SITES)


@dataclass(frozen=True)
class Field:
    """One thing that is asked about a file: the option of the command, its choices (none: a text), or metres from 1 to `most_m`.

    Choices may be `COLUMN`, the file's columns, or `LIST`, the workspace's lists of units.
    """

    option: str
    choices: tuple[str, ...] = ()
    required: bool = True
    guess: str = ""
    most_m: int = 0
    usual_m: int = 0


def _of(choices: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in choices)


FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    Kind.BOUNDARIES: (
        Field("code", (COLUMN,), guess="code"), Field("label", (COLUMN,), guess="label"),
        Field("vintage", _of((Vintage.V2026_04, Vintage.V2025_07, Vintage.V2024, Vintage.OTHER))),
        Field("level", _of((Level.COMMUNE, Level.DISTRICT, Level.PROVINCE))),
    ),
    Kind.SPEED: (Field("network", _of(Network)), Field("quarter", required=False)),
    Kind.COVERAGE: (
        Field("operator"), Field("technology", _of((Technology.G4, Technology.G5, Technology.G3, Technology.G2))),
        Field("evidence", _of(Evidence)), Field("as_of"),
    ),
    Kind.POPULATION: (),
    Kind.FRICTION: (),
    Kind.PLACES: (
        Field("label", (COLUMN,), guess="label"), Field("class", (COLUMN,), guess="class"),
        Field("lat_column", (COLUMN,), required=False, guess="lat"), Field("lon_column", (COLUMN,), required=False, guess="lon"),
    ),
    Kind.SITES: (Field("operator", required=False), Field("as_of", required=False)),
    Kind.INDICATOR: (
        Field("name"), Field("id", required=False), Field("unit"), Field("better", _of(Better)), Field("by", _of(Key)),
        Field("code_column", (COLUMN,), required=False, guess="code"), Field("name_column", (COLUMN,), required=False, guess="label"),
        Field("value_column", (COLUMN,), guess="value"), Field("figures", _of(Figures)), Field("goal", required=False),
        Field("worst", required=False), Field("vintage", _of((Vintage.V2026_04, Vintage.V2025_07, Vintage.V2024, Vintage.OTHER))),
    ),
    BORDER_LINE: (
        Field("units", (LIST,)), Field("tolerance_m", most_m=int(MOST_TOLERANCE_M), usual_m=int(DEFAULT_TOLERANCE_M)),
    ),
}  # fmt: skip
PROVENANCE: Final = ("publisher", "licence", "date")
DAYS: Final = frozenset({"as_of", "date"})
"""Fields that hold a day, which a reader writes in his own way."""


@dataclass(frozen=True)
class Given:
    """What a form was filled in with; `missing`: required fields that are empty."""

    files: tuple[Any, ...]
    options: dict[str, Any]
    missing: tuple[str, ...]
    mend: bool

    @property
    def title(self) -> str:
        """The names of the files in one line."""
        names = [str(file.name) for file in self.files]
        return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def show_files(prefix: str, kind: str, language: Language) -> tuple[Any, ...]:
    """The file box of a kind."""
    key = f"{prefix}_box {kind} {st.session_state.setdefault(f'{prefix}_box', 0)}"
    # the words that Streamlit puts there are English ones
    st.html(box_style(text("upload_choose", language)))
    endings = ", ".join(f".{one}" for one in endings_of(kind))
    given = st.file_uploader(
        text("add_files", language, kind=text(f"kind_{kind}", language)), key=key, max_upload_size=LARGEST_MB,
        accept_multiple_files=kind in MULTIPLE, help=text("add_files_help", language, endings=endings, size=LARGEST_MB),
    )  # fmt: skip
    st.caption(escape_markdown(text("add_files_help", language, endings=endings, size=LARGEST_MB)))
    files = given if isinstance(given, list) else [given]
    return tuple(file for file in files if file is not None)


def show_form(prefix: str, kind: str, language: Language, *, lists: Sequence[str] = ()) -> Given:
    """The file box and what is asked about the files; `lists`: ids of the workspace's lists of units."""
    files = show_files(prefix, kind, language)
    columns: tuple[str, ...] = ()
    if files and any(COLUMN in field.choices for field in FIELDS[kind]):
        columns = _columns(prefix, kind, files[0], language)
    options: dict[str, Any] = {}
    fields = [field for field in FIELDS[kind] if COLUMN not in field.choices or columns]
    places = st.columns(4) if fields else []
    for number, field in enumerate(fields):
        with places[number % 4]:
            options[field.option] = _ask(prefix, kind, field, columns, lists, language)
    missing = [field.option for field in fields if _is_missing(field, options)]
    if files and not columns and any(COLUMN in field.choices for field in FIELDS[kind]):
        missing.append("columns")
    with st.expander(text("add_source", language), expanded=True):
        asked = st.columns(3)
        for place, name in zip(asked, PROVENANCE, strict=True):
            options[name] = place.text_input(
                text(f"add_{name}", language), key=f"{prefix}_{name}", max_chars=200, help=text(f"add_{name}_help", language),
            )  # fmt: skip
    for name in DAYS & options.keys():
        options[name] = iso_day(str(options[name] or ""), language)
    # of a line there is nothing to be mended
    mend = kind != BORDER_LINE and st.checkbox(
        text("add_mend", language), key=f"{prefix}_mend", help=text("add_mend_help", language)
    )
    return Given(files, options, tuple(missing), mend)


def _is_missing(field: Field, options: Mapping[str, Any]) -> bool:
    # yes or no has no unit
    is_needed = field.required and not (field.option == "unit" and options.get("figures") == Figures.YES_NO)
    return is_needed and not options[field.option]


def _ask(
    prefix: str, kind: str, field: Field, columns: Sequence[str], lists: Sequence[str], language: Language
) -> str:
    label = text(f"add_{field.option}", language) + (
        "" if field.required else f" ({text('optional', language)})"
    )
    key, help_key = f"{prefix}_{kind}_{field.option}", f"add_{field.option}_help"
    said = text(help_key, language) if has_text(help_key) else None
    if COLUMN in field.choices:
        guess = guess_column(columns, field.guess)
        choices = list(columns)
        index = choices.index(guess) if guess in choices else None
        # of another file the columns are others: the box is another one
        key = f"{key} {hash(tuple(columns))}"
        return str(
            st.selectbox(label, choices, index=index, key=key, placeholder=text("add_choose", language)) or ""
        )
    if LIST in field.choices:
        name = partial(list_words, language=language)
        return str(st.selectbox(label, lists, key=key, format_func=name, help=said) or "")
    if field.most_m:
        return str(st.number_input(label, 1, field.most_m, field.usual_m, key=key, help=said))
    if field.choices:
        words = _words(field.option, language)
        return str(st.selectbox(label, field.choices, key=key, format_func=words))
    return str(st.text_input(label, key=key, max_chars=200, help=said) or "")


def _words(option: str, language: Language) -> Callable[[str], str]:
    def word(value: str) -> str:
        key = f"{option}_{value}"
        return text(key, language) if has_text(key) else value

    return word


def _columns(prefix: str, kind: str, file: Any, language: Language) -> tuple[str, ...]:
    """The columns of the first file, read once by the confined reader; a fault in words where it cannot be read."""
    held = st.session_state.get(f"{prefix}_columns")
    if held is None or held[0] != (kind, file.file_id):
        with st.spinner(text("add_reading", language)):
            held = ((kind, file.file_id), *_read_columns(kind, file.name, file.getvalue()))
        st.session_state[f"{prefix}_columns"] = held
    _, columns, fault = held
    if fault is not None:
        st.error(escape_markdown(fault_text(fault, "fault_file", language, name=file.name)))
        with st.expander(text("fault_details", language)):
            st.code(str(fault), language=None, wrap_lines=True)
    return tuple(columns)


def _read_columns(kind: str, name: str, content: bytes) -> tuple[tuple[str, ...], VunglomError | None]:
    tray = Tray()
    try:
        require_ending(kind, name)
        return columns_of(tray.put(name, content), kind), None
    except VunglomError as fault:
        return (), fault
    except OSError as fault:
        return (), InputError(str(fault))
    finally:
        tray.drop()


def put_files(kind: str, files: Sequence[Any]) -> tuple[Tray, list[Path]]:
    """Write uploaded files to disk; raises `InputError` for a wrong ending or a full disk, leaving nothing."""
    tray = Tray()
    try:
        for file in files:
            require_ending(kind, file.name)
        return tray, [tray.put(file.name, file.getvalue()) for file in files]
    except OSError as fault:
        tray.drop()
        raise InputError(f"the files could not be kept: {fault}; make room on the disk") from fault
    except VunglomError:
        tray.drop()
        raise

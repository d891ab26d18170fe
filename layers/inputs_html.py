"""The inputs of a workspace as a table: what, whose, of when, on what evidence, and which files."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from geo.input_table import BUILT, InputRow, about_of
from geo.workspace import Input
from layers.escape import escape
from layers.strings import MISSING, Language, day, has_text, number, quarter_text, text

MOST_FILES: Final = 3
_SHORT_HASH: Final = 12


def inputs_html(rows: Sequence[InputRow], language: Language) -> str:
    """The table of inputs: what, whose, of when, on what evidence, and the hash that tells whether it is still the same."""
    heads = ("kind", "publisher", "licence", "date", "evidence", "vintage", "files")
    head = "".join(f'<th scope="col">{escape(text(f"input_{name}", language))}</th>' for name in heads)
    before = (None, *rows[:-1])
    repeats = [_said_of(row) == _said_of(other) for row, other in zip(rows, before, strict=True)]
    body = "".join(
        _kind_html(kind, list(group), len(heads), language)
        for kind, group in groupby(zip(rows, repeats, strict=True), key=lambda pair: pair[0].kind)
    )
    return f'<div class="vl-wide"><table class="vl-table vl-inputs"><thead><tr>{head}</tr></thead>{body}</table></div>'


def _kind_html(kind: str, rows: list[tuple[InputRow, bool]], columns: int, language: Language) -> str:
    """The inputs of one kind below their heading, which says how many there are."""
    title = f"{escape(text(f'kind_{kind}', language))} <small>{number(len(rows), language)}</small>"
    head = f'<tr><th scope="rowgroup" colspan="{columns}">{title}</th></tr>'
    return f"<tbody>{head}{''.join(_input_html(row, repeats, language) for row, repeats in rows)}</tbody>"


def _said_of(row: InputRow | None) -> tuple[str, ...]:
    return () if row is None else (row.publisher, row.citation, row.address)


def _input_html(row: InputRow, repeats: bool, language: Language) -> str:
    """One row; what its publisher is quoted with stands only in the first of rows that say the same."""
    about = " · ".join(_about_word(one, language) for one in row.about if one)
    kind = escape(about or text(f"kind_{row.kind}", language))
    if row.state != BUILT:
        kind += f'<small class="vl-undecided">{escape(text(f"input_{row.state}", language))}</small>'
    silent = text("not_said", language)
    publisher = escape(row.publisher or silent)
    more = [] if repeats else [row.citation, row.address]
    publisher += "".join(f"<small>{escape(one)}</small>" for one in more if one)
    cells = (
        kind,
        publisher,
        escape(row.licence or silent),
        _date_html(row, language),
        escape(text(f"evidence_{row.evidence}", language) if row.evidence else MISSING),
        escape(_vintage_word(row, language)),
        _files_html(row, language),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def input_label(given: Input, language: Language) -> str:
    """An input in one line: what tells it apart, its first file, its date."""
    about = [_about_word(one, language) for one in about_of(given) if one]
    date = given.provenance.date or str(given.options.get("as_of", ""))
    return " · ".join([*about, given.files[0].name, *([day(date, language)] if date else [])])


def _about_word(word: str, language: Language) -> str:
    return text(f"network_{word}", language) if has_text(f"network_{word}") else quarter_text(word, language)


def _vintage_word(row: InputRow, language: Language) -> str:
    if not row.vintage:
        return MISSING
    level = f"{text(f'level_{row.level}', language)}, " if has_text(f"level_{row.level}") else ""
    vintage = f"vintage_{row.vintage}"
    return level + (text(vintage, language) if has_text(vintage) else row.vintage)


def _date_html(row: InputRow, language: Language) -> str:
    if row.day is None or row.age_days is None:
        return f'<span class="vl-undecided">{escape(text("date_not_known", language))}</span>'
    days = number(row.age_days, language)
    age = text("age_days", language, days=days) if row.age_days else text("age_today", language)
    stale = f'<small class="vl-fail">{escape(text("input_stale", language))}</small>' if row.is_stale else ""
    return f"{escape(day(row.day.isoformat(), language))}<small>{escape(age)}</small>{stale}"


def _files_html(row: InputRow, language: Language) -> str:
    items = [
        f'{escape(file.name)}<small>sha256 <code title="{escape(file.sha256)}">{escape(file.sha256[:_SHORT_HASH])}…</code></small>'
        for file in row.files
    ]
    shown = "".join(items[:MOST_FILES])
    rest = items[MOST_FILES:]
    if not rest:
        return shown
    more = escape(text("more_files", language, count=number(len(rest), language)))
    return f"{shown}<details><summary>{more}</summary>{''.join(rest)}</details>"

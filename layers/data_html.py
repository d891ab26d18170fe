"""The data page in HTML and words: inputs, one finding, what a job does and how it ended."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.errors import FetchError, VunglomError
from geo.findings import finding_id, gravest_of_units, units_named
from geo.input_table import BUILT, InputRow, about_of
from geo.job import Job, State, Step
from geo.quality import Severity
from geo.workspace import Input
from layers.escape import escape
from layers.faults import hint_of
from layers.finding_text import finding_done, finding_sentence, has_sentence
from layers.palette import Indicator
from layers.row_table import RowTable, name_cells, places_in, table_of
from layers.strings import MISSING, Language, day, has_text, number, quarter_text, text
from layers.units import unit_labels

COLUMN: Final = "finding_severity"
CHOSEN: Final = "chosen"
CLEAR: Final = "clear"
FINDING_COLOURS: Final = {
    CHOSEN: "#7c2d92", "error": "#b23a0e", "warning": "#f3b33d", "note": "#86bfdc", CLEAR: "#d5dee8",
}  # fmt: skip
FINDING_INDICATOR: Final = Indicator(
    COLUMN, colours=tuple(FINDING_COLOURS.values()), categories=tuple(FINDING_COLOURS), words="finding_class"
)
MOST_FILES: Final = 3
MOST_FINDINGS: Final = 8
_SHORT_HASH: Final = 12


def with_findings(
    result: gpd.GeoDataFrame, rows: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any] | None
) -> gpd.GeoDataFrame:
    """The result table with the gravest finding about each unit in `COLUMN`; those that the chosen one names stand out."""
    codes = result["unit_code"].astype(str).tolist()
    gravest = gravest_of_units(rows, codes)
    named = set(units_named(chosen, codes)) if chosen is not None else set()
    classes = [
        CHOSEN if code in named else CLEAR if pd.isna(one) else one
        for code, one in zip(codes, gravest, strict=True)
    ]
    return result.assign(**{COLUMN: classes})


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


def finding_title(row: Mapping[str, Any], language: Language) -> str:
    """What kind of finding it is; a code of a later version stands as it is."""
    return _known(f"quality_{row['code']}", str(row["code"]), language)


def _known(key: str, fallback: str, language: Language) -> str:
    return text(key, language) if has_text(key) else fallback


def finding_html(row: Mapping[str, Any], result: pd.DataFrame, language: Language) -> str:
    """One finding: what it means, which units, what to do, and its figures and names below."""
    codes = result["unit_code"].astype(str).tolist()
    labels = dict(zip(codes, unit_labels(result), strict=True))
    names = [f"{labels[code]} ({code})" for code in units_named(row, codes)]
    where = [str(row.get("file") or "")]
    if row.get("row"):
        where.append(text("finding_row", language, row=number(int(row["row"]), language)))
    parts = [
        ("finding_means", _known(f"means_{row['code']}", "", language)),
        ("finding_units", ", ".join(names)),
        ("finding_where", " · ".join(filter(None, where))),
        ("finding_todo", _known(f"todo_{row['code']}", str(row.get("mend") or ""), language)),
    ]
    lines = "".join(
        f"<dt>{escape(text(key, language))}</dt><dd>{escape(said)}</dd>" for key, said in parts if said
    )
    told = [finding_sentence(row, language), finding_done(row, language)]
    if not has_sentence(row):
        told.append(str(row.get("mend") or ""))
    own = "".join(f"<p>{escape(one)}</p>" for one in told if one)
    spoken = language if has_sentence(row) else "en"
    words = text("finding_details" if has_sentence(row) else "finding_words", language)
    title = escape(finding_title(row, language))
    severity = str(row["severity"])
    word = escape(text(f"severity_{severity}", language))
    return (
        f'<section class="vl-panel vl-finding"><h3>{title}</h3><p><i style="background:{FINDING_COLOURS.get(severity, "")}"></i>'
        f'{word}</p><dl class="vl-said">{lines}</dl><details open><summary>{escape(words)}</summary>'
        f'<div lang="{spoken}">{own}</div></details></section>'
    )


def findings_table(rows: Sequence[Mapping[str, Any]], result: pd.DataFrame, language: Language) -> RowTable:
    """The table of findings: how grave, what kind, which unit or file, what to do; it sorts by gravity and by bare names."""
    known = result["unit_code"].astype(str).tolist()
    units = dict(zip(known, zip(*name_cells(known, result), strict=True), strict=True))
    whole = text("finding_whole", language)
    places = [
        units.get(str(row.get("unit") or ""))
        or (str(row.get("file") or "") or whole, str(row.get("file") or ""))
        for row in rows
    ]
    kinds = [finding_title(row, language) for row in rows]
    steps = [_known(f"todo_{row['code']}", str(row.get("mend") or ""), language) for row in rows]
    said = [finding_sentence(row, language) for row in rows]
    columns: dict[str, tuple[list[str], list[Any]]] = {
        "finding_column_severity": (
            [text(f"severity_{row['severity']}", language) for row in rows],
            places_in(list(Severity), [row["severity"] for row in rows]),
        ),
        "finding_column_kind": (kinds, kinds),
        "finding_column_where": ([label for label, _ in places], [name for _, name in places]),
        "finding_column_todo": (steps, steps),
        "finding_column_words": (said, said),
    }
    return table_of([finding_id(row) for row in rows], columns, language)


def counts_text(counts: Mapping[str, int], language: Language) -> str:
    """`1 lỗi · 12 cảnh báo · 40 ghi chú`."""
    return " · ".join(
        f"{text(f'severity_{name}', language)}: {number(count, language)}" for name, count in counts.items()
    )


def step_text(step: Step, language: Language) -> str:
    """What is being done, in words."""
    said = text(f"step_{step.name}", language, what=step.what)
    if step.done:
        amount = (
            text("step_of", language, done=step.done, whole=step.whole) if step.whole else f"{step.done} MB"
        )
        return f"{said} ({amount})"
    return said


def job_title(job: Job, language: Language) -> str:
    """What a job is for: what it adds or fetches, and whether it builds."""
    words = [text(f"job_{command.purpose}", language, title=job.title) for command in job.commands]
    return " → ".join(words)


def job_end_text(job: Job, language: Language) -> str:
    """How a job ended: one sentence, with what is in place now."""
    if job.state is State.DONE:
        return text(
            "job_done", language, what=job_title(job, language), seconds=number(job.seconds, language)
        )
    purpose = job.command.purpose if job.command else "build"
    kept = text("job_added_not_built" if job.done_commands else "job_nothing_changed", language)
    if job.state is State.CANCELLED:
        return f"{text('job_cancelled', language)} {kept}"
    if job.state is State.DIED or job.fault is None:
        return f"{text('job_died', language)} {kept}"
    fault = str(job.fault)
    if "No space left" in fault or "File too large" in fault:
        said = text("job_disk_full", language)
    elif "no province" in fault:
        said = text("job_no_province", language)
    elif "code of vintage" in fault:
        said = text("job_other_vintage", language, title=job.title)
    elif isinstance(job.fault, FetchError) or (purpose == "fetch" and type(job.fault) is VunglomError):
        said = text("job_off_network", language)
    else:
        said = text(f"job_failed_{purpose}", language, title=job.title)
        said = " ".join([said, *hint_of(job.fault, language)])
    return f"{said} {kept}"


def _admitted_words(row: Mapping[str, Any], language: Language) -> str:
    """The finding with its figures and names, where it can be said in the reader's language."""
    return f"<br>{escape(finding_sentence(row, language))}" if has_sentence(row) else ""


def admitted_html(findings: Sequence[Mapping[str, Any]], language: Language) -> str:
    """What was mended or set aside on the way in, gravest first, the first few."""
    if not findings:
        return ""
    items = "".join(
        f"<li>{escape(text('severity_' + str(row['severity']), language))}: {escape(finding_title(row, language))}"
        f"{_admitted_words(row, language)}<br><small>{escape(row.get('file') or '')}</small></li>"
        for row in findings[:MOST_FINDINGS]
    )
    rest = len(findings) - MOST_FINDINGS
    more = (
        f"<p>{escape(text('more_findings', language, count=number(rest, language)))}</p>" if rest > 0 else ""
    )
    title = escape(text("admitted", language))
    return f'<section class="vl-panel"><h4>{title}</h4><ul>{items}</ul>{more}</section>'

"""Findings about the inputs in HTML: on the map, as a table, one by itself, and those of files on their way in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.findings import finding_id, gravest_of_units, units_named
from geo.quality import Severity
from layers.escape import escape
from layers.finding_text import finding_done, finding_sentence, has_sentence
from layers.labels import labels_by_code
from layers.palette import Indicator
from layers.row_table import RowTable, name_cells, places_in, table_of
from layers.strings import Language, has_text, number, text

COLUMN: Final = "finding_severity"
CHOSEN: Final = "chosen"
CLEAR: Final = "clear"
FINDING_COLOURS: Final = {
    CHOSEN: "#7c2d92", "error": "#b23a0e", "warning": "#f3b33d", "note": "#86bfdc", CLEAR: "#d5dee8",
}  # fmt: skip
FINDING_INDICATOR: Final = Indicator(
    COLUMN, colours=tuple(FINDING_COLOURS.values()), categories=tuple(FINDING_COLOURS), words="finding_class"
)
MOST_FINDINGS: Final = 8


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


def finding_title(row: Mapping[str, Any], language: Language) -> str:
    """What kind of finding it is; a code of a later version stands as it is."""
    return _known(f"quality_{row['code']}", str(row["code"]), language)


def _known(key: str, fallback: str, language: Language) -> str:
    return text(key, language) if has_text(key) else fallback


def finding_html(row: Mapping[str, Any], result: pd.DataFrame, language: Language) -> str:
    """One finding: what it means, which units, what to do, and its figures and names below."""
    codes = result["unit_code"].astype(str).tolist()
    labels = labels_by_code(result)
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

"""Where the figures come from and on what terms, as plain sentences."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.terms import limits_of, short_name
from layers.strings import Language, day, number, text

_NAMED_FILES: Final = 3


def source_lines(inputs: Sequence[Mapping[str, Any]], language: Language) -> tuple[str, ...]:
    """One sentence for all inputs of one kind, publisher, licence and citation, in the order they were added."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for given in inputs:
        key = (str(given["kind"]), *(_said(given, name) for name in ("publisher", "licence", "citation")))
        groups.setdefault(key, []).append(given)
    return tuple(_line(key, group, language) for key, group in groups.items())


def short_sources(inputs: Sequence[Mapping[str, Any]], language: Language) -> str:
    """Every publisher with its licence, once, in one line: for paper, where a page has to do."""
    silent = text("not_said", language)
    named = dict.fromkeys(
        f"{_said(given, 'publisher') or silent} ({_said(given, 'licence') or silent})" for given in inputs
    )
    return "; ".join(named)


def _said(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "").strip()


def _line(key: tuple[str, ...], group: Sequence[Mapping[str, Any]], language: Language) -> str:
    kind, publisher, licence, citation = key
    silent = text("not_said", language)
    files = [str(file.get("name") or file["path"]) for given in group for file in given["files"]]
    names = ", ".join(files[:_NAMED_FILES]) + (", …" if len(files) > _NAMED_FILES else "")
    line = text(
        "source_line",
        language,
        kind=text(f"kind_{kind}", language),
        files=number(len(files), language),
        publisher=publisher or text("source_files", language, names=names),
        licence=licence or silent,
        date=_days([_said(given, "date") for given in group], language) or silent,
    )
    return f"{line} {text('source_citation', language, citation=citation)}" if citation else line


def _days(dates: Sequence[str], language: Language) -> str:
    known = sorted({one for one in dates if one})
    return " – ".join(day(one, language) for one in dict.fromkeys([*known[:1], *known[-1:]]))


def terms(inputs: Sequence[Mapping[str, Any]], language: Language) -> str:
    """What has to be said wherever the figures show: each publisher whose licence limits use, and how; empty if none."""
    bound = dict.fromkeys(
        text(
            "terms_source",
            language,
            publisher=_said(given, "publisher") or text("not_said", language),
            licence=short_name(licence),
            limits=", ".join(text(f"limit_{limit}", language) for limit in limits),
        )
        for given in inputs
        if (limits := limits_of(licence := _said(given, "licence")))
    )
    return text("terms", language, sources="; ".join(bound)) if bound else ""


def about_rows(manifest: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Columns that every row of a table file carries, since rows are copied out of it: sources and terms, when built, and a note.

    `manifest`: that of a build. The note says that the data are illustrative, when they are.
    """
    inputs = manifest["inputs"]
    lines = [*source_lines(inputs, language), terms(inputs, language)]
    return {
        "data_sources": " ".join(line for line in lines if line),
        "built_at": str(manifest["built_at"]),
        "note": text("illustrative", language) if manifest["illustrative"] else "",
    }

"""What leads on from the page of a unit: other units, tests still needed, proposals; every text that is not ours is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd

from geo.rules import Rules
from layers.escape import escape
from layers.panel_html import verdict_fill, verdict_word
from layers.reasons import optional_number
from layers.saved import status_text
from layers.story import MeasureLine, Peer, Story
from layers.strings import MISSING, Language, figure, number, text
from layers.unit_page import part_html

UNIT_PAGE: Final = "unit"


def link_to(language: Language, **view: str | None) -> str:
    """Address of a view of this app; what is None, and Vietnamese, is left out."""
    said = {"lang": None if language == "vi" else language, **view}
    return "?" + urlencode({name: value for name, value in said.items() if value})


def peers_html(story: Story, list_id: str | None, language: Language) -> str:
    """Neighbours and similar units as links."""
    near = _peer_table(story.neighbours, list_id, language) or _hint("neighbours_none", language)
    alike = _peer_table(story.similar, list_id, language) or _hint("similar_none", language)
    return part_html("neighbours", near, language, term="neighbours") + part_html(
        "similar", alike + _note("similar_note", language), language, term="similar"
    )


def _peer_table(peers: Sequence[Peer], list_id: str | None, language: Language) -> str:
    if not peers:
        return ""
    differs = any(peer.difference is not None for peer in peers)
    heads = ["name", "verdict", "score", *(["unit_difference"] if differs else [])]
    head = "".join(f'<th scope="col">{escape(text(key, language))}</th>' for key in heads)
    rows = "".join(_peer_row(peer, list_id, language, differs=differs) for peer in peers)
    return f'<table class="vl-table vl-top"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _peer_row(peer: Peer, list_id: str | None, language: Language, *, differs: bool) -> str:
    address = link_to(language, page=UNIT_PAGE, list=list_id, unit=peer.code)
    last = f"<td>{escape(figure(peer.difference, 'share', language))}</td>" if differs else ""
    return (
        f'<tr><td><a href="{escape(address)}" target="_self">{escape(peer.label)}</a></td>'
        f'<td><i style="{verdict_fill(peer.verdict)}"></i>{escape(verdict_word(peer.verdict, language))}</td>'
        f"<td>{escape(figure(peer.score, 'points', language))}</td>{last}</tr>"
    )


def measure_html(lines: Sequence[MeasureLine], rules: Rules, language: Language) -> str:
    """Tests made and tests still needed, per network."""
    if not lines:
        return ""
    wanted = {
        "width": figure(rules.half_width, "share", language), "samples": number(rules.wanted_samples, language)
    }  # fmt: skip
    heads = ("technology", "tests_made", "unit_half_width", "unit_devices_missing", "unit_samples_missing")
    head = "".join(f'<th scope="col">{escape(text(key, language, **wanted))}</th>' for key in heads)
    rows = "".join(_tests_row(line, language) for line in lines)
    table = f'<table class="vl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return part_html(
        "tests_needed",
        f'<div class="vl-wide">{table}</div>{_note("unit_tests_note", language)}',
        language,
        term="tests_needed",
    )


def _tests_row(line: MeasureLine, language: Language) -> str:
    made = text(
        "tests_of_devices",
        language,
        tests=number(line.tests, language),
        devices=number(line.devices, language),
    )
    width = MISSING if line.half_width is None else f"±{figure(line.half_width, 'share', language)}"
    cells = (
        text(f"network_{line.network}", language), made, width, number(line.devices_missing, language),
        number(line.samples_missing, language),
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def proposals_html(touching: pd.DataFrame, list_id: str | None, language: Language) -> str:
    """Stored proposals that reach into the unit, each with a link to its check."""
    if touching.empty:
        return part_html("proposals_here", _hint("proposals_none", language), language)
    keys = ("name", "operator", "technology", "offer_year", "status", "unit_part")
    head = "".join(f'<th scope="col">{escape(text(key, language))}</th>' for key in keys)
    rows = "".join(_proposal_row(row, list_id, language) for row in touching.to_dict("records"))
    table = f'<table class="vl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    note = _note("proposals_modelled", language) if touching["modelled"].any() else ""
    return part_html("proposals_here", f'<div class="vl-wide">{table}</div>{note}', language)


def _proposal_row(row: Mapping[Any, Any], list_id: str | None, language: Language) -> str:
    address = link_to(language, page="check", list=list_id, proposal=str(row["proposal"]))
    year, share = optional_number(row["year"]), optional_number(row["unit_share"])
    modelled = f" ({text('modelled_short', language)})" if row["modelled"] else ""
    cells = (
        str(row["operator"]), str(row["technology"]), MISSING if year is None else f"{year:.0f}",
        status_text(str(row["status"]), language), figure(share, "share", language) + modelled,
    )  # fmt: skip
    name = f'<a href="{escape(address)}" target="_self">{escape(row["name"])} ({escape(row["proposal"])})</a>'
    return f"<tr><td>{name}</td>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def start_html(peers: Iterable[Peer], list_id: str | None, language: Language) -> str:
    """What to do while no unit is chosen: the furthest behind as links."""
    table = _peer_table(tuple(peers), list_id, language)
    first = f"<p>{escape(text('unit_start', language))}</p>{table}" if table else ""
    return f'<section class="vl-panel"><p class="vl-hint">{escape(text("unit_none", language))}</p>{first}</section>'


def _hint(key: str, language: Language) -> str:
    return f'<p class="vl-hint">{escape(text(key, language))}</p>'


def _note(key: str, language: Language) -> str:
    return f'<p class="vl-note">{escape(text(key, language))}</p>'

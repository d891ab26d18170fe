"""Saved proposals in words: the list, one line of it, the history of one."""

import re
from collections.abc import Sequence

from geo.proposals import Status, Version
from layers.escape import escape
from layers.strings import MISSING, Language, moment, text

_RESTORED = re.compile(r"brought back version (\d+)")
_CHANGED = re.compile(r"(\w+) → (\w+)")


def status_text(status: str, language: Language) -> str:
    """A status as it stands within a sentence."""
    return text(f"status_{status}", language).lower()


def saved_label(version: Version, language: Language) -> str:
    """`p3 · Bù Gia Mập · Viettel 4G · bản nháp`."""
    content = version.content
    status = status_text(version.status, language)
    return f"{version.id} · {content.name} · {content.operator} {content.technology} · {status}"


def saved_html(saved: Sequence[Version], chosen: str | None, language: Language) -> str:
    """The newest version of every proposal as a table, newest change first."""
    title = f"<h3>{escape(text('saved_list', language))}</h3>"
    if not saved:
        return f'<section class="vl-panel">{title}<p class="vl-hint">{escape(text("saved_none", language))}</p></section>'
    heads = ("code", "name", "operator", "technology", "offer_year", "status", "who", "when")
    head = "".join(f"<th>{escape(text(key, language))}</th>" for key in heads)
    rows = "".join(_row(one, chosen, language) for one in sorted(saved, key=lambda one: one.at, reverse=True))
    return (
        f'<section class="vl-panel vl-wide">{title}<table class="vl-table vl-saved"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(version: Version, chosen: str | None, language: Language) -> str:
    content = version.content
    cells = (
        version.id, content.name, content.operator, str(content.technology),
        MISSING if content.year is None else str(content.year), status_text(version.status, language), version.who,
        moment(version.at, language),
    )  # fmt: skip
    strong = " class=vl-strong" if version.id == chosen else ""
    return f"<tr{strong}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def action_text(action: str, language: Language) -> str:
    """What was done, in words; the store's own word where it is not known here."""
    if action in ("added", "changed"):
        return text(f"action_{action}", language)
    if found := _RESTORED.fullmatch(action):
        return text("action_restored", language, version=found[1])
    known = {str(status) for status in Status}
    if (found := _CHANGED.fullmatch(action)) and {found[1], found[2]} <= known:
        before, after = (status_text(status, language) for status in found.groups())
        return text("action_status", language, before=before, after=after)
    return action


def history_html(history: Sequence[Version], language: Language) -> str:
    """Every version of a proposal, newest first."""
    head = "".join(f"<th>{escape(text(key, language))}</th>" for key in ("version", "when", "who", "action"))
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(cell)}</td>"
            for cell in (one.version, moment(one.at, language), one.who, action_text(one.action, language))
        )
        + "</tr>"
        for one in reversed(history)
    )
    return f'<div class="vl-panel vl-wide"><table class="vl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'

"""What a filter of units leaves, in words; the conditions themselves are worded by `layers.filter_words`."""

from collections.abc import Sequence

from layers.escape import escape
from layers.strings import Language, number, text


def kept_html(
    units: int, of: int, people: float | None, not_known: int, conditions: Sequence[str], language: Language
) -> str:
    """How many units and people a filter leaves, and by which conditions."""
    head = text("filter_kept", language, units=number(units, language), of=number(of, language))
    if people is not None:
        head += f" · {text('filter_people', language, people=number(people, language))}"
    notes = [text("filter_fixed", language)]
    if not_known:
        notes.insert(0, text("filter_unknown", language, count=number(not_known, language)) + ".")
    return (
        f'<div class="vl-kept" role="status"><b>{escape(head)}</b> <span>{escape(" · ".join(conditions))}</span>'
        f"<p>{escape(' '.join(notes))}</p></div>"
    )


def nothing_html(not_known: int, conditions: Sequence[str], language: Language) -> str:
    """The state of a filter that leaves nothing: what was asked, and what to do."""
    items = "".join(f"<li>{escape(one)}</li>" for one in conditions)
    unknown = (
        f"<p>{escape(text('filter_nothing_unknown', language, count=number(not_known, language)))}</p>"
        if not_known
        else ""
    )
    return (
        f'<div class="vl-kept vl-nothing" role="status"><b>{escape(text("filter_nothing", language))}</b>'
        f"<p>{escape(text('filter_nothing_how', language))}</p><ul>{items}</ul>{unknown}</div>"
    )

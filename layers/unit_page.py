"""The page of one unit as HTML, section by section; every text that is not ours goes through `escape`."""

from collections.abc import Iterable

from geo.schema import Verdict
from layers.escape import escape
from layers.goal_line import GoalLine
from layers.panel_html import OUTCOME_MARKS, facts_html, heading_html
from layers.panel_sections import coverage_html, place_html, trends_html, uncovered_html
from layers.story import Beside, Story
from layers.strings import MISSING, Language, day, figure, goal_figure, number, text, unit_word
from layers.why import goal_term, why_html


def head_html(story: Story, language: Language) -> str:
    """Name, verdict, rank, score, confidence and people."""
    thin = (
        f'<p class="vl-hint">{escape(text("unit_thin", language))}</p>'
        if story.thin and story.panel.verdict != Verdict.UNKNOWN
        else ""
    )
    return (
        f'<section class="vl-panel vl-unit" data-code="{escape(story.panel.code)}">'
        f"{heading_html(story.panel, language)}{thin}{facts_html(story.panel, language)}</section>"
    )


def figures_html(story: Story, language: Language) -> str:
    """Every goal's figure beside the goal, the province and the nation."""
    province = story.province.province or text("province_none", language)
    heads = "".join(
        f'<th scope="col">{escape(said)}{why_html(term, language, place="beside")}</th>'
        for said, term in (
            (text("criterion", language), ""),
            (text("this_unit", language), "interval"),
            (text("goal", language), ""),
            (province, "province"),
            (text("unit_nation", language), "nation"),
            (text("outcome", language), ""),
        )
    )
    rows = "".join(_goal_row(line, story.beside.get(line.dimension), language) for line in story.panel.goals)
    note = text("beside_note", language, count=number(len(story.province.codes), language), province=province)
    table = f'<table class="vl-table vl-wrap"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return part_html(
        "beside", f'<div class="vl-wide">{table}</div><p class="vl-note">{escape(note)}</p>', language
    )


def _goal_row(line: GoalLine, beside: Beside | None, language: Language) -> str:
    essential = f"<small>{escape(text('essential', language))}</small>" if line.essential else ""
    mark = OUTCOME_MARKS.get(line.outcome, MISSING)
    outcome = escape(text(f"outcome_{line.outcome}", language))
    return (
        f'<tr><th scope="row">{escape(line.name)}{why_html(goal_term(line.dimension), language, place=f"beside {line.dimension}")}{essential}</th>'
        f"<td>{escape(figure(line.value, line.unit, language))}{_small(interval_of(line.low, line.high, line.unit, language))}</td>"
        f"<td>{escape(goal_figure(line.goal, line.unit, language))}</td>"
        f"<td>{province_cell(beside, line.unit, language)}</td><td>{national_cell(beside, line.unit, language)}</td>"
        f'<td><b class="vl-mark vl-{escape(line.outcome)}">{mark}</b> {outcome}</td></tr>'
    )


def province_cell(beside: Beside | None, unit: str, language: Language) -> str:
    """The province's figure, its ends, and how much of its people it rests on where that is not all."""
    if beside is None or beside.value is None:
        return escape(MISSING)
    said = escape(mean_figure(beside.value, unit, language)) + _small(
        interval_of(beside.low, beside.high, unit, language)
    )
    return said + _small(rests_on(beside, language))


def mean_figure(value: float, unit: str, language: Language) -> str:
    """A figure that is a mean: of a count of operators with a decimal, which no unit by itself has."""
    if unit != "operators":
        return figure(value, unit, language)
    return f"{number(value, language, decimals=1)} {unit_word(unit, language)}"


def rests_on(beside: Beside, language: Language) -> str:
    """`38/40 units with figures`, where it is not all of them."""
    if beside.units_known == beside.units:
        return ""
    return text(
        "rests_on", language, known=number(beside.units_known, language), units=number(beside.units, language)
    )


def national_cell(beside: Beside | None, unit: str, language: Language) -> str:
    """The nation's figure with the day it was said, or that there is none with a source."""
    if beside is None or beside.national is None:
        return f'<span class="vl-hint">{escape(text("unit_nation_none", language))}</span>'
    said = text("said_on", language, date=day(beside.national_on, language))
    return escape(goal_figure(beside.national, unit, language)) + _small(said)


def interval_of(low: float | None, high: float | None, unit: str, language: Language) -> str:
    """Both ends, the unit said by the figure they stand with; empty where there is none or it is a point."""
    if low is None or (high is not None and low == high):
        return ""
    if high is None:
        return "" if low <= 0 else text("from_on", language, low=figure(low, unit, language))
    first, last = figure(low, unit, language), figure(high, unit, language)
    word = f" {unit_word(unit, language)}"
    return "" if first == last else f"{first.removesuffix(word)} – {last.removesuffix(word)}"


def reasons_html(story: Story, language: Language) -> str:
    """Why, and what would change the verdict."""
    why = list_html(story.panel.reasons or (text("no_reasons", language),))
    change = list_html([*story.better, *([story.worse] if story.worse else [])])
    return part_html("reasons", why, language) + part_html("path", change, language, term="path")


def reach_html(story: Story, language: Language) -> str:
    """Coverage by operator, a table per kind of evidence."""
    return f'<section class="vl-panel vl-unit-part">{coverage_html(story.panel.coverage, language)}</section>'


def evidence_html(story: Story, language: Language) -> str:
    """People not covered, where people live, own indicators, and what the figures rest on."""
    parts = (
        uncovered_html(story.panel.uncovered, language),
        place_html(story.panel.place, language),
        _sub("own_title", list_html(story.panel.own), language) if story.panel.own else "",
        _sub("evidence", list_html(story.panel.evidence), language),
    )
    return f'<section class="vl-panel vl-unit-part">{"".join(parts)}</section>'


def paper_html(lines: Iterable[str]) -> str:
    """What stands at the foot of the page in print alone."""
    said = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return f'<section class="vl-panel vl-paper">{said}</section>'


def slopes_html(story: Story, language: Language) -> str:
    """How fast speed changes, with its interval."""
    found = trends_html(story.panel.trends, language)
    return f'<section class="vl-panel vl-unit-part">{found}</section>' if found else ""


def list_html(lines: Iterable[str]) -> str:
    """Sentences as a list."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def part_html(key: str, body: str, language: Language, *, term: str = "") -> str:
    """A section of the page with its heading; `body` is HTML, `term` what the heading's question mark defines."""
    title = f"<h3>{escape(text(key, language))}{why_html(term, language, place=key)}</h3>"
    return f'<section class="vl-panel vl-unit-part" data-part="{escape(key)}">{title}{body}</section>'


def part_title(key: str, language: Language, *, term: str = "") -> str:
    """The heading of a section whose body is no HTML."""
    why = why_html(term, language, place=key)
    return f'<section class="vl-panel vl-unit-part"><h3>{escape(text(key, language))}{why}</h3></section>'


def _sub(key: str, body: str, language: Language) -> str:
    return f"<h3>{escape(text(key, language))}</h3>{body}"


def _small(said: str) -> str:
    return f"<small>{escape(said)}</small>" if said else ""

"""A suggestion of sites in words: what it brings, how sure it is the best, what each site adds."""

from typing import Any

import pandas as pd

from geo.demand import Need
from geo.suggest import Suggestion
from layers.escape import escape
from layers.strings import Language, figure, number, text


def suggestion_lines(found: Suggestion, language: Language) -> list[str]:
    """Sentences, the most important first."""
    plan, solution = found.plan, found.plan.solution
    if not len(found.sites):
        return [text("plan_nothing", language)]
    people = float(found.sites["people_gained"].sum())
    share = figure(people / plan.people_uncovered if plan.people_uncovered else None, "share", language)
    lines = [
        text(
            "plan_sum", language, sites=number(len(found.sites), language), people=number(people, language),
            uncovered=number(plan.people_uncovered, language), technology=str(found.ask.technology), share=share,
        )
    ]  # fmt: skip
    if solution.proven:
        lines.append(text("plan_proven", language))
    else:
        gap = f"{number(solution.gap * 100, language, decimals=2)}%"
        bound, objective = number(solution.bound, language), number(solution.objective, language)
        lines.append(text("plan_gap", language, gap=gap, bound=bound, found=objective))
    lines.append(_greedy(found, language))
    last = found.sites.iloc[-1]
    lines.append(
        text(
            "plan_last",
            language,
            order=int(last["order"]),
            people=number(float(last["people_gained"]), language),
        )
    )
    candidates = number(plan.candidates, language)
    reachable = number(plan.people_reachable, language)
    lines.append(text("plan_reachable", language, candidates=candidates, people=reachable))
    if found.ask.need is Need.SCORE:
        lines.append(text("plan_weighted", language))
        if plan.unscored:
            lines.append(text("plan_unscored", language, people=number(plan.unscored, language)))
    return [*lines, text("plan_terrain", language)]


def _greedy(found: Suggestion, language: Language) -> str:
    solution = found.plan.solution
    more = solution.objective - solution.greedy_objective
    if more < 0.5:  # less than half a person is none
        return text("plan_greedy_same", language)
    greedy = number(solution.greedy_objective, language)
    return text("plan_greedy", language, greedy=greedy, more=number(more, language))


def suggestion_html(found: Suggestion, language: Language) -> str:
    """The sentences as a panel."""
    first, *others = suggestion_lines(found, language)
    items = "".join(f"<li>{escape(line)}</li>" for line in others)
    proven = "1" if found.plan.solution.proven else "0"
    return (
        f'<section class="vl-panel vl-plan" data-proven="{proven}"><h3>{escape(text("page_suggest", language))}</h3>'
        f"<p><b>{escape(first)}</b></p><ul>{items}</ul></section>"
    )


def plan_intro_html(language: Language) -> str:
    """How to begin."""
    steps = "".join(f"<li>{escape(text(f'plan_how_{step}', language))}</li>" for step in (1, 2, 3))
    return (
        f'<section class="vl-panel"><h3>{escape(text("page_suggest", language))}</h3>'
        f'<p class="vl-hint">{escape(text("suggest_intro", language))}</p><ul>{steps}</ul></section>'
    )


def site_labels(found: Suggestion, language: Language) -> tuple[list[str], list[str]]:
    """The number of each site, and what a hover says."""
    numbers = [str(order) for order in found.sites["order"]]
    said = [
        text(
            "plan_site",
            language,
            order=row.order,
            people=number(row.people_gained, language),
            unit=_unit(row.unit_name),
        )
        for row in found.sites.itertuples()
    ]
    return numbers, said


def _unit(name: Any) -> str:
    return "–" if name is None or pd.isna(name) else str(name)


def curve_html(found: Suggestion, language: Language) -> str:
    """The marginal-gain curve as bars, one per site: what it adds, and the sum so far in lighter colour."""
    most = max(float(found.sites["people_cumulative"].max()), 1.0)
    rows = "".join(
        f"<tr><td>{escape(row.order)}</td><td><span class='vl-bar'>"
        f"<i style='left:{100 * (row.people_cumulative - row.people_gained) / most:.2f}%;width:{100 * row.people_gained / most:.2f}%'></i>"
        f"</span></td><td>+{escape(number(row.people_gained, language))}</td>"
        f"<td>{escape(number(row.people_cumulative, language))}</td></tr>"
        for row in found.sites.itertuples()
    )
    heads = ("plan_order", "", "plan_gain", "plan_cumulative")
    head = "".join(f"<th>{escape(text(key, language)) if key else ''}</th>" for key in heads)
    return (
        f'<section class="vl-panel"><h4>{escape(text("plan_curve", language))}</h4>'
        f'<table class="vl-table vl-num vl-curve"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>'
    )


def site_rows(found: Suggestion, language: Language) -> list[dict[str, Any]]:
    """One row per site for a table, headings as keys."""
    return [
        {
            text("plan_order", language): row.order,
            text("plan_unit", language): _unit(row.unit_name),
            text("name", language): row.name,
            text("plan_gain", language): number(row.people_gained, language),
            text("plan_cumulative", language): number(row.people_cumulative, language),
        }
        for row in found.sites.itertuples()
    ]

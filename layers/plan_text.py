"""A suggestion of sites in words: what it brings, how sure it is the best, what each site adds."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import pandas as pd

from geo.demand import Need
from geo.suggest import FILE, GRID, Ask, Suggestion
from layers.escape import escape
from layers.parts import whole_parts
from layers.strings import MISSING, Language, figure, number, text
from layers.touched import NO_LABELS
from layers.why import why_html


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
            people=number(gains_as_written(found)[-1][0], language),
        )
    )
    candidates = number(plan.candidates, language)
    reachable = number(plan.people_reachable, language)
    lines.append(text("plan_reachable", language, candidates=candidates, people=reachable))
    if plan.people_unknown_units:
        lines.append(text("plan_unknown", language, count=number(plan.people_unknown_units, language)))
    if found.kept is not None:
        kept = number(len(found.kept), language)
        lines.append(text("plan_kept", language, count=kept, people=number(plan.people_kept, language)))
    if found.accepted:
        lines.append(text("plan_accepted", language, count=number(found.accepted, language)))
    if (spent := cost_of(found)) is not None:
        lines.append(_spent(spent, found.ask.budget, language))
    if found.ask.need is Need.SCORE:
        lines.append(text("plan_weighted", language))
        if plan.unscored:
            lines.append(text("plan_unscored", language, people=number(plan.unscored, language)))
    return [*lines, text("plan_terrain", language)]


def cost_of(found: Suggestion) -> float | None:
    """What all the sites cost together; None where the cost of one is not known."""
    costs = found.sites["cost"]
    return float(costs.sum()) if len(costs) and costs.notna().all() else None


def _spent(cost: float, budget: float | None, language: Language) -> str:
    if budget is None:
        return text("plan_spent", language, cost=number(cost, language))
    return text("plan_spent_of", language, cost=number(cost, language), budget=number(budget, language))


def _greedy(found: Suggestion, language: Language) -> str:
    solution = found.plan.solution
    more = solution.objective - solution.greedy_objective
    if more < 0.5:  # less than half a person is none
        return text("plan_greedy_same", language)
    greedy = number(solution.greedy_objective, language)
    return text("plan_greedy", language, greedy=greedy, more=number(more, language))


def gains_as_written(found: Suggestion) -> list[tuple[float, float]]:
    """What each site adds and the sum so far, in whole people that add up to the sum of the first sentence."""
    gained = [float(value) for value in found.sites["people_gained"]]
    whole = [value or 0.0 for value in whole_parts(gained, sum(gained))]
    return list(zip(whole, accumulate(whole), strict=True))


def asked_text(ask: Ask, language: Language) -> str:
    """What was asked, in one line: `4G · bán kính 3 km · lưới đều 1.000 m · số người`."""
    return " · ".join(
        [
            str(ask.technology), reach_text(ask.radius_m, language), places_text(ask.candidates, ask.grid_m, language),
            *([ask.candidates_file] if ask.candidates == FILE else []), f"{text('plan_need', language).lower()}: {text(f'plan_need_{ask.need}', language)}",
        ]
    )  # fmt: skip


def reach_text(radius_m: float | None, language: Language) -> str:
    """`bán kính 3 km`, or that a model says it."""
    if radius_m is None:
        return text("plan_reach_model", language)
    km = radius_m / 1000
    shown = next(number(km, language, decimals=n) for n in range(4) if round(km, n) == round(km, 3))
    return f"{text('plan_reach_radius', language)} {shown} km"


def places_text(candidates: str, grid_m: float, language: Language) -> str:
    """`lưới đều 1.000 m`, or the name of the places."""
    name = text(f"plan_candidates_{candidates}", language)
    return f"{name} {number(grid_m, language)} m" if candidates == GRID else name


def suggestion_html(found: Suggestion, language: Language) -> str:
    """What was asked and the sentences, as a panel."""
    first, *others = suggestion_lines(found, language)
    items = "".join(f"<li>{escape(line)}</li>" for line in others)
    proven = "1" if found.plan.solution.proven else "0"
    return (
        f'<section class="vl-panel vl-plan" data-proven="{proven}"><h2>{escape(text("page_suggest", language))}</h2>'
        f'<p class="vl-hint">{escape(asked_text(found.ask, language))}</p>'
        f"<p><b>{escape(first)}</b>{why_html('planning', language)}{why_html('bound', language)}</p><ul>{items}</ul></section>"
    )


def plan_intro_html(language: Language) -> str:
    """How to begin."""
    steps = "".join(f"<li>{escape(text(f'plan_how_{step}', language))}</li>" for step in (1, 2, 3))
    return (
        f'<section class="vl-panel"><h2>{escape(text("page_suggest", language))}</h2>'
        f'<p class="vl-hint">{escape(text("suggest_intro", language))}</p><ul>{steps}</ul></section>'
    )


def site_labels(
    found: Suggestion, language: Language, labels: Mapping[str, str] = NO_LABELS
) -> tuple[list[str], list[str]]:
    """The number of each site, and what a hover says."""
    numbers = [str(order) for order in found.sites["order"]]
    said = [
        text(
            "plan_site",
            language,
            order=row.order,
            people=number(gain, language),
            unit=_unit(row, labels),
        )
        for row, (gain, _) in zip(found.sites.itertuples(), gains_as_written(found), strict=True)
    ]
    return numbers, said


def _unit(row: Any, labels: Mapping[str, str]) -> str:
    """What the unit of a site is called (`labels_by_code`); a dash outside all units."""
    name = row.unit_name
    return MISSING if name is None or pd.isna(name) else labels.get(str(row.unit_code), str(name))


def curve_html(found: Suggestion, language: Language) -> str:
    """The marginal-gain curve as bars, one per site: what it adds, and the sum so far in lighter colour."""
    gains = gains_as_written(found)
    most = max(gains[-1][1], 1.0)
    rows = "".join(
        f"<tr><td>{escape(order)}</td><td><span class='vl-bar'>"
        f"<i style='left:{100 * (so_far - gain) / most:.2f}%;width:{100 * gain / most:.2f}%'></i>"
        f"</span></td><td>+{escape(number(gain, language))}</td><td>{escape(number(so_far, language))}</td></tr>"
        for order, (gain, so_far) in zip(found.sites["order"], gains, strict=True)
    )
    heads = ("plan_order", "", "plan_gain", "plan_cumulative")
    head = "".join(f"<th>{escape(text(key, language)) if key else ''}</th>" for key in heads)
    return (
        f'<section class="vl-panel"><h3>{escape(text("plan_curve", language))}</h3>'
        f'<table class="vl-table vl-num vl-curve"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>'
    )


def site_rows(
    found: Suggestion, language: Language, labels: Mapping[str, str] = NO_LABELS
) -> list[dict[str, str]]:
    """One row per site, headings as keys: where it stands, its name where it has one, what it adds and what it costs."""
    named, priced = found.ask.candidates != GRID, bool(found.sites["cost"].notna().any())
    rows = []
    for row, (gain, so_far) in zip(found.sites.itertuples(), gains_as_written(found), strict=True):
        cells = {
            "plan_order": str(row.order),
            "plan_unit": _unit(row, labels),
            **({"name": str(row.name)} if named else {}),
            "plan_latitude": number(row.geometry.y, language, decimals=5),
            "plan_longitude": number(row.geometry.x, language, decimals=5),
            "plan_gain": number(gain, language),
            "plan_cumulative": number(so_far, language),
            **({"plan_cost": number(row.cost, language)} if priced else {}),
        }
        rows.append({text(key, language): cell for key, cell in cells.items()})
    return rows


def sites_html(found: Suggestion, language: Language, labels: Mapping[str, str] = NO_LABELS) -> str:
    """The sites as a table."""
    rows = site_rows(found, language, labels)
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row.values()) + "</tr>" for row in rows
    )
    return (
        f'<section class="vl-panel"><h3>{escape(text("plan_where", language))}</h3><div class="vl-touched">'
        f'<table class="vl-table vl-num vl-second"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )

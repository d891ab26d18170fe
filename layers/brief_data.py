"""What a one-page brief says, as plain values for the typesetter: only text and numbers that are written already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from geo.results import Built, UnitList
from geo.schema import EVERY_OPERATOR, Evidence, Verdict
from geo.sort_names import sort_key
from layers.brief_chart import small_chart
from layers.brief_map import WIDTH, Ground, draw_map, swatch
from layers.brief_text import NAME, SOURCES, on_paper
from layers.goal_line import GoalLine
from layers.panel import CoverageLine
from layers.panel_html import OUTCOME_MARKS, unit_facts, verdict_word, where_text
from layers.sources import short_sources, terms
from layers.story import Beside, ListTables, Story
from layers.strings import MISSING, Language, day, figure, goal_figure, moment, number, text
from layers.unit_page import interval_of, mean_figure, rests_on

MOST_REASONS: Final = 8
MOST_GOALS: Final = 9
MOST_OPERATORS: Final = 8


@dataclass(frozen=True)
class Imprint:
    """What stands at the foot of every brief of a list: region, dates, version, the table's path and sha256, sources, terms."""

    region: str
    built_at: str
    made_on: str
    version: str
    table: str
    sha256: str
    illustrative: bool
    inputs: Sequence[Mapping[str, Any]]

    @property
    def day(self) -> str:
        """The day that stands on the paper: today, unless one was given."""
        return self.made_on or date.today().isoformat()


def imprint_of(built: Built, units: UnitList, made_on: str) -> Imprint:
    """The imprint of the briefs of one list; `made_on` (ISO): the day to put on them, empty for whatever day they are made."""
    manifest = built.manifest
    folder = next(entry["folder"] for entry in manifest["lists"] if entry["id"] == units.id)
    table = str(PurePosixPath(folder, "communes.parquet"))
    return Imprint(
        region=str(manifest["name"]),
        built_at=str(manifest["built_at"]),
        made_on=made_on,
        version=str(manifest["vunglom_version"]),
        table=f"built/{table}",
        sha256=str(manifest["tables"][table]),
        illustrative=bool(manifest["illustrative"]),
        inputs=manifest["inputs"],
    )


def brief_data(story: Story, ground: Ground, imprint: Imprint, language: Language) -> dict[str, Any]:
    """The values that `brief.typ` sets, for one unit."""
    panel = story.panel
    verdict = panel.verdict if panel.verdict in {str(one) for one in Verdict} else str(Verdict.UNKNOWN)
    label = on_paper(panel.label, NAME)
    keys = ("beside", "reasons", "path", "evidence", "own_title")
    titles = {key: text(key, language) for key in keys}
    titles |= {
        "quarters": text("unit_quarters", language),
        "quarters_note": text("brief_quarters_note", language),
    }
    titles |= {"reach": text("brief_reach", language), "sources": text("brief_sources", language)}
    return {
        "lang": language,
        "code": on_paper(panel.code, NAME),
        "title": f"{label} – {text('brief_kind', language)}",
        "kind": f"{text('app_title', language)} · {text('brief_kind', language)}",
        "about": on_paper(
            text("brief_about", language, region=on_paper(imprint.region, NAME), built=moment(imprint.built_at, language))
        ),
        "illustrative": f"{text('illustrative', language)} {text('illustrative_more', language)}"
        if imprint.illustrative
        else "",
        "label": label,
        "where": on_paper(where_text(panel, language), 2 * NAME),
        "verdict": {
            "word": _verdict_word(verdict, language, thin=story.thin and verdict != Verdict.UNKNOWN),
            "meaning": text(f"meaning_{verdict}", language),
            "swatch": swatch(verdict, thin=story.thin),
        },
        "facts": [
            {"name": name, "value": value, "ends": ends.strip()}
            for name, value, ends, _ in unit_facts(panel, language)
        ],
        "heads": _heads(story, language),
        "rows": [_row(line, story.beside.get(line.dimension), language) for line in panel.goals[:MOST_GOALS]],
        "note": _note(story, language),
        "titles": titles,
        "reasons": _lines(panel.reasons or (text("no_reasons", language),), language),
        "path": _lines([*story.better, *([story.worse] if story.worse else [])], language),
        "evidence": _lines(panel.evidence, language),
        "own": _lines(panel.own, language),
        "reach": _reach(panel.coverage, language),
        "map": _map(story, ground, label, verdict, language),
        "charts": [_chart(network, points, story.panel.goals, language) for network, points in story.quarters],
        **foot_of(imprint, language),
    }  # fmt: skip


def _verdict_word(verdict: str, language: Language, *, thin: bool) -> str:
    word = verdict_word(verdict, language)
    return f"{word} ({text('thin', language)})" if thin else word


def _heads(story: Story, language: Language) -> list[str]:
    province = on_paper(story.province.province or text("province_none", language), NAME // 2)
    keys = ("criterion", "this_unit", "goal", "", "unit_nation", "outcome")
    return [text(key, language) if key else province for key in keys]


def _row(line: GoalLine, beside: Beside | None, language: Language) -> list[dict[str, str]]:
    """Cells of one goal, each a figure and what stands small below it."""
    own = interval_of(line.low, line.high, line.unit, language)
    return [
        _cell(line.name, text("essential", language) if line.essential else ""),
        _cell(figure(line.value, line.unit, language), own),
        _cell(goal_figure(line.goal, line.unit, language)),
        _province(beside, line.unit, language),
        _nation(beside, line.unit, language),
        _cell(f"{OUTCOME_MARKS.get(line.outcome, MISSING)} {text(f'outcome_{line.outcome}', language)}"),
    ]


def _province(beside: Beside | None, unit: str, language: Language) -> dict[str, str]:
    if beside is None or beside.value is None:
        return _cell(MISSING)
    parts = (interval_of(beside.low, beside.high, unit, language), rests_on(beside, language))
    return _cell(mean_figure(beside.value, unit, language), "; ".join(part for part in parts if part))


def _nation(beside: Beside | None, unit: str, language: Language) -> dict[str, str]:
    if beside is None or beside.national is None:
        return _cell(MISSING, text("unit_nation_none", language))
    said = text("said_on", language, date=day(beside.national_on, language))
    return _cell(goal_figure(beside.national, unit, language), said)


def _cell(value: str, small: str = "") -> dict[str, str]:
    return {"value": on_paper(value, NAME), "small": on_paper(small, NAME)}


def _note(story: Story, language: Language) -> str:
    said = text(
        "beside_note",
        language,
        count=number(len(story.province.codes), language),
        province=on_paper(story.province.province or text("province_none", language), NAME),
    )
    left = len(story.panel.goals) - MOST_GOALS
    return said if left <= 0 else f"{said} {text('brief_more', language, count=number(left, language))}"


def _lines(lines: Iterable[str], language: Language) -> list[str]:
    """Sentences, and how many more there are where they are too many for a page."""
    found = [on_paper(line) for line in lines]
    left = len(found) - MOST_REASONS
    more = [text("brief_more", language, count=number(left, language))] if left > 0 else []
    return [*found[:MOST_REASONS], *more]


def _reach(lines: Sequence[CoverageLine], language: Language) -> dict[str, Any]:
    """Share of people by operator and technology, a row per operator and kind of evidence; what is not claimed is a dash."""
    technologies = sorted({line.technology for line in lines})
    order = {str(kind): place for place, kind in enumerate(Evidence)}
    keys = sorted(
        {(line.evidence, line.operator) for line in lines},
        key=lambda key: (order.get(key[0], len(order)), key[1] != EVERY_OPERATOR, sort_key(key[1])),
    )
    shares = {(line.evidence, line.operator, line.technology): line.people_share for line in lines}
    several = len({evidence for evidence, _ in keys}) > 1
    rows = [
        [
            on_paper(_who(*key, language, several=several), NAME // 2),
            *(figure(shares.get((*key, one)), "share", language) for one in technologies),
        ]
        for key in keys
    ]
    left = len(rows) - MOST_OPERATORS
    return {
        "heads": [text("operator", language), *technologies],
        "rows": rows[:MOST_OPERATORS],
        "more": text("brief_more", language, count=number(left, language)) if left > 0 else "",
    }


def _who(evidence: str, operator: str, language: Language, *, several: bool) -> str:
    name = text("every_operator", language) if operator == EVERY_OPERATOR else operator
    known = {str(kind) for kind in Evidence}
    return f"{name} ({text(f'short_{evidence}', language)})" if several and evidence in known else name


def _map(story: Story, ground: Ground, label: str, verdict: str, language: Language) -> dict[str, Any]:
    words = [(str(one), verdict_word(str(one), language)) for one in Verdict]
    legend = [{"swatch": swatch(key), "word": word} for key, word in words]
    legend.append({"swatch": swatch(str(Verdict.WATCH), thin=True), "word": text("brief_thin", language)})
    alt = text("brief_map_alt", language, unit=label, verdict=verdict_word(verdict, language))
    return {
        "svg": draw_map(ground, story.panel.code),
        "alt": alt,
        "title": text("brief_map", language),
        "scale": f"{ground.scale_km} km",
        "scale_share": round(ground.scale_length / WIDTH, 4),
        "legend": legend,
    }


def _chart(
    network: str, points: Sequence[Mapping[str, Any]], goals: Sequence[GoalLine], language: Language
) -> dict[str, str]:
    """A small chart with what stands around it; without any test the words that say so."""
    goal = next((line.goal for line in goals if line.dimension == network), None)
    known = any(point["value"] is not None for point in points)
    drawn = small_chart(points, goal)
    return {
        "title": text(f"network_{network}", language),
        "svg": drawn.svg if known else "",
        "none": "" if known else text("unit_quarters_none", language),
        "top": f"{number(drawn.top_mbps, language)} {text('unit_mbps', language)}",
        "first": str(points[0]["word"]) if points else "",
        "last": str(points[-1]["word"]) if points else "",
        "alt": on_paper("; ".join(str(point["said"]) for point in points)),
    }


def foot_of(imprint: Imprint, language: Language) -> dict[str, str]:
    """`terms`, `sources`, `data` (the table and its sha256) and `made` (day and version), in words."""
    made = day(imprint.day, language)
    return {
        "terms": on_paper(terms(imprint.inputs, language), SOURCES),
        "sources": on_paper(short_sources(imprint.inputs, language), SOURCES),
        "data": text("brief_data", language, table=imprint.table, sha256=imprint.sha256),
        "made": on_paper(text("brief_made", language, date=made, version=imprint.version)),
    }


def codes_of(tables: ListTables, verdict: str = "") -> tuple[str, ...]:
    """Codes of all units of the list, or of those with a verdict, in the list's order."""
    rows = tables.units.result
    chosen = rows if not verdict else rows[rows["verdict"].astype(str) == verdict]
    return tuple(chosen["unit_code"].astype(str))

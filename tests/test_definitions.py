"""Definitions: everything that the pages and files show has one in both languages; the method page says what it must."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from geo.colours import NO_DATA_FILL, VERDICT_COLOURS
from geo.column_terms import column_term
from geo.errors import InputError
from geo.export_columns import LAYER_COLUMNS
from geo.export_layers import LAYERS
from geo.plan_columns import PLAN_SITES
from geo.rollout_check import Advice
from geo.rollout_rules import PARTS
from geo.rollout_terms import rollout_columns
from geo.rules import DEFAULT_GOALS, Rules
from geo.schema import RESULT_COLUMNS, Evidence, Outcome, Verdict
from geo.targets import NATIONAL_TARGETS, State
from layers.definitions import GROUPS, TERMS, definition_of, meaning_of, title_of
from layers.glossary import colours_html, glossary_html, term_anchor, term_card_html
from layers.method_text import (
    SUMMARY,
    anchor_of,
    contents_html,
    methods_file,
    read_methods,
    render,
    sections_html,
)
from layers.palette import INDICATORS, OPERATOR_COLOURS, PLACE_COLOURS
from layers.strings import CATALOGUE, LANGUAGES, Language, goal_figure, number
from layers.table import FIGURES
from layers.why import method_link, why_html

METHODS = methods_file().read_text(encoding="utf-8")
CRITERIA = [key.removeprefix("criterion_") for key in CATALOGUE["vi"] if key.startswith("criterion_")]
WANTED = [
    *(indicator.column for indicator in INDICATORS),
    *FIGURES,
    *(column.name for column in RESULT_COLUMNS),
    *(column_term(name) for layer in (*LAYERS, "rollup") for name in LAYER_COLUMNS[layer]),
    *(column_term(column.name) for column in PLAN_SITES),
    *(definition.term for definition in rollout_columns()),
    *(f"verdict_{verdict}" for verdict in Verdict),
    *(f"goal_{goal.dimension}" for goal in DEFAULT_GOALS),
    *(f"outcome_{outcome}" for outcome in Outcome),
    *(f"evidence_{evidence}" for evidence in Evidence),
    *(f"target_{target.id}" for target in NATIONAL_TARGETS),
    *(f"target_state_{state}" for state in State),
    *(f"criterion_{code}" for code in CRITERIA),
    *(f"advice_{advice}" for advice in Advice),
    *(f"part_{part}" for part in (*PARTS, "duplicated")),
]


class Page(HTMLParser):
    """Ids, links, text and tags of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given["href"])] if "href" in given else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_check_page_has_the_criteria_of_the_methods() -> None:
    rows = METHODS.split("\n## Rollout\n")[1].split("| criterion |")[1].split("\n\n")[0]
    assert re.findall(r"^\| (\w+) \|", rows, flags=re.MULTILINE) == CRITERIA


@pytest.mark.parametrize("term", sorted(set(WANTED)))
def test_everything_shown_has_a_definition_in_both_languages(term: str) -> None:
    definition = definition_of(term)
    assert definition is not None
    said = {language: meaning_of(definition, language) for language in LANGUAGES}
    for language in LANGUAGES:
        assert len(title_of(definition, language)) >= 2
        assert len(said[language]) >= 10
        assert not {"{", "}"} & set(said[language] + title_of(definition, language))
    assert said["vi"] != said["en"]
    assert definition.group in GROUPS


@pytest.mark.parametrize("definition", TERMS.values(), ids=lambda definition: definition.term)
def test_every_definition_leads_to_a_section_that_is_there(definition: object) -> None:
    section = TERMS[definition.term].section  # type: ignore[attr-defined]
    assert f"\n## {section}\n" in METHODS


def test_nothing_is_defined_that_is_nowhere() -> None:
    words = {
        "interval",
        "thin",
        "no_data",
        "median",
        "essential",
        "own",
        "bivariate",
        "filter",
        "border",
        "remote",
        "province",
        "nation",
        "path",
        "unit_quarters",
        "similar",
        "neighbours",
        "tests_needed",
        "planning",
        "bound",
        "finding",
    }
    assert set(TERMS) == set(WANTED) | words


def test_own_indicators_and_their_maps_have_a_definition_and_anything_else_none() -> None:
    assert definition_of("indicator:ho_so") is TERMS["own"]
    assert definition_of("bivariate:ho_so") is TERMS["bivariate"]
    for unknown in ("", "nothing", "own indicator", "<b>", "column_nothing"):
        assert definition_of(unknown) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_in_definitions_are_those_of_the_rules(language: Language) -> None:
    for goal in Rules().goals:
        said = meaning_of(TERMS[f"goal_{goal.dimension}"], language)
        for value in (goal.goal, goal.worst):
            assert goal_figure(value, goal.unit, language) in said
        assert number(goal.weight, language, decimals=2) in said
    rollout = Rules().rollout
    assert f"{rollout.min_new_people:g}" in meaning_of(TERMS["criterion_new_people"], language)
    assert f"{rollout.warn_site_km:g} km" in meaning_of(TERMS["criterion_spacing"], language)
    assert f"{Rules().min_devices:g}" in meaning_of(TERMS["mobile_download_mbps"], language)


# --- the button beside a figure


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_opens_a_definition_and_leads_to_the_method(language: Language) -> None:
    html = why_html("gap_score", language)
    page = Page(html)
    assert page.tags[0] == "button"
    assert page.links == [method_link("gap_score", language)]
    assert re.findall(r'popovertarget="([^"]+)"', html) == page.ids
    assert meaning_of(TERMS["gap_score"], language)[:40] in page.text
    assert ("lang=en" in page.links[0]) == (language == "en")


def test_buttons_of_one_term_in_two_places_open_each_its_own() -> None:
    assert Page(why_html("rank", "vi")).ids != Page(why_html("rank", "vi", place="table")).ids
    assert why_html("nothing", "vi") == ""


# --- the text of METHODS


def test_the_file_s_own_links_lead_to_sections_of_the_page() -> None:
    sections = read_methods(methods_file())
    anchors = {section.anchor for section in sections}
    links = {f"#method-{name}" for name in re.findall(r"\]\(#([^)]+)\)", METHODS)}
    assert links
    assert {link[1:] for link in links} <= anchors
    html = sections_html(sections, "en")
    assert links <= set(Page(html).links)
    assert Page(contents_html(sections)).links == [f"#{section.anchor}" for section in sections]
    assert sections[0].title == SUMMARY


def test_sections_hold_the_whole_file() -> None:
    sections = read_methods(methods_file())
    assert [s.title for s in sections] == re.findall(r"^## (.+)$", METHODS, flags=re.MULTILINE)
    text = Page(sections_html(sections, "en")).text
    for sample in ("Karney 2013", "SUMPRODUCT(weight; deficit)", "chỉ tiêu", "exactextract", "σ²"):
        assert sample.casefold() in text.casefold()


def test_markdown_becomes_html_and_html_stays_text() -> None:
    page = Page(
        render("### One\n\n<img src=x onerror=alert(1)>\n\n| a | b |\n| --- | --- |\n| 1 | `x<y` |\n")
    )
    assert page.tags == [
        "h4",
        "p",
        "div",
        "table",
        "thead",
        "tr",
        "th",
        "th",
        "tbody",
        "tr",
        "td",
        "td",
        "code",
    ]
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "x<y" in page.text


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"METHODS.md of this version back"):
        read_methods(tmp_path / "METHODS.md")


def test_anchors_are_as_the_file_writes_them() -> None:
    assert anchor_of("Goals and verdict") == "method-goals-and-verdict"
    assert anchor_of("Tóm tắt") == "method-tóm-tắt"


# --- glossary and colours


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_holds_every_term_once(language: Language) -> None:
    page = Page(glossary_html(language))
    terms = [term_anchor(term) for term in TERMS]
    assert sorted(one for one in page.ids if one.startswith("term-")) == sorted(terms)
    assert len(set(page.ids)) == len(page.ids)
    assert Page(term_card_html("4g_operators", language)).tags[:2] == ["section", "h2"]
    assert term_card_html("<b>", language) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_of_colours_shows_every_colour_in_use(language: Language) -> None:
    html = colours_html(language)
    used = {
        colour
        for indicator in INDICATORS
        for swatch in indicator.swatches
        for colour in (swatch.fill, swatch.hatch)
    }
    used |= {*VERDICT_COLOURS.values(), NO_DATA_FILL, *OPERATOR_COLOURS, *PLACE_COLOURS.values()}
    assert not [colour for colour in used if colour and colour not in html]

"""Escaping and words: hostile text stays text, both languages say the same things, figures read as they should."""

import ast
import html
import json
import re
import string
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template
from markdown_it import MarkdownIt

from layers.escape import escape, escape_markdown, script_literal
from layers.sources import about_rows, source_lines, terms
from layers.strings import (
    CATALOGUE,
    LANGUAGES,
    MISSING,
    as_language,
    day,
    figure,
    goal_figure,
    iso_day,
    lack,
    moment,
    number,
    quarter_text,
    raise_decimal,
    text,
)
from tests.fake_built import NASTY_NAMES

REPO = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("nasty", [*NASTY_NAMES, "a\u2029b", "\\", "${x}", "' onclick='x"])
def test_escaped_text_has_no_character_with_a_meaning(nasty: str) -> None:
    escaped = escape(nasty)
    assert not set(escaped) & set("<>\"'`$\\{}\u2028\u2029")
    assert html.unescape(escaped) == nasty


@given(st.text())
def test_escaped_text_reads_as_it_was(given_text: str) -> None:
    # what HTML itself turns into something else (controls, CR) is left out of the comparison
    plain = "".join(c for c in given_text if c.isprintable())
    assert html.unescape(escape(plain)) == plain


@given(
    st.recursive(
        st.text() | st.integers(-9, 9) | st.none() | st.booleans(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=9,
    )
)
def test_script_literal_carries_any_value_through_jinja_and_javascript(value: object) -> None:
    literal = script_literal(value)
    found = re.fullmatch(r"JSON\.parse\('((?:[A-Za-z0-9 ,.:\[\]_-]|\\u[0-9a-f]{4})*)'\)", literal)
    assert found is not None
    # a JavaScript string with nothing but \uXXXX escapes is a JSON string too, which gives an outside reader
    assert json.loads(json.loads(f'"{found.group(1)}"')) == value
    assert Template(literal).render() == literal


def test_script_literal_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        script_literal(float("nan"))


def word_files(language: str) -> list[Path]:
    """The files of words; those of columns, which files to take home say too, are in `geo`."""
    return sorted(file for top in ("layers", "geo") for file in (REPO / top).glob(f"words*_{language}.py"))


def test_no_key_has_two_words() -> None:
    # of two dictionaries that are joined the later one wins without a word
    pairs = [
        (name, key)
        for file in word_files("vi")
        for name, words in vars(import_module(f"{file.parent.name}.{file.stem}")).items()
        if name.isupper() and isinstance(words, dict)
        for key in words
    ]
    keys = [key for _, key in pairs]
    assert [pair for pair in pairs if keys.count(pair[1]) > 1] == []


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    def blanks(words: dict[str, str]) -> dict[str, set[str]]:
        return {
            key: {name for _, name, _, _ in string.Formatter().parse(said) if name}
            for key, said in words.items()
        }

    assert blanks(CATALOGUE["vi"]) == blanks(CATALOGUE["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_in_two_files(language: str) -> None:
    """The later file would win, and another page would say its words."""
    found: dict[str, str] = {}
    twice = []
    for file in sorted((REPO / "layers").glob(f"words_*{language}.py")):
        for key in re.findall(r'^    "([^"]+)":', file.read_text("utf-8"), re.MULTILINE):
            if key in found:
                twice.append(f"{key}: {found[key]} and {file.name}")
            found[key] = file.name
    assert twice == []


def test_every_word_asked_for_in_the_code_is_in_the_catalogue() -> None:
    sources = [REPO / "app.py", *(REPO / "pages").glob("*.py"), *(REPO / "layers").glob("*.py")]
    asked = {
        key for source in sources for key in re.findall(r'\btext\(\s*"([^"{}]+)"', source.read_text("utf-8"))
    }
    assert asked
    assert asked <= set(CATALOGUE["vi"])


WHOLLY_MADE = (
    "settlement_.+", "hotspot_.+", "finding_class_.+", "gap_people_.+", "better_(higher|lower)", "figures_(rate|count|yes_no)",
    "by_(code|name)", "(mobile|fixed)_quarter_mbps", "(separator|shape|unmodelled)_.+",
)  # fmt: skip
"""Words whose keys are put together of variables alone: classes on a map, what an option of `add` may be."""


def _made_keys(tree: ast.AST) -> set[str]:
    """Keys of the catalogue that a file names, and patterns of those that it puts together (`verdict_{…}`)."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(re.escape(node.value))
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
            if len("".join(str(one) for one in parts if one)) > 2:
                found.add("".join(".+" if one is None else re.escape(str(one)) for one in parts))
    return found


def test_no_word_is_left_that_nobody_says() -> None:
    terms = [REPO / "geo" / f"{name}.py" for name in ("column_meanings", "column_terms", "rollout_terms")]
    files = [REPO / "app.py", *(REPO / "pages").glob("*.py"), *(REPO / "layers").glob("*.py"), *terms]
    sources = [file for file in files if not file.name.startswith("words_")]
    made = set[str]().union(*(_made_keys(ast.parse(file.read_text("utf-8"))) for file in sources))
    is_made = re.compile("|".join(sorted(one for one in made if re.fullmatch(r"[\w.:+\\-]+", one))))
    left = {key for key in CATALOGUE["vi"] if not is_made.fullmatch(key)}
    assert {key for key in left if not any(re.fullmatch(family, key) for family in WHOLLY_MADE)} == set()
    # a family that is gone from the catalogue has no place in the list
    assert all(any(re.fullmatch(family, key) for key in left) for family in WHOLLY_MADE)


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (-0.04, 1, "0,0", "0.0"),
        (-3.25, 1, "-3,2", "-3.2"),
        (None, 0, MISSING, MISSING),
        (float("nan"), 0, MISSING, MISSING),
        (float("inf"), 0, MISSING, MISSING),
    ],
)
def test_numbers_in_both_languages(value: float | None, decimals: int, vietnamese: str, english: str) -> None:
    assert number(value, "vi", decimals=decimals) == vietnamese
    assert number(value, "en", decimals=decimals) == english


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.9979, "share", "99,7%"),
        (0.998, "share", "99,8%"),
        (0.9999, "share", "99,9%"),
        (1.0, "share", "100%"),
        (0.0, "share", "0%"),
        (39.96, "Mbps", "39,9 Mbps"),
        (2, "operators", "2 nhà mạng"),
        (66.44, "points", "66,4"),
        (None, "km", MISSING),
    ],
)
def test_a_share_below_its_goal_never_reads_as_the_goal(value: float | None, unit: str, shown: str) -> None:
    assert figure(value, unit, "vi") == shown


@pytest.mark.parametrize(
    ("short", "unit", "vietnamese", "english"),
    [
        (0.0277, "share", "2,8 điểm %", "2.8 pp"),
        (0.028, "share", "2,8 điểm %", "2.8 pp"),
        (12.6, "Mbps", "12,6 Mbps", "12.6 Mbps"),
        (12.59, "Mbps", "12,6 Mbps", "12.6 Mbps"),
        (1.0, "operators", "1 nhà mạng", "1 operator"),
        (None, "share", "–", "–"),
        (float("nan"), "Mbps", "–", "–"),
    ],
)
def test_what_is_missing_to_a_goal_adds_up_with_the_figure(
    short: float | None, unit: str, vietnamese: str, english: str
) -> None:
    # 97.03 % reads 97.0 %, and 97.0 + 2.8 is the goal of 99.8
    assert (lack(short, unit, "vi"), lack(short, unit, "en")) == (vietnamese, english)


@given(tenths=st.integers(0, 399))
def test_a_tenth_is_not_raised_to_the_next(tenths: int) -> None:
    # 40 - 27.4 is 12.600000000000001
    assert raise_decimal(40 - tenths / 10) == (400 - tenths) / 10


@pytest.mark.parametrize(
    ("key", "values", "said"),
    [
        ("upload_areas", {"count": "1"}, "1 area"),
        ("upload_areas", {"count": "2"}, "2 areas"),
        ("upload_areas", {"count": "0"}, "0 areas"),
        ("upload_areas", {"count": "21"}, "21 areas"),
        ("upload_sites", {"count": "1"}, "1 site"),
        ("age_days", {"days": "1"}, "1 day ago"),
        ("age_days", {"days": "2"}, "2 days ago"),
        ("jobs_behind", {"count": "1"}, "1 job waits"),
        ("upload_notes", {"count": "1"}, "The reader noted 1 thing"),
    ],
)
def test_one_of_a_thing_is_one_in_english(key: str, values: dict[str, str], said: str) -> None:
    assert text(key, "en", **values) == said


def test_a_name_that_counts_is_left_as_it_is() -> None:
    said = text("target_place", "en", place="Area 1 units", value="1 units are")
    assert "Area 1 units" in said
    assert "1 units are" in said


@pytest.mark.parametrize(
    ("given_name", "taken"), [("en", "en"), ("vi", "vi"), ("fr", "vi"), (None, "vi"), ("", "vi")]
)
def test_unknown_language_is_vietnamese(given_name: str | None, taken: str) -> None:
    assert as_language(given_name) == taken


def test_unknown_word_is_refused() -> None:
    with pytest.raises(KeyError, match="no_such_word"):
        text("no_such_word", "vi")


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("30/9/2026", "2026-09-30"),
        (" 05/09/2026 ", "2026-09-05"),
        ("2026-09-30", "2026-09-30"),
        ("31/9/2026", "31/9/2026"),
        ("9/30/2026", "9/30/2026"),
        ("30/9/26", "30/9/26"),
        ("", ""),
    ],
)
def test_a_day_is_read_as_a_vietnamese_reader_writes_it(written: str, iso: str) -> None:
    assert iso_day(written, "vi") == iso
    # who reads English may mean the month by the first number
    assert iso_day(written, "en") == written.strip()


@pytest.mark.parametrize("quarter", ["2026Q3", "2026Q5", "quý 3", ""])
def test_a_quarter_is_written_as_people_write_it(quarter: str) -> None:
    known = quarter == "2026Q3"
    assert quarter_text(quarter, "vi") == ("Q3/2026" if known else quarter)
    assert quarter_text(quarter, "en") == ("Q3 2026" if known else quarter)


@pytest.mark.parametrize(
    ("iso", "shown"), [("2026-09-30", "30/9/2026"), ("", ""), ("2026", "2026"), ("hôm qua", "hôm qua")]
)
def test_dates_the_vietnamese_way(iso: str, shown: str) -> None:
    assert day(iso, "vi") == shown
    assert day(iso, "en") == iso


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.9, "share", "90%"),
        (0.998, "share", "99,8%"),
        (40, "Mbps", "40 Mbps"),
        (2, "operators", "2 nhà mạng"),
    ],
)
def test_a_goal_has_no_decimals_that_it_does_not_need(value: float, unit: str, shown: str) -> None:
    assert goal_figure(value, unit, "vi") == shown


@pytest.mark.parametrize(
    ("iso", "vietnamese", "english"),
    [
        ("2026-11-24T00:53:53+00:00", "07:53 giờ Việt Nam, 24/11/2026", "00:53 UTC, 2026-11-24"),
        ("2026-11-24T20:30:00+00:00", "03:30 giờ Việt Nam, 25/11/2026", "20:30 UTC, 2026-11-24"),
        ("2026-11-24T07:05:00", "07:05, 24/11/2026", "07:05, 2026-11-24"),
        ("hôm qua", "hôm qua", "hôm qua"),
    ],
)
def test_moments_to_the_minute(iso: str, vietnamese: str, english: str) -> None:
    assert moment(iso, "vi") == vietnamese
    assert moment(iso, "en") == english


def speed_input(quarter_end: str, licence: str = "CC BY-NC-SA 4.0") -> dict[str, object]:
    return {"kind": "speed", "publisher": "Ookla", "licence": licence, "date": quarter_end, "citation": "",
            "files": [{"path": f"raw/{quarter_end}.parquet", "name": f"{quarter_end}.parquet"}]}  # fmt: skip


def test_sources_of_one_kind_are_one_line() -> None:
    nameless = {"kind": "boundaries", "files": [{"path": "raw/x", "name": "xa.geojson"}], "publisher": ""}
    assert source_lines(
        [nameless, speed_input("2023-12-31"), speed_input("2019-03-31"), speed_input("")], "vi"
    ) == (
        "Ranh giới (1 tệp): không nêu nguồn (xa.geojson). Giấy phép: không nêu. Ngày: không nêu.",
        "Đo tốc độ (3 tệp): Ookla. Giấy phép: CC BY-NC-SA 4.0. Ngày: 31/3/2019 – 31/12/2023.",
    )


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "for non-commercial use", "Attribution-NonCommercial"])
def test_non_commercial_data_says_so(licence: str) -> None:
    said = terms([speed_input("2023-12-31", licence), speed_input("2019-03-31", licence)], "vi")
    assert said == f"Điều kiện sử dụng dữ liệu: Ookla ({licence}): chỉ được dùng phi thương mại."


@pytest.mark.parametrize("licence", ["MIT", "CC BY 4.0", "", "INC licence"])
def test_free_data_needs_no_terms(licence: str) -> None:
    assert terms([speed_input("2023-12-31", licence)], "vi") == ""


def test_a_row_of_a_file_says_its_sources_in_words_and_what_limits_them() -> None:
    manifest = {
        "inputs": [speed_input("2023-12-31")],
        "built_at": "2026-11-25T10:00:00+00:00",
        "illustrative": True,
    }
    assert about_rows(manifest, "vi") == {
        "data_sources": "Đo tốc độ (1 tệp): Ookla. Giấy phép: CC BY-NC-SA 4.0. Ngày: 31/12/2023. "
        + terms(manifest["inputs"], "vi"),  # type: ignore[arg-type]
        "built_at": "2026-11-25T10:00:00+00:00",
        "note": text("illustrative", "vi"),
    }
    free = {**manifest, "inputs": [speed_input("2023-12-31", "MIT")], "illustrative": False}
    assert about_rows(free, "en")["note"] == ""
    assert about_rows(free, "en")["data_sources"].endswith("2023-12-31.")


# what Streamlit 1.5x looks for in text that Markdown is done with: its icons, emoji, logo and signs, and links of bare addresses
MADE_OF_TEXT = (
    r":material/\w+:", r":[\w+-]+:", r"https?://[-.\w]+", r"(?i)www\.[-.\w]+", r"(?:^|\W)[-.\w+]+@[-\w]+(?:\.[-\w]+)+",
    *(rf"(?:^|\s){re.escape(sign)}(?:\s|$)" for sign in ("<->", "->", "<-", "--", ">=", "<=", "~=")),
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        ":material/delete:", ":smile: :+1:", ":streamlit:", "https://evil.example/a.png", "HTTP://evil.example", "www.evil.vn",
        "an@evil.example", "a -> b", "<-> b", "a <-", "--", "x >= 5", "x <= 5", "x ~= 5", "a:b:c", "&lt;b&gt; &#36;", "![a](http://e.vn)",
    ],
)  # fmt: skip
def test_nothing_is_made_of_a_name_in_a_message(name: str) -> None:
    (block,) = MarkdownIt("commonmark").parse(escape_markdown(f"Đã lưu {name}"))[1:2]
    assert [part.type for part in block.children or []] == ["text"] * len(block.children or [])
    shown = "".join(part.content for part in block.children or [])
    assert [sign for sign in MADE_OF_TEXT if re.search(sign, shown)] == []
    assert shown.replace("\u2060", "") == f"Đã lưu {name}"


def test_plain_sentences_stay_as_they_are() -> None:
    for plain in ("Đã lưu lúc 04:31, mã p1: xong", "a-b", "5>=4"):
        assert "\u2060" not in escape_markdown(plain)

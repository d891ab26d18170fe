"""Findings: every code in the source is registered, explained in METHODS.md, and named in both languages; their order."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.mends import Mend, mended_code
from geo.quality import CODES, Finding, Severity, count_severities, findings_as_json, listed, severities_text
from layers.strings import LANGUAGES, text
from tests.test_methods import section, table_rows

GEO = Path(__file__).resolve().parents[1] / "geo"


def _literals(node: ast.AST) -> Iterator[str]:
    yield from (
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _codes_in_source() -> set[str]:
    """The second argument of every `Finding(…)` under geo/; where it is a parameter, what the function is called with."""
    found: set[str] = set()
    for file in GEO.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if getattr(call.func, "id", "") == "Finding" and call.args:
                    code = call.args[1]
                    if isinstance(code, ast.Call) and getattr(code.func, "id", "") == "mended_code":
                        found |= {mended_code(kind) for kind in Mend}
                        continue
                    if isinstance(code, ast.Constant):
                        found.add(str(code.value))
                        continue
                    assert isinstance(code, ast.Name), f"{file.name}:{call.lineno}"
                    place = [argument.arg for argument in function.args.args].index(code.id)
                    callers = [other for other in calls if getattr(other.func, "id", "") == function.name]
                    assert callers, f"{file.name}:{call.lineno}"
                    found |= {literal for caller in callers for literal in _literals(caller.args[place])}
    return found


def test_codes_are_those_of_the_source_and_sorted() -> None:
    assert _codes_in_source() == set(CODES)
    assert list(CODES) == sorted(set(CODES))


def test_methods_explains_every_code_and_no_other() -> None:
    rows = [row for row in table_rows(section("Quality")) if len(row) == 3]
    explained = [code.strip("` ") for row in rows for code in row[0].split(",")]
    assert sorted(explained) == list(CODES)
    assert all(cell for row in rows for cell in row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_severity_has_a_title_of_its_own(language: str) -> None:
    titles = [text(f"quality_{code}", language) for code in CODES]  # type: ignore[arg-type]
    assert len(set(titles)) == len(CODES)
    assert all(len(title) < 60 for title in titles)
    assert all(text(f"severity_{severity}", language) for severity in Severity)  # type: ignore[arg-type]


@given(st.permutations(range(6)))
def test_findings_are_gravest_first_then_by_code_and_size_whatever_their_order(order: list[int]) -> None:
    ranked = [
        Finding(Severity.ERROR, "overlap", "a", value=-3.0),
        Finding(Severity.ERROR, "overlap", "b", value=2.0),
        Finding(Severity.ERROR, "overlap", "c"),
        Finding(Severity.WARNING, "declared_area", "d", unit="1"),
        Finding(Severity.WARNING, "declared_area", "d", unit="2"),
        Finding(Severity.NOTE, "outlines", "e"),
    ]
    rows = findings_as_json(ranked[place] for place in order)
    assert [(row["message"], row["unit"]) for row in rows] == [(f.message, f.unit) for f in ranked]


def test_counts_name_every_severity() -> None:
    rows = findings_as_json(
        [Finding(Severity.NOTE, "outlines", "x"), Finding(Severity.ERROR, "overlap", "y")]
    )
    assert count_severities(rows) == {"error": 1, "warning": 0, "note": 1}
    assert severities_text(count_severities(rows)) == "1 error, 0 warnings, 1 note"
    assert severities_text({"note": 1234}) == "1,234 notes"


def test_long_lists_of_names_are_cut() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"

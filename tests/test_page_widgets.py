"""Widgets of the pages: what Streamlit would say in English of itself is said by the catalogue."""

import ast
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).resolve().parents[1] / "pages"


def _may_be_empty(call: ast.Call) -> bool:
    """Whether nothing may be chosen: many things, none at first, or None among a list's options."""
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if kind == "multiselect":
        return True
    index = next((one.value for one in call.keywords if one.arg == "index"), None)
    options = call.args[1].elts if len(call.args) > 1 and isinstance(call.args[1], ast.List) else []
    nothing = [one for one in (index, *options) if isinstance(one, ast.Constant) and one.value is None]
    return kind == "selectbox" and bool(nothing)


def _boxes() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(PAGES.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _may_be_empty(node):
                yield f"{file.name}:{node.lineno}", node


def test_a_box_that_may_be_empty_says_so_in_the_readers_language() -> None:
    found = dict(_boxes())
    assert len(found) > 8
    silent = [
        where for where, call in found.items() if "placeholder" not in {one.arg for one in call.keywords}
    ]
    assert silent == []

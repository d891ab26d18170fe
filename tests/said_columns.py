"""What a file must say of its columns."""

import io
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from openpyxl import load_workbook

SAID = ("title_vi", "meaning_vi", "title_en", "meaning_en")


def require_said(columns: Iterable[Mapping[str, Any]]) -> None:
    """Title and meaning of each in both languages, in words: no blank left open, no key of the words."""
    columns = list(columns)
    assert columns
    for column in columns:
        said = {name: str(column[name] or "") for name in SAID}
        assert all(len(text) >= 2 for text in said.values()), column
        assert min(len(said["meaning_vi"]), len(said["meaning_en"])) >= 10, column
        assert said["meaning_vi"] != said["meaning_en"], column
        texts = " ".join(said.values())
        assert not {"{", "}"} & set(texts), column
        assert "term_" not in texts, column
        assert "def_" not in texts, column


def require_workbook_said(content: bytes, *, one_table: bool = False) -> set[str]:
    """The same of every column of every sheet of a workbook (of `data`, where it has one table); the sheets' names."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    heads = {sheet.title: [str(name) for name in next(sheet.iter_rows(values_only=True))] for sheet in book}
    names, *lines = book["columns"].iter_rows(values_only=True)
    columns = [dict(zip_longest(map(str, names), line)) for line in lines]
    require_said(columns)
    told = [(str(column.get("sheet", "data")), str(column["name"])) for column in columns]
    tables = ["data"] if one_table else [title for title in heads if title != "columns"]
    assert told == [(title, name) for title in tables for name in heads[title]]
    return set(heads)

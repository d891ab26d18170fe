"""A table whose rows a visitor chooses and sorts: what is shown, whose row it is, and what each column sorts by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from geo.sort_names import sort_key
from layers.labels import labels_by_code
from layers.strings import Language, text


@dataclass(frozen=True)
class RowTable:
    """`frame`: cells, keyed by names that are the same in every language; `ids`: whose row each is, in the table's own order.

    `headings`: each column's name in words. `by`: what a column sorts by where that is not its cells, a key per row, null where
    nothing is known. `written`: how a column's numbers are written. `tints`: a column's words and the style of their cells.
    """

    frame: pd.DataFrame
    ids: tuple[str, ...]
    headings: Mapping[str, str]
    by: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    written: Mapping[str, Callable[[float], str]] = field(default_factory=dict)
    tints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def row_of(self, one: str | None) -> int | None:
        """Position of a row, or None."""
        return self.ids.index(one) if one in self.ids else None

    def keys_of(self, column: str) -> list[Any]:
        """What a column sorts by, row by row."""
        return list(self.by.get(column, self.frame[column]))


def table_of(
    ids: Sequence[str], columns: Mapping[str, tuple[Sequence[str], Sequence[Any]]], language: Language
) -> RowTable:
    """A table of words: each column, named by the key of its heading, with its cells and what they sort by."""
    return RowTable(
        pd.DataFrame({name: list(cells) for name, (cells, _) in columns.items()}),
        tuple(ids),
        {name: text(name, language) for name in columns},
        by={name: keys for name, (_, keys) in columns.items()},
    )


def in_order(table: RowTable, column: str, *, down: bool = False) -> RowTable:
    """The table sorted: numbers by size, words as `geo.sort_names` has them, what is not known last either way.

    Rows alike keep the table's own order.
    """
    keys = table.keys_of(column)
    known = [row for row, key in enumerate(keys) if not pd.isna(key) and key != ""]
    order = sorted(known, key=lambda row: _comparable(keys[row]), reverse=down)
    order += sorted(set(range(len(keys))) - set(known))
    return replace(
        table,
        frame=table.frame.iloc[order].reset_index(drop=True),
        ids=tuple(table.ids[row] for row in order),
        by={name: [given[row] for row in order] for name, given in table.by.items()},
    )


def name_cells(codes: Sequence[str], result: pd.DataFrame) -> tuple[list[str], list[str]]:
    """What each unit is called with its kind, as a cell says it, and without, as the column sorts."""
    labels = labels_by_code(result)
    names = dict(zip(result["unit_code"].astype(str), result["name"].astype(str), strict=True))
    return [labels[code] for code in codes], [names[code] for code in codes]


def places_in(order: Sequence[str], values: Iterable[Any]) -> list[int | None]:
    """Place of each value among the known ones; null for one that stands for nothing known."""
    places = {name: place for place, name in enumerate(order)}
    return [places.get(str(value)) for value in values]


def _comparable(key: Any) -> Any:
    return sort_key(key) if isinstance(key, str) else key


def styled(table: RowTable) -> Any:
    """The frame with its numbers as the language writes them and its words in their colours."""
    words: dict[Any, Any] = dict(table.written)
    style = table.frame.style.format(words)
    for column, tints in table.tints.items():
        style = style.map(lambda word, tints=tints: tints.get(word, ""), subset=[column])
    return style

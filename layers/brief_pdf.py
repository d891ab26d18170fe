"""Briefs as PDF: one A4 page per unit, set by typst with the fonts that it carries, and many of them as one ZIP file."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

from geo.results import Built, UnitList
from geo.rules import load_rules
from layers.brief_data import Imprint, brief_data, imprint_of
from layers.brief_map import Ground, prepare_ground
from layers.story import ListTables, Story, list_tables, tell
from layers.strings import Language

TEMPLATE: Final = Path(__file__).with_name("brief.typ")
_LONGEST_FILE_NAME: Final = 60


@dataclass(frozen=True)
class Press:
    """Everything that the briefs of one list share."""

    tables: ListTables
    imprint: Imprint
    grounds: dict[frozenset[str], Ground]

    def ground_of(self, story: Story) -> Ground:
        """The map of the unit's province, drawn when first asked for."""
        codes = story.province.codes
        if codes not in self.grounds:
            rows = self.tables.units.result
            shown = rows[rows["unit_code"].astype(str).isin(codes)]
            verdicts = dict(zip(shown["unit_code"].astype(str), shown["verdict"].astype(str), strict=True))
            self.grounds[codes] = prepare_ground(shown, verdicts, self.tables.thin)
        return self.grounds[codes]


def open_press(built: Built, units: UnitList, *, made_on: str = "") -> Press:
    """Make ready for briefs of a list; `made_on` (ISO): the day to put on them, that of the making by default."""
    rules = load_rules(built.manifest["rules"], source="manifest.json")
    return Press(list_tables(units, rules), imprint_of(built, units, made_on), {})


def brief_pdf(press: Press, code: str, language: Language) -> bytes:
    """The brief of one unit; raises `KeyError` for a code that the list does not have."""
    return set_page(brief_values(press, code, language))


def brief_values(press: Press, code: str, language: Language) -> dict[str, Any]:
    """What the brief of one unit says, as the template takes it."""
    story = tell(code, press.tables, language)
    if story is None:
        raise KeyError(code)
    values = brief_data(story, press.ground_of(story), press.imprint, language)
    return {**values, "made_on": press.imprint.day}


def set_page(values: dict[str, Any]) -> bytes:
    """Typeset. The same values give the same bytes: the day that they were made on is the only time in the file."""
    made = datetime.combine(date.fromisoformat(values["made_on"]), datetime.min.time(), tzinfo=UTC)
    found = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(values, ensure_ascii=False, allow_nan=False)},
        format="pdf",
        timestamp=made,
    )
    return bytes(found)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The typesetter's own fonts alone: a page looks the same on every machine, and none is looked for on disk."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def briefs_zip(press: Press, codes: Iterable[str], language: Language) -> bytes:
    """The briefs of these units as one ZIP file, a PDF each."""
    made = date.fromisoformat(press.imprint.day)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for code, pdf in _each(press, codes, language):
            name = _free_name(file_name(press.tables.labels[code], code), archive)
            # text within a PDF is packed already
            archive.writestr(zipfile.ZipInfo(name, (made.year, made.month, made.day, 0, 0, 0)), pdf)
    return content.getvalue()


def _free_name(name: str, archive: zipfile.ZipFile) -> str:
    """The name, numbered where codes that differ in signs alone made it twice: unpacked, one would take the other's place."""
    stem, taken = name.removesuffix(".pdf"), set(archive.namelist())
    return next(
        one for one in (name, *(f"{stem}_{n}.pdf" for n in range(2, len(taken) + 3))) if one not in taken
    )


def _each(press: Press, codes: Iterable[str], language: Language) -> Iterator[tuple[str, bytes]]:
    for code in codes:
        yield code, brief_pdf(press, code, language)


def file_name(label: str, code: str) -> str:
    """`xã Bù Gia Mập`, `25222` → `xa-bu-gia-map-25222.pdf`: a name that every system takes."""
    return f"{_plain(label)[:_LONGEST_FILE_NAME].strip('-') or 'unit'}-{_plain(code)[:_LONGEST_FILE_NAME].strip('-')}.pdf"


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", bare.encode("ascii", "ignore").decode().lower()).strip("-")

"""One term of the glossary as the catalogue and METHODS know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Definition:
    """One term: its group, the keys of its title and meaning in the catalogue, and the section of METHODS that has the formula.

    `words`: keys of the catalogue that fill blanks of both; `source`: who set or published it, as METHODS cites it.
    """

    term: str
    group: str
    title: str
    meaning: str
    section: str
    words: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

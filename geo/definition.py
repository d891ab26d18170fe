"""One term of the glossary as files, pages and METHODS know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Definition:
    """One term: its group, the keys of its title and meaning in the words, and the section of METHODS that has the formula.

    `words`: keys of the words that fill blanks of both; `source`: who set or published it, as METHODS cites it.
    """

    term: str
    group: str
    title: str
    meaning: str
    section: str
    words: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


def fill(template: str, words: Mapping[str, str]) -> str:
    """A title or a meaning with its blanks filled; a network is written small unless it begins."""
    filling = dict(words)
    if "network" in filling and not template.startswith("{network}"):
        filling["network"] = filling["network"][:1].lower() + filling["network"][1:]
    return template.format(**filling)

"""METHODS.md as HTML for the page: headings with anchors, a table of contents, wide tables that scroll by themselves."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from geo.errors import InputError
from layers.escape import escape

SUMMARY: Final = "Tóm tắt"
"""The section of METHODS that is in Vietnamese."""
ANCHOR: Final = "method-"
_FILE: Final = "METHODS.md"


@dataclass(frozen=True)
class Section:
    """A section of the second level: its title, its anchor in the page, its HTML without the heading."""

    title: str
    anchor: str
    html: str


def methods_file() -> Path:
    """Where METHODS.md is: beside the packages in a checkout, with the app in an installed wheel."""
    beside = Path(__file__).resolve().parents[1]
    return next((p for p in (beside / _FILE, beside / "vunglom" / _FILE) if p.is_file()), beside / _FILE)


def anchor_of(title: str) -> str:
    """`Goals and verdict` → `method-goals-and-verdict`: as the file's own links name it, after a prefix of the page's."""
    bare = "".join(c for c in unicodedata.normalize("NFC", title).lower() if c.isalnum() or c in " -_")
    return ANCHOR + bare.strip().replace(" ", "-")


@lru_cache(maxsize=2)
def read_methods(path: Path) -> tuple[Section, ...]:
    """The sections of the file in its order; raises `InputError` when it cannot be read."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(
            f"{path}: cannot be read ({fault}); put {_FILE} of this version back in its place"
        ) from fault
    parts = re.split(r"^## (.+)$", source, flags=re.MULTILINE)[1:]
    return tuple(
        Section(title.strip(), anchor_of(title.strip()), render(body))
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    )


def render(source: str) -> str:
    """Markdown as HTML: raw HTML of the text is shown as text, links inside the file lead to the page's anchors."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(source)
    for token in tokens:
        _adapt(token)
        for child in token.children or ():
            _adapt(child)
    html: str = parser.renderer.render(tokens, parser.options, {})
    # what scrolls must be reached by keyboard
    html = html.replace("<pre>", '<pre tabindex="0">')
    return html.replace("<table>", '<div class="vl-wide" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


def _adapt(token: Token) -> None:
    """Headings one level lower (the page has the first), anchors of the page's own, no address but a link's."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    if token.type == "link_open":
        target = str(token.attrs.get("href", ""))
        token.attrs["href"] = f"#{ANCHOR}{target[1:]}" if target.startswith("#") else target


def contents_html(sections: tuple[Section, ...]) -> str:
    """Links to the sections."""
    lines = "".join(f'<li><a href="#{escape(s.anchor)}">{escape(s.title)}</a></li>' for s in sections)
    return f'<ul class="vl-toc">{lines}</ul>'


def sections_html(sections: tuple[Section, ...], lang: str) -> str:
    """The sections with their headings; `lang` is the language they are written in."""
    body = "".join(f'<h3 id="{escape(s.anchor)}">{escape(s.title)}</h3>{s.html}' for s in sections)
    return f'<div class="vl-method" lang="{escape(lang)}">{body}</div>'

"""The one place where text from data becomes safe to put into HTML or into a script.

Names come from files anybody may have written: a commune called `<img onerror=…>` must stay a name. HTML text has
every character with a meaning in HTML, in a JavaScript template literal or in a Jinja template turned into an entity,
because Folium passes strings through all three.
"""

import html
import json
import re
from typing import Any, Final

_BEYOND_HTML: Final = {ord(c): f"&#{ord(c)};" for c in "`$\\{}\u2028\u2029"}
_WORD_JOINER: Final = "\u2060"
# `:material/home:`, `:smile:`, `https://`, `a@b.vn`, `www.a.vn`, and arrows such as `->` and `>=` that stand alone
_MADE_OF_TEXT: Final = re.compile(
    r":(?=[\w+-]+:|\w+/|//)|@(?=\w)|www(?=\.)|(?<!\S)(?:<(?=->(?!\S))|[-<>~](?=[-=>](?!\S)))", re.IGNORECASE
)
# `<`, quotes, backticks, braces … are outside this set, so the literal cannot end early in any of those languages
_UNSAFE_IN_SCRIPT: Final = re.compile(r"[^A-Za-z0-9 ,.:\[\]_-]")


def escape(text: object) -> str:
    """Text as HTML that shows it letter for letter, in an element or in a quoted attribute."""
    return html.escape(str(text), quote=True).translate(_BEYOND_HTML)


def script_literal(value: Any) -> str:
    """A JavaScript expression for JSON-able `value`: `JSON.parse('…')`, all but the plainest characters as Unicode escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"JSON.parse('{_UNSAFE_IN_SCRIPT.sub(_code_units, text)}')"


def _code_units(match: re.Match[str]) -> str:
    # beyond the basic plane a character is two UTF-16 code units, and JavaScript wants one escape for each
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def escape_markdown(sentence: str) -> str:
    """A sentence that Markdown shows letter for letter: labels and messages of Streamlit's widgets are Markdown.

    What Streamlit makes of the text after Markdown is done with it (icons, emoji, links of bare addresses, arrows) sees no
    backslash, so that a word joiner, which takes no room, stands where such a sign would be whole.
    """
    broken = _MADE_OF_TEXT.sub(lambda found: f"{found[0]}{_WORD_JOINER}", sentence)
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|~<>$:&" else letter for letter in broken)

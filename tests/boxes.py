"""Pages without the buttons that open definitions, for tests of what else a page says."""

import re

_BOX = re.compile(
    r'<button type="button" class="vl-why"[^>]*></button><span class="vl-why-box"[^>]*>'
    r'<b>[^<]*</b><span>[^<]*</span><a href="[^"]*" target="_blank">[^<]*</a></span>'
)


def without_definitions(html: str) -> str:
    """The HTML as it was without `layers.why.why_html`; a box that is not just what it makes stays in."""
    return _BOX.sub("", html)

"""Requests for another name than the app's are refused: a page elsewhere must not reach it by a name that leads here.

Streamlit holds `server.allowedHosts` against WebSockets only; the same list counts here for files, uploads and downloads.
"""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from pages.browser_files import Application, Receive, Scope, Send

REFUSED: Final = b"This name is not the app's. Mend: vunglom serve --allow-host NAME\n"


class HostGuard:
    """ASGI middleware: HTTP whose Host is none of `allowed()` gets status 400; an empty list allows all."""

    def __init__(self, app: Application, allowed: Callable[[], Sequence[str]]) -> None:
        self.app, self.allowed = app, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or is_allowed(_host(scope), self.allowed()):
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(REFUSED))]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSED})


def _host(scope: Scope) -> str:
    found = [value for name, value in scope["headers"] if name == b"host"]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a Host header names one of `allowed`, its port aside; `*.` stands for any name before the dot, `*` for all."""
    if not allowed or "*" in allowed:
        return True
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if name is None or "@" in host or parts.path or parts.query or parts.fragment:
        return False
    plain = name.rstrip(".")
    known = [one.strip().lower().rstrip(".") for one in allowed]
    return any(plain == one or (one.startswith("*.") and plain.endswith(one[1:])) for one in known)

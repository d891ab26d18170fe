"""Requests for another name than the app's, and sessions opened by a page elsewhere, are refused.

Streamlit holds `server.allowedHosts` against WebSockets only; the same list counts here for files, uploads and downloads.
Of a WebSocket that a foreign page opens it would ask a service on the internet for its own address before it refuses, and
nobody else is answered meanwhile; so that is refused here.
"""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from pages.browser_files import Application, Receive, Scope, Send

REFUSED: Final = b"This name is not the app's. Mend: vunglom serve --allow-host NAME\n"


class HostGuard:
    """ASGI middleware: HTTP whose Host is none of `allowed()` gets status 400; an empty list allows all.

    A WebSocket whose Origin is neither its Host nor one of `origins()` gets status 403; `*` among those allows all.
    """

    def __init__(
        self,
        app: Application,
        allowed: Callable[[], Sequence[str]],
        origins: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.app, self.allowed, self.origins = app, allowed, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "websocket" and not self._is_from_here(scope):
            # before it is accepted: the server answers 403
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http" or is_allowed(_host(scope), self.allowed()):
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(REFUSED))]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSED})

    def _is_from_here(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
        known = self.origins()
        # what is no browser sends none; a browser sends one with every WebSocket
        return not given or "*" in known or (len(given) == 1 and is_same_site(given[0], _host(scope), known))


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


def is_same_site(origin: str, host: str, known: Sequence[str] = ()) -> bool:
    """Whether an Origin header is of the page that Host serves, port included, or one of `known` (`https://example.vn`)."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return bool(parts.netloc) and (parts.netloc == host or origin in known)

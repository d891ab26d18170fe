"""A bound on all uploads that the server holds: each visitor's stay in memory while the visitor does, and there may be many.

Streamlit bounds one file and not their sum; whoever opens the page may send as many as they like, whatever the page shows.
"""

from collections.abc import Callable
from typing import Final

from pages.browser_files import Application, Receive, Scope, Send

UPLOADS: Final = "/_stcore/upload_file/"
LARGEST_HELD_BYTES: Final = 2**30
REFUSED: Final = b"The server holds as many uploads as it can. Try again when others have finished.\n"


class UploadGuard:
    """ASGI middleware: an upload that would make `held()` bytes more than a gigabyte gets status 507, unread."""

    def __init__(self, app: Application, held: Callable[[], int]) -> None:
        self.app, self.held = app, held
        self.coming = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOADS not in scope["path"]:
            await self.app(scope, receive, send)
            return
        size = _length(scope)
        if size is None or self.held() + self.coming + size > LARGEST_HELD_BYTES:
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(REFUSED))]
            await send({"type": "http.response.start", "status": 507, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSED})
            return
        self.coming += size
        try:
            await self.app(scope, receive, send)
        finally:
            self.coming -= size


def _length(scope: Scope) -> int | None:
    """The bytes announced; None where none are, as no browser sends a file."""
    said = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(said[0]) if len(said) == 1 and said[0].isdigit() and len(said[0]) < 16 else None

"""The sum of all uploads has a bound; what is within it goes through as it came."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pages.serving import held_bytes
from pages.upload_guard import LARGEST_HELD_BYTES, UPLOADS, UploadGuard

PASSED = 299


class Server:
    """Stands in for Streamlit: holds what it is told to, and looks at the guard while an upload is on its way."""

    def __init__(self, held: int = 0) -> None:
        self.guard = UploadGuard(self.answer, lambda: held)
        self.seen: list[int] = []

    async def answer(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.seen.append(self.guard.coming)
        await send({"type": "http.response.start", "status": PASSED, "headers": []})

    def ask(self, path: str = f"{UPLOADS}s/f", method: str = "PUT", length: bytes | None = b"10") -> int:
        headers = [] if length is None else [(b"content-length", length)]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            raise AssertionError("nothing is read of what is refused")

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.guard(scope, receive, send))
        return int(sent[0]["status"])


def test_an_upload_within_the_bound_passes_and_is_counted_while_it_comes() -> None:
    server = Server(LARGEST_HELD_BYTES - 10)
    assert server.ask() == PASSED
    assert (server.seen, server.guard.coming) == ([10], 0)


@pytest.mark.parametrize("length", [b"11", b"9" * 15, b"9" * 5000, b"-1", b"", b"1e3", b"\xb2", None])
def test_an_upload_beyond_it_or_of_no_known_length_is_refused(length: bytes | None) -> None:
    server = Server(LARGEST_HELD_BYTES - 10)
    assert server.ask(length=length) == 507
    assert (server.seen, server.guard.coming) == ([], 0)


def test_those_on_their_way_count() -> None:
    server = Server(LARGEST_HELD_BYTES - 10)
    server.guard.coming = 1
    assert server.ask() == 507
    assert server.guard.coming == 1


@pytest.mark.parametrize(("path", "method"), [(f"{UPLOADS}s/f", "DELETE"), ("/", "GET"), ("/", "PUT")])
def test_all_else_passes(path: str, method: str) -> None:
    assert Server(LARGEST_HELD_BYTES).ask(path, method) == PASSED


def test_without_a_server_nothing_is_held() -> None:
    assert held_bytes() == 0

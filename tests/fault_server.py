"""An HTTP server on the loopback that serves files under published paths and can be told to fail, for the fetch tests."""

import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Content = bytes | Path
LIED_BYTES = 1000


class Fault(StrEnum):
    """What a server can do instead of its work."""

    CUT = "cut"  # close at a random byte
    BUSY_429 = "429"
    BROKEN_500 = "500"
    BROKEN_503 = "503"
    TRUNCATED = "truncated"  # a shorter file that claims to be whole, of another ETag
    CHANGED = "changed"  # another file of the same length with a new ETag from now on, for one answer
    ERROR_TEXT = "error text"  # RATE_LIMITED with status 200
    SILENT = "silent"  # stop in the middle and say nothing more
    NO_RANGE = "no range"  # the whole file whatever was asked
    LONG_LENGTH = "long length"  # Content-Length promises more than comes
    WRONG_RANGE = "wrong range"  # a part that begins elsewhere than asked
    SHORT_RANGE = "short range"  # the first half of the part that was asked for
    IGNORE_IF_RANGE = "ignore if-range"  # a part of a newer file


_OF_PARTS = (Fault.NO_RANGE, Fault.WRONG_RANGE, Fault.SHORT_RANGE)


@dataclass
class Site:
    """Files by path, the faults still to come, and what was asked."""

    files: dict[str, Content] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    retry_after: str = ""
    missing_status: int = 404
    etags: bool = True
    etag: str = ""  # of every file; by its bytes when empty
    weak: bool = False
    etag_in_parts: bool = True
    pace_s: float = 0.0  # pause after each piece of a body
    piece: int = 16_384
    redirects: dict[str, str] = field(default_factory=dict)
    shown: Counter[Fault] = field(default_factory=Counter)  # faults that a client met
    silence_s: float = 0.6
    error_text: bytes = b"RATE_LIMITED"
    sent: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_fault: Callable[[], Fault | None] | None = None

    def add(self, path: str, content: Content | dict[str, Any] | list[Any]) -> None:
        """Serve under a path (query included where there is one)."""
        self.files[path] = (
            json.dumps(content, ensure_ascii=False).encode() if isinstance(content, dict | list) else content
        )

    def take_fault(self) -> Fault | None:
        with self.lock:
            listed = self.faults.pop(0) if self.faults else None
            fault = self.next_fault() if self.next_fault else listed
            if fault is not None:
                self.shown[fault] += 1
            return fault

    @property
    def failed(self) -> int:
        """How many faults a client met."""
        return self.shown.total()

    def find(self, target: str) -> bytes | None:
        path = unquote(urlsplit(target).path)
        content = self.files.get(target, self.files.get(unquote(target), self.files.get(path)))
        return content.read_bytes() if isinstance(content, Path) else content


def _other(content: bytes) -> bytes:
    """Other bytes of the same length."""
    return bytes(byte ^ 0x55 for byte in content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        site = self.site
        with site.lock:
            site.asked.append((self.command, self.path, dict(self.headers)))
        if self.path in site.redirects:
            self._answer(302, b"", {"Location": site.redirects[self.path]})
            return
        content = site.find(self.path)
        if content is None:
            self._answer(site.missing_status, b"not found")
            return
        fault = site.take_fault()
        if fault in (Fault.BUSY_429, Fault.BROKEN_500, Fault.BROKEN_503):
            self._answer(int(fault), b"busy", {"Retry-After": site.retry_after} if site.retry_after else {})
        elif fault is Fault.ERROR_TEXT:
            self._answer(200, site.error_text)
        else:
            self._send_file(content, fault)

    def _send_file(self, content: bytes, fault: Fault | None) -> None:
        if fault is not None and fault in _OF_PARTS and "Range" not in self.headers:
            # a fault that cannot show in this answer is not counted as one
            with self.site.lock:
                self.site.shown[fault] -= 1
        if fault is Fault.TRUNCATED:
            content = content[: self.site.dice.randrange(len(content))]
        elif fault in (Fault.CHANGED, Fault.IGNORE_IF_RANGE):
            content = _other(content)
        mark = "W/" if self.site.weak else ""
        etag = self.site.etag or f'{mark}"{hashlib.sha256(content).hexdigest()[:16]}"'
        first, last = self._asked_range(len(content))
        wanted = self.headers.get("If-Range", etag)
        whole = (
            first is None
            or fault is Fault.NO_RANGE
            or (wanted != etag and fault is not Fault.IGNORE_IF_RANGE)
        )
        headers = {"ETag": etag} if self.site.etags else {}
        if whole:
            self._send_body(200, content, headers, fault)
            return
        assert first is not None
        if first >= len(content):
            self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        if not self.site.etag_in_parts:
            headers = {}
        if fault is Fault.WRONG_RANGE:
            first, last = max(first - 1, 0), max(last - 1, 0)
        if fault is Fault.SHORT_RANGE:
            last = first + (last - first) // 2
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        self._send_body(206, content[first : last + 1], headers, fault)

    def _asked_range(self, size: int) -> tuple[int | None, int]:
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not found:
            return None, size - 1
        if not found[1]:
            return max(size - int(found[2]), 0), size - 1
        return int(found[1]), min(int(found[2]) if found[2] else size - 1, size - 1)

    def _send_body(self, status: int, body: bytes, headers: dict[str, str], fault: Fault | None) -> None:
        length = len(body) + (LIED_BYTES if fault is Fault.LONG_LENGTH else 0)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length), "Accept-Ranges": "bytes"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        upto = len(body)
        if fault in (Fault.CUT, Fault.SILENT):
            upto = self.site.dice.randrange(len(body) + 1) if body else 0
        self._write(body[:upto])
        if fault is Fault.SILENT:
            time.sleep(self.site.silence_s)
        if fault in (Fault.CUT, Fault.SILENT, Fault.LONG_LENGTH):
            self.close_connection = True

    def _write(self, body: bytes) -> None:
        try:
            step = self.site.piece if self.site.pace_s else max(len(body), 1)
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.wfile.flush()
                time.sleep(self.site.pace_s)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        with self.site.lock:
            self.site.sent += len(body)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # a client that is killed or hangs up is what is tested, not a fault of the server
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """The site at `site.url` until the block ends."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Files for the browser from memory, compressed once: a first visit asks for some 170 of them.

Streamlit opens and sends each of its files anew for every visitor, uncompressed. Ten people arriving together ask for 1,700 files;
answered from memory that is a fraction of a second of one core, and a quarter of the bytes.
"""

import asyncio
import gzip
import mimetypes
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_FILE_BYTES: Final = 8 * 2**20
LARGEST_TOTAL_BYTES: Final = 48 * 2**20
"""What is kept in memory, compressed: past it the file asked for longest ago goes, as maps of former builds do."""
COMPRESSION_LEVEL: Final = 6
COMPRESSED_ALREADY: Final = {".woff2", ".png", ".jpg", ".gz", ".zip", ".pdf"}
TYPES: Final = {".js": "text/javascript", ".geojson": "application/geo+json", ".woff2": "font/woff2"}
LASTING: Final = "public, max-age=31536000, immutable"
FRESH: Final = "no-cache"
HASHED: Final = re.compile(r"\.[0-9A-Za-z_-]{8}\.|/[0-9a-f]{16}[./]|/leaflet-[\d.]+/")
"""A name or a folder that changes with what is in the file, as bundlers and `layers` write them."""
IMPORTED: Final = re.compile(rb"""(?:from|import)["']\./([\w.-]+\.js)["']""")


@dataclass(frozen=True)
class Kept:
    """A file as it goes out."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class BrowserFiles:
    """ASGI middleware: GET under one of `folders` (path prefix → folder on disk) from memory, all else handed on.

    `page`: Streamlit's page, sent at the root with a hint for each file of `wanted_soon`, so that the browser asks for what the
    first view needs at once and not one discovery after another. `base`: the server's base path.
    """

    def __init__(
        self,
        app: Application,
        folders: Mapping[str, Path],
        page: Path | None = None,
        wanted_soon: Callable[[], Iterable[str]] = tuple,
        base: str = "",
    ) -> None:
        self.app = app
        self.folders = {prefix: folder.resolve() for prefix, folder in folders.items()}
        self.page, self.wanted_soon = page, wanted_soon
        self.base = f"/{base.strip('/')}" if base.strip("/") else ""
        self.kept: dict[str, Kept] = {}
        self.total = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        found = await self._find(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(found.headers)})
        await send({"type": "http.response.body", "body": found.body})

    async def _find(self, scope: Scope) -> Kept | None:
        headers = dict(scope["headers"])
        # a part of a file, or a browser from before compression: rare, and Streamlit knows how
        if b"range" in headers or b"gzip" not in headers.get(b"accept-encoding", b""):
            return None
        path: str = scope["path"]
        if not path.startswith(self.base + "/"):
            return None
        path = path[len(self.base) :]
        language = "en" if b"lang=en" in scope.get("query_string", b"").split(b"&") else "vi"
        name = f"{path}?{language}" if path == "/" else path
        found = self.kept.pop(name, None) or await asyncio.to_thread(self._make, path, language)
        if found is not None:
            self._keep(name, found)
        return found

    def _keep(self, name: str, found: Kept) -> None:
        """Keep a file as the one asked for last; those asked for longest ago make room."""
        if name in self.kept:
            # two visitors asked at once
            return
        self.kept[name] = found
        self.total = sum(len(one.body) for one in self.kept.values())
        while self.total > LARGEST_TOTAL_BYTES:
            oldest = next(iter(self.kept))
            self.total -= len(self.kept.pop(oldest).body)

    def _make(self, path: str, language: str) -> Kept | None:
        if path == "/" and self.page is not None:
            spoken = speak(self.page.read_bytes(), language)
            hinted = hint(spoken, self.wanted_soon())
            return _kept(hinted, "text/html; charset=utf-8", FRESH, compress=True)
        try:
            file = self._file(path)
            content = file.read_bytes() if file else b""
        except OSError:
            # a name longer than the disk knows, a file that has just gone
            return None
        if file is None:
            return None
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        lasting = LASTING if HASHED.search(path) else FRESH
        return _kept(content, kind, lasting, compress=file.suffix not in COMPRESSED_ALREADY)

    def _file(self, path: str) -> Path | None:
        """The file a path stands for; None for whatever is not plainly a file inside its folder."""
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                parts = PurePosixPath(path[len(prefix) :]).parts
                if not parts or any(part in {"..", "/"} or "\\" in part or "\0" in part for part in parts):
                    return None
                file = folder.joinpath(*parts).resolve()
                # one name for each file: under `a/./b` and `a//b` it would be kept again and push the others out
                is_plain = (
                    path == f"{prefix}{file.relative_to(folder).as_posix()}"
                    if file.is_relative_to(folder)
                    else False
                )
                inside = is_plain and file.is_file() and file.suffix != ".html"
                return file if inside and file.stat().st_size <= LARGEST_FILE_BYTES else None
        return None


def _kept(content: bytes, kind: str, lasting: str, *, compress: bool) -> Kept:
    body = gzip.compress(content, COMPRESSION_LEVEL, mtime=0) if compress else content
    headers = [
        ("content-type", kind),
        ("content-length", str(len(body))),
        ("cache-control", lasting),
        ("vary", "accept-encoding"),
        ("x-content-type-options", "nosniff"),
    ]
    if compress:
        headers.append(("content-encoding", "gzip"))
    return Kept(body, tuple((name.encode(), value.encode()) for name, value in headers))


def speak(page: bytes, language: str) -> bytes:
    """The page saying which language it is in: a screen reader would read Vietnamese with an English voice."""
    return page.replace(b'<html lang="en"', f'<html lang="{language}"'.encode(), 1)


def hint(page: bytes, wanted: Iterable[str]) -> bytes:
    """The page with a hint for each address wanted soon: modules are parsed ahead, what a frame will need is only fetched."""
    lines = [
        f'<link rel="modulepreload" crossorigin href="./{address}">'
        if address.startswith("static/js/")
        else f'<link rel="prefetch" href="./{address}">'
        for address in wanted
        if f'"./{address}"'.encode() not in page
    ]
    return page.replace(b"</head>", "\n".join((*lines, "</head>")).encode(), 1)


def modules_with_imports(folder: Path, names: Iterable[str]) -> list[str]:
    """Bundled modules called `NAME.<hash>.js` and all they import at once, by file name; a name not there is left out."""
    waiting = [file.name for name in names for file in sorted(folder.glob(f"{name}.*.js"))]
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        file = folder / name
        if name not in found and file.is_file():
            found[name] = None
            waiting += [match.decode() for match in IMPORTED.findall(file.read_bytes())]
    return list(found)

"""Files for the browser from memory: which are answered, how, and what is handed on."""

import asyncio
import gzip
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from pages import browser_files
from pages.browser_files import BrowserFiles, hint, modules_with_imports
from pages.serving import FIRST_VIEW, component_folder

PAGE = b'<html><head><script src="./static/js/index.aaaaaaaa.js"></script></head></html>'
HANDED_ON = 299


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "static"
    (files / "js").mkdir(parents=True)
    (files / "js" / "Html.abcd1234.js").write_text(
        'import{n as e}from"./part.abcd1234.js";import"./side.abcd1234.js";'
    )
    (files / "js" / "part.abcd1234.js").write_text('import{a}from"./side.abcd1234.js";' + "1;" * 500)
    (files / "js" / "side.abcd1234.js").write_text('import("./later.abcd1234.js")')
    (files / "js" / "plain.js").write_text("2")
    (files / "font.abcd1234.woff2").write_bytes(b"wOF2")
    (files / "inner.html").write_text("<p>")
    (tmp_path / "secret.abcd1234.js").write_text("3")
    (files / "js" / "link.abcd1234.js").symlink_to(tmp_path / "secret.abcd1234.js")
    (tmp_path / "index.html").write_bytes(PAGE)
    return tmp_path


Answer = tuple[int, dict[str, str], bytes]


def ask(app: BrowserFiles, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """Status, headers and body of one request; `query` is no header but what follows the path."""
    query = headers.pop("query", "").encode()
    given = {
        "accept-encoding": "gzip, br",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
    }  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, sent[1]["body"]


async def streamlit(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": HANDED_ON, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def served(folder: Path, base: str = "") -> BrowserFiles:
    return BrowserFiles(
        streamlit, {"/static/": folder / "static"}, folder / "index.html", lambda: ["static/js/x.js"], base
    )


def test_a_file_goes_out_compressed_and_lasting(folder: Path) -> None:
    status, headers, body = ask(served(folder), "/static/js/part.abcd1234.js")
    file = folder / "static" / "js" / "part.abcd1234.js"
    assert (status, headers["content-encoding"], headers["content-type"]) == (200, "gzip", "text/javascript")
    assert gzip.decompress(body) == file.read_bytes()
    assert len(body) == int(headers["content-length"]) < file.stat().st_size / 10
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "accept-encoding"


def test_a_second_visitor_is_answered_from_memory(folder: Path) -> None:
    app = served(folder)
    first = ask(app, "/static/js/part.abcd1234.js")
    (folder / "static" / "js" / "part.abcd1234.js").unlink()
    assert ask(app, "/static/js/part.abcd1234.js") == first


def test_a_name_without_a_hash_is_asked_for_anew(folder: Path) -> None:
    assert ask(served(folder), "/static/js/plain.js")[1]["cache-control"] == "no-cache"


def test_what_is_compressed_already_goes_out_as_it_is(folder: Path) -> None:
    _, headers, body = ask(served(folder), "/static/font.abcd1234.woff2")
    assert body == b"wOF2"
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.abcd1234.js", "/static/js/../../secret.abcd1234.js", "/static//etc/passwd", "/static/js/link.abcd1234.js",
        "/static/..\\secret.abcd1234.js", "/static/js/part.abcd1234.js\0.png", "/static/", "/static/js", "/static/none.js",
        "/static/inner.html", "/static/js/./plain.js", "/static//js/plain.js", "/static/js/plain.js/", f"/static/{'a' * 300}.js",
        f"/static/{'a/' * 3000}b.js", "/vi", "/en", "/?vi", "/secret.abcd1234.js", "/_stcore/health", "static/js/plain.js", "",
    ],
)  # fmt: skip
def test_all_else_is_handed_on(folder: Path, path: str) -> None:
    assert ask(served(folder), path)[0] == HANDED_ON


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {}), ("HEAD", {}), ("GET", {"range": "bytes=0-1"}), ("GET", {"accept_encoding": ""})],
)
def test_what_streamlit_knows_better_is_handed_on(folder: Path, method: str, headers: dict[str, str]) -> None:
    assert ask(served(folder), "/static/js/part.abcd1234.js", method=method, **headers)[0] == HANDED_ON


def test_memory_has_a_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_files, "LARGEST_TOTAL_BYTES", 10)
    app = served(folder)
    assert ask(app, "/static/js/part.abcd1234.js")[0] == 200
    assert (app.kept, app.total) == ({}, 0)
    monkeypatch.setattr(browser_files, "LARGEST_FILE_BYTES", 10)
    assert ask(app, "/static/js/part.abcd1234.js")[0] == HANDED_ON


def test_the_file_asked_for_longest_ago_makes_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = folder / "static" / "js"
    for name in "abc":
        (files / f"{name}.woff2").write_bytes(b"w" * 10)
    monkeypatch.setattr(browser_files, "LARGEST_TOTAL_BYTES", 20)
    app = served(folder)
    for name in "abaca":
        assert ask(app, f"/static/js/{name}.woff2")[0] == 200
        assert sum(len(one.body) for one in app.kept.values()) == app.total <= 20
    assert list(app.kept) == ["/static/js/c.woff2", "/static/js/a.woff2"]


def test_the_page_is_kept_once_for_each_language(folder: Path) -> None:
    app = served(folder)
    for query in ("", "lang=en", "lang=vi", "lang=xx", "a=lang=en"):
        ask(app, "/", query=query)
    assert len(app.kept) == 2
    assert ask(app, "/vi")[0] == HANDED_ON


def test_the_page_carries_hints_and_is_asked_for_anew(folder: Path) -> None:
    _, headers, body = ask(served(folder), "/")
    assert b'<link rel="modulepreload" crossorigin href="./static/js/x.js">' in gzip.decompress(body)
    assert headers["cache-control"] == "no-cache"


def test_below_a_base_path(folder: Path) -> None:
    app = served(folder, "/vung/lom/")
    assert ask(app, "/vung/lom/static/js/plain.js")[0] == 200
    assert ask(app, "/static/js/plain.js")[0] == HANDED_ON
    assert ask(app, "/vung/lom/")[0] == 200


def test_hints_leave_out_what_the_page_has() -> None:
    assert hint(PAGE, ["static/js/index.aaaaaaaa.js"]) == PAGE.replace(b"</head>", b"</head>")
    assert b'<link rel="prefetch" href="./app/static/a.css">\n</head>' in hint(PAGE, ["app/static/a.css"])


def test_modules_come_with_what_they_import_at_once_only(folder: Path) -> None:
    found = modules_with_imports(folder / "static" / "js", ["Html", "Gone"])
    assert found == ["Html.abcd1234.js", "part.abcd1234.js", "side.abcd1234.js"]


def test_the_first_view_is_found_in_the_streamlit_installed() -> None:
    import streamlit

    scripts = Path(streamlit.__file__).parent / "static" / "static" / "js"
    found = modules_with_imports(scripts, FIRST_VIEW)
    assert len(found) > 20
    assert {name.split(".")[0] for name in found} >= set(FIRST_VIEW)
    assert list(component_folder().glob("static/js/main.*.js"))


def test_the_page_says_its_language(folder: Path) -> None:
    (folder / "index.html").write_bytes(PAGE.replace(b"<html>", b'<html lang="en">'))

    app = served(folder)
    for query, language in (
        (b"", b"vi"),
        (b"page=unit&lang=en", b"en"),
        (b"lang=english", b"vi"),
        (b"lang=vi", b"vi"),
    ):
        body = ask(app, "/", query=query.decode())[2]
        assert b'<html lang="' + language + b'"' in gzip.decompress(body)

"""Who may reach the app and who may change data: names of the machine, foreign Host and Origin, editable or read-only."""

import base64
import http.client
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from geo import uploads
from geo.cli_serve import LARGEST_PROPOSAL_MB, allowed_hosts
from geo.workspaces import EDITABLE_VARIABLE, is_loopback
from pages import desk_upload
from pages.host_guard import is_allowed, is_same_site
from tests.browser import REPO, serve
from tests.files import succeed

ANYWHERE = "0.0.0.0"  # noqa: S104  # handed to what only looks at it


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True), ("127.0.0.2", True), ("::1", True), ("localhost", True), ("LOCALHOST", True), (ANYWHERE, False),
        ("::", False), ("192.168.1.5", False), ("vunglom.local", False), ("localhost.example", False),
    ],
)  # fmt: skip
def test_what_is_this_machines_own_address(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_names_that_are_let_in_follow_the_address_listened_on() -> None:
    assert allowed_hosts("127.0.0.1", []) == ["localhost", "127.0.0.1", "::1"]
    wide = allowed_hosts(ANYWHERE, ["Ban-Do.Example"])
    assert {"localhost", "127.0.0.1", "ban-do.example"} <= set(wide)
    assert "evil.example" not in wide
    assert "*" not in wide
    assert allowed_hosts("10.1.2.3", [])[0] == "10.1.2.3"


@pytest.mark.parametrize(
    ("given", "editable"),
    [
        ([], "1"), (["--read-only"], "0"), (["--host", ANYWHERE], "0"), (["--host", ANYWHERE, "--editable"], "1"),
        (["--host", "localhost"], "1"), (["--host", "192.0.2.7"], "0"),
    ],
)  # fmt: skip
def test_only_on_this_machine_are_data_open_to_change_unless_it_is_said(
    given: list[str], editable: str, squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setattr("sys.argv", ["vunglom"])
    monkeypatch.setenv("VUNGLOM_WORKSPACE", "")
    monkeypatch.setenv(EDITABLE_VARIABLE, "x")
    monkeypatch.setattr("runpy.run_module", lambda *_, **__: calls.append(list(sys.argv)))
    succeed("serve", squares, *given)
    assert os.environ[EDITABLE_VARIABLE] == editable
    names = [calls[0][place + 1] for place, one in enumerate(calls[0]) if one == "--server.allowedHosts"]
    assert "localhost" in names
    assert ("--server.maxUploadSize" in calls[0]) is (editable == "0")


def test_what_a_file_box_lets_in_the_server_takes() -> None:
    settings = tomllib.loads((REPO / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] >= uploads.LARGEST_MB
    assert desk_upload.LARGEST_MB <= LARGEST_PROPOSAL_MB


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True), ("localhost:8501", True), ("LOCALHOST.:1", True), ("[::1]:8501", True), ("a.b.example", True),
        ("evil.example", False), ("localhost.evil.example", False), ("", False), ("user@localhost", False), ("localhost/x", False),
        ("localhost:port", False), ("localhost:99999", False), ("b.example.evil", False), ("[::1", False), ("*", False),
    ],
)  # fmt: skip
def test_a_host_is_one_of_the_names_or_refused(host: str, answer: bool) -> None:
    assert is_allowed(host, ["localhost", "::1", "*.b.example"]) is answer
    assert is_allowed(host, []) is True


@pytest.mark.parametrize(
    ("origin", "answer"),
    [
        ("http://localhost:8501", True), ("https://localhost:8501", True), ("https://known.example", True), ("http://localhost", False),
        ("http://localhost:3000", False), ("http://127.0.0.1:8501", False), ("http://evil.example", False), ("null", False),
        ("", False), ("localhost:8501", False), ("http://localhost:8501@evil.example", False), ("http://[::1", False),
        ("http://known.example", False), ("file://", False), ("http://localhost:8501.evil.example", False),
    ],
)  # fmt: skip
def test_a_session_is_opened_by_the_apps_own_page_only(origin: str, answer: bool) -> None:
    assert is_same_site(origin, "localhost:8501", ["https://known.example"]) is answer


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("serve")
    with serve(folder / "none", folder / "app.log") as found:
        yield found
    # where Streamlit refuses a foreign page itself, it asks the internet for its own address first and says that it failed
    assert "external IP" not in (folder / "app.log").read_text()


def status(address: str, path: str, **headers: str) -> int:
    server = urlsplit(address)
    connection = http.client.HTTPConnection(str(server.hostname), server.port, timeout=60)
    try:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": base64.b64encode(b"0123456789abcdef").decode(),
}  # fmt: skip


def test_a_foreign_host_or_origin_is_refused_by_the_running_app(address: str) -> None:
    own = urlsplit(address).netloc
    stream = "/_stcore/stream"
    assert status(address, "/") == 200
    assert status(address, stream, **UPGRADE, Origin=address) == 101
    assert status(address, stream, **UPGRADE, Host="evil.example", Origin="http://evil.example") in (400, 403)
    assert status(address, stream, **UPGRADE, Host=own, Origin="http://evil.example") == 403
    for origin in ("null", "http://127.0.0.1:1", "http://evil.example:1"):
        assert status(address, stream, **UPGRADE, Origin=origin) == 403
    for path in ("/", "/_stcore/health", "/app/static/lib/x.js"):
        assert status(address, path, Host="evil.example") == 400
        assert status(address, path, Host=own) != 400

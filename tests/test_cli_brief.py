"""`vunglom brief`: a PDF of one unit, a ZIP of many, in both languages, and every call that cannot be answered."""

import io
import json
import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from tests.fake_built import fake_built
from tests.files import run, succeed


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli") / "ws"
    fake_built(root)
    return root


def text_of(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.parametrize(
    ("options", "said"), [([], "Bản tóm tắt kết nối"), (["--language", "en"], "Connectivity brief")]
)
def test_one_unit(workspace: Path, tmp_path: Path, options: list[str], said: str) -> None:
    out = tmp_path / "brief.pdf"
    assert f"{out}: 1 page (2026-04-commune)" in succeed(
        "brief", workspace, "--unit", "25008", "--out", out, *options
    )
    found = text_of(out.read_bytes())
    assert said in found
    assert "Bù Gia Mập" in found


def test_all_units_those_of_a_verdict_and_those_of_another_list(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.zip"
    answer = json.loads(succeed("brief", workspace, "--all", "--out", out, "--json"))
    assert (answer["list"], len(answer["units"]), answer["language"]) == ("2026-04-commune", 12, "vi")
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert len(archive.namelist()) == 12
    answer = json.loads(succeed("brief", workspace, "--all", "--verdict", "gap", "--out", out, "--json"))
    assert 0 < len(answer["units"]) < 12
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert len(archive.namelist()) == len(answer["units"])
        assert all("Vùng lõm" in text_of(archive.read(name)) for name in archive.namelist())
    districts = json.loads(
        succeed("brief", workspace, "--all", "--units", "2026-04-district", "--out", out, "--json")
    )
    assert districts["units"] == ["701", "702", "703"]


def test_quiet_says_nothing(workspace: Path, tmp_path: Path) -> None:
    assert succeed("brief", workspace, "--unit", "25008", "--out", tmp_path / "a.PDF", "--quiet") == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "a.pdf"], "wanted either --unit CODE, for one PDF, or --all"),
        (["--unit", "25008", "--all", "--out", "a.zip"], "wanted either --unit CODE"),
        (["--unit", "25008", "--verdict", "gap", "--out", "a.pdf"], "say --all with it"),
        (["--unit", "25008", "--out", "a.zip"], "wanted a name that ends in .pdf"),
        (["--all", "--out", "a.pdf"], "wanted a name that ends in .zip"),
        (["--unit", "25008", "--out", "nowhere/a.pdf"], "the folder nowhere does not exist"),
        (["--unit", "99999", "--out", "a.pdf"], "no unit '99999' in the list 2026-04-commune"),
        (["--unit", "25008", "--units", "2024-x", "--out", "a.pdf"], "no list of units '2024-x' here"),
        (["--unit", "25008", "--language", "fr", "--out", "a.pdf"], "fr"),
        (
            ["--all", "--verdict", "served", "--units", "2026-04-district", "--out", "a.zip"],
            "has the verdict served",
        ),
        (["--unit", "25008"], "--out"),
    ],
)
def test_a_call_at_fault_is_status_2_and_writes_nothing(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("brief", workspace, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_not_built_says_how(tmp_path: Path, squares: Path) -> None:
    result = run("brief", squares, "--all", "--out", tmp_path / "a.zip")
    assert result.exit_code == 1
    assert "not built yet; run `vunglom build" in result.stderr

"""Results that were damaged, edited or are half of something: one message that says to build again, never a figure."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.errors import NotBuiltError
from geo.pipeline import build
from geo.results import read_built
from geo.store import is_current
from geo.workspace import load_workspace
from tests.files import Files, run, snapshot

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture
def built(full: Path) -> Path:
    build(load_workspace(full))
    return full


def _edit(name: str, value: Any) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "built" / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest[name] = value
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return edit


def _bytes(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / "built" / name).write_bytes(content)


def _half(name: str) -> Callable[[Path], None]:
    def cut(root: Path) -> None:
        path = root / "built" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return cut


def _other_columns(root: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(root / "built" / "goals.parquet")


def _folder_for_table(root: Path) -> None:
    (root / "built" / "communes.parquet").unlink()
    (root / "built" / "communes.parquet").mkdir()


LIST = {"id": "other-commune", "vintage": "other", "level": "commune", "units": 3, "folder": "."}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_half("communes.parquet"), r"communes.parquet is not what was built"),
        (_half("coverage_areas.parquet"), "coverage_areas.parquet is not what was built"),
        (_bytes("speed_by_quarter.parquet", b""), "speed_by_quarter.parquet is not what was built"),
        (_other_columns, "goals.parquet is not what was built"),
        (_folder_for_table, "communes.parquet is missing"),
        (_bytes("manifest.json", b"{"), "manifest.json: cannot be read"),
        (_bytes("manifest.json", "Đ".encode("cp1258", "replace") + b"\xff"), "manifest.json: cannot be read"),
        (_bytes("manifest.json", b"[]"), "is no JSON object"),
        (_bytes("manifest.json", b"{}"), r"format is None, wanted int; name is None, wanted str"),
        (_bytes("quality.json", b"\xff\xfe"), "quality.json: cannot be read"),
        (_bytes("quality.json", b'{"a": 1}'), "is no list of findings"),
        (_edit("format", 2), "format is 2, this version reads 1"),
        (_edit("name", None), "name is None, wanted str"),
        (_edit("illustrative", None), "illustrative is None, wanted bool"),
        (_edit("inputs", [5]), "an input is 5"),
        (_edit("inputs", [{"kind": "speed", "options": {}, "files": ["a"]}]), "an input is {'kind': 'speed'"),
        (_edit("inputs", [{"kind": "speed", "options": {}, "files": [], "licence": 4}]), "an input is"),
        (_edit("illustrative", "x"), "illustrative is 'x', wanted bool"),
        (_edit("tables", []), "tables is .*, wanted dict"),
        (_edit("tables", {}), "communes.parquet is not in the manifest"),
        (_edit("lists", []), "it has no list of units"),
        (_edit("lists", ["a"]), "a list of units is 'a'"),
        (_edit("lists", [{**LIST, "folder": "../../.."}]), r"a list of units is .*"),
        (_edit("lists", [{**LIST, "folder": "/etc"}]), "a list of units is"),
        (_edit("lists", [{**LIST, "id": "../x", "folder": "lists/../x"}]), "a list of units is"),
    ],
)
def test_damaged_results_are_refused_and_a_build_heals_them(
    built: Path, damage: Callable[[Path], object], message: str
) -> None:
    whole = snapshot(built / "built")
    damage(built)
    with pytest.raises(NotBuiltError, match=message) as fault:
        read_built(built)
    assert f"vunglom build {built}" in str(fault.value)
    for command in (["gaps", built], ["gaps", built, "--format", "json"]):
        result = run(*command)
        assert result.exit_code == 1
        assert "vunglom build" in result.stderr
    run("build", built, "--quiet")
    healed = snapshot(built / "built")
    assert {name: healed[name] for name in whole if name.endswith(".parquet")} == {
        name: digest for name, digest in whole.items() if name.endswith(".parquet")
    }


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"{"])
def test_a_broken_manifest_is_never_current(built: Path, content: bytes) -> None:
    assert is_current(load_workspace(built))
    (built / "built" / "manifest.json").write_bytes(content)
    assert not is_current(load_workspace(built))


def _start(*arguments: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "geo", *(str(argument) for argument in arguments)]
    return subprocess.Popen(command, cwd=REPO, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_two_adds_at_once_lose_nothing(squares: Path, scene: Files) -> None:
    claim = ["--technology", "4G", "--evidence", "declared", "--as-of", "2026-09-30", "--quiet"]
    adds = [
        _start("add", squares, "coverage", scene.viettel, "--operator", f"operator {number}", *claim)
        for number in range(4)
    ]
    assert [process.wait() for process in adds] == [0] * 4
    for process in adds:
        assert process.stderr is not None
        process.stderr.close()
    found = {given.options["operator"] for given in load_workspace(squares).of_kind("coverage")}
    assert found == {f"operator {number}" for number in range(4)}


def test_two_builds_at_once_leave_one_whole_result(full: Path) -> None:
    builds = [_start("build", full, "--quiet") for _ in range(2)]
    assert [process.wait() for process in builds] == [0, 0]
    for process in builds:
        assert process.stderr is not None
        process.stderr.close()
    on_disk, manifest = snapshot(full / "built"), read_built(full).manifest
    assert {name: on_disk[name] for name in manifest["tables"]} == manifest["tables"]
    assert not list(full.glob(".built-*"))


def test_what_a_killed_add_left_is_cleared_by_the_next(squares: Path, scene: Files) -> None:
    drafts = [squares / ".workspace.toml.77.part", squares / "raw" / "boundaries" / ".a.geojson.77.part"]
    for draft in drafts:
        draft.write_bytes(b"half")
    claim = ["--operator", "V", "--technology", "4G", "--evidence", "declared", "--as-of", "2026-09-30"]
    assert run("add", squares, "coverage", scene.viettel, *claim).exit_code == 0
    assert not any(draft.exists() for draft in drafts)

"""Every command as the manual shows it: what it prints, what it writes, its exit status."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import typer
from typer.testing import CliRunner

from geo import __version__
from geo.__main__ import command_line
from geo.errors import InputError
from geo.reporting import reporting
from geo.workspace import load_workspace
from tests.files import (
    SPEED_NAME,
    TILES,
    Files,
    add_scene,
    claim,
    new_scene,
    run,
    snapshot,
    succeed,
    write_scene,
    write_tiles,
)

COMMANDS = ("new", "add", "build", "quality", "gaps", "export", "serve")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three squares, built once; only read."""
    folder = tmp_path_factory.mktemp("cli")
    files = write_scene(folder / "scene")
    new_scene(folder / "squares", files.units)
    add_scene(folder / "squares", files)
    succeed("build", folder / "squares", "--quiet")
    return folder / "squares"


def _process(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "geo", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment
    )


def test_help_names_every_command_and_python_m_geo_is_the_same_program() -> None:
    done = _process("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.startswith("Usage: vunglom")
    assert [succeed(name, "--help").split()[:3] for name in COMMANDS] == [
        ["Usage:", "root", name] for name in COMMANDS
    ]
    assert succeed("--version") == f"vunglom {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_is_the_command_among_all(name: str) -> None:
    alone, among = (
        CliRunner().invoke(one, [name, "--help"]) for one in (command_line([name]), command_line())
    )
    assert (alone.exit_code, alone.output) == (0, among.output)
    assert f" {name} " in alone.output


def test_the_app_is_served_without_what_it_does_not_use() -> None:
    script = (
        "import atexit, sys; from geo.__main__ import main; sys.argv[1:] = ['serve', '--help'];"
        "atexit.register(lambda: print(*sys.modules)); main()"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    usage, _, imported = found.stdout.rstrip().rpartition("\n")
    assert "--read-only" in usage
    assert "geo.cli_serve" in imported.split()
    unused = {"geo.pipeline", "geo.plan_choice", "geo.download", "scipy", "rasterio", "requests", "streamlit"}
    assert not unused & set(imported.split())


def test_exit_statuses_of_the_real_program(tmp_path: Path, ready: Path) -> None:
    good, at_fault, bad_call = (
        _process("gaps", str(ready)),
        _process("build", str(tmp_path)),
        _process("build"),
    )
    assert (good.returncode, at_fault.returncode, bad_call.returncode) == (0, 1, 2)
    assert at_fault.stderr.startswith("vunglom: ")
    assert "Traceback" not in at_fault.stderr + bad_call.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["new"],
        ["add", "DIR", "towers", "x"],
        ["add", "DIR", "speed", "x", "--network", "satellite"],
        ["gaps", "DIR", "--top", "0"],
        ["gaps", "DIR", "--format", "xml"],
        ["gaps", "DIR", "--units", "2024-district"],
        ["export", "DIR", "--layer", "nothing", "--format", "csv", "--out", "OUT"],
        ["export", "DIR", "--layer", "goals", "--format", "geojson", "--out", "OUT"],
        ["export", "DIR", "--layer", "communes", "--format", "shp", "--out", "OUT"],
        ["export", "DIR", "--layer", "communes", "--format", "csv", "--where", "people=5", "--out", "OUT"],
        ["serve", "DIR", "--port", "99999"],
    ],
)
def test_a_call_at_fault_is_status_2_and_writes_nothing(
    ready: Path, tmp_path: Path, arguments: list[str]
) -> None:
    before = snapshot(ready)
    named = {"DIR": str(ready), "OUT": str(tmp_path / "out.x"), "x": str(ready / "workspace.toml")}
    result = run(*(named.get(word, word) for word in arguments))
    assert result.exit_code == 2, result.output
    assert result.stderr
    assert snapshot(ready) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("speed", "--network"),
        ("coverage", "--operator, --technology, --evidence, --as-of"),
        ("boundaries", "--code, --label"),
    ],
)
def test_options_that_are_missing_are_named(squares: Path, scene: Files, kind: str, named: str) -> None:
    before = snapshot(squares)
    result = run("add", squares, kind, scene.units)
    assert result.exit_code == 2
    assert f"add … {kind} needs {named} as well" in result.stderr
    assert snapshot(squares) == before


def test_new_add_build_say_what_they_did(tmp_path: Path, scene: Files) -> None:
    root = tmp_path / "ws"
    boundaries = ("--boundaries", scene.units, "--code", "code", "--label", "name")
    assert succeed("new", root, "--name", "x", *boundaries) == f"{root}: 3 units\n"
    said = succeed("add", root, "population", scene.people)
    assert said == f"{root}: 1 file of population in the workspace\n"
    result = run("build", root)
    assert result.exit_code == 0
    assert "computing other-commune (3 units)" in result.stderr
    assert "other-commune: 3 units: 0 gap, 0 watch, 0 served, 3 unknown" in result.stdout


def test_quiet_is_quiet_and_json_is_one_object(tmp_path: Path, scene: Files) -> None:
    root = tmp_path / "ws"
    boundaries = ("--boundaries", scene.units, "--code", "code", "--label", "name")
    steps: list[tuple[object, ...]] = [
        ("new", root, "--name", "x", *boundaries),
        ("add", root, "speed", scene.tiles, "--network", "mobile"),
        ("build", root),
        ("export", root, "--layer", "communes", "--format", "csv", "--out", tmp_path / "out.csv"),
    ]
    for step in steps:
        quiet = run(*step, "--quiet")
        assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    again = tmp_path / "again"
    said = [
        json.loads(succeed(*(again if word == root else word for word in step), "--json")) for step in steps
    ]
    assert said[0] == {"workspace": str(again), "units": 3, "findings": []}
    assert said[1] == {"workspace": str(again), "kind": "speed", "files": 1, "findings": []}
    assert said[2]["lists"][0]["verdicts"] == {"gap": 1, "watch": 0, "served": 0, "unknown": 2}
    assert said[3]["rows"] == 3


def test_gaps_in_each_format(ready: Path) -> None:
    table = succeed("gaps", ready, "--top", 2)
    assert "Furthest behind (other-commune)" in table
    lines = [line for line in table.splitlines() if "Unit 0" in line]
    assert [line.split("│")[2].strip() for line in lines] == ["03", "02"]
    assert "100.0" in lines[0]
    rows = list(csv.DictReader(io.StringIO(succeed("gaps", ready, "--format", "csv"))))
    assert [row["unit_code"] for row in rows] == ["03", "02", "01"]
    assert rows[0]["mobile_download_mbps"] == ""
    assert rows[0]["reasons"].startswith("4g_below_goal; mobile_no_evidence")
    found: dict[str, Any] = json.loads(succeed("gaps", ready, "--top", 1, "--format", "json"))
    assert found["list"] == "other-commune"
    assert found["illustrative"] is False
    assert [(unit["unit_code"], unit["rank"], unit["mobile_download_mbps"]) for unit in found["units"]] == [
        ("03", 1, None)
    ]


@pytest.mark.parametrize("form", ["geojson", "gpkg", "csv", "parquet"])
def test_export_of_the_communes_in_each_format(ready: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"Xã lõm sóng.{form}"
    succeed("export", ready, "--layer", "communes", "--format", form, "--out", out)
    readers: dict[str, Any] = {"parquet": gpd.read_parquet, "csv": lambda path: pd.read_csv(path, dtype=str)}
    frame = readers.get(form, gpd.read_file)(out)
    assert frame["unit_code"].tolist() == ["01", "02", "03"]
    assert frame["name"].tolist() == ["Unit 01", "Unit 02", "Unit 03"]
    assert frame["mobile_download_mbps"].isna().tolist() == [False, False, True]
    if form == "csv":
        assert out.read_bytes().startswith(b"\xef\xbb\xbf")


def test_adding_again_changes_nothing(full: Path, scene: Files) -> None:
    before = snapshot(full)
    add_scene(full, scene)
    assert snapshot(full) == before


def test_several_adds_accumulate_and_a_glob_or_folder_is_as_good_as_its_files(
    tmp_path: Path, scene: Files
) -> None:
    quarters = {"2022Q1": "2022-01-01", "2022Q2": "2022-04-01", "2022Q3": "2022-07-01"}
    for quarter, day in quarters.items():
        folder = tmp_path / "ookla" / "type=mobile" / f"year={quarter[:4]}" / f"quarter={quarter[-1]}"
        folder.mkdir(parents=True)
        write_tiles(folder / f"{day}_performance_mobile_tiles.parquet")
    ways = {
        "one by one": [[file] for file in sorted((tmp_path / "ookla").rglob("*.parquet"))],
        "glob": [[tmp_path / "ookla" / "**" / "*.parquet"]],
        "folder": [[tmp_path / "ookla"]],
        "all at once": [sorted((tmp_path / "ookla").rglob("*.parquet"))],
    }
    inputs = []
    for name, calls in ways.items():
        new_scene(tmp_path / name, scene.units)
        for files in calls:
            succeed("add", tmp_path / name, "speed", *files, "--network", "mobile")
        inputs.append(load_workspace(tmp_path / name).of_kind("speed"))
    assert [entry.options["quarter"] for entry in inputs[0]] == list(quarters)
    assert all(found == inputs[0] for found in inputs)


def test_the_quarter_from_folders_or_said(tmp_path: Path, squares: Path) -> None:
    folder = tmp_path / "type=fixed" / "year=2021" / "quarter=4"
    folder.mkdir(parents=True)
    write_tiles(folder / "t.parquet")
    succeed("add", squares, "speed", folder / "t.parquet", "--network", "fixed")
    write_tiles(tmp_path / "t.parquet", TILES[:1])
    succeed("add", squares, "speed", tmp_path / "t.parquet", "--network", "mobile", "--quarter", "2022Q3")
    speed = load_workspace(squares).of_kind("speed")
    assert [(entry.options["network"], entry.options["quarter"]) for entry in speed] == [
        ("fixed", "2021Q4"), ("mobile", "2022Q3")
    ]  # fmt: skip


def test_boundaries_of_many_files_are_one_list(tmp_path: Path, scene: Files) -> None:
    document = json.loads(scene.units.read_text(encoding="utf-8"))
    folder = tmp_path / "Các xã"
    folder.mkdir()
    for place, row in enumerate(document["features"]):
        (folder / f"{place} Xã.geojson").write_text(
            json.dumps({**document, "features": [row]}), encoding="utf-8"
        )
    for name, given in (("folder", folder), ("glob", folder / "*.geojson")):
        new_scene(tmp_path / name, given)
        succeed("build", tmp_path / name, "--quiet")
    first, second = (
        gpd.read_parquet(tmp_path / name / "built" / "communes.parquet") for name in ("folder", "glob")
    )
    assert first["unit_code"].tolist() == ["01", "02", "03"]
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_provenance_is_kept(tmp_path: Path, scene: Files) -> None:
    said = ("--publisher", "Sở KH&CN", "--licence", "nội bộ", "--date", "2026-10-01")
    new_scene(tmp_path / "ws", scene.units, *said)
    succeed("add", tmp_path / "ws", "coverage", scene.viettel, *claim(), *said)
    for entry in load_workspace(tmp_path / "ws").inputs:
        known = entry.provenance
        assert (known.publisher, known.licence, known.date) == ("Sở KH&CN", "nội bộ", "2026-10-01")


def test_if_changed_builds_only_what_changed(full: Path) -> None:
    assert "writing" in run("build", full, "--if-changed").stderr
    before = snapshot(full)
    assert "writing" not in run("build", full, "--if-changed").stderr
    assert snapshot(full) == before
    write_tiles(full.parent / SPEED_NAME, TILES[:1])
    succeed("add", full, "speed", full.parent / SPEED_NAME, "--network", "mobile", "--replace")
    assert "writing" in run("build", full, "--if-changed").stderr


def test_serve_builds_first_and_hands_over_to_the_app(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, list[str], str]] = []

    def record(module: str, **_: object) -> None:
        calls.append((module, list(sys.argv), os.environ["VUNGLOM_WORKSPACE"]))

    monkeypatch.chdir(Path.cwd())
    monkeypatch.setattr("sys.argv", ["vunglom"])
    monkeypatch.setenv("VUNGLOM_WORKSPACE", "")
    monkeypatch.setattr("runpy.run_module", record)
    succeed("serve", full, "--port", "8765", "--headless")
    assert (full / "built" / "manifest.json").is_file()
    module, argv, workspace = calls[0]
    assert module == "streamlit"
    assert argv[:2] == ["streamlit", "run"]
    assert Path(argv[2]).name == "app.py"
    assert "8765" in argv
    assert workspace == str(full.resolve())


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        ([], ["01", "02", "03"]),
        (["people<60"], ["01", "03"]),
        # B has 70 people, of whom Viettel covers 50; MobiFone covers most of A alone
        (["operator=4G:Viettel"], ["01", "02"]),
        (["operator!=4G:MobiFone"], ["02", "03"]),
        (["operator=4G:Viettel", "operator!=4G:MobiFone"], ["02"]),
    ],
)
@pytest.mark.parametrize("form", ["xlsx", "kml", "csv"])
def test_an_export_holds_the_units_that_meet_the_conditions(
    ready: Path, tmp_path: Path, form: str, conditions: list[str], codes: list[str]
) -> None:
    out = tmp_path / f"some.{form}"
    where = [part for condition in conditions for part in ("--where", condition)]
    said = json.loads(
        succeed("export", ready, "--layer", "communes", "--format", form, "--out", out, "--json", *where)
    )
    assert said["rows"] == len(codes)
    if form == "xlsx":
        found = pd.read_excel(out, dtype={"unit_code": str})
    else:
        found = pyogrio.read_dataframe(out) if form == "kml" else pd.read_csv(out, dtype={"unit_code": str})
    assert found["unit_code"].tolist() == codes
    kept = json.loads(out.with_name(f"{out.name}.meta.json").read_text(encoding="utf-8"))
    assert kept.get("filter", {}).get("conditions", []) == conditions


def test_no_unit_that_meets_the_conditions_is_a_call_at_fault(ready: Path, tmp_path: Path) -> None:
    arguments = [
        "export",
        str(ready),
        "--layer",
        "communes",
        "--format",
        "csv",
        "--out",
        str(tmp_path / "a.csv"),
    ]
    result = run(*arguments, "--where", "people<1")
    assert result.exit_code == 2
    assert "no unit of other-commune meets the filter people<1" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "the disk is full: nothing was replaced; make room",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "x.csv"),
            "'x.csv'; it may not be read or written by you",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "x.csv"),
            "the disk can only be read: take another folder",
        ),
        (OSError(errno.EFBIG, "File too large", "x.csv"), "'x.csv'; a file may not be so large on this disk"),
        (OSError(errno.EIO, "Input/output error"), "the disk or the share failed: nothing was replaced"),
        (OSError("an error without a number"), "vunglom: an error without a number\n"),
        (InputError("the project's own words"), "vunglom: the project's own words\n"),
    ],
)
def test_an_error_of_the_system_says_what_to_do(
    fault: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as done, reporting():
        raise fault
    assert done.value.exit_code == 1
    assert said in capsys.readouterr().err
    with pytest.raises(typer.Exit), reporting(as_json=True):
        raise fault
    assert said.strip().removeprefix("vunglom: ") in json.loads(capsys.readouterr().err)["error"]

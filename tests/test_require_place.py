"""Where results may be written: never onto what is read, what a workspace is made of, or a file marked read-only."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from geo.errors import CallError
from geo.files import require_place
from tests.files import add_scene, new_scene, run, snapshot, succeed, write_scene, write_units

HOW = ("--from", "2024", "--to", "2026-04", "--code-column", "code", "--sum", "n")


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three squares, built once; only read."""
    folder = tmp_path_factory.mktemp("place")
    files = write_scene(folder / "scene")
    new_scene(folder / "squares", files.units)
    add_scene(folder / "squares", files)
    succeed("build", folder / "squares", "--quiet")
    return folder / "squares"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("export", "{}", "--layer", "communes", "--format", "csv"), "communes.csv"),
        (("rollup", "{}", "--by", "all"), "manifest.json"),
        (("rollup", "{}", "--by", "all"), "rollup.csv"),
        (("brief", "{}", "--all"), "briefs.zip"),
        (("brief", "{}", "--unit", "A"), "brief.pdf"),
    ],
)
def test_no_command_writes_into_what_a_workspace_is_made_of(
    squares: Path, command: Sequence[str], name: str
) -> None:
    before = snapshot(squares)
    arguments = [squares if part == "{}" else part for part in command]
    result = run(*arguments, "--out", squares / "built" / name)
    assert (result.exit_code, "belongs to the workspace" in result.stderr) == (2, True)
    assert snapshot(squares) == before


def test_convert_units_keeps_what_it_reads(squares: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("code,n\n25222,1\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    for more, said in (
        (("--out", table), "is itself read for this"),
        (("--out", out, "--report", table), "is itself read for this"),
        (("--out", out, "--report", out), "would be one file"),
        (("--out", out, "--report", tmp_path / "out.csv.unconverted.csv"), "would be one file"),
        (("--out", squares / "built" / "x.csv"), "belongs to the workspace"),
        (("--out", tmp_path / "none" / "x.csv"), "does not exist; make it first"),
        (("--out", out, "--report", tmp_path), "is a folder"),
    ):
        result = run("convert-units", table, *HOW, *more)
        assert (result.exit_code, said in result.stderr) == (2, True), (more, result.output)
    assert table.read_text(encoding="utf-8") == "code,n\n25222,1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_rows_put_aside_never_fall_on_the_table_read(tmp_path: Path) -> None:
    table = tmp_path / "out.csv.unconverted.csv"
    table.write_text("code,n\n25222,1\n", encoding="utf-8")
    result = run("convert-units", table, *HOW, "--out", tmp_path / "out.csv")
    assert (result.exit_code, "is itself read for this" in result.stderr) == (2, True)
    assert table.exists()


def test_a_file_marked_read_only_is_left_alone(tmp_path: Path) -> None:
    marked = tmp_path / "final.csv"
    marked.write_text("x", encoding="utf-8")
    require_place(marked)
    marked.chmod(0o444)
    with pytest.raises(CallError, match="marked read-only"):
        require_place(marked)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31m"])
def test_a_region_has_a_name_on_one_line(tmp_path: Path, name: str) -> None:
    units = write_units(tmp_path / "units.geojson")
    arguments = ("--boundaries", units, "--code", "code", "--label", "name")
    result = run("new", tmp_path / "w", "--name", name, *arguments)
    assert (result.exit_code, "wanted the region's name" in result.stderr) == (2, True)
    assert not (tmp_path / "w").exists()
    succeed("new", tmp_path / "w", "--name", "Bình\u00a0Phước (cũ) – 2026", *arguments)


def test_another_workspace_is_left_alone_too(squares: Path) -> None:
    for inside in (
        "workspace.toml",
        "raw/units.geojson",
        "proposals.sqlite-wal",
        ".history/x",
        "built/x.csv",
    ):
        place = squares / inside
        if place.parent.is_dir():
            with pytest.raises(CallError, match="belongs to the workspace"):
                require_place(place)
    require_place(squares / "communes.csv")

"""The README's promises, run as written."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo.__main__ import COMMANDS, command_line
from layers.strings import text
from pages.register import PAGES
from tests.files import Files

REPO = Path(__file__).resolve().parents[1]
README = (REPO / "README.md").read_text(encoding="utf-8")
MAKEFILE = (REPO / "Makefile").read_text(encoding="utf-8")


def _commands() -> list[list[str]]:
    """The lines of the README's section on own data that call `vunglom`, as argument lists."""
    section = README.split("## With your own data")[1].split("```")[1]
    return [shlex.split(line)[1:] for line in section.strip().splitlines()]


def test_the_first_screen_has_a_sentence_a_picture_and_the_two_commands() -> None:
    first = README.split("## ")[0]
    picture = re.search(r"!\[[^\]]+\]\(([^)]+)\)", first)
    assert picture is not None
    assert (REPO / picture[1]).is_file()
    for target in ("make run", "make test"):
        assert target in first
        assert re.search(rf"^{target.split()[1]}:", MAKEFILE, re.MULTILINE)


def test_the_commands_for_own_data_run_as_written(
    scene: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "ookla" / "type=mobile" / "year=2026" / "quarter=2"
    folder.mkdir(parents=True)
    scene.tiles.rename(folder / "2026-04-01_performance_mobile_tiles.parquet")
    scene.viettel.rename(tmp_path / "viettel_4g.geojson")
    scene.people.rename(tmp_path / "pop.tif")
    units = scene.units.read_text(encoding="utf-8").replace('"code"', '"fips"').replace('"name"', '"NAME"')
    (tmp_path / "municipios.geojson").write_text(units, encoding="utf-8")
    for command in _commands():
        if command[0] != "serve":  # the browser tests serve
            done = CliRunner().invoke(command_line(), command)
            assert done.exit_code == 0, (command, done.output)
    assert (tmp_path / "communes.geojson").stat().st_size > 0


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_app_is_named(page: str) -> None:
    assert f"*{text(f'page_{page}', 'vi')}*" in README


def test_every_command_is_named() -> None:
    names = set(COMMANDS)
    assert {"new", "undo", "brief"} <= names
    assert {
        name for name in names if not re.search(rf"^vunglom {name}\b|`vunglom {name}\b", README, re.MULTILINE)
    } == set()

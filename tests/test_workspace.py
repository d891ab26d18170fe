"""The folder: what goes in is copied, hashed, found again; adding twice adds once; an interruption adds nothing."""

import hashlib
import re
import resource
import tomllib
from pathlib import Path

import pytest

from geo import workspace as module
from geo.errors import WorkspaceError
from geo.files import sha256_of, write_atomically
from geo.rules import Rules
from geo.workspace import (
    Provenance,
    add_input,
    create_workspace,
    load_workspace,
    new_workspace,
    require_unchanged,
)
from tests.files import snapshot, write_units

SOURCE = Provenance("Nhà xuất bản", "CC BY 4.0", "2026-10-01", "Nhà xuất bản (2026)", "https://example.org/a")
OPTIONS = {"code": "code", "label": "name", "vintage": "other", "level": "commune"}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = write_units(tmp_path / "Ranh giới xã.geojson")
    made = create_workspace(tmp_path / "ws", name='Bình "Phước" \\ #1', illustrative=True, note="minh hoạ")
    made = add_input(made, "boundaries", [file], options=OPTIONS, provenance=SOURCE)
    found = load_workspace(tmp_path / "ws")
    assert found == made
    assert found.rules == Rules()
    stored = found.of_kind("boundaries")[0].files[0]
    assert stored.name == "Ranh giới xã.geojson"
    assert stored.sha256 == sha256_of(file)
    assert found.resolve(stored).read_bytes() == file.read_bytes()
    assert stored.path.startswith("raw/boundaries/")
    require_unchanged(found)


def test_the_same_files_with_the_same_options_are_added_once(tmp_path: Path) -> None:
    file = write_units(tmp_path / "a.geojson")
    empty = create_workspace(tmp_path / "ws", name="x")
    once = add_input(empty, "boundaries", [file], options=OPTIONS, provenance=SOURCE)
    before = snapshot(tmp_path / "ws")
    assert add_input(once, "boundaries", [file], options=OPTIONS, provenance=SOURCE) == once
    assert snapshot(tmp_path / "ws") == before
    other = add_input(once, "boundaries", [file], options={**OPTIONS, "level": "district"}, provenance=SOURCE)
    assert len(other.inputs) == 2


def test_two_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "ws", name="x")
    for place, code in (("a", "01"), ("b", "02")):
        (tmp_path / place).mkdir()
        file = write_units(tmp_path / place / "u.geojson")
        file.write_text(file.read_text(encoding="utf-8").replace("01", code), encoding="utf-8")
        made = add_input(made, "boundaries", [file], options=OPTIONS, provenance=SOURCE)
    paths = {file.path for entry in made.inputs for file in entry.files}
    assert len(paths) == 2


def test_replacing_drops_only_inputs_of_that_kind(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "ws", name="x")
    for kind in ("boundaries", "coverage", "places"):
        made = add_input(
            made, kind, [write_units(tmp_path / f"{kind}.geojson")], options={}, provenance=SOURCE
        )
    file = write_units(tmp_path / "new.geojson", {})
    made = add_input(made, "coverage", [file], options={}, provenance=SOURCE, replace_same=True)
    assert [(entry.kind, entry.files[0].name) for entry in made.inputs] == [
        ("boundaries", "boundaries.geojson"), ("places", "places.geojson"), ("coverage", "new.geojson")
    ]  # fmt: skip


def test_an_unknown_kind_and_a_second_workspace_are_refused(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "ws", name="x")
    with pytest.raises(WorkspaceError, match="unknown kind of input 'towers'; wanted one of boundaries"):
        add_input(made, "towers", [], options={}, provenance=SOURCE)
    with pytest.raises(WorkspaceError, match="there is a workspace here already"):
        create_workspace(tmp_path / "ws", name="y")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is a file, wanted a folder name"):
        create_workspace(tmp_path / "file", name="y")


def test_an_interrupted_add_leaves_the_workspace_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_workspace(tmp_path / "ws", name="x")
    config = (tmp_path / "ws" / "workspace.toml").read_bytes()

    def full_disk(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:5])
        raise OSError("no space left on device")

    monkeypatch.setattr("shutil.copyfile", full_disk)
    with pytest.raises(OSError, match="no space left"):
        add_input(
            made, "boundaries", [write_units(tmp_path / "a.geojson")], options=OPTIONS, provenance=SOURCE
        )
    assert snapshot(tmp_path / "ws") == {"workspace.toml": hashlib.sha256(config).hexdigest()}


def test_an_interrupted_new_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_units(tmp_path / "a.geojson")

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(module, "add_input", fail)
    with pytest.raises(OSError, match="no space left"):
        new_workspace(tmp_path / "ws", name="x", sources=[file], options=OPTIONS, provenance=SOURCE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.geojson"]


def test_an_empty_folder_may_become_a_workspace_even_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_units(tmp_path / "a.geojson")
    (tmp_path / "ws").mkdir()
    monkeypatch.chdir(tmp_path / "ws")
    new_workspace(Path(), name="x", sources=[file], options=OPTIONS, provenance=SOURCE)
    assert load_workspace(Path()).of_kind("boundaries")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.geojson", "ws"]


def test_atomic_writes_leave_the_old_file_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_atomically(path, b"old")

    def fail(_: int) -> None:
        raise OSError("pulled the plug")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="pulled the plug"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_a_write_that_finds_no_room_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError, match=re.escape(f"File too large: '{path}'")):
            write_atomically(path, b"new" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_rules_given_by_hand_are_read_and_kept_when_an_input_is_added(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "ws", name="x")
    config = tmp_path / "ws" / "workspace.toml"
    text = config.read_text(encoding="utf-8").replace("[rules]", "[rules]\nmin_devices = 7")
    config.write_text(text, encoding="utf-8")
    made = load_workspace(tmp_path / "ws")
    assert made.rules.min_devices == 7
    add_input(made, "places", [write_units(tmp_path / "a.geojson")], options={}, provenance=SOURCE)
    assert tomllib.loads(config.read_text(encoding="utf-8"))["rules"] == {"min_devices": 7}

"""Back to the build before: inputs, raw files and results together; what is kept, what is forgotten, and a kill at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from geo.errors import MovedError, WorkspaceError
from geo.history import FOLDER, KEEP, states
from geo.pipeline import build
from geo.results import is_swapping, read_built, read_manifest
from geo.store import is_current, recover_from_dead
from geo.undo import has_changes, mark, undo
from geo.workspace import load_workspace
from tests.files import SPEED_NAME, TILES, Files, claim, run, snapshot, succeed, write_tiles

STATE = ("workspace.toml", "built/", "raw/")


def state_of(root: Path) -> dict[str, str]:
    """What an undo has to bring back to the byte."""
    return {name: digest for name, digest in snapshot(root).items() if name.startswith(STATE)}


def add_speed(root: Path, folder: Path, rows: Any, *options: str) -> None:
    write_tiles(folder / SPEED_NAME, rows)
    succeed("add", root, "speed", folder / SPEED_NAME, "--network", "mobile", "--quiet", *options)


def rebuild(root: Path) -> None:
    build(load_workspace(root))


@pytest.fixture
def twice(squares: Path, tmp_path: Path) -> tuple[Path, dict[str, str], dict[str, str]]:
    """A workspace built from three tiles and then, in their place, from one; the states of the folder at either time."""
    add_speed(squares, tmp_path, TILES)
    rebuild(squares)
    first = state_of(squares)
    add_speed(squares, tmp_path, TILES[:1], "--replace")
    rebuild(squares)
    return squares, first, state_of(squares)


def config_and_results(state: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in state.items() if not name.startswith("raw/")}


def test_an_undo_brings_everything_back_and_another_takes_it_back(twice: Any) -> None:
    root, first, second = twice
    assert config_and_results(first) != config_and_results(second)
    undone = undo(root)
    assert (undone.only_changes, undone.inputs) == (False, 2)
    assert config_and_results(state_of(root)) == config_and_results(first)
    assert first.items() <= state_of(root).items()
    assert is_current(load_workspace(root))
    assert read_built(root).primary.speed["tests"].sum() == pytest.approx(60)
    undo(root)
    assert state_of(root) == second
    assert is_current(load_workspace(root))


def test_an_undo_drops_changes_that_were_not_built_and_can_be_taken_back(
    squares: Path, tmp_path: Path
) -> None:
    rebuild(squares)
    before = state_of(squares)
    assert not has_changes(load_workspace(squares))
    add_speed(squares, tmp_path, TILES)
    assert has_changes(load_workspace(squares))
    pending = state_of(squares)
    assert undo(squares).only_changes
    assert config_and_results(state_of(squares)) == config_and_results(before)
    assert not has_changes(load_workspace(squares))
    undo(squares)
    assert state_of(squares) == pending
    assert has_changes(load_workspace(squares))


def test_only_the_last_states_are_kept_and_with_the_others_go_their_raw_files(
    squares: Path, tmp_path: Path
) -> None:
    for count in range(1, KEEP + 4):
        add_speed(squares, tmp_path, [(*TILES[0][:4], count, 12)], "--replace")
        rebuild(squares)
    found = states(squares)
    assert [state.id for state in found] == ["000005", "000004", "000003"]
    assert len(list((squares / "raw" / "speed").iterdir())) == KEEP + 1
    assert sorted(path.name for path in (squares / FOLDER).iterdir()) == ["000003", "000004", "000005"]
    undo(squares, found[-1].id)
    assert is_current(load_workspace(squares))
    assert read_built(squares).primary.speed["tests"].sum() == pytest.approx(3)
    assert len(states(squares)) == KEEP


def test_building_the_same_again_uses_up_no_state(twice: Any) -> None:
    root, _, _ = twice
    before = [state.id for state in states(root)]
    rebuild(root)
    assert [state.id for state in states(root)] == before


def test_nothing_to_go_back_to_is_said(squares: Path) -> None:
    with pytest.raises(WorkspaceError, match="no state to go back to"):
        undo(squares)
    rebuild(squares)
    with pytest.raises(WorkspaceError, match="no state to go back to"):
        undo(squares)


@pytest.mark.parametrize("damage", ["gone", "changed", "table", "config", "manifest"])
def test_a_state_that_is_not_whole_is_not_gone_back_to(damage: str, twice: Any) -> None:
    root, _, _ = twice
    (state,) = states(root)
    raw = next(
        root.joinpath(file["path"])
        for given in state.inputs
        for file in given["files"]
        if given["kind"] == "speed"
    )
    if damage == "gone":
        raw.unlink()
    elif damage == "changed":
        raw.write_bytes(raw.read_bytes() + b"x")
    elif damage == "table":
        (state.folder / "goals.parquet").write_bytes(b"x")
    elif damage == "config":
        (state.folder / "workspace.toml").write_text("format = 9", encoding="utf-8")
    else:
        (state.folder / "manifest.json").write_text("[", encoding="utf-8")
    before = snapshot(root)
    wanted = (
        "no state to go back to"
        if damage == "manifest"
        else "format is 9"
        if damage == "config"
        else "cannot go back.*Nothing was changed"
    )
    with pytest.raises(WorkspaceError, match=wanted):
        undo(root)
    assert snapshot(root) == before


def test_an_unknown_state_is_refused_and_the_kept_ones_named(twice: Any) -> None:
    root, _, _ = twice
    with pytest.raises(WorkspaceError, match=r"no state '\.\./x' is kept; there are 000001"):
        undo(root, "../x")


def test_the_command_says_what_it_did(twice: Any) -> None:
    root, _, _ = twice
    built_at = read_manifest(root)["built_at"]
    listed = json.loads(succeed("undo", root, "--list", "--json"))["states"]
    assert [(one["id"], one["files"], one["pending"]) for one in listed] == [("000001", 2, False)]
    assert "takes this back" in succeed("undo", root)
    said = json.loads(succeed("undo", root, "--json"))
    assert said["built_at"] == built_at
    assert not said["only_changes"]
    assert "000" in succeed("undo", root, "--list")
    assert run("undo", root, "--to", "7").exit_code == 1


@pytest.mark.parametrize("step", range(6))
def test_an_undo_cut_at_any_step_is_finished_by_whoever_comes_next(
    step: int, twice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies before its step-th change of a name; a reader of the app or the next build ends what was begun."""
    root, first, second = twice
    done = 0

    def cut(real: Any) -> Any:
        def wrapped(*given: Any, **named: Any) -> Any:
            nonlocal done
            if done == step:
                raise KeyboardInterrupt
            done += 1
            return real(*given, **named)

        return wrapped

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            patch.setattr(os, name, cut(getattr(os, name)))
        try:
            undo(root)
        except KeyboardInterrupt:
            pass
        else:
            assert step == 5, "there are five changes of a name, no more"
    recover_from_dead(root)
    assert not is_swapping(root)
    wanted = second if step < 2 else first
    assert config_and_results(state_of(root)) == config_and_results(wanted)
    assert is_current(load_workspace(root))
    assert read_built(root)
    # and whatever came of it can be undone
    undo(root)
    assert config_and_results(state_of(root)) == config_and_results(first if step < 2 else second)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_kill_9_in_the_middle_of_undoing_back_and_forth_leaves_one_whole_state(twice: Any) -> None:
    root, first, second = twice
    wanted = [config_and_results(first), config_and_results(second)]
    loop = "import sys, pathlib; from geo.undo import undo\nprint('on', flush=True)\nwhile True: undo(pathlib.Path(sys.argv[1]))"
    for round_ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", loop, str(root)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.05 + 0.037 * round_)
            process.send_signal(signal.SIGKILL)
        recover_from_dead(root)
        assert config_and_results(state_of(root)) in wanted
        assert is_current(load_workspace(root))


def test_a_full_disk_leaves_all_as_it_was(twice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _, _ = twice
    before = snapshot(root)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = run("undo", root)
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    monkeypatch.undo()
    recover_from_dead(root)
    assert snapshot(root) == before


def test_files_added_meanwhile_are_not_lost_to_an_undo(twice: Any, scene: Files) -> None:
    root, _, _ = twice
    succeed("add", root, "coverage", scene.viettel, *claim(), "--quiet")
    undo(root)
    succeed("add", root, "coverage", scene.mobifone, *claim("MobiFone"), "--quiet")
    rebuild(root)
    assert [given.options["operator"] for given in load_workspace(root).of_kind("coverage")] == ["MobiFone"]
    assert is_current(load_workspace(root))


def test_two_visitors_who_press_undo_at_once_undo_once(twice: Any) -> None:
    root, first, _ = twice
    seen = mark(root)
    assert undo(root, seen=seen).only_changes is False
    with pytest.raises(MovedError, match="somebody else has changed it since"):
        undo(root, seen=seen)
    assert config_and_results(state_of(root)) == config_and_results(first)
    undo(root, seen=mark(root))


def test_a_page_shown_before_an_addition_drops_nothing_of_it(twice: Any, scene: Files) -> None:
    root, _, _ = twice
    seen = mark(root)
    succeed("add", root, "coverage", scene.viettel, *claim(), "--quiet")
    before = snapshot(root)
    with pytest.raises(MovedError):
        undo(root, seen=seen)
    assert snapshot(root) == before


@pytest.mark.parametrize(
    "record",
    ["{", "null", "[]", '{"take": 5, "leave": "000009"}', '{"take": "000001"}', '{"take": "../../mine", "leave": "000009"}',
     '{"take": "000001", "leave": "../../mine"}', '{"take": "١", "leave": "000009"}', "\x00"],
)  # fmt: skip
def test_a_record_that_no_undo_wrote_moves_nothing(record: str, twice: Any) -> None:
    root, _, second = twice
    mine = root.parent / "mine"
    mine.mkdir()
    journal = root / FOLDER / "undo.json"
    journal.write_text(record, encoding="utf-8")
    for command in (["build", root], ["undo", root]):
        result = run(*command)
        assert result.exit_code == 1
        assert "undo.json: is no record of an undo" in result.stderr
        assert "delete the file, then build again" in result.stderr
    assert state_of(root) == second
    assert mine.is_dir()
    journal.unlink()
    succeed("build", root, "--quiet")


def test_raw_files_behind_a_link_are_not_removed(twice: Any, tmp_path: Path) -> None:
    """A folder from somebody else may hold a link to anywhere in place of `raw/`, and a record that names what lies there."""
    root, _, _ = twice
    elsewhere = tmp_path / "elsewhere"
    (root / "raw").rename(elsewhere)
    (root / "raw").symlink_to(elsewhere)
    (elsewhere / "mine.txt").write_text("precious")
    config = (root / "workspace.toml").read_text(encoding="utf-8")
    raw = next(line for line in config.splitlines() if "raw/" in line)
    named = config.replace(raw.split('"')[1], "raw/mine.txt")
    assert named != config
    (root / FOLDER / "dropped-000000-workspace.toml").write_text(named, encoding="utf-8")
    undo(root)
    assert (elsewhere / "mine.txt").read_text() == "precious"
    assert not list((root / FOLDER).glob("dropped-*"))

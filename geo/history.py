"""The states a workspace was in before: the results of its last builds, each with the inputs they were made of.

`.history/NNNNNN/` is a former `built/`, moved there in one step; the `workspace.toml` that it was built from lies in it.
Raw files stay where they are, named by their hash, for as long as a state that is kept names them.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from geo.errors import WorkspaceError
from geo.files import is_free, one_at_a_time, write_atomically
from geo.results import UNDO_JOURNAL
from geo.workspace import CONFIG_NAME, Workspace, load_workspace, read_config

FOLDER: Final = ".history"
PENDING: Final = "pending.toml"
"""In a state that was left with changes not built yet: the `workspace.toml` of that moment."""
KEEP: Final = 3
"""States kept beside the one in use."""
_NEXT: Final = "undo.toml"
_DROPPED: Final = "dropped-"


@dataclass(frozen=True)
class State:
    """A former state: its number, its folder, when its results were built, how many files its inputs are."""

    id: str
    folder: Path
    built_at: str
    files: int
    inputs: tuple[dict[str, Any], ...] = ()
    pending: bool = False

    @property
    def config(self) -> Path:
        """The `workspace.toml` of this state."""
        return self.folder / (PENDING if self.pending else CONFIG_NAME)


def states(root: Path) -> tuple[State, ...]:
    """The states that can be gone back to, the one left last first."""
    folders = sorted((root / FOLDER).glob("[0-9]*"), key=lambda folder: folder.name, reverse=True)
    return tuple(state for folder in folders if (state := _read(folder)) is not None)


def _read(folder: Path) -> State | None:
    """The state in a folder; None for what is no whole state, which nobody can go back to."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        inputs = tuple(manifest["inputs"])
        files = sum(len(given["files"]) for given in inputs)
        built_at = str(manifest["built_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    pending = (folder / PENDING).is_file()
    if not pending and not (folder / CONFIG_NAME).is_file():
        return None
    return State(folder.name, folder, built_at, files, inputs, pending)


def next_id(root: Path) -> str:
    """A number above those in use, so that names sort in the order in which states were left."""
    used = [int(folder.name) for folder in (root / FOLDER).glob("[0-9]*") if folder.name.isdecimal()]
    return f"{max(used, default=0) + 1:06d}"


def keep(root: Path, old: Path) -> None:
    """Move a former `built/` among the states kept, unless it says nothing that the results in use do not say.

    The caller holds the lock of builds. Needs no room on the disk: a folder changes its name.
    """
    if not old.exists():
        return
    if _fingerprint(old) in ("", _fingerprint(root / "built")) or not (old / CONFIG_NAME).is_file():
        shutil.rmtree(old, ignore_errors=True)
        return
    (root / FOLDER).mkdir(exist_ok=True)
    old.rename(root / FOLDER / next_id(root))
    prune(root)


def _fingerprint(folder: Path) -> str:
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(found)


def prune(root: Path) -> None:
    """Forget all but the last states, and the raw files that only they named; the caller holds the lock of builds."""
    folders = sorted(folder for folder in (root / FOLDER).glob("[0-9]*") if folder.is_dir())
    for folder in folders[:-KEEP]:
        for name in (CONFIG_NAME, PENDING):
            if (folder / name).is_file():
                # read below, also by a later run when this one is killed
                (folder / name).replace(root / FOLDER / f"{_DROPPED}{folder.name}-{name}")
        shutil.rmtree(folder, ignore_errors=True)
    for left in (root / FOLDER).glob(".part-*"):
        shutil.rmtree(left, ignore_errors=True)
    _forget_raw(root)


def _forget_raw(root: Path) -> None:
    """Remove the raw files of forgotten states that nothing names any more; while files are being added it waits for another time."""
    dropped = sorted((root / FOLDER).glob(f"{_DROPPED}*"))
    if not dropped or not is_free(root, "add"):
        return
    with one_at_a_time(root, "add"):
        try:
            named = set(_raw_of(load_workspace(root)))
            for state in states(root):
                named |= {path for config in _configs(state) for path in _raw_of(read_config(config, root))}
        except WorkspaceError:
            # of a file that cannot be read nobody knows what it names
            return
        for config in dropped:
            for path in _named_by(config, root):
                # where raw/ is a link, what lies behind it is not this workspace's to remove
                if path not in named and (root / path).parent.resolve().is_relative_to(root.resolve()):
                    (root / path).unlink(missing_ok=True)
            config.unlink()


def _configs(state: State) -> Iterator[Path]:
    yield from (state.folder / name for name in (CONFIG_NAME, PENDING) if (state.folder / name).is_file())


def _raw_of(workspace: Workspace) -> Iterator[PurePosixPath]:
    yield from (PurePosixPath(file.path) for given in workspace.inputs for file in given.files)


def _named_by(config: Path, root: Path) -> list[PurePosixPath]:
    try:
        return list(_raw_of(read_config(config, root)))
    except WorkspaceError:
        return []


def begin_undo(root: Path, take: State | None, leave: str, config: bytes) -> None:
    """Write down what is to change, whole; from then on the undo is done, whoever finishes it.

    `take`: the state that comes back, None where only `workspace.toml` does; `leave`: number under which the present one is kept.
    """
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    write_atomically(folder / _NEXT, config)
    journal = {"take": None if take is None else take.id, "leave": leave}
    write_atomically(root / UNDO_JOURNAL, json.dumps(journal).encode())


def finish_undo(root: Path) -> None:
    """End an undo that was begun; every step can be done again. The caller holds the lock of builds.

    Raises `WorkspaceError` for a record of it that no undo wrote: a folder's name in it may lead anywhere.
    """
    folder, built = root / FOLDER, root / "built"
    journal = root / UNDO_JOURNAL
    if not journal.is_file():
        (folder / _NEXT).unlink(missing_ok=True)
        return
    taken, left = _read_journal(journal)
    if taken is not None:
        take, leave = folder / taken, folder / left
        if take.exists() and built.exists() and not leave.exists():
            built.rename(leave)
        if take.exists():
            take.rename(built)
        (built / PENDING).unlink(missing_ok=True)
    if (folder / _NEXT).exists():
        (folder / _NEXT).replace(root / CONFIG_NAME)
    journal.unlink()


def _read_journal(journal: Path) -> tuple[str | None, str]:
    """The numbers of the state that comes back, None where only `workspace.toml` does, and of the one left."""
    try:
        plan = json.loads(journal.read_text(encoding="utf-8"))
        taken, left = plan["take"], plan["leave"]
    except (OSError, ValueError, KeyError, TypeError):
        taken, left = "", ""
    if not (_is_number(left) and (taken is None or _is_number(taken))):
        raise WorkspaceError(
            f"{journal}: is no record of an undo, so it cannot be ended; nothing was changed: delete the file, then build again"
        )
    return taken, left


def _is_number(name: object) -> bool:
    return isinstance(name, str) and name.isascii() and name.isdecimal()


def copy_results(root: Path, target: str) -> Path:
    """A second name for every file of `built/`, as a state of that number which is not in its place yet.

    Links, where the disk knows them, so that results of many megabytes are not written again.
    """
    draft = root / FOLDER / f".part-{target}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(exist_ok=True)
    shutil.copytree(root / "built", draft, copy_function=_link)
    return draft


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

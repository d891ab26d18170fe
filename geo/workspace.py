"""A workspace: a folder with `workspace.toml` (what was put in), `raw/` (the files) and `built/` (see `geo.results`).

`workspace.toml` is written whole to a temporary name and moved into place, after the files it names are in `raw/`;
whatever interrupts an add leaves the workspace as it was.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from geo.errors import WorkspaceError
from geo.files import copy_atomically, sha256_of, write_atomically
from geo.rules import load_rules
from geo.workspace_config import (
    CONFIG_NAME,
    KINDS,
    Input,
    Provenance,
    StoredFile,
    Workspace,
    config_bytes,
    read_config,
)

__all__ = [
    "CONFIG_NAME", "KINDS", "Input", "Provenance", "StoredFile", "Workspace", "add_input", "clear_drafts", "config_bytes",
    "create_workspace", "load_workspace", "new_workspace", "read_config", "replace_rules", "require_unchanged",
    "save_workspace",
]  # fmt: skip


def create_workspace(root: Path, *, name: str, illustrative: bool = False, note: str = "") -> Workspace:
    """A new, empty workspace at `root`; raises `WorkspaceError` when one is there already."""
    if (root / CONFIG_NAME).exists():
        raise WorkspaceError(
            f"{root}: there is a workspace here already; choose another folder, or add to it with `vunglom add`"
        )
    if root.exists() and not root.is_dir():
        raise WorkspaceError(f"{root}: is a file, wanted a folder name that is free or an empty folder")
    workspace = Workspace(root=root, name=name, illustrative=illustrative, note=note)
    (root / "raw").mkdir(parents=True, exist_ok=True)
    save_workspace(workspace)
    return workspace


def new_workspace(
    root: Path, *, name: str, sources: Sequence[Path], options: dict[str, Any], provenance: Provenance
) -> Workspace:
    """A new workspace with its boundaries, made beside `root` and moved there whole: no half of one is ever seen."""
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise WorkspaceError(
            f"{root}: is there already and not empty; choose a new folder, or add to a workspace with `vunglom add`"
        )
    folder = root.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        workspace = create_workspace(draft, name=name)
        add_input(workspace, "boundaries", sources, options=options, provenance=provenance)
        if folder.exists():
            # an empty folder may be the one the user stands in; the file that makes it a workspace comes last
            (draft / "raw").rename(folder / "raw")
            (draft / CONFIG_NAME).rename(folder / CONFIG_NAME)
        else:
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return load_workspace(root)


def add_input(
    workspace: Workspace,
    kind: str,
    sources: Sequence[Path],
    *,
    options: dict[str, Any],
    provenance: Provenance,
    replace_same: bool = False,
) -> Workspace:
    """Copy `sources` into `raw/<kind>/`, record their sha256, and return the workspace with the input added.

    The same files with the same options are added once. With `replace_same`, inputs of this kind are dropped first.
    """
    if kind not in KINDS:
        raise WorkspaceError(f"unknown kind of input {kind!r}; wanted one of {', '.join(KINDS)}")
    files = tuple(_store(workspace.root, kind, source) for source in sources)
    added = Input(kind=kind, files=files, options=options, provenance=provenance)
    kept = tuple(g for g in workspace.inputs if not (replace_same and g.kind == kind))
    hashes = [file.sha256 for file in files]
    if any(g.kind == kind and g.options == options and [f.sha256 for f in g.files] == hashes for g in kept):
        return workspace
    changed = replace(workspace, inputs=(*kept, added))
    save_workspace(changed)
    return changed


def clear_drafts(root: Path) -> None:
    """Remove the half-written copies that a killed add left; the caller holds the lock, so none is being written."""
    for draft in (*root.glob(f".{CONFIG_NAME}.*.part"), *(root / "raw").rglob(".*.part")):
        draft.unlink(missing_ok=True)


def _store(root: Path, kind: str, source: Path) -> StoredFile:
    digest = sha256_of(source)
    # the hash in the name keeps two files of one name apart and makes a repeated add a no-op
    relative = PurePosixPath("raw", kind, f"{digest[:8]}-{source.name}")
    target = root / relative
    if not (target.exists() and sha256_of(target) == digest):
        copy_atomically(source, target)
    return StoredFile(path=str(relative), name=source.name, sha256=digest)


def save_workspace(workspace: Workspace) -> None:
    """Write `workspace.toml`."""
    write_atomically(workspace.root / CONFIG_NAME, config_bytes(workspace))


def load_workspace(root: Path) -> Workspace:
    """The workspace at `root`; raises `WorkspaceError` naming the folder, what was found and the mend."""
    config = root / CONFIG_NAME
    if not config.is_file():
        raise WorkspaceError(
            f"{root}: no {CONFIG_NAME} here, so this is not a workspace. "
            "Wanted: a folder made by `vunglom new DIR --name … --boundaries FILE …`"
        )
    return read_config(config, root)


def replace_rules(workspace: Workspace, given: dict[str, Any]) -> Workspace:
    """The workspace with these rules in place of its own, written; raises `RulesError` listing every fault."""
    changed = replace(workspace, rules=load_rules(given), rules_given=given)
    save_workspace(changed)
    return changed


def require_unchanged(workspace: Workspace) -> None:
    """Raise `WorkspaceError` listing every raw file that is gone or no longer has its recorded sha256."""
    faults = []
    for file in (file for given in workspace.inputs for file in given.files):
        path = workspace.resolve(file)
        if not path.is_file():
            faults.append(f"{file.path} is gone")
        elif sha256_of(path) != file.sha256:
            faults.append(f"{file.path} was changed after it was added")
    if faults:
        raise WorkspaceError(
            f"{workspace.root}: " + "; ".join(faults) + ". Add the file again with `vunglom add`"
        )

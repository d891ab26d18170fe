"""Back to the state before: inputs, raw files and results together, or not at all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo import history
from geo.errors import InputError, MovedError, WorkspaceError
from geo.files import one_at_a_time, write_atomically
from geo.history import PENDING, State
from geo.results import read_manifest, require_whole
from geo.store import BUILD_LOCK, recover_built
from geo.workspace import CONFIG_NAME, Workspace, load_workspace, read_config, require_unchanged

LAST: Final = ""


@dataclass(frozen=True)
class Undone:
    """What an undo did: dropped changes that were not built (`only_changes`), or went back to results built at `built_at`."""

    only_changes: bool
    built_at: str
    inputs: int


def has_changes(workspace: Workspace) -> bool:
    """Whether inputs, rules or the name were changed since the results were built; False where there are none."""
    config = workspace.built / CONFIG_NAME
    if not config.is_file():
        return False
    built = read_config(config, workspace.root)
    return _content(built) != _content(workspace)


def _content(workspace: Workspace) -> tuple[object, ...]:
    inputs = [given.as_dict() for given in workspace.inputs]
    return workspace.name, workspace.illustrative, workspace.note, workspace.rules_given, inputs


def mark(root: Path) -> str:
    """A name for the state of a workspace: for its results and what is to be built next."""
    digest = hashlib.sha256()
    for path in (root / "built" / "manifest.json", root / CONFIG_NAME):
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            digest.update(b"none")
    return digest.hexdigest()


def undo(root: Path, to: str = LAST, *, seen: str | None = None) -> Undone:
    """Go back: drop changes that were not built, else return to the state left last, or to the one numbered `to`.

    What was there is kept as a state of its own, so an undo can be undone. Raises `WorkspaceError` where there is nothing
    to go back to, or a file of that state is gone or damaged; then nothing was changed. `seen`: the `mark` of the state that
    whoever asks was shown; raises `MovedError` where it is another by now, as a second undo would take the first one back.
    """
    load_workspace(root)
    with one_at_a_time(root, BUILD_LOCK), one_at_a_time(root, "add"):
        workspace = load_workspace(root)
        recover_built(workspace)
        if seen is not None and seen != mark(root):
            raise MovedError(
                f"{root}: somebody else has changed it since it was shown; look again, then go back. Nothing was changed"
            )
        workspace = load_workspace(root)
        changed = has_changes(workspace)
        only_changes = changed and to == LAST
        undone = (
            _drop_changes(workspace)
            if only_changes
            else _return_to(workspace, _state(root, to), changed=changed)
        )
    # after the lock of adding is let go: forgetting raw files asks for it
    with one_at_a_time(root, BUILD_LOCK):
        history.prune(root)
    return undone


def _state(root: Path, to: str) -> State:
    found = history.states(root)
    if not found:
        raise WorkspaceError(
            f"{root}: there is no state to go back to; builds keep the one before them from their second on"
        )
    chosen = [state for state in found if state.id == to or to == LAST]
    if not chosen:
        known = ", ".join(f"{state.id} (built {state.built_at})" for state in found)
        raise WorkspaceError(f"{root}: no state {to!r} is kept; there are {known}")
    return chosen[0]


def _return_to(workspace: Workspace, state: State, *, changed: bool) -> Undone:
    root = workspace.root
    back = read_config(state.config, root)
    try:
        read_manifest(root)
        require_unchanged(back)
        require_whole(state.folder)
    except InputError as fault:
        raise WorkspaceError(
            f"{root}: cannot go back to what was built {state.built_at}: {fault}. Nothing was changed"
        ) from fault
    if changed or not (workspace.built / CONFIG_NAME).is_file():
        write_atomically(workspace.built / PENDING, (root / CONFIG_NAME).read_bytes())
    history.begin_undo(root, state, history.next_id(root), state.config.read_bytes())
    history.finish_undo(root)
    return Undone(only_changes=False, built_at=state.built_at, inputs=len(back.inputs))


def _drop_changes(workspace: Workspace) -> Undone:
    root = workspace.root
    config = workspace.built / CONFIG_NAME
    back = read_config(config, root)
    require_unchanged(back)
    number = history.next_id(root)
    draft = history.copy_results(root, number)
    write_atomically(draft / PENDING, (root / CONFIG_NAME).read_bytes())
    draft.rename(root / history.FOLDER / number)
    history.begin_undo(root, None, number, config.read_bytes())
    history.finish_undo(root)
    return Undone(only_changes=True, built_at="", inputs=len(back.inputs))

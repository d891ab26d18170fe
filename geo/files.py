"""Files on disk: that they are there, their hash, writing them whole, and one process at a time where two would undo each other's work."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from geo.errors import CallError, InputError, WorkspaceError

_WAIT_SECONDS: Final = 600.0
_ANY_WRITER: Final = 0o222
"""Permission bits of which one is set unless a file is marked read-only; moving another into its place would ignore them."""
_WORKSPACE_OWN: Final = ("workspace.toml", "raw", "built", "proposals.sqlite")
"""What a workspace is made of: a result written over it would destroy it."""


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_file(path: Path) -> None:
    """Raise `InputError` unless there is a file with something in it."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name and give the path of an existing file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; fetch or export it again")


def require_place(out: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raise `CallError` unless a result may be written as `out`.

    Refused are folders, pipes and devices, files marked read-only, a folder that is not there, a name that is no text, one of the files that are
    read (`inputs`), and anything that a workspace is made of, the one at work or another.
    """
    if out.is_dir() or not out.name:
        raise CallError(f"{out}: is a folder, wanted the name of a file")
    if not out.parent.is_dir():
        raise CallError(f"{out}: the folder {out.parent} does not exist; make it first")
    try:
        str(out).encode("utf-8")
    except UnicodeEncodeError as fault:
        raise CallError(f"{str(out)!r}: the name is no text in UTF-8; give the file another name") from fault
    if out.exists() and not out.is_file():
        raise CallError(f"{out}: is a device or a pipe, wanted the name of a file")
    if out.exists() and not out.stat().st_mode & _ANY_WRITER:
        raise CallError(f"{out}: is marked read-only; give another name, or take the mark away")
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        raise CallError(f"{out}: is itself read for this and would be lost; give another name")
    roots = [folder for folder in out.resolve().parents if (folder / _WORKSPACE_OWN[0]).is_file()]
    for root in roots:
        if _is_own(out.resolve(), root):
            raise CallError(f"{out}: belongs to the workspace {root} and would be lost; write it elsewhere")


def _is_own(path: Path, root: Path) -> bool:
    first = path.relative_to(root).parts[0]
    return first in _WORKSPACE_OWN or first.startswith((".", "proposals.sqlite"))


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path`, flush to disk, then move into place: readers see the old file or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft_of(path) as draft:
        draft.write_bytes(content)


def copy_atomically(source: Path, target: Path) -> None:
    """`write_atomically` of another file's bytes, which may lie on another disk and may be too many to hold."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _draft_of(target) as draft:
        shutil.copyfile(source, draft)


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """A name beside `path`; what is there at the end is flushed to disk and moved into place, or removed after an error."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as fault:
        if fault.errno is not None and fault.filename is None:
            # a write that finds no room does not say of which file
            fault.filename = str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(root: Path, work: str) -> Iterator[None]:
    """Hold the lock `.<work>.lock` of a workspace; the system lets go of it however the process ends.

    Who holds it already may ask again. Raises `WorkspaceError` when another process has not let go within ten minutes.
    """
    try:
        # one object for a path in each thread: a build holds it while it writes, and writing asks for it too
        with FileLock(root / f".{work}.lock", timeout=_WAIT_SECONDS, is_singleton=True):
            yield
    except Timeout as fault:
        raise WorkspaceError(
            f"{root}: another vunglom is still at work here ({work}); wait for it to end, or stop it"
        ) from fault


def is_free(root: Path, work: str) -> bool:
    """Whether nobody holds the lock at this moment; of use only where being wrong a moment later does no harm."""
    lock = FileLock(root / f".{work}.lock", timeout=0)
    try:
        with lock:
            return True
    except Timeout:
        return False

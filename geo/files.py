"""Files on disk: their hash, writing them whole, and one process at a time where two would undo each other's work."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from geo.errors import WorkspaceError

_WAIT_SECONDS: Final = 600.0


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path`, flush to disk, then move into place: readers see the old file or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(root: Path, work: str) -> Iterator[None]:
    """Hold the lock `.<work>.lock` of a workspace; the system lets go of it however the process ends.

    Raises `WorkspaceError` when another process has not let go within ten minutes.
    """
    try:
        with FileLock(root / f".{work}.lock", timeout=_WAIT_SECONDS):
            yield
    except Timeout as fault:
        raise WorkspaceError(
            f"{root}: another vunglom is still at work here ({work}); wait for it to end, or stop it"
        ) from fault

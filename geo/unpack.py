"""One member of a zip that came from elsewhere: found by its ending, never by its path, and never larger than allowed."""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from geo.errors import InputError

_PIECE: Final = 1024**2
_MOST_MEMBERS: Final = 1000
# what zipfile raises on hostile archives: RuntimeError for encrypted ones, NotImplementedError for odd methods
_FAULTS: Final = (
    BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, NotImplementedError, ValueError, LookupError, OverflowError,
)  # fmt: skip


def read_member(archive: Path, ending: str, *, largest: int) -> bytes:
    """The bytes of the one member whose name has this ending; raises `InputError` as `unpack_member` does."""
    return b"".join(_pieces(archive, ending, largest))


def unpack_member(archive: Path, ending: str, target: Path, *, largest: int) -> None:
    """Write the one member whose name has this ending to `target`, whole or not at all.

    The member's own path is not used. Raises `InputError` when there is not exactly one such member, when it is larger
    than `largest` bytes (stated or in truth), or when the archive is damaged or encrypted.
    """
    draft = target.with_name(f".{target.name}.unpacked")
    try:
        with draft.open("wb") as stream:
            for piece in _pieces(archive, ending, largest):
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def check_member(archive: Path, ending: str, *, largest: int) -> None:
    """Raise what `unpack_member` would raise; nothing is written and nothing is held."""
    for _ in _pieces(archive, ending, largest):
        pass


def _pieces(archive: Path, ending: str, largest: int) -> Iterator[bytes]:
    with _naming_faults(archive.name), ZipFile(archive) as opened:
        members = opened.infolist()
        found = [one for one in members if one.filename.lower().endswith(ending)]
        if len(found) != 1 or len(members) > _MOST_MEMBERS:
            raise InputError(
                f"{archive.name}: holds {len(found)} {ending} files among {len(members)}; wanted exactly one"
            )
        if found[0].file_size > largest:
            raise InputError(_too_large(archive.name, ending, largest))
        came = 0
        with opened.open(found[0]) as stream:
            # the stated size is the archive's own word, so what comes is counted
            while piece := stream.read(_PIECE):
                came += len(piece)
                if came > largest:
                    raise InputError(_too_large(archive.name, ending, largest))
                yield piece


def _too_large(name: str, ending: str, largest: int) -> str:
    return f"{name}: its {ending} file unpacks to more than the {largest:,} bytes it may be; check where the archive comes from"


@contextmanager
def _naming_faults(name: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as fault:
        raise InputError(f"{name}: is not a whole zip ({fault}); fetch it again") from None

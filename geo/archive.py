"""Members of a zip that came from elsewhere: found by their ending, never by their path, and never larger than allowed."""

import os
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from geo.errors import InputError

MOST_MEMBERS: Final = 2_000
LEAST_ALLOWED_BYTES: Final = 64 * 1024**2
"""An archive may always unpack to this much …"""
MOST_TIMES_PACKED: Final = 50
"""… and beyond it to this many times its own size: coordinates and tables pack to a tenth, a bomb to a thousandth."""
_PIECE: Final = 1024**2
_ENCRYPTED: Final = 0x1
ZIP_FAULTS: Final = (
    BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, NotImplementedError, ValueError, LookupError, OverflowError,
)  # fmt: skip
"""What zipfile raises on hostile archives: RuntimeError for encrypted ones, NotImplementedError for odd methods."""


def list_members(path: Path, suffixes: Sequence[str]) -> list[ZipInfo]:
    """The members with one of the endings, in the archive's order; raises `InputError` for an archive that is none or is hostile.

    The sizes that an archive states of itself are summed and bounded here, and held to when a member is taken out.
    """
    members = [info for info in _directory(path) if not info.is_dir()]
    wanted = [info for info in members if _suffix(info) in suffixes and not _is_hidden(info)]
    for info in wanted:
        if info.flag_bits & _ENCRYPTED:
            raise InputError(f"{path.name}: {info.filename!r:.80} is encrypted; pack it without a password")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(f"{path.name}: {info.filename!r:.80} is a link; pack the file itself")
    total, bound = sum(info.file_size for info in wanted), allowed_bytes(path)
    if total > bound:
        raise InputError(
            f"{path.name}: unpacks to {total:,} bytes from {path.stat().st_size:,}; wanted at most {bound:,}: "
            "give the file itself, or pack only what is needed"
        )
    return wanted


def allowed_bytes(path: Path) -> int:
    """How much an archive of this size may unpack to."""
    return max(LEAST_ALLOWED_BYTES, MOST_TIMES_PACKED * path.stat().st_size)


def extract_member(path: Path, member: ZipInfo, target: Path) -> Path:
    """Write a member to `target`, a name of the caller's own: the member's never becomes a path."""
    with target.open("wb") as sink:
        for piece in _pieces(path, member, member.file_size):
            sink.write(piece)
    return target


def read_member(archive: Path, ending: str, *, largest: int) -> bytes:
    """The bytes of the one member whose name has this ending; raises `InputError` as `unpack_member` does."""
    return b"".join(_pieces(archive, _only(archive, ending), largest))


def unpack_member(archive: Path, ending: str, target: Path, *, largest: int) -> None:
    """Write the one member whose name has this ending to `target`, whole or not at all.

    Raises `InputError` when there is not exactly one such member, when it is larger than `largest` bytes (stated or in
    truth), or when the archive is damaged or encrypted.
    """
    draft = target.with_name(f".{target.name}.unpacked")
    try:
        with draft.open("wb") as stream:
            for piece in _pieces(archive, _only(archive, ending), largest):
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def check_member(archive: Path, ending: str, *, largest: int) -> None:
    """Raise what `unpack_member` would raise; nothing is written and nothing is held."""
    for _ in _pieces(archive, _only(archive, ending), largest):
        pass


def member_stem(member: ZipInfo) -> str:
    """`folder/communes.shp` → `communes`."""
    return PurePosixPath(member.filename.replace("\\", "/")).stem


def _directory(path: Path) -> list[ZipInfo]:
    with _naming_faults(path.name), ZipFile(path) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise InputError(
            f"{path.name}: holds {len(members):,} files; wanted at most {MOST_MEMBERS:,}: pack only what is needed"
        )
    return members


def _only(path: Path, ending: str) -> ZipInfo:
    members = _directory(path)
    found = [one for one in members if one.filename.lower().endswith(ending)]
    if len(found) != 1:
        raise InputError(
            f"{path.name}: holds {len(found)} {ending} files among {len(members)}; wanted exactly one"
        )
    return found[0]


def _pieces(path: Path, member: ZipInfo, largest: int) -> Iterator[bytes]:
    if member.file_size > largest:
        raise InputError(_too_large(path.name, member, largest))
    came = 0
    with _naming_faults(path.name), ZipFile(path) as opened, opened.open(member) as stream:
        # the stated size is the archive's own word, so what comes is counted
        while piece := stream.read(_PIECE):
            came += len(piece)
            if came > largest:
                raise InputError(_too_large(path.name, member, largest))
            yield piece


def _too_large(name: str, member: ZipInfo, largest: int) -> str:
    return (
        f"{name}: its {_suffix(member) or 'member'} file unpacks to more than the {largest:,} bytes it may be; "
        "check where the archive comes from"
    )


@contextmanager
def _naming_faults(name: str) -> Iterator[None]:
    try:
        yield
    except ZIP_FAULTS as fault:
        raise InputError(f"{name}: is not a whole zip archive ({fault}); fetch or pack it again") from None


def _suffix(member: ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _is_hidden(member: ZipInfo) -> bool:
    """What macOS puts beside the files: `__MACOSX/._communes.shp`."""
    parts = PurePosixPath(member.filename).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")

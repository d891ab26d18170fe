"""Members of an archive from outside, taken out flat and within bounds."""

import stat
import zlib
from collections.abc import Sequence
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
ZIP_FAULTS: Final = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, UnicodeDecodeError)


def list_members(path: Path, suffixes: Sequence[str]) -> list[ZipInfo]:
    """The members with one of the endings, in the archive's order; raises `InputError` for an archive that is none or is hostile.

    The sizes that an archive states of itself are summed and bounded here, and held to when a member is taken out.
    """
    try:
        with ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    except ZIP_FAULTS as fault:
        raise InputError(
            f"{path.name}: not a zip archive that can be opened ({fault}); pack it again"
        ) from fault
    if len(members) > MOST_MEMBERS:
        raise InputError(
            f"{path.name}: holds {len(members):,} files; wanted at most {MOST_MEMBERS:,}: pack only what is needed"
        )
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
    left = member.file_size
    try:
        with ZipFile(path) as archive, archive.open(member) as source, target.open("wb") as sink:
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise InputError(
                        f"{path.name}: {member.filename!r:.80} is larger than the archive says; pack it again"
                    )
                sink.write(piece)
    except ZIP_FAULTS as fault:
        raise InputError(
            f"{path.name}: {member.filename!r:.80} cannot be unpacked ({fault}); pack it again"
        ) from fault
    return target


def member_stem(member: ZipInfo) -> str:
    """`folder/communes.shp` → `communes`."""
    return PurePosixPath(member.filename.replace("\\", "/")).stem


def _suffix(member: ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _is_hidden(member: ZipInfo) -> bool:
    """What macOS puts beside the files: `__MACOSX/._communes.shp`."""
    parts = PurePosixPath(member.filename).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")

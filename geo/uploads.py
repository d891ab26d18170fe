"""Files that come through the browser: a safe name on disk, what columns they have, and the call of `add` that takes them in."""

import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR
from typing import Any, Final

from geo import confined
from geo.additions import Kind, globs_of
from geo.errors import InputError
from geo.job import Command
from geo.mends import Mend

BORDER_LINE: Final = "border_line"
"""What the page takes in beside the kinds of `add`: a border, of which the table of border units is made and added."""
LARGEST_MB: Final = 100
"""Of one file through the browser; larger ones are added on the command line."""
_TRAY: Final = "vunglom-upload-"
_TRAY_SECONDS: Final = 86_400.0
_LONGEST_NAME: Final = 80
_LONGEST_NAME_BYTES: Final = 200
_TABLES: Final = (".csv", ".xlsx")
_WIDEST: Final = 200
_LONGEST_LINE: Final = 64 * 1024

GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("code", "unit_code", "ma", "ma_xa", "maxa", "ma_don_vi", "ma_dvhc", "matinh", "shapeid", "gid_3", "gid_2", "gid_1"),
    "label": ("name", "ten", "ten_xa", "tenxa", "ten_don_vi", "ten_dvhc", "full_name", "shapename", "name_3", "name_2", "name_1"),
    "class": ("class", "loai", "type", "kind", "amenity"),
    "lat": ("lat", "latitude", "y", "vi_do", "vido"),
    "lon": ("lon", "lng", "long", "longitude", "x", "kinh_do", "kinhdo"),
    "value": ("value", "gia_tri", "giatri", "ty_le", "tyle", "so_lieu"),
}  # fmt: skip
"""Names under which publishers give what an option wants, the likeliest first, written plainly."""


def safe_name(name: str) -> str:
    """A file name for any system: the last part, letters and digits of any script, its ending in small letters.

    What else stood in it becomes `_`; it never begins with a dot or a dash, and is at most 80 characters.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, dot, ending = last.rpartition(".")
    if not dot:
        stem, ending = last, ""
    stem = re.sub(r"[^\w-]+", "_", stem, flags=re.UNICODE).strip("_-")[:_LONGEST_NAME]
    # disks count bytes: 80 letters of some scripts are 320
    stem = stem.encode("utf-8", "ignore")[:_LONGEST_NAME_BYTES].decode("utf-8", "ignore").strip("_-")
    ending = re.sub(r"[^a-z0-9]", "", ending.lower())[:10]
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem)
    stem = "tep" if not stem else f"tep_{stem}" if reserved else stem
    return f"{stem}.{ending}" if ending else stem


def endings_of(kind: str) -> tuple[str, ...]:
    """File endings that a kind of input, or a border line, comes with."""
    return tuple(dict.fromkeys(pattern.rpartition(".")[2] for pattern in globs_of(kind)))


def require_ending(kind: str, name: str) -> None:
    """Raise `InputError` for a file whose ending no reader of this kind knows."""
    known = endings_of(kind)
    if Path(safe_name(name)).suffix.removeprefix(".") not in known:
        raise InputError(
            f"{safe_name(name)}: {kind} come as {', '.join(f'.{one}' for one in known)}; wanted one of these"
        )


def sweep() -> None:
    """Remove the trays of servers that were killed: nothing waits in a queue for a day."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_TRAY}*"):
        with suppress(OSError):
            found = folder.lstat()
            if S_ISDIR(found.st_mode) and time.time() - found.st_mtime > _TRAY_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


class Tray:
    """A folder of its own for the files of one upload; `drop` removes it."""

    def __init__(self) -> None:
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=_TRAY))

    def put(self, name: str, content: bytes) -> Path:
        """Write a file under a safe name; two of one name are kept apart."""
        path = self.folder / safe_name(name)
        place = 2
        while path.exists():
            path = self.folder / f"{place}-{safe_name(name)}"
            place += 1
        try:
            path.write_bytes(content)
        except OSError:
            self.drop()
            raise
        return path

    def drop(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def columns_of(path: Path, kind: str) -> tuple[str, ...]:
    """The columns of a file, as the confined reader sees them; raises `InputError` as reading it does."""
    if path.suffix in _TABLES or (kind == Kind.INDICATOR and path.suffix == ".parquet"):
        mends = usual_mends([path])
        return tuple(str(name) for name in confined.open_table(path, mends=mends).frame.columns)[:_WIDEST]
    places = kind == Kind.PLACES
    frame = (
        confined.read_points(path, mends=usual_mends([path]))[0]
        if places
        else confined.read_polygons(path).frame
    )
    hidden = {"geometry", "file_row"}
    return tuple(str(name) for name in frame.columns if name not in hidden)[:_WIDEST]


def guess_column(columns: Sequence[str], wanted: str) -> str | None:
    """The column that most likely holds what an option wants; None where no name says so."""
    plain = {_plain(column): column for column in reversed(columns)}
    return next((plain[name] for name in GUESSES[wanted] if name in plain), None)


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "_", bare.encode("ascii", "ignore").decode().lower()).strip("_")


def add_command(
    root: Path,
    kind: str,
    paths: Sequence[Path],
    options: Mapping[str, Any],
    *,
    replace: bool = False,
    instead_of: str = "",
    mend: bool = False,
) -> Command:
    """`vunglom add` for these files; options without a value are left out. `instead_of`: sha256 of a file of the input to replace."""
    options = {**options, "instead_of": instead_of}
    arguments = [*_options(options), *(["--replace"] if replace else []), *(_mends(paths) if mend else [])]
    return Command("add", ("add", *arguments, "--json", "--", str(root), str(kind), *map(str, paths)))


def border_command(root: Path, line: Path, options: Mapping[str, Any], *, replace: bool = False) -> Command:
    """`vunglom border … --add`: the table of border units made of this line and added, in place of the one there with `replace`."""
    arguments = [*_options(options), *(["--replace"] if replace else [])]
    return Command("add", ("border", "--add", *arguments, "--json", "--", str(root), str(line)))


def new_command(
    root: Path, name: str, paths: Sequence[Path], options: Mapping[str, Any], *, mend: bool
) -> Command:
    """`vunglom new` with these boundaries."""
    given = [f"--boundaries={path}" for path in paths]
    arguments = [*given, *_options({"name": name, **options}), *(_mends(paths) if mend else [])]
    return Command("new", ("new", *arguments, "--json", "--", str(root)))


def fetch_command(root: Path, source: str, options: Mapping[str, Any], *, replace: bool = False) -> Command:
    """`vunglom fetch` of a source."""
    arguments = [*_options(options), *(["--replace"] if replace else [])]
    return Command("fetch", ("fetch", *arguments, "--json", "--", str(root), source))


def usual_mends(paths: Sequence[Path]) -> tuple[Mend, ...]:
    """What a box for "the usual mistakes" stands for: all that is found out from what is read.

    A separator is looked for, as saying it makes it so; of code pages none is guessed, as two of them fit most files.
    """
    said = (Mend.WINDOWS_1252, Mend.WINDOWS_1258, Mend.SEMICOLON)
    semicolons = any(_has_semicolons(path) for path in paths)
    return (*(one for one in Mend if one not in said), *((Mend.SEMICOLON,) if semicolons else ()))


def _has_semicolons(path: Path) -> bool:
    """Whether the first line of a CSV file sets its columns apart by semicolons."""
    if path.suffix != ".csv":
        return False
    with path.open("rb") as stream:
        first = stream.readline(_LONGEST_LINE)
    return first.count(b";") > first.count(b",")


def _mends(paths: Sequence[Path]) -> list[str]:
    return [f"--mend={one}" for one in usual_mends(paths)]


def _options(options: Mapping[str, Any]) -> list[str]:
    """`--name=value` each: a value that begins with a dash is a value all the same; control characters are none of it."""
    texts = {name: plain_text(value) for name, value in options.items() if value not in (None, "")}
    return [f"--{name.replace('_', '-')}={value}" for name, value in texts.items() if value]


def plain_text(value: Any) -> str:
    """A value as one line of text without characters that control."""
    kept = (letter for letter in str(value) if unicodedata.category(letter) not in ("Cc", "Cs", "Co", "Cn"))
    return "".join(kept).strip()

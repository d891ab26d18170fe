"""A member of an archive is found, counted and bounded, whatever the archive says of itself."""

import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.archive import check_member, read_member, unpack_member
from geo.errors import InputError

LARGEST = 10_000


def make(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_one_member_comes_out_flat(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"deep/../../x/A.TIF": b"cells", "a.pdf": b"text"})
    unpack_member(path, ".tif", tmp_path / "out.tif", largest=LARGEST)
    assert (tmp_path / "out.tif").read_bytes() == b"cells"
    assert read_member(path, ".pdf", largest=LARGEST) == b"text"
    check_member(path, ".tif", largest=5)
    assert {one.name for one in tmp_path.iterdir()} == {"a.zip", "out.tif"}


def lie(path: Path) -> Path:
    """State a size of 10 bytes where a hundred thousand come, in both headers."""
    content = make(path, {"a.tif": b"0" * 100_000}).read_bytes()
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + place
        content = content[:at] + struct.pack("<I", 10) + content[at + 4 :]
    path.write_bytes(content)
    return path


def encrypt(path: Path) -> Path:
    content = bytearray(make(path, {"a.tif": b"cells"}).read_bytes())
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def spoil(path: Path) -> Path:
    content = bytearray(make(path, {"a.tif": bytes(range(256)) * 20}, zipfile.ZIP_STORED).read_bytes())
    content[1000] ^= 0x55
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda p: make(p, {"a.pdf": b""}), r"holds 0 \.tif files among 1; wanted exactly one"),
        (lambda p: make(p, {"a.tif": b"", "b.TIF": b""}), r"holds 2 \.tif files"),
        (lambda p: make(p, {f"{n}": b"" for n in range(2_001)} | {"a.tif": b""}), "holds 2,002 files"),
        (lambda p: make(p, {"a.tif": b"0" * 50_000_000}), "unpacks to more than the 10,000 bytes"),
        (lie, "is not a whole zip|unpacks to more"),
        (encrypt, "is not a whole zip.*encrypted"),
        (spoil, "is not a whole zip.*CRC"),
        (lambda p: p.write_bytes(b"PK\x03\x04 and no more") and p, "is not a whole zip"),
        (lambda p: p.write_bytes(make(p, {"a.tif": b"1" * 5000}).read_bytes()[:-30]) and p, "is not a whole zip"),
        (lambda p: p.write_bytes(b"") or p, "is not a whole zip"),
    ],
)  # fmt: skip
def test_other_archives_are_refused_and_leave_nothing(
    tmp_path: Path, build: Callable[[Path], Path], told: str
) -> None:
    path = build(tmp_path / "a.zip")
    with pytest.raises(InputError, match=told):
        unpack_member(path, ".tif", tmp_path / "out.tif", largest=LARGEST)
    with pytest.raises(InputError, match=told):
        check_member(path, ".tif", largest=LARGEST)
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


@given(st.data())
def test_a_damaged_archive_gives_its_content_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytes(range(256)) * 10
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    whole = bytearray(make(path, {"a.tif": content}).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with suppress(InputError):
        assert read_member(path, ".tif", largest=LARGEST) == content

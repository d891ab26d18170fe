"""Proposals as data: what one says, its status and what may follow it, and how two versions differ."""

import unicodedata
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from geo.errors import InputError
from geo.schema import Technology

_LONGEST_NAME: Final = 200
_LONGEST_NOTE: Final = 1_000_000
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of controls, marks that turn or join letters unseen, halves of characters, line breaks."""


class Status(StrEnum):
    """How far a proposal has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    BUILT = "built"


TRANSITIONS: Final = {
    Status.DRAFT: (Status.SUBMITTED,),
    Status.SUBMITTED: (Status.ACCEPTED, Status.DRAFT),
    Status.ACCEPTED: (Status.BUILT, Status.SUBMITTED),
    Status.BUILT: (),
}
"""Which status may follow which; back one step to take something back, never out of `built`."""
OPEN: Final = (Status.DRAFT, Status.SUBMITTED)
"""What a proposal says may be changed while nobody relies on it."""


@dataclass(frozen=True)
class Content:
    """What a proposal says. `geometry`: GeoJSON FeatureCollection in EPSG:4326, polygons (`kind` areas) or points (sites).

    `vintage`: the list of units it was made for (`2026-04-commune`). `source`, `sha256`: the file it came from, if any,
    and `layer` the sheet or layer of it that was named.
    `cost` in the workspace's money, 0 or more; `speed_mbps` promised.
    """

    name: str
    operator: str
    technology: Technology
    kind: str
    geometry: dict[str, Any] = field(repr=False)
    vintage: str
    year: int | None = None
    cost: float | None = None
    speed_mbps: float | None = None
    source: str = ""
    sha256: str = ""
    note: str = ""
    layer: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a proposal: its content and status, who made it, when (UTC, ISO) and by which action."""

    id: str
    version: int
    at: str
    who: str
    action: str
    status: Status
    content: Content


def check_content(content: Content) -> Content:
    """The content itself, or one `InputError` with every fault of its fields (the geometry is checked where it is read)."""
    faults = [f"{name} is empty, wanted a text" for name in ("name", "operator", "vintage")
              if not str(getattr(content, name)).strip()]  # fmt: skip
    faults += [fault for name in ("name", "operator", "source", "layer", "note", "vintage")
               for fault in text_faults(name, getattr(content, name))]  # fmt: skip
    for name, unit in (("cost", ""), ("speed_mbps", " Mbps")):
        value = getattr(content, name)
        if value is not None and not 0 <= value < float("inf"):
            faults.append(f"{name} is {value:g}{unit}, wanted 0 or more")
    if content.year is not None and not 2000 <= content.year <= 2100:
        faults.append(f"year is {content.year}, wanted 2000 to 2100")
    if content.kind not in ("areas", "sites"):
        faults.append(f"kind is {content.kind!r}, wanted areas or sites")
    if not content.geometry.get("features"):
        faults.append("it has no areas and no sites")
    if faults:
        raise InputError(f"proposal {content.name[:_LONGEST_NAME]!r}: {'; '.join(faults)}")
    return content


def text_faults(name: str, text: str) -> list[str]:
    """What is wrong with a text that people are shown: its length, or letters that cannot be seen. A note may have lines."""
    most = _LONGEST_NOTE if name == "note" else _LONGEST_NAME
    found = [] if len(text) <= most else [f"{name} is longer than {most:,} characters"]
    unseen = next((letter for letter in text if unicodedata.category(letter) in _UNSEEN
                   and not (name == "note" and letter in "\n\r\t")), None)  # fmt: skip
    if unseen is not None:
        found.append(f"{name} holds a character that cannot be seen (U+{ord(unseen):04X}); delete it")
    return found


def shown_name(name: str) -> str:
    """The name of a file, which may hold anything, as a text that can be shown and kept: what cannot be seen becomes �."""
    seen = "".join("\ufffd" if unicodedata.category(letter) in _UNSEEN else letter for letter in name)
    short = seen if len(seen) <= _LONGEST_NAME else f"{seen[: _LONGEST_NAME - 1]}…"
    return short if short.strip() else "\ufffd"


def changed_fields(one: Version, other: Version) -> list[str]:
    """Names of the fields, `status` among them, in which two versions differ, with both values where they are short."""
    before, after = asdict(one.content), asdict(other.content)
    found = [
        name if name == "geometry" else f"{name} ({before[name]!r} → {after[name]!r})"
        for name in before
        if before[name] != after[name]
    ]
    return found + ([f"status ({one.status} → {other.status})"] if one.status != other.status else [])


def with_fields(content: Content, **fields: Any) -> Content:
    """The content with these fields in place of its own, those that are None left as they were."""
    return replace(content, **{name: value for name, value in fields.items() if value is not None})

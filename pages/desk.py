"""What the rollout desk holds for a visitor and for all: the drawing, the file, the ground, the store, the check."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

from geo.desk import require_inside, shapes_from_drawing, with_proposals
from geo.mends import NO_MENDS, Mend
from geo.proposal_files import read_proposal
from geo.proposal_sites import Said
from geo.proposal_store import Store
from geo.proposals import Content, check_content, shown_name
from geo.rollout import Report
from geo.rollout_desk import Desk
from geo.rollout_desk import open_desk as open_workspace
from geo.rollout_offers import offer_of
from geo.workspace import Workspace

FEATURES_KEY: Final = "desk_features"
REVISION_KEY: Final = "desk_revision"
HELD_KEY: Final = "desk_held"
BOX_KEY: Final = "desk_box"
FOCUS_KEY: Final = "desk_focus"
MOST_CORNERS_DRAWN: Final = 600
PAGE_MENDS: Final = frozenset(
    {Mend.SWAPPED, Mend.DECIMAL_COMMA, Mend.SHIFTED, Mend.MOJIBAKE, Mend.ESCAPES, Mend.DUPLICATES}
)
"""What the box on the pages mends: mess that shows itself. A separator or a code page that is said is taken at its word, so
saying it of every file would spoil those that are in order."""


@dataclass(frozen=True)
class Held:
    """Shapes that are not on the drawing board: of an uploaded file, or of a saved proposal too large to be redrawn."""

    kind: str
    geometry: dict[str, Any]
    name: str
    sha256: str = ""
    notes: tuple[str, ...] = ()
    is_file: bool = True
    layer: str = ""


def open_desk(workspace: Workspace, list_id: str, stamp: str) -> tuple[Desk, str]:
    """The desk of a workspace with the proposals as they stand, and a name for exactly this state of it.

    Raises `InputError` where the store or the population grid cannot be read.
    """
    saved = tuple(Store(workspace.root).newest())
    state = json.dumps([stamp, list_id, [(version.id, version.version) for version in saved]])
    return with_proposals(_opened(workspace.root, stamp, list_id), saved), state


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(root: Path, stamp: str, list_id: str) -> Desk:  # noqa: ARG001  # the stamp tells builds apart
    return open_workspace(root, list_id)


def features() -> list[dict[str, Any]]:
    """What is on the drawing board."""
    found: list[dict[str, Any]] = st.session_state.setdefault(FEATURES_KEY, [])
    return found


def revision() -> int:
    """Number of the drawing; a higher one replaces what is on the map."""
    return int(st.session_state.setdefault(REVISION_KEY, 0))


def put_drawing(drawn: list[dict[str, Any]]) -> None:
    """Replace the drawing on the map, from the server's side."""
    st.session_state[FEATURES_KEY] = drawn
    st.session_state[REVISION_KEY] = revision() + 1


def held() -> Held | None:
    """The shapes that stand in place of a drawing, if any."""
    found: Held | None = st.session_state.get(HELD_KEY)
    return found


def held_notes() -> tuple[str, ...]:
    """What the reader of the uploaded file said of it; nothing of a drawing."""
    found = held()
    return found.notes if found else ()


def redraw(geometry: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Saved shapes as a drawing, circles as circles; None where they are too many, or say more than a drawing can."""
    drawn: list[dict[str, Any]] = []
    for feature in geometry["features"]:
        properties = dict(feature.get("properties") or {})
        circle = properties.pop("circle", None)
        if properties:
            return None
        if circle:
            place = {"type": "Point", "coordinates": [circle["lon"], circle["lat"]]}
            drawn.append(_feature(place, kind="circle", radius=circle["radius"]))
            continue
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        kind = "site" if shape["type"] == "Point" else "area"
        single = "Point" if kind == "site" else "Polygon"
        drawn += [_feature({"type": single, "coordinates": one}, kind=kind) for one in polygons]
    return drawn if len(json.dumps(drawn)) < 50 * MOST_CORNERS_DRAWN else None


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@contextmanager
def as_file(name: str, content: bytes) -> Iterator[Path]:
    """What was uploaded as a file of its own for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="vunglom-upload-") as folder:
        # the visitor's name for the file reaches no path but by its ending
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        yield path


def read_upload(
    name: str, content: bytes, about: "About", desk: Desk, *, mend: bool, layer: str | None = None
) -> Held:
    """The shapes of an uploaded file; raises `InputError` as the confined reader does.

    `mend`: known mess is mended. `layer`: the sheet or layer to read of a file that has several.
    """
    mends = PAGE_MENDS if mend else NO_MENDS
    said = Said(operator=about.operator, technology=about.technology, layer=layer, mends=mends)
    with as_file(name, content) as path:
        read, notes = read_proposal(
            path,
            said,
            vintage=desk.units.id,
            region=desk.region,
            most_sites=desk.rules.rollout.most_sites,
        )
    return Held(read.kind, read.geometry, shown_name(name), read.sha256, tuple(notes), layer=read.layer)


@dataclass(frozen=True)
class About:
    """What the form says of a proposal."""

    operator: str
    technology: Any
    year: int | None
    cost: float | None
    speed_mbps: float | None


def content_of(desk: Desk, about: About, name: str) -> Content:
    """The proposal on the desk; raises `DeskError` for a drawing that cannot be used, `InputError` for a field."""
    given = held()
    if given is None:
        kind, geometry = shapes_from_drawing(features(), desk.rules.rollout.most_sites)
    else:
        kind, geometry = given.kind, given.geometry
    return check_content(
        Content(
            name=name,
            operator=about.operator,
            technology=about.technology,
            kind=kind,
            geometry=geometry,
            vintage=desk.units.id,
            year=about.year,
            cost=about.cost,
            speed_mbps=about.speed_mbps,
            source=given.name if given and given.is_file else "",
            sha256=given.sha256 if given and given.is_file else "",
            layer=given.layer if given and given.is_file else "",
        )
    )


def check_one(desk: Desk, state: str, content: Content, key: str, status: str) -> Report:
    """The check of one proposal; raises `DeskError` where it lies outside the region, `InputError` else."""
    mark = json.dumps(
        [state, content.operator, str(content.technology), content.kind, content.geometry, content.year, content.cost,
         content.speed_mbps, key, status, list(held_notes())]
    )  # fmt: skip
    return _checked(desk, content, key, status, mark)


@st.cache_resource(max_entries=64, show_spinner=False)
def _checked(_desk: Desk, _content: Content, key: str, status: str, mark: str) -> Report:  # noqa: ARG001
    offer, notes = offer_of(_content, key, status)
    require_inside(_desk.ground, offer)
    # what the reader of an uploaded file mended goes along into what is taken home
    return _desk.check([offer], {key: [*held_notes(), *notes]})

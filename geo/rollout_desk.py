"""A built workspace opened for checks: its ground, its stored proposals, and proposals found by file or by id."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np

from geo import input_rasters
from geo.errors import CallError, InputError, VintageError
from geo.indicator_places import own_columns
from geo.inputs import UnitsInput
from geo.operators import OPERATORS, operator_key
from geo.pipeline import rejudge_with
from geo.proposal_files import read_proposal
from geo.proposal_sites import Said
from geo.proposal_store import Store
from geo.proposals import Content, Status, Version, check_content, shown_name
from geo.results import Built, UnitList, read_built
from geo.rollout import Report, check_proposals
from geo.rollout_areas import Ground, Offer, prepare_ground
from geo.rollout_lay import lay
from geo.rollout_offers import offer_of, offer_of_version
from geo.rollout_units import Rejudge
from geo.rules import Rules, load_rules
from geo.schema import Level, Vintage
from geo.workspace import load_workspace

KNOWN_OPERATORS: Final = (*dict.fromkeys(OPERATORS.values()), "VNPT", "FPT")
"""Operators of Vietnam (DESIGN §6); those of a workspace's own coverage and proposals come to them."""
_ID: Final = re.compile(r"p[1-9][0-9]{0,8}")


@dataclass(frozen=True, eq=False)
class Desk:
    """Everything a check needs, read once; `proposals`: the newest version of each stored one."""

    root: Path
    built: Built
    units: UnitList
    rules: Rules
    ground: Ground
    rejudge: Rejudge
    proposals: tuple[Version, ...]

    def check(self, offers: Sequence[Offer], notes: Mapping[str, Sequence[str]] | None = None) -> Report:
        """`geo.rollout.check_proposals` by the workspace's rules; `notes`: per offer's key, what the reader said of it."""
        return check_proposals(
            self.ground,
            offers,
            self.rejudge,
            rules=self.rules.rollout,
            operator_share=self.rules.operator_share,
            notes=notes,
        )

    @property
    def region(self) -> list[float]:
        """West, south, east, north of the units."""
        return [float(edge) for edge in self.ground.units.total_bounds]


def open_desk(root: Path, units: str = "") -> Desk:
    """Open the workspace at `root`; `units` names a list of units, the first by default.

    Raises `NotBuiltError` where it is not built, `CallError` for a list that is not there.
    """
    workspace = load_workspace(root)
    built = read_built(root)
    if units and units not in built.lists:
        raise CallError(f"no list of units {units!r} here; there are {', '.join(built.lists)}")
    chosen = built.lists[units] if units else built.primary
    # units are judged again as they were built, or a change of the rules would pass for what a proposal does
    rules = replace(
        load_rules(built.manifest["rules"], source="manifest.json"), rollout=workspace.rules.rollout
    ).with_own(set(chosen.indicators["indicator"]))
    grid = input_rasters.read_population_input(workspace, [_as_input(chosen)])
    proposals = tuple(Store(root).newest())
    result = chosen.result
    told = result.assign(**own_columns(chosen.indicators, result["unit_code"]))
    ground = prepare_ground(
        told,
        built.coverage_areas,
        chosen.coverage,
        grid=grid,
        places=built.places,
        plans=[offer_of_version(version) for version in proposals if version.status != Status.DRAFT],
        evidence_order=rules.coverage_evidence,
    )
    return Desk(
        root, built, chosen, rules, ground, rejudge_with(rules, told.drop(columns="geometry")), proposals
    )


def _as_input(units: UnitList) -> UnitsInput:
    """The built list as what the reader of the grid asks about: where its units are."""
    nothing = gpd.GeoDataFrame(geometry=[], crs=4326)
    return UnitsInput(
        units.id, Vintage(units.vintage), Level(units.level), units.result, np.zeros(len(units.result), dtype=bool), nothing, ()
    )  # fmt: skip


def find_proposal(
    desk: Desk, given: str, said: Said, *, new_operator: bool = False
) -> tuple[Offer, list[str]]:
    """The offer that a file or the id of a stored proposal stands for, and what is to be said of it."""
    path = Path(given)
    if is_stored(given):
        version = Store(desk.root).get(given)
        require_same_vintage(desk, version.id, version.content)
        return offer_of(version.content, version.id, str(version.status))
    content, notes = read_content(desk, path, said, new_operator=new_operator)
    offer, left = offer_of(content, shown_name(path.name))
    return offer, [*notes, *left]


def is_stored(given: str) -> bool:
    """Whether a proposal is named by its id: a file without an ending is never read, so none is meant."""
    return _ID.fullmatch(given) is not None


def read_content(
    desk: Desk, path: Path, said: Said, *, new_operator: bool = False
) -> tuple[Content, list[str]]:
    """The checked content of a file for this workspace's list of units."""
    content, notes = read_proposal(
        path, said, vintage=desk.units.id, region=desk.region, most_sites=desk.rules.rollout.most_sites
    )
    check_content(content)
    if not new_operator:
        require_operator(desk, content.operator)
    return content, notes


def admit(desk: Desk, content: Content) -> None:
    """Raise `InputError` for a content that could never be checked: none of it inside the units, or no site that can be modelled."""
    offer, _ = offer_of(check_content(content), content.source or content.name)
    lay(desk.ground, offer, [offer.key])


def require_operator(desk: Desk, name: str) -> None:
    """Raise `InputError` for an operator nobody has heard of here: more often a slip than a newcomer."""
    stored = [version.content.operator for version in desk.proposals]
    known = {operator_key(one): one for one in (*KNOWN_OPERATORS, *stored)}
    keys = {key for claims in desk.ground.coverage.values() for key in claims.keys} | set(known)
    if operator_key(name) not in keys:
        wanted = ", ".join(sorted(known.get(key, key) for key in keys))
        raise InputError(
            f"operator {name!r} is not known here; wanted one of {wanted}; a newcomer is let in with --new-operator"
        )


def require_same_vintage(desk: Desk, key: str, content: Content) -> None:
    """Raise `VintageError` unless the proposal was made for the list of units it is checked against."""
    if content.vintage != desk.units.id:
        listed = (
            "choose it with --units"
            if content.vintage in desk.built.lists
            else "this workspace does not have it"
        )
        raise VintageError(
            f"{key} was made for the list of units {content.vintage}, the check is against {desk.units.id}: {listed}, or restate the proposal "
            f"for this list (its areas stay as they are): vunglom proposals {desk.root} revise {key} --restate"
        )

"""The one way files come into a workspace: under its lock, can they be built, is there room for them, then copied."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import confined, input_points, input_rasters, inputs
from geo.arrays import ObjectArray
from geo.coverable import require_coverable
from geo.crs import Bounds
from geo.errors import InputError, WorkspaceError
from geo.files import one_at_a_time, sha256_of
from geo.indicator_places import require_placed
from geo.indicators import own_id, read_indicator
from geo.input_options import list_id, quarter_and_network
from geo.inputs import NamedFile
from geo.operators import one_spelling
from geo.quality import Finding, Severity, count_severities, findings_as_json, severities_text
from geo.workspace import Provenance, Workspace, add_input, clear_drafts, load_workspace

_LOCATED: Final = ("coverage", "places", "sites")
"""Kinds whose coordinates are held against the region of the units."""

_RASTERS: Final = {
    "population": "people would count twice",
    "friction": "a way would have two lengths",
}
"""Kinds of which a workspace has one file, and why."""
MOST_LINES: Final = 10
"""Findings that an add lists in words; `--json` and the report of a build list all."""

Group = tuple[list[NamedFile], dict[str, Any], Provenance]
"""Files that make one input, its options, and where it came from."""


def add_groups(
    root: Path, kind: str, groups: Sequence[Group], *, replace: bool = False, instead_of: str = ""
) -> list[Finding]:
    """Check inputs of one kind, put them into the workspace at `root`, whoever else is adding to it, and return what was found.

    With `replace` they take the place of all inputs of this kind, of indicators of those with the same name; `instead_of`: of the one
    input that holds a file whose sha256 begins so. Raises what `check_additions` raises, before anything is written; waits while another process adds.
    """
    load_workspace(root)  # a folder that is no workspace gets no lock either
    with one_at_a_time(root, "add"):
        clear_drafts(root)
        # read under the lock: an input that another process added meanwhile must not be lost
        workspace = load_workspace(root)
        if instead_of:
            workspace = _without_input(workspace, kind, instead_of)
        if replace and kind == "indicator":
            # indicators stand beside one another: only those of these names give way
            workspace, replace = _without_indicators(workspace, groups), False
        findings = check_additions(workspace.without(kind) if replace else workspace, kind, groups)
        for place, (files, options, known) in enumerate(groups):
            workspace = add_input(
                workspace,
                kind,
                [file.path for file in files],
                options=options,
                provenance=known,
                replace_same=replace and place == 0,
            )
    return findings


def admission_lines(findings: Sequence[Finding], *, notes: bool = True) -> list[str]:
    """What was mended or set aside, one line each and the gravest first; `notes`: what is for the record only as well."""
    rows = [row for row in findings_as_json(findings) if notes or row["severity"] != str(Severity.NOTE)]
    if not rows:
        return []
    lines = [f"  {row['severity']} {row['code']}: {_sentence(row)}" for row in rows[:MOST_LINES]]
    more = len(rows) - len(lines)
    left = [f"  … {more:,} more; --json lists all, `vunglom quality` does after a build"] if more else []
    return [f"found on the way in: {severities_text(count_severities(rows))}", *lines, *left]


def _sentence(row: Mapping[str, Any]) -> str:
    where = f"{row['file']}: row {row['row']}" if row["row"] else row["file"]
    text = row["message"] if row["file"] in row["message"] else f"{where}: {row['message']}"
    return "; ".join(filter(None, (text, row["done"], row["mend"])))


def _without_input(workspace: Workspace, kind: str, sha256: str) -> Workspace:
    """The workspace without the one input of a kind that holds a file whose sha256 begins so; nothing is written."""
    held = [
        given
        for given in workspace.of_kind(kind)
        if any(file.sha256.startswith(sha256) for file in given.files)
    ]
    if len(held) != 1:
        known = ", ".join(
            f"{file.sha256[:8]} ({file.name})" for given in workspace.of_kind(kind) for file in given.files
        )
        raise WorkspaceError(
            f"{len(held)} inputs of {kind} hold a file whose sha256 begins with {sha256!r}, wanted one; there are {known or 'none'}"
        )
    return dataclasses.replace(
        workspace, inputs=tuple(given for given in workspace.inputs if given is not held[0])
    )


def _without_indicators(workspace: Workspace, groups: Sequence[Group]) -> Workspace:
    names = {own_id(options) for _, options, _ in groups}
    kept = tuple(
        given for given in workspace.inputs if given.kind != "indicator" or own_id(given.options) not in names
    )
    return dataclasses.replace(workspace, inputs=kept)


def check_additions(workspace: Workspace, kind: str, groups: Sequence[Group]) -> list[Finding]:
    """What was mended or set aside in inputs of one kind; raises what building with them would raise; writes nothing."""
    outlines = inputs.outlines_of_boundaries(workspace) if kind in _LOCATED else np.empty(0, dtype=object)
    region = inputs.around(outlines) if len(outlines) else None
    findings = _check_coverage(workspace, groups, outlines) if kind == "coverage" else []
    for files, options, _ in groups:
        if kind == "boundaries":
            findings += _check_boundaries(workspace, files, options)
        else:
            findings += _check_files(workspace, kind, files, options, region)
    if kind == "boundaries":
        _require_new_list(workspace, groups)
    elif kind in _RASTERS:
        _require_only_raster(workspace, kind, groups)
    elif kind == "speed":
        _require_new_tiles(workspace, groups)
    elif kind == "indicator":
        _require_new_indicator(workspace, groups)
    return findings


def _check_files(
    workspace: Workspace,
    kind: str,
    files: Sequence[NamedFile],
    options: dict[str, Any],
    region: Bounds | None,
) -> list[Finding]:
    if kind == "population":
        input_rasters.read_grid(files[0], inputs.read_unit_lists(workspace))
    elif kind == "friction":
        input_rasters.read_friction(files[0], inputs.read_unit_lists(workspace))
    findings: list[Finding] = []
    for file in files:
        if kind == "speed":
            quarter_and_network(file.name, str(file.path), options)
            confined.read_tiles(file.path)
        elif kind == "places":
            findings += input_points.read_places_file(file, options, region)[1]
        elif kind == "sites":
            findings += input_points.read_sites_file(file, options, region)[1]
        elif kind == "indicator":
            given = read_indicator(file, options)
            findings += [*given.findings, *require_placed(given, inputs.read_unit_lists(workspace))]
    return findings


def _check_coverage(workspace: Workspace, groups: Sequence[Group], outlines: ObjectArray) -> list[Finding]:
    """Read the files of claims and hold them against the units, each other, and the claims they will be put together with."""
    region = inputs.around(outlines) if len(outlines) else None
    read = [
        inputs.read_coverage_file(file, options, region) for files, options, _ in groups for file in files
    ]
    kinds = {(options["technology"], options["evidence"]) for _, options, _ in groups}
    known = [inputs.read_coverage(workspace, region, *kind)[0] for kind in sorted(kinds)]
    frames = [claims for claims in (*known, *(claims for claims, _ in read)) if claims is not None]
    claims = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    # as the build puts them together
    require_coverable(claims.assign(operator=one_spelling(claims["operator"])), [outlines])
    return [finding for _, findings in read for finding in findings]


def _check_boundaries(
    workspace: Workspace, files: Sequence[NamedFile], options: dict[str, Any]
) -> list[Finding]:
    """Read a list of units and hold it against the coverage there is."""
    found = inputs.read_boundaries(files, options)
    known, _ = inputs.read_coverage(workspace, inputs.region_of([found]))
    if known is not None:
        require_coverable(known, [found.units.geometry.to_numpy()])
    return list(found.findings)


def _require_new_list(workspace: Workspace, groups: Sequence[Group]) -> None:
    for files, options, _ in groups:
        name = list_id(options, files[0].name)
        hashes = [sha256_of(file.path) for file in files]
        for known in workspace.of_kind("boundaries"):
            same = known.options == options and [file.sha256 for file in known.files] == hashes
            if not same and list_id(known.options, known.files[0].name) == name:
                raise WorkspaceError(
                    f"{files[0].name}: the workspace has units of vintage and level {name} already (from {known.files[0].name}); "
                    "wanted one input per list of units. Say which list these are with --vintage and --level, or put them in place of all with --replace"
                )


def _require_only_raster(workspace: Workspace, kind: str, groups: Sequence[Group]) -> None:
    given = groups[0][0][0]
    for known in (file for entry in workspace.of_kind(kind) for file in entry.files):
        if known.sha256 != sha256_of(given.path):
            raise WorkspaceError(
                f"{given.name}: the workspace has a {kind} raster already ({known.name}), and {_RASTERS[kind]}; "
                "wanted one raster of the whole region. Put this one in its place with --replace"
            )


def _require_new_indicator(workspace: Workspace, groups: Sequence[Group]) -> None:
    for files, options, _ in groups:
        name = own_id(options)
        for known in workspace.of_kind("indicator"):
            same = known.options == options and known.files[0].sha256 == sha256_of(files[0].path)
            if not same and own_id(known.options) == name:
                raise WorkspaceError(
                    f"{files[0].name}: the workspace has an indicator {name} already (from {known.files[0].name}); "
                    "give this one another --name or --id, or put it in the other's place with --replace"
                )


def _require_new_tiles(workspace: Workspace, groups: Sequence[Group]) -> None:
    """Raise `InputError` when a tile of a network and quarter stands in two different files."""
    seen = {
        (file.sha256, str(entry.options.get("network")), str(entry.options.get("quarter"))): NamedFile(
            workspace.resolve(file), file.name
        )
        for entry in workspace.of_kind("speed")
        for file in entry.files
    }
    for files, options, _ in groups:
        for file in files:
            quarter, network = quarter_and_network(file.name, str(file.path), options)
            key = (sha256_of(file.path), str(network), quarter)
            for (digest, *period), other in seen.items():
                if period == [str(network), quarter] and digest != key[0]:
                    _require_disjoint(file, other, f"{network} {quarter}")
            seen[key] = file


def _require_disjoint(file: NamedFile, other: NamedFile, period: str) -> None:
    keys = confined.read_tiles(file.path)["quadkey"]
    twice = keys[np.isin(keys, confined.read_tiles(other.path)["quadkey"])]
    if len(twice):
        raise InputError(
            f"{file.name}: {len(twice)} tiles of {period} (first {twice.iloc[0]}) stand in {other.name} as well, so their tests would count twice; "
            "wanted one file per network and quarter. Keep one of the two, or put this one in place of all with --replace"
        )

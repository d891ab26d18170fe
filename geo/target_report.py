"""Every target of a workspace judged on one list of units: what the command `targets` prints and the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.indicator_places import own_columns
from geo.results import Built, UnitList
from geo.rules import load_rules
from geo.targets import Target, judge_targets, load_targets, sum_by_province
from geo.workspace import CONFIG_NAME


@dataclass(frozen=True)
class TargetReport:
    """`by_unit` with `TARGET_COLUMNS`, `by_province` with `PROVINCE_COLUMNS` of `geo.targets`."""

    targets: tuple[Target, ...]
    by_unit: pd.DataFrame
    by_province: pd.DataFrame


def known_targets(given: Sequence[dict[str, Any]], units: UnitList) -> tuple[Target, ...]:
    """The national targets and the workspace's tables [[targets]]; raises `WorkspaceError` listing every fault."""
    return load_targets(given, units.indicators["indicator"].unique().tolist(), source=CONFIG_NAME)


def report_targets(built: Built, units: UnitList, targets: Sequence[Target]) -> TargetReport:
    """The targets judged by the rules of the build, since the figures are those of the build."""
    rules = load_rules(built.manifest["rules"], source="manifest.json")
    communes = pd.DataFrame(units.result.drop(columns="geometry"))
    communes = communes.assign(**own_columns(units.indicators, communes["unit_code"]))
    by_unit = judge_targets(communes, targets, rules)
    return TargetReport(tuple(targets), by_unit, sum_by_province(by_unit, targets))

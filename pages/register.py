"""The pages of the app in the order of the switch, and the widgets that belong to each.

A page is a module of this package with `show(workspace, built, assets, language)`; it is imported when first shown.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Page:
    """A page: its name in the address, its module, the keys of its widgets.

    `linked`: widgets whose choice is part of the address. `kept`: the others that keep their choice while another page
    is shown. A key may belong to several pages.
    """

    name: str
    module: str
    linked: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


REGISTER: Final = (
    Page(
        "map",
        "pages.map",
        linked=(
            "list", "indicator", "overlay", "operators", "points", "unit", "where", "limit", "evidence", "opacity", "order",
            "level", "quarter", "compare",
        ),
        kept=("ranking_sort", "ranking_down"),
    ),
    Page("unit", "pages.unit", linked=("list", "unit"), kept=("brief_which",)),
    Page(
        "trends",
        "pages.trends",
        linked=("list", "trend_network", "trend_show", "unit"),
        kept=("trend_table_sort", "trend_table_down"),
    ),
    Page(
        "check",
        "pages.check",
        linked=("indicator",),
        kept=(
            "offer_operator", "offer_technology", "offer_year", "offer_cost", "offer_speed", "offer_view", "save_name",
            "save_who",
        ),
    ),
    Page(
        "suggest",
        "pages.suggest",
        linked=(
            "plan_technology", "plan_limit", "plan_sites", "plan_budget", "plan_cost", "plan_reach", "plan_radius",
            "plan_candidates", "plan_grid", "plan_need", "plan_time",
        ),
    ),
    Page(
        "targets",
        "pages.targets",
        linked=("list", "target", "unit"),
        kept=("target_table_sort", "target_table_down"),
    ),
    Page(
        "data",
        "pages.data",
        linked=("list", "data_view", "severity", "finding_code", "finding", "unit"),
        kept=("findings_table_sort", "findings_table_down"),
    ),
    Page("export", "pages.export", linked=("list", "take", "take_format", "indicator", "where")),
    Page("method", "pages.method", linked=("term",)),
)  # fmt: skip
PAGES: Final = tuple(page.name for page in REGISTER)
LINKED_KEYS: Final = tuple(dict.fromkeys(key for page in REGISTER for key in page.linked))
WIDGET_KEYS: Final = tuple(dict.fromkeys((*LINKED_KEYS, *(key for page in REGISTER for key in page.kept))))


def page_of(name: str | None) -> Page:
    """The page of that name; the first one for any other."""
    return next((page for page in REGISTER if page.name == name), REGISTER[0])

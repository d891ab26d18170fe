"""The English words of the trends page; the same keys as `layers.words_trends_vi`."""

from typing import Final

TRENDS_EN: Final[dict[str, str]] = {
    "page_trends": "Trends",
    "trends_title": "Who falls behind, who catches up",
    "trends_hint": "Each unit is set beside the list's median over the quarters. “Falling behind” is said only where the distance widens, 90% sure, over at least four quarters. The speed of a unit that falls behind may still rise, only more slowly.",
    "trend_network": "Network",
    "trend_network_mobile": "Mobile",
    "trend_network_fixed": "Fixed (Wi-Fi)",
    "trend_show": "Show",
    "trend_show_all": "All",
    "trend_axis": "Mbps a year, 90% interval",
    "trend_per_year": "{trend} Mbps a year",
    "trend_now": "Speed now",
    "trend_quarters": "Quarters with tests",
    "trend_chart": "How much faster each year",
    "trend_chart_hint": "The mark is the estimate, the line its 90% interval. Click a mark to choose the unit on the map.",
    "trend_multiples": "Unit by unit over the quarters",
    "trend_multiples_hint": "Strong line: the unit's measured mean by quarter. Pale line: the list's median. One scale for all, from 0.",
    "trend_scale": "Top of the scale: {top}; quarters from {first} to {last}.",
    "trend_more": "{shown} of {count} units are shown; the table below has all.",
    "trend_table": "Table of trends",
    "trend_none": "No unit has a trend yet: tests of at least four quarters are needed.",
    "trend_empty": "No unit is in this group.",
    "trends_csv": "Download CSV",
}

"""The English words of the export page; the same keys as `layers.words_take_vi`."""

from typing import Final

TAKE_EN: Final[dict[str, str]] = {
    "page_export": "Export",
    "filter_verdict": "Verdict: {words}",
    "filter_district": "District: {words}",
    "filter_covers": "{operator} covers at least half of the people with {technology}",
    "filter_covers_not": "{operator} covers less than half of the people with {technology}",
    "filter_border_yes": "At the country's outline (border or coast)",
    "filter_border_no": "Not at the country's outline",
    "filter_remote": "{km} km or more from a town",
    "filter_side_<": "{name} below {value}",
    "filter_side_<=": "{name} at most {value}",
    "filter_side_>": "{name} above {value}",
    "filter_side_>=": "{name} at least {value}",
    "sheet_list": "Units: {level}, list {vintage}",
    "sheet_outside": "Outside the filter: not coloured, not counted in the legend",
    "take_count": "The filter lets in {units} of {of} units",
    "take_not_known": "{count} units left out because a figure asked for is not known",
    "sheet_outside_short": "outside the filter",
    "sheet_table": "Table of figures ({count} units)",
}

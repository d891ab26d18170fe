"""The English words of the guided start and the states of the app; the same keys as `layers.words_guide_vi`."""

from typing import Final

GUIDE_EN: Final[dict[str, str]] = {
    "guide_title": "Start in a minute",
    "guide_lead": "Warmer colours are further behind. Click a commune to see why.",
    "guide_worst": "1. See the one furthest behind",
    "guide_worst_help": "Opens the reasons and the evidence of the commune at the top of the list",
    "guide_gaps": "2. Keep the gaps alone",
    "guide_gaps_help": "Dims all other units on the map; the table below holds the gaps alone",
    "guide_take": "3. Take the gaps as GeoJSON",
    "guide_take_help": "A file that QGIS opens, with its sources, date and method",
    "guide_own": "4. Use your own data",
    "guide_own_help": "Three steps: boundaries, figures, build and see",
    "guide_close": "Close",
    "fault_unforeseen": "Something unforeseen went wrong while this part was drawn; figures and your data are unchanged. Load the page again; if it stays, tell the administrator the code {reference}: the server's log has the whole of it under that code.",
}

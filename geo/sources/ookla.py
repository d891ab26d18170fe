"""Ookla open data: fixed and mobile speed tests, aggregated to zoom-16 tiles, one file per network and quarter.

Path template, columns, licence and citation as the publisher's repository `teamookla/ookla-open-data` documents them.
"""

import re
from typing import Final

from geo.schema import Network

PUBLISHER: Final = "Ookla"
LICENCE: Final = "CC BY-NC-SA 4.0 (non-commercial, share alike)"
CITATION: Final = "Speedtest by Ookla Global Fixed and Mobile Network Performance Map Tiles; Ookla trademarks used under license and reprinted with permission"

_FILE_NAME: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>01|04|07|10)-01_performance_(?P<network>fixed|mobile)_tiles"
)
_FOLDERS: Final = re.compile(r"year=(?P<year>\d{4})[/\\]quarter=(?P<quarter>[1-4])")
_TYPE: Final = re.compile(r"type=(?P<network>fixed|mobile)")
QUARTER: Final = re.compile(r"^\d{4}Q[1-4]$")


def quarter_of(path: str) -> str | None:
    """`…/2022-07-01_performance_mobile_tiles.parquet` or `year=2022/quarter=3` → `2022Q3`; None when neither is there."""
    if named := _FILE_NAME.search(path):
        return f"{named['year']}Q{(int(named['month']) + 2) // 3}"
    if folders := _FOLDERS.search(path):
        return f"{folders['year']}Q{folders['quarter']}"
    return None


def network_of(path: str) -> Network | None:
    """The network the publisher's file name or folder states; None when it states none."""
    found = _FILE_NAME.search(path) or _TYPE.search(path)
    return Network(found["network"]) if found else None


def quarter_end(quarter: str) -> str:
    """`2022Q3` → `2022-09-30`: the last day a quarter's tests can be from."""
    year, number = quarter.split("Q")
    return f"{year}-{('03-31', '06-30', '09-30', '12-31')[int(number) - 1]}"

"""Ookla open data: fixed and mobile speed tests, aggregated to zoom-16 tiles, one file per network and quarter.

Seen as a stored copy: README of github.com/teamookla/ookla-open-data (path template, "Download via URL", columns, quarters,
CC BY-NC-SA 4.0; it warns that files are made anew from time to time, so the same quarter can change). Files of 2023Q2 to
2026Q2 have, by public accounts of their schema: quadkey, tile (WKT), tile_x, tile_y (degrees), avg_d_kbps, avg_u_kbps,
avg_lat_ms, avg_lat_down_ms, avg_lat_up_ms (integers or reals, with gaps), tests, devices. The newest quarter is found by
asking for each file's head from today backwards: the bucket may be listed by anybody, and S3 then answers 404 for what is not there
(AWS, HeadObject; 403 where it may not be listed), which needs no second format to be read.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from geo.address import Address
from geo.errors import CallError, InputError
from geo.schema import Network
from geo.sources.table import Source

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


SOURCE: Final = Source(
    name="ookla",
    publisher=PUBLISHER,
    licence=LICENCE,
    citation=CITATION,
    # github.com/teamookla/ookla-open-data, README, "Download via URL"
    addresses={
        "tiles": "https://ookla-open-data.s3.amazonaws.com/parquet/performance/type={network}/year={year}/quarter={quarter}/{file}"
    },
)
FIRST_QUARTER: Final = "2019Q1"
LATEST: Final = "latest-published"


def file_name(network: Network, quarter: str) -> str:
    """`2022-07-01_performance_mobile_tiles.parquet`."""
    year, number = quarter.split("Q")
    return f"{year}-{int(number) * 3 - 2:02}-01_performance_{network}_tiles.parquet"


def tiles_address(network: Network, quarter: str, mirrors: Mapping[str, str]) -> Address:
    """Where the tiles of one network and quarter are."""
    year, number = quarter.split("Q")
    return SOURCE.address(
        "tiles", mirrors, network=network, year=year, quarter=number, file=file_name(network, quarter)
    )


def quarter_number(quarter: str) -> int:
    """Quarters counted through the years, so that the next is one more."""
    year, number = quarter.split("Q")
    return int(year) * 4 + int(number) - 1


def quarter_named(number: int) -> str:
    """The reverse of `quarter_number`."""
    return f"{number // 4}Q{number % 4 + 1}"


def parse_quarters(text: str) -> tuple[str, str]:
    """`2023Q1..2023Q4`, `2023Q1..latest-published` or `2023Q1` → first and last; raises `CallError` with the forms."""
    first, dots, last = text.partition("..")
    last = last if dots else first
    ends = [end for end in (first, last) if end != LATEST]
    if not all(QUARTER.match(end) and end >= FIRST_QUARTER for end in ends) or (first == LATEST != last):
        raise CallError(
            f"the quarters are {text!r}; wanted 2023Q1, 2023Q1..2023Q4 or 2023Q1..{LATEST}, from {FIRST_QUARTER} on"
        )
    if len(ends) == 2 and first > last:
        raise CallError(f"the quarters {text!r} run backwards; wanted the earlier one first")
    return first, last


def recognise(head: bytes) -> str | None:
    """None for the beginning of a parquet file."""
    return (
        None
        if head.startswith(b"PAR1")
        else "sent something that is not parquet; check the mirror or try again later"
    )


def check(path: Path) -> None:
    """Raise `InputError` unless the file ends as parquet does."""
    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError) as fault:
        raise InputError(f"not a whole parquet file ({fault})") from None

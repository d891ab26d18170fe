"""WorldPop Global 2015–2030, release R2025A: people per cell of 3 arc-seconds, one GeoTIFF per country and year.

Seen as stored copies: hub.worldpop.org (CC BY 4.0 for WorldPop datasets) and the manual of the R package mongolmaps (release
R2025A, 2015 to 2030, constrained counts, CC BY 4.0). The folder data.worldpop.org/GIS/Population/Global_2015_2030/R2025A/
({year}/{ISO3}/v1/100m/constrained) and the release statement beside it were not found stored; folder and file name are those
that public programs ask, among them …/2025/ARE/v1/100m/constrained/are_pop_2025_CN_100m_R2025A_v1.tif.
"""

from pathlib import Path
from typing import Final

import rasterio
from rasterio.errors import RasterioError

from geo.errors import InputError
from geo.sources.table import Source

SOURCE: Final = Source(
    name="worldpop",
    publisher="WorldPop, University of Southampton",
    licence="CC BY 4.0",
    citation="WorldPop (www.worldpop.org), Global 2015-2030 population counts, constrained, 100 m, R2025A v1 (alpha)",
    addresses={
        "country": "https://data.worldpop.org/GIS/Population/Global_2015_2030/R2025A/{year}/{country}/v1/100m/constrained/{file}",
    },
)
YEARS: Final = range(2015, 2031)


def file_name(country: str, year: int) -> str:
    """`vnm_pop_2025_CN_100m_R2025A_v1.tif`."""
    return f"{country.lower()}_pop_{year}_CN_100m_R2025A_v1.tif"


def recognise(head: bytes) -> str | None:
    """None for the beginning of a TIFF or BigTIFF."""
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return None
    return "sent something that is not a GeoTIFF; check the year and the country, or the mirror"


def check(path: Path) -> None:
    """Raise `InputError` unless every block of the raster can be read: a TIFF cut short opens without complaint."""
    try:
        with rasterio.open(path, driver="GTiff") as source:
            for _, window in source.block_windows(1):
                source.read(1, window=window)
    except RasterioError as fault:
        raise InputError(f"the GeoTIFF is not whole ({fault})") from None

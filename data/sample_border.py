"""The edge of the sample's world: hand-set points along the border with Cambodia, and a box on the other sides; who lies at it."""

from typing import Final

import shapely

from data.sample_sources import to_plane_m

CAMBODIA_BORDER: Final = (
    (105.900, 11.650), (106.060, 11.700), (106.200, 11.670), (106.330, 11.670), (106.425, 11.665),
    (106.460, 11.690), (106.440, 11.750), (106.455, 11.800), (106.415, 11.860), (106.410, 11.940),
    (106.450, 11.980), (106.520, 11.970), (106.590, 11.985), (106.660, 11.970), (106.730, 11.970),
    (106.760, 12.030), (106.790, 12.070), (106.870, 12.065), (106.950, 12.065), (107.000, 12.100),
    (107.080, 12.140), (107.140, 12.200), (107.160, 12.270), (107.230, 12.300), (107.350, 12.330),
    (107.490, 12.337), (107.560, 12.420), (107.600, 12.600),
)  # fmt: skip
"""Longitude, latitude (EPSG:4326), west to east, set by hand from general knowledge of the border; good to some km."""

BORDER_UNITS: Final = ("25222", "25225", "25279", "25280", "25294", "25308", "25309", "25318")
"""Bù Gia Mập, Đak Ơ, Lộc Tấn, Lộc Thạnh, Lộc Thành, Thiện Hưng, Hưng Phước, Tân Tiến (vintage 2026-04): the eight border communes
that Đồng Nai's border committee met on 2025-10-09 (Báo Đồng Nai, 2025-10-10) and its school project names (2026-01-18)."""

BORDER_COMMUNES: Final = (
    "25222", "25225", "25273", "25276", "25279", "25280", "25285", "25294", "25305", "25309", "25310", "25312", "25315",
    "25318", "25321",
)  # fmt: skip
"""Of vintage 2024: the 15 xã that those eight were put together of. Bình Phước had 15 border xã in Lộc Ninh, Bù Đốp and Bù Gia Mập
(Thanh Niên, 2024-02-28); the eight hold one commune more, Thanh Bình 25308, a thị trấn. The six of Bù Đốp are named by Dân tộc và Miền núi."""

BORDER_NOTE: Final = "theo báo chí, xem data/SOURCES.md; chỉ để minh hoạ / from the press, see data/SOURCES.md; for illustration only"
"""In every row of the table."""

EAST, SOUTH = 108.1, 10.7
"""Where the world of the diagram ends on the inland sides: far enough that cells there do not touch the region."""


def domain() -> shapely.Geometry:
    """The Vietnamese side of the border as one polygon in whole metres of `PLANE`."""
    first, last = CAMBODIA_BORDER[0], CAMBODIA_BORDER[-1]
    ring = [(first[0], SOUTH), *CAMBODIA_BORDER, (EAST, last[1]), (EAST, SOUTH)]
    return shapely.transform(shapely.Polygon(ring), to_plane_m)

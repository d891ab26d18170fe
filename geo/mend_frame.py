"""Features of a vector file, as read → with their texts and axes put right, each mend told (`geo.mends`)."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import Bounds, to_storage
from geo.mend_coordinates import exchange_axes
from geo.mend_text import mend_texts, text_columns
from geo.mends import Mend, Mends, Mess, conclude
from geo.quality import Finding
from geo.tidy_table import copies_mess, nfc_note
from geo.vn2000 import advise, as_bounds, in_metres


def mend_frame(
    frame: gpd.GeoDataFrame,
    kinds: Mends,
    *,
    source: str,
    region: Sequence[float] | None,
    columns: Sequence[str] | None = None,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The frame in EPSG:4326 with texts (of `columns`; of all when None) and axes mended, and what was done to which row.

    A column `file_row` says the rows' numbers in the file; without one they are counted from 1.
    `region` is where the features are expected (degrees), None where that is not known. Raises one `InputError` naming
    every kind of mess that `kinds` does not hold, and `CrsError` where the frame has no CRS. Copies of a row are left
    out where that was asked and otherwise left to the checks of the input.
    """
    rows = frame["file_row"].to_numpy() if "file_row" in frame else np.arange(1, len(frame) + 1)
    region = as_bounds(region)
    missing = _missing_crs(frame, rows, region)
    stored = frame if missing else to_storage(frame, source=source)
    wanted = [
        name
        for name in (frame.columns if columns is None else columns)
        if name in frame.columns and name != stored.geometry.name
    ]
    texts, messes, nfd = mend_texts(pd.DataFrame(stored[wanted]), text_columns(stored[wanted]), rows)
    shapes, exchanged = exchange_axes(stored.geometry.to_numpy(), region, rows)
    mended = stored.assign(**{name: texts[name] for name in wanted}).set_geometry(
        gpd.GeoSeries(shapes, index=stored.index, crs=stored.crs)
    )
    copies = _copies(mended) if Mend.DUPLICATES in kinds else np.zeros(len(mended), dtype=bool)
    findings = conclude([missing, *messes, exchanged, copies_mess(copies, rows)], kinds, source=source)
    notes = [nfc_note(nfd, source)] if nfd else []
    return mended[~copies].reset_index(drop=True), [*notes, *findings]


def _missing_crs(frame: gpd.GeoDataFrame, rows: np.ndarray, region: Bounds | None) -> Mess | None:
    """Metres where degrees are promised or nothing is said."""
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()).T
    known = np.isfinite(west)
    x, y = (west + east)[known] / 2, (south + north)[known] / 2
    if (frame.crs is not None and frame.crs.is_projected) or in_metres(x, y) is None:
        return None
    seen = [f"{first:.10g}, {second:.10g}" for first, second in zip(x[:50], y[:50], strict=True)]
    mend = f"name the CRS with --crs; {advise(x, y, region)}"
    wrong = "coordinates are metres and the file says no CRS"
    return Mess("missing_crs", wrong, rows[known].tolist(), seen, "", mend)


def _copies(frame: gpd.GeoDataFrame) -> np.ndarray:
    plain = pd.DataFrame(frame.drop(columns=[frame.geometry.name, "file_row"], errors="ignore")).astype(str)
    return np.asarray(plain.assign(_shape=shapely.to_wkb(frame.geometry.to_numpy())).duplicated())

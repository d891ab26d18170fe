"""Hostile and broken files of sites, coverage, places, indicators and tables, each with what must be said; and good twins."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.sources.opencellid import COLUMNS as CELL_COLUMNS
from tests.files import SQUARES, TILE_COLUMNS, feature
from tests.hostile import (
    WKB,
    Case,
    Lures,
    Maker,
    bomb_zip,
    bytes_file,
    collection,
    comb,
    database,
    encrypted_zip,
    half,
    raster,
    register_view,
    repeated_parquet,
    squeeze,
    tangle,
    text_file,
    tiles_frame,
    workbook,
    zipped,
)
from tests.hostile_cases import LAUGHS, RASTER_VRT, VRT, kml
from tests.tiny import tiles_box

LON, LAT = 105.66, 15.02
HEADER: Final = ",".join(CELL_COLUMNS)
SITE_HEADER: Final = "ict_id,lat,lon,radio_type,operator_name"
PLACE_HEADER: Final = "name,class,lat,lon"
PLACE: Final = f"Trường,school,{LAT},{LON}"
POINT: Final = {"type": "Point", "coordinates": [LON, LAT]}
VALUES: Final = "code,value\n01,5\n02,6\n03,7\n"
SHEET: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
MANY_CELLS: Final = SHEET.format(
    "<sheetData>" + ("<row>" + "<c><v>1</v></c>" * 200 + "</row>") * 30_000 + "</sheetData>"
)
FAR_CELLS: Final = SHEET.format(
    '<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>'
)


def cell(number: object, *, lon: object = LON, lat: object = LAT, updated: object = 1_700_000_000) -> str:
    return f"LTE,452,4,1,{number},0,{lon},{lat},1000,5,1,1600000000,{updated},0"


def cells(count: int = 100, *more: str, header: bool = True) -> str:
    lines = [*([HEADER] if header else []), *map(cell, range(count)), *more]
    return "\n".join(lines) + "\n"


def sites(*more: str) -> str:
    return "\n".join([SITE_HEADER, *(f"{i},{LAT},{LON},LTE,Viettel" for i in range(50)), *more]) + "\n"


def placed(*more: str) -> str:
    return "\n".join([PLACE_HEADER, PLACE, *more]) + "\n"


def sheet(xml: str) -> Maker:
    return workbook(lambda parts: {**parts, "xl/worksheets/sheet1.xml": xml.encode()})


def zip_of(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def shapefile_of_tiles(name: str) -> Maker:
    """Tiles as the publisher zips them: a Shapefile whose column names are cut to ten letters where they are longer."""
    frame = tiles_frame()[TILE_COLUMNS]
    given = gpd.GeoDataFrame(frame, geometry=[tiles_box(1, 1, 2, 2)] * len(frame), crs=4326)

    def make(folder: Path, _lures: Lures) -> Path:
        parts = folder / "parts"
        parts.mkdir()
        given.to_file(parts / "gps_mobile_tiles.shp")
        with zipfile.ZipFile(folder / name, "w") as archive:
            for part in sorted(parts.iterdir()):
                archive.write(part, part.name)
        return folder / name

    return make


def people_in(crs: str) -> Maker:
    """A raster of people around the squares in another CRS."""
    west, south, east, north = gpd.GeoSeries([tiles_box(-10, -10, 22, 14)], crs=4326).to_crs(crs).total_bounds
    step = ((east - west) / 50, (north - south) / 50)
    transform = (step[0], 0.0, west, 0.0, -step[1], north)
    return raster(np.ones((50, 50)), crs=crs, transform=transform)


SITES: Final = (
    Case("a bomb of a gzip", "sites", bytes_file("a.csv.gz", gzip.compress(b" " * 300_000_000)), "unpacks to more than"),
    Case("a bomb of rows", "sites", bytes_file("a.csv.gz", gzip.compress((cell(1) + "\n").encode() * 1_500_000)), "of memory, so it was stopped|takes more than"),
    Case("a gzip bomb in a zip", "sites", bytes_file("a.zip", zip_of("a.csv.gz", gzip.compress(b"a" * 200_000_000))), "unpacks to more than"),
    Case("a zip bomb of cells", "sites", bomb_zip("a.zip", {"a.csv": 300}), "unpacks to more than"),
    Case("cells encrypted", "sites", encrypted_zip, "the zip holds 5 files|not a zip"),
    Case("a gzip cut off", "sites", bytes_file("a.csv.gz", half(squeeze(cells(20_000)))), "cut off"),
    Case("an error text in place of cells", "sites", text_file("a.csv", '{"status":"error","message":"RATE_LIMITED"}'), "answer, not its data"),
    Case("a VRT named csv", "sites", text_file("a.csv", VRT), "its first row is"),
    Case("zeros as cells", "sites", bytes_file("a.csv", bytes(1_000_000)), "its first row is|NUL"),
    Case("nine million columns", "sites", text_file("a.csv", "," * 9_000_000), "columns; wanted"),
    Case("nine million blank lines", "sites", text_file("a.csv", HEADER + "\n" * 9_000_000), "was stopped|no rows"),
    Case("a million rows of another width", "sites", text_file("a.csv", HEADER + "\n" + "a,b,c\n" * 1_000_000), "row 1 has 3 cells, the header 14"),
    Case("a quote that swallows rows", "sites", text_file("a.csv", cells(50, '"' + cell(51)) + cells(50, header=False)), "in row 51 a quote opens a cell"),
    Case("a quote that swallows rows into a cell", "sites", text_file("a.csv", sites(f'51,{LAT},{LON},LTE,"Viettel', f"52,{LAT},{LON},LTE,Viettel")), "in row 51 a quote opens a cell"),
    Case("a tenth of the rows nowhere", "sites", text_file("a.csv", cells(50, *[cell(i, lon=999) for i in range(10)])), "10 of 60 rows cannot be used"),
    Case("times in scientific notation", "sites", text_file("a.csv", cells(50, cell(51, updated="1.71E12"))), "say --mend epoch"),
)  # fmt: skip

COVERAGE: Final = (
    Case("coverage that crosses itself without end", "coverage", text_file("a.geojson", collection(feature(tangle(3_000)))), "crosses itself more than|was stopped"),
    Case("coverage of two combs across each other", "coverage", text_file("a.geojson", collection(feature(comb(30_000, upright=True)), feature(comb(30_000, upright=False)))), "putting its polygons together takes more than"),
    Case("coverage that is lines", "coverage", text_file("a.geojson", collection(feature(shapely.LineString([(LON, LAT), (LON, 15.1)])))), "is a LineString"),
    Case("coverage with its axes exchanged", "coverage", text_file("a.geojson", collection(feature(shapely.box(15.01, 105.66, 15.02, 105.67)))), "say --mend swapped"),
    Case("coverage of laughs", "coverage", text_file("a.kml", kml("&l11;", LAUGHS)), "document type"),
    Case("coverage of a view without end", "coverage", database(register_view("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid, NULL AS geom FROM n")), "was stopped|cannot be opened|usable", ("--layer", "trap")),
    Case("coverage of gigabytes", "coverage", repeated_parquet("a.parquet", 1_900_000, 1, {"geometry": WKB[0]}), "was stopped"),
    Case("a link to elsewhere as coverage", "coverage", text_file("a.kml", kml("<NetworkLink><Link><href>{listener}/b.kml</href></Link></NetworkLink>")), "no layer|no features|cannot be opened|no geometry"),
)  # fmt: skip

PLACES: Final = (
    Case("places nowhere", "places", text_file("a.csv", placed(f"B,school,{LAT},999")), "beyond 180 and 90 degrees in row 2"),
    Case("places without places", "places", text_file("a.csv", PLACE_HEADER + "\n"), "no rows below the header"),
    Case("a place of no class", "places", text_file("a.csv", placed(f"B,School,{LAT},{LON}")), "is of class 'School'"),
    Case("a control character in a name", "places", text_file("a.csv", placed(f"B\x1b[31m,school,{LAT},{LON}")), "with a control character"),
    Case("a name of a hundred thousand letters", "places", text_file("a.csv", placed(f"{'B' * 100_000},school,{LAT},{LON}")), "a text of 100,000 characters"),
    Case("a name that is an object", "places", text_file("a.geojson", collection(feature(POINT, name={"a": 1}, **{"class": "town"}))), "wanted a plain text"),
    Case("a quote that swallows places", "places", text_file("a.csv", placed('B,school,15.02,"105.66', PLACE, 'C,school,15.02,105.66"')), "in row 2 a quote opens a cell"),
    Case("letters as escapes", "places", text_file("a.csv", placed(f"d<U+1ED3>ng,school,{LAT},{LON}")), "say --mend escapes"),
    Case("decimal commas", "places", text_file("a.csv", placed().replace(",", ";").replace(".", ",")), "say --mend decimal_comma"),
    Case("a workbook of six million cells", "places", sheet(MANY_CELLS), "was stopped"),
    Case("a workbook of two cells far apart", "places", sheet(FAR_CELLS), "was stopped|no column"),
    Case("a workbook of before 2007", "places", bytes_file("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)), "save it as one of these"),
    Case("too many places", "places", text_file("a.csv", PLACE_HEADER + "\n" + (PLACE + "\n") * 200_001), "more than 200,000 rows"),
)  # fmt: skip

INDICATORS: Final = (
    Case("a figure of a hundred thousand digits", "indicator", text_file("a.csv", VALUES.replace("5", "9" * 100_000)), "wanted a number"),
    Case("a figure beyond all", "indicator", text_file("a.csv", VALUES.replace("5", "1e300")), r"wanted a number \(up to 1e\+16\)"),
    Case("a formula for a figure", "indicator", text_file("a.csv", VALUES.replace("5", "=1+1")), "wanted a number"),
    Case("a quote never closed", "indicator", text_file("a.csv", VALUES + '"04,7\n05,8\n'), "not a CSV file|a quote opens"),
    Case("a page of the web", "indicator", text_file("a.csv", "<html><table><tr><td>code</td></tr></table></html>\n<p>x"), "which column|no rows|cells"),
    Case("a unit twice", "indicator", text_file("a.csv", VALUES + "01,9\n"), "are both unit 01"),
    Case("an indicator that is a bomb", "indicator", sheet("<a>" + " " * 300_000_000), "unpacks to"),
    Case("two hundred thousand strangers", "table", text_file("a.csv", "code,name,households\n" + "".join(f",Xã Tân {i},{i}\n" for i in range(190_000))), "at most 15,000"),
    Case("figures whose sum overflows", "table", text_file("a.csv", "code,name,households\n25195,Phường Bình Phước,1e308\n25198,x,1e308\n"), "wanted a number"),
)  # fmt: skip

PEOPLE: Final = (
    Case("more people than there are", "population", raster([[3.4e38] * 12]), "more than live on Earth.*-a_nodata 3.4e"),
    Case("a map server named tif", "population", text_file("people.tif", '<GDAL_WMS><Service name="TMS"><ServerUrl>{listener}/</ServerUrl></Service></GDAL_WMS>'), "cannot be read as GeoTIFF"),
)  # fmt: skip

HOSTILE_POINTS: Final = (*SITES, *COVERAGE, *PLACES, *INDICATORS, *PEOPLE)

GOOD_POINTS: Final = (
    Case("cells with a header", "sites", text_file("a.csv", cells()), None),
    Case("cells without one", "sites", text_file("a.csv", cells(header=False)), None),
    Case("cells in a gzip", "sites", bytes_file("a.csv.gz", squeeze(cells(header=False))), None),
    Case("cells in a gzip in a zip", "sites", bytes_file("a.zip", zip_of("a.csv.gz", squeeze(cells()))), None),
    Case("cells with Windows line ends and a mark", "sites", bytes_file("a.csv", ("\ufeff" + cells().replace("\n", "\r\n")).encode()), None),
    Case("a list of sites", "sites", text_file("a.csv", sites()), None),
    Case("a site's name over two lines", "sites", text_file("a.csv", sites(f'51,{LAT},{LON},LTE,"Vie\nttel"', f'52,{LAT},{LON},LTE,5" pipe')), None),
    Case("coverage of many discs over each other", "coverage", text_file("a.geojson", collection(*[feature(shapely.Point(LON + i * 1e-5, LAT).buffer(0.02, quad_segs=8)) for i in range(2_000)])), None),
    Case("coverage of one great comb", "coverage", text_file("a.geojson", collection(feature(comb(50_000, upright=True)))), None),
    Case("coverage as FlatGeobuf in another CRS", "coverage", lambda folder, _: _layer(folder / "a.fgb", 9210), None),
    Case("coverage as KMZ", "coverage", zipped("a.kmz", lambda _: {"doc.kml": kml("<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>105.6,15 105.7,15 105.7,15.1 105.6,15</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>").encode()}), None),
    Case("places with all that is odd and right", "places", text_file("a.csv", "\ufeff" + placed(f"🏫 \u202etên,school,{LAT},{LON}", f'"Chợ\nMới",town,{LAT},{LON}').replace("\n", "\r\n")), None),
    Case("places as KML", "places", text_file("a.kml", kml(f'<Placemark><name>A</name><ExtendedData><Data name="class"><value>town</value></Data></ExtendedData><Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark>')), None, ("--label", "Name")),
    Case("places in a table as parquet", "places", lambda folder, _: _table(folder / "a.parquet"), None),
    Case("an indicator of one row", "indicator", text_file("a.csv", "code,value\r\n01,5\r\n"), None),
    Case("tiles as a zipped Shapefile", "speed", shapefile_of_tiles("2026-04-01_performance_mobile_tiles.zip"), None),
    Case("people in UTM", "population", people_in("EPSG:32648"), None),
    Case("people in Mollweide", "population", people_in("ESRI:54009"), None),
    Case("people in Web Mercator", "population", people_in("EPSG:3857"), None),
    Case("people with a mask that is none", "population", lambda folder, lures: _with_mask(folder, lures), None),
)  # fmt: skip


def _layer(path: Path, epsg: int) -> Path:
    gpd.GeoDataFrame(geometry=list(SQUARES.values()), crs=4326).to_crs(epsg).to_file(path)
    return path


def _table(path: Path) -> Path:
    pd.DataFrame({"name": ["a"], "class": ["town"], "lat": [LAT], "lon": [LON]}).to_parquet(path)
    return path


def _with_mask(folder: Path, lures: Lures) -> Path:
    (folder / "people.tif.msk").write_bytes(lures.fill(RASTER_VRT))
    return raster()(folder, lures)

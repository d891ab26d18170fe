"""The list of hostile and broken files, by format, each with what must be said; and the good twins."""

import json
import struct
from typing import Final

import numpy as np

from tests.files import TILES, feature
from tests.hostile import (
    GEO,
    SQUARE,
    WKB,
    WKB_COLUMN,
    Case,
    bomb_zip,
    bytes_file,
    collection,
    comb,
    cut_zip,
    database,
    empty_raster,
    encrypted_zip,
    frame_of,
    geoparquet_with,
    half,
    link_zip,
    lying_zip,
    overlapping_zip,
    raster,
    register_view,
    repeated_parquet,
    squeeze,
    star,
    tangle,
    text_file,
    tile_parquet,
    tiles_frame,
    unit_rows,
    units_text,
    virtual_table,
    workbook,
    written,
    zipped,
)
from tests.tiny import tiles_box

VRT: Final = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{canary}</SrcDataSource></OGRVRTLayer>'
    '<OGRVRTLayer name="b"><SrcDataSource>/vsicurl/{listener}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
)
RASTER_VRT: Final = (
    '<VRTDataset rasterXSize="12" rasterYSize="1"><SRS>EPSG:4326</SRS><GeoTransform>105,0.01,0,15,0,-0.01</GeoTransform>'
    '<VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename>/vsicurl/{listener}/a.tif</SourceFilename>'
    "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
)
GDALG: Final = json.dumps(
    {"type": "gdal_streamed_alg", "command_line": "gdal vector read {canary} ! vector clip --bbox=1,2,3,4"}
)
WFS: Final = "<OGRWFSDataSource><URL>{listener}/wfs</URL></OGRWFSDataSource>"
KML: Final = '<?xml version="1.0" encoding="UTF-8"?>{prolog}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
PLACEMARK: Final = (
    '<Placemark><name>A</name><ExtendedData><Data name="code"><value>01</value></Data></ExtendedData>{style}'
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>105,15 105.02,15 105.02,15.02 105,15.02 105,15</coordinates>"
    "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
LAUGHS: Final = (
    "<!DOCTYPE k ["
    + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    + "]>"
)
TRAP_LAYER: Final = ("--code", "code", "--label", "code", "--layer", "trap")
KML_CODE: Final = ("--code", "code", "--label", "Name")


def kml(body: str, prolog: str = "") -> str:
    return KML.replace("{prolog}", prolog).replace("{body}", body)


def placemark(style: str = "") -> str:
    return PLACEMARK.replace("{style}", style)


def crs(member: object) -> str:
    return f', "crs": {json.dumps(member)}'


def feature_text(geometry: str) -> str:
    return units_text(geometry)


NESTED: Final = '{"type":"GeometryCollection","geometries":[' * 400 + json.dumps(SQUARE) + "]}" * 400

GEOJSON: Final = (
    Case("a VRT named geojson", "boundaries", text_file("a.geojson", VRT), "not valid GeoJSON"),
    Case("a GDALG named geojson", "boundaries", text_file("a.geojson", GDALG), "no list of features"),
    Case("a WFS named geojson", "boundaries", text_file("a.geojson", WFS), "not valid GeoJSON"),
    Case("a VRT named json", "coverage", text_file("a.json", VRT), "not valid GeoJSON"),
    Case("an ESRI JSON with a link", "boundaries", text_file("a.json", '{"url": "{listener}/FeatureServer/0/query"}'), "no list of features"),
    Case("a TopoJSON", "boundaries", text_file("a.json", '{"type": "Topology", "objects": {}, "arcs": []}'), "no list of features"),
    Case("a path of GDAL's as text", "boundaries", text_file("a.geojson", "/vsicurl/{listener}/a.geojson"), "not valid GeoJSON"),
    Case("crs is a link", "boundaries", text_file("a.geojson", units_text(extra=crs({"type": "link", "properties": {"href": "{listener}/crs", "type": "proj4"}}))), "not a plain name"),
    Case("crs is a link to a file", "boundaries", text_file("a.geojson", units_text(extra=crs({"type": "link", "properties": {"href": "{canary}", "type": "ogcwkt"}}))), "not a plain name"),
    Case("crs is named by an address", "boundaries", text_file("a.geojson", units_text(extra=crs({"type": "name", "properties": {"name": "{listener}/crs"}}))), "its crs member names"),
    Case("crs is named by a file", "boundaries", text_file("a.geojson", units_text(extra=crs({"type": "name", "properties": {"name": "+proj=longlat +nadgrids={canary} +type=crs"}}))), "its crs member names"),
    Case("crs is a list", "boundaries", text_file("a.geojson", units_text(extra=crs([1]))), "not a plain name"),
    Case("NaN", "boundaries", text_file("a.geojson", units_text(properties="NaN")), "NaN is not a JSON number"),
    Case("Infinity", "boundaries", text_file("a.geojson", units_text(properties="-Infinity")), "Infinity is not a JSON number"),
    Case("NaN for a coordinate", "boundaries", text_file("a.geojson", units_text(json.dumps(SQUARE).replace("105", "NaN", 1))), "NaN is not"),
    Case("a number that overflows", "boundaries", text_file("a.geojson", units_text(properties="1e999")), "too large"),
    Case("a coordinate that overflows", "boundaries", text_file("a.geojson", units_text('{"type":"Point","coordinates":[1e999,11]}')), "cannot be read"),
    Case("a number of a million digits", "boundaries", text_file("a.geojson", units_text(properties="9" * 1_000_000)), "not valid GeoJSON"),
    Case("a million brackets", "boundaries", text_file("a.geojson", "[" * 1_000_000), "not valid GeoJSON"),
    Case("deep properties", "boundaries", text_file("a.geojson", units_text(properties="[" * 5_000 + "]" * 5_000)), "not valid GeoJSON"),
    Case("deep collections", "boundaries", text_file("a.geojson", feature_text(NESTED)), "is a GeometryCollection|cannot be read"),
    Case("ten million bytes of arrays", "boundaries", text_file("a.geojson", '{"type":"FeatureCollection","features":[' + "[]," * 3_200_000 + "[]]}"), "feature 1 is not|was stopped"),
    Case("ten million bytes of objects", "boundaries", text_file("a.geojson", '{"type":"FeatureCollection","features":[' + "{}," * 3_200_000 + "{}]}"), "was stopped|no column|no feature"),
    Case("a hundred thousand columns", "boundaries", text_file("a.geojson", collection(*[feature(None, **{f"c{i}": 1}) for i in range(100_000)])), "was stopped"),
    Case("a tangle of 3,000 corners", "boundaries", text_file("a.geojson", units_text(tangle(3_000))), "crosses itself more than|was stopped"),
    Case("a tangle of 200,000 corners", "boundaries", text_file("a.geojson", units_text(tangle(200_000))), "crosses itself|was stopped"),
    Case("a star of 200,001 points", "boundaries", text_file("a.geojson", units_text(star(200_001))), "crosses itself|was stopped"),
    Case("nine thousand holes over each other", "boundaries", text_file("a.geojson", units_text({"type": "Polygon", "coordinates": [[[105, 10], [108, 10], [108, 12], [105, 12], [105, 10]], *[[[106 + i / 1e4, 11], [106.01 + i / 1e4, 11], [106.01 + i / 1e4, 11.01], [106 + i / 1e4, 11]] for i in range(9_000)]]})), "crosses itself|was stopped"),
    Case("a hundred thousand times the same part", "boundaries", text_file("a.geojson", units_text({"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]] * 60_000})), "was stopped|not a valid"),
    Case("two combs across each other", "boundaries", text_file("a.geojson", collection(feature(comb(50_000, upright=True), code="01", name="a"), feature(comb(50_000, upright=False), code="02", name="b"))), "was stopped|overlap"),
    Case("UTF-16", "boundaries", bytes_file("a.geojson", units_text().encode("utf-16")), "UTF-8"),
    Case("Latin-1", "boundaries", bytes_file("a.geojson", units_text(properties='"Đồng"').replace("Đồng", "Hòa").encode("latin-1")), "UTF-8"),
    Case("half a surrogate pair", "boundaries", text_file("a.geojson", units_text(properties='"\\ud800"')), "half of a surrogate pair"),
    Case("cut off", "boundaries", text_file("a.geojson", units_text()[:-40]), "not valid GeoJSON"),
    Case("empty", "boundaries", bytes_file("a.geojson", b""), "the file is empty"),
    Case("zeros", "boundaries", bytes_file("a.geojson", bytes(1_000_000)), "not valid GeoJSON"),
    Case("a gzip named geojson", "boundaries", bytes_file("a.geojson", squeeze(units_text())), "UTF-8"),
    Case("control characters in a code", "boundaries", text_file("a.geojson", units_text().replace('"01"', '"0\\u0000"')), "control character"),
    Case("no features", "boundaries", text_file("a.geojson", collection()), "no features"),
    Case("geometry is a text", "boundaries", text_file("a.geojson", units_text('"{canary}"')), "not a GeoJSON feature"),
    Case("an unknown shape", "boundaries", text_file("a.geojson", units_text('{"type":"Donut","coordinates":[]}')), "cannot be read"),
)  # fmt: skip

KML_FILES: Final = (
    Case("a billion laughs", "boundaries", text_file("a.kml", kml("&l11;", LAUGHS)), "document type", KML_CODE),
    Case("an entity that is a file", "boundaries", text_file("a.kml", kml(placemark().replace(">A<", ">&x;<"), '<!DOCTYPE k [<!ENTITY x SYSTEM "file://{canary}">]>')), "document type", KML_CODE),
    Case("an entity that is an address", "boundaries", text_file("a.kml", kml("&x;", '<!DOCTYPE k SYSTEM "{listener}/k.dtd">')), "document type", KML_CODE),
    Case("a KML of links only", "boundaries", text_file("a.kml", kml("<NetworkLink><Link><href>{listener}/b.kml</href></Link></NetworkLink>")), "no layer|no features|cannot be opened|no geometry", KML_CODE),
    Case("a VRT named kml", "boundaries", text_file("a.kml", VRT), "not KML", KML_CODE),
    Case("a KML cut off", "boundaries", text_file("a.kml", kml(placemark())[:-80]), "cannot be opened|no layer|no features", KML_CODE),
    Case("a KMZ bomb", "boundaries", bomb_zip("a.kmz", {"doc.kml": 300}), "unpacks to", KML_CODE),
    Case("a KMZ of two", "boundaries", bomb_zip("a.kmz", {"a.kml": 0, "b.kml": 0}), "holds 2 .kml files", KML_CODE),
    Case("a KMZ of none", "boundaries", bomb_zip("a.kmz", {"a.txt": 0}), "holds 0 .kml files", KML_CODE),
)  # fmt: skip

ZIPS: Final = (
    Case("a zip bomb", "boundaries", bomb_zip("a.zip", {"a.shp": 415, "a.shx": 0, "a.dbf": 0}), "unpacks to"),
    Case("a zip that lies about sizes", "boundaries", lying_zip("a.zip", "a.shp", 90), "is not a whole zip archive|unpacks to more|lacks its"),
    Case("a zip of overlapping members", "boundaries", overlapping_zip, "unpacks to|is not a whole zip archive|unpacks to more|Overlapped|lacks its|holds 10 layers"),
    Case("ten thousand members", "boundaries", bomb_zip("a.zip", {f"{i}.shp": 0 for i in range(10_000)}), "holds 10,000 files"),
    Case("a member that is a link", "boundaries", link_zip, "is a link"),
    Case("encrypted", "boundaries", encrypted_zip, "encrypted"),
    Case("a zip in a zip", "boundaries", bomb_zip("a.zip", {"inner.zip": 1}), "no .shp file"),
    Case("a VRT in a zip", "boundaries", zipped("a.zip", lambda _: {"a.vrt": VRT.encode(), "a.geojson": VRT.encode()}), "no .shp file"),
    Case("a VRT named shp in a zip", "boundaries", zipped("a.zip", lambda parts: {**parts, "units.shp": VRT.encode()}), "cannot be opened"),
    Case("a Shapefile without its table", "boundaries", zipped("a.zip", lambda parts: {n: c for n, c in parts.items() if not n.endswith(".dbf")}), "lacks its .dbf"),
    Case("two files of one name", "boundaries", zipped("a.zip", lambda parts: {**parts, "more/units.shp": parts["units.shp"]}), "holds two files"),
    Case("a Shapefile cut off", "boundaries", zipped("a.zip", lambda parts: {**parts, "units.shp": half(parts["units.shp"])}), "cannot be opened|no geometry|usable"),
    Case("a CRS that names a file", "boundaries", zipped("a.zip", lambda parts: {**parts, "units.prj": b"+proj=longlat +nadgrids={canary}"}), "coordinate reference system"),
    Case("a zip cut off", "boundaries", cut_zip, "not a whole zip archive"),
    Case("a text named zip", "boundaries", text_file("a.zip", VRT), "not a whole zip archive"),
    Case("a bare shp", "boundaries", bytes_file("a.shp", b"\x00\x00\x27\x0a" + bytes(96)), "zipped together"),
)  # fmt: skip


OTHER_VECTORS: Final = (
    Case("a table that GDAL computes from a file", "boundaries", database(virtual_table("CREATE VIRTUAL TABLE trap USING VirtualOGR(''{canary}'')")), "virtual table"),
    Case("a table that reads text", "boundaries", database(virtual_table("CREATE VIRTUAL TABLE trap USING VirtualText(''{canary}'', ''UTF-8'', 0)")), "virtual table"),
    Case("a view without end", "boundaries", database(register_view("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid, CAST(x AS TEXT) AS code, NULL AS geom FROM n")), "was stopped|cannot be opened|usable", TRAP_LAYER),
    Case("a view that reads a file", "boundaries", database(register_view("SELECT 1 AS fid, readfile(''{canary}'') AS code, NULL AS geom".replace("''", "'"))), "cannot be opened|no column|usable|no features", TRAP_LAYER),
    Case("a view that loads code", "boundaries", database(register_view("SELECT 1 AS fid, load_extension('{canary}') AS code, NULL AS geom")), "cannot be opened|no column|usable|no features", TRAP_LAYER),
    Case("a text named gpkg", "boundaries", text_file("a.gpkg", VRT), "not a GeoPackage"),
    Case("a GeoPackage cut off", "boundaries", written("a.gpkg", change=half), "cannot be opened|malformed"),
    Case("a text named fgb", "boundaries", text_file("a.fgb", VRT), "not a FlatGeobuf"),
    Case("a FlatGeobuf cut off", "boundaries", written("a.fgb", change=half), "holds no layer|cannot be opened"),
    Case("noise behind FlatGeobuf's mark", "boundaries", bytes_file("a.fgb", b"fgb\x03fgb\x00" + bytes(range(256)) * 400), "holds no layer|cannot be opened"),
    Case("a parquet of gigabytes", "boundaries", repeated_parquet("a.parquet", 1_000_000, 8_000, {"geometry": WKB[0], "code": "01"}), "was stopped"),
    Case("a parquet of fifty million rows", "boundaries", repeated_parquet("a.parquet", 50_000_000, 10, {"geometry": WKB[0], "code": "01"}), "at most 2,000,000 features"),
    Case("a parquet without geometry", "boundaries", tile_parquet(), "not a GeoParquet"),
    Case("a GeoParquet whose CRS is a file", "boundaries", geoparquet_with({"geometry": WKB, "code": ["01", "02", "03"]}, {**GEO, "columns": {"geometry": {**WKB_COLUMN, "crs": "+init={canary}:1 +proj=longlat"}}}), "not a GeoParquet|coordinate reference|broke"),
    Case("a GeoParquet whose meaning is no JSON", "boundaries", geoparquet_with({"geometry": WKB, "code": ["01", "02", "03"]}, VRT), "not a GeoParquet"),
    Case("a shape of four thousand million corners", "boundaries", geoparquet_with({"geometry": [b"\x01\x03\x00\x00\x00\x01\x00\x00\x00\xff\xff\xff\xff" + bytes(64)], "code": ["01"]}, GEO), "not a GeoParquet|was stopped|broke"),
    Case("a parquet cut off", "boundaries", written("a.parquet", change=half), "not a GeoParquet"),
    Case("an ending not read here", "boundaries", text_file("a.gml", VRT), "not a vector format"),
    Case("a VRT by its own name", "boundaries", text_file("a.vrt", VRT), "not a vector format"),
)  # fmt: skip

TILE_FILES: Final = (
    Case("tiles of gigabytes", "speed", repeated_parquet("2026-04-01_performance_mobile_tiles.parquet", 2_000_000, 20_000, {"quadkey": TILES[0][0]}), "no column"),
    Case("a quadkey of gigabytes", "speed", tile_parquet(lambda: tiles_frame(quadkey=["1" * 3_000_000] * 3)), "quadkey is"),
    Case("tiles cut off", "speed", tile_parquet(change=half), "not a parquet file"),
    Case("negative speeds", "speed", tile_parquet(lambda: tiles_frame(avg_d_kbps=[-1, 1, 1])), "avg_d_kbps is"),
    Case("an endless speed", "speed", tile_parquet(lambda: tiles_frame(avg_d_kbps=[np.inf, 1, 1])), "avg_d_kbps is"),
    Case("a zip bomb of tiles", "speed", bomb_zip("2026-04-01_performance_mobile_tiles.zip", {"a.shp": 0, "a.shx": 0, "a.dbf": 415}), "unpacks to"),
)  # fmt: skip

RASTERS: Final = (
    Case("a VRT named tif", "population", text_file("people.tif", RASTER_VRT), "cannot be read as GeoTIFF"),
    Case("a raster of terabytes", "population", empty_raster(400_000), "was stopped|cannot be read as GeoTIFF|more cells"),
    Case("a raster of one giant block", "population", empty_raster(60_000, block=59_904), "was stopped|cannot be read as GeoTIFF|more cells"),
    Case("a raster cut off", "population", raster(np.random.default_rng(1).random((200, 400)), change=half), "cannot be read as GeoTIFF"),
    Case("a raster of nothing known", "population", raster([[float("nan")] * 12]), "no figure at all"),
    Case("endless people", "population", raster([[float("inf")] * 12]), "no figure at all|infinite"),
    Case("fewer than nobody", "population", raster([[-5.0] * 12]), "negative counts"),
    Case("two bands", "population", raster(bands=2), "has 2 bands"),
    Case("a friction VRT named tif", "friction", text_file("people.tif", RASTER_VRT), "cannot be read as GeoTIFF"),
    Case("a friction surface of terabytes", "friction", empty_raster(400_000), "was stopped|cannot be read as GeoTIFF|more cells"),
    Case("a friction surface cut off", "friction", raster(np.random.default_rng(1).random((200, 400)), change=half), "cannot be read as GeoTIFF"),
    Case("endless friction", "friction", raster([[float("inf")] * 12]), "no cell that can be crossed"),
    Case("friction of two bands", "friction", raster([[0.01] * 12], bands=2), "has 2 bands"),
    Case("a text named tif", "population", text_file("people.tif", "II*\0" + VRT), "cannot be read as GeoTIFF"),
)  # fmt: skip

TABLES: Final = (
    Case("a workbook bomb", "table", workbook(lambda parts: {**parts, "xl/worksheets/sheet1.xml": b"<a>" + b" " * 300_000_000}), "unpack|was stopped|XLSX"),
    Case("a workbook with a billion laughs", "table", workbook(lambda parts: {**parts, "xl/worksheets/sheet1.xml": LAUGHS.encode() + b"<worksheet>&l11;</worksheet>"}), "XLSX|was stopped|no rows"),
    Case("a workbook with an entity that is a file", "table", workbook(lambda parts: {**parts, "xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{canary}">]>' + parts["xl/workbook.xml"].replace(b"Sheet", b"&x;")}), "XLSX|no rows|sheet"),
    Case("a table of one endless line", "table", bytes_file("table.csv", b"code,name," + b"x" * 9_000_000), "no rows|field larger"),
    Case("a table of zeros", "table", bytes_file("table.csv", b"code,name\n" + bytes(1_000_000)), "NUL|no rows|column|null|0 cells|cells"),
)  # fmt: skip

HOSTILE: Final = (*GEOJSON, *KML_FILES, *ZIPS, *OTHER_VECTORS, *TILE_FILES, *RASTERS, *TABLES)

GOOD: Final = (
    Case("geojson", "boundaries", text_file("a.geojson", units_text()), None),
    Case("geojson with an old crs", "boundaries", text_file("a.geojson", units_text(extra=crs({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}))), None),
    Case("geojson of ten million bytes", "boundaries", text_file("a.geojson", unit_rows(30_000)), None),
    Case("geojson of one great outline", "boundaries", text_file("a.geojson", units_text(comb(100_000, upright=True))), None),
    Case("geojson coverage", "coverage", text_file("a.json", collection(feature(tiles_box(0, 0, 4, 4)))), None),
    Case("kml with pictures from elsewhere", "boundaries", text_file("a.kml", kml(placemark("<Style><IconStyle><Icon><href>{listener}/i.png</href></Icon></IconStyle></Style>"))), None, KML_CODE),
    Case("kmz", "boundaries", zipped("a.kmz", lambda _: {"../../doc.kml": kml(placemark()).encode()}), None, KML_CODE),
    Case("zip", "boundaries", zipped("a.zip"), None),
    Case("zip with folders and strangers", "boundaries", zipped("a.zip", lambda parts: {**{f"../up/{n}": c for n, c in parts.items()}, "__MACOSX/._units.shp": b"x", "readme.txt": b"x"}), None),
    Case("zip whose table says it has a thousand million rows", "boundaries", zipped("a.zip", lambda parts: {**parts, "units.dbf": parts["units.dbf"][:4] + struct.pack("<I", 10**9) + parts["units.dbf"][8:]}), None),
    Case("gpkg", "boundaries", written("a.gpkg"), None),
    Case("fgb", "boundaries", written("a.fgb"), None),
    Case("parquet", "boundaries", written("a.parquet"), None),
    Case("parquet of many shapes", "boundaries", written("a.parquet", lambda: frame_of([tiles_box(i % 300, i // 300, i % 300 + 1, i // 300 + 1) for i in range(20_000)])), None),
    Case("tiles", "speed", tile_parquet(), None),
    Case("friction", "friction", raster([[0.01] * 12], sidecar='<PAMDataset><SRS>{listener}</SRS></PAMDataset>'), None),
    Case("people", "population", raster(sidecar='<PAMDataset><SRS>{listener}</SRS></PAMDataset>'), None),
    Case("workbook", "table", workbook(), None),
    Case("table", "table", text_file("table.csv", "code,name,households\n25195,Phường Bình Phước,1200\n"), None),
)  # fmt: skip

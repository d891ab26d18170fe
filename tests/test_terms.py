"""What a licence limits is recognised in its text, said on the page in both languages, and carried by every export."""

import html
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest

from geo.export import communes_csv, communes_geojson, export_layer
from geo.export_layers import LAYERS
from geo.results import read_built
from geo.terms import Limit, limits_of, short_name
from layers.sources import source_lines, terms
from layers.strings import LANGUAGES, Language, text
from tests.files import Files, add_scene, new_scene, succeed, write_scene
from tests.test_export import read_csv
from tests.test_sources import SOURCES

NC, SA, UNCLEAR = Limit.NON_COMMERCIAL, Limit.SHARE_ALIKE, Limit.UNCLEAR
PUBLISHED = {
    "vn2025": (UNCLEAR,),
    "geoboundaries": (),
    "gadm": (NC, Limit.NO_REDISTRIBUTION),
    "osm": (SA,),
    "ookla": (NC, SA),
    "opencellid": (SA,),
    "worldpop": (),
    "ghspop": (),
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_limits_of_what_is_fetched(source: Any) -> None:
    assert limits_of(source.licence) == PUBLISHED[source.name]


@pytest.mark.parametrize(
    ("licence", "limits"),
    [
        ("CC BY-NC-SA 4.0", (NC, SA)),
        ("cc-by-nc-4.0", (NC,)),
        ("Attribution-NonCommercial-NoDerivatives", (NC, Limit.NO_DERIVATIVES)),
        ("CC BY-ND 4.0", (Limit.NO_DERIVATIVES,)),
        ("Open Data Commons Open Database License 1.0", (SA,)),
        ("Creative Commons Attribution-ShareAlike 2.0", (SA,)),
        (
            "Redistribution, or commercial use is not allowed without prior permission",
            (NC, Limit.NO_REDISTRIBUTION),
        ),
        ("redistribution of the data is not allowed", (Limit.NO_REDISTRIBUTION,)),
        ("Public Domain", ()),
        ("CC BY 3.0 IGO", ()),
        ("INC licence", ()),
        ("nuclear", ()),
        ("", ()),
    ],
)
def test_limits_of_other_texts(licence: str, limits: tuple[Limit, ...]) -> None:
    assert limits_of(licence) == limits


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("CC BY-NC-SA 4.0 (non-commercial, share alike)", "CC BY-NC-SA 4.0"),
        ("GADM licence: academic use", "GADM licence"),
        ("MIT (repository); rights unclear", "MIT"),
        ("CC0", "CC0"),
        ("(unnamed)", "(unnamed)"),
    ],
)
def test_short_names(licence: str, name: str) -> None:
    assert short_name(licence) == name


def given(publisher: str, licence: str) -> dict[str, Any]:
    files = [{"path": "raw/a", "name": "a"}]
    return {"kind": "speed", "publisher": publisher, "licence": licence, "date": "2023-12-31", "citation": "", "files": files}  # fmt: skip


def test_each_publisher_is_named_once_with_every_limit_of_its_licence() -> None:
    inputs = [given("Ookla", "CC BY-NC-SA 4.0"), given("OSM", "ODbL 1.0"), given("Ookla", "CC BY-NC-SA 4.0"), given("W", "CC BY 4.0")]  # fmt: skip
    assert terms(inputs, "en") == (
        "Terms of the data: Ookla (CC BY-NC-SA 4.0): non-commercial use only, share alike under the same licence; "
        "OSM (ODbL 1.0): share alike under the same licence."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_limit_has_words(language: Language) -> None:
    assert len({text(f"limit_{limit}", language) for limit in Limit}) == len(Limit)


# ---- a workspace with bound data


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three squares, Ookla's tiles under Ookla's path and places of OpenStreetMap, built."""
    folder = tmp_path_factory.mktemp("bound")
    files: Files = write_scene(folder / "files")
    root: Path = folder / "ws"
    new_scene(root, files.units)
    add_scene(root, files)
    succeed("add", root, "places", files.places, "--publisher", "OpenStreetMap", "--licence", "ODbL 1.0", "--date",
            "2026-11-20", "--replace")  # fmt: skip
    table = folder / "skills.csv"
    table.write_text("code,skills\n01,40\n02,50\n03,60\n", encoding="utf-8")
    succeed("add", root, "indicator", table, "--name", "Kỹ năng", "--unit", "%", "--better", "higher", "--by", "code",
            "--vintage", "other", "--code-column", "code", "--value-column", "skills")  # fmt: skip
    succeed("build", root)
    return root


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_who_and_on_what_terms(bound: Path, language: Language) -> None:
    inputs = read_built(bound).manifest["inputs"]
    said = terms(inputs, language)
    assert "Ookla (CC BY-NC-SA 4.0): " in said
    assert text("limit_non_commercial", language) in said
    assert "OpenStreetMap (ODbL 1.0): " + text("limit_share_alike", language) in said
    lines = "\n".join(source_lines(inputs, language))
    assert "Speedtest by Ookla Global Fixed and Mobile Network Performance Map Tiles" in lines
    assert "OpenStreetMap" in lines
    # what nobody said is said to be unsaid
    assert text("not_said", language) in lines


LIMITED = {"communes", "goals", "speed_by_quarter", "sensitivity", "contradictions"}
"""Layers that rest on the tests."""


@pytest.mark.parametrize(("layer", "fmt"), [(layer, fmt) for layer, formats in LAYERS.items() for fmt in formats])  # fmt: skip
def test_every_export_carries_its_terms_in_the_file_itself(
    bound: Path, tmp_path: Path, layer: str, fmt: str
) -> None:
    out = tmp_path / f"a.{fmt}"
    report = export_layer(read_built(bound), layer, fmt, out)
    said = json.loads(report.sidecar.read_text("utf-8"))
    inside = _among(out, said["terms"]) if fmt in {"kml", "xlsx"} else _inside(out, layer, fmt)
    assert inside == (said["terms"] if fmt != "csv" else [" | ".join(said["terms"])])
    told = " | ".join(inside)
    assert ("Ookla" in told and "non-commercial use only" in told) == (layer in LIMITED)
    assert ("OpenStreetMap (ODbL 1.0)" in told) == (layer in {"communes", "goals", "places", "sensitivity"})
    assert ("licence not stated" in told) == (layer != "places")


def _among(out: Path, terms: list[str]) -> list[str]:
    """Those of the terms that a reader of the file meets: in the document's description, or in a cell of the sheet of sources."""
    if out.suffix == ".kml":
        document = ElementTree.parse(out).getroot()  # noqa: S314  # our own file, just written
        read = [
            html.unescape(one.text or "")
            for one in document.iter("{http://www.opengis.net/kml/2.2}description")
        ]
    else:
        sheet = openpyxl.load_workbook(out)["sources"]
        read = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    return [term for term in terms if any(term in one for one in read)]


def _inside(out: Path, layer: str, fmt: str) -> list[str]:
    """The terms as they stand in the data file, without its sidecar."""
    if fmt == "csv":
        rows = read_csv(out.read_bytes())
        assert rows
        return list(dict.fromkeys(row["terms"] for row in rows))
    if fmt == "geojson":
        return list(json.loads(out.read_bytes())["metadata"]["terms"])
    if fmt == "parquet":
        return list(json.loads(pq.read_schema(out).metadata[b"vunglom"])["terms"])
    return list(json.loads(pyogrio.read_info(out, layer=layer)["dataset_metadata"]["vunglom"])["terms"])


def test_a_map_program_shows_the_terms_with_the_layer(bound: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.gpkg"
    export_layer(read_built(bound), "communes", "gpkg", out)
    # gpkg_contents.description is what QGIS shows in a layer's properties (GeoPackage 1.3, table 3)
    contents = pyogrio.read_dataframe(
        out, sql="SELECT description FROM gpkg_contents WHERE table_name = 'communes'"
    )
    assert "non-commercial use only" in contents["description"].iloc[0]
    assert len(gpd.read_file(out)) == 3


def test_files_taken_home_from_the_page_carry_the_terms(bound: Path) -> None:
    built = read_built(bound)
    assert "non-commercial use only" in communes_csv(built.primary, built.manifest).decode("utf-8")
    metadata = json.loads(communes_geojson(built.primary, built.manifest))["metadata"]
    assert any("non-commercial use only" in line for line in metadata["terms"])

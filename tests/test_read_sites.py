"""Cells of OpenCelliD and of site lists: every layout read, every bad row named and counted, no row dropped in silence."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.cut_cells import cut_cells
from geo.errors import InputError
from geo.mends import parse_mends
from geo.operators import operator_names
from geo.read_sites import BAD_LIMIT, read_cells
from geo.results import read_built
from geo.schema import CELL_COLUMNS
from geo.workspace import load_workspace
from tests.files import cpu_seconds, run, succeed
from tests.tiny import X, Y, latitude, longitude

HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
REGION = (106.4, 11.3, 107.5, 12.3)
DAY, LATER = 1_459_692_342, 1_710_000_000
"""3 April 2016 and 9 March 2024."""


def row(
    cell: int = 1,
    radio: str = "LTE",
    net: object = 4,
    lon: object = 106.894,
    lat: object = 11.536,
    **more: object,
) -> str:
    get = {"mcc": 452, "area": 10101, "range": 1000, "samples": 12, "created": DAY, "updated": LATER} | more
    return (
        f"{radio},{get['mcc']},{net},{get['area']},{cell},0,{lon},{lat},{get['range']},{get['samples']},1,"
        f"{get['created']},{get['updated']},0\n"
    )


GOOD = [row(cell) for cell in range(1, 41)]
"""Forty cells: one bad row among them is less than the limit."""
SITES = (
    "ict_id,lat,lon,operator_name,radio_type,downlink_frequency_mhz,eirp_dbm,antenna_height,azimuth_degrees\n"
    "a,39.0,1.44,Viettel,4G,1800,46.5,27,120\n"
    "b,38.9,1.23,,5G,,-3,,\n"
)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def _zip(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("452.csv", text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("452.csv", "".join(GOOD).encode()),
        ("452.csv", (HEADER + "".join(GOOD)).encode()),
        ("452.csv", (HEADER + "".join(GOOD)).replace("\n", "\r\n").encode("utf-8-sig")),
        ("452.csv.gz", gzip.compress("".join(GOOD).encode(), mtime=0)),
        ("452.csv.gz", gzip.compress((HEADER + "".join(GOOD)).encode(), mtime=0)),
        ("452.zip", _zip(HEADER + "".join(GOOD))),
        ("452.csv", (HEADER + "".join(GOOD)).encode("utf-16")),
    ],
)
def test_every_packing_gives_the_same_cells(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    cells, findings = read_cells(tmp_path / name, region=REGION)
    assert [f.code for f in findings] in ([], ["encoding"])
    assert list(cells.columns) == [*CELL_COLUMNS, "geometry"]
    assert len(cells) == 40
    first = cells.iloc[0]
    assert first["cell_id"] == "4G-452-4-10101-1"
    assert (first["operator"], first["technology"], first["range_m"], first["samples"]) == (
        "Viettel",
        "4G",
        1000.0,
        12,
    )
    assert (first["created"], first["updated"]) == ("2016-04-03", "2024-03-09")
    assert first.geometry.coords[0] == (106.894, 11.536)
    assert cells["antenna_height_m"].isna().all()
    assert cells.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("mcc", "net", "name"),
    [
        (452, 1, "MobiFone"), (452, 2, "VinaPhone"), (452, 4, "Viettel"), (452, 6, "Viettel"), (452, 5, "Vietnamobile"),
        (452, 7, "Gmobile"), (452, 8, "I-Telecom"), (452, 9, "Reddi"), (452, 3, "452-03"), (214, 1, "214-01"),
    ],
)  # fmt: skip
def test_operators_by_network_code(mcc: int, net: int, name: str) -> None:
    assert operator_names(pd.Series([mcc]), pd.Series([net])).tolist() == [name]


@pytest.mark.parametrize(
    ("radio", "technology"), [("GSM", "2G"), ("UMTS", "3G"), ("CDMA", "3G"), ("LTE", "4G"), ("NR", "5G")]
)
def test_radio_is_technology(tmp_path: Path, radio: str, technology: str) -> None:
    cells, _ = read_cells(write(tmp_path / "c.csv", row(radio=radio)))
    assert cells["technology"].tolist() == [technology]


BAD_ROWS = [
    (row(99, lon=200), "coordinates 200, 11.536 are no place on Earth"),
    (row(99, lon=""), "coordinates , 11.536 are no place on Earth"),
    (row(99, lat="north"), "coordinates 106.894, north are no place on Earth"),
    (row(99, radio="WIFI"), "radio is 'WIFI'; wanted one of GSM"),
    (row(99, range=-5), "range is '-5'; wanted a number of 0 or more"),
    (row(99, samples=-1), "samples is '-1'"),
    (row(99, area="x"), "area is 'x'; wanted a whole number"),
    (row(99, net=""), "net is ''; wanted a whole number"),
    (row(99, created="yesterday"), "created is 'yesterday'; wanted Unix seconds"),
    (row(99, updated=-7), "updated is '-7'"),
    ("LTE,452,4\n", "it has 3 cells"),
    ("connection lost\n", "it has 1 cells"),
]


@pytest.mark.parametrize("headed", [True, False])
@pytest.mark.parametrize(("bad", "why"), BAD_ROWS)
def test_a_row_that_cannot_be_used_is_set_aside_and_named(
    tmp_path: Path, bad: str, why: str, headed: bool
) -> None:
    rows = [*GOOD[:2], bad, *GOOD[2:]]
    file = write(tmp_path / "c.csv", HEADER * headed + "".join(rows))
    cells, findings = read_cells(file, region=REGION)
    assert len(cells) == 40
    assert [(f.code, f.row) for f in findings] == [("quarantined", 3), ("quarantined", 0)]
    assert findings[0].message.startswith(why)
    assert findings[1].message == "1 of 41 rows cannot be used"
    assert all(f.done == "set aside, not used" for f in findings)
    with pytest.raises(
        InputError, match=r"c\.csv: 1 of 3 rows cannot be used \(row 3; row 3: .*more than 5%"
    ):
        read_cells(write(file, HEADER * headed + "".join(rows[:3])))


QUOTES = [
    ('"' + row(99), "41"),
    (row(99).rstrip("\n")[:-1] + '"0\n', "41"),
    (row(99, radio='"LTE'), "41"),
]


@pytest.mark.parametrize("closed", ["", '"'])
@pytest.mark.parametrize(("opening", "number"), QUOTES)
def test_a_quote_that_swallows_the_rows_below_is_told(
    tmp_path: Path, opening: str, number: str, closed: str
) -> None:
    """They were lost in one row that was set aside, or in one cell."""
    file = write(
        tmp_path / "c.csv", HEADER + "".join([*GOOD, opening, *GOOD[:20], closed + GOOD[20], *GOOD[21:]])
    )
    with pytest.raises(
        InputError, match=rf"c\.csv: in row {number} a quote opens a cell that takes in the rows"
    ):
        read_cells(file, region=REGION)


def test_the_limit_is_on_the_share(tmp_path: Path) -> None:
    bad = [row(100 + cell, radio="WIFI") for cell in range(2)]
    file = write(tmp_path / "c.csv", "".join([*GOOD[:38], *bad]))
    assert len(bad) / 40 == BAD_LIMIT
    assert len(read_cells(file)[0]) == 38


MESSES = [
    ("swapped", row(99, lon=11.536, lat=106.894), 1),
    ("shifted", row(99, lon=106894), 1),
    ("epoch", row(99, created="1.71E12"), 1),
    ("epoch", row(99, created=1_710_000_000_000), 1),
    ("duplicates", row(1), 0),
]


@pytest.mark.parametrize(("kind", "bad", "more"), MESSES)
def test_mess_is_refused_by_name_and_mended_when_asked(
    tmp_path: Path, kind: str, bad: str, more: int
) -> None:
    file = write(tmp_path / "c.csv", "".join([*GOOD, bad]))
    with pytest.raises(InputError, match=rf"c\.csv: {kind}: .* in row 41 .*--mend {kind}"):
        read_cells(file, region=REGION)
    cells, (finding,) = read_cells(file, mends=parse_mends(kind), region=REGION)
    assert (finding.code, finding.row) == (f"mended_{kind}", 41)
    assert len(cells) == 40 + more
    np.testing.assert_allclose(cells.get_coordinates().iloc[-1], [106.894, 11.536])
    assert cells["created"].iloc[-1] == ("2024-03-09" if kind == "epoch" else "2016-04-03")


def test_times_that_are_not_said_stay_missing_or_take_the_files_day(tmp_path: Path) -> None:
    file = write(tmp_path / "c.csv", row(1, created=0, updated=""))
    assert read_cells(file)[0][["created", "updated"]].isna().all(axis=None)
    assert read_cells(file, as_of="2026-09-30")[0]["updated"].tolist() == ["2026-09-30"]


def test_two_rows_of_one_identity_are_both_kept_under_names_of_their_own(tmp_path: Path) -> None:
    cells, (note,) = read_cells(write(tmp_path / "c.csv", row(1) + row(1, samples=3) + row(2)))
    assert cells["cell_id"].tolist() == ["4G-452-4-10101-1", "4G-452-4-10101-1#2", "4G-452-4-10101-2"]
    assert note.code == "same_cell"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"RATE_LIMITED", "OpenCelliD's answer, not its data: .*tomorrow"),
        (b'{"error":"INVALID_TOKEN"}', "OpenCelliD's answer.*OPENCELLID_TOKEN"),
        (gzip.compress(b"RATE_LIMITED\n", mtime=0), "OpenCelliD's answer"),
        (b"<html>", "wanted OpenCelliD's 14 columns"),
        (b"a,b\n1,2\n", "or a list of sites with the columns lat, lon, radio_type"),
        (b"", "0 bytes"),
        (HEADER.encode(), "no rows of cells"),
        (gzip.compress(row().encode() * 500, mtime=0)[:-9], "the gzip is cut off"),
        (b"\x1f\x8bnonsense", "not a whole gzip"),
        (b"PK\x03\x04nonsense", "not a zip that can be opened"),
        (gzip.compress(b"0" * (151 * 2**20), mtime=0), "unpacks to more than"),
        (("radio,lat,lon,radio_type,lat\n" + "a,1,2,4G,1\n").encode(), "more than once"),
    ],
)
def test_what_is_no_file_of_cells(tmp_path: Path, content: bytes, match: str) -> None:
    (tmp_path / "c.csv").write_bytes(content)
    with pytest.raises(InputError, match=match):
        read_cells(tmp_path / "c.csv")


def test_a_zip_of_several_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.csv", row())
        archive.writestr("b.csv", row())
    with pytest.raises(InputError, match="holds 2 files; wanted one CSV"):
        read_cells(tmp_path / "c.zip")


def test_a_list_of_sites(tmp_path: Path) -> None:
    cells, (finding,) = read_cells(write(tmp_path / "s.csv", SITES), as_of="2026-09-30")
    assert cells["cell_id"].tolist() == ["a", "b"]
    assert cells["technology"].tolist() == ["4G", "5G"]
    assert cells["eirp_dbm"].tolist() == [46.5, -3.0]
    assert cells["azimuth_degrees"].iloc[0] == 120
    assert cells.loc[1, ["operator", "frequency_mhz", "mcc", "cell"]].isna().all()
    assert (finding.code, finding.message) == ("no_operator", "1 of 2 rows name no operator")
    named, found = read_cells(tmp_path / "s.csv", operator="VNPT")
    assert (named["operator"].tolist(), found) == (["Viettel", "VNPT"], [])


def test_a_list_of_sites_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.csv",
        SITES.replace(",", ";").replace(".", ",").replace("\nb;38,9;1,23;;", "\nb;38,9;1,23;X;"),
    )
    with pytest.raises(InputError, match=r"decimal_comma: .*--mend decimal_comma"):
        read_cells(file)
    cells, findings = read_cells(file, mends=parse_mends("decimal_comma"))
    assert (cells["eirp_dbm"].iloc[0], cells.geometry.iloc[0].coords[0]) == (46.5, (1.44, 39.0))
    assert {f.code for f in findings} == {"separator", "mended_decimal_comma"}


def test_the_100_sites_of_ibiza(real: Path) -> None:
    published = pd.read_csv(real / "ibiza" / "cell-sites.csv")
    cells, findings = read_cells(real / "ibiza" / "cell-sites.csv")
    assert len(cells) == len(published) == 100
    assert cells["technology"].value_counts().to_dict() == published["radio_type"].value_counts().to_dict()
    np.testing.assert_array_equal(cells.get_coordinates().to_numpy(), published[["lon", "lat"]].to_numpy())
    np.testing.assert_array_equal(cells["antenna_height_m"], published["antenna_height"].astype(float))
    assert cells["cell_id"].tolist() == published["ict_id"].tolist()
    assert [f.code for f in findings] == ["no_operator"]


def test_a_hundred_thousand_rows_take_seconds(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    where = chance.uniform((106.4, 11.3), (107.5, 12.3), (100_000, 2)).round(6)
    file = write(tmp_path / "c.csv", "".join(row(n, lon=x, lat=y) for n, (x, y) in enumerate(where)))
    start = cpu_seconds()
    cells, findings = read_cells(file, region=REGION)
    assert cpu_seconds() - start < 15  # 2.5 s of processor time where this was written
    assert (len(cells), findings) == (100_000, [])


def test_cutting_to_a_region_keeps_lines_as_published(tmp_path: Path) -> None:
    near, far, broken = row(1), row(2, lon=109.9), "LTE,452\n"
    source = tmp_path / "452.csv.gz"
    source.write_bytes(gzip.compress((HEADER + near + far + broken).encode()))
    for name in ("a.gz", "b.gz"):
        assert cut_cells(source, REGION, tmp_path / name) == 2
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()).decode() == HEADER + near + broken
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert cut_cells(source, (0, 0, 1, 1), tmp_path / "c.gz") == 1
    source.write_bytes(gzip.compress(far.encode()))
    assert cut_cells(source, REGION, tmp_path / "d.gz") == 0
    assert not (tmp_path / "d.gz").exists()


# ---- the command


def _east(tiles: float) -> float:
    return longitude(X + tiles)


def _south(tiles: float) -> float:
    return latitude(Y + tiles)


def test_add_sites_and_build(squares: Path, tmp_path: Path) -> None:
    inside = [row(cell, lon=_east(cell + 0.5), lat=_south(1.5)) for cell in range(3)]
    file = write(tmp_path / "452.csv", "".join([*inside, row(9), row(8, lon=_south(1.5), lat=_east(0.5))]))
    refused = run("add", squares, "sites", file)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "swapped: latitude and longitude are exchanged in row 5" in refused.stderr
    assert "--mend swapped" in refused.stderr
    succeed("add", squares, "sites", file, "--mend", "swapped", "--as-of", "2026-09-30", "--publisher", "Thử")
    (given,) = load_workspace(squares).of_kind("sites")
    assert given.options == {"as_of": "2026-09-30", "mend": "swapped"}
    succeed("build", squares)
    built = read_built(squares)
    assert built.sites is not None
    assert built.sites["cell"].tolist() == [0, 1, 2, 8]
    codes = {entry["code"]: entry for entry in built.quality}
    assert codes["mended_swapped"]["row"] == 5
    assert codes["cells_far"]["message"].startswith("1 of 5 cells lie more than 0.35° outside")


def test_sites_are_refused_with_a_day_that_is_none(squares: Path, tmp_path: Path) -> None:
    result = run("add", squares, "sites", write(tmp_path / "c.csv", row()), "--as-of", "30.9.2026")
    assert result.exit_code == 1
    assert "the date is '30.9.2026'; wanted the day it holds for" in result.stderr

"""Which workspace the app shows, and when it reads again."""

import os
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from geo.errors import NotBuiltError, WorkspaceError
from geo.export import communes_csv, communes_geojson
from geo.unit_filter import UnitFilter
from geo.workspace import create_workspace, save_workspace
from layers.palette import INDICATORS
from pages.results import SAMPLE, choose_workspace, read_results, warm_up
from pages.shared import UnitsForm, plain_name, units_file
from tests.fake_built import fake_built


def test_command_line_before_environment_before_sample(tmp_path: Path) -> None:
    environment = {"VUNGLOM_WORKSPACE": str(tmp_path / "b")}
    assert choose_workspace([str(tmp_path / "a")], environment) == tmp_path / "a"
    assert choose_workspace([], environment) == tmp_path / "b"
    assert choose_workspace([""], {}) == SAMPLE


def test_results_are_read_once_until_a_new_build(tmp_path: Path) -> None:
    fake_built(tmp_path)
    workspace, built = read_results(tmp_path)
    assert read_results(tmp_path) == (workspace, built)
    assert read_results(tmp_path)[1] is built
    os.utime(tmp_path / "built" / "manifest.json", ns=(1, 1))
    again = read_results(tmp_path)
    assert again[1] is not built
    assert again[0] is workspace


def test_inputs_that_are_not_built_yet_are_noticed(tmp_path: Path) -> None:
    fake_built(tmp_path)
    workspace, built = read_results(tmp_path)
    save_workspace(replace(workspace, name="Another"))
    again = read_results(tmp_path)
    assert (again[0].name, again[1] is built) == ("Another", True)


def test_unbuilt_and_foreign_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="not a workspace"):
        read_results(tmp_path)
    create_workspace(tmp_path, name="Empty")
    with pytest.raises(NotBuiltError, match="vunglom build"):
        read_results(tmp_path)


def test_warming_up_leaves_faults_to_the_visitor(tmp_path: Path) -> None:
    warm_up(tmp_path / "nowhere")
    fake_built(tmp_path)
    warm_up(tmp_path)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Bình Phước cũ (nay thuộc Đồng Nai)", "binh_phuoc_cu_nay_thuoc_dong_nai"),
        ("../../etc", "etc"),
        ("中文", "vunglom"),
    ],
)
def test_file_names_are_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_the_page_opens_on_the_verdict() -> None:
    assert INDICATORS[0].column == "verdict"


def test_the_files_below_the_map_are_those_of_the_export(tmp_path: Path) -> None:
    built = fake_built(tmp_path / "w")
    units, gaps = built.primary, UnitFilter(verdicts=("gap",))
    for form, make in (("geojson", communes_geojson), ("csv", communes_csv)):
        wanted = make(units, built.manifest, where=gaps)
        assert units_file(cast("UnitsForm", form), units, built.manifest, gaps) == wanted
        assert wanted != make(units, built.manifest)

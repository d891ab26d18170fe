"""The sample comes out the same on every processor: noise, old vector units and other kernels change no byte of it."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.make_sample import SAMPLE, make_sample
from data.sample_outlines import unit_cells
from data.sample_sources import read_units
from data.sample_steady import chance, chances, snap
from tests.noise import shake
from tests.test_sample import needs_package, require_libraries

REPO = Path(__file__).resolve().parents[1]
OLDEST_KERNEL = {"x86_64": "Prescott", "AMD64": "Prescott"}.get(platform.machine(), "ARMV8")


def test_figures_are_snapped_to_decimals_tens_and_hundreds() -> None:
    assert snap([1.26, 1234.5678]).tolist() == [1, 1235]
    assert snap([1.26, 1234.5678], 1).tolist() == [1.3, 1234.6]
    assert snap([1.26, 1234.5678], -2).tolist() == [0, 1200]


def test_there_is_no_minus_zero() -> None:
    assert [str(value) for value in snap([-0.2, -0.0, 0.2]).tolist()] == ["0.0", "0.0", "0.0"]


@pytest.mark.parametrize("noise", [-1e-15, 1e-15])
def test_noise_is_gone_after_snapping(noise: float) -> None:
    figures = np.array([105.123456, 11.654321, 47_250.0])
    assert snap(figures * (1 + noise), 6).tolist() == figures.tolist()


def test_chance_hangs_on_the_thing_alone() -> None:
    points = np.array([[-120.0, 40.0], [7.0, 5.0], [-120.0, 40.0]])
    first, second, third = (rng.random() for rng in chances("hamlet", points))
    assert first == third != second
    assert second == chance("hamlet", 7, 5).random()
    assert second != chance("town", 7, 5).random()
    assert chance("edge", 1, 23).random() != chance("edge", 12, 3).random()


@needs_package
def test_noise_moves_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, hull and projection are all shaken; the cells come out on the same whole metres."""
    around = read_units()
    plain = unit_cells(around)[1]
    noise = shake(monkeypatch, 1)
    shaken_around = read_units()
    assert shaken_around.equals(around)
    assert [cell.normalize().wkt for cell in unit_cells(shaken_around)[1]] == [
        cell.normalize().wkt for cell in plain
    ]
    assert noise.calls > 50


@needs_package
def test_noise_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_libraries()
    noise = shake(monkeypatch, 2)
    made = make_sample(tmp_path / "shaken")
    assert noise.calls > 10_000
    # workspace.toml holds the sha256 of every file
    assert (made.root / "workspace.toml").read_bytes() == (SAMPLE / "workspace.toml").read_bytes()


@needs_package
def test_old_vector_units_and_other_kernels_change_no_byte(tmp_path: Path) -> None:
    require_libraries()
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    old = {
        "NPY_DISABLE_CPU_FEATURES": " ".join(found),
        "OPENBLAS_CORETYPE": OLDEST_KERNEL,
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F",
    }
    root = tmp_path / "old"
    subprocess.run(
        [sys.executable, "-m", "data.make_sample", "--out", str(root)],
        cwd=REPO, env={**os.environ, **old}, check=True, capture_output=True,
    )  # fmt: skip
    assert (root / "workspace.toml").read_bytes() == (SAMPLE / "workspace.toml").read_bytes()

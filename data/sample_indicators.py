"""Three illustrative tables of own indicators, as a province might bring them: invented, seeded, and said to be so; and the border.

Services decline with remoteness as in `data.sample_profiles`, with noise of their own, so that they go with the gap
without repeating it. One unit of each table has no figure: a table of real life is not complete either. Which communes
lie at the border is no invention: `data.sample_border`.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from data.sample_border import BORDER_COMMUNES, BORDER_NOTE
from data.sample_profiles import FAIR, GOOD, PROFILES, REMOTE, URBAN, WEAK
from data.sample_steady import chance, snap

NOTE: Final = "số liệu minh hoạ, không phải số thật / illustrative, not real figures"


@dataclass(frozen=True)
class SampleIndicator:
    """One table: its file, what `vunglom add … indicator` is told, and figures per class of service with their noise."""

    file: str
    name: str
    unit: str
    better: str
    goal: float
    worst: float
    column: str
    levels: dict[str, float]
    noise: float
    unknown: str

    def options(self) -> dict[str, Any]:
        """Options of the input, as `add` would store them."""
        return {
            "name": self.name, "unit": self.unit, "better": self.better, "goal": self.goal, "worst": self.worst,
            "by": "code", "figures": "rate", "code_column": "ma_xa", "name_column": "ten_xa", "value_column": self.column,
            "decimal": "point", "vintage": "2026-04", "level": "commune",
        }  # fmt: skip


def _levels(urban: float, good: float, fair: float, weak: float, remote: float) -> dict[str, float]:
    return {"urban": urban, "good": good, "fair": fair, "weak": weak, "remote": remote}


SAMPLE_INDICATORS: Final = (
    SampleIndicator("nguoi_dung_dich_vu_so.csv", "Người dân dùng dịch vụ số", "%", "higher", 70.0, 10.0, "ty_le_phan_tram",
                    _levels(66, 58, 44, 31, 20), 6.0, "25261"),
    SampleIndicator("ho_so_truc_tuyen.csv", "Hồ sơ dịch vụ công nộp trực tuyến", "%", "higher", 80.0, 20.0, "ty_le_phan_tram",
                    _levels(82, 74, 61, 47, 39), 9.0, "25402"),
    SampleIndicator("ky_nang_so.csv", "Người trưởng thành chưa có kỹ năng số cơ bản", "%", "lower", 20.0, 70.0, "ty_le_phan_tram",
                    _levels(18, 27, 38, 49, 58), 5.0, "25280"),
)  # fmt: skip
"""Use of digital services, files handed in online, adults without basic digital skills (there lower is better)."""

_CLASSES: Final = {URBAN: "urban", GOOD: "good", FAIR: "fair", WEAK: "weak", REMOTE: "remote"}


def indicator_rows(indicator: SampleIndicator, names: dict[str, str]) -> list[list[str]]:
    """Code, name, figure with one decimal (empty where not known) and the label; `names` of the 40 units by code."""
    rows = []
    for code in sorted(names):
        level = indicator.levels[_CLASSES[PROFILES[code].service]]
        luck = chance("indicator", indicator.file, code).normal(0, 1)
        figure = float(snap(np.clip(level + indicator.noise * luck, 0.5, 99.5), 1))
        rows.append([code, names[code], "" if code == indicator.unknown else f"{figure:.1f}", NOTE])
    return rows


def write_indicators(folder: Path, names: dict[str, str]) -> list[Path]:
    """The three CSV files (UTF-8 with byte order mark, the same bytes on every run); returns their paths."""
    return [
        _write(folder / one.file, ["ma_xa", "ten_xa", one.column, "ghi_chu"], indicator_rows(one, names))
        for one in SAMPLE_INDICATORS
    ]


def border_options() -> dict[str, Any]:
    """Options of the table of border communes, as `add` would store them."""
    return {
        "name": "Giáp biên giới", "id": "border", "better": "lower", "by": "code", "figures": "yes_no",
        "code_column": "ma_xa", "name_column": "ten_xa", "value_column": "giap_bien_gioi", "vintage": "2024", "level": "commune",
    }  # fmt: skip


def write_border(folder: Path, names: dict[str, str]) -> Path:
    """The CSV file of the communes of 2024 that lie at the border; `names` of all 111 by code."""
    rows = [
        [code, names[code], "1" if code in BORDER_COMMUNES else "0", BORDER_NOTE] for code in sorted(names)
    ]
    return _write(folder / "giap_bien_gioi.csv", ["ma_xa", "ten_xa", "giap_bien_gioi", "nguon"], rows)


def _write(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8"))
    return path

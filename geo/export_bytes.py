"""An export in memory, for whoever sends it on: the file, its sidecar, and both as one ZIP archive."""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.export import ExportReport, export_layer
from geo.results import Built
from geo.unit_filter import UnitFilter

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP archive knows: the same files give the same bytes whenever they are packed."""


@dataclass(frozen=True)
class Exported:
    """A file that was written, read back and checked, and what goes with it."""

    name: str
    data: bytes
    sidecar_name: str
    sidecar: bytes
    report: ExportReport

    def zipped(self) -> bytes:
        """The file and its sidecar as one archive."""
        return zip_files({self.name: self.data, self.sidecar_name: self.sidecar})


def export_bytes(
    built: Built,
    layer: str,
    fmt: str,
    name: str,
    *,
    units: str | None = None,
    where: UnitFilter | None = None,
) -> Exported:
    """`geo.export.export_layer` into memory; raises what it raises. `name` is that of the file, with its ending."""
    with tempfile.TemporaryDirectory(prefix="vunglom-export-") as folder:
        report = export_layer(built, layer, fmt, Path(folder) / name, units=units, where=where)
        sidecar = report.sidecar
        return Exported(name, report.out.read_bytes(), sidecar.name, sidecar.read_bytes(), report)


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Files by name as a ZIP archive, the same bytes each time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()

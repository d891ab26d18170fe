"""A report of checks as plain values, GeoJSON (RFC 7946) and XLSX, with the sources and terms of what it rests on."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import export_geojson, export_xlsx
from geo.column_meanings import check_meanings
from geo.export_meta import describe
from geo.export_rows import Deliverable, plain
from geo.results import Built, UnitList
from geo.rollout import Check, Report, Together
from geo.rollout_check import Range
from geo.site_areas import TERRAIN_BLIND

METHOD: Final = (
    "Each proposal is laid over the units, today's coverage of its technology (one kind of evidence) and the accepted plans of other "
    "operators; newly covered is what lies in none of them. METHODS.md of Vùng Lõm, section Rollout, gives every formula."
)


def as_report(report: Report, built: Built, units: UnitList) -> dict[str, Any]:
    """Plain JSON values: what holds for all, `proposals`, and `together` per technology."""
    return {
        **_head(report, built, units),
        "proposals": [
            {**check_as_dict(check), "notes": list(report.notes.get(check.key, ()))}
            for check in report.checks
        ],
        "together": [_together_as_dict(together) for together in report.together],
    }


def _head(report: Report, built: Built, units: UnitList) -> dict[str, Any]:
    described = describe("communes", (), built.manifest, units)
    described["layer"] = "rollout"
    # the thresholds are those of the check, which may be younger than the build
    rules = {**built.manifest["rules"], "rollout": report.rules.as_dict()}
    described["method"] = {"description": METHOD, "rules": rules}
    described.pop("columns")
    return described


def check_as_dict(check: Check) -> dict[str, Any]:
    """One check without its polygons."""
    return {
        "key": check.key,
        "operators": list(check.operators),
        "technology": str(check.technology),
        "year": check.year,
        "status": check.status,
        "advice": str(check.advice),
        "basis": check.basis,
        "evidence": check.evidence or None,
        "modelled": TERRAIN_BLIND if check.modelled else None,
        "outside_share": check.outside_share,
        "cost": check.cost,
        "speed_mbps": check.speed_mbps,
        "figures": {
            name: {"people": asdict(people), "km2": asdict(km2)}
            for name, (people, km2) in check.figures.items()
        },
        "people_unknown_units": check.people_unknown_units,
        "duplicated_share": asdict(check.duplicated_share),
        "gap_share": check.gap_share,
        "cost_per_new_person": asdict(check.cost_per_new_person),
        "places_gained": check.places,
        "nearest_planned_site_km": check.nearest_site_km,
        "nearest_planned_site_of": check.nearest_site_of or None,
        "lifted_units": check.lifted_units if check.new_area is not None else None,
        "criteria": [{**asdict(c), "outcome": str(c.outcome)} for c in check.criteria],
        "reasons": [asdict(reason) for reason in check.reasons],
        "units": _records(check.units),
    }


def _together_as_dict(together: Together) -> dict[str, Any]:
    return {
        **check_as_dict(together.check),
        "promised_twice": together.promised_twice,
        "contributions_method": together.method,
        "contributions": [asdict(one) for one in together.contributions],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def as_geojson(report: Report, built: Built, units: UnitList) -> bytes:
    """The part of each proposal inside the units (`kind` proposal) and its newly covered area (`kind` new), checked."""
    rows, shapes = [], []
    for check in report.checks:
        for kind, shape in (("proposal", check.area), ("new", check.new_area)):
            if shape is not None and not shape.is_empty:
                notes = "; ".join(report.notes.get(check.key, ())) or None
                rows.append({"kind": kind, **_flat(check), "notes": notes})
                shapes.append(shape)
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)
    metadata = {
        **_head(report, built, units),
        "together": [_together_as_dict(one) for one in report.together],
    }
    deliverable = export_geojson.rounded(Deliverable("rollout", frame, {}, metadata))
    content = export_geojson.encode(deliverable)
    export_geojson.check(content, deliverable, source="rollout.geojson")
    return content


def _flat(check: Check) -> dict[str, Any]:
    """One check as one row of figures."""
    row: dict[str, Any] = {
        "key": check.key,
        "operator": "; ".join(check.operators),
        "technology": str(check.technology),
        "year": check.year,
        "status": check.status,
        "advice": str(check.advice),
        "basis": check.basis,
        "evidence": check.evidence or None,
        "modelled": check.modelled,
        "outside_share": check.outside_share,
    }
    for name, (people, km2) in check.figures.items():
        row |= _ends(f"{name}_people", people) | _ends(f"{name}_km2", km2)
    row |= {"people_unknown_units": check.people_unknown_units}
    row |= _ends("duplicated_share", check.duplicated_share)
    row |= {"gap_share": check.gap_share, "cost": check.cost, "lifted_units": check.lifted_units}
    row |= _ends("cost_per_new_person", check.cost_per_new_person)
    row |= {f"{kind}s_gained": count for kind, count in check.places.items()}
    return row | {"nearest_planned_site_km": check.nearest_site_km}


def _ends(name: str, figure: Range) -> dict[str, float | None]:
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}


def as_xlsx(report: Report, built: Built, units: UnitList) -> bytes:
    """A workbook: proposals, all together, criteria, units, partners, reasons, notes, columns, sources. Text never runs as a formula."""
    checks = [*report.checks, *(one.check for one in report.together)]
    sheets: dict[str, list[dict[str, Any]]] = {
        "proposals": [_flat(check) for check in report.checks],
        "together": [
            {**_flat(one.check), "promised_twice": one.promised_twice, "method": one.method}
            for one in report.together
        ],
        "criteria": [
            {"key": check.key, "criterion": c.code, "essential": c.essential, "outcome": str(c.outcome), "unit": c.unit,
             "better": c.better, "threshold": c.threshold, **_ends("figure", c.figure), "reason": c.reason.code}
            for check in checks for c in check.criteria
        ],
        "units": [{"key": check.key, **row} for check in checks for row in _records(check.units)],
        "partners": [
            {"technology": str(one.check.technology), "method": one.method, **asdict(part)}
            for one in report.together for part in one.contributions
        ],
        "reasons": [
            {"key": check.key, "reason": reason.code,
             "numbers": "; ".join(f"{name} {value}" for name, value in reason.numbers.items())}
            for check in checks for reason in check.reasons
        ],
        "notes": [{"key": key, "note": note} for key, notes in report.notes.items() for note in notes],
        "sources": _source_rows(report, built, units),
    }  # fmt: skip
    heads = {title: columns_of(rows) for title, rows in sheets.items()}
    # the last sheet says where it all comes from, the one before it what it means
    sources = sheets.pop("sources")
    return workbook({**sheets, "columns": check_meanings(heads), "sources": sources})


def _source_rows(report: Report, built: Built, units: UnitList) -> list[dict[str, Any]]:
    head = _head(report, built, units)
    told = [{"what": name, "text": str(head[name])} for name in ("workspace", "note", "built_at", "terms")]
    if head["illustrative"]:
        told.append({"what": "label", "text": head["label"]})
    told.append({"what": "method", "text": METHOD})
    told += [
        {"what": f"threshold {name}", "text": f"{limit:g}"} for name, limit in report.rules.as_dict().items()
    ]
    return told + [
        {"what": str(source["kind"]), "text": "; ".join(f"{name}: {source[name] or 'not said'}" for name in ("publisher", "licence", "date"))}
        for source in head["sources"]
    ]  # fmt: skip


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of a sheet; one without rows has that of the key."""
    return list(rows[0]) if rows else ["key"]


def workbook(sheets: dict[str, list[dict[str, Any]]]) -> bytes:
    """An XLSX workbook of rows by sheet; text never runs as a formula."""
    # slow to import and wanted for this format only
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        names = columns_of(rows)
        lines = [names, *([plain(row.get(name)) for name in names] for row in rows)]
        export_xlsx.fill_sheet(book.create_sheet(title), lines)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()

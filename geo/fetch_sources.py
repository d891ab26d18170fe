"""Places and cells of the region (population: `geo.fetch_population`)."""

from dataclasses import asdict, replace
from typing import Any

from geo import confined
from geo.download import Wanted
from geo.errors import CallError
from geo.fetch import Job, Outcome, add_files, provenance_of, region_bounds, region_id, short_hash
from geo.mends import Mend, mends_text
from geo.records import Fetched
from geo.sources import opencellid, osm
from geo.sources.table import mirror_of, require_text


def fetch_places(job: Job) -> Outcome:
    """Towns, schools and clinics around the units, from OpenStreetMap."""
    query = osm.places_query(region_bounds(job))
    given, record, key = ask_overpass(job, query)
    places = osm.read_places(given)
    if not places["features"]:
        return Outcome(
            "places",
            (),
            osm.SOURCE.publisher,
            osm.SOURCE.licence,
            ("no town, school, clinic or office is mapped there",),
        )
    path = job.derived(places, osm.SOURCE.name, f"places-{key}.geojson")
    known = provenance_of(osm.SOURCE, record, date=osm.answer_day(given), made_from=[record])
    add_files(job, "places", [(path, {"label": "name", "class": "class"}, known)])
    return Outcome("places", (path,), known.publisher, known.licence)


def ask_overpass(job: Job, query: str) -> tuple[dict[str, Any], Fetched, str]:
    """(answer, record, short name of the query) of an Overpass query."""
    key = short_hash(query)
    address = osm.SOURCE.address("query", job.mirrors, query=query)
    wanted = Wanted(address, recognise=osm.recognise, check=osm.check, largest=1024**3)
    # the server's rules: after a 429, half a minute before the next request
    patience = replace(job.patience, pause_s=job.patience.pause_s * osm.PAUSE_FACTOR)
    path, record = replace(job, patience=patience).file(wanted, osm.SOURCE.name, f"answer-{key}.json")
    return osm.read_answer(path), record, key


def fetch_opencellid(job: Job, *, mcc: str) -> Outcome:
    """The cells of a country that lie in or near the region, as a sites input; the whole file stays in the cache."""
    source = opencellid.SOURCE
    mcc = require_text(mcc, "[2-7][0-9]{2}", "the country code", "452")
    if job.mirrors.get(source.name) and mirror_of(source.name, {}) != mirror_of(source.name, job.mirrors):
        # a workspace can come from somebody else; the user's token goes only where the user sends it
        raise CallError(
            "the workspace names a mirror of opencellid, and your token would go there; set it in the environment as VUNGLOM_MIRROR_OPENCELLID if you trust it"
        )
    address = source.address("country", {}, secrets={"token": opencellid.token()}, mcc=mcc)
    bounds = region_bounds(job)
    wanted = Wanted(address, recognise=opencellid.recognise, check=lambda path: opencellid.check(path, mcc))
    path, record = job.file(wanted, source.name, f"{mcc}.csv.gz")
    known = provenance_of(source, record, more="Cut to the region")
    said = {name: text for name, text in asdict(known).items() if text}
    job.derived({**said, "sha256": record.sha256}, source.name, f"{mcc}.csv.gz.provenance.json")
    cut = job.cache / source.name / region_id(bounds) / f"{mcc}.csv.gz"
    cut.parent.mkdir(parents=True, exist_ok=True)
    if not confined.cut_cells(path, bounds, cut):
        return Outcome("sites", (), source.publisher, source.licence, ("no cell is known there",))
    # copies of a row say nothing new, and nobody is there to be asked; that they were left out is a finding
    add_files(job, "sites", [(cut, {"mend": mends_text([Mend.DUPLICATES])}, known)])
    return Outcome("sites", (cut,), source.publisher, source.licence)

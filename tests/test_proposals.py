"""Proposals as data and their store: faults named, every version kept, two savers at once, kill -9 at any moment."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CallError, InputError, WorkspaceError
from geo.proposal import NEXT, Proposal, Status, clean_area, make_proposal
from geo.proposal_store import STORE_NAME
from geo.proposals import (
    add_proposal,
    read_history,
    read_proposal,
    read_proposals,
    restore_version,
    save_proposal,
    set_status,
)
from geo.workspace import create_workspace

SQUARE = shapely.box(106.0, 11.0, 106.1, 11.1)
BOW_TIE = shapely.Polygon([(106, 11), (106.1, 11.1), (106.1, 11), (106, 11.1)])


def offer(**more: Any) -> Proposal:
    given = {"name": "Vùng 1", "operator": "Viettel", "technology": "4G", "area": SQUARE, **more}
    return make_proposal(**given)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_workspace(tmp_path / "w", name="w")
    return tmp_path / "w"


# as data


def test_operators_and_technologies_are_known_by_any_spelling() -> None:
    assert offer(operator="  viettel ").operator == "Viettel"
    assert offer(operator="Vina Phone").operator == "VinaPhone"
    assert offer(operator="movistar", known_operators=["Movistar"]).operator == "Movistar"
    assert offer(technology="4g").technology == "4G"


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"operator": "Vietel"}, r"operator 'Vietel' is not known \(did you mean Viettel\?\)"),
        ({"operator": ""}, "no operator is given"),
        ({"technology": "6G"}, "technology is '6G', wanted one of 2G, 3G, 4G, 5G"),
        ({"technology": ""}, "technology is ''"),
        ({"cost": -5.0}, "cost is -5, wanted a number of 0 or more"),
        ({"cost": float("nan")}, "cost is nan"),
        ({"cost": float("inf")}, "cost is inf"),
        ({"promised_mbps": 0.0}, "promised_mbps is 0, wanted a number above 0"),
        ({"year": 20266}, "year is 20266, wanted 1990 to 2100"),
        ({"operator": "?", "technology": "9G", "cost": -1.0}, "operator .* technology .* cost"),
        ({"area": []}, "holds no area"),
        ({"area": None}, "holds no area"),
        ({"area": shapely.Polygon()}, "holds no area"),
        ({"area": shapely.Point(1, 1)}, "holds a Point where an area was wanted"),
        ({"area": shapely.LineString([(1, 1), (2, 2)])}, "holds a LineString"),
        ({"area": BOW_TIE}, r"its outline crosses itself \(Self-intersection\[106.05 11.05\]\)"),
        ({"area": shapely.box(11, 106, 12, 107)}, "not longitude and latitude"),
        ({"area": shapely.Polygon([(1, 1), (2, 2), (1, 1)])}, "encloses no area"),
    ],
)
def test_faults_of_a_proposal_are_named(change: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        offer(**change)


def test_small_faults_of_drawing_are_mended_and_parts_become_one() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 2), (1, 1), (0, 1)])
    assert clean_area(spike, "x").equals(shapely.box(0, 0, 1, 1))
    both = clean_area([shapely.box(0, 0, 1, 1), shapely.box(0.5, 0, 2, 1), None], "x")
    assert both.equals(shapely.box(0, 0, 2, 1))


def test_the_digest_is_of_what_is_proposed() -> None:
    turned = shapely.Polygon(list(SQUARE.exterior.coords)[2:-1] + list(SQUARE.exterior.coords)[:2])
    assert (
        offer().digest()
        == offer(name="other", area=turned).digest()
        == replace(offer(), status=Status.BUILT).digest()
    )
    assert (
        len(
            {
                offer().digest(),
                offer(cost=1.0).digest(),
                offer(year=2027).digest(),
                offer(technology="5G").digest(),
            }
        )
        == 4
    )


# the store


def test_a_saved_proposal_comes_back_as_it_was(root: Path) -> None:
    points = np.array([[106.05, 11.05], [106.01, 11.09]])
    wide = shapely.buffer(SQUARE, 0.01)
    given = offer(
        cost=1.5e9, promised_mbps=60.0, year=2027, points=points, vintage="2026-04", basis="RMa",
        area_low=SQUARE, area_high=wide,
    )  # fmt: skip
    saved = add_proposal(root, given, who="Lan")
    back = read_proposal(root, saved.id)
    assert (saved.id, saved.version, saved.is_new) == ("1", 1, True)
    assert replace(given, id="1").details() == back.details()
    assert shapely.to_wkb(back.area) == shapely.to_wkb(given.area)
    assert shapely.to_wkb(back.area_high) == shapely.to_wkb(wide)
    assert back.sites.tolist() == points.tolist()
    assert [plan.name for plan in read_proposals(root)] == ["Vùng 1"]


def test_nothing_saved_is_nothing_there(root: Path) -> None:
    assert read_proposals(root) == []
    assert read_history(root).empty
    assert not (root / STORE_NAME).exists()


def test_the_same_file_twice_is_one_proposal(root: Path) -> None:
    first = add_proposal(root, offer(), who="Lan")
    again = add_proposal(root, offer(name="khác"), who="Minh")
    assert (again.id, again.is_new) == (first.id, False)
    assert len(read_proposals(root)) == len(read_history(root)) == 1


def test_who_when_and_every_change_is_kept_and_brought_back(root: Path) -> None:
    number = add_proposal(root, offer(), who="Lan").id
    bigger = replace(read_proposal(root, number), area=shapely.buffer(SQUARE, 0.1), cost=9.0)
    save_proposal(root, bigger, who="Minh", based_on=1)
    set_status(root, number, Status.SUBMITTED, who="Hoa")
    saved = restore_version(root, number, 1, who="Lan")
    back = read_proposal(root, number)
    assert saved.version == 4
    assert (back.cost, back.status, back.area.equals(SQUARE)) == (None, Status.SUBMITTED, True)
    assert read_proposal(root, number, version=2).cost == 9.0
    history = read_history(root, number)
    assert history["action"].tolist() == ["add", "save", "status:submitted", "restore:1"]
    assert history["who"].tolist() == ["Lan", "Minh", "Hoa", "Lan"]
    assert history["based_on"].tolist() == [0, 1, 2, 1]
    assert history["at"].is_monotonic_increasing


@pytest.mark.parametrize("now", list(Status))
@pytest.mark.parametrize("then", list(Status))
def test_only_these_statuses_follow_each_other(root: Path, now: Status, then: Status) -> None:
    number = add_proposal(root, offer(), who="Lan").id
    for step in list(Status)[1 : list(Status).index(now) + 1]:
        set_status(root, number, step, who="Lan")
    if then is now or then in NEXT[now]:
        assert set_status(root, number, then, who="Lan").is_new is (then is not now)
        assert read_proposal(root, number).status is then
    else:
        with pytest.raises(InputError, match=f"is {now}, and .* may follow, not {then}"):
            set_status(root, number, then, who="Lan")
        assert read_proposal(root, number).status is now


def test_what_is_built_stays_as_it_is(root: Path) -> None:
    number = add_proposal(root, offer(), who="Lan").id
    for step in (Status.SUBMITTED, Status.ACCEPTED, Status.BUILT):
        set_status(root, number, step, who="Lan")
    with pytest.raises(InputError, match="is built, so it is no longer changed"):
        save_proposal(root, replace(read_proposal(root, number), cost=1.0), who="Lan")
    with pytest.raises(InputError, match="is built, so it is no longer changed"):
        restore_version(root, number, 1, who="Lan")


@pytest.mark.parametrize(
    ("work", "kind", "match"),
    [
        (lambda r: read_proposal(r, "7"), InputError, "no proposal '7' here; there are 1"),
        (lambda r: read_proposal(r, "1; DROP TABLE versions"), InputError, "no proposal"),
        (lambda r: read_proposal(r, "1", version=5), InputError, "has no version 5"),
        (lambda r: restore_version(r, "1", 9, who="x"), InputError, "has no version 9"),
        (lambda r: add_proposal(r, offer(cost=2.0), who="  "), CallError, "nobody is named"),
        (
            lambda r: add_proposal(r, replace(offer(cost=2.0), status=Status.ACCEPTED), who="x"),
            InputError,
            "starts as a draft",
        ),
        (lambda r: add_proposal(r.parent / "none", offer(), who="x"), WorkspaceError, "not a workspace"),
    ],
)
def test_bad_calls_are_named_and_nothing_is_changed(
    root: Path, work: Any, kind: type[Exception], match: str
) -> None:
    add_proposal(root, offer(), who="Lan")
    with pytest.raises(kind, match=match):
        work(root)
    assert len(read_history(root)) == 1


def test_a_file_that_is_no_store_or_of_another_format_is_named(root: Path) -> None:
    (root / STORE_NAME).write_bytes(b"not a database, but long enough to be looked at as one" * 50)
    with pytest.raises(WorkspaceError, match="file is not a database"):
        read_proposals(root)
    (root / STORE_NAME).unlink()
    with sqlite3.connect(root / STORE_NAME) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(WorkspaceError, match="is of format 9, this version reads 1"):
        read_proposals(root)


def test_of_two_who_save_at_once_neither_loses_a_version(root: Path) -> None:
    number = add_proposal(root, offer(), who="Lan").id
    base = read_proposal(root, number)
    one = save_proposal(root, replace(base, cost=1.0), who="Lan", based_on=1)
    two = save_proposal(root, replace(base, cost=2.0), who="Minh", based_on=1)
    assert (one.overtaken, two.overtaken) == ((), (2,))
    assert [read_proposal(root, number, version=v).cost for v in (1, 2, 3)] == [None, 1.0, 2.0]


def test_many_threads_saving_lose_nothing(root: Path) -> None:
    number = add_proposal(root, offer(), who="Lan").id
    base = read_proposal(root, number)

    def save(cost: int) -> int:
        return save_proposal(root, replace(base, cost=float(cost)), who=f"p{cost}", based_on=1).version

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(save, range(40)))
    assert sorted(versions) == list(range(2, 42))
    assert sorted(read_proposal(root, number, version=v).cost or 0 for v in versions) == list(range(40))


SAVER = """
import sys, pathlib, dataclasses
from geo.proposals import read_proposal, save_proposal
root = pathlib.Path(sys.argv[1])
base = read_proposal(root, "1")
for cost in range(100_000):
    saved = save_proposal(root, dataclasses.replace(base, cost=float(cost)), who=sys.argv[2])
    print(saved.version, cost, flush=True)
"""


def start_saver(root: Path, who: str) -> subprocess.Popen[str]:
    repo = Path(__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", SAVER, str(root), who], stdout=subprocess.PIPE, text=True, cwd=repo,
        env={**os.environ, "PYTHONPATH": str(repo)},
    )  # fmt: skip


def test_killed_while_two_processes_save_everything_that_was_said_is_there(root: Path) -> None:
    add_proposal(root, offer(), who="Lan")
    for pause in (0.0, 0.05, 0.2):
        savers = [start_saver(root, who) for who in ("A", "B")]
        said = []
        for saver in savers:
            assert saver.stdout is not None
            said.append(saver.stdout.readline().split())
        time.sleep(pause)
        for saver in savers:
            saver.send_signal(signal.SIGKILL)
            out, _ = saver.communicate(timeout=60)
            said += [line.split() for line in out.splitlines() if len(line.split()) == 2]
        for version, cost in said[:: max(len(said) // 20, 1)]:
            assert read_proposal(root, "1", version=int(version)).cost == float(cost)
        history = read_history(root, "1")
        assert history["version"].tolist() == list(range(1, len(history) + 1))
        with sqlite3.connect(root / STORE_NAME) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


@settings(max_examples=20, deadline=None)
@given(costs=st.lists(st.floats(0, 1e9), min_size=1, max_size=5), back=st.integers(1, 6))
def test_any_version_can_be_brought_back(
    tmp_path_factory: pytest.TempPathFactory, costs: list[float], back: int
) -> None:
    root = tmp_path_factory.mktemp("s") / "w"
    create_workspace(root, name="w")
    number = add_proposal(root, offer(), who="Lan").id
    for cost in costs:
        save_proposal(root, replace(read_proposal(root, number), cost=cost), who="Lan")
    version = min(back, len(costs) + 1)
    restore_version(root, number, version, who="Lan")
    wanted = [None, *costs][version - 1]
    assert read_proposal(root, number).cost == wanted

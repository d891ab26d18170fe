"""The store of proposals: versions that stay, two at once, refused changes by name, and the end of a process at any moment."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from geo.errors import ConflictError, InputError, ProposalError
from geo.proposal_rows import mend_of
from geo.proposal_store import FILE_NAME, Store
from geo.proposals import (
    TRANSITIONS,
    Content,
    Status,
    changed_fields,
    check_content,
    shown_name,
    text_faults,
    with_fields,
)
from geo.schema import Technology

ROOT = Path(__file__).parents[1]
SQUARE: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {},
         "geometry": {"type": "Polygon", "coordinates": [[[106, 11], [107, 11], [107, 12], [106, 11]]]}}
    ],
}  # fmt: skip
CONTENT = Content(
    "Bù Gia Mập", "Viettel", Technology.G4, "areas", SQUARE, "2026-04-commune", year=2027, cost=5e9
)


def test_a_proposal_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.newest() == []
    assert not (tmp_path / FILE_NAME).exists()
    added = store.add(CONTENT, who="Lan")
    assert (added.id, added.version, added.status, added.who) == ("p1", 1, "draft", "Lan")
    assert Store(tmp_path).get("p1") == added
    assert store.add(replace(CONTENT, name="hai"), who="Lan").id == "p2"
    assert [v.id for v in store.newest()] == ["p1", "p2"]


def test_every_change_is_a_version_with_who_and_when(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    store.save("p1", 1, with_fields(CONTENT, cost=6e9, year=None), who="Minh")
    store.set_status("p1", 2, Status.SUBMITTED, who="Lan")
    back = store.restore("p1", 1, 3, who="Hà")
    assert back.content == CONTENT
    assert [(v.version, v.who, v.action, str(v.status)) for v in store.history("p1")] == [
        (1, "Lan", "added", "draft"),
        (2, "Minh", "changed", "draft"),
        (3, "Lan", "draft → submitted", "submitted"),
        (4, "Hà", "brought back version 1", "submitted"),
    ]
    assert store.get("p1", 2).content.cost == 6e9
    assert all(v.at <= w.at for v, w in zip(store.history("p1"), store.history("p1")[1:], strict=False))


@pytest.mark.parametrize("now", list(Status))
@pytest.mark.parametrize("wanted", list(Status))
def test_a_status_changes_only_as_allowed(tmp_path: Path, now: Status, wanted: Status) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    path = {"draft": [], "submitted": ["submitted"], "accepted": ["submitted", "accepted"],
            "built": ["submitted", "accepted", "built"]}[str(now)]  # fmt: skip
    for step, status in enumerate(path, start=1):
        store.set_status("p1", step, Status(status), who="Lan")
    before = store.history("p1")
    if wanted in TRANSITIONS[now]:
        assert store.set_status("p1", len(before), wanted, who="Lan").status == wanted
    else:
        with pytest.raises(
            ProposalError, match=f"p1 is {now} and cannot become {wanted}; from {now} it may become"
        ):
            store.set_status("p1", len(before), wanted, who="Lan")
        assert store.history("p1") == before


def test_what_others_rely_on_cannot_be_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    store.set_status("p1", 1, Status.SUBMITTED, who="Lan")
    store.set_status("p1", 2, Status.ACCEPTED, who="Lan")
    with pytest.raises(
        ProposalError, match=r"p1 is accepted.*cannot be changed; set it back to submitted first"
    ):
        store.save("p1", 3, CONTENT, who="Minh")
    with pytest.raises(ProposalError, match="cannot be brought back to version 1"):
        store.restore("p1", 1, 3, who="Minh")
    store.set_status("p1", 3, Status.BUILT, who="Lan")
    with pytest.raises(ProposalError, match=r"p1 is built.*add a new proposal"):
        store.save("p1", 4, CONTENT, who="Minh")
    assert len(store.history("p1")) == 4


def test_the_second_of_two_is_told_what_changed_and_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    store.save("p1", 1, with_fields(CONTENT, cost=7e9), who="Minh")
    mine = with_fields(CONTENT, year=2028)
    with pytest.raises(
        ConflictError, match=r"version 2 by Minh at .*Changed since: cost \(5000000000.0 → 7000000000.0\)"
    ):
        store.save("p1", 1, mine, who="Lan")
    assert len(store.history("p1")) == 2
    saved = store.save("p1", 2, mine, who="Lan")
    assert saved.content.year == 2028
    assert store.get("p1", 2).content.cost == 7e9


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    added: list[str] = []
    refused: list[str] = []
    Store(tmp_path).add(CONTENT, who="first")

    def work(name: str) -> None:
        store = Store(tmp_path)
        for number in range(5):
            added.append(store.add(replace(CONTENT, name=f"{name} {number}"), who=name).id)
            try:
                store.save(
                    "p1", store.get("p1").version, with_fields(CONTENT, note=f"{name} {number}"), who=name
                )
            except ConflictError:
                refused.append(name)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = Store(tmp_path)
    assert len(set(added)) == 30
    assert {v.id for v in store.newest()} == {"p1", *added}
    assert len(store.history("p1")) == 1 + 30 - len(refused)


def test_a_version_cannot_be_changed_or_deleted_even_by_hand(tmp_path: Path) -> None:
    Store(tmp_path).add(CONTENT, who="Lan")
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        for statement in ("DELETE FROM versions", "UPDATE versions SET who = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="a version is never"):
                connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cost": -1.0}, "cost is -1, wanted 0 or more"),
        ({"cost": float("nan")}, "cost is nan"),
        ({"cost": float("inf")}, "cost is inf"),
        ({"speed_mbps": -5.0}, "speed_mbps is -5 Mbps"),
        ({"year": 27}, "year is 27, wanted 2000 to 2100"),
        ({"operator": "  "}, "operator is empty"),
        ({"name": "x" * 201}, "name is longer than 200"),
        ({"geometry": {"features": []}}, "no areas and no sites"),
        ({"kind": "lines"}, "kind is 'lines'"),
        ({"cost": -1.0, "year": 1}, "cost is -1.*year is 1"),
    ],
)
def test_content_at_fault_is_refused_and_nothing_added(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check_content(replace(CONTENT, **fields))
    with pytest.raises(InputError, match=said):
        Store(tmp_path).add(replace(CONTENT, **fields), who="Lan")
    assert Store(tmp_path).newest() == []


def test_the_same_file_twice_is_recognised(tmp_path: Path) -> None:
    store = Store(tmp_path)
    given = replace(CONTENT, source="areas.geojson", sha256="ab" * 32)
    store.add(given, who="Lan")
    with pytest.raises(
        ProposalError, match=r"areas.geojson: this file is here already as p1 \(Viettel 4G, draft"
    ):
        store.add(replace(given, operator="VIETTEL"), who="Minh")
    assert len(store.newest()) == 1
    assert store.add(replace(given, technology=Technology.G5), who="Minh").id == "p2"
    assert store.add(given, who="Minh", again=True).id == "p3"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: s.get("p9"), "no proposal 'p9' here; there are: p1"),
        (lambda s: s.get("p1", 7), "p1 has no version 7; it has 1 to 1"),
        (lambda s: s.set_status("p9", 1, Status.SUBMITTED, who="Lan"), "no proposal 'p9'"),
        (lambda s: s.restore("p1", 3, 1, who="Lan"), "p1 has no version 3"),
        (lambda s: s.save("p1", 1, CONTENT, who=" "), "nobody is named"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, call: Any, said: str) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    with pytest.raises(ProposalError, match=said):
        call(store)
    assert len(store.history("p1")) == 1


def test_a_file_that_is_no_store_is_said_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"no database at all, but long enough to be one" * 50)
    before = path.read_bytes()
    with pytest.raises(ProposalError, match=r"cannot be used .*not a database"):
        Store(tmp_path).newest()
    assert path.read_bytes() == before
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(ProposalError, match="is no store of proposals"):
        Store(tmp_path).add(CONTENT, who="Lan")


def _edit(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("'approved', content", r"p2 version 1 in it cannot be read \('approved' is not"),
        ("status, 'no json'", "p2 version 1 in it cannot be read"),
        ("status, '{}'", "p2 version 1 in it cannot be read"),
        ("status, json_set(content, '$.more', 1)", "p2 version 1 in it cannot be read"),
        ("status, json_set(content, '$.technology', '6G')", "'6G' is not a valid Technology"),
        ("status, json_set(content, '$.kind', 'lines')", "'lines' without features"),
        ("status, json_set(content, '$.geometry', json('[]'))", "p2 version 1 in it cannot be read"),
        (
            "status, json_set(content, '$.geometry.features[0].geometry', null)",
            "p2 version 1 in it cannot be read",
        ),
    ],
)
def test_what_another_hand_wrote_is_named_not_a_crash(tmp_path: Path, given: str, said: str) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    _edit(
        tmp_path / FILE_NAME, f"INSERT INTO versions SELECT 'p2', 1, at, who, action, {given} FROM versions"
    )
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(ProposalError, match=said):
        store.newest()
    with pytest.raises(ProposalError, match=said):
        store.add(CONTENT, who="Lan", again=True)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_store_of_a_newer_version_is_left_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    _edit(tmp_path / FILE_NAME, "PRAGMA user_version = 2")
    for call in (store.newest, lambda: store.add(CONTENT, who="Lan", again=True)):
        with pytest.raises(
            ProposalError, match="has format 2, this version reads 1; use the version that wrote it"
        ):
            call()


def test_an_id_of_another_hand_takes_no_number(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CONTENT, who="Lan")
    _edit(
        tmp_path / FILE_NAME,
        "INSERT INTO versions SELECT 'mine', 1, at, who, action, status, content FROM versions",
    )
    assert store.add(CONTENT, who="Lan", again=True).id == "p2"


def test_what_stands_in_the_place_of_the_file_is_no_empty_store(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ProposalError, match=r"cannot be used .*see what stands there"):
        Store(tmp_path).newest()
    with pytest.raises(ProposalError, match=r"cannot be used .*see what stands there"):
        Store(tmp_path).add(CONTENT, who="Lan")


_UNTIL_FULL = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from geo.errors import ProposalError
from geo.proposal_store import Store
from tests.test_proposals import CONTENT
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for number in range(100):
    try:
        Store(Path(sys.argv[1])).add(replace(CONTENT, name=f"n{number}", note="x" * 20_000), who="Lan")
    except ProposalError as fault:
        print(number, fault)
        break
"""


def test_no_room_on_the_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_FULL, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    number, _, said = done.stdout.partition(" ")
    assert "cannot be used" in said
    assert [version.content.name for version in Store(tmp_path).newest()] == [
        f"n{n}" for n in range(int(number))
    ]
    assert int(number) > 1


def test_a_proposal_keeps_its_place_when_it_is_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(11):
        store.add(replace(CONTENT, name=f"n{number}"), who="Lan")
    store.set_status("p2", 1, Status.SUBMITTED, who="Lan")
    assert [version.id for version in store.newest()] == [f"p{number}" for number in range(1, 12)]


@pytest.mark.parametrize(
    ("name", "said"),
    [("SQLITE_BUSY_SNAPSHOT", "try again"), ("SQLITE_READONLY_DIRECTORY", "may not be written"), ("SQLITE_FULL", "disk is full"),
     ("SQLITE_CORRUPT_INDEX", "damaged"), ("SQLITE_CANTOPEN_ISDIR", "no file"), ("SQLITE_IOERR_READ", "see that its disk works"), ("", "its disk")],
)  # fmt: skip
def test_every_refusal_of_the_disk_has_a_mend(name: str, said: str) -> None:
    fault = sqlite3.OperationalError("no")
    fault.sqlite_errorname = name
    assert said in mend_of(fault)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("operator", "Viettel\u202e", "operator holds a character that cannot be seen (U+202E)"),
        ("operator", "Viet\u200btel", "U+200B"),
        ("name", "a\x00b", "U+0000"),
        ("name", "a\nb", "U+000A"),
        ("name", "\ud800", "U+D800"),
        ("note", "a\x1b[31m", "U+001B"),
        ("name", "x" * 201, "longer than 200"),
        ("note", "x" * 1_000_001, "longer than 1,000,000"),
    ],
)
def test_text_that_cannot_be_seen_is_refused(tmp_path: Path, field: str, text: str, said: str) -> None:
    given: dict[str, Any] = {field: text}
    with pytest.raises(InputError) as fault:
        Store(tmp_path).add(replace(CONTENT, **given), who="Lan")
    assert said in str(fault.value)
    assert len(str(fault.value)) < 1_000
    assert Store(tmp_path).newest() == []


def test_text_of_people_is_let_in_as_it_is(tmp_path: Path) -> None:
    content = replace(CONTENT, name="=1+1 <b> ../../Lộc Thạnh 🙂", note="một\n\thai")
    assert Store(tmp_path).add(content, who="Hà").content == content
    with pytest.raises(ProposalError, match=r"U\+001B"):
        Store(tmp_path).add(CONTENT, who="Hà\x1b[0m")
    with pytest.raises(ProposalError, match="longer than 200"):
        Store(tmp_path).add(CONTENT, who="x" * 201)


@pytest.mark.parametrize("name", ["\udce9", " ", "", "a\nb\x00", "\u202ex", "x" * 300])
def test_a_name_of_a_file_can_always_be_kept(name: str) -> None:
    shown = shown_name(name)
    assert text_faults("name", shown) == []
    assert shown.strip()


def test_an_empty_file_that_a_killed_first_save_left_is_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    assert Store(tmp_path).newest() == []
    assert Store(tmp_path).add(CONTENT, who="Lan").id == "p1"


def test_changed_fields_name_what_differs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = store.add(CONTENT, who="Lan")
    two = store.save("p1", 1, replace(CONTENT, geometry={**SQUARE, "x": 1}), who="Lan")
    three = store.set_status("p1", 2, Status.SUBMITTED, who="Lan")
    assert changed_fields(one, three) == ["geometry", "status (draft → submitted)"]
    assert changed_fields(two, two) == []


_WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from geo.proposal_store import Store
from tests.test_proposals import CONTENT
store, number = Store(Path(sys.argv[1])), 0
while True:
    number += 1
    added = store.add(replace(CONTENT, name=f"n{number}", note="x" * 20_000), who=sys.argv[2])
    print(added.id, flush=True)
    saved = store.save(added.id, 1, replace(CONTENT, name=f"n{number}", note="y" * 20_000), who=sys.argv[2])
    print(saved.id, saved.version, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_whatever_was_said_to_be_saved_survives_kill_9(tmp_path: Path) -> None:
    seed = random.Random(2026)
    said: set[tuple[str, int]] = set()
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), f"writer {turn}"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seed.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        lines = [first, *process.stdout.readlines()]
        process.stdout.close()
        process.wait()
        for line in lines:
            if line.endswith("\n"):
                name, *version = line.split()
                said.add((name, int(version[0]) if version else 1))
    store = Store(tmp_path)
    kept = {(v.id, v.version) for newest in store.newest() for v in store.history(newest.id)}
    assert said <= kept
    assert len(said) > 8
    # one more than was said may be there for each kill: saved, but killed before it could say so
    assert len(kept) <= len(said) + 8
    assert all(len(v.content.note) == 20_000 for v in store.newest())
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert store.add(CONTENT, who="after").version == 1


def test_the_content_is_plain_json_that_other_programs_can_read(tmp_path: Path) -> None:
    Store(tmp_path).add(CONTENT, who="Lan")
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    content = json.loads(connection.execute("SELECT content FROM versions").fetchone()[0])
    connection.close()
    assert content["operator"] == "Viettel"
    assert content["geometry"]["features"][0]["geometry"]["type"] == "Polygon"

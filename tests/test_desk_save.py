"""Two people at one saved proposal: what one has on the desk never goes over what the other saved, not by way of a status either."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from geo.proposal_store import Store
from geo.proposals import Status
from tests.test_proposals import CONTENT


def _saved_part(root: str, opened_from: int) -> None:
    from dataclasses import replace
    from pathlib import Path
    from types import SimpleNamespace

    import streamlit as st

    from geo.proposal_store import Store
    from pages.choices import PROPOSAL_KEY
    from pages.desk_save import BASE_KEY, show_said, show_saved, show_saving

    store = Store(Path(root))
    desk = SimpleNamespace(root=Path(root), proposals=tuple(store.newest()))
    st.session_state.setdefault(PROPOSAL_KEY, "p1")
    st.session_state.setdefault(BASE_KEY, opened_from)
    st.session_state.setdefault("save_name", "Bù Gia Mập")
    st.session_state.setdefault("save_who", "Lan")
    show_said("en")
    # what she has on the desk: the first version, with a year of her own
    mine = replace(store.get("p1", 1).content, year=2028)
    show_saving(desk, mine, "en")  # type: ignore[arg-type]
    show_saved(desk, "en")  # type: ignore[arg-type]


def _open(root: Path, opened_from: int) -> AppTest:
    at = AppTest.from_function(
        _saved_part, kwargs={"root": str(root), "opened_from": opened_from}, default_timeout=60
    ).run()
    assert not at.exception
    return at


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path)
    found.add(CONTENT, who="Lan")
    return found


def _press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def _told(at: AppTest) -> list[Any]:
    return [element.value for element in (*at.error, *at.success)]


def test_a_status_is_not_set_on_what_was_not_seen(store: Store, tmp_path: Path) -> None:
    at = _open(tmp_path, 1)
    store.save("p1", 1, replace(CONTENT, cost=9e9), who="Minh")
    at.run()
    assert ["version 1" in one.value and "version 2" in one.value for one in at.warning] == [True]
    _press(at, "status_submitted")
    assert "Somebody" in _told(at)[0]
    assert [version.status for version in store.history("p1")] == ["draft", "draft"]
    # nor does saving go over what Minh saved, now or after the status was tried
    _press(at, "save_change")
    assert "Somebody" in _told(at)[0]
    assert [(version.who, version.content.cost) for version in store.history("p1")] == [
        ("Lan", 5e9),
        ("Minh", 9e9),
    ]


def test_a_status_set_by_another_meanwhile_changes_nothing_of_what_is_on_the_desk(
    store: Store, tmp_path: Path
) -> None:
    at = _open(tmp_path, 1)
    store.set_status("p1", 1, Status.SUBMITTED, who="Minh")
    at.run()
    assert not at.warning
    _press(at, "status_accepted")
    assert store.get("p1").status == Status.ACCEPTED
    _press(at, "status_submitted")
    _press(at, "save_change")
    assert [(version.who, version.content.year) for version in store.history("p1")][-1] == ("Lan", 2028)


def _upload(root: str) -> None:
    from dataclasses import replace
    from pathlib import Path
    from types import SimpleNamespace

    import streamlit as st

    from geo.proposal_store import Store
    from pages.choices import PROPOSAL_KEY
    from pages.desk import HELD_KEY, Held
    from pages.desk_save import show_saving

    store = Store(Path(root))
    desk = SimpleNamespace(root=Path(root), proposals=tuple(store.newest()))
    known = store.get("p1").content
    st.session_state[PROPOSAL_KEY] = None
    st.session_state[HELD_KEY] = Held("areas", known.geometry, "a.geojson", known.sha256)
    show_saving(desk, replace(known, operator="VinaPhone"), "en")  # type: ignore[arg-type]


def test_a_file_saved_before_is_known_under_the_other_name_of_its_operator(tmp_path: Path) -> None:
    Store(tmp_path).add(replace(CONTENT, operator="vnpt", source="a.geojson", sha256="ab"), who="Lan")
    at = AppTest.from_function(_upload, kwargs={"root": str(tmp_path)}, default_timeout=60).run()
    assert not at.exception
    assert ["p1" in element.value for element in at.warning] == [True]

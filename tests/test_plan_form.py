"""The form of a suggestion: what an address may say of its fields, and what it says of a form that was filled in."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.plan_form import DEFAULTS, NUMBERS, value_in


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("sites", "7", 7),
        ("sites", "200", 200),
        ("budget", "5e9", 5e9),
        ("budget", "0", 0.0),
        ("cost", "12.5", 12.5),
        ("radius", "100", 100),
        ("technology", "5G", "5G"),
    ],
)
def test_a_field_takes_what_an_address_says(name: str, given: str, wanted: Any) -> None:
    assert value_in(name, given) == wanted
    assert type(value_in(name, given)) is type(wanted)


@pytest.mark.parametrize("name", ["technology", *NUMBERS])
@pytest.mark.parametrize(
    "given", [None, "", "abc", "-1", "nan", "inf", "-inf", "1e999", "9" * 400, "9" * 5000, "\x00", "<b>"]
)
def test_what_a_field_cannot_hold_leaves_it_as_it_opens(name: str, given: str | None) -> None:
    assert value_in(name, given) == DEFAULTS[name]


@pytest.mark.parametrize(
    ("name", "given"), [("sites", "0"), ("sites", "201"), ("sites", "7.5"), ("grid", "99"), ("time", "301")]
)
def test_a_number_beyond_its_box_leaves_it_as_it_opens(name: str, given: str) -> None:
    assert value_in(name, given) == DEFAULTS[name]


def _link() -> None:
    import streamlit as st

    from pages.plan_form import plan_link

    st.json(plan_link())


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ({}, {}),
        (dict(DEFAULTS), {}),
        ({"limit": "sites", "sites": 7, "budget": 9.0}, {"plan_sites": "7"}),
        (
            {"limit": "budget", "sites": 7, "budget": 5e9},
            {"plan_limit": "budget", "plan_budget": "5000000000"},
        ),
        ({"limit": "sites", "cost": 12.5, "radius": None}, {"plan_cost": "12.5"}),
    ],
)
def test_the_address_says_what_is_not_as_it_opens(held: dict[str, Any], wanted: dict[str, str]) -> None:
    import json

    app = AppTest.from_function(_link)
    for name, value in held.items():
        app.session_state[f"plan_{name}"] = value
    app.run()
    assert not app.exception
    assert json.loads(app.json[0].value) == wanted

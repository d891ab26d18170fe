"""An error nobody foresaw: words and a reference on the page, the traceback in the log under the same one, nothing more."""

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest

from geo.workspaces import EDITABLE_VARIABLE

SECRET = "token-in-a-value"  # noqa: S105  # a stand-in for one


def _broken() -> None:
    import streamlit as st

    from pages.guard import guarded

    with guarded("vi"):
        st.write("before")
        raise ZeroDivisionError("token-in-a-value")
    st.write("after")


def _known() -> None:
    import streamlit as st

    from geo.errors import InputError
    from pages.guard import guarded

    try:
        with guarded("en"):
            raise InputError("columns are missing")
    except InputError as fault:
        st.write(f"told: {fault}")


def test_words_on_the_page_and_the_whole_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="vunglom"):
        at = AppTest.from_function(_broken).run()
    assert not at.exception
    said = " ".join(str(element.proto.body) for element in at.get("html"))
    reference = re.search(r"mã ([0-9a-f]{8})", said)
    assert reference
    assert SECRET not in said
    assert "Traceback" not in said
    # what comes after the broken part is drawn all the same
    assert [element.value for element in at.markdown] == ["before", "after"]
    assert reference[1] in caplog.text
    assert SECRET in caplog.text


def test_a_fault_with_words_of_its_own_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    at = AppTest.from_function(_known).run()
    assert [element.value for element in at.markdown] == ["told: columns are missing"]
    assert "reference" not in caplog.text


def _unbuilt() -> None:
    from pathlib import Path

    from app import show_fault
    from geo.errors import NotBuiltError

    root = Path("/srv/nobody/binh_phuoc")
    show_fault(
        "not_built", NotBuiltError(f"{root}: no results; **run** it"), root, f"vunglom build {root}", "en"
    )
    show_fault("workspace_fault", NotBuiltError(f"{root}/workspace.toml: damaged"), root, "", "en")


@pytest.mark.parametrize(("editable", "shown"), [("0", False), ("1", True)])
def test_visitors_of_a_server_are_not_told_where_its_folders_lie(
    editable: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, editable)
    monkeypatch.setenv("VUNGLOM_WORKSPACE", "none")
    at = AppTest.from_function(_unbuilt).run()
    assert not at.exception
    said = [element.value for element in (*at.code, *at.caption)]
    assert ["/srv/nobody" in one for one in said] == [shown] * 3
    assert said[0].endswith("binh_phuoc")
    assert said[1].endswith("binh_phuoc/workspace.toml: damaged")
    assert "**run**" not in said[2]


def _hostile_link() -> None:
    import streamlit as st

    from pages.map_filter import filter_now, show_faults

    st.session_state["where"] = [f"![x](http://evil.example/{place}) `$x$`" for place in range(10_000)]
    assert not filter_now()[0]
    show_faults("vi")


def test_what_a_link_says_is_never_markdown_and_told_a_few_times_only() -> None:
    at = AppTest.from_function(_hostile_link).run()
    assert not at.exception
    said = [element.value for element in at.warning]
    assert len(said) == 3
    assert all("\\!\\[x\\]\\(http\\:" in one and "\\`\\$x\\$\\`" in one for one in said)


def _forged_press() -> None:
    import streamlit as st

    from pages import figure_condition

    st.session_state.update(condition_column="people", condition_side="<", condition_value=None)
    figure_condition._add(is_share=False)
    st.write(str(st.session_state.get("where")))


def test_a_forged_press_of_a_disabled_button_adds_nothing() -> None:
    at = AppTest.from_function(_forged_press).run()
    assert not at.exception
    assert [element.value for element in at.markdown] == ["None"]

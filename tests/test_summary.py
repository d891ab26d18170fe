"""What the command line prints of a build, against what the app shows of it."""

import re

import pandas as pd
import pytest

from geo.results import Built, UnitList
from geo.summary import print_gaps
from layers.table import cell, ranked_table
from tests.fake_built import communes, coverage_of, goals_of


def test_the_terminal_and_the_app_print_the_same_figures_in_the_same_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = communes()
    result.loc[result["unit_code"] == "25002", "mobile_download_mbps"] = 39.96
    units = UnitList(
        "2026-04-commune", "2026-04", "commune", result, goals_of(result), coverage_of(result), pd.DataFrame()
    )
    print_gaps(
        Built({"illustrative": True, "note": "minh hoạ"}, [], {units.id: units}, None, None), units, 12
    )
    said = capsys.readouterr().out
    assert "minh hoạ" in said
    # 99.79 % and 39.96 Mbps miss goals of 99.8 % and 40 Mbps, and must not read as them
    assert "99.7%" in said
    assert "39.9 " in said
    table = ranked_table(result, "en")
    assert re.findall(r"│ (25\d{3}) ", said) == list(table.ids)
    missed = table.frame.iloc[table.ids.index("25002")]
    assert cell(missed["4g_covered_people_share"], "share", "en") == "99.7%"
    assert cell(missed["mobile_download_mbps"], "Mbps", "en") == "39.9"

"""The thresholds of the check are read from TOML with every fault named, and a unit is judged again as it was built."""

from typing import Any

import pandas as pd
import pytest

from geo.errors import RulesError
from geo.pipeline import rejudge_with
from geo.rollout_rules import RolloutRules, load_rollout_rules
from geo.rules import Rules, load_rules


def test_rules_come_back_as_they_were_written() -> None:
    rules = load_rules({"rollout": {"min_new_people": 250, "max_cost_per_new_person": 1e6}})
    assert rules.rollout == RolloutRules(min_new_people=250.0, max_cost_per_new_person=1e6)
    assert load_rules(rules.as_dict()) == rules
    assert load_rollout_rules({}) == (RolloutRules(), [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"min_people": 1}, "rollout.min_people is not known"),
        ({"min_new_people": "many"}, "rollout.min_new_people is 'many', wanted a number of 0 or more"),
        ({"min_new_people": -1}, "rollout.min_new_people is -1"),
        ({"min_new_people": True}, "rollout.min_new_people is True"),
        ({"warn_site_km": float("nan")}, "rollout.warn_site_km is nan"),
        ({"max_duplicated_share": 50}, "rollout.max_duplicated_share is 50.0, wanted a share of 0 to 1"),
        ({"warn_site_km": 0.5}, r"share_site_km \(1.0\) must not be above warn_site_km \(0.5\)"),
        ({"min_gap_share": -1, "max_outside_share": 2}, "min_gap_share is -1.*max_outside_share is 2"),
        ([1], r"rollout is \[1\], wanted a table"),
    ],
)
def test_faults_are_named(given: Any, said: str) -> None:
    with pytest.raises(RulesError, match=said):
        load_rules({"rollout": given})


def test_what_tests_say_against_a_declaration_stays_said() -> None:
    met = {"4g_covered_people_share": 1.0, "4g_operators": 3.0, "5g_covered_people_share": 1.0, "mobile_download_mbps": 90.0,
           "mobile_download_low": 80.0, "mobile_download_high": 99.0, "fixed_download_mbps": 200.0, "fixed_download_low": 190.0,
           "fixed_download_high": 210.0}  # fmt: skip
    communes = pd.DataFrame([{"unit_code": "1", **met}, {"unit_code": "2", **met}])
    communes["reasons"] = [["declared_not_measured"], []]
    judged = rejudge_with(Rules())(communes).set_index("unit_code")
    assert judged["verdict"].to_dict() == {"1": "watch", "2": "served"}
    assert judged["gap_score"].tolist() == [0, 0]

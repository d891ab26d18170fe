"""Rules: defaults as DESIGN §5, a round trip through TOML, and every fault of a file in one message."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import RulesError
from geo.rules import Rules, load_rules, read_rules
from geo.schema import Evidence


def test_defaults_are_those_of_the_design() -> None:
    goals = {g.dimension: (g.goal, g.worst, g.essential) for g in Rules().goals}
    assert goals == {
        "4g": (0.998, 0.80, True),
        "5g": (0.90, 0.0, False),
        "mobile": (40, 5, True),
        "fixed": (100, 10, False),
        "choice": (2, 0, False),
    }
    assert sum(g.weight for g in Rules().goals) == pytest.approx(1)
    assert all(g.source for g in Rules().goals)
    assert load_rules({}) == Rules()


@given(
    scalars=st.fixed_dictionaries(
        {
            "min_devices": st.floats(0, 1e6),
            "decisive_devices": st.floats(0, 1e6),
            "speed_quarters": st.integers(1, 400),
            "speed_quarter_weight": st.floats(0.001, 1),
            "operator_share": st.floats(0.001, 1),
        }
    ),
    weights=st.lists(st.floats(0, 10), min_size=5, max_size=5).filter(lambda w: sum(w) > 0),
    goal=st.floats(6, 1000),
    evidence=st.permutations([str(kind) for kind in Evidence]),
    source=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
)
def test_rules_survive_a_round_trip_through_toml(
    scalars: dict[str, Any], weights: list[float], goal: float, evidence: list[str], source: str
) -> None:
    names = [g.dimension for g in Rules().goals]
    goals: dict[str, Any] = {name: {"weight": weight} for name, weight in zip(names, weights, strict=True)}
    goals["mobile"] |= {"goal": goal, "source": source}
    rules = load_rules({**scalars, "coverage_evidence": evidence, "goals": goals})
    assert rules.goals[2].goal == goal
    again = load_rules(tomllib.loads(tomli_w.dumps(rules.as_dict())))
    assert again == rules
    assert again.as_dict() == rules.as_dict()


@pytest.mark.parametrize(
    ("given_rules", "match"),
    [
        ({"min_device": 3}, r"unknown setting 'min_device' \(known: .*min_devices"),
        ({"min_devices": "3"}, r"min_devices is '3', wanted a number"),
        ({"min_devices": True}, r"min_devices is True, wanted a number"),
        ({"min_devices": float("nan")}, r"min_devices is nan, wanted a number"),
        ({"speed_quarters": float("inf")}, r"speed_quarters is inf, wanted a number"),
        ({"min_devices": -1}, r"min_devices is -1\.0, wanted 0 or more"),
        ({"speed_quarters": 0}, r"speed_quarters is 0, wanted 1 or more"),
        ({"speed_quarters": 1.5}, r"speed_quarters is 1\.5, wanted a whole number"),
        ({"operator_share": 0}, r"operator_share is 0\.0, wanted above 0"),
        ({"speed_quarter_weight": 1.01}, r"speed_quarter_weight is 1\.01, wanted above 0 and at most 1"),
        ({"speed_quarter_weight": 0}, r"speed_quarter_weight is 0\.0, wanted above 0"),
        ({"coverage_evidence": ["declared"]}, r"wanted each of declared, measured, modelled once"),
        ({"coverage_evidence": "declared"}, r"coverage_evidence is 'declared'"),
        ({"goals": 3}, r"goals is 3, wanted a table per dimension"),
        ({"goals": {"6g": {}}}, r"unknown dimension '6g' \(known: 4g, 5g, mobile, fixed, choice\)"),
        ({"goals": {"4g": 0.9}}, r"goals\.4g is 0\.9, wanted a table with any of goal"),
        ({"goals": {"4g": {"gaol": 1}}}, r"goals\.4g\.gaol is not known"),
        ({"goals": {"4g": {"goal": 99.8, "worst": 80}}}, r"goals\.4g\.goal is 99\.8, wanted a share of 0 to 1"),
        ({"goals": {"mobile": {"worst": 50}}}, r"goals\.mobile: worst \(50\.0\) must be below goal \(40\.0\)"),
        ({"goals": {"mobile": {"weight": -1}}}, r"goals\.mobile\.weight is -1\.0, wanted 0 or more"),
        ({"goals": {"mobile": {"essential": "yes"}}}, r"goals\.mobile\.essential is 'yes', wanted true or false"),
        ({"goals": {n: {"weight": 0} for n in ("4g", "5g", "mobile", "fixed", "choice")}}, r"weights sum to zero"),
        ({"goals": {n: {"essential": False} for n in ("4g", "mobile")}}, r"no goal is essential"),
    ],
)  # fmt: skip
def test_bad_rules(given_rules: dict[str, Any], match: str) -> None:
    with pytest.raises(RulesError, match=match):
        load_rules(given_rules)


def test_every_fault_in_one_message_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("min_devices = -1\noperator_share = 7\n[goals.4g]\nweight = 'x'\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"r\.toml: .*min_devices is -1.*operator_share is 7.*4g\.weight"):
        read_rules(path)
    path.write_text("min_devices =", encoding="utf-8")
    with pytest.raises(RulesError, match=r"r\.toml: cannot be read as TOML"):
        read_rules(path)
    with pytest.raises(RulesError, match=r"none\.toml: cannot be read"):
        read_rules(tmp_path / "none.toml")

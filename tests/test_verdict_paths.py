"""What would change a verdict: by hand, and against the judge of the build for any outcomes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.gaps import judge_units
from geo.schema import Outcome, Verdict
from geo.verdict_paths import Step, is_warned, verdict_paths

P, F, U, N = Outcome.PASS, Outcome.FAIL, Outcome.UNDECIDED, Outcome.NO_EVIDENCE
ESSENTIAL = {"4g": True, "mobile": True, "5g": False, "fixed": False}


def goals_of(*outcomes: str) -> pd.DataFrame:
    """The goals 4g and mobile (essential), 5g and fixed (not) of one unit, as the goals table has them."""
    reasons = {F: "below_goal", U: "undecided", N: "no_evidence"}
    return pd.DataFrame(
        {
            "unit_code": "1",
            "dimension": list(ESSENTIAL),
            "essential": list(ESSENTIAL.values()),
            "outcome": [str(one) for one in outcomes],
            "reason": [
                f"{name}_{reasons[Outcome(one)]}" if one != P else None
                for name, one in zip(ESSENTIAL, outcomes, strict=True)
            ],
            "weight": 1.0,
            "deficit": 0.5,
        }
    )


@pytest.mark.parametrize(
    ("outcomes", "warned", "verdict", "better", "worse"),
    [
        ((P, P, P, P), False, "served", [], ("4g", "mobile")),
        # without evidence for a goal that is not essential a unit is served all the same
        ((P, P, N, P), False, "served", [], ("4g", "mobile")),
        ((F, P, P, P), False, "gap", [("served", ("4g",), False)], ()),
        ((F, F, F, P), False, "gap", [("watch", ("4g", "mobile"), False), ("served", ("5g",), False)], ()),
        ((F, N, P, U), False, "gap",
         [("unknown", ("4g",), False), ("watch", ("mobile",), False), ("served", ("fixed",), False)], ()),
        ((N, P, P, P), False, "unknown", [("served", ("4g",), False)], ("4g", "mobile")),
        ((P, U, P, F), False, "watch", [("served", ("mobile", "fixed"), False)], ("4g", "mobile")),
        ((P, P, P, P), True, "watch", [("served", (), True)], ("4g", "mobile")),
        ((F, P, P, P), True, "gap", [("watch", ("4g",), False), ("served", (), True)], ()),
        ((F, U, N, P), False, "gap", [("watch", ("4g",), False), ("served", ("mobile",), False)], ()),
    ],
)  # fmt: skip
def test_steps_by_hand(
    outcomes: tuple[str, ...], warned: bool, verdict: str, better: list[tuple[str, tuple[str, ...], bool]],
    worse: tuple[str, ...],
) -> None:  # fmt: skip
    found = verdict_paths(goals_of(*outcomes), warned=warned)
    assert found.verdict == verdict
    assert found.better == tuple(Step(Verdict(v), names, signals) for v, names, signals in better)
    assert found.worse == worse


@settings(deadline=None, max_examples=80)
@given(st.tuples(*[st.sampled_from([P, F, U, N])] * 4), st.booleans())
def test_every_step_holds_before_the_judge_of_the_build(outcomes: tuple[str, ...], warned: bool) -> None:
    goals = goals_of(*outcomes)

    def judged(table: pd.DataFrame, signal: bool) -> str:
        signals = pd.DataFrame({"unit_code": ["1"] * signal, "reason": ["mobile_falling_behind"] * signal})
        return str(judge_units(table, signals)["verdict"].iloc[0])

    paths = verdict_paths(goals, warned=warned)
    assert judged(goals, warned) == paths.verdict
    changed, signal = goals.copy(), warned
    for step in paths.better:
        changed["outcome"] = changed["outcome"].mask(changed["dimension"].isin(step.dimensions), str(P))
        signal = signal and not step.signals
        assert judged(changed, signal) == step.verdict
        order = [Verdict.GAP, Verdict.UNKNOWN, Verdict.WATCH, Verdict.SERVED]
        assert order.index(step.verdict) > order.index(paths.verdict)
    assert (paths.better[-1].verdict if paths.better else paths.verdict) == Verdict.SERVED
    for name in paths.worse:
        fails = goals.assign(outcome=goals["outcome"].mask(goals["dimension"] == name, str(F)))
        assert judged(fails, warned) == Verdict.GAP


def test_a_signal_is_a_reason_that_no_goal_gives() -> None:
    goals = goals_of(F, P, U, N)
    assert not is_warned(["4g_below_goal", "5g_undecided", "fixed_no_evidence"], goals)
    assert is_warned(["4g_below_goal", "mobile_falling_behind"], goals)
    assert not is_warned(None, goals)

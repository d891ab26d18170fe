"""A search that nobody waits for: its thread ends, HiGHS in it too, and no half answer looks like a whole one."""

import threading

import numpy as np
import pytest

from geo.cover import CoverProblem, covered_weight, make_problem
from geo.cover_bound import Relaxation, all_free
from geo.cover_exact import greedy_cover, solve_cover
from geo.deadline import NO_DEADLINE, Deadline
from geo.errors import GivenUpError
from pages.plan_job import AWAY_SECONDS, Wanted

MANY_HOURS = 1e5


def hard_problem() -> CoverProblem:
    """Sites that reach a tenth of the demand each, at random: its proof takes hours, its relaxation thousands of steps."""
    random = np.random.default_rng(1)
    return make_problem(random.random(3000), random.random((300, 3000)) < 0.1, sites=15)


class Patience:
    """Gives up at the `patience`-th time of being asked; counts how often it was asked after that."""

    def __init__(self, patience: int) -> None:
        self.left = patience
        self.after = 0
        self.ran_out = threading.Event()

    def __call__(self) -> bool:
        self.left -= 1
        if self.left > 0:
            return False
        self.after += 1
        self.ran_out.set()
        return True


def test_highs_stops_at_the_step_that_it_is_told_to_and_its_bound_still_holds() -> None:
    problem = hard_problem()
    whole, cut = Relaxation(problem), Relaxation(problem)
    best = whole.solve(all_free(problem)).value
    patience = Patience(20)
    bound = cut.solve(all_free(problem), deadline=Deadline(given_up=patience))
    # asked once in a step, and not in the hundreds that were left
    assert patience.after < 5
    assert best <= bound.value
    assert covered_weight(problem, greedy_cover(problem).chosen) <= bound.value


def test_being_asked_changes_no_answer() -> None:
    problem = make_problem(
        [10.0, 1.0, 1.0, 1.0, 8.0], np.abs(np.subtract.outer(range(5), range(5))) <= 1, sites=2
    )
    asked = Patience(10**9)
    plain, listened = solve_cover(problem), solve_cover(problem, given_up=asked)
    assert listened.chosen.tolist() == plain.chosen.tolist()
    assert (listened.objective, listened.bound, listened.nodes) == (plain.objective, plain.bound, plain.nodes)


@pytest.mark.parametrize("patience", [1, 10, 200, 2_000, 4_000])
def test_a_search_given_up_at_any_point_has_no_answer_and_ends_at_once(patience: int) -> None:
    given_up = Patience(patience)
    with pytest.raises(GivenUpError, match="there is no answer"):
        solve_cover(hard_problem(), time_limit_seconds=MANY_HOURS, given_up=given_up)
    # every loop that was under way asks once or twice more, none goes on
    assert given_up.after < 100


def test_the_threads_of_a_search_given_up_are_gone() -> None:
    before = set(threading.enumerate())
    given_up = threading.Event()
    patience = Patience(3_000)

    def wanted_no_more() -> bool:
        return patience() and given_up.is_set()

    said: list[BaseException] = []

    def search() -> None:
        try:
            solve_cover(hard_problem(), time_limit_seconds=MANY_HOURS, given_up=wanted_no_more)
        except GivenUpError as fault:
            said.append(fault)

    thread = threading.Thread(target=search)
    thread.start()
    assert patience.ran_out.wait(120)
    assert thread.is_alive()
    given_up.set()
    thread.join(60)
    assert not thread.is_alive()
    assert len(said) == 1
    assert set(threading.enumerate()) <= before


def test_a_deadline_passes_with_its_moment_or_when_it_is_given_up() -> None:
    assert not NO_DEADLINE.passed
    assert NO_DEADLINE.left == np.inf
    assert Deadline(at=0.0).passed
    assert Deadline(at=0.0).left == 0.0
    assert Deadline(given_up=lambda: True).passed
    Deadline(at=0.0).require_wanted()
    with pytest.raises(GivenUpError):
        Deadline(given_up=lambda: True).require_wanted()


def test_a_search_is_wanted_until_it_is_dropped() -> None:
    wanted = Wanted(lambda: True)
    assert not wanted.given_up()
    wanted.drop()
    assert wanted.given_up()


def test_a_visitor_may_be_away_for_a_moment() -> None:
    here, now = [True], [1000.0]
    wanted = Wanted(lambda: here[0], lambda: now[0])
    now[0] += 100 * AWAY_SECONDS
    assert not wanted.given_up()
    here[0] = False
    now[0] += AWAY_SECONDS
    assert not wanted.given_up()
    here[0] = True
    assert not wanted.given_up()
    here[0] = False
    now[0] += AWAY_SECONDS + 1
    assert wanted.given_up()
    # whoever comes back is told so, and does not find half an answer
    here[0] = True
    assert wanted.given_up()

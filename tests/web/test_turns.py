"""A load that comes and goes fails no page, and hides none that became slow."""

import pytest

from bench.turns import QUIET_MS, quiet

SCANS, COST_MS, BUDGET_MS = 100, 60.0, 100


def load(turn: float) -> float:
    """How busy the machine is: five times for the second half of every twenty turns."""
    return 5.0 if turn % 20 >= 10 else 1.0


TURNS = [QUIET_MS * load(turn) for turn in range(SCANS + 1)]


def test_what_else_the_machine_does_cancels_out() -> None:
    found = quiet([COST_MS * load(scan) for scan in range(SCANS)], TURNS)
    assert (round(found.median), found.late < BUDGET_MS) == (COST_MS, True)


def test_a_load_that_fell_on_few_turns_does_not_stretch_the_budget_of_all() -> None:
    """Slow scans in quiet moments stay slow, although as many bare views were slow at others."""
    turns = [QUIET_MS * (9.0 if turn < 12 else 1.0) for turn in range(SCANS + 1)]
    took = [COST_MS * (3.0 if scan % 10 == 0 else 1.0) for scan in range(SCANS)]
    assert quiet(took, turns).late > BUDGET_MS


@pytest.mark.parametrize("slower", [2.0, 4.0])
def test_a_page_that_became_slow_is_seen_under_any_load(slower: float) -> None:
    found = quiet([COST_MS * slower * load(scan) for scan in range(SCANS)], TURNS)
    assert found.median > BUDGET_MS


def test_a_machine_quicker_than_a_quiet_one_asks_no_more_of_the_page() -> None:
    found = quiet([COST_MS] * SCANS, [QUIET_MS / 4] * (SCANS + 1))
    assert (found.median, found.busy) == (COST_MS, 1.0)

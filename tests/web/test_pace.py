"""Open pages ask soon while they are few, and together never too often."""

import pytest

from yanji.web.pace import Pace


@pytest.mark.parametrize(("pages", "again"), [(1, 3), (40, 3), (150, 10), (300, 20), (5_000, 30)])
def test_how_soon_pages_ask_again_follows_from_how_many_they_are(pages: int, again: int) -> None:
    """Simulated: every page asks when it was told to."""
    pace = Pace(most=15, latest=30)
    due = [number / pages * 3 for number in range(pages)]
    asked_late = 0
    for second in range(240):
        for number, at in enumerate(due):
            if at < second + 1:
                due[number] = at + pace.again(at, soonest=3)
                asked_late += second >= 180
    assert abs(pace.again(240.0, soonest=3) - again) <= max(1, again // 5)
    assert asked_late / 60 <= max(15 * 1.3, pages / 30 * 1.2)


def test_after_a_quiet_night_the_first_is_told_to_ask_soon() -> None:
    pace = Pace(most=15, latest=30)
    for number in range(5_000):
        pace.again(number / 100, soonest=3)
    assert pace.again(50.0, soonest=3) > 3
    assert pace.again(30_000.0, soonest=3) == 3

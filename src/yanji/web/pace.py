"""How soon pages that stand open may ask again: soon while they are few, so that all of them together do not ask too often."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """For one address in one process: at most about ``most`` askings a second, each page again within ``latest`` seconds.

    How many pages stand open follows from how often they ask at the pace that they were told last.
    """

    most: float
    latest: float
    _again: float = 0.0
    _began: float = 0.0
    _asked: int = 0

    def again(self, now: float, *, soonest: float) -> int:
        """After how many seconds who asks now shall ask again, ``soonest`` where few do. ``now``: of a clock that goes on."""
        self._asked += 1
        took = now - self._began
        if took >= self.latest:
            pages = self._asked / took * max(soonest, self._again)
            self._again = min(self.latest, pages / self.most)
            self._began, self._asked = now, 0
        return round(max(soonest, self._again))

"""What a tale is told with: moments at which people press buttons, and who does.

A tale begins in the evening; its scenes happen on later days.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from yanji.flows.acts import Done
from yanji.flows.correction import take_back

from .larder import Larder
from .record import Bulk, Scene
from .stage import Stage, entered
from .world import World


class Teller(Larder):
    """Tells tales of one world."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.invoiced: set[str] = set()  # orders of the daily work that some invoice names
        self.owed: set[tuple[str, date]] = set()  # (agreement, month) of which there will be a statement
        self.vials: dict[
            str, Bulk
        ] = {}  # family -> pieces in the laboratory that are opened one after the other
        self.kit, self.parts = 0, list[int]()  # the item that is a kit, and what belongs in it
        self.inspected: dict[str, int] = {}  # method -> the item that a plan has looked at like this
        self.cases = 0  # how many the tales have told of

    # When

    def ago(self, days: int) -> date:
        return self.world.today - timedelta(days=days)

    def after(self, day: date, days: int = 1) -> date:
        """So many working days later, but not in days to come."""
        return min(self.world.next_working(day, days), self.world.today)

    def at(self, day: date, minute: float) -> datetime:
        """A moment of a day; on the last day nothing happens after half past ten."""
        assert day < self.world.today or minute <= 625, (day, minute)
        second = int(minute * 60) + self.rng.randrange(50)
        return datetime(day.year, day.month, day.day, tzinfo=self.world.zone) + timedelta(seconds=second)

    # Who

    def keeper(self, place: str) -> str:
        """Somebody who works at this store or department."""
        return self.rng.choice(self.world.keepers[place])

    def two(self, place: str) -> tuple[str, str]:
        """Two different people who work there."""
        first, second = self.rng.sample(self.world.keepers[place], 2)
        return first, second

    # What is done

    def scene(self, day: date, minute: float, play: Callable[[Stage], object]) -> None:
        """Let something happen."""
        scenes = self.world.scenes
        scenes.append(Scene(self.at(day, minute), len(self.world.acts) + len(scenes), play))

    def do(
        self, day: date, minute: float, verb: Callable[..., Done], who: str, *, name: str = "", **given: Any
    ) -> None:  # fmt: skip
        """Let somebody use one verb at a moment; arguments that are functions are asked of the stage."""
        self.scene(day, minute, lambda stage: stage.do(verb, who, name=name, **given))

    def take_back(self, day: date, minute: float, who: str, name: str, reason: str, note: str = "") -> None:
        """Let somebody take back what an earlier scene entered."""
        self.do(day, minute, take_back, who, event_id=entered(name), reason=reason, note=note)

    def decide(self, day: date, minute: float, who: str, kind: str, name: str, **said: Any) -> None:
        self.scene(day, minute, lambda stage: stage.decide(who, kind, name, **said))

    def refused(
        self, day: date, minute: float, verb: Callable[..., Done], who: str, code: str, **given: Any
    ) -> None:
        """Let somebody try what must be refused, for this reason."""

        def play(stage: Stage) -> None:
            found = stage.refused(verb, who, **given)
            assert found == code, (verb.__name__, found, code)

        self.scene(day, minute, play)

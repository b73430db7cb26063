"""Who changes master data: an actor, as the packages below the one that knows people see it."""

from typing import Protocol


class Editor(Protocol):
    """A person, and what they may do where."""

    @property
    def person_id(self) -> int: ...

    def may(self, operation: str, path: str | None = None) -> bool:
        """Whether an operation is allowed at a place's path; without a path: anywhere at all."""
        ...

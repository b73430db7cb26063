"""Runs Django's commands against a database that answers, with the role each command needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from yanji.host.database import Database, guard_history, served
from yanji.host.home import home_folder

# These change tables or read the list of applied migrations; all others work with the application's rights.
OWNER_COMMANDS = frozenset(
    "makemigrations migrate optimizemigration showmigrations sqlmigrate squashmigrations dbshell".split()
)


@contextmanager
def django(*, owner: bool = False) -> Iterator[Database]:
    """Django set up, its database answering; `owner` works with the right to change tables."""
    if owner:
        os.environ["YANJI_ROLE"] = "owner"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanji.host.settings")
    with served(home_folder()) as target:
        import django

        django.setup()
        yield target


def manage(arguments: list[str]) -> int:
    """`yanji manage ...`: one Django command; starts the embedded database when it is down."""
    with django(owner=bool(arguments) and arguments[0] in OWNER_COMMANDS) as target:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yanji manage", *(arguments or ["help"])])
        if arguments[:1] == ["migrate"]:
            guard(target)
    return 0


def guard(target: Database) -> None:
    """Take the application's right to change the tables that are declared append-only."""
    from yanji.flows.models import APPEND_ONLY_TABLES as PAPERS
    from yanji.ledger.models import APPEND_ONLY_TABLES as HISTORY

    guard_history(target, (*HISTORY, *PAPERS))

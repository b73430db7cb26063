"""Runs Django's commands against a database that answers, with the role each command needs."""

import os

from yanji.host.database import as_owner, guard_history, served
from yanji.host.home import home_folder

# These change tables or read the list of applied migrations; all others work with the application's rights.
OWNER_COMMANDS = frozenset(
    "makemigrations migrate optimizemigration showmigrations sqlmigrate squashmigrations dbshell".split()
)


def manage(arguments: list[str]) -> int:
    """`yanji manage ...`: one Django command; starts the embedded database when it is down."""
    if arguments and arguments[0] in OWNER_COMMANDS:
        os.environ["YANJI_ROLE"] = "owner"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanji.host.settings")
    with served(home_folder()) as target:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yanji manage", *(arguments or ["help"])])
        if arguments[:1] == ["migrate"] and target.separate_roles:
            with as_owner(target) as owner:
                guard_history(owner)
    return 0

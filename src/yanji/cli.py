"""The `yanji` command: finds the part that was asked for, and loads only that."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from yanji import __version__


class Command(NamedTuple):
    """What help says, and the module whose `add_arguments(parser)` and `run(args) -> int | None` do the work."""

    summary: str
    module: str


COMMANDS = {
    "up": Command("prepare everything and serve, until Ctrl-C", "yanji.host.up"),
    "identify": Command(
        "read scans from standard input, print identities as JSON lines", "yanji.identity_cli"
    ),
    "import": Command(
        "load a file into the catalogue, for example: yanji import gudid FILE", "yanji.host.importing"
    ),
    "demo": Command("load the demo hospital into an empty database", "yanji.host.demo"),
    "administrator": Command(
        "make the first administrator of an empty hospital: yanji administrator NAME",
        "yanji.host.administrator",
    ),
    "simulate": Command("play a device: yanji simulate rfid < tags.txt", "yanji.host.simulating"),
    "migrate": Command("bring the database up to date", "yanji.host.migrating"),
}
DESCRIPTION = "Yanji 雁迹: one identity, one state and one life line for every unit a hospital group stocks."
EXAMPLES = """examples:
  yanji up                        serve http://127.0.0.1:8000 with a database of its own
  yanji identify < scans.txt      one scan a line
  yanji demo --seed 7             the same hospital for the same seed
  yanji manage showmigrations     any command of Django

YANJI_HOME is the data folder, DATABASE_URL another PostgreSQL; docs/operations.md lists all settings."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused with a sentence, 2 not understood."""
    given = sys.argv[1:] if arguments is None else arguments
    return _guarded(lambda: _run(given))


def _run(given: list[str]) -> int:
    if given[:1] == ["manage"]:
        return _manage(given[1:])
    parser = _parser(given[0] if given else "")
    if not given:
        parser.print_help()
        return 2
    args = parser.parse_args(given)
    return args.run(args) or 0


def _parser(chosen: str) -> argparse.ArgumentParser:
    """A parser that knows all commands by name, and the arguments of the chosen one."""
    parser = argparse.ArgumentParser(
        prog="yanji",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"yanji {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.summary, description=command.summary.capitalize() + ".")
        if name == chosen:
            module = import_module(command.module)
            module.add_arguments(own)
            own.set_defaults(run=module.run)
    commands.add_parser("manage", help="run a command of Django", add_help=False)
    return parser


def _manage(arguments: list[str]) -> int:
    from yanji.host.commands import manage

    return manage(arguments)


def _guarded(run: Callable[[], int]) -> int:
    """Turn what stops a command into a sentence; a bug keeps its traceback."""
    from yanji.host.home import HostError
    from yanji.host.interrupt import interruptible

    interruptible()
    try:
        return run()
    except HostError as error:
        print(f"yanji: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; closing standard output again must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0

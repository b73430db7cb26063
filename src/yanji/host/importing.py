"""`yanji import KIND FILE`: hands a file to the Django command `import_KIND` of whichever part takes such files."""

import argparse

from yanji.host.home import HostError
from yanji.host.prepare import prepared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", help="what the file is, for example gudid")
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="FILE ...", help="the file, and options of its kind"
    )


def run(args: argparse.Namespace) -> int:
    with prepared():
        from django.core.management import CommandError, call_command, get_commands

        kinds = sorted(name.removeprefix("import_") for name in get_commands() if name.startswith("import_"))
        if args.kind not in kinds:
            raise HostError(f"There is no import of “{args.kind}”. Known: {', '.join(kinds) or 'none'}.")
        try:
            call_command(f"import_{args.kind}", *args.rest)
        except CommandError as error:
            raise HostError(str(error)) from error
    return 0

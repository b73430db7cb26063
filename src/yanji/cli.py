"""The `yanji` command."""

import argparse
import sys

from yanji.host.home import HostError


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="yanji")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("manage", add_help=False)
    chosen, rest = parser.parse_known_args(given[:1])
    rest = given[1:]
    try:
        from yanji.host.commands import manage

        return manage(rest)
    except HostError as error:
        print(f"yanji: {error}", file=sys.stderr)
        return 1

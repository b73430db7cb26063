"""`yanji migrate`: tables, guards, translations and static files brought up to date without serving."""

import argparse

from yanji.host.prepare import prepare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: there is one way to be up to date."""


def run(args: argparse.Namespace) -> None:
    prepare()
    print("The database is up to date.")

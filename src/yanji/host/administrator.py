"""`yanji administrator NAME`: the first person of an empty hospital, with a password that is shown once."""

import argparse
import secrets

from yanji.host.home import HostError
from yanji.host.prepare import prepared

PASSWORD_BYTES = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help="the name to sign in with")
    parser.add_argument(
        "--name", default="", help="the person's name as pages show it (default: the user name)"
    )


def run(args: argparse.Namespace) -> None:
    with prepared():
        from django.core.exceptions import ValidationError
        from django.utils import translation

        from yanji.access.first import first_administrator
        from yanji.access.people import PersonFields

        password = secrets.token_urlsafe(PASSWORD_BYTES)
        fields = PersonFields(args.username, args.name or args.username)
        try:
            with translation.override("en"):
                first_administrator(fields=fields, password=password)
        except ValidationError as refusal:
            with translation.override("en"):
                raise HostError(" ".join(refusal.messages)) from refusal
    print(
        f"{args.username} is the administrator, with the standard roles and the top of the place tree ready."
    )
    print(f"Password, shown only this once: {password}")
    print("Sign in, change it, then add places, people and their roles.")

"""`yanji demo`: loads the demo hospital and shows how far it is."""

import argparse
import os

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yanji.demo import GS1_PREFIX
from yanji.host.commands import django
from yanji.host.database import DEMO_LOADED, DEMO_LOADING, note, served
from yanji.host.home import HostError, home_folder
from yanji.host.prepare import prepare_beside


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed makes the same hospital (default 1)"
    )


def run(args: argparse.Namespace) -> None:
    with served(home_folder()):
        prepare_beside()
        _load(args.seed)


def _load(seed: int) -> None:
    """As the owner of the tables, who alone may tell the log what time it is; this process serves nothing afterwards."""
    # Its boxes and labels are numbered as those of the hospital that will be served.
    os.environ["YANJI_GS1_PREFIX"] = os.environ.get("YANJI_GS1_PREFIX") or GS1_PREFIX
    with django(owner=True):
        from yanji.demo.load import NotEmptyError, load, require_empty

        try:
            # Before the note is made: what it marks is thrown away by the next `up`.
            require_empty()
        except NotEmptyError as error:
            raise HostError(str(error)) from None
        loading = note(home_folder(), DEMO_LOADING)
        loading.touch()
        columns = (
            TextColumn("{task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns) as bars:
            bar = bars.add_task("Demo hospital", total=None)

            def progress(done: int, total: int, doing: str) -> None:
                bars.update(bar, completed=done, total=total, description=doing)

            load(seed=seed, progress=progress)
        loading.rename(note(home_folder(), DEMO_LOADED))

"""`yanji demo`: loads the demo hospital and shows how far it is."""

import argparse

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yanji.host.database import DEMO_LOADED, DEMO_LOADING, note
from yanji.host.home import HostError, home_folder
from yanji.host.prepare import prepared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed makes the same hospital (default 1)"
    )


def run(args: argparse.Namespace) -> None:
    with prepared():
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

            load(seed=args.seed, progress=progress)
        loading.rename(note(home_folder(), DEMO_LOADED))

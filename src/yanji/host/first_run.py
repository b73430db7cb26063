"""Fills a new database with the demo hospital, and tells who can sign in there."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from yanji.host.beside import run_beside
from yanji.host.database import DEMO_LOADED, DEMO_LOADING, Database, note, recreate
from yanji.host.home import HostError


def load_demo() -> None:
    """Load the demo hospital into a database that holds nothing."""
    if find_spec("yanji.demo.load") is None:
        return
    if run_beside("yanji", "demo"):
        raise HostError(
            "The demo hospital could not be loaded. `yanji up --no-demo` starts with an empty one."
        )


def start_over(target: Database, home: Path) -> None:
    """Half a demo hospital is of no use: where loading was interrupted, begin with an empty database again."""
    loading = note(home, DEMO_LOADING)
    if not loading.exists():
        return
    if not target.embedded:
        raise HostError(
            "Loading the demo hospital into DATABASE_URL was interrupted. Empty that database, or keep what is there, "
            f"then remove {loading} and start again."
        )
    print("Loading the demo hospital was interrupted; beginning again.", flush=True)
    recreate(target)
    loading.unlink()


def accounts(home: Path) -> Iterator[str]:
    """A table of the demo's accounts in both languages, one line each, where the demo hospital is what is served."""
    if not note(home, DEMO_LOADED).exists():
        return
    from yanji.access.operations import STANDARD_ROLES
    from yanji.demo import ACCOUNTS

    yield "演示医院的账号 Accounts of the demo hospital"
    yield from _table(
        ("角色 Role", "用户名 User name", "密码 Password"),
        *((" ".join(STANDARD_ROLES[role][:2]), username, password) for username, password, role in ACCOUNTS),
    )


def _table(*rows: Sequence[str]) -> Iterator[str]:
    """Columns as wide as their widest cell on a terminal, where a Chinese character takes the room of two letters."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "   ".join(cells)).rstrip()

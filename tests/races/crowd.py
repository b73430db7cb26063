"""Several threads at once, each with its own connection; and an owner who can take a guard away for a control."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from tests.patience import PATIENCE
from tests.postgres import TestDatabases
from yanji.ledger.api import Refused


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at the same moment; gives each one's result, or the exception it ended with."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(PATIENCE)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return results


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answers, or the code it was refused with; an error that is no refusal is raised."""
    results = at_once(*acts)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused):
            raise result
    return [result.code if isinstance(result, Refused) else result for result in results]


def all_read_first(hands: int, read: Callable[..., Any]) -> Callable[..., Any]:
    """For a control: ``read`` as it is without a lock. Nobody goes on before so many have read what was there before
    any of them wrote - the worst that a missing lock allows, every time and on any machine."""
    gate = threading.Barrier(hands)

    def read_and_wait(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        gate.wait(PATIENCE)
        return found

    return read_and_wait


def codes(results: list[Any]) -> list[str]:
    """How each ended: ``done``, the refusal's code, or the name of an error that should not have been."""
    return sorted(
        result.code
        if isinstance(result, Refused)
        else type(result).__name__
        if isinstance(result, Exception)
        else "done"
        for result in results
    )


@contextmanager
def owner(databases: TestDatabases) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the tables' owner to the test's database."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(databases.owner_dsn(name), autocommit=True) as made:
        yield made


def rewrite(made: psycopg.Connection[Any], function: str, old: str, new: str) -> None:
    """Replace a piece of a database function's text: the control's fault."""
    [(source,)] = made.execute("SELECT pg_get_functiondef(%s::regproc)", [function]).fetchall()
    assert old in source, f"{function} does not contain {old!r}"
    made.execute(source.replace(old, new))

"""How the ledger speaks to the database: server-side binding and prepared statements on Django's own connection."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connection, connections, transaction
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 6


class Raced(Exception):
    """A concurrent act came first; the whole transaction is to be tried again on what it left."""


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement. Seen by Django's statement counting like any other."""
    # Looked up once: the proxy that Django calls `connection` looks it up anew for every attribute.
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    raw = psycopg.Cursor(ours.connection)
    wrapper = CursorDebugWrapper if ours.queries_logged else CursorWrapper
    with wrapper(raw, ours) as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def array(values: Iterable[Any]) -> str:
    """A PostgreSQL array literal. Written out here because the driver examines every element of a list several times,
    which for documents of 100 lines took as long as the database itself."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def constraint_of(error: Exception) -> str:
    """The name of the constraint behind a database error, or an empty string."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


def is_race(error: Exception) -> bool:
    """Whether trying again can help: a deadlock, a serialisation failure, or a row that somebody else just made."""
    cause = error.__cause__
    if isinstance(cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return True
    return isinstance(cause, psycopg.errors.UniqueViolation) and constraint_of(error) in RACED_CONSTRAINTS


# A key, an identity, a lot or a link of a chain that was free when the state was read.
RACED_CONSTRAINTS = frozenset(
    {
        "event_key_unique",
        "ledger_event_corrects_id_key",
        "unit_epc_unique",
        "lot_identity",
        "movement_chain",
        "level_identity",
        "ledger_use_pkey",
    }
)


def durable(act: Callable[P, R]) -> Callable[P, R]:
    """Run an act in a transaction of its own, again where it raced; what it returns has been committed.

    Inside another durable act (or a test's transaction) it joins that one, whose owner then tries again.
    """

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return act(*args, **kwargs)
        for attempt in range(ATTEMPTS):
            try:
                with transaction.atomic(durable=True):
                    return act(*args, **kwargs)
            except Raced:
                if attempt == ATTEMPTS - 1:
                    raise
            except (OperationalError, IntegrityError) as error:
                if attempt == ATTEMPTS - 1 or not is_race(error):
                    raise
            # Spread out those who collided, or they collide again.
            time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - not a secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    return run

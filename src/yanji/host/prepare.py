"""Brings database, translations and static files up to date before the server starts; cheap when they are."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from yanji.host.beside import run_beside
from yanji.host.commands import django, guard
from yanji.host.database import Database, served
from yanji.host.home import HostError, home_folder
from yanji.host.interrupt import interruptible
from yanji.host.static import require_assets


@contextmanager
def prepared() -> Iterator[Database]:
    """Django with the application's rights, on a database that was brought up to date first."""
    with served(home_folder()):
        prepare_beside()
        with django() as target:
            yield target


def prepare_beside() -> bool:
    """:func:`prepare` in a process of its own: it works as the tables' owner, which no process that goes on may be."""
    code = run_beside("yanji.host.prepare")
    if code not in (os.EX_OK, FIRST_RUN):
        raise HostError("The database could not be prepared; the lines above say why.")
    return code == FIRST_RUN


def prepare() -> bool:
    """Migrate, guard, translate, collect. Returns whether the database holds nobody yet: a first run."""
    require_assets()
    with django(owner=True) as target:
        from django.core.management import call_command
        from django.db import connection, transaction
        from django.db.migrations.executor import MigrationExecutor

        from yanji.host.static import collect, compile_translations

        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            print(f"Preparing the database ({len(plan)} steps) ...", flush=True)
            # Django notes a step after it has committed it; interrupted in between, it would repeat the step in vain.
            whole = all(migration.atomic for migration, _ in plan)
            with transaction.atomic() if whole else nullcontext():
                if whole:
                    # What one step writes must be checked before the next alters its table, as if it had committed.
                    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
                call_command("migrate", interactive=False, verbosity=0)
        # Not only after migrating: whoever was interrupted between the two has migrated and not guarded.
        guard(target)
        compile_translations()
        collect()
        with connection.cursor() as cursor:
            # The system's own account is there from the start; somebody who can sign in is not.
            cursor.execute("SELECT NOT EXISTS (SELECT FROM access_person WHERE is_active)")
            return bool(cursor.fetchone()[0])


FIRST_RUN = 3

if __name__ == "__main__":
    interruptible()
    try:
        sys.exit(FIRST_RUN if prepare() else os.EX_OK)
    except KeyboardInterrupt:
        sys.exit(130)
    except HostError as error:
        print(f"yanji: {error}", file=sys.stderr)
        sys.exit(1)

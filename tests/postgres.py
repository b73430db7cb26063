"""Databases for tests: one embedded cluster for all runs, one migrated template, a clone for whoever needs one.

One cluster is shared by all workers and runs of this folder; the last to leave stops it. The template is made again when
a migration or an SQL file changes.
"""

import fcntl
import hashlib
import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from yanji.host.cluster import SUPERUSER, Cluster, cluster_at
from yanji.host.database import APP, OWNER, Database, ensure_roles
from yanji.host.home import ROOT

# Nothing here must survive a power cut, so nothing waits for the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_wal_size": "256MB",
}
_numbers = itertools.count()


class TestDatabases:
    """Makes and drops databases on the running test cluster."""

    __test__ = False

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._template = f"template_{fingerprint()}"

    def app_dsn(self, name: str) -> str:
        """How the application connects: it may not change history."""
        return self._database(name).login(APP)

    def owner_dsn(self, name: str) -> str:
        """How migrations connect: they own the tables."""
        return self._database(name).login(OWNER)

    def _database(self, name: str) -> Database:
        return Database(self._cluster.conninfo(name), embedded=True)

    def clone(self, name: str = "") -> str:
        """A fresh database from the template; returns its name."""
        name = name or f"test_{os.getpid()}_{next(_numbers)}"
        self.drop(name)
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
        self._admin(
            create.format(sql.Identifier(name), sql.Identifier(self._template), sql.Identifier(OWNER))
        )
        return name

    def drop(self, name: str) -> None:
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def ensure_template(self, migrate: Callable[[Database], None]) -> None:
        """Create the template unless another worker or run did; `migrate` fills an empty database."""
        with open(self._cluster.home / "template.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            present = self._names()
            if self._template in present:
                return
            self._sweep(present)
            partial = self._database(f"{self._template}_partial")
            self.drop(f"{self._template}_partial")
            ensure_roles(partial)
            migrate(partial)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            self._admin(
                rename.format(sql.Identifier(f"{self._template}_partial"), sql.Identifier(self._template))
            )

    def _sweep(self, present: set[str]) -> None:
        """Drop outdated templates, and what killed runs left behind."""
        for name in present:
            owner = re.fullmatch(r"test_(\d+)(_.*)?", name)
            if name.startswith("template_") or (owner and not psutil.pid_exists(int(owner[1]))):
                self.drop(name)

    def _names(self) -> set[str]:
        with self._connect() as admin:
            return {
                row[0] for row in admin.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
            }

    def _admin(self, statement: sql.Composed) -> None:
        with self._connect() as admin:
            admin.execute(statement)

    def _connect(self) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(
            make_conninfo(self._cluster.conninfo("postgres"), user=SUPERUSER), autocommit=True
        )


@contextmanager
def test_databases() -> Iterator[TestDatabases]:
    cluster = cluster_at(Path(os.environ["YANJI_HOME"]), SETTINGS)
    with cluster.use():
        yield TestDatabases(cluster)


def fingerprint() -> str:
    """Changes with whatever shapes an empty database."""
    source = ROOT / "src" / "yanji"
    files = [*source.glob("*/migrations/*.py"), *source.rglob("*.sql"), source / "host" / "database.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]

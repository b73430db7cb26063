"""Names the database Yanji works on, its three roles, and what each role may do there."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yanji.host.cluster import SUPERUSER, cluster_at
from yanji.host.home import HostError, make_home

OWNER = "yanji_owner"
MIGRATOR = "yanji_migrator"
APP = "yanji_app"
NAME = "yanji"
OLDEST_SERVER = 160000


@dataclass(frozen=True)
class Database:
    """One database. `conninfo` names it without user; `login` is who connects when roles are only assumed."""

    conninfo: str
    embedded: bool
    separate_roles: bool = True

    def login(self, role: str) -> tuple[str, str | None]:
        """libpq conninfo for working as APP or OWNER, and the role to assume after connecting, if any."""
        if self.embedded:
            return make_conninfo(self.conninfo, user=APP if role == APP else MIGRATOR), None if role == APP else OWNER
        return self.conninfo, role if self.separate_roles else None

    def named(self, name: str) -> "Database":
        return Database(make_conninfo(self.conninfo, dbname=name), self.embedded, self.separate_roles)

    def admin(self, dbname: str | None = None) -> psycopg.Connection:
        """Connection of whoever may create roles: the embedded superuser, or the login of DATABASE_URL."""
        more = {"user": SUPERUSER} if self.embedded else {}
        if dbname:
            more["dbname"] = dbname
        return psycopg.connect(make_conninfo(self.conninfo, **more), autocommit=True, connect_timeout=10)


def database(home: Path) -> Database:
    """The database of DATABASE_URL, or the embedded one. Connects to nothing."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return Database(cluster_at(home).conninfo(user="", dbname=NAME).replace("user= ", ""), embedded=True)
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise HostError(f"DATABASE_URL is not a PostgreSQL address ({str(error).strip()}).") from error
    return Database(make_conninfo(url), embedded=False, separate_roles=not _single_role_note(home, url).exists())


@contextmanager
def served(home: Path) -> Iterator[Database]:
    """The database, answering, with its roles: starts the embedded server when it is down."""
    make_home(home)
    target = database(home)
    if target.embedded:
        with cluster_at(home).use():
            ensure_roles(target)
            yield target
    else:
        yield _checked(target, home)


def ensure_roles(target: Database) -> None:
    """Create what is missing: the roles, the database, and the default rights of the application on new tables."""
    name = str(conninfo_to_dict(target.conninfo)["dbname"])
    with target.admin("postgres" if target.embedded else None) as admin:
        present = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'yanji%'")}
        login = sql.SQL("LOGIN" if target.embedded else "NOLOGIN")
        for role, kind in ((OWNER, sql.SQL("NOLOGIN")), (MIGRATOR, login), (APP, login)):
            if role not in present:
                admin.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), kind))
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(OWNER), sql.Identifier(MIGRATOR)))
        exists = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not exists:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            admin.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER)))
        if not target.embedded:
            admin.execute(sql.SQL("GRANT {}, {} TO CURRENT_USER").format(sql.Identifier(OWNER), sql.Identifier(APP)))
    with target.admin() as admin:
        admin.execute(_DEFAULT_RIGHTS)


def guard_history(owner: psycopg.Connection) -> None:
    """After migrating, take from the application what would let it rewrite history. Runs as OWNER."""
    guarded = ["django_migrations", *append_only_tables()]
    for table in guarded:
        if owner.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
            continue
        take = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}")
        owner.execute(take.format(sql.Identifier(table), sql.Identifier(APP)))
    owner.execute(sql.SQL("REVOKE INSERT ON django_migrations FROM {}").format(sql.Identifier(APP)))


def append_only_tables() -> tuple[str, ...]:
    """The ledger names its own history tables."""
    if not find_spec("yanji.ledger"):
        return ()
    return tuple(getattr(import_module("yanji.ledger"), "APPEND_ONLY_TABLES", ()))


def as_owner(target: Database) -> psycopg.Connection:
    conninfo, role = target.login(OWNER)
    connection = psycopg.connect(conninfo, autocommit=True)
    if role:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    return connection


def _checked(target: Database, home: Path) -> Database:
    """Look at the server of DATABASE_URL: reachable, new enough, and whether our roles can be used."""
    note = _single_role_note(home, os.environ["DATABASE_URL"])
    try:
        with target.admin() as admin:
            if admin.info.server_version < OLDEST_SERVER:
                found = admin.info.server_version // 10000
                raise HostError(f"DATABASE_URL answers as PostgreSQL {found}; Yanji needs 16 or newer.")
    except psycopg.OperationalError as error:
        raise HostError(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    try:
        ensure_roles(target)
    except psycopg.errors.InsufficientPrivilege:
        note.touch()
        return Database(target.conninfo, embedded=False, separate_roles=False)
    note.unlink(missing_ok=True)
    return Database(target.conninfo, embedded=False, separate_roles=True)


def _single_role_note(home: Path, url: str) -> Path:
    """Settings are read before anything connects, so what was found out about a server is kept in a file."""
    return home / f"single-role-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


_DEFAULT_RIGHTS = f"""
GRANT USAGE, CREATE ON SCHEMA public TO {OWNER};
GRANT USAGE ON SCHEMA public TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APP};
"""

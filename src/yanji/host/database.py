"""Names the database Yanji works on, its three roles, and what each role may do there."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
SINGLE_ROLE, DEMO_LOADING, DEMO_LOADED = "single-role", "demo-loading", "demo-loaded"


@dataclass(frozen=True)
class Database:
    """One database. `conninfo` names it without user; `login` is who connects when roles are only assumed."""

    conninfo: str
    embedded: bool
    separate_roles: bool = True

    def login(self, role: str) -> str:
        """libpq connection text for working as APP or as OWNER (who cannot log in, so another role becomes it)."""
        if self.embedded and role == APP:
            return make_conninfo(self.conninfo, user=APP)
        if not self.separate_roles:
            return self.conninfo
        # As an option of the connection, not a statement after it: a pool must hand it out with nothing left to do.
        given = conninfo_to_dict(self.conninfo).get("options") or ""
        more = {"user": MIGRATOR} if self.embedded else {}
        return make_conninfo(self.conninfo, options=f"{given} -c role={role}".strip(), **more)

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
        return Database(cluster_at(home).conninfo(NAME), embedded=True)
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise HostError(f"DATABASE_URL is not a PostgreSQL address ({str(error).strip()}).") from error
    return Database(make_conninfo(url), embedded=False, separate_roles=not note(home, SINGLE_ROLE).exists())


def note(home: Path, name: str) -> Path:
    """A file that remembers one fact about the database in use: settings are read before anything connects."""
    url = os.environ.get("DATABASE_URL")
    return home / (f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:12]}" if url else name)


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
    with target.admin("postgres" if target.embedded else None) as admin:
        # Two processes that find a role missing would both make it; the lock is let go with the connection.
        admin.execute("SELECT pg_advisory_lock(hashtext('yanji roles'))")
        _ensure_role(admin, OWNER, login=False)
        _ensure_role(admin, APP, login=target.embedded)
        if target.embedded:
            _ensure_role(admin, MIGRATOR, login=True)
            _ensure_member(admin, OWNER, MIGRATOR)
            _ensure_database(admin, str(conninfo_to_dict(target.conninfo)["dbname"]))
        else:
            for role in (OWNER, APP):
                _ensure_member(admin, role, admin.info.user)
    with target.admin() as admin:
        admin.execute(_DEFAULT_RIGHTS)


def _ensure_role(admin: psycopg.Connection, role: str, *, login: bool) -> None:
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        create = sql.SQL("CREATE ROLE {} LOGIN" if login else "CREATE ROLE {} NOLOGIN")
        admin.execute(create.format(sql.Identifier(role)))


def _ensure_member(admin: psycopg.Connection, role: str, member: str) -> None:
    (already,) = admin.execute("SELECT pg_has_role(%s, %s, 'SET')", [member, role]).fetchone() or (False,)
    if not already:
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member)))


def _ensure_database(admin: psycopg.Connection, name: str) -> None:
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        create = sql.SQL("CREATE DATABASE {} OWNER {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER)))


def recreate(target: Database) -> None:
    """Drop the embedded database with all it holds, and create it empty."""
    name = sql.Identifier(str(conninfo_to_dict(target.conninfo)["dbname"]))
    with target.admin("postgres") as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    ensure_roles(target)


def guard_history(target: Database, append_only: Iterable[str]) -> None:
    """Take from the application what would let it rewrite history, as far as it still may."""
    if not target.separate_roles:
        return
    rewriting = dict.fromkeys(append_only, "UPDATE, DELETE, TRUNCATE")
    rewriting["django_migrations"] = "INSERT, UPDATE, DELETE"
    with as_owner(target) as owner:
        for table, rights in rewriting.items():
            (may,) = owner.execute(
                "SELECT has_table_privilege(%s, %s, %s)", [APP, table, rights]
            ).fetchone() or (False,)
            if may:
                take = sql.SQL("REVOKE {} ON {} FROM {}")
                owner.execute(take.format(sql.SQL(rights), sql.Identifier(table), sql.Identifier(APP)))


def as_owner(target: Database) -> psycopg.Connection:
    """A connection that may change tables."""
    return psycopg.connect(target.login(OWNER), autocommit=True)


def _checked(target: Database, home: Path) -> Database:
    """Look at the server of DATABASE_URL: reachable, new enough, and whether our roles can be used."""
    try:
        with target.admin() as admin:
            if admin.info.server_version < OLDEST_SERVER:
                found = admin.info.server_version // 10000
                raise HostError(f"DATABASE_URL answers as PostgreSQL {found}; Yanji needs 16 or newer.")
    except psycopg.OperationalError as error:
        raise HostError(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    separate = _can_separate(target)
    if separate:
        note(home, SINGLE_ROLE).unlink(missing_ok=True)
    else:
        note(home, SINGLE_ROLE).touch()
    return Database(target.conninfo, embedded=False, separate_roles=separate)


def _can_separate(target: Database) -> bool:
    """Whether the login may be our roles, and the tables that are there already belong to the owner among them."""
    try:
        ensure_roles(target)
    except psycopg.errors.InsufficientPrivilege:
        return False
    with target.admin() as admin:
        foreign = "SELECT 1 FROM pg_tables WHERE tablename = 'django_migrations' AND tableowner <> %s"
        return admin.execute(foreign, [OWNER]).fetchone() is None


_DEFAULT_RIGHTS = f"""
GRANT USAGE, CREATE ON SCHEMA public TO {OWNER};
GRANT USAGE ON SCHEMA public TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APP};
"""

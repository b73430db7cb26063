"""Another PostgreSQL by DATABASE_URL: roles where the login may make them, one role and a warning where not."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.host.conftest import Up, run_yanji
from yanji.host.cluster import Cluster, cluster_at


@pytest.fixture
def elsewhere(home: Path) -> Iterator[Cluster]:
    """A PostgreSQL that is not ours to start or stop."""
    cluster = cluster_at(home / "elsewhere", {"fsync": "off"})
    with cluster.use():
        yield cluster


def address(cluster: Cluster, user: str, rights: str = "") -> str:
    """DATABASE_URL of an empty database that belongs to `user`."""
    with psycopg.connect(cluster.conninfo("postgres"), user="postgres", autocommit=True) as admin:
        if user != "postgres":
            admin.execute(f"CREATE ROLE {user} LOGIN {rights}")
        admin.execute(f"CREATE DATABASE of_{user} OWNER {user}")
    return f"postgresql://{user}@/of_{user}?host={cluster.sockets}"


@pytest.mark.slow
@pytest.mark.parametrize(("user", "rights"), [("postgres", ""), ("builder", "CREATEROLE")])
def test_a_login_that_may_make_roles_works_as_the_application(
    up: Up, elsewhere: Cluster, user: str, rights: str
) -> None:
    url = address(elsewhere, user, rights)
    up.environment = {"DATABASE_URL": url}
    up.start().ready()
    assert "Warning" not in up.output
    assert not (up.home / "postgres").exists(), "no second database is made"
    with psycopg.connect(url) as login:
        assert _owners(login) == ["yanji_owner"]
        login.execute("SET ROLE yanji_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute("DELETE FROM ledger_event")
    up.terminate()
    assert elsewhere.pid(), "what we did not start we do not stop"
    up.start().ready()


@pytest.mark.slow
def test_a_login_without_rights_works_as_one_role_and_says_so(up: Up, elsewhere: Cluster) -> None:
    url = address(elsewhere, "modest")
    up.environment = {"DATABASE_URL": url}
    up.start().ready()
    assert "Warning: the login of DATABASE_URL may not create roles" in up.output
    with psycopg.connect(url) as login:
        assert _owners(login) == ["modest"]


def test_what_an_administrator_prepares_is_enough(home: Path, elsewhere: Cluster) -> None:
    url = address(elsewhere, "yanji_login")
    with psycopg.connect(elsewhere.conninfo("postgres"), user="postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE yanji_owner NOLOGIN; CREATE ROLE yanji_app NOLOGIN")
        admin.execute("GRANT yanji_owner, yanji_app TO yanji_login")
        admin.execute("ALTER DATABASE of_yanji_login OWNER TO yanji_owner")
    done = run_yanji(home, "migrate", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as login:
        assert _owners(login) == ["yanji_owner"]
        (may,) = login.execute("SELECT has_table_privilege('yanji_app', 'ledger_event', 'DELETE')").fetchone()
    assert not may


def test_a_server_that_does_not_answer_is_named(home: Path) -> None:
    done = run_yanji(home, "migrate", DATABASE_URL=f"postgresql://somebody@/x?host={home}")
    assert done.returncode == 1
    assert "The database of DATABASE_URL does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["mysql:stock", "postgresql://[", "host="])
def test_an_address_that_is_none_is_refused(home: Path, url: str) -> None:
    done = run_yanji(home, "migrate", DATABASE_URL=url)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def _owners(connection: psycopg.Connection) -> list[str]:
    tables = "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'"
    return [row[0] for row in connection.execute(tables)]

"""The database that comes along: shared by its users, and able to start after whatever happened to it."""

import multiprocessing
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.patience import PATIENCE
from yanji.host.cluster import SOCKET_FOLDER_MAX, Cluster, cluster_at
from yanji.host.home import HostError, make_home, secret_key

QUICK = {"fsync": "off"}


@pytest.fixture
def cluster(home: Path) -> Cluster:
    return cluster_at(home, QUICK)


def ask(cluster: Cluster) -> int:
    with psycopg.connect(cluster.conninfo("postgres"), user="postgres") as connection:
        return int(connection.execute("SELECT 42").fetchone()[0])


def test_the_last_user_stops_the_server(cluster: Cluster) -> None:
    with cluster.use() as started:
        assert started
        with cluster.use() as again:
            assert not again
            assert ask(cluster) == 42
        assert ask(cluster) == 42
    assert cluster.pid() is None


def test_many_processes_that_start_at_once_share_one_server(cluster: Cluster) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        found = pool.map(_use, [cluster.home] * 4, chunksize=1)
    assert len(set(found)) == 1, "everybody saw the same server process"
    assert cluster.pid() is None


def _use(home: Path) -> int | None:
    cluster = cluster_at(home, QUICK)
    with cluster.use():
        (home / f"user-{os.getpid()}").touch()
        deadline = time.monotonic() + PATIENCE
        while len(list(home.glob("user-*"))) < 4:
            assert time.monotonic() < deadline, "all four use it at the same time"
            time.sleep(0.05)
        assert ask(cluster) == 42
        return cluster.pid()


def test_only_the_owner_may_come_near_the_socket(cluster: Cluster) -> None:
    with cluster.use():
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        assert psutil.Process(cluster.pid()).net_connections("inet") == []


def test_a_killed_server_that_left_its_pid_file_starts_again(cluster: Cluster) -> None:
    with cluster.use():
        pid = cluster.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        while cluster.pid() is not None:
            time.sleep(0.05)
        with cluster.use() as started:
            assert started
            assert ask(cluster) == 42


def test_a_pid_file_whose_number_belongs_to_somebody_else_is_no_hindrance(cluster: Cluster) -> None:
    with cluster.use():
        pass
    owner = cluster.data.stat()
    with subprocess.Popen(["sleep", "600"], user=owner.st_uid, cwd="/") as other:
        (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n0\n5432\n\n\n\nready\n")
        with cluster.use() as started:
            assert started
            assert ask(cluster) == 42
        other.kill()


def test_an_interrupted_creation_begins_again(cluster: Cluster) -> None:
    half = cluster.data.with_name("postgres.partial")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with cluster.use():
        assert ask(cluster) == 42
    assert not half.exists()


def test_a_path_too_long_for_a_socket_is_no_hindrance(home: Path) -> None:
    deep = home / ("a" * 100) / ("b" * 100)
    deep.parent.mkdir(mode=0o755)
    cluster = cluster_at(deep, QUICK)
    assert len(os.fsencode(cluster.sockets)) <= SOCKET_FOLDER_MAX
    with cluster.use():
        assert ask(cluster) == 42
    assert not cluster.sockets.exists()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has folders that the database's own user cannot enter"
)
def test_a_home_that_the_servers_user_cannot_enter_keeps_its_data_elsewhere(home: Path) -> None:
    import shutil

    closed = home / "closed"
    closed.mkdir(mode=0o700)
    cluster = cluster_at(closed / "yanji", QUICK)
    assert not cluster.data.is_relative_to(home)
    with cluster.use():
        assert ask(cluster) == 42
    assert cluster_at(closed / "yanji").data == cluster.data, "and is found again"
    shutil.rmtree(cluster.data.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_another_users_database_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster_at(home, QUICK).use():
        pass
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(HostError, match="belongs to another user"):
        cluster_at(home, QUICK).start()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    broken = cluster_at(home, {"shared_buffers": "nonsense"})
    with pytest.raises(HostError, match="shared_buffers"), broken.use():
        pytest.fail("it started")


@pytest.mark.parametrize("path", ["/dev/null/yanji", "/proc/yanji"])
def test_a_folder_that_cannot_be_made_is_named_with_a_way_out(path: str) -> None:
    with pytest.raises(HostError, match="YANJI_HOME"):
        make_home(Path(path))


def test_a_read_only_folder_is_named_with_a_way_out(home: Path) -> None:
    home.chmod(0o555)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)  # A user who owns nothing: root may write anywhere.
        with pytest.raises(HostError, match=r"cannot be written by this user\. Give another folder"):
            make_home(home / "x")
    finally:
        os.seteuid(me)
        home.chmod(0o711)


def test_the_secret_is_made_once_and_private(home: Path) -> None:
    first = secret_key(home)
    assert secret_key(home) == first
    assert len(first) > 60
    assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600

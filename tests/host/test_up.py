"""`yanji up` as its user meets it: starts, stops, and comes back from whatever killed it."""

import os
import re
import signal
import socket
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from tests.host.conftest import IN_THE_BACKGROUND, Up, run_yanji
from tests.patience import PATIENCE
from yanji.host.cluster import cluster_at
from yanji.host.home import HostError
from yanji.host.up import alone

pytestmark = pytest.mark.slow


def test_a_server_serves_refuses_a_second_stops_and_is_quick_to_return(up: Up) -> None:
    up.environment["YANJI_WORKERS"] = "2"
    up.start().ready()
    first = up.worked()
    assert up.get("") == 200, "a visitor is shown to the sign-in page"

    second = run_yanji(up.home, "up", PORT=str(up.port + 1))
    assert second.returncode == 1
    assert f"already running from this folder: http://127.0.0.1:{up.port}" in second.stderr

    assert up.interrupt() == 0
    assert "Yanji has stopped." in up.output
    assert re.search(
        rf"Starting the database \.\.\.[\s\S]*Starting the server on http://127.0.0.1:{up.port} ", up.output
    )
    assert f"YANJI_HOME={up.home} .venv/bin/yanji administrator NAME" in up.output, (
        "as another terminal must type it"
    )
    assert up.processes() == []

    up.start().ready()
    # Measured by the processors' time and against the first start: that holds on a slow machine and on a busy one.
    assert up.worked() < first / 2
    assert "Preparing" not in up.output, "nothing is done twice"
    assert "Collecting" not in up.output
    assert up.terminate() == 0
    assert up.processes() == []


@pytest.mark.usefixtures("ready")
def test_a_killed_server_leaves_nothing_in_the_way_of_the_next(up: Up) -> None:
    up.start().ready()
    database = cluster_at(up.home).pid()
    up.kill()
    up.start().ready()
    assert cluster_at(up.home).pid() == database, "the database that was left is taken over"
    up.terminate()
    assert up.processes() == []


@pytest.mark.usefixtures("ready")
def test_a_killed_server_and_database_come_back_together(up: Up) -> None:
    up.start().ready()
    everything = up.processes()
    for process in everything:
        process.kill()
    up.kill()
    assert psutil.wait_procs(everything, timeout=PATIENCE)[1] == []
    up.start().ready()
    up.interrupt()
    assert up.processes() == []


@pytest.mark.usefixtures("ready")
def test_a_killed_database_is_started_again_under_the_running_server(up: Up) -> None:
    up.start().ready()
    database = cluster_at(up.home).pid()
    assert database
    os.kill(database, signal.SIGKILL)
    up.wait_for(lambda: cluster_at(up.home).pid() not in {None, database})
    up.wait_for(lambda: up.get("healthz") == 200)
    assert "The database server died; starting it again." in up.output


def test_an_interrupt_while_preparing_stops_cleanly(up: Up) -> None:
    up.start()
    up.wait_for(lambda: "Preparing the database" in up.output)
    assert up.interrupt() == 0
    assert up.processes() == []
    up.start().ready()


@pytest.mark.parametrize("step", ["initdb", "pg_ctl", "yanji.host.prepare", "yanji.host.keeper"])
def test_an_interrupt_ends_everything_whatever_is_just_being_started(
    request: pytest.FixtureRequest, up: Up, step: str
) -> None:
    """Also where a shell started it in the background and so had it ignore Ctrl-C; pressed again and again."""
    if step == "yanji.host.keeper":  # which comes when all is ready
        request.getfixturevalue("ready")
    up.start(*IN_THE_BACKGROUND)
    up.wait_for_step(step)
    for _ in range(3):
        up.press_ctrl_c()
    assert up.interrupt() == 0
    assert up.processes() == []
    assert "Traceback" not in up.output
    assert up.output.endswith("Yanji has stopped.\n")


@pytest.mark.usefixtures("ready")
def test_clients_that_never_finish_are_left_without_a_word(up: Up) -> None:
    """Files are served and both starts and ends are silent, also while a request is half sent."""
    up.start().ready()
    said = up.output
    assert up.get("static/yanji/yanji.css") == 200
    with ExitStack() as clients:
        for begun in (
            b"",
            b"GET /healthz HTTP/1.1\r\nHost:",
            b"POST /sign-in HTTP/1.1\r\nContent-Length: 9\r\n\r\na",
        ):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", up.port), timeout=PATIENCE))
            client.sendall(begun)
        up.wait_for(lambda: up.get("healthz") == 200)
        assert up.interrupt() == 0
    assert up.output == said + "Yanji has stopped.\n"
    assert up.processes() == []


@pytest.mark.usefixtures("ready")
def test_a_live_stream_is_ended_and_not_waited_for(up: Up) -> None:
    made = run_yanji(up.home, "administrator", "first")
    assert made.returncode == 0, made.stderr
    password = re.search(r"only this once: (\S+)", made.stdout)
    assert password, made.stdout
    up.start().ready()
    with signed_in(up, "first", password[1]).open(f"http://127.0.0.1:{up.port}/live") as stream:
        assert stream.readline().startswith(b"retry: ")
        up.press_ctrl_c()
        # To its proper end: a connection that was only cut would raise IncompleteRead.
        assert stream.read().endswith(b"\n\n")
    assert up.process
    assert up.process.wait(PATIENCE) == 0


def signed_in(up: Up, name: str, password: str) -> urllib.request.OpenerDirector:
    """A browser with the session of somebody who came in by the door."""
    cookies = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    door = f"http://127.0.0.1:{up.port}/sign-in"
    form = browser.open(door).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    sent = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
    browser.open(door, urlencode(sent).encode())
    return browser


def test_a_taken_port_is_named_with_its_holder_and_a_way_out(home: Path, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        done = run_yanji(home, "up", PORT=str(free_port))
    assert done.returncode == 1
    assert f"Port {free_port} is taken by process {os.getpid()}" in done.stderr
    assert f"PORT={free_port + 1} make up" in done.stderr
    assert cluster_at(home).pid() is None, "refused before the slow work"


def test_a_port_is_kept_while_its_server_is_only_starting(home: Path, tmp_path: Path, free_port: int) -> None:
    """It does not listen yet; another folder's server hears of it before the slow work."""
    other = tmp_path / "other"
    other.mkdir()
    with (
        alone(home, "127.0.0.1", str(free_port)),
        pytest.raises(HostError, match=f"starting on port {free_port} .process {os.getpid()}"),
        alone(other, "127.0.0.1", str(free_port)),
    ):
        pass
    with alone(other, "127.0.0.1", str(free_port)):
        pass
    assert not Path(tempfile.gettempdir(), f"yanji-{os.getuid()}-127.0.0.1-{free_port}.lock").exists()


@pytest.mark.parametrize("hosts", [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")])
def test_every_address_and_one_of_them_are_in_each_others_way(
    home: Path, tmp_path: Path, free_port: int, hosts: tuple[str, str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with (
        alone(home, hosts[0], str(free_port)),
        pytest.raises(HostError, match=f"starting on port {free_port} .process {os.getpid()}"),
        alone(other, hosts[1], str(free_port)),
    ):
        pass
    with alone(other, hosts[1], str(free_port)):
        pass


def test_a_lock_that_was_cleared_away_or_is_anothers_is_no_traceback(home: Path, free_port: int) -> None:
    lock = Path(tempfile.gettempdir(), f"yanji-{os.getuid()}-127.0.0.1-{free_port}.lock")
    with alone(home, "127.0.0.1", str(free_port)):
        lock.unlink()
    with alone(home, "127.0.0.1", str(free_port)):
        lock.unlink()
        lock.write_text("of another, who began since")
    assert lock.exists(), "what is another's stays"
    lock.unlink()
    lock.symlink_to(home / "elsewhere")
    try:
        with (
            pytest.raises(HostError, match=r"is in the way: .+ Remove it"),
            alone(home, "127.0.0.1", str(free_port)),
        ):
            pass
    finally:
        lock.unlink()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("YANJI_NOTIFICATION_DAYS", "a year"),
        ("YANJI_SMTP_URL", "mail"),
        ("YANJI_HOOKS_INSIDE", "perhaps"),
        ("YANJI_RFID_CA", "nowhere.pem"),
    ],
)
def test_a_setting_that_is_none_is_refused_before_the_database_starts(
    home: Path, free_port: int, name: str, wrong: str
) -> None:
    done = run_yanji(home, "up", PORT=str(free_port), **{name: wrong})
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert "Starting the database" not in done.stdout


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1", "٣"])
def test_a_port_that_is_none_is_refused(home: Path, port: str) -> None:
    done = run_yanji(home, "up", PORT=port)
    assert done.returncode == 1
    assert "is not a port" in done.stderr


@pytest.mark.usefixtures("ready")
def test_half_a_demo_hospital_is_thrown_away(up: Up) -> None:
    up.start().ready()
    up.terminate()
    (up.home / "demo-loading").touch()
    up.start().ready()
    assert "interrupted; beginning again" in up.output
    assert "Preparing the database" in up.output
    assert not (up.home / "demo-loading").exists()


@pytest.mark.usefixtures("ready")
def test_a_body_without_a_length_is_cut_off(up: Up) -> None:
    up.start().ready()
    with socket.create_connection(("127.0.0.1", up.port), timeout=PATIENCE) as client:
        client.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        with pytest.raises(OSError, match=r"reset|pipe"):
            _send_for_ever(client, chunk)


def _send_for_ever(client: socket.socket, chunk: bytes) -> None:
    for _ in range(500):
        client.sendall(chunk)
        time.sleep(0.01)

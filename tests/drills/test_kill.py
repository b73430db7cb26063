"""kill -9 under load: what was acknowledged is there afterwards, and what was not can be sent again.

Real processes on a cluster of its own, with every setting of the product's database: fsync is on. What is killed is the
product's own handler under its own server, with a site that does nothing but post (`site.py`): no sign-in, no pages.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE
from yanji.host.cluster import Cluster, cluster_at
from yanji.host.home import ROOT

pytestmark = pytest.mark.slow
CLIENT = Path(__file__).with_name("client.py")
CLIENTS = 3
# Each client has been told so often that its acts are done before anything is killed: load by work, not by the clock.
TOLD = 200


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A migrated cluster in a folder of its own on a real disk, running."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=ROOT / "build"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    with cluster_at(folder).use():
        run(folder, "-m", "yanji", "manage", "migrate", "-v0")
        run(folder, str(CLIENT), "lay")
        yield folder
    shutil.rmtree(folder)


def environment(home: Path) -> dict[str, str]:
    dropped = {"DATABASE_URL", "YANJI_ROLE", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "YANJI_HOME": str(home), "PYTHONPATH": str(ROOT)}


def run(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def begin(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with (home / "errors.txt").open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=environment(home),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )


def posting(home: Path, turn: str) -> list[subprocess.Popen[bytes]]:
    """Clients in the middle of their work."""
    paths = [home / f"client-{turn}-{number}.txt" for number in range(CLIENTS)]
    clients = [
        begin(home, str(CLIENT), "post", f"{turn}.{number}", str(path)) for number, path in enumerate(paths)
    ]
    until(lambda: all(told(path) >= TOLD for path in paths), home)
    return clients


def told(path: Path) -> int:
    """How often the client of a record was told that its act is done."""
    return path.read_text().count("done ") if path.exists() else 0


def until(happened: Callable[[], bool], home: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, (home / "errors.txt").read_text()[-2_000:]
        time.sleep(0.05)


def kill_postgres(cluster: Cluster) -> None:
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: cluster.pid() is None, cluster.home)
    assert cluster.start()


def sound(home: Path) -> None:
    """What any client was ever told is true, what it began can be sent again, and nothing has drifted."""
    records = sorted(home.glob("client-*.txt"))
    found: dict[str, Any] = json.loads(run(home, str(CLIENT), "check", *map(str, records)))
    assert found["lost"] == []
    assert found["changed"] == []
    assert (found["drift"], found["drift_after_retries"]) == (0, 0)
    assert found["events"] == found["keys"]
    assert found["movements"] == 3 * found["events"]
    assert found["logged"] == [found["events"], found["events"]]
    assert found["acknowledged"] >= TOLD * len(records)


def test_clients_are_killed(home: Path) -> None:
    for client in posting(home, "killed"):
        client.kill()
        client.wait()
    sound(home)


def test_postgres_is_killed_twice(home: Path) -> None:
    """The first time under load, the second time under the load of clients that came after its recovery."""
    for turn in ("first", "second"):
        clients = posting(home, turn)
        kill_postgres(cluster_at(home))
        for client in clients:
            client.wait(PATIENCE)
            assert client.returncode != 0
    sound(home)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(home: Path, port: int) -> subprocess.Popen[bytes]:
    """The product's handler under its server, with two workers, in a process group of its own."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "2", "--port", str(port)]
    with (home / "errors.txt").open("ab") as errors:
        server = subprocess.Popen(
            [*command, "tests.drills.site:application"],
            env=environment(home),
            cwd=ROOT,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    until(lambda: listens(port), home)
    return server


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def browse(port: int, number: int, path: Path, stop: threading.Event) -> None:
    """A scanner: one request after another until the server is gone; writes down what it was told."""
    with path.open("a", buffering=1) as out:
        for turn in range(100_000):
            for verb in ("receive", "accept"):
                key = f"web{number}.{turn}:{verb}"
                out.write(f"began {key}\n")
                try:
                    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                    caller.request("POST", f"/do/{key}")
                    answer = caller.getresponse()
                    event = answer.read().decode()
                    caller.close()
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    out.write(f"done {key} {event}\n")
                if stop.is_set():
                    return


def test_the_server_is_killed(home: Path) -> None:
    port, stop = free_port(), threading.Event()
    server = serve(home, port)
    paths = [home / f"client-web-{number}.txt" for number in range(CLIENTS)]
    threads = [
        threading.Thread(target=browse, args=(port, number, path, stop)) for number, path in enumerate(paths)
    ]
    for thread in threads:
        thread.start()
    until(lambda: all(told(path) >= TOLD for path in paths), home)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    sound(home)

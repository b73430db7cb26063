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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yanji.host.cluster import Cluster, cluster_at
from yanji.host.home import ROOT

pytestmark = pytest.mark.slow
CLIENT = Path(__file__).with_name("client.py")
CLIENTS = 3
LOAD_SECONDS = 2.0


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
    """Clients at work, each past its first acknowledgement."""
    paths = [home / f"client-{turn}-{number}.txt" for number in range(CLIENTS)]
    clients = [
        begin(home, str(CLIENT), "post", f"{turn}.{number}", str(path)) for number, path in enumerate(paths)
    ]
    deadline = time.monotonic() + 60
    while not all(path.exists() and "done" in path.read_text() for path in paths):
        assert time.monotonic() < deadline, (home / "errors.txt").read_text()[-2_000:]
        time.sleep(0.05)
    time.sleep(LOAD_SECONDS)
    return clients


def kill_postgres(cluster: Cluster) -> None:
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while cluster.pid() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
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
    assert found["acknowledged"] > 10 * len(records)


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
            client.wait(30)
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
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, (home / "errors.txt").read_text()[-2_000:]
            time.sleep(0.1)
        else:
            return server


def browse(port: int, number: int, path: Path, stop: threading.Event) -> None:
    """A scanner: one request after another until the server is gone; writes down what it was told."""
    with path.open("a") as out:
        for turn in range(100_000):
            for verb in ("receive", "accept"):
                key = f"web{number}.{turn}:{verb}"
                out.write(f"began {key}\n")
                try:
                    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                    caller.request("POST", f"/do/{key}")
                    answer = caller.getresponse()
                    told = answer.read().decode()
                    caller.close()
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    out.write(f"done {key} {told}\n")
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
    time.sleep(LOAD_SECONDS + 2)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    stop.set()
    for thread in threads:
        thread.join(30)
    sound(home)

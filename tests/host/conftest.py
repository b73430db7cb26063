"""Homes and servers of a test's own: real processes on real folders, none left behind."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.patience import PATIENCE
from tests.postgres import fingerprint
from tests.settings import ROOM
from yanji.host.cluster import cluster_at
from yanji.host.home import ROOT

YANJI = Path(sys.executable).with_name("yanji")
# As a shell without job control starts what ends in "&".
IN_THE_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$0" "$@"']


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder of this test's own that any user may pass through; its database is stopped afterwards."""
    memory = (
        "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > ROOM else None
    )
    folder = Path(tempfile.mkdtemp(prefix="yanji-home-", dir=memory))
    folder.chmod(0o711)
    yield folder
    cluster_at(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_ready() -> Path:
    """A home that the product itself has made ready once, for whoever needs one like it: half a minute's work.

    Kept beside the tests' own cluster, for all workers and runs, until a migration changes.
    """
    beside = Path(os.environ["YANJI_HOME"])
    beside.mkdir(parents=True, exist_ok=True)
    beside.chmod(0o711)
    folder = beside / f"ready-{fingerprint()}"
    with open(beside / "ready.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for older in beside.glob("ready-*"):
                shutil.rmtree(older)
            partial = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o711)
            subprocess.run(
                [sys.executable, "-m", "yanji.host.prepare"],
                env=environment_for(partial),
                cwd=ROOT,
                check=False,
            )
            partial.rename(folder)
    return folder


@pytest.fixture
def ready(made_ready: Path, home: Path) -> None:
    """`up` finds everything made ready, and serves at once: for tests of what comes after that."""
    if (made_ready / "postgres").exists():  # else it lies where a copy would not be its own
        subprocess.run(["cp", "-a", f"{made_ready}/.", home], check=True)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Up:
    """`yanji up` as a process, its output in a file."""

    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.home / f"up-{self.starts}.log"

    def start(self, *before: str) -> "Up":
        """`before`: words in front of the command."""
        self.starts += 1
        environment = environment_for(self.home) | {"PORT": str(self.port)} | self.environment
        with self._log.open("wb") as log:
            # A process group of its own, as a terminal gives it.
            self.process = subprocess.Popen(
                [*before, YANJI, "up", "--no-demo"],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        return self

    def ready(self) -> None:
        """Wait until it serves and has said so."""
        self.wait_for(lambda: "is serving" in self.output and self.get("healthz") == 200)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=PATIENCE) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait_for_step(self, name: str) -> None:
        """Wait until a program or module of this name runs below us."""
        assert self.process
        supervisor = psutil.Process(self.process.pid)
        self.wait_for(lambda: any(_is_called(child, name) for child in supervisor.children()))

    def wait_for(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self.process
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.01)

    def press_ctrl_c(self) -> None:
        """The whole process group gets it."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.press_ctrl_c()
        assert self.process
        return self.process.wait(PATIENCE)

    def terminate(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(PATIENCE)

    def worked(self) -> float:
        """Seconds of processor time that all of them have needed, those that have ended included."""
        return sum(sum(process.cpu_times()[:4]) for process in self.processes())

    def processes(self) -> list[psutil.Process]:
        """Everything alive that works on this home: server, workers, database."""
        return [process for process in psutil.process_iter() if _works_on(process, str(self.home))]


@pytest.fixture
def up(home: Path, free_port: int) -> Iterator[Up]:
    """`up.start().ready()`; whatever it started is stopped after the test."""
    started = Up(home, free_port)
    yield started
    if started.process and started.process.poll() is None:
        started.terminate()


def environment_for(home: Path) -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("YANJI_", "DJANGO_", "MAKE"))
    }
    # One worker: each reads the whole product before it serves.
    return kept | {"YANJI_HOME": str(home), "YANJI_WORKERS": "1"}


def run_yanji(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One `yanji` command that is expected to end by itself."""
    return subprocess.run(
        [str(YANJI), *arguments],
        env=environment_for(home) | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _is_called(process: psutil.Process, name: str) -> bool:
    try:
        return any(word == name or word.endswith(f"/{name}") for word in process.cmdline())
    except psutil.Error:
        return False


def _works_on(process: psutil.Process, home: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(home in word for word in process.cmdline()) or process.environ().get("YANJI_HOME") == home
    except psutil.Error:
        return False

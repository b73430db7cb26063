"""`yanji up`: database, migrations, first data and server as one thing that starts and stops together."""

import argparse
import fcntl
import json
import os
import resource
import shlex
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil

from yanji.host import given, reached
from yanji.host.beside import SUPERVISOR, beside
from yanji.host.cluster import cluster_at
from yanji.host.database import Database, served
from yanji.host.first_run import accounts, load_demo, start_over
from yanji.host.home import HostError, home_folder, make_home
from yanji.host.interrupt import give_way, guard_forks, interrupted, interruptible, whole
from yanji.host.parting import ANSWER_SECONDS, may_part, tell_on_ending
from yanji.host.port import free_port, locks_in_the_way, other_port, port_lock
from yanji.host.prepare import prepare_beside

SLOW_SECONDS = 30
OPEN_FILES = 10_000
AT_ONCE = 4_000  # answers that a worker has under way, open pages' streams among them
STUCK_SECONDS = round(ANSWER_SECONDS) + 10  # a worker that has not left by then is beyond leaving
NOBODY = """Nobody can sign in yet. In another terminal, make the first administrator, the standard roles and the top
of the place tree; the command prints a password:"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to serve on ($HOST)"
    )
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="port to serve on ($PORT)")
    parser.add_argument("--no-demo", action="store_true", help="leave a new database empty")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM, then stop everything that was started."""
    interruptible()
    home = home_folder()
    make_home(home)
    address, workers = given.address(args.host), given.workers()
    os.environ["HOST"] = args.host  # What is served decides which hosts the settings answer for.
    given.time_zone(), given.gs1_prefix(), given.host_names(), given.origins()
    given.switched_on("YANJI_HTTPS"), given.switched_on("YANJI_DEBUG")
    given.switched_on("YANJI_HOOKS_INSIDE"), given.mail(), given.notification_days()
    given.broker(), given.readers_authorities()
    try:
        with alone(home, address, args.port), _database(home) as target:
            start_over(target, home)
            empty = prepare_beside()
            if empty and not args.no_demo:
                load_demo()
            give_way()
            _serve(home, address, int(args.port), workers, nobody=empty and args.no_demo)
    except KeyboardInterrupt:
        pass
    print("Yanji has stopped.", flush=True)
    return 0


@contextmanager
def alone(home: Path, host: str, port: str) -> Iterator[None]:
    """One `up` per data folder, and one per port: who is still starting does not listen yet. The locks die with their
    process, so a killed run leaves nothing to clear away."""
    with open(home / "up.lock", "a+") as lock:
        if (other := _holder(lock)) is not None:
            raise HostError(
                f"Yanji is already running from this folder: {other.get('url', 'still starting')} "
                f"(process {other.get('pid', 'unknown')}). Stop it first, or give another folder with YANJI_HOME."
            )
        free_port(host, port)
        with port_lock(host, port) as door:
            _refuse_where_held(door, port)
            for each in locks_in_the_way(host, port):
                with each:
                    _refuse_where_held(each, port)
            for each in (lock, door):
                each.truncate(0)
                json.dump({"pid": os.getpid(), "url": _url(host, port)}, each)
                each.flush()
            try:
                yield
            finally:
                # Who cleared the folder away meanwhile took the name with it, and another may have it by now.
                with suppress(FileNotFoundError):
                    if os.path.samestat(os.stat(door.name), os.fstat(door.fileno())):
                        os.unlink(door.name)


def _refuse_where_held(lock: IO[str], port: str) -> None:
    if (other := _holder(lock)) is not None:
        raise HostError(
            f"Another Yanji is starting on port {port} (process {other.get('pid', 'unknown')}). Stop it, or serve "
            f"on another port: PORT={other_port(int(port))} make up"
        )


def _holder(lock: IO[str]) -> dict[str, Any] | None:
    """What is written of who has the lock; None where it is ours now."""
    while not _locked(lock):
        lock.seek(0)
        other: dict[str, Any] = json.loads(lock.read() or "{}")
        if not other or _alive(other["pid"]):
            return other
        # The workers of a killed server hold its lock for the half second until they notice.
        time.sleep(0.1)
    return None


def _alive(pid: int) -> bool:
    """A process that has ended and whose parent has not asked how is as good as gone."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _database(home: Path) -> Iterator[Database]:
    """The database while serving, watched."""
    outside = bool(os.environ.get("DATABASE_URL"))
    print("Connecting to the database ..." if outside else "Starting the database ...", flush=True)
    with served(home) as target:
        if not target.separate_roles:
            print(
                "Warning: the login of DATABASE_URL may not create roles, so the database itself does not protect"
            )
            print(
                "history from the application. docs/operations.md says how an administrator sets the roles up."
            )
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(home, target, over), daemon=True)
        watcher.start()
        try:
            yield target
        finally:
            # Before the database stops: a watcher at work would start it again.
            with whole():
                over.set()
                watcher.join()


def _watch(home: Path, target: Database, over: threading.Event) -> None:
    """Restart a database server that died, and stop when the `make` that started us is gone."""
    cluster = cluster_at(home) if target.embedded else None
    parent = os.getppid()
    while not over.wait(1):
        if os.environ.get("MAKELEVEL") and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        if cluster and cluster.pid() is None:
            print("The database server died; starting it again.", file=sys.stderr, flush=True)
            try:
                cluster.start()
            except HostError as error:
                print(f"yanji: {error}", file=sys.stderr, flush=True)


def _serve(home: Path, host: str, port: int, workers: int, *, nobody: bool) -> None:
    """Run the web server until a signal comes; prints the address and the accounts once it answers."""
    print(f"Starting the server on {_url(host, str(port))} ...", flush=True)
    os.environ["YANJI_SERVING"] = "1"
    _allow_open_files()
    os.environ[SUPERVISOR] = str(os.getpid())
    os.environ.pop("YANJI_ROLE", None)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    threading.Thread(target=_announce, args=(home, host, port, nobody), daemon=True).start()
    server = Granian(
        "yanji.host.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        backpressure=AT_ONCE,
        respawn_failed_workers=True,
        workers_kill_timeout=STUCK_SECONDS,
        log_level=LogLevels.warning,
    )
    guard_forks()
    may_part()
    # The duties that nobody asks for, in a process of their own. Inside, interrupts wait until the server listens for
    # them itself; what came before is handed on to it.
    with beside("yanji.host.keeper"):
        server.on_startup(_hand_on)
        server.serve()


def _allow_open_files() -> None:
    """Each open page is a connection, and each connection a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems say "without limit" and mean it less.
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if wanted > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _hand_on() -> None:
    tell_on_ending()
    if interrupted():
        signal.raise_signal(signal.SIGTERM)


def _announce(home: Path, host: str, port: int, nobody: bool) -> None:
    url = _url(host, str(port))
    started = time.monotonic()
    while not _answers(f"{url}/healthz"):
        time.sleep(0.1)
        if time.monotonic() - started > SLOW_SECONDS:
            print(
                "The server does not answer yet. On a busy machine it takes longer; messages of its own stand above.",
                file=sys.stderr,
                flush=True,
            )
            started = time.monotonic()
    print(f"\nYanji 雁迹 is serving {url}   (Ctrl-C stops it)", flush=True)
    for other in reached.shown(host)[1:]:
        print(f"  from other machines: http://{other}:{port}", flush=True)
    print(flush=True)
    for line in accounts(home):
        print(line, flush=True)
    if nobody:
        print(NOBODY, f"  {_first_administrator(home)}", sep="\n", flush=True)


def _first_administrator(home: Path) -> str:
    """The command that lets somebody in, as another terminal must type it: that knows nothing of this one's settings."""
    folder = f"YANJI_HOME={shlex.quote(str(home))} " if os.environ.get("YANJI_HOME") else ""
    # An address of a database may hold a password.
    address = "DATABASE_URL=… " if os.environ.get("DATABASE_URL") else ""
    return f"{folder}{address}.venv/bin/yanji administrator NAME"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _url(host: str, port: str) -> str:
    return f"http://{reached.shown(host)[0]}:{port}"

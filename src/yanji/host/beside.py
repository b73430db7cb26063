"""Runs the steps of `yanji up` as processes beside it, which end before what they work with goes away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from yanji.host.interrupt import give_way, whole

LOOK_SECONDS = 0.2
# Enough to take back what is open; whoever needs longer is stuck, and PostgreSQL takes it back without him.
END_SECONDS = 5
SUPERVISOR = "YANJI_SUPERVISOR"  # number of the `yanji up` that a process works for


def run_beside(module: str, *arguments: str) -> int:
    """Run a module of ours to its end; returns its exit code. An interrupt ends it, if need be by force."""
    with beside(module, *arguments) as child:
        while True:
            try:
                return child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                give_way()


@contextmanager
def beside(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module of ours at work until we leave; interrupts wait, so whoever stays inside looks out for them.

    In a session of its own: Ctrl-C reaches us alone, and we end it.
    """
    with whole():
        child = subprocess.Popen([sys.executable, "-m", module, *arguments], start_new_session=True)
        try:
            yield child
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def supervised() -> bool:
    """Whether the `yanji up` that we work for is still there.

    By a number from before our start: one that was killed while we started would not be missed otherwise.
    """
    return os.getppid() == int(os.environ[SUPERVISOR])

"""Runs a step of `yanji up` as a process beside it, which an interrupt ends without a word too many."""

import signal
import subprocess
import sys
from types import FrameType


def run_beside(module: str, *arguments: str) -> int:
    """Run a module of ours to its end; returns its exit code.

    In a session of its own: Ctrl-C reaches us alone, and we end it before anything it works with goes away.
    """
    child = subprocess.Popen([sys.executable, "-m", module, *arguments], start_new_session=True)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise


def interruptible() -> None:
    """Take SIGTERM for Ctrl-C: both unwind, closing what is open."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

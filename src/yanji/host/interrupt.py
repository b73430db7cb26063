"""Ctrl-C and SIGTERM, whenever they come: they end everything that was started and leave nothing half-started."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)
AGAIN_SECONDS = 0.05


class _Ending:
    """How often this process was asked to end, and how many `whole()` are open that must not be cut in two."""

    asked = 0
    held = 0


def interruptible() -> None:
    """Take Ctrl-C and SIGTERM as KeyboardInterrupt: both unwind, closing what is open.

    Said for Ctrl-C as well: a shell has what it starts in the background ignore it, and Python would go on ignoring.
    Where Python drops what is raised (in a finalizer, in a callback of an import) it is raised again a moment later.
    """
    for ending in (*ENDING, signal.SIGALRM):
        signal.signal(ending, _interrupt)
    sys.unraisablehook = _dropped


@contextmanager
def whole() -> Iterator[None]:
    """Inside, an interrupt waits; it is raised at the end. For short work that would leave half of a thing behind.

    Only where `interruptible()` was said. Does nothing in other threads, which no interrupt reaches.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _Ending.asked
    _Ending.held += 1
    try:
        yield
    finally:
        _Ending.held -= 1
        if _Ending.asked > before and not _Ending.held:
            raise KeyboardInterrupt


def interrupted() -> bool:
    """Whether this process was ever asked to end, also where that is held back by `whole()`."""
    return _Ending.asked > 0


def give_way() -> None:
    """End here where this process was asked to: between two steps of work that is whole."""
    if interrupted():
        raise KeyboardInterrupt


def guard_forks() -> None:
    """Let SIGTERM end a forked worker at every moment of its life, and leave Ctrl-C to us.

    Until its own handlers stand, a fork would run ours, which only note the signal; and what comes before its first
    instruction is forgotten by Python. So both wait in the kernel until the fork can take them.
    """
    os.register_at_fork(before=_block, after_in_parent=_unblock, after_in_child=_be_a_worker)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    _Ending.asked += 1
    if not _Ending.held:
        raise KeyboardInterrupt


def _dropped(what: "sys.UnraisableHookArgs") -> None:
    if issubclass(what.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    else:
        sys.__unraisablehook__(what)


def _block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _be_a_worker() -> None:
    # A terminal sends Ctrl-C to all of us. A worker that obeyed before we stop it would look as if it had crashed.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

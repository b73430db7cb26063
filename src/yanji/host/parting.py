"""Tells the server's workers that the end was asked for, so that each leaves by itself instead of being killed."""

import os
import select
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from yanji.host.beside import supervised
from yanji.host.interrupt import ENDING

ANSWER_SECONDS = 5.0  # for what a worker is answering when all stop; a client may never finish what it began
LOOK_SECONDS = 0.5


class _Pipe:
    """Nothing is ever written: that the supervisor's end is closed, by it or by its death, says it all."""

    read = write = -1


def may_part() -> None:
    """In the supervisor, before its workers are forked."""
    _Pipe.read, _Pipe.write = os.pipe()


def tell_on_ending() -> None:
    """In the supervisor, once the server's own handlers stand: who presses Ctrl-C tells the workers, too."""
    for ending in ENDING:
        signal.signal(ending, _telling(signal.getsignal(ending)))


def _telling(stop: Any) -> Callable[[int, FrameType | None], None]:
    def ended(signum: int, frame: FrameType | None) -> None:
        if _Pipe.write >= 0:
            closing, _Pipe.write = _Pipe.write, -1
            os.close(closing)
        stop(signum, frame)

    return ended


def leave_in_time(on_ending: Callable[[], None]) -> None:
    """In a worker, in a thread: stay as long as the supervisor, and after the end was asked for only to finish answers.

    A supervisor that was killed cannot stop its workers: they notice, and free the port themselves.
    """
    # Here and not at the fork, where a Ctrl-C of that very moment would be told as an error of the closing.
    if _Pipe.write >= 0:
        closing, _Pipe.write = (
            _Pipe.write,
            -1,
        )  # a handler inherited from the supervisor must not close it again
        os.close(closing)
    while supervised() and not _asked():
        pass
    on_ending()
    deadline = time.monotonic() + ANSWER_SECONDS
    while supervised() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS / 5)
    os.kill(os.getpid(), signal.SIGKILL)


def _asked() -> bool:
    """Whether the end was asked for; looks for as long as it may take to notice that the supervisor is gone."""
    if _Pipe.read < 0:
        time.sleep(LOOK_SECONDS)
        return False
    return bool(select.select([_Pipe.read], [], [], LOOK_SECONDS)[0])

"""Ctrl-C and SIGTERM at the moments that are hardest to hit, in processes of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.host.conftest import environment_for
from tests.patience import PATIENCE
from yanji.host.home import ROOT


def begin(script: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ran(script: str, **environment: str) -> tuple[int, str]:
    """Exit code and output of a script that ends by itself."""
    with begin(script, **environment) as process:
        out, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, out


def test_what_must_be_whole_is_done_before_the_interrupt_is_felt() -> None:
    code, out = ran("""
import signal
from yanji.host.interrupt import interrupted, interruptible, whole
interruptible()
for ending in (signal.SIGINT, signal.SIGTERM):
    try:
        with whole():
            with whole():
                signal.raise_signal(ending)
            print("whole", interrupted())
        print("never said")
    except KeyboardInterrupt:
        print("interrupted")
with whole():
    print("the next is not interrupted by the last")
""")
    assert (code, out.splitlines()) == (
        0,
        ["whole True", "interrupted"] * 2 + ["the next is not interrupted by the last"],
    )


def test_an_interrupt_is_taken_where_a_shell_had_it_ignored() -> None:
    code, out = ran("""
import signal
from yanji.host.interrupt import interruptible
signal.signal(signal.SIGINT, signal.SIG_IGN)
interruptible()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
""")
    assert (code, out) == (0, "interrupted\n")


def test_an_interrupt_that_python_drops_is_raised_again() -> None:
    """What is raised in a finalizer goes nowhere."""
    with begin("""
import signal, time
from yanji.host.interrupt import interruptible
interruptible()
class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
try:
    Finalized()
    print("dropped", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("interrupted")
""") as process:
        out, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, complaints) == (0, "dropped\ninterrupted\n", "")


def test_a_step_that_will_not_end_is_ended() -> None:
    with begin("""
from yanji.host.beside import run_beside
from yanji.host.interrupt import interruptible
interruptible()
run_beside("tests.host.stubborn")
""") as process:
        assert process.stdout
        assert process.stdout.readline() == "stubborn\n"
        [step] = psutil.Process(process.pid).children()
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert not step.is_running()


def test_a_worker_ends_at_its_first_instruction_and_leaves_ctrl_c_to_its_supervisor() -> None:
    """The supervisor's handlers, which only note what came, must not be the worker's for a moment."""
    code, out = ran("""
import multiprocessing, os, signal, time
from yanji.host.interrupt import guard_forks
for ending in (signal.SIGINT, signal.SIGTERM):
    signal.signal(ending, lambda number, frame: None)
guard_forks()
for _ in range(20):
    worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
    worker.start()
    os.kill(worker.pid, signal.SIGINT)
    worker.terminate()
    worker.join()
    print(worker.exitcode)
""")
    assert (code, out.split()) == (0, ["-15"] * 20)


def test_whoever_serves_ends_although_the_supervisor_died_before_they_could_look(home: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    supervised = environment_for(home) | {"YANJI_SUPERVISOR": str(gone.pid)}
    assert ran("import sys; from yanji.host.keeper import main; sys.exit(main())", **supervised)[0] == 0
    assert ran("import time; import yanji.host.asgi; time.sleep(600)", **supervised)[0] == -signal.SIGKILL

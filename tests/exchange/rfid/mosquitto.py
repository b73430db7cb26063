"""A real MQTT broker of a test's own, which keeps sessions and what is unsent on disk."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.patience import PATIENCE

SETTINGS = """listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
"""
OVER_TLS = "certfile {file}\nkeyfile {file}\n"
AS_ROOT = "user root\n"  # as root it would give itself an account that may not write into a test's folder


class Mosquitto:
    """Runs between ``start`` and ``stop``; comes back on the same port with what it kept."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self._scheme = "mqtts" if certificate else "mqtt"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._settings = folder / "mosquitto.conf"
        told = SETTINGS.format(port=self.port, folder=folder)
        told += OVER_TLS.format(file=certificate) if certificate else ""
        self._settings.write_text(told + (AS_ROOT if os.geteuid() == 0 else ""))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/test"

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen([program, "-c", str(self._settings)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("the broker does not answer")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

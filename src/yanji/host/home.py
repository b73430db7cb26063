"""Says where this installation keeps what it makes: data, secrets, locks, built assets."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PRINT_FONT = ROOT / "build" / "fonts" / "noto-sans-sc.ttf"  # see print_font


class HostError(Exception):
    """Something about this machine stops Yanji; the text says what and the way out."""


def home_folder() -> Path:
    """The data folder: YANJI_HOME, or `.yanji` beside the source."""
    return Path(os.environ.get("YANJI_HOME") or ROOT / ".yanji").expanduser().resolve()


def make_home(home: Path) -> None:
    """Create the data folder and prove that it can be written. Raises HostError with a way out."""
    way_out = "Give another folder with YANJI_HOME=/a/folder/you/own."
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            # A database server that runs as its own user must pass through, not look around.
            home.chmod(0o711)
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except PermissionError as error:
        raise HostError(f"The data folder {home} cannot be written by this user. {way_out}") from error
    except OSError as error:
        raise HostError(f"The data folder {home} cannot be used: {error.strerror}. {way_out}") from error


def secret_key(home: Path) -> str:
    """The signing key: YANJI_SECRET_KEY, or one made on the first run and kept in the data folder."""
    return os.environ.get("YANJI_SECRET_KEY") or kept_text(
        home / "secret-key", lambda: secrets.token_urlsafe(64)
    )


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file in the data folder; made once, and when two processes race the first one's stays."""
    if not path.exists():
        make_home(path.parent)
        own = path.with_name(f"{path.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(make())
        with suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text()

"""Says where this installation keeps what it makes: data, secrets, locks, built assets."""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class HostError(Exception):
    """Something about this machine stops Yanji; the text says what and the way out."""


def home_folder() -> Path:
    """The data folder: YANJI_HOME, or `.yanji` beside the source."""
    return Path(os.environ.get("YANJI_HOME") or ROOT / ".yanji").expanduser().resolve()


def make_home(home: Path) -> None:
    """Create the data folder and prove that it can be written. Raises HostError with a way out."""
    way_out = "Give another folder with YANJI_HOME=/a/folder/you/own."
    try:
        # 0711: a database server that runs as its own user must pass through, not look around.
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except PermissionError as error:
        raise HostError(f"The data folder {home} cannot be written by this user. {way_out}") from error
    except OSError as error:
        raise HostError(f"The data folder {home} cannot be used: {error.strerror}. {way_out}") from error


def secret_key(home: Path) -> str:
    """The signing key: YANJI_SECRET_KEY, or one made on the first run and kept in the data folder."""
    given = os.environ.get("YANJI_SECRET_KEY")
    if given:
        return given
    path = home / "secret-key"
    if not path.exists():
        make_home(home)
        _write_once(path, secrets.token_urlsafe(64))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Write a private file; when two processes race, the first one's content stays."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    own.touch(mode=0o600)
    own.write_text(text)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()

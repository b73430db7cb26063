"""The product's own settings on a database for tests: same roles, same rights, nothing kept."""

import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOM = 1_000_000_000


def _home() -> Path:
    """In memory where there is room, because cloning a database there takes 15 ms instead of 200."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        return memory / f"yanji-test-{os.geteuid()}-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return ROOT / "build" / "test-home"


os.environ["YANJI_HOME"] = str(_home())
for name in ("DATABASE_URL", "YANJI_ROLE", "YANJI_SERVING", "YANJI_DEBUG"):
    os.environ.pop(name, None)
# The processes that tests start read what the first of them compiled, instead of compiling the product each.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from yanji.host.settings import *  # noqa: E402, F403
from yanji.host.static import compile_translations  # noqa: E402

# Here, because the first thing that sets Django up reads the translations, and keeps them.
compile_translations()

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # Quick: what is hashed here protects nobody.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
YANJI_DEMO = False
# Static files come straight from the sources: browser tests need no collecting, view tests no folder.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

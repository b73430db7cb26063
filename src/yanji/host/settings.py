"""Django settings; everything a site may change comes from the environment (docs/operations.md lists it)."""

import os
from importlib.util import find_spec

from psycopg.conninfo import conninfo_to_dict

from yanji.host.database import APP, OWNER, database
from yanji.host.home import ROOT, home_folder, secret_key

HOME = home_folder()


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _words(name: str) -> list[str]:
    return os.environ.get(name, "").replace(",", " ").split()


DEBUG = _flag("YANJI_DEBUG")
SECRET_KEY = secret_key(HOME)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *_words("YANJI_HOSTS")]
CSRF_TRUSTED_ORIGINS = _words("YANJI_ORIGINS")

OUR_APPS = [
    name
    for name in ("catalog", "places", "access", "ledger", "flows", "web", "demo")
    if find_spec(f"yanji.{name}") and find_spec(f"yanji.{name}.apps")
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    *(f"yanji.{name}" for name in OUR_APPS),
]
AUTH_USER_MODEL = "access.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "yanji.host.urls"
ASGI_APPLICATION = "yanji.host.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict[str, object]:
    """Connection of the application's role; commands that change tables ask for the owner's."""
    conninfo, role = database(HOME).login(OWNER if os.environ.get("YANJI_ROLE") == "owner" else APP)
    parts = {key: value for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    options: dict[str, object] = {
        "connect_timeout": 10,
        # The ledger's few statements are prepared on the server; Django's own cursors bind on the client as ever.
        "prepare_threshold": 2,
        # A forgotten query or a session left open must not hold up a ward.
        "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
    }
    if os.environ.get("YANJI_ROLE") == "owner":
        options["options"] = "-c lock_timeout=10s"
    if role:
        options["assume_role"] = role
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options.update({key: value for key, value in parts.items() if key not in named and key not in options})
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: str(parts[libpq]) for libpq, django in named.items() if libpq in parts},
        "OPTIONS": options,
    }


DATABASES = {"default": _database()}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("YANJI_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [path for path in (ROOT / "build" / "static",) if path.is_dir()]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

"""Django settings; everything a site may change comes from the environment (docs/operations.md lists it)."""

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from yanji.host.database import APP, DEMO_LOADED, OWNER, database, note
from yanji.host.given import gs1_prefix, host_names, mail, notification_days, origins, switched_on, time_zone
from yanji.host.home import PRINT_FONT, ROOT, home_folder, secret_key
from yanji.host.logs import in_a_line
from yanji.host.reached import hosts

HOME = home_folder()


SERVING = switched_on("YANJI_SERVING")  # Set for the processes that answer requests.
DEBUG = switched_on("YANJI_DEBUG")
SECRET_KEY = secret_key(HOME)
ALLOWED_HOSTS = [*hosts(os.environ.get("HOST") or "127.0.0.1"), *host_names()]
CSRF_TRUSTED_ORIGINS = origins()

# A part of Yanji with models, templates or commands says so by its apps.py.
OUR_APPS = sorted(path.parent.name for path in (Path(__file__).parents[1]).glob("*/apps.py"))
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
    "yanji.web.middleware.guarding",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yanji.web.middleware.taking_turns",
    "yanji.web.middleware.acting",
    "yanji.web.middleware.speaking",
    "yanji.host.middleware.worded_methods",
    "yanji.host.middleware.limited_body",
    "yanji.web.middleware.SignedIn",
    "yanji.web.middleware.Teaching",
]
CSRF_FAILURE_VIEW = "yanji.web.errors.stale_form"
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
    login = database(HOME).login(OWNER if os.environ.get("YANJI_ROLE") == "owner" else APP)
    parts = {key: str(value) for key, value in conninfo_to_dict(login).items() if value is not None}
    # The ledger's few statements are prepared on the server; Django's own cursors bind on the client as ever.
    options: dict[str, object] = {"connect_timeout": 10, "prepare_threshold": 2}
    if SERVING:
        # A forgotten query or a session left open must not hold up a ward.
        limits = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
        parts["options"] = f"{parts.get('options', '')} {limits}".strip()
        # Each request runs in a thread of its own, so connections are kept in a pool, not by thread.
        options["pool"] = {"min_size": 2, "max_size": 20, "timeout": 10}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options |= {key: value for key, value in parts.items() if key not in named}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: parts[libpq] for libpq, django in named.items() if libpq in parts},
        "CONN_HEALTH_CHECKS": SERVING,
        "OPTIONS": options,
    }


DATABASES = {"default": _database()}
YANJI_DEMO = note(
    HOME, DEMO_LOADED
).exists()  # Sign-in offers the demo's accounts only where the demo is served.
YANJI_GS1_PREFIX = gs1_prefix()
if YANJI_DEMO:
    from yanji.demo import ACCOUNTS as YANJI_DEMO_ACCOUNTS  # noqa: F401
    from yanji.demo import GS1_PREFIX

    YANJI_GS1_PREFIX = YANJI_GS1_PREFIX or GS1_PREFIX

globals().update(mail())  # EMAIL_...; without a mail server nothing is sent by e-mail
YANJI_PRINT_FONT = PRINT_FONT
# Other systems inside the house are told only where the site says so: a page must not make the server knock on inner doors.
YANJI_HOOKS_INSIDE = switched_on("YANJI_HOOKS_INSIDE")
YANJI_NOTIFICATION_DAYS = notification_days()

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = time_zone()

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "build" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME / "files"

DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000  # A document of 10,000 lines has room; a body of 5 MB does not.
YANJI_UPLOAD_MAX_BYTES = 25_000_000  # A spreadsheet of 50,000 items.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LOGIN_URL = "web:sign_in"
LOGOUT_REDIRECT_URL = "web:sign_in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

HTTPS = switched_on("YANJI_HTTPS")
SESSION_COOKIE_NAME = "yanji_session"
SESSION_COOKIE_AGE = 12 * 3600  # A shift.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "yanji_csrf"
LANGUAGE_COOKIE_NAME = "yanji_language"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if HTTPS:
    # The reverse proxy that ends TLS must set this header itself, so that nobody else can.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"in_a_line": {"()": "django.utils.log.CallbackFilter", "callback": in_a_line}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["in_a_line"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}

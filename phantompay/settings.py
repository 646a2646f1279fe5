"""All settings, read from the environment; `.env` fills what is not exported. `.env.example` lists every name."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# Tests name an empty file here, so that what somebody put into `.env` rings nobody real.
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", default=False)
DJANGO_SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="")
# Without one, commands that serve nobody still run; what serves refuses to start (phantompay/checks.py).
SECRET_KEY = DJANGO_SECRET_KEY or get_random_secret_key()
SECRET_KEY_FALLBACKS = env.list("DJANGO_SECRET_KEY_FALLBACKS", default=[])
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_BASE_URL)
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), _public.hostname or "", "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_filters",
    "django_htmx",
    "phonenumber_field",
    "rest_framework",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phantompay",
    "invoices",
    "calls",
    "agent_worker",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "calls.log_context.AboutCallMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "phantompay.urls"
ASGI_APPLICATION = "phantompay.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "calls.context_processors.house",
            ]
        },
    }
]


def _database() -> dict[str, Any]:
    """The default database. SQLite takes the write lock at BEGIN: two upgrades to a write would deadlock."""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{BASE_DIR / '.run' / 'phantompay.sqlite3'}"
    config: dict[str, Any] = env.db_url_config(url)
    config["CONN_MAX_AGE"] = 0
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        }
    else:
        # A claim that the server forgets when it crashes is a second dial, whatever the server's own default says.
        config["OPTIONS"] = {"connect_timeout": 5, "options": "-c synchronous_commit=on"}
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or "redis://127.0.0.1:6379/0"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # redis-py 8 times a blocking read out after 5 s, which ends an idle consumer (channels_redis #422).
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}

# What is counted over all processes. Without it the API answers all the same, and soon.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "phantompay",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Without kombu's record of unacknowledged messages, which ends a worker that loses Redis with messages in hand
# (AttributeError in Channel.close, kombu 5.7). What is lost with a worker the sweep queues again.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "ack_emulation": False,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=30.0)
# How often retries of unanswered calls are planned and made.
RETRIES_SECONDS = env.float("RETRIES_SECONDS", default=60.0)
PLACE_WAITING_SECONDS = env.float("PLACE_WAITING_SECONDS", default=5.0)
WEBHOOK_DELIVER_SECONDS = env.float("WEBHOOK_DELIVER_SECONDS", default=5.0)
CELERY_BEAT_SCHEDULE = {
    "place_waiting": {
        "task": "calls.tasks.place_waiting",
        "schedule": PLACE_WAITING_SECONDS,
        "options": {"expires": PLACE_WAITING_SECONDS},
    },
    "sweep": {"task": "calls.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "retries_due": {
        "task": "calls.tasks.retries_due",
        "schedule": RETRIES_SECONDS,
        "options": {"expires": RETRIES_SECONDS},
    },
    "judge_due": {
        "task": "invoices.tasks.judge_due",
        "schedule": crontab(minute=2),
        "options": {"expires": 3000},
    },
    "check_books": {"task": "invoices.tasks.check_books", "schedule": crontab(hour=3, minute=17)},
    "sweep_imports": {
        "task": "invoices.tasks.sweep_imports",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "forget_imports": {"task": "invoices.tasks.forget_imports", "schedule": crontab(hour=3, minute=41)},
    "webhooks_deliver": {
        "task": "invoices.tasks.webhooks_deliver",
        "schedule": WEBHOOK_DELIVER_SECONDS,
        "options": {"expires": WEBHOOK_DELIVER_SECONDS},
    },
    "webhooks_purge": {"task": "invoices.tasks.webhooks_purge", "schedule": crontab(hour=3, minute=43)},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))

# Files that bring rows in: how large one may be, when its worker counts as lost, how long it is kept.
IMPORT_MOST_MEGABYTES = env.int("IMPORT_MOST_MEGABYTES", default=50)
IMPORT_MOST_ROWS = env.int("IMPORT_MOST_ROWS", default=200_000)
IMPORT_LOST_SECONDS = env.float("IMPORT_LOST_SECONDS", default=60.0)
IMPORT_KEPT_DAYS = env.int("IMPORT_KEPT_DAYS", default=30)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "invoices.api.entry.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["invoices.api.entry.PerClient"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "invoices.api.paging.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "invoices.api.schema.DoorSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "invoices.api.door.refusal_response",
    # How many proxies in front of us are ours: what they add to X-Forwarded-For tells a client's address.
    "NUM_PROXIES": env.int("PROXY_COUNT", default=0),
}
# Of one token, or of one user's session.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=3000)
API_BODY_MAX_BYTES = env.int("API_BODY_MAX_BYTES", default=1_000_000)
# How long a token that was bought by name and password opens the API.
API_TOKEN_HOURS = env.float("API_TOKEN_HOURS", default=10.0)
# Wrong passwords within 15 minutes, on the pages, in the admin and at POST /api/token/ together.
LOGIN_FAILURES_PER_NAME = env.int("LOGIN_FAILURES_PER_NAME", default=10)
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=50)
SPECTACULAR_SETTINGS = {
    "TITLE": "PhantomPay",
    "DESCRIPTION": "Customers, invoices, and the calls about them.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CustomerKind": "invoices.models.Customer.Kind",
        "ContactPointKind": "invoices.models.ContactPoint.Kind",
        "HoldKind": "invoices.models.Hold.Kind",
        "WishKind": "invoices.models.Wish.Kind",
        "ConsentBasis": "invoices.models.Consent.Basis",
        "CreditNoteReason": "invoices.models.CreditNote.Reason",
        "DisputeReason": "invoices.models.Dispute.Reason",
    },
}
UNFOLD = {
    "SITE_TITLE": "PhantomPay",
    "SITE_HEADER": "PhantomPay",
    "SITE_URL": "/",
    "LOGIN": {"form": "phantompay.logins.AdminHeldUp"},
}

# Who is calling, and through whom.
BUSINESS_LEGAL_NAME = env.str("BUSINESS_LEGAL_NAME", default="")
CONNECTING_MESSAGE = env.str(
    "CONNECTING_MESSAGE", default="Connecting you to our payment specialist. Please hold."
)
# On invoices and statements; “|” begins a new line.
BUSINESS_ADDRESS = env.str("BUSINESS_ADDRESS", default="")
# On invoices, and said and sent to customers who ask how to pay; bank details stand nowhere else. Staff may set another
# in the house rules.
PAYMENT_INSTRUCTIONS = env.str("PAYMENT_INSTRUCTIONS", default="")
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_PHONE_NUMBER = env.str("TWILIO_PHONE_NUMBER", default="")
TWILIO_API_BASE_URL = env.str("TWILIO_API_BASE_URL", default="")
TWILIO_TIMEOUT_SECONDS = env.float("TWILIO_TIMEOUT_SECONDS", default=10.0)
TEST_PHONE_NUMBER = env.str("TEST_PHONE_NUMBER", default="")
RING_TIMEOUT_SECONDS = env.int("RING_TIMEOUT_SECONDS", default=30)
CALL_LIMIT_SECONDS = env.int("CALL_LIMIT_SECONDS", default=900)

# What the sweep takes for lost, in seconds (calls/sweep.py says which). PLACED_WITHIN_SECONDS must be more than
# AGENT_WAIT_SECONDS and TWILIO_TIMEOUT_SECONDS together.
QUEUED_WITHIN_SECONDS = env.float("QUEUED_WITHIN_SECONDS", default=30.0)
PLACED_WITHIN_SECONDS = env.float("PLACED_WITHIN_SECONDS", default=60.0)
CALLBACK_WITHIN_SECONDS = env.float("CALLBACK_WITHIN_SECONDS", default=45.0)
UNKNOWN_AT_MOST_SECONDS = env.float("UNKNOWN_AT_MOST_SECONDS", default=300.0)
REQUESTED_AT_MOST_SECONDS = env.float("REQUESTED_AT_MOST_SECONDS", default=3600.0)
STREAM_WITHIN_SECONDS = env.float("STREAM_WITHIN_SECONDS", default=60.0)
MISSED_AT_MOST_SECONDS = env.float("MISSED_AT_MOST_SECONDS", default=20.0)
ROOM_AT_MOST_SECONDS = env.float("ROOM_AT_MOST_SECONDS", default=60.0)
STREAM_END_WITHIN_SECONDS = env.float("STREAM_END_WITHIN_SECONDS", default=180.0)

# Without a sender no e-mail is sent.
EMAIL_FROM = env.str("EMAIL_FROM", default="")
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25"))
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=10.0)

# Pace (calls/pace.py): how many calls are placed in a second, and how many there may be at once. The owner may lower
# both in the house rules.
CALLS_PER_SECOND = env.float("CALLS_PER_SECOND", default=1.0)
AGENT_MAX_JOBS = env.int("AGENT_MAX_JOBS", default=4)
AGENT_WORKERS = env.int("AGENT_WORKERS", default=1)
CALLS_AT_ONCE = env.int("CALLS_AT_ONCE", default=AGENT_MAX_JOBS * AGENT_WORKERS)
# The breaker (calls/breaker.py): placing pauses when half of at least so many calls failed within so many seconds,
# and for as long.
BREAKER_CALLS = env.int("BREAKER_CALLS", default=5)
BREAKER_SECONDS = env.float("BREAKER_SECONDS", default=120.0)

# Webhooks to systems outside (docs/webhooks.md).
# Host names, addresses and networks that may be sent to although they are not public.
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
WEBHOOK_TIMEOUT_SECONDS = env.float("WEBHOOK_TIMEOUT_SECONDS", default=15.0)
# Waits before the second try, the third and so on; after the last the delivery is given up.
WEBHOOK_RETRY_SECONDS = env.list(
    "WEBHOOK_RETRY_SECONDS", cast=float, default=[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
)
WEBHOOK_DISABLE_AFTER_DAYS = env.float("WEBHOOK_DISABLE_AFTER_DAYS", default=5.0)
WEBHOOK_KEEP_DAYS = env.float("WEBHOOK_KEEP_DAYS", default=90.0)

LIVEKIT_URL = env.str("LIVEKIT_URL", default="")
LIVEKIT_API_KEY = env.str("LIVEKIT_API_KEY", default="")
LIVEKIT_API_SECRET = env.str("LIVEKIT_API_SECRET", default="")

OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")
OPENAI_STT_MODEL = env.str("OPENAI_STT_MODEL", default="gpt-4o-mini-transcribe")
OPENAI_LLM_MODEL = env.str("OPENAI_LLM_MODEL", default="gpt-4.1-mini")
OPENAI_TTS_MODEL = env.str("OPENAI_TTS_MODEL", default="tts-1")
OPENAI_TTS_VOICE = env.str("OPENAI_TTS_VOICE", default="alloy")

# "voice": a model talks; "announce": the scripted announcement, in every call.
AGENT_MODE = env.str("AGENT_MODE", default="voice")
AGENT_NAME = env.str("AGENT_NAME", default="phantompay")
AGENT_VOICE_NAME = env.str("AGENT_VOICE_NAME", default="Casper")
AGENT_WAIT_SECONDS = env.float("AGENT_WAIT_SECONDS", default=20.0)
AGENT_HTTP_HOST = env.str("AGENT_HTTP_HOST", default="127.0.0.1")
AGENT_HTTP_PORT = env.int("AGENT_HTTP_PORT", default=8081)
AGENT_HEALTH_URL = env.str("AGENT_HEALTH_URL", default=f"http://{AGENT_HTTP_HOST}:{AGENT_HTTP_PORT}/")

# Sent as a bearer token by whoever reads /metrics; empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOG_FORMAT = env.str("LOG_FORMAT", default="") or ("line" if DEBUG else "json")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: it has to be line or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "phantompay.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "phantompay.logs.ObjectFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # The web server's access lines and the Twilio client's requests carry query strings, numbers and bodies.
    "loggers": {
        "twilio.http_client": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        # Letters of names, one by one.
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "ERROR"},
    },
}

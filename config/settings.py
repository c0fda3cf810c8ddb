"""Every setting, from the environment; the defaults are those of a public server.

`make setup` writes a secret key into the ignored file `.env`; the environment wins over that file.
A value that does not parse stops the start with its name.
"""

from pathlib import Path

import structlog
from csp.constants import NONCE, NONE, SELF
from environs import Env, validate

from config.huey import queue_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- who serves, and where -------------------------------------------------------------------------------------------
SECRET_KEY: str = env.str("SECRET_KEY")
DEBUG: bool = env.bool("DEBUG", False)
HTTPS: bool = env.bool("HTTPS", True)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
WEB_THREADS: int = env.int("WEB_THREADS", 8)

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "config",
    "accounts",
    "courses",
    "quizzes",
    "sandbox",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "health_check",
    "huey.contrib.djhuey",
    "rest_framework",
    "template_partials",
]

# Nothing here may read request.user: the session tokens of the apps are resolved later, in the view.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- storage ---------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'engram.sqlite3'}", conn_max_age=600),
}
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads first and writes later would otherwise fail at once with "locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # A checkpoint waits for the disk: with one each 10,000 pages (40 MB), not 1,000, a batch of 100 reviews takes a
        # fifth less, and fewer than one in twenty waits for one.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000; PRAGMA wal_autocheckpoint=10000;"
        ),
    }

REDIS_URL: str | None = env.str("REDIS_URL", None)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

HUEY = queue_settings(env.str("QUEUE_URL", f"sqlite:///{VAR_DIR / 'queue.sqlite3'}"), SECRET_KEY)

# --- accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["config.authentication.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupPreferences"
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if env.bool("VERIFY_EMAIL", False) else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
if not env.bool("LOGIN_LIMITS", True):  # load tests log in more often than a person would
    ACCOUNT_RATE_LIMITS = False
HEADLESS_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "engram@localhost")

SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365

# --- languages and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE: str = env.str("TIME_ZONE", "UTC")
USE_TZ = True

# --- files of the pages ----------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# The browser libraries of package.json; without `npm ci` the pages work, only the charts are missing.
STATICFILES_DIRS = [
    (f"vendor/{name}", path) for name in ["uplot"] if (path := BASE_DIR / "node_modules" / name / "dist").is_dir()
]
STATICFILES_DIRS.insert(0, ("", BASE_DIR / "config" / "static"))
# After `manage.py collectstatic`, COLLECTED_STATIC=true serves hashed, compressed files with a year of caching.
COLLECTED_STATIC: bool = env.bool("COLLECTED_STATIC", False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# --- safety ----------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
API_BODY_MAX_BYTES: int = env.int("API_BODY_MAX_BYTES", 1024 * 1024)

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.authentication.SessionTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["config.renderers.ModelJSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "config.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "config.problems.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANONYMOUS", "240/min"),
        "user": env.str("API_RATE_USER", "1200/min"),
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNICODE_JSON": True,
    "STRICT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Engram",
    "DESCRIPTION": "Lessons, quizzes, memory and Keras trainings for apps. Errors are RFC 9457 problems.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "RunStatusEnum": "sandbox.models.Status",
        "InitializerEnum": "sandbox.serializers.INITIALIZERS",
        "ScalingEnum": "sandbox.serializers.SCALINGS",
        "SavedStatusEnum": ["created", "duplicate", "conflict", "rejected"],
    },
}

# --- operation -------------------------------------------------------------------------------------------------------
if env.bool("LOG_REQUESTS", False):
    INSTALLED_APPS.append("django_structlog")
    MIDDLEWARE.insert(1, "django_structlog.middlewares.RequestMiddleware")
    # Reading request.user in a middleware would break the session tokens of the apps.
    DJANGO_STRUCTLOG_USER_ID_FIELD = None

LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO")
LOG_FORMAT: str = env.str("LOG_FORMAT", "console", validate=validate.OneOf(["console", "json"]))
_SHARED_PROCESSORS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED_PROCESSORS,
            "processor": structlog.processors.JSONRenderer()
            if LOG_FORMAT == "json"
            # rich's tracebacks with every local variable take seconds, and show secrets
            else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": LOG_LEVEL, "handlers": [], "propagate": True},
        "huey": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}
structlog.configure(
    processors=[*_SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

# --- limits (DESIGN: every limit is a setting) -----------------------------------------------------------------------
SANDBOX_RUNNING_PER_LEARNER: int = env.int("SANDBOX_RUNNING_PER_LEARNER", 2)
SANDBOX_QUEUED_PER_LEARNER: int = env.int("SANDBOX_QUEUED_PER_LEARNER", 5)
# A worker that has been silent for so long has lost its run; shorter than 3 seconds, a busy one would.
SANDBOX_LEASE_SECONDS: int = env.int("SANDBOX_LEASE_SECONDS", 15, validate=validate.Range(min=3))
SANDBOX_BACKLOG: int = env.int("SANDBOX_BACKLOG", 200)
SANDBOX_COST_SECONDS: float = env.float("SANDBOX_COST_SECONDS", 60.0)
SANDBOX_TABLES_PER_LEARNER: int = env.int("SANDBOX_TABLES_PER_LEARNER", 20)
SANDBOX_TABLE_BYTES: int = env.int("SANDBOX_TABLE_BYTES", 20 * 1024 * 1024)  # all tables of one learner
SANDBOX_PROBES_PER_RUN: int = env.int("SANDBOX_PROBES_PER_RUN", 200)
SANDBOX_PROBE_BYTES: int = env.int("SANDBOX_PROBE_BYTES", 32 * 1024 * 1024)  # all answers kept of one run
SANDBOX_OPEN_PROBES_PER_LEARNER: int = env.int("SANDBOX_OPEN_PROBES_PER_LEARNER", 20)
# A zip of a course folder, or notes. The hard maximum is what `courses.archives` takes apart at all.
COURSE_UPLOAD_BYTES: int = env.int("COURSE_UPLOAD_BYTES", 20_000_000, validate=validate.Range(min=1, max=200_000_000))
COURSE_UPLOADS_PER_AUTHOR: int = env.int(  # that were never imported
    "COURSE_UPLOADS_PER_AUTHOR", 10, validate=validate.Range(min=1, max=100)
)
COURSE_UPLOAD_HOURS: int = env.int("COURSE_UPLOAD_HOURS", 24, validate=validate.Range(min=1, max=24 * 30))
# A worker that has been silent for so long has lost its upload: longer than the longest lesson takes to check.
COURSE_UPLOAD_LEASE_SECONDS: int = env.int("COURSE_UPLOAD_LEASE_SECONDS", 120, validate=validate.Range(min=2))
# Cards that a learner makes: put-away ones count, for their reviews are kept.
OWN_CARDS_PER_LEARNER: int = env.int("OWN_CARDS_PER_LEARNER", 50_000, validate=validate.Range(min=1, max=200_000))
# A package of Anki. All of it is in memory while it is read: the hard maxima are what a small server can bear.
ANKI_PACKAGE_BYTES: int = env.int("ANKI_PACKAGE_BYTES", 50_000_000, validate=validate.Range(min=1, max=200_000_000))
ANKI_DATABASE_BYTES: int = env.int(  # of the collection, unpacked
    "ANKI_DATABASE_BYTES", 100_000_000, validate=validate.Range(min=1, max=400_000_000)
)
ANKI_CARDS: int = env.int("ANKI_CARDS", 20_000, validate=validate.Range(min=1, max=100_000))  # as many notes at most
ANKI_REVIEWS: int = env.int("ANKI_REVIEWS", 300_000, validate=validate.Range(min=1, max=1_000_000))
ANKI_PACKAGES_PER_LEARNER: int = env.int(  # that were not imported
    "ANKI_PACKAGES_PER_LEARNER", 3, validate=validate.Range(min=1, max=20)
)
ANKI_PICTURE_BYTES: int = env.int("ANKI_PICTURE_BYTES", 5_000_000, validate=validate.Range(min=1, max=20_000_000))
ANKI_PICTURE_BYTES_PER_LEARNER: int = env.int(
    "ANKI_PICTURE_BYTES_PER_LEARNER", 100_000_000, validate=validate.Range(min=1, max=2_000_000_000)
)
# As many cards and reviews together are imported while the learner waits for the page; more, in the background.
ANKI_AT_ONCE: int = env.int("ANKI_AT_ONCE", 1_000, validate=validate.Range(min=0, max=20_000))
# A worker that has been silent for so long has lost its package: longer than it takes to read the largest.
ANKI_LEASE_SECONDS: int = env.int("ANKI_LEASE_SECONDS", 300, validate=validate.Range(min=2))

"""Files of the pages, served before Django: its middleware chain stays synchronous and short."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder, get_finders
from servestatic import ServeStaticASGI


def with_static_files(application: Any) -> ServeStaticASGI:
    """Wrap an ASGI application. Collected files are hashed and cached for years, the sources for a minute."""
    site = ServeStaticASGI(
        application,
        autorefresh=settings.DEBUG,
        max_age=0 if settings.DEBUG else 60,
        allow_all_origins=False,
        add_headers_function=_refuse_sniffing,
    )
    prefix = f"/{settings.STATIC_URL.strip('/')}/"
    if settings.COLLECTED_STATIC:
        site.add_files(settings.STATIC_ROOT, prefix)
        return site
    finders = [finder for finder in get_finders() if isinstance(finder, FileSystemFinder | AppDirectoriesFinder)]
    # Where two hold the same name Django takes the first, ServeStatic the last.
    for storage in reversed([storage for finder in finders for storage in finder.storages.values()]):
        site.add_files(storage.location, prefix + (getattr(storage, "prefix", None) or ""))
    return site


def _refuse_sniffing(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"

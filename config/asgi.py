"""Two ways into one Django.

Event streams stay open for minutes and need Django's asynchronous handler. Everything else goes through the
synchronous one, on a fixed pool of threads whose database connections persist: Django's ASGI handler opens a thread
and an SQLite connection for each request, which the answers benchmark shows side by side (`make bench BENCH=answers`).
"""

import gc
import os
from typing import Any

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  (the application above configures them)
from django.urls import get_resolver  # noqa: E402

from config.static_files import with_static_files  # noqa: E402
from config.supervision import end_with_supervisors  # noqa: E402
from config.threads import OnThreads  # noqa: E402

end_with_supervisors()

_pages_and_api = OnThreads(get_wsgi_application(), settings.WEB_THREADS)


async def _split(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"].endswith("/events/"):
        await django_application(scope, receive, send)
    else:
        await _pages_and_api(scope, receive, send)


application = with_static_files(_split)
all_asgi = with_static_files(django_application)
"""What the benchmark compares with."""

# The code, every view included, is loaded now and never looked at again for garbage: a full collection, once in about a
# thousand answers, held up all requests for 110 ms; so it does for 30 ms.
assert get_resolver().url_patterns
gc.collect()
gc.freeze()

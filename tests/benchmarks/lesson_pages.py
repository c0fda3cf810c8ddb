"""The page of a lesson: milliseconds for a visitor and for a learner, the first time and again.

    python -m tests.benchmarks.lesson_pages

"First" is the first time in a process, in which queries are written and pages are made; "again" is what is kept. The
learner has read a part of every lesson and answered its checkpoints. In process, `django.test.Client` is the client;
the floor is a view that answers nothing, with all middleware, and for the learner session and account. Over HTTP, the
client keeps its connection to one web process. CPU is that of the process, which a busy machine changes less.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import thoughtless
from tests.servers import ROOT, Installation

COURSE = ROOT / "courses" / "content" / "deep-learning-with-keras"
ROUNDS = 12
EXPECTED_MS = 5
EMAIL = "learner@example.org"
Durations = dict[str, list[float]]
"""What was measured → milliseconds of each page."""


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["prepare"]:
            print(json.dumps(prepare()))
        case ["in-process"]:
            print(json.dumps(in_process()))
        case _:
            measure_all()


def measure_all() -> None:
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        installation.manage("migrate", "--verbosity", "0")
        installation.manage("import_course", str(COURSE), "--verbosity", "0")
        prepared = run("prepare", installation)
        print(f"{len(prepared['pages'])} lessons, {ROUNDS} rounds, SQLite; expected again: ≤ {EXPECTED_MS} ms")
        print(f"{'':36}{'first':>10}{'p95':>10}{'again':>10}{'p95':>10}{'CPU again':>12}")
        measured = run("in-process", installation)
        for reader in ("visitor", "learner"):
            row = {name.removeprefix(f"{reader} "): found for name, found in measured.items() if reader in name}
            print_row(f"in process, {reader}", row)
            print_row("  floor", {"again": row["floor"]})
        installation.start_web("--workers", "1")
        for reader, cookie in (("visitor", ""), ("learner", prepared["cookie"])):
            print_row(f"over HTTP, {reader}", over_http(installation.url, prepared["pages"], cookie))


def run(step: str, installation: Installation) -> Any:
    """Do a step in a process of its own: it has the settings of the installation, and has kept nothing yet."""
    command = [sys.executable, "-m", "tests.benchmarks.lesson_pages", step]
    done = subprocess.run(command, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def prepare() -> dict[str, Any]:
    """Make the learner; return the addresses of the lessons, and the cookie of a session."""
    set_up()
    import uuid

    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from courses.models import Lesson
    from courses.progress import advance
    from quizzes import checkpoints
    from quizzes.models import Question

    learner, now = User.objects.create_user(EMAIL, "correct horse battery staple", name="Lin"), timezone.now()
    lessons = list(Lesson.objects.published().select_related("course").in_order())
    for lesson in lessons:
        sections = lesson.sections.published().in_order().values_list("slug", flat=True)
        advance(learner, lesson, 0.4, list(sections)[:2], now=now)
        asked = Question.objects.published().filter(lesson=lesson).exclude(kind__in=checkpoints.UNASKED)
        for question in asked.select_related("current", "course")[:4]:
            version = question.current
            assert version is not None
            response = thoughtless.response(version.public("en", "en"))
            checkpoints.answer(learner, question, version, response, review_id=uuid.uuid4(), locale="en", now=now)
    client = Client()
    client.force_login(learner)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    pages = [lesson.get_absolute_url() for lesson in lessons]
    return {"pages": pages, "cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}


def in_process() -> Durations:
    set_up()
    from django.http import HttpRequest, HttpResponse
    from django.test import Client
    from django.urls import path

    from accounts.models import User
    from config import urls
    from courses.models import Lesson

    def floor(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.user.is_authenticated))

    urls.urlpatterns.insert(0, path("floor/", floor))
    pages = [lesson.get_absolute_url() for lesson in Lesson.objects.published().select_related("course").in_order()]
    visitor, learner = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    learner.force_login(User.objects.get(email=EMAIL))
    measured: Durations = {}
    for name, client in (("visitor", visitor), ("learner", learner)):
        found = in_rounds(lambda page, client=client: client.get(page).status_code, pages)  # type: ignore[misc]
        floors = in_rounds(lambda page, client=client: client.get(page).status_code, ["/floor/"] * len(pages))  # type: ignore[misc]
        measured |= {f"{name} {key}": durations for key, durations in found.items()}
        measured[f"{name} floor"] = floors["again"]
    return measured


def over_http(url: str, pages: Sequence[str], cookie: str) -> Durations:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {"Cookie": cookie} if cookie else {}

    def get(page: str) -> int:
        connection.request("GET", page, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status

    found = in_rounds(get, pages)
    return {"first": found["first"], "again": found["again"]}


def in_rounds(get: Callable[[str], int], pages: Sequence[str]) -> Durations:
    """Ask for every page, round after round; the first round stands by itself."""
    measured: Durations = {"first": [], "again": [], "cpu": []}
    for turn in range(ROUNDS + 1):
        for page in pages:
            begin, used = time.perf_counter(), time.process_time()
            assert get(page) == 200, page
            measured["again" if turn else "first"].append((time.perf_counter() - begin) * 1000)
            if turn:
                measured["cpu"].append((time.process_time() - used) * 1000)
    return measured


def print_row(label: str, measured: Durations) -> None:
    cells = ""
    for name in ("first", "again"):
        durations = measured.get(name)
        cells += (
            f"{statistics.median(durations):10.1f}{statistics.quantiles(durations, n=20)[-1]:10.1f}"
            if durations
            else " " * 20
        )
    cpu = measured.get("cpu")
    print(f"{label:36}{cells}" + (f"{statistics.median(cpu):12.1f}" if cpu else ""), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

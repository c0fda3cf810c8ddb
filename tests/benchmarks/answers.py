"""One graded answer over HTTP: all-ASGI and the split of `config/asgi.py` side by side, 1 client and 8 clients.

    python -m tests.benchmarks.answers

An answer is `PUT /api/v1/attempts/{uuid}/` with one response and a session token: it is marked, kept, and moves the
learner's memory in one commit. Clients are processes of their own, each with its own learner and connection; they
answer the shipped quiz slot by slot and start it anew at its end. Every answer is checked.
"""

import http.client
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import thoughtless
from tests.servers import ALL_ASGI, ROOT, SPLIT, Installation

CLIENTS = [1, 8]
WEB_PROCESSES = 2
SECONDS = 5.0
WARM_UP_SECONDS = 1.0
PASSWORD = "correct horse battery staple"
COURSE = ROOT / "courses" / "content" / "deep-learning-with-keras"
APPLICATIONS = {"all-ASGI": ALL_ASGI, "split": SPLIT}


@dataclass(frozen=True)
class Figures:
    """Milliseconds of all clients' answers, and how many were given in a second."""

    median: float
    p95: float
    per_second: float

    @classmethod
    def of(cls, milliseconds: list[float], seconds: float) -> "Figures":
        p95 = statistics.quantiles(milliseconds, n=20)[-1]
        return cls(statistics.median(milliseconds), p95, len(milliseconds) / seconds)


class Connection:
    """A kept-alive connection that speaks JSON."""

    def __init__(self, url: str, token: str = "") -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.headers = {"Content-Type": "application/json"} | ({"X-Session-Token": token} if token else {})

    def send(self, method: str, path: str, body: Any = None) -> Any:
        encoded = None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, encoded, self.headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        assert response.status in {200, 201}, f"{method} {path}: {response.status} {answer}"
        return answer


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["client", url, token, quiz, begin]:
            print(json.dumps(answer_for_a_while(Connection(url, token), quiz, float(begin))))
        case _:
            figures = {name: measure(application) for name, application in APPLICATIONS.items()}
            print_side_by_side(figures)


def measure(application: str) -> list[Figures]:
    """Return the figures for each number of clients, on a fresh installation."""
    environment = {"API_RATE_USER": "100000/second", "API_RATE_ANONYMOUS": "100000/second"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation(Path(folder), application=application, **environment) as installation,
    ):
        installation.manage("migrate", "--verbosity", "0")
        installation.manage("import_course", str(COURSE), "--verbosity", "0")
        installation.start_web("--workers", str(WEB_PROCESSES))
        return [measure_clients(installation.url, clients) for clients in CLIENTS]


def measure_clients(url: str, clients: int) -> Figures:
    tokens = [sign_up(Connection(url)) for _ in range(clients)]
    quiz = longest_quiz(Connection(url, tokens[0]))
    begin = time.time() + 1.0
    command = [sys.executable, "-m", "tests.benchmarks.answers", "client", url]
    processes = [
        subprocess.Popen([*command, token, quiz, str(begin)], cwd=ROOT, stdout=subprocess.PIPE) for token in tokens
    ]
    measured = [json.loads(process.communicate()[0]) for process in processes]
    return Figures.of([duration for durations in measured for duration in durations], SECONDS)


def sign_up(connection: Connection) -> str:
    body = {"email": f"{uuid.uuid4()}@example.org", "password": PASSWORD}
    token: str = connection.send("POST", "/_allauth/app/v1/auth/signup", body)["meta"]["session_token"]
    return token


def longest_quiz(connection: Connection) -> str:
    """Return the id of the quiz with the most slots, as a phone would find it."""
    courses = connection.send("GET", "/api/v1/courses/")["results"]
    lessons = connection.send("GET", f"/api/v1/courses/{courses[0]['slug']}/lessons/")["results"]
    full = [connection.send("GET", f"/api/v1/lessons/{lesson['id']}/") for lesson in lessons]
    ids = [lesson["quiz"]["id"] for lesson in full if lesson["quiz"]]
    quizzes = [connection.send("GET", f"/api/v1/quizzes/{quiz}/") for quiz in ids]
    longest: str = max(quizzes, key=lambda quiz: len(quiz["slots"]))["id"]
    return longest


def answer_for_a_while(connection: Connection, quiz: str, begin: float) -> list[float]:
    """Return how long each answer took, in milliseconds, leaving out the warm-up."""
    answers = endless_answers(connection.send("GET", f"/api/v1/quizzes/{quiz}/"))
    time.sleep(max(0.0, begin - time.time()))
    warm = time.perf_counter() + WARM_UP_SECONDS
    end, durations = warm + SECONDS, []
    for path, body in answers:
        sent = time.perf_counter()
        if sent >= end:
            break
        (result,) = connection.send("PUT", path, body)["results"]
        assert result["status"] == "created", result
        if sent >= warm:
            durations.append((time.perf_counter() - sent) * 1000)
    return durations


def endless_answers(quiz: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one request per slot, attempt after attempt; which choice is taken changes with the attempt."""
    for turn in itertools.count():
        path = f"/api/v1/attempts/{uuid.uuid4()}/"
        for slot in quiz["slots"]:
            response = {"slot": slot["id"], "response": thoughtless.response(slot["body"], turn)}
            yield path, {"quiz": quiz["id"], "responses": [response]}


def print_side_by_side(figures: dict[str, list[Figures]]) -> None:
    print(f"one graded answer over HTTP, {WEB_PROCESSES} web processes, SQLite, {SECONDS:.0f} s each")
    print(f"{'':12}" + "".join(f"{name:>34}" for name in figures))
    columns = f"{'median ms':>12}{'p95 ms':>10}{'answers/s':>12}"
    print(f"{'':12}" + columns * len(figures))
    for index, clients in enumerate(CLIENTS):
        label = f"{clients} client{'s' if clients > 1 else ''}"
        rows = [measured[index] for measured in figures.values()]
        print(f"{label:12}" + "".join(f"{row.median:12.1f}{row.p95:10.1f}{row.per_second:12.0f}" for row in rows))


if __name__ == "__main__":
    main(sys.argv[1:])

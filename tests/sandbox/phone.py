"""A learner with an app: signs up, keeps the session token, talks to the API of a running server."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx


class Phone:
    def __init__(self, url: str, email: str = "") -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        answer = self.http.post(
            "/_allauth/app/v1/auth/signup",
            json={"email": email or f"{uuid.uuid4()}@example.org", "password": "correct horse battery"},
        )
        assert answer.status_code == 200, answer.text
        self.http.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]

    def start(self, spec: dict[str, Any]) -> str:
        """Start a run; return the path of its resource."""
        path = f"/api/v1/sandbox/runs/{uuid.uuid4()}/"
        answer = self.http.put(path, json={"spec": spec})
        assert answer.status_code == 201, answer.text
        return path

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait(self, path: str, until: Callable[[Any], bool], seconds: float = 30) -> Any:
        """Poll a run until it is as wanted; return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = self.get(path)
            if until(run):
                return run
            time.sleep(0.05)
        raise TimeoutError(f"still {run}")

    def events(self, path: str, after: int = 0) -> Iterator[tuple[str, Any]]:
        """The kinds and contents of the run's events, live, until the server ends the stream."""
        headers = {"Accept": "text/event-stream"}
        with self.http.stream("GET", f"{path}events/?after={after}", headers=headers) as answer:
            assert answer.status_code == 200
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield kind, json.loads(line.removeprefix("data: "))


def is_over(run: Any) -> bool:
    return run["status"] not in ("queued", "running")

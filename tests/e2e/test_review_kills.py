"""The web server is killed in the middle of batches: what was acknowledged is there, once, and so is the rest."""

import json
import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import Installation

SIZE = 100
CLIENTS = 2
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
SET_UP = """
from tests.quizzes.factories import make_course
from tests.quizzes.memory.samples import more_cards
print(*[card.pk for card in more_cards(make_course(), 40)])
"""


class Phone(threading.Thread):
    """Uploads batch after batch, each until it is acknowledged: the same body again after every failure."""

    def __init__(self, url: str, cards: list[str], token: str, number: int) -> None:
        super().__init__(daemon=True)
        self.url, self.cards, self.token = url, cards, token
        self.chance = random.Random(number)
        self.acknowledged: list[str] = []
        self.interrupted = 0
        self.faults: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        at = BEGIN
        while not self.enough.is_set() and not self.faults:
            at += timedelta(hours=1)
            self.upload([self.review(at + timedelta(seconds=place)) for place in range(SIZE)])

    def review(self, at: datetime) -> dict[str, Any]:
        parts = {"question": self.chance.choice(self.cards), "rating": self.chance.randint(1, 4)}
        return {"id": str(uuid.uuid4()), "occurred_at": at.isoformat(), **parts}

    def upload(self, batch: list[dict[str, Any]]) -> None:
        body = json.dumps({"reviews": batch})
        headers = {"X-Session-Token": self.token, "Content-Type": "application/json"}
        while True:
            try:
                answer = httpx.post(f"{self.url}/api/v1/reviews/", content=body, headers=headers, timeout=30)
            except httpx.TransportError as error:
                self.interrupted += not isinstance(error, httpx.ConnectError)
                time.sleep(0.02)
                continue
            break
        statuses = {result["status"] for result in answer.json()["results"]} if answer.status_code == 200 else {"none"}
        if statuses not in ({"created"}, {"duplicate"}):  # a batch is kept as a whole, or not at all
            self.faults.append(f"{answer.status_code} {answer.text[:500]}")
        self.acknowledged += [review["id"] for review in batch]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as engram:
        engram.manage("migrate", "--verbosity", "0")
        yield engram


def sign_up(url: str) -> str:
    body = {"email": f"{uuid.uuid4()}@example.org", "password": "correct horse battery"}
    signed_up = httpx.post(f"{url}/_allauth/app/v1/auth/signup", json=body, timeout=30).json()
    token: str = signed_up["meta"]["session_token"]
    return token


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_no_review_is_lost_or_kept_twice(installation: Installation, kills: int) -> None:
    cards = installation.manage("shell", "--verbosity", "0", stdin=SET_UP).split()
    web, chance = installation.start_web(), random.Random(kills)
    phones = [Phone(installation.url, cards, sign_up(installation.url), number) for number in range(CLIENTS)]
    for phone in phones:
        phone.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.05, 0.3))
        web.kill()
        web.wait()
        web = installation.start_web()
    for phone in phones:
        phone.enough.set()
    for phone in phones:
        phone.join(timeout=60)
    assert [phone.faults for phone in phones] == [[]] * CLIENTS
    assert not any(phone.is_alive() for phone in phones)
    assert sum(phone.interrupted for phone in phones) >= kills / 2, "the kills came between the batches"
    assert kept_by_learner(installation.folder) == sorted(sorted(phone.acknowledged) for phone in phones)
    assert "agree with the log" in installation.manage("rebuild_memory", "--check")


def kept_by_learner(folder: Path) -> list[list[str]]:
    """Return the ids of each learner's reviews, which are numbered without a gap."""
    with sqlite3.connect(f"file:{folder / 'engram.sqlite3'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT user_id, review_id, sequence FROM quizzes_review ORDER BY user_id, sequence")
        found: dict[str, list[str]] = {}
        for user, review, sequence in rows:
            found.setdefault(user, []).append(str(uuid.UUID(review)))
            assert sequence == len(found[user])
    return sorted(sorted(ids) for ids in found.values())

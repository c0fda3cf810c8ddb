"""Learners with reviews enough for the lab, and runs on the tables it makes."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.memory.lab import sets as lab_sets
from quizzes.memory.lab.simulated import simulated_logs
from quizzes.models import Question, Review
from sandbox import runs
from sandbox.models import Run, Table
from sandbox.table_recipes import starting_spec
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import more_cards
from tests.sandbox.samples import epoch


def remembers(user: User, course: Course, cards: int = 50, seed: int = 11) -> list[Question]:
    """Give the learner a long log of so many new cards; return these."""
    made = more_cards(course, cards)
    items = [
        {"id": str(entry.id), "question": str(card.pk), "rating": entry.rating, "occurred_at": entry.occurred_at}
        for card, log in zip(made, simulated_logs(seed, cards).values(), strict=True)
        for entry in log
    ]
    record(user, items)
    return made


def review(user: User, card: Question, rating: int, at: datetime) -> uuid.UUID:
    id_ = uuid.uuid4()
    record(user, [{"id": str(id_), "question": str(card.pk), "rating": rating, "occurred_at": at}], now=at)
    return id_


def record(user: User, items: Sequence[dict[str, Any]], now: datetime = NOW) -> None:
    results = reviews.record(user, reviews.read_all(items), source=Review.Source.FLASHCARD, now=now)
    assert {result.status for result in results} == {"created"}


def trained(user: User, table: Table, *losses: float, layers: list[dict[str, Any]] | None = None, **data: Any) -> Run:
    """A run on a table of the lab that ended after epochs with these validation losses."""
    spec = starting_spec(table.pk, table.described(), "recalled")
    spec = {**spec, "data": {**spec["data"], **data}, "layers": layers or spec["layers"]}
    run = runs.create(user, uuid.uuid4(), spec, now=NOW)
    claimed = runs.claim(now=NOW)
    assert claimed is not None
    lease = runs.lease_of(claimed)
    runs.append(lease, [epoch(n, val_loss=loss) for n, loss in enumerate(losses, start=1)], now=NOW)
    runs.finish(lease, runs.Status.SUCCEEDED, outcome={"epochs": len(losses)}, now=NOW)
    return run


def table_of(user: User, memory: lab_sets.Memory = "own", now: datetime = NOW) -> Table:
    return lab_sets.make(user, memory, now=now)

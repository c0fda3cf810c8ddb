"""Every experiment of the course does what its text claims; every challenge can be met, and is not met by its start."""

import importlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from quizzes import kinds
from quizzes.kinds.challenge import Challenge, Ended, Judged
from sandbox.spec import parse_spec
from tests.course.claims import Claim, Reference, Trained, changed, entries, train

pytestmark = pytest.mark.keras

FILES = sorted(Path(__file__).parent.glob("lesson_*.py"))
LESSONS = [importlib.import_module(f"tests.course.{file.stem}") for file in FILES]
CLAIMS: list[Claim] = [claim for lesson in LESSONS for claim in lesson.CLAIMS]
REFERENCES: list[Reference] = [reference for lesson in LESSONS for reference in lesson.REFERENCES]
EVERY_DAY = {"slope-and-intercept", "line-through-zero", "line-by-hand", "two-numbers-are-enough"}
"""Experiments that train in a blink; the others are read in `make test-all`."""


def params(rows: list[Any], experiment: str) -> list[Any]:
    """One parameter for each row, the longer ones marked as slow."""
    found = []
    for number, row in enumerate(rows):
        name = getattr(row, experiment)
        marks = [] if name in EVERY_DAY else [pytest.mark.slow]
        found.append(pytest.param(row, id=f"{name}-{number}", marks=marks))
    return found


@cache
def _trained(spec: str) -> Trained:
    return train(json.loads(spec))


def trained(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], Trained]:
    whole = changed(spec, changes)
    return whole, _trained(json.dumps(whole, sort_keys=True))


def judged(challenge: str, changes: Mapping[str, Any]) -> Judged:
    entry = entries("challenges")[challenge]
    head = {"id", "section", "concepts"}
    body = cast(
        "Challenge", kinds.parse({"kind": "challenge", **{key: entry[key] for key in entry if key not in head}})
    )
    spec, run = trained(entry["start"], changes)
    measures = run.epochs[-1].measured()
    return body.judge(Ended(run.outcome, parse_spec(spec), len(run.epochs), measures))


@pytest.mark.parametrize("claim", params(CLAIMS, "preset"))
def test_an_experiment_does_what_the_text_claims(claim: Claim) -> None:
    _, run = trained(entries("experiments")[claim.preset]["spec"], claim.changes)
    assert claim.check(run), f"{claim.says}: {run.outcome}, last epoch {run.epochs[-1].measured()}"


@pytest.mark.parametrize("reference", params(REFERENCES, "challenge"))
def test_a_challenge_can_be_met(reference: Reference) -> None:
    found = judged(reference.challenge, reference.changes)
    assert found.met, found


@pytest.mark.parametrize("reference", params(REFERENCES, "challenge"))
def test_a_challenge_is_not_met_by_its_start(reference: Reference) -> None:
    found = judged(reference.challenge, {})
    assert not found.met, found


def test_every_experiment_has_a_claim_and_every_challenge_a_reference() -> None:
    assert set(entries("experiments")) == {claim.preset for claim in CLAIMS}
    assert set(entries("challenges")) == {reference.challenge for reference in REFERENCES}

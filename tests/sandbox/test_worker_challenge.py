"""A challenge, taken with the real worker and the real Keras: the run ends, and it is judged."""

import shutil
import time
import uuid
from pathlib import Path

import pytest
import yaml

from tests.courses.conftest import SMALL_COURSE
from tests.quizzes.challenge_samples import entry
from tests.sandbox.phone import Phone, is_over
from tests.servers import Installation

pytestmark = [pytest.mark.keras, pytest.mark.slow]


def a_course_with_a_challenge(folder: Path) -> Path:
    """The small course, in which a rate of 0.001 meets what 0.000001 misses."""
    shutil.copytree(SMALL_COURSE, folder)
    experiments = folder / "01-neurons" / "experiments.yaml"
    challenge = entry(section="training", concepts=["neuron"], targets={"val_accuracy": {"at_least": 0.8}})
    experiments.write_text(yaml.safe_dump({"challenges": [challenge]}))
    for locale in ("en", "zh-hans"):
        text = folder / "01-neurons" / f"lesson.{locale}.md"
        lines = [line for line in text.read_text().splitlines() if not line.startswith("::preset")]
        text.write_text("\n".join([*lines, "", "::challenge{ninety-percent}", ""]))
    return folder


def challenge_of(phone: Phone) -> dict[str, object]:
    lesson = phone.get("/api/v1/courses/small-course/lessons/")["results"][0]["id"]
    (challenge,) = phone.get(f"/api/v1/lessons/{lesson}/")["challenges"]
    return challenge


def train(phone: Phone, challenge: dict[str, object], rate: float) -> None:
    path = f"/api/v1/sandbox/runs/{uuid.uuid4()}/"
    spec = {**challenge["start"], "optimizer": {"kind": "adam", "learning_rate": rate}}  # type: ignore[dict-item]
    answer = phone.http.put(path, json={"spec": spec, "preset": challenge["preset"]})
    assert answer.status_code == 201, answer.text
    assert phone.wait(path, is_over)["status"] == "succeeded"


def state_within(phone: Phone, wanted: str, seconds: float = 5) -> dict[str, object]:
    """The verdict is written a moment after the end of the run."""
    deadline = time.monotonic() + seconds
    while (challenge := challenge_of(phone))["state"] != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return challenge


def test_the_worker_judges_what_it_has_trained(tmp_path: Path) -> None:
    with Installation(tmp_path) as engram:
        engram.manage("migrate", "--verbosity", "0")
        engram.manage("import_course", str(a_course_with_a_challenge(tmp_path / "small-course")))
        engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        assert challenge_of(phone)["state"] == "new"
        train(phone, challenge_of(phone), 0.000001)
        missed = state_within(phone, "tried")
        assert (missed["state"], missed["feedback"]) == ("tried", "")
        train(phone, challenge_of(phone), 0.001)
        met = state_within(phone, "met")
        assert (met["state"], met["feedback"]) == ("met", "<p>A longer step was enough.</p>")
        memory = phone.get(f"/api/v1/memory/{met['id']}/")
        assert (memory["reps"], memory["lapses"]) == (1, 0)

"""Real processes on a database file: one that is killed while it puts fitted weights in use, and three at once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, Installation

FILL = """
from accounts.models import User
from tests.quizzes.factories import make_course
from tests.quizzes.memory.learning.simulated import forgetful_log, keep
keep(User.objects.create_user("learner@example.org"), make_course(), forgetful_log())
"""
KILLED = """
import os, signal
from django.utils import timezone
from accounts.models import User
from quizzes.memory import learning, reviews
from quizzes.models import FittedWeights, StudyPlan
def killed(user):
    assert FittedWeights.objects.count() == StudyPlan.objects.count() == 1
    os.kill(os.getpid(), signal.SIGKILL)
reviews.rebuild = killed
learning.learn(User.objects.get(), now=timezone.now())
"""
STANDING = """
from quizzes.models import FittedWeights, StudyPlan
taken = [row.weights for row in FittedWeights.objects.filter(accepted=True)]
print("taken", len(taken), "in use", taken == [plan.weights for plan in StudyPlan.objects.all()])
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def engram(tmp_path: Path) -> Installation:
    """A learner whose weights are waiting to be fitted; nothing is started."""
    installation = Installation(tmp_path)
    installation.manage("migrate", "--verbosity=0")
    installation.manage("shell", stdin=FILL)
    return installation


def test_killed_in_the_middle_nothing_has_happened_and_the_next_one_does_it_all(engram: Installation) -> None:
    command = [sys.executable, "manage.py", "shell"]
    killed = subprocess.run(command, cwd=ROOT, env=engram.environment, input=KILLED.encode(), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "taken 0 in use True" in engram.manage("shell", stdin=STANDING)
    engram.manage("rebuild_memory", "--check")
    assert "; taken" in engram.manage("fit_memory", "learner@example.org")
    assert "taken 1 in use True" in engram.manage("shell", stdin=STANDING)
    engram.manage("rebuild_memory", "--check")


def test_of_three_at_once_one_is_taken_and_in_use(engram: Installation) -> None:
    command = [sys.executable, "manage.py", "fit_memory", "learner@example.org"]
    fits = [subprocess.Popen(command, cwd=ROOT, env=engram.environment, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [fit.wait() for fit in fits] == [0, 0, 0]
    assert "taken 1 in use True" in engram.manage("shell", stdin=STANDING)
    engram.manage("rebuild_memory", "--check")

"""Whether answers in quizzes help to predict the daily review."""

from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Weights
from quizzes.memory.learning import evidence
from quizzes.memory.learning.evidence import EvidenceFigures
from quizzes.memory.learning.fitting import History
from tests.quizzes.memory.learning.simulated import FORGETFUL, Habits, Line, histories, simulate


def published(_: History) -> Weights:
    return DEFAULT_WEIGHTS


def figures(log: list[Line]) -> EvidenceFigures | None:
    return evidence.compare(histories(log), histories(log, quizzes=False), published)


def test_guesses_in_quizzes_hurt_the_predictions() -> None:
    """Every card is answered right two days after its review, whether it is known or not."""
    found = figures(simulate(FORGETFUL, 1, 120, Habits(quizzes=0.9)))
    assert found is not None
    assert found.outcomes > 500
    assert found.log_loss_with > found.log_loss_without
    assert found.hurts
    assert not found.helps


def test_a_few_of_them_are_not_judged_by() -> None:
    found = figures(simulate(DEFAULT_WEIGHTS, 1, 60, Habits(quizzes=0.9, cards=8)))
    assert found is not None
    assert found.outcomes < evidence.MIN_OUTCOMES
    assert not found.hurts
    assert not found.is_enough


def test_answers_that_say_what_is_known_help() -> None:
    """Every other daily review told as a quiz: without it the schedule would know half."""
    log = simulate(DEFAULT_WEIGHTS, 1, 200)
    seen: dict[int, int] = {}
    told = []
    for line in log:
        seen[line.card] = seen.get(line.card, 0) + 1
        told.append(Line(line.card, line.at, line.rating, quiz=seen[line.card] % 2 == 0))
    found = figures(told)
    assert found is not None
    assert found.helps
    assert found.log_loss_with < found.log_loss_without


def test_without_answers_in_quizzes_there_is_nothing_to_compare() -> None:
    assert figures(simulate(DEFAULT_WEIGHTS, 1, 30)) is None

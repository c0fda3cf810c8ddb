"""The statistics of a quiz in words, for an instructor who is no statistician: what each number means, what is good,
what to look at. The bounds of "good" are the advice of Moodle's documentation ("Quiz report statistics").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.statistics.measures import (
    MIN_ATTEMPTS_FOR_CORRELATION,
    MIN_ATTEMPTS_FOR_SHAPE,
    MIN_ATTEMPTS_FOR_SPREAD,
    ItemStatistics,
    QuizStatistics,
)
from quizzes.statistics.moments import Figure, Reason

Tone = Literal["", "good", "warn"]
VERY_EASY: Final = 0.9
TELLS_APART: Final = 0.3


@dataclass(frozen=True)
class Told:
    """One number: its name, how it is written, a sentence that says what it is, and one that judges it."""

    name: str
    label: str
    value: str
    meaning: str
    judgement: str
    tone: Tone


def percent(share: float) -> str:
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def decimal(value: float) -> str:
    """With a true minus sign; nought has no sign."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def together(sentences: Iterable[str]) -> str:
    """Sentences in a row: a Chinese full stop brings its own space."""
    return "".join(sentence if sentence.endswith("。") else f"{sentence} " for sentence in sentences).strip()


def reason(figure: Figure, at_least: int = 1) -> str:
    """Why there is no number."""
    sentences: dict[Reason, str] = {
        "too_few_attempts": ngettext(
            "There are too few attempts for this number; it takes %(count)d.",
            "There are too few attempts for this number; it takes %(count)d.",
            at_least,
        )
        % {"count": at_least},
        "no_variance": _("All marks are the same, so there is nothing to compare."),
        "too_few_slots": _("It takes two questions or more."),
        "worth_nothing": _("The question is worth no marks."),
        "negative_covariance": _("The question works against the rest of the quiz, so it has no weight."),
        "drawn": _("It is drawn into a place that other questions may take; the weight belongs to the place."),
        "no_guess": _("Nobody can say what guessing is worth here."),
    }
    return sentences[figure.reason] if figure.reason else ""


Judged = tuple[str, Tone]


def _told(name: str, label: str, figure: Figure, written: str, meaning: str, judged: Judged, at_least: int = 1) -> Told:
    if figure.value is None:
        return Told(name, label, "–", meaning, reason(figure, at_least), "")
    return Told(name, label, written, meaning, *judged)


def of_quiz(quiz: QuizStatistics) -> list[Told]:
    """Every number of the quiz as a whole, the plainest first."""
    return [
        _told(
            "mean",
            _("Mean"),
            quiz.mean,
            _written(quiz.mean, percent),
            _("What an attempt reaches on average, of the marks there are."),
            _mean(quiz.mean),
        ),
        _told(
            "median",
            _("Median"),
            quiz.median,
            _written(quiz.median, percent),
            _("Half of the attempts reach this or more. A few very good or very weak attempts do not move it."),
            ("", ""),
        ),
        _told(
            "standard_deviation",
            _("Standard deviation"),
            quiz.standard_deviation,
            _written(quiz.standard_deviation, percent),
            _("How far an attempt typically lies from the mean."),
            _quiz_spread(quiz.standard_deviation),
            MIN_ATTEMPTS_FOR_SPREAD,
        ),
        _told(
            "skewness",
            _("Skewness"),
            quiz.skewness,
            _written(quiz.skewness, decimal),
            _("Which way the results lean: below 0 a tail of weak results, above 0 a tail of strong ones."),
            _skewness(quiz.skewness),
            MIN_ATTEMPTS_FOR_SHAPE,
        ),
        _told(
            "kurtosis",
            _("Kurtosis"),
            quiz.kurtosis,
            _written(quiz.kurtosis, decimal),
            _("How much the results crowd around the mean: 0 is a bell curve, more is a sharper peak."),
            _kurtosis(quiz.kurtosis),
            MIN_ATTEMPTS_FOR_SHAPE,
        ),
        _told(
            "internal_consistency",
            _("Internal consistency"),
            quiz.internal_consistency,
            _written(quiz.internal_consistency, percent),
            _("How well the questions agree on who knows more (Cronbach's alpha)."),
            _consistency(quiz.internal_consistency),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
        _told(
            "error_ratio",
            _("Error ratio"),
            quiz.error_ratio,
            _written(quiz.error_ratio, percent),
            _("How much of the spread between learners is chance rather than knowledge."),
            _error_ratio(quiz.error_ratio),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
        _told(
            "standard_error",
            _("Standard error"),
            quiz.standard_error,
            _written(quiz.standard_error, percent),
            _("How far a result may lie from what the learner is really worth: two of three lie this close."),
            _standard_error(quiz.standard_error),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
    ]


def of_item(item: ItemStatistics) -> list[Told]:
    """Every number of one question, the plainest first."""
    return [
        _told(
            "facility",
            _("Facility index"),
            item.facility,
            _written(item.facility, percent),
            _("The share of its marks that the class gained: high is easy."),
            _facility(item),
        ),
        _told(
            "guess_score",
            _("Random guess score"),
            item.guess_score,
            _written(item.guess_score, percent),
            _("What somebody who only guesses gains on average."),
            ("", ""),
        ),
        _told(
            "standard_deviation",
            _("Standard deviation"),
            item.standard_deviation,
            _written(item.standard_deviation, percent),
            _("How much the marks differ between learners. A question that all answer alike tells nobody apart."),
            ("", ""),
            MIN_ATTEMPTS_FOR_SPREAD,
        ),
        _told(
            "discrimination_index",
            _("Discrimination index"),
            item.discrimination_index,
            _written(item.discrimination_index, decimal),
            _(
                "Whether those who do well in the rest of the quiz do well here: 1 always, 0 no connection, below 0 the"
                " other way round."
            ),
            _discrimination(item.discrimination_index),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
        _told(
            "discriminative_efficiency",
            _("Discriminative efficiency"),
            item.discriminative_efficiency,
            _written(item.discriminative_efficiency, percent),
            _("The same, compared with the best that a question this easy or hard could do."),
            _efficiency(item.discriminative_efficiency),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
        _told(
            "intended_weight",
            _("Intended weight"),
            item.intended_weight,
            _written(item.intended_weight, percent),
            _("The share of the quiz's marks that you gave it."),
            ("", ""),
        ),
        _told(
            "effective_weight",
            _("Effective weight"),
            item.effective_weight,
            _written(item.effective_weight, percent),
            _("How much it really decides about the differences between results."),
            _effective_weight(item),
            MIN_ATTEMPTS_FOR_CORRELATION,
        ),
    ]


def headline(item: ItemStatistics) -> str:
    """One sentence that says how the question does."""
    if not item.attempts:
        return _("Nobody has been asked this yet.")
    facility, index = item.facility, item.discrimination_index
    if facility.value is None:
        return reason(facility)
    said = [_("%(share)s of its marks were gained.") % {"share": percent(facility.value)}, _facility(item)[0]]
    if index.value is not None:
        said.append(_discrimination(index)[0])
    elif index.reason == "too_few_attempts":
        said.append(_("There are too few attempts to say who gets it right."))
    else:
        said.append(reason(index))
    return together(said)


def lead(which: str, learners: int, attempts: int) -> str:
    """What all the numbers are made of."""
    submitted = ngettext(
        "%(count)d learner has submitted this quiz.", "%(count)d learners have submitted this quiz.", learners
    )
    if which == "first":
        used = _("The numbers are those of each learner's first attempt.")
    else:
        used = ngettext(
            "The numbers are those of %(count)d attempt.", "The numbers are those of all %(count)d attempts.", attempts
        ) % {"count": attempts}
    return together([submitted % {"count": learners}, used])


def _written(figure: Figure, write: Callable[[float], str]) -> str:
    return "" if figure.value is None else write(figure.value)


def _mean(figure: Figure) -> Judged:
    value = figure.value or 0.0
    if value < 0.5:
        return _("Hard: fewer than half of the marks are reached."), "warn"
    if value > 0.75:
        return _("Easy: above 75 % there is little room at the top. Fine for practice, little for a test."), ""
    return _("In the middle, where a test tells learners apart best."), "good"


def _quiz_spread(figure: Figure) -> Judged:
    if (figure.value or 0.0) < 0.12:
        return _("Small: the results lie close together, so small differences decide."), "warn"
    return _("Wide enough to tell learners apart."), "good"


def _skewness(figure: Figure) -> Judged:
    value = figure.value or 0.0
    if value > 1:
        return _("Many weak results and a few strong ones: too hard for most."), "warn"
    if value < -1:
        return _("Many strong results and a few weak ones: the good learners are not told apart."), "warn"
    return _("Balanced."), "good"


def _kurtosis(figure: Figure) -> Judged:
    if (figure.value or 0.0) > 1:
        return _("The results crowd together: the very good and the very weak are hardly told apart."), "warn"
    return _("The results are spread."), "good"


def _consistency(figure: Figure) -> Judged:
    value = figure.value or 0.0
    if value >= 0.75:
        return _("Good: the questions test the same thing."), "good"
    if value >= 0.64:
        return _("Usable. More questions, or better ones, would make the result surer."), ""
    return _("Low: the quiz is short, mixes many things, or has weak questions. Do not hang a decision on it."), "warn"


def _error_ratio(figure: Figure) -> Judged:
    if (figure.value or 0.0) <= 0.5:
        return _("Good: differences are mostly real."), "good"
    return _("More than half: a small difference between two learners says nothing."), "warn"


def _standard_error(figure: Figure) -> Judged:
    if (figure.value or 0.0) <= 0.08:
        return _("Good: a result can be trusted to a few per cent."), "good"
    return _("Large: whoever just failed could as well have passed."), "warn"


def _facility(item: ItemStatistics) -> Judged:
    value, guess = item.facility.value or 0.0, item.guess_score.value
    if guess and value <= guess and item.attempts >= MIN_ATTEMPTS_FOR_CORRELATION:
        return _("No more than by guessing: check the key."), "warn"
    if value < 0.2:
        return _("Very hard, or something is wrong with it."), "warn"
    if value < 0.35:
        return _("Hard."), ""
    if value <= 0.65:
        return _("About right."), "good"
    if value <= VERY_EASY:
        return _("Fairly easy."), ""
    return _("Very easy: it hardly tells learners apart."), ""


def _discrimination(figure: Figure) -> Judged:
    value = figure.value or 0.0
    if value < 0:
        return _("Those who know more get it wrong more often: look at its key and its wording."), "warn"
    if value < 0.2:
        return _("It hardly tells who knows more from who knows less."), "warn"
    if value < TELLS_APART:
        return _("It tells a little about who knows more."), ""
    if value < 0.5:
        return _("It tells well who knows more."), "good"
    return _("It tells very well who knows more."), "good"


def _efficiency(figure: Figure) -> Judged:
    value = figure.value or 0.0
    if value >= 0.5:
        return _("Good: it does most of what it could."), "good"
    return _("It could tell more, were it put more clearly."), "warn"


def _effective_weight(item: ItemStatistics) -> Judged:
    effective, intended = item.effective_weight.value, item.intended_weight.value
    if effective is None or not intended:
        return "", ""
    if effective < intended / 2:
        return _("Much less than you meant: nearly all answer it alike, or it tests something else."), "warn"
    if effective > intended * 1.5:
        return _("Much more than you meant: it decides the result."), "warn"
    return _("About what you meant."), "good"

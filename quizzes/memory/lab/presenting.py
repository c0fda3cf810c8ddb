"""What the lab's page shows: sentences, bars and tables, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from courses.svg import place
from quizzes.memory.lab import rows
from quizzes.memory.lab.rows import COIN, Figures
from quizzes.memory.lab.sets import LabRun, LabSet
from sandbox.presentation import heading_of

FIRST_ROWS: Final = 6
_STEP: Final = 0.2


@dataclass(frozen=True)
class Bar:
    """`width`: of the whole axis, in per cent."""

    label: str
    value: float
    tone: str
    width: str


def context(found: LabSet, runs: Sequence[LabRun]) -> dict[str, Any]:
    """Everything but the forms."""
    training, validation = rows.split(found.examples)
    shown: dict[str, Any] = {
        "found": found,
        "count": len(found.examples),
        "needed": rows.FEWEST_ROWS,
        "short": max(0, rows.FEWEST_ROWS - len(found.examples)),
        "recalled": rows.share_recalled(found.examples),
        "columns": columns(),
        "first": found.examples[0] if found.examples else None,
        "last": found.examples[-1] if found.examples else None,
        "first_rows": [one.row for one in found.examples[:FIRST_ROWS]],
        "training": training,
        "validation": validation,
        "is_full": len(found.examples) == rows.MOST_ROWS,
    }
    return shown | (_comparison(found, runs) if found.can_be_trained_on else {})


def _comparison(found: LabSet, runs: Sequence[LabRun]) -> dict[str, Any]:
    figures = rows.figures(found.examples, has_own=found.has_own_weights)
    best = min((run.log_loss for run in runs if run.log_loss is not None), default=None)
    bars = _bars(figures, best)
    end = _end(bar.value for bar in bars)
    return {
        "figures": figures,
        "bars": bars,
        "ticks": _ticks(end),
        "coin": COIN,
        "coin_place": place(100 * COIN / end),
        "question": question(best, figures),
        "finding": finding(best, figures),
        "runs": [
            {"run": one.run, "heading": heading_of(one.run), "loss": one.log_loss, "why": why(one)} for one in runs
        ],
    }


# --- words -----------------------------------------------------------------------------------------------------------


def columns() -> list[tuple[str, str]]:
    """The name of each column and what it means."""
    meanings = {
        "elapsed_days": gettext("whole days since the last review of this card"),
        "reviews_before": gettext("how often it had been reviewed before"),
        "previous_rating": gettext("the rating of the last review: 1 Again, 2 Hard, 3 Good, 4 Easy"),
        "rating_before_that": gettext("the rating of the review before; 0 if there was none"),
        "lapses": gettext("how often it was forgotten after it had been learned"),
        "last_interval_days": gettext("whole days between the last two reviews; 0 if there was one"),
        "days_since_first": gettext("whole days since the very first review"),
        "recalled": gettext("what is to be predicted: 1 recalled, 0 forgotten"),
    }
    return [(name, meanings[name]) for name in rows.COLUMNS]


def question(best: float | None, figures: Figures) -> str:
    """The title of the chart: what it shows, as far as that can be said."""
    if best is None:
        return gettext("How surprised is each by what was remembered?")
    if _is_close(best, figures):
        return gettext("Your network and FSRS are too close to tell apart")
    if best < figures.fsrs:
        return gettext("Your network predicts this memory better than FSRS")
    if best < figures.constant:
        return gettext("Your network has learned something; FSRS knows more")
    return gettext("Your network knows no more than the same guess for every card")


def finding(best: float | None, figures: Figures) -> str:
    """The sentence with the two numbers."""
    if best is None:
        words = gettext("FSRS %(fsrs)s, the same guess for every card %(constant)s. Now it is your network's turn.")
        return words % {"fsrs": in_nats(figures.fsrs), "constant": in_nats(figures.constant)}
    numbers = {"network": in_nats(best), "fsrs": in_nats(figures.fsrs)}
    if _is_close(best, figures):
        return gettext("Your network %(network)s, FSRS %(fsrs)s: too close to tell apart.") % numbers
    if best < figures.fsrs:
        return gettext("Your network %(network)s, FSRS %(fsrs)s: your network knows more.") % numbers
    return gettext("Your network %(network)s, FSRS %(fsrs)s: FSRS knows more.") % numbers


def _is_close(best: float, figures: Figures) -> bool:
    """Whether the difference may be luck: no larger than its standard error."""
    return abs(best - figures.fsrs) <= figures.uncertainty


def why(run: LabRun) -> str:
    """Why a run has no log-loss to compare."""
    return {
        "": "",
        "rows": gettext("measured on other rows"),
        "loss": gettext("another loss"),
        "penalty": gettext("its loss contains a penalty on the weights"),
    }[run.why]


def in_nats(value: float) -> str:
    return f"{value:.3f}"


# --- bars ------------------------------------------------------------------------------------------------------------


def _bars(figures: Figures, best: float | None) -> list[Bar]:
    values = [
        (gettext("the same guess for every card"), figures.constant, "constant"),
        (gettext("FSRS, published weights"), figures.published, "fsrs"),
        (gettext("FSRS, your weights"), figures.own, "fsrs"),
        (gettext("your best network"), best, "network"),
    ]
    known = [(label, value, tone) for label, value, tone in values if value is not None]
    end = _end(value for _label, value, _tone in known)
    return [Bar(label, value, tone, place(100 * value / end)) for label, value, tone in known]


def _end(values: Iterable[float]) -> float:
    """The value at the right end of the axis, where the longest bar leaves some room."""
    return 1.06 * max(COIN, *values)


def _ticks(end: float) -> list[dict[str, Any]]:
    """Round values along the axis with their places in per cent; at most about six."""
    step = _STEP * max(1, round(end / 1.2))
    return [{"value": f"{step * n:.1f}", "place": place(100 * step * n / end)} for n in range(int(end / step) + 1)]

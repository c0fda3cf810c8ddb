"""What learners are told of decisions about the questions of an attempt. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from quizzes import rules
from quizzes.kinds.base import Strict
from quizzes.models import Attempt, Correction, Regrade, Response
from quizzes.regrading import standing


class Notice(Strict):
    """A question of an attempt was mended, or (`taken_back`) that was taken back, and what became of the marks.

    `mark_*`: of this question; `score_*`: of the attempt. `reason` is the instructor's, and may be empty.
    """

    made_at: datetime
    question: UUID
    taken_back: bool
    reason: str
    mark_before: float
    mark_after: float
    score_before: float
    score_after: float


@dataclass(frozen=True, slots=True)
class _Step:
    """A decision, or the taking back of the decision `of`."""

    row: Regrade
    of: int
    taken_back: bool


def of_attempt(attempt: Attempt) -> list[Notice]:
    """Return what changed the marks of a submitted attempt after its answers were given, the earliest first.

    One query where nothing was ever decided, else three.
    """
    if attempt.submitted_at is None:
        return []
    rows = Correction.objects.filter(response__attempt=attempt).order_by("regrade_id").select_related("regrade")
    corrections: dict[int, list[Correction]] = defaultdict(list)
    decisions: dict[int, Regrade] = {}
    for row in rows:
        corrections[row.response_id or 0].append(row)
        decisions[row.regrade_id] = row.regrade
    if not decisions:
        return []
    steps = [_Step(row, row.pk, False) for row in decisions.values()]
    steps += [_Step(row, row.undoes_id or 0, True) for row in Regrade.objects.filter(undoes__in=decisions)]
    steps.sort(key=lambda step: step.row.pk)
    responses = list(attempt.responses.select_related("version").order_by("answered_at", "pk"))
    replay = _Replay(attempt, responses, corrections, steps)
    notices = [replay.notice(step) for step in steps]
    return [notice for notice in notices if notice is not None]


@dataclass(frozen=True)
class _Replay:
    """What every response counted after each step. What was decided before an answer came holds from its start."""

    attempt: Attempt
    responses: Sequence[Response]
    corrections: Mapping[int, Sequence[Correction]]
    steps: Sequence[_Step]

    def notice(self, step: _Step) -> Notice | None:
        at = self.steps.index(step)
        before, after = self._marks(at), self._marks(at + 1)
        if before == after:
            return None
        own = [place for place, one in enumerate(self.responses) if one.version.question_id == step.row.question_id]
        return Notice(
            made_at=step.row.made_at,
            question=step.row.question_id,
            taken_back=step.taken_back,
            reason=step.row.reason,
            mark_before=sum(before[place] for place in own),
            mark_after=sum(after[place] for place in own),
            score_before=rules.total(before),
            score_after=rules.total(after),
        )

    def _marks(self, steps: int) -> list[float]:
        return [self._mark(response, steps) for response in self.responses]

    def _mark(self, response: Response, steps: int) -> float:
        stands: dict[int, bool] = {}
        for number, step in enumerate(self.steps):
            if number < steps or step.row.made_at <= response.answered_at:
                stands[step.of] = not step.taken_back
        marks = [one.mark for one in self.corrections.get(response.pk, ()) if stands.get(one.regrade_id)]
        if marks and marks[-1] is not None:
            return marks[-1]
        return standing.mark_of(self.attempt, response, response.score)

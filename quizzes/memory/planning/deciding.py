"""A learner decides about the own plan: the verb behind the page Plan and `PUT /memory/plan/`."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from quizzes.memory import plans, reviews
from quizzes.memory.planning.candidates import Wishes


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole plan. `courses`: those with a desired retention of their own (0.7…0.97)."""

    wishes: Wishes
    desired_retention: float
    courses: Mapping[uuid.UUID, float] = field(default_factory=dict)


def decide(user: User, decision: Decision) -> bool:
    """Bring the learner's plan to this; return whether all memory states were folded anew.

    They are only if a desired retention changed, in the same transaction, with the learner locked: killed in the
    middle, nothing has happened; the same decision twice changes nothing; of two at once the later one stands whole.
    """
    with transaction.atomic():
        before = plans.lock(user)
        plans.set_wishes(user, decision.wishes)
        plans.set_retentions(user, decision.desired_retention, decision.courses)
        has_changed = plans.plan_of(user) != before
        if has_changed:
            reviews.rebuild(user)
    return has_changed

"""The only writer of packages.

    keep ──▶ ready ──start──▶ importing ──claim, work──▶ imported
                                  └──────────────────▶ failed ──start──▶ importing

Who works on one has its token; a worker that was silent for `ANKI_LEASE_SECONDS` has lost it, and what it writes about
the package touches no row. What it writes of cards and reviews is the same that its successor writes. Every change is
a guarded update of one row or none. A package is forgotten after a day, whatever became of it; its bytes as soon as it
is imported.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.models import User
from courses.models import Course
from courses.rendering import render_fragment
from quizzes.bank.files import clean_name
from quizzes.memory.anki import importing, pictures, planning
from quizzes.memory.anki.package_reading import PackageError
from quizzes.memory.anki.planning import Plan
from quizzes.memory.browsing.own_cards import TooManyCardsError
from quizzes.models import AnkiContent, AnkiPackage

KEPT: Final = timedelta(days=1)
Status = AnkiPackage.Status
Clock = Callable[[], datetime]


class TooManyError(Exception):
    """Its owner has as many packages that were not imported as are kept."""


class LostError(Exception):
    """The package is not this worker's any more."""


# --- what learners do ------------------------------------------------------------------------------------------------


def keep(
    owner: User, course: Course, *, package_id: uuid.UUID, name: str, content: bytes, now: datetime
) -> AnkiPackage:
    """Keep a package that can be read until it is imported. Sent twice, it is one. Raises PackageError, TooManyError.

    Http404 if the id is that of somebody else's.
    """
    plan = planning.plan(owner, course, planning.read(content), now=now)
    values: dict[str, Any] = {"owner": owner, "course": course, "name": clean_name(name), "made_at": now}
    values |= {"result": {"plan": summary(plan)}}
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=owner.pk)
            present = AnkiPackage.objects.filter(pk=package_id).first()
            if present is not None and present.owner_id != owner.pk:
                raise Http404
            if present is not None and present.course_id == course.pk and _is_of(present, content):
                return present
            if AnkiPackage.objects.by(owner.pk).waiting().count() >= settings.ANKI_PACKAGES_PER_LEARNER:
                raise TooManyError
            kept = AnkiPackage.objects.create(pk=uuid.uuid4() if present else package_id, **values)
            AnkiContent.objects.create(package=kept, content=content)
            return kept
    except IntegrityError:  # of two requests with this id at once, of two people
        raise Http404 from None


def _is_of(package: AnkiPackage, content: bytes) -> bool:
    """Whether it was sent twice. Of one that is imported nothing is left to compare with."""
    stored = AnkiContent.objects.filter(package=package).first()
    return stored is None or bytes(stored.content) == content


def start(package: AnkiPackage, *, clock: Clock) -> bool:
    """Have it imported: now, if it is small, else in the background. False if it was started before."""
    able = AnkiPackage.objects.filter(pk=package.pk, status__in=(Status.READY, Status.FAILED))
    told = package.result.get("plan", {})
    progress = {"cards": 0, "reviews": 0, "all_cards": told.get("cards", 0), "all_reviews": told.get("reviews", 0)}
    if not able.update(status=Status.IMPORTING, token=None, worked_at=None, progress=progress):
        return False
    if progress["all_cards"] + progress["all_reviews"] <= settings.ANKI_AT_ONCE:
        work(package.pk, clock=clock)
    else:
        transaction.on_commit(_wake_worker, robust=True)
    return True


def remove(package: AnkiPackage) -> bool:
    """Forget it; False while it is imported. What was imported stays."""
    deleted, _ = AnkiPackage.objects.filter(pk=package.pk).exclude(status=Status.IMPORTING).delete()
    return bool(deleted)


def forget_old(*, now: datetime) -> int:
    """Delete the packages of the day before; returns how many these are."""
    old = AnkiPackage.objects.older_than(now - KEPT).exclude(status=Status.IMPORTING)
    _, deleted = old.delete()
    return deleted.get(AnkiPackage._meta.label, 0)


def _wake_worker() -> None:
    """A lost call only delays: the workers also look every minute."""
    from quizzes.tasks import wake_anki  # the task calls this module

    wake_anki()


# --- what workers do -------------------------------------------------------------------------------------------------


def work_on_all(*, clock: Clock) -> int:
    """Import whatever waits, the oldest first; returns how many."""
    silent = clock() - timedelta(seconds=settings.ANKI_LEASE_SECONDS)
    waiting = AnkiPackage.objects.takeable(silent).order_by("made_at").values_list("pk", flat=True)
    return sum(work(pk, clock=clock) for pk in list(waiting))


def work(package_id: uuid.UUID, *, clock: Clock) -> bool:
    """Import one package, from its start; False if somebody else is at it."""
    token, now = uuid.uuid4(), clock()
    silent = now - timedelta(seconds=settings.ANKI_LEASE_SECONDS)
    if not AnkiPackage.objects.takeable(silent).filter(pk=package_id).update(token=token, worked_at=now):
        return False
    package = AnkiPackage.objects.select_related("owner", "course").get(pk=package_id)
    try:
        _import(package, token, clock)
    except LostError:
        return False
    except PackageError as error:
        _fail(package, token, error.code, **error.values)
    except TooManyCardsError as error:
        _fail(package, token, "too_many_own_cards", most=f"{error.most:,}")
    except pictures.TooManyBytesError:
        _fail(package, token, "no_room")
    except Exception:
        _fail(package, token, "crashed")
        raise
    return True


def _import(package: AnkiPackage, token: uuid.UUID, clock: Clock) -> None:
    now, read = clock(), planning.read(bytes(AnkiContent.objects.get(package=package).content))
    plan = planning.plan(package.owner, package.course, read, now=now)
    all_ = {"all_cards": len(plan.cards), "all_reviews": plan.reviews}

    def tell(cards: int, reviews: int) -> None:
        progress = {**all_, "cards": cards, "reviews": reviews}
        if not _mine(package, token).update(progress=progress, worked_at=clock()):
            raise LostError

    tell(0, 0)
    applied = importing.apply(package.owner, read, plan, now=now, tell=tell)
    result = {"plan": summary(plan), "done": asdict(applied)}
    with transaction.atomic():
        _end(package, token, Status.IMPORTED, imported_at=now, result=result)
        AnkiContent.objects.filter(package=package).delete()


def _fail(package: AnkiPackage, token: uuid.UUID, code: str, **values: Any) -> None:
    _end(package, token, Status.FAILED, result={**package.result, "fault": [code, values]})


def _mine(package: AnkiPackage, token: uuid.UUID) -> Any:
    return AnkiPackage.objects.filter(pk=package.pk, status=Status.IMPORTING, token=token)


def _end(package: AnkiPackage, token: uuid.UUID, status: str, **values: Any) -> None:
    if not _mine(package, token).update(status=status, token=None, worked_at=None, **values):
        raise LostError


# --- what is told ----------------------------------------------------------------------------------------------------


def summary(plan: Plan) -> dict[str, Any]:
    """What an import would do, in numbers, and the first cards as they would look."""
    return {
        "hash": plan.hash,
        "notes": plan.notes,
        "cards": len(plan.cards),
        "counts": plan.counts,
        "reviews": plan.reviews,
        "known": plan.known,
        "pictures": len(set(plan.pictures.values())),
        "left_out": dict(plan.left_out),
        # Without pictures: they are not kept yet.
        "samples": [[render_fragment(side or "") for side in (card.front, card.back)] for card in plan.samples()],
    }

"""What quizzes and memory keep of one person: attempts with their answers, what runs were worth for challenges, every
review, and what follows from them; plans, marks of cards and the cards that the person made."""

from datetime import datetime
from typing import Any

from accounts.models import User
from quizzes.models import (
    AnkiPackage,
    Attempt,
    CardMark,
    CoursePlan,
    FittedWeights,
    Judgement,
    MemoryState,
    OwnPicture,
    Question,
    QuestionFile,
    Response,
    Review,
    SavedAnswer,
    StudyPlan,
    Try,
)


def export(user: User) -> dict[str, Any]:
    return {
        "attempts": _attempts(user),
        "challenges": [_judgement(judgement) for judgement in _judgements(user)],
        "reviews": [_review(review) for review in _reviews(user)],
        "memory": [_memory(state) for state in MemoryState.objects.by(user.pk).order_by("due", "question_id")],
        "study_plan": next((_study_plan(plan) for plan in StudyPlan.objects.filter(user=user)), None),
        "course_plans": [_course_plan(plan) for plan in CoursePlan.objects.filter(user=user).order_by("course__slug")],
        "fitted_weights": [_fitted(fitted) for fitted in FittedWeights.objects.by(user.pk)],
        "card_marks": [_mark(mark) for mark in CardMark.objects.by(user.pk).order_by("updated_at", "pk")],
        "own_cards": [_own_card(card) for card in _own_cards(user)],
        "own_pictures": [_picture(one) for one in OwnPicture.objects.by(user.pk).light().order_by("made_at", "pk")],
        "anki_packages": [_package(one) for one in AnkiPackage.objects.by(user.pk).order_by("made_at", "pk")],
        "question_files": [_file(file) for file in QuestionFile.objects.by(user).light().order_by("made_at", "pk")],
    }


def erase(user: User) -> None:
    """Delete every row physically. Nothing of the person is left in the log, which knows no updates otherwise."""
    MemoryState.objects.by(user.pk).delete()
    Review.objects.by(user.pk).delete()
    Judgement.objects.by(user.pk).delete()
    Response.objects.filter(attempt__user=user).delete()
    SavedAnswer.objects.filter(attempt__user=user).delete()
    Try.objects.filter(attempt__user=user).delete()
    Attempt.objects.filter(user=user).delete()
    QuestionFile.objects.by(user).delete()
    StudyPlan.objects.filter(user=user).delete()
    CoursePlan.objects.filter(user=user).delete()
    FittedWeights.objects.by(user.pk).delete()
    CardMark.objects.by(user.pk).delete()
    own = Question.every.filter(owner=user)
    own.update(current=None)  # a version that is current is protected
    own.delete()
    OwnPicture.objects.by(user.pk).delete()
    AnkiPackage.objects.by(user.pk).delete()


def _reviews(user: User) -> Any:
    return Review.objects.by(user.pk).select_related("version").order_by("sequence").iterator()


def _judgements(user: User) -> Any:
    return Judgement.objects.by(user.pk).select_related("version").order_by("judged_at", "pk").iterator()


def _attempts(user: User) -> list[dict[str, Any]]:
    related = ("responses__version", "saved_answers", "tries")
    attempts = Attempt.objects.filter(user=user).order_by("started_at").prefetch_related(*related)
    return [
        {
            "id": str(attempt.pk),
            "quiz": str(attempt.quiz_id),
            "started_at": _text(attempt.started_at),
            "submitted_at": _text(attempt.submitted_at),
            "score": attempt.score,
            "max_score": attempt.max_score,
            "responses": [_response(response) for response in attempt.responses.all()],
            "saved_answers": [_saved(saved) for saved in attempt.saved_answers.all()],
            "tries": [_try(tried) for tried in attempt.tries.all()],
        }
        for attempt in attempts
    ]


def _response(response: Response) -> dict[str, Any]:
    return {
        "slot": str(response.slot_id),
        "question": str(response.version.question_id),
        "version": response.version.number,
        "answer": response.answer,
        "score": response.score,
        "mark": response.mark,
        "worth": response.worth,
        "certainty": response.certainty,
        "answered_at": _text(response.answered_at),
    }


def _saved(saved: SavedAnswer) -> dict[str, Any]:
    return {
        "slot": str(saved.slot_id),
        "answer": saved.answer,
        "certainty": saved.certainty,
        "saved_at": _text(saved.saved_at),
    }


def _try(tried: Try) -> dict[str, Any]:
    return {
        "slot": str(tried.slot_id),
        "number": tried.number,
        "answer": tried.answer,
        "score": tried.score,
        "tried_at": _text(tried.tried_at),
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "question": str(judgement.question_id),
        "version": judgement.version.number,
        "run": str(judgement.run_id),
        "score": judgement.score,
        "parts": judgement.parts,
        "values": judgement.values,
        "judged_at": _text(judgement.judged_at),
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "id": str(review.review_id),
        "question": str(review.question_id),
        "version": review.version.number if review.version else None,
        "rating": review.rating,
        "response": review.response,
        "score": review.score,
        "source": review.source,
        "occurred_at": _text(review.occurred_at),
        "effective_at": _text(review.effective_at),
        "received_at": _text(review.received_at),
        "elapsed_ms": review.elapsed_ms,
        "undoes": str(review.undoes) if review.undoes else None,
    }


def _memory(state: MemoryState) -> dict[str, Any]:
    return {
        "question": str(state.question_id),
        "state": state.get_state_display(),
        "stability": state.stability,
        "difficulty": state.difficulty,
        "due": _text(state.due),
        "last_review": _text(state.last_review),
        "reps": state.reps,
        "lapses": state.lapses,
    }


def _study_plan(plan: StudyPlan) -> dict[str, Any]:
    return {
        "new_per_day": plan.new_per_day,
        "reviews_per_day": plan.reviews_per_day,
        "minutes_per_day": plan.minutes_per_day,
        "easy_days": plan.easy_days,
        "weights": plan.weights,
        "quiz_evidence": plan.quiz_evidence,
        "shares_reviews": plan.shares_reviews,
    }


def _course_plan(plan: CoursePlan) -> dict[str, Any]:
    return {
        "course": str(plan.course_id),
        "desired_retention": plan.desired_retention,
        "exam_on": plan.exam_on.isoformat() if plan.exam_on else None,
        "weights": plan.weights,
    }


def _fitted(fitted: FittedWeights) -> dict[str, Any]:
    return {
        "fitted_at": _text(fitted.fitted_at),
        "weights": fitted.weights,
        "reviews": fitted.reviews,
        "unseen": fitted.unseen,
        "log_loss_before": fitted.log_loss_before,
        "log_loss_after": fitted.log_loss_after,
        "calibration": fitted.calibration,
        "accepted": fitted.accepted,
    }


def _mark(mark: CardMark) -> dict[str, Any]:
    return {
        "question": str(mark.question_id),
        "buried_until": _text(mark.buried_until),
        "suspended_at": _text(mark.suspended_at),
        "note": mark.note,
        "leech_seen": mark.leech_seen,
    }


def _own_cards(user: User) -> Any:
    return Question.every.filter(owner=user).select_related("current").order_by("slug").iterator()


def _own_card(card: Question) -> dict[str, Any]:
    return {
        "id": str(card.pk),
        "course": str(card.course_id),
        "lesson": str(card.lesson_id) if card.lesson_id else None,
        "kind": card.kind,
        "body": card.current.body if card.current else None,
        "archived_at": _text(card.archived_at),
    }


def _file(file: QuestionFile) -> dict[str, Any]:
    """A file of questions that was sent within the last day."""
    return {
        "id": str(file.pk),
        "name": file.name,
        "made_at": _text(file.made_at),
        "imported_at": _text(file.imported_at),
    }


def _picture(picture: OwnPicture) -> dict[str, Any]:
    """A picture on own cards, without its bytes: these are at the address of its id."""
    return {
        "id": str(picture.pk),
        "name": picture.name,
        "media_type": picture.media_type,
        "bytes": picture.size,
        "made_at": _text(picture.made_at),
    }


def _package(package: AnkiPackage) -> dict[str, Any]:
    """A package of Anki that was sent within the last day."""
    return {
        "id": str(package.pk),
        "name": package.name,
        "status": package.status,
        "made_at": _text(package.made_at),
        "imported_at": _text(package.imported_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

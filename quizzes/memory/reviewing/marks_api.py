import uuid
from datetime import datetime
from typing import cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from courses.rendering import render_fragment
from quizzes import access
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import marks, marks_schemas
from quizzes.models import CardMark


class MarkView(APIView):
    @extend_schema(operation_id="memory_mark_read", responses=marks_schemas.Mark)
    def get(self, request: Request, question_id: uuid.UUID) -> Response:
        """What the learner did to this card beside reviewing it; a card that was never marked has an empty mark."""
        learner = cast("User", request.user)
        question = access.visible_question(question_id, learner)
        mark = marks.of(learner, [question.pk]).get(question.pk)
        return _answer(question.pk, mark, timezone.now())

    @extend_schema(operation_id="memory_mark_write", request=marks_schemas.MarkBody, responses=marks_schemas.Mark)
    def put(self, request: Request, question_id: uuid.UUID) -> Response:
        """Bring the mark to this, as a whole; the same again changes nothing.

        It acts in the queue alone: memory, and when the card is due, stay as they are.
        """
        learner, now = cast("User", request.user), timezone.now()
        question = access.visible_question(question_id, learner)
        body = marks_schemas.MarkBody.model_validate(request.data)
        _, tomorrow = queue.study_day(now, learner.zone, learner.day_start_hour)
        mark = marks.keep(
            learner,
            question.pk,
            buried_until=tomorrow if body.buried else None,
            suspended=body.suspended,
            note=body.note,
            now=now,
        )
        return _answer(question.pk, mark, now)


def _answer(question: uuid.UUID, mark: CardMark | None, now: datetime) -> Response:
    until = mark.buried_until if mark else None
    note = mark.note if mark else ""
    body = marks_schemas.Mark(
        question=question,
        buried=until is not None and until > now,
        buried_until=until,
        suspended=mark is not None and mark.suspended_at is not None,
        suspended_at=mark.suspended_at if mark else None,
        note=note,
        note_html=render_fragment(note) if note else "",
    )
    return Response(body.model_dump(mode="json"))

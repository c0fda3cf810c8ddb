import uuid
from dataclasses import asdict
from typing import cast

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from quizzes import access
from quizzes.kinds import Texts
from quizzes.statistics import gathering, schemas
from quizzes.statistics.gathering import Item, Report
from quizzes.statistics.responses import Part, wording


class QuizStatisticsView(APIView):
    @extend_schema(
        operation_id="quiz_statistics",
        parameters=[
            OpenApiParameter(
                "attempts",
                str,
                enum=["first", "all"],
                description="The first attempt of each learner, or all attempts; `first` if absent.",
            )
        ],
        responses=schemas.QuizStatisticsReport,
    )
    def get(self, request: Request, quiz_id: uuid.UUID) -> Response:
        """What the submitted attempts say about the quiz and each of its questions. For instructors of the course.

        Definitions are those of Moodle's quiz statistics. Previews of instructors are left out; a question that was
        asked and not answered counts 0. Where a number would say nothing, it is null with a reason.
        """
        query = schemas.StatisticsQuery.model_validate(request.query_params.dict())
        quiz = access.taught_quiz(cast("User", request.user), quiz_id)
        report = gathering.report(quiz, query.attempts)
        shown = _shown(quiz.id, report, get_language() or "", quiz.lesson.course.fallback)
        return Response(shown.model_dump(mode="json"))


def _shown(quiz_id: uuid.UUID, report: Report, locale: str, fallback: str) -> schemas.QuizStatisticsReport:
    return schemas.QuizStatisticsReport(
        quiz=quiz_id,
        which=report.which,
        submitted=report.attempts,
        learners=report.learners,
        whole=schemas.WholeQuizStatistics.model_validate(asdict(report.quiz)),
        questions=[_question(item, item.version.texts_in(locale, fallback)) for item in report.items],
    )


def _question(item: Item, texts: Texts) -> schemas.QuestionStatistics:
    numbers = asdict(item.statistics)
    return schemas.QuestionStatistics(
        question=item.question.id,
        version=item.version.number,
        kind=item.question.kind,
        positions=list(item.positions),
        drawn=item.drawn,
        asked_now=item.asked_now,
        flags=list(numbers.pop("flags")),
        parts=[_part(part, texts) for part in item.parts],
        **numbers,
    )


def _part(part: Part, texts: Texts) -> schemas.PartAnalysis:
    return schemas.PartAnalysis(
        part=part.name,
        text=wording(part.path, texts),
        together=part.together,
        unanswered=part.unanswered,
        answers=[
            schemas.GivenAnswer(
                answer=answer.text,
                text=wording(answer.path, texts),
                credit=answer.credit,
                count=answer.count,
                share=answer.share,
            )
            for answer in part.answers
        ],
    )

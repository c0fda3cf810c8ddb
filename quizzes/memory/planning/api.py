from collections.abc import Mapping
from typing import cast

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.problems import FieldError, Problem
from courses.models import Course
from quizzes.memory.planning import deciding, outlook, queue, schemas
from quizzes.memory.planning.candidates import Wishes
from quizzes.memory.planning.deciding import Decision
from quizzes.memory.planning.exams import Outlook
from quizzes.memory.planning.outlook import CourseOutlook
from quizzes.memory.planning.schemas import StudyPlanBody


class StudyPlanView(APIView):
    @extend_schema(operation_id="memory_plan_read", responses=schemas.StudyPlanShown)
    def get(self, request: Request) -> Response:
        """What the learner wants of a day and of each course, what lies before the exams, and what every desired
        retention would cost."""
        return _answer(cast("User", request.user))

    @extend_schema(
        operation_id="memory_plan_write",
        request=schemas.StudyPlanBody,
        responses=schemas.StudyPlanShown,
    )
    def put(self, request: Request) -> Response:
        """Bring the plan to this, as a whole; the same again changes nothing.

        Limits, easy days and exams act in the queue alone. A desired retention that changes moves the due dates of all
        cards it is about.
        """
        learner = cast("User", request.user)
        deciding.decide(learner, _decision(StudyPlanBody.model_validate(request.data)))
        return _answer(learner)


def _decision(body: StudyPlanBody) -> Decision:
    named = Course.objects.published().filter(slug__in=[one.course for one in body.courses])
    courses = {course.slug: course for course in named}
    _refuse_unknown(body, courses)
    wishes = Wishes(
        new_per_day=body.new_per_day,
        reviews_per_day=body.reviews_per_day,
        minutes_per_day=body.minutes_per_day,
        easy_days={int(weekday): share for weekday, share in body.easy_days.items()},
        exams={courses[one.course].pk: one.exam_on for one in body.courses if one.exam_on},
    )
    own = {courses[one.course].pk: one.desired_retention for one in body.courses if one.desired_retention}
    return Decision(wishes, body.desired_retention, own)


def _refuse_unknown(body: StudyPlanBody, courses: Mapping[str, Course]) -> None:
    errors = [
        FieldError(f"/courses/{place}/course", "unknown_course", "There is no such course.")
        for place, one in enumerate(body.courses)
        if one.course not in courses
    ]
    if errors:
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid")


def _answer(learner: User) -> Response:
    now, locale = timezone.now(), get_language() or ""
    found = outlook.of_learner(learner, now)
    wishes = found.plan.wishes
    body = schemas.StudyPlanShown(
        desired_retention=found.plan.plan.desired_retention,
        new_per_day=wishes.new_per_day,
        reviews_per_day=wishes.reviews_per_day,
        minutes_per_day=wishes.minutes_per_day,
        easy_days={cast("schemas.Weekday", str(day)): share for day, share in wishes.easy_days.items()},
        courses=[_course(one, locale) for one in found.courses],
        workload=[
            schemas.WorkloadShown(
                desired_retention=one.retention,
                reviews_per_day=round(one.reviews, 2),
                minutes_per_day=round(one.minutes, 2),
                recall=round(one.recall, 4),
            )
            for one in found.simulated.workloads
        ],
        forecast=[
            schemas.ForecastDay(on=on, reviews=reviews, minutes=minutes)
            for on, reviews, minutes in queue.forecast(learner, now)
        ],
    )
    return Response(body.model_dump(mode="json"))


def _course(one: CourseOutlook, locale: str) -> schemas.CoursePlanShown:
    text = one.course.text(locale)
    return schemas.CoursePlanShown(
        course=one.course.slug,
        desired_retention=one.desired,
        exam_on=one.exam_on,
        title=text.title if text else one.course.slug,
        exam=_exam(one.outlook) if one.outlook else None,
    )


def _exam(found: Outlook) -> schemas.ExamOutlook:
    return schemas.ExamOutlook(
        days_left=found.days_left,
        cards=found.cards,
        unseen=found.unseen,
        short=found.short,
        more_a_day=found.more_a_day,
    )

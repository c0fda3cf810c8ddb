"""Today and Statistics for an app: the numbers of the pages of these names."""

from datetime import date, timedelta
from typing import cast

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from quizzes.memory import history, insight, insight_schemas, outlook
from quizzes.memory.history import History, Shown
from quizzes.memory.insight import STABILITY_BOUNDS, Calendar, Tally
from quizzes.memory.insight_views import chosen
from quizzes.memory.insight_wording import WEEKS, YEAR_OF_WEEKS
from quizzes.memory.outlook import First, Outlook
from quizzes.memory.queue import Day


class TodayView(APIView):
    @extend_schema(operation_id="memory_today", responses=insight_schemas.MemoryToday)
    def get(self, request: Request) -> Response:
        """What today holds: how many cards and minutes, which parts, the first five with why, what waits and why."""
        learner = cast("User", request.user)
        found = outlook.outlook(learner, now=timezone.now(), locale=get_language() or "")
        return Response(_today(found).model_dump(mode="json"))


class StatisticsView(APIView):
    @extend_schema(
        operation_id="memory_statistics",
        parameters=[OpenApiParameter("course", str, description="The slug of a course; all courses if absent.")],
        responses=insight_schemas.MemoryStatistics,
    )
    def get(self, request: Request) -> Response:
        """What the learner's reviews add up to, by study day, week and hour; how long cards keep; what comes back when.

        404 for a course that the learner remembers nothing of.
        """
        query = insight_schemas.StatisticsOfCourse.model_validate(request.query_params.dict())
        learner, now = cast("User", request.user), timezone.now()
        course = chosen(history.courses_of(learner, get_language() or ""), query.course) if query.course else None
        calendar = Calendar(learner.zone, learner.day_start_hour)
        found = history.history_of(learner, now=now, course=course)
        shown = _statistics(found, course, calendar, calendar.day_of(int(now.timestamp())))
        return Response(shown.model_dump(mode="json"))


def _today(found: Outlook) -> insight_schemas.MemoryToday:
    day = found.day
    return insight_schemas.MemoryToday(
        begin=day.begin,
        end=day.end,
        ready=len(day.ready),
        new=day.new,
        minutes=day.minutes,
        done=day.done,
        minutes_per_day=day.budget,
        parts=[
            insight_schemas.PartOfDay(part=one.part, cards=one.cards, minutes=-(-one.seconds // 60))
            for one in found.shares
        ],
        first=[_first(one) for one in found.first],
        waiting=[insight_schemas.WaitingStep(question=one.question, due=one.due) for one in day.waiting if one.due],
        left_out=[
            insight_schemas.LeftOutCards(because=because, cards=count) for because, count in day.left_out_by.items()
        ],
        suspended=found.suspended,
        lesson=_lesson(day),
        next_due=found.next_due,
    )


def _first(one: First) -> insight_schemas.FirstCard:
    return insight_schemas.FirstCard(
        question=one.due.question,
        kind=one.due.kind,
        asks=one.asks,
        why=one.due.why,
        due=one.due.due,
        days_overdue=one.days_overdue,
        predicted_recall=one.recall,
        desired_retention=one.desired,
        exam_in_days=one.due.exam_in,
        lesson=one.lesson,
    )


def _lesson(day: Day) -> insight_schemas.LessonAhead | None:
    lesson = day.lesson or day.lesson_waits
    if lesson is None:
        return None
    return insight_schemas.LessonAhead(
        lesson=lesson.lesson,
        title=lesson.title,
        course=lesson.course_slug,
        slug=lesson.slug,
        minutes=lesson.minutes,
        is_begun=lesson.is_begun,
        fits=day.lesson is not None,
    )


def _statistics(
    found: History, course: Shown | None, calendar: Calendar, today: date
) -> insight_schemas.MemoryStatistics:
    activity = found.activity
    first = insight.monday(today) - timedelta(weeks=YEAR_OF_WEEKS - 1)
    rhythm = insight.rhythm(activity.days, today)
    recent = activity.between(today - timedelta(days=insight.RECENT_DAYS - 1), today)
    return insight_schemas.MemoryStatistics(
        course=course.slug if course else None,
        time_zone=calendar.zone.key,
        today=today,
        desired_retention=found.desired_retention,
        all_time=_tally(activity.all),
        last_30_days=_tally(recent),
        days_studied_of_last_30=rhythm.of_last_30,
        longest_run=rhythm.longest_run,
        current_run=rhythm.current_run,
        days=[
            insight_schemas.DayOfReviews(day=day, tally=_tally(tally))
            for day, tally in activity.days.items()
            if first <= day <= today
        ],
        weeks=[
            insight_schemas.WeekOfReviews(first=one.first, days_studied=one.days_studied, tally=_tally(one.tally))
            for one in insight.weeks(activity.days, today, WEEKS)
        ],
        hours=[insight_schemas.HourOfReviews(hour=hour, tally=_tally(tally)) for hour, tally in activity.hours.items()],
        upcoming=[
            insight_schemas.DayOfLoad(day=today + timedelta(days=ahead), cards=count)
            for ahead, count in enumerate(found.upcoming)
        ],
        cards=len(found.stabilities),
        median_stability=insight.median(found.stabilities),
        stability=_stability(found),
        difficulty=[
            insight_schemas.DifficultyBin(difficulty=level, cards=count)
            for level, count in enumerate(insight.difficulty_bins(found.difficulties), start=1)
        ],
    )


def _stability(found: History) -> list[insight_schemas.StabilityBin]:
    bounds = [0.0, *STABILITY_BOUNDS, None]
    counts = insight.stability_bins(found.stabilities)
    return [
        insight_schemas.StabilityBin(at_least=begin or 0.0, below=end, cards=count)
        for begin, end, count in zip(bounds, bounds[1:], counts, strict=False)
    ]


def _tally(tally: Tally) -> insight_schemas.Tallied:
    return insight_schemas.Tallied(
        reviews=tally.reviews,
        minutes=round(tally.milliseconds / 60_000, 2),
        came_back=tally.came_back,
        recalled=tally.recalled,
        retention=tally.retention,
    )

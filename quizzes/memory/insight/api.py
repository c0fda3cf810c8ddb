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
from quizzes.memory.insight import outlook, reading, schemas, sums
from quizzes.memory.insight.outlook import First, Outlook
from quizzes.memory.insight.reading import History, Shown
from quizzes.memory.insight.sums import STABILITY_BOUNDS, Calendar, Tally
from quizzes.memory.insight.views import chosen
from quizzes.memory.insight.wording import WEEKS, YEAR_OF_WEEKS
from quizzes.memory.planning.queue import Day


class TodayView(APIView):
    @extend_schema(operation_id="memory_today", responses=schemas.MemoryToday)
    def get(self, request: Request) -> Response:
        """What today holds: how many cards and minutes, which parts, the first five with why, what waits and why."""
        learner = cast("User", request.user)
        found = outlook.outlook(learner, now=timezone.now(), locale=get_language() or "")
        return Response(_today(found).model_dump(mode="json"))


class StatisticsView(APIView):
    @extend_schema(
        operation_id="memory_statistics",
        parameters=[OpenApiParameter("course", str, description="The slug of a course; all courses if absent.")],
        responses=schemas.MemoryStatistics,
    )
    def get(self, request: Request) -> Response:
        """What the learner's reviews add up to, by study day, week and hour; how long cards keep; what comes back when.

        404 for a course that the learner remembers nothing of.
        """
        query = schemas.StatisticsOfCourse.model_validate(request.query_params.dict())
        learner, now = cast("User", request.user), timezone.now()
        course = chosen(reading.courses_of(learner, get_language() or ""), query.course) if query.course else None
        calendar = Calendar(learner.zone, learner.day_start_hour)
        found = reading.history_of(learner, now=now, course=course)
        shown = _statistics(found, course, calendar, calendar.day_of(int(now.timestamp())))
        return Response(shown.model_dump(mode="json"))


def _today(found: Outlook) -> schemas.MemoryToday:
    day = found.day
    return schemas.MemoryToday(
        begin=day.begin,
        end=day.end,
        ready=len(day.ready),
        new=day.new,
        minutes=day.minutes,
        done=day.done,
        minutes_per_day=day.budget,
        parts=[
            schemas.PartOfDay(part=one.part, cards=one.cards, minutes=-(-one.seconds // 60)) for one in found.shares
        ],
        first=[_first(one) for one in found.first],
        waiting=[schemas.WaitingStep(question=one.question, due=one.due) for one in day.waiting if one.due],
        left_out=[schemas.LeftOutCards(because=because, cards=count) for because, count in day.left_out_by.items()],
        suspended=found.suspended,
        lesson=_lesson(day),
        next_due=found.next_due,
    )


def _first(one: First) -> schemas.FirstCard:
    return schemas.FirstCard(
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


def _lesson(day: Day) -> schemas.LessonAhead | None:
    lesson = day.lesson or day.lesson_waits
    if lesson is None:
        return None
    return schemas.LessonAhead(
        lesson=lesson.lesson,
        title=lesson.title,
        course=lesson.course_slug,
        slug=lesson.slug,
        minutes=lesson.minutes,
        is_begun=lesson.is_begun,
        fits=day.lesson is not None,
    )


def _statistics(found: History, course: Shown | None, calendar: Calendar, today: date) -> schemas.MemoryStatistics:
    activity = found.activity
    first = sums.monday(today) - timedelta(weeks=YEAR_OF_WEEKS - 1)
    rhythm = sums.rhythm(activity.days, today)
    recent = activity.between(today - timedelta(days=sums.RECENT_DAYS - 1), today)
    return schemas.MemoryStatistics(
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
            schemas.DayOfReviews(day=day, tally=_tally(tally))
            for day, tally in activity.days.items()
            if first <= day <= today
        ],
        weeks=[
            schemas.WeekOfReviews(first=one.first, days_studied=one.days_studied, tally=_tally(one.tally))
            for one in sums.weeks(activity.days, today, WEEKS)
        ],
        hours=[schemas.HourOfReviews(hour=hour, tally=_tally(tally)) for hour, tally in activity.hours.items()],
        upcoming=[
            schemas.DayOfLoad(day=today + timedelta(days=ahead), cards=count)
            for ahead, count in enumerate(found.upcoming)
        ],
        cards=len(found.stabilities),
        median_stability=sums.median(found.stabilities),
        stability=_stability(found),
        difficulty=[
            schemas.DifficultyBin(difficulty=level, cards=count)
            for level, count in enumerate(sums.difficulty_bins(found.difficulties), start=1)
        ],
    )


def _stability(found: History) -> list[schemas.StabilityBin]:
    bounds = [0.0, *STABILITY_BOUNDS, None]
    counts = sums.stability_bins(found.stabilities)
    return [
        schemas.StabilityBin(at_least=begin or 0.0, below=end, cards=count)
        for begin, end, count in zip(bounds, bounds[1:], counts, strict=False)
    ]


def _tally(tally: Tally) -> schemas.Tallied:
    return schemas.Tallied(
        reviews=tally.reviews,
        minutes=round(tally.milliseconds / 60_000, 2),
        came_back=tally.came_back,
        recalled=tally.recalled,
        retention=tally.retention,
    )

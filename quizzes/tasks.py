"""What the queue does for quizzes."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from quizzes import attempts
from quizzes.bank import files as bank_files
from quizzes.statistics import flagging


@db_periodic_task(crontab(minute="*"))
def close_overdue_attempts() -> None:
    """Once a minute: attempts whose time is up and that nobody has come back to are handed in."""
    attempts.close_overdue(now=timezone.now())


@db_periodic_task(crontab(minute="41"))
def forget_question_files() -> None:
    """Once an hour: files of questions of the day before."""
    bank_files.forget_old(now=timezone.now())


@db_periodic_task(crontab(hour="3", minute="17"))
def keep_out_flagged_questions() -> None:
    """Once a night: questions that the statistics flag are no evidence of memory until an instructor has looked."""
    flagging.keep_out_flagged(now=timezone.now())

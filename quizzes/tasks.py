"""What the queue does for quizzes."""

import logging
import uuid

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from accounts.models import User
from courses.models import Course
from quizzes import attempts
from quizzes.bank import files as bank_files
from quizzes.memory.anki import files as anki_files
from quizzes.memory.learning import own_weights, priors
from quizzes.statistics import flagging

logger = logging.getLogger(__name__)


@db_periodic_task(crontab(minute="*"))
def close_overdue_attempts() -> None:
    """Once a minute: attempts whose time is up and that nobody has come back to are handed in."""
    attempts.close_overdue(now=timezone.now())


@db_periodic_task(crontab(minute="41"))
def forget_question_files() -> None:
    """Once an hour: files of questions of the day before."""
    bank_files.forget_old(now=timezone.now())


@db_task()
def wake_anki() -> None:
    """Import whatever package of Anki waits. The rows are the truth; losing this call only delays."""
    anki_files.work_on_all(clock=timezone.now)


@db_periodic_task(crontab(minute="*"))
def sweep_anki() -> None:
    """Once a minute: packages whose wake-up call or whose worker was lost."""
    anki_files.work_on_all(clock=timezone.now)


@db_periodic_task(crontab(minute="47"))
def forget_anki() -> None:
    """Once an hour: packages of Anki of the day before."""
    anki_files.forget_old(now=timezone.now())


@db_periodic_task(crontab(hour="3", minute="17"))
def keep_out_flagged_questions() -> None:
    """Once a night: questions that the statistics flag are no evidence of memory until an instructor has looked."""
    flagging.keep_out_flagged(now=timezone.now())


@db_task()
def fit_learner(learner: uuid.UUID) -> None:
    """On request: fit the learner's weights. Asked twice it is done twice, and the second changes nothing."""
    user = User.objects.filter(pk=learner).first()
    if user is not None:
        own_weights.learn(user, now=timezone.now())


@db_periodic_task(crontab(hour="3", minute="47"))
def fit_everybody() -> None:
    """Once a night: the weights of every learner with new reviews, one at a time, then those of the courses.

    What fails for one learner or course is logged, and stops no other.
    """
    for user in own_weights.waiting():
        try:
            own_weights.learn(user, now=timezone.now(), asked=False)
        except Exception:
            logger.exception("The weights of learner %s could not be fitted.", user.pk)
    for course in Course.objects.filter(archived_at=None).order_by("pk"):
        try:
            priors.learn_course(course, now=timezone.now())
        except Exception:
            logger.exception("The weights of course %s could not be fitted.", course.slug)

import pytest

from config.huey import queue_settings
from courses.tasks import UPLOADS_AT_A_TIME
from sandbox.queueing import TRAININGS_AT_A_TIME


@pytest.mark.parametrize(
    ("url", "huey_class"),
    [
        ("sqlite:////srv/queue.sqlite3", "huey.SqliteHuey"),
        ("redis://localhost:6379/1", "huey.PriorityRedisHuey"),
        ("postgresql://engram@localhost/engram", "huey.PostgresHuey"),
    ],
)
def test_one_url_chooses_the_queue(url: str, huey_class: str) -> None:
    assert queue_settings(url, "secret")["huey_class"] == huey_class


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'amqp'"):
        queue_settings("amqp://localhost", "secret")


def test_a_thread_is_left_for_questions_while_trainings_and_an_upload_take_all_they_may() -> None:
    workers = queue_settings("sqlite:////srv/queue.sqlite3", "secret")["consumer"]["workers"]
    assert workers == TRAININGS_AT_A_TIME + UPLOADS_AT_A_TIME + 1

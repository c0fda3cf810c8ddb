from datetime import timedelta

import pytest
from django.utils import translation

from quizzes.templatetags.memory import interval


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(seconds=-5), "1 minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=5.5), "6 minutes"),
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(minutes=59.4), "59 minutes"),
        (timedelta(minutes=60), "1 hour"),
        (timedelta(hours=23.4), "23 hours"),
        (timedelta(hours=23.6), "1 day"),
        (timedelta(days=30), "30 days"),
        (timedelta(days=45), "1.5 months"),
        (timedelta(days=364), "12 months"),
        (timedelta(days=800), "2.2 years"),
        (timedelta(days=36_500), "100 years"),
    ],
)
def test_a_waiting_time_is_put_in_words_as_coarse_as_it_is_long(wait: timedelta, words: str) -> None:
    with translation.override("en"):
        assert interval(wait) == words

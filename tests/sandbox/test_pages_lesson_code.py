"""The studio opens with the code of a lesson: the recipe filled in, and how each line was read."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course, Lesson, LessonBody
from sandbox.models import Run
from tests.sandbox.test_pages_new_run import filled_in

pytestmark = pytest.mark.django_db

URL = "/sandbox/new/"
CODE = """\
import numpy as np
from tensorflow import keras

model = keras.Sequential([
    keras.layers.Dense(16, input_shape=(1,), activation="relu"),
    keras.layers.Dense(2, activation="softmax"),
])
model.compile(keras.optimizers.Adam(lr=0.0003), "sparse_categorical_crossentropy", ["accuracy"])
model.fit(x=scaled_train_samples, y=train_labels, validation_split=0.1, batch_size=10, epochs=7)
"""


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


@pytest.fixture
def address() -> dict[str, str]:
    """What a button of the lesson names: the second code of the English text."""
    course = Course.objects.create(pk=uuid.uuid4(), slug="c", locales=["en"])
    lesson = Lesson.objects.create(pk=uuid.uuid4(), course=course, slug="training", position=1)
    codes = ["model = old", CODE]
    parts = [{"directive": "code", "ref": f"{n}", "caption": "", "code": code} for n, code in enumerate(codes, 1)]
    LessonBody.objects.create(lesson=lesson, locale="en", title="How it <learns>", markdown="", parts=parts)
    return {"lesson": str(lesson.pk), "locale": "en", "code": "2"}


def opened(client: Client, address: dict[str, Any], **headers: str) -> str:
    answer = client.get(URL, address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_is_filled_in_from_the_code(signed_in: Client, address: dict[str, str]) -> None:
    html = opened(signed_in, address)
    assert "A network with layers of 1-16-2 nodes" in html
    for field in ('name="learning_rate" value="0.0003"', 'name="epochs" value="7"', 'name="batch_size" value="10"'):
        assert field in html
    assert re.search(r'value="clinical_trial"[^>]* checked', html)
    assert '<a href="/courses/c/training/" lang="en">How it &lt;learns&gt;</a>' in html


def test_it_says_how_each_line_was_read_the_data_first(signed_in: Client, address: dict[str, str]) -> None:
    html = opened(signed_in, address)
    told = re.findall(r"<li><code>(.*?)</code> <span>(.*?)</span>", html)
    assert told[0][0].startswith("model.fit(x=scaled_train_samples")
    assert "The numbers behind scaled_train_samples are not known here" in told[0][1]
    assert "“Clinical trial”" in told[0][1]
    assert any(line.startswith("model.compile") and "Today you write learning_rate=." in words for line, words in told)
    assert CODE.splitlines()[-1] in html


def test_it_names_the_data_in_the_language_of_the_reader(signed_in: Client, address: dict[str, str]) -> None:
    assert "“临床试验”" in opened(signed_in, address, **{"accept-language": "zh-hans"})


def test_a_changed_recipe_still_says_where_it_came_from(signed_in: Client, address: dict[str, str]) -> None:
    html = signed_in.post(URL, {**filled_in(press="add_layer"), **address}).content.decode()
    assert "scaled_train_samples" in html
    assert f'name="lesson" value="{address["lesson"]}"' in html


def test_it_starts_the_run(signed_in: Client, address: dict[str, str]) -> None:
    assert signed_in.post(URL, {**filled_in(), **address}).status_code == 302
    assert Run.objects.count() == 1


def test_code_that_can_no_longer_be_read_says_why(signed_in: Client, address: dict[str, str]) -> None:
    html = opened(signed_in, {**address, "code": "1"})
    assert "No Sequential model is made here" in html
    assert "Start training" in html


@pytest.mark.parametrize(
    "wrong", [{"code": "3"}, {"code": "x"}, {"lesson": "x"}, {"lesson": str(uuid.uuid4())}, {"locale": "de"}]
)
def test_it_knows_no_code_that_is_not_there(signed_in: Client, address: dict[str, str], wrong: dict[str, str]) -> None:
    assert signed_in.get(URL, {**address, **wrong}).status_code == 404


def test_a_visitor_signs_in_first(client: Client, address: dict[str, str]) -> None:
    answer = client.get(URL, address)
    assert answer.status_code == 302
    assert "code%3D2" in answer["Location"]

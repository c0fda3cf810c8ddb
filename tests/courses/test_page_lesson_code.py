"""Code of a lesson that is a network to train has a button that opens the sandbox with it; a fragment has none."""

import re

import pytest
from django.core.management import call_command

from courses.models import Lesson
from sandbox.models import Run
from tests.sandbox.form_fields import fields_of
from tests.sandbox.test_keras_code_kinds import first_code

CODE = """
```python
import keras

model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(2, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(samples, labels, epochs=5)
```

```python
model.summary()
```

The end."""
URL = "/courses/small-course/neurons/"


@pytest.fixture
def lesson(db, spoil):
    folder = spoil("01-neurons/lesson.en.md", "The end.", CODE)
    call_command("import_course", str(folder), verbosity=0)
    return Lesson.objects.get(slug="neurons")


def test_it_offers_to_run_a_network_and_no_fragment(client, lesson):
    page = client.get(URL).content.decode()
    assert page.count("Run in the sandbox") == 1
    button = page.index(f'href="/sandbox/new/?lesson={lesson.pk}&amp;locale=en&amp;code=1"')
    assert page.index('<span class="n">epochs') < button < page.index('<span class="n">summary')


def test_a_text_without_code_has_no_button(client, lesson):
    page = client.get(URL, headers={"accept-language": "zh-hans"}).content.decode()
    assert "/sandbox/new/?lesson=" not in page


def test_the_button_opens_the_studio_with_the_network(client, lesson, learner):
    client.force_login(learner)
    page = client.get("/sandbox/new/", {"lesson": lesson.pk, "locale": "en", "code": "1"}).content.decode()
    assert "A network with layers of 2-2 nodes" in page
    assert "The numbers behind samples are not known here" in page


def test_the_text_in_the_api_has_the_button_and_no_more(client, lesson):
    html = client.get(f"/api/v1/lessons/{lesson.pk}/").json()["html"]
    assert html.count(f"/sandbox/new/?lesson={lesson.pk}") == 1
    assert "The end." in html[html.index("/sandbox/new/?lesson") :]
    assert "directive" not in html


@pytest.mark.parametrize(
    ("number", "words"), [(4, "conv 8 relu, max pooling 2×2"), (10, "monitor val_loss, patience 5")]
)
def test_the_button_opens_the_code_of_the_shipped_lessons(client, db, spoil, learner, number, words):
    """A convolutional network and one that stops early, on pictures of digits."""
    code = f"```python\n{first_code(number)}```\n\nThe end."
    call_command("import_course", str(spoil("01-neurons/lesson.en.md", "The end.", code)), verbosity=0)
    lesson = Lesson.objects.get(slug="neurons")
    assert "Run in the sandbox" in client.get(URL).content.decode()
    client.force_login(learner)
    page = client.get("/sandbox/new/", {"lesson": lesson.pk, "locale": "en", "code": "1"}).content.decode()
    assert words in page
    assert re.search(r'value="digits"[^>]* checked', page)
    assert client.post("/sandbox/new/", {**fields_of(page, "recipe"), "press": "start"}).status_code == 302
    assert Run.objects.get().spec["data"]["kind"] == "digits"

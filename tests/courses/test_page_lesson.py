"""The lesson page: the text with its figures, what it explains, and how far this learner has come."""

import datetime
import re
import uuid

import pytest
from django.utils import timezone

from courses.models import Lesson, LessonBody, Progress
from courses.progress import advance
from quizzes.models import MemoryState, Question
from sandbox.models import Preset

URL = "/courses/small-course/neurons/"


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


def read(client, url=URL, **headers):
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_the_text_with_marks_formulas_code_and_diagrams(client, course):
    page = read(client)
    assert "<mark>neuron</mark>" in page
    assert "<math" in page
    assert '<span class="kn">import</span>' in page
    assert '<svg class="diagram diagram--network"' in page
    assert "costs $5 or $6" in page


def test_it_lists_the_contents_twice_for_wide_and_small_screens(client, course):
    page = read(client)
    assert page.count('href="#training" data-contents="training"') == 2
    assert "<details" in page


def test_it_opens_the_experiment_from_the_text(client, course):
    preset = Preset.objects.get()
    page = read(client)
    assert f'href="/sandbox/new/?preset={preset.pk}"' in page
    assert "Train the <em>2-3-2</em> network" in page
    assert "Watch the loss." in page


def test_it_keeps_the_caption_of_an_experiment_that_is_gone(client, course):
    Preset.objects.update(archived_at=timezone.now())
    page = read(client)
    assert "Open the experiment" not in page
    assert "Train the <em>2-3-2</em> network" in page


def test_it_asks_its_checkpoints_in_place_and_leads_to_the_quiz(signed_in, lesson):
    page = read(signed_in)
    assert "Check yourself" in page
    assert "What does a neuron add up?" in page
    assert f'action="/checkpoints/{Question.objects.get(slug="what-it-adds").pk}/"' in page
    assert page.count(f'href="/quizzes/{lesson.quizzes.get().pk}/"') == 1
    assert "Take the quiz" in page
    assert "1 flashcard of this lesson is in your review now." in page


def test_no_key_of_a_checkpoint_is_in_the_page(client, course):
    assert "It adds" not in read(client)


def test_it_explains_its_concepts(client, course):
    page = read(client)
    concepts = page[page.index('id="concepts"') :]
    assert concepts.index("neuron</a></dfn>") < concepts.index("learning rate</a></dfn>")
    assert 'href="/glossary/small-course/neuron/"' in concepts
    assert "The <mark>step size</mark>" in concepts
    assert "recall" not in concepts


def test_it_predicts_the_recall_of_a_concept(signed_in, course, learner):
    now = timezone.now()
    MemoryState.objects.create(
        user=learner, question=Question.objects.get(slug="card-neuron"), state=2, stability=10.0, difficulty=5.0,
        due=now, last_review=now - datetime.timedelta(days=10), reps=3, lapses=0, state_hash="x",
    )  # fmt: skip
    page = read(signed_in)
    assert "you would recall this with 90 % today" in page
    assert "1 card of this lesson is due today" in page


def test_it_lets_visitors_read_and_invites_them(client, course):
    page = read(client)
    assert "Sign up to take it" in page
    assert "data-progress-url" not in page
    assert not Progress.objects.exists()


def test_it_begins_progress_once(signed_in, lesson, learner):
    read(signed_in)
    opened = Progress.objects.get(user=learner, lesson=lesson).opened_at
    page = read(signed_in)
    assert Progress.objects.get().opened_at == opened
    assert f'data-progress-url="/api/v1/lessons/{lesson.pk}/progress/"' in page


def test_it_offers_to_go_on_where_the_learner_stopped(signed_in, lesson, learner):
    advance(learner, lesson, 0.6, ["what-a-neuron-is", "training"], now=timezone.now())
    page = read(signed_in)
    assert re.search(r'href="#training">Go on where you stopped:\s*<span lang="en">Training', page)
    assert 'value="60"' in page


def test_it_leads_to_the_lessons_before_and_after(client, course):
    assert re.search(r'rel="next" href="/courses/small-course/learning-rate/"', read(client))
    last = read(client, "/courses/small-course/learning-rate/")
    assert re.search(r'rel="prev" href="/courses/small-course/neurons/"', last)
    assert "This was the last lesson" in last


def test_it_reads_in_chinese(client, course):
    page = read(client, **{"accept-language": "zh-hans"})
    assert '<article class="prose lesson__text" lang="zh-hans"' in page
    assert "<mark><strong>神经元</strong></mark>" in page
    assert "检查一下" in page


def test_it_falls_back_with_a_notice_and_says_which_language_it_is(client, lesson):
    lesson.bodies.filter(locale="zh-hans").delete()
    page = read(client, **{"accept-language": "zh-hans"})
    assert '<article class="prose lesson__text" lang="en"' in page
    assert "English" in page


def test_it_needs_at_most_ten_queries(signed_in, shipped_course, django_assert_max_num_queries):
    for lesson in shipped_course.lessons.all():
        read(signed_in, lesson.get_absolute_url())
        with django_assert_max_num_queries(10):
            read(signed_in, lesson.get_absolute_url())


def test_a_thousand_lessons_cost_no_more_queries(signed_in, lesson, django_assert_max_num_queries):
    new = [
        Lesson(id=uuid.uuid4(), course=lesson.course, slug=f"lesson-{number}", position=number + 2)
        for number in range(1000)
    ]
    Lesson.objects.bulk_create(new)
    bodies = [LessonBody(lesson=one, locale="en", title=one.slug, markdown="", content_hash="") for one in new]
    LessonBody.objects.bulk_create(bodies)
    read(signed_in)
    with django_assert_max_num_queries(10):
        assert "lesson-0" in read(signed_in)


def test_it_keeps_the_policy_of_no_inline_style_or_script(client, shipped_course):
    for lesson in shipped_course.lessons.all():
        for language in ("en", "zh-hans"):
            page = read(client, lesson.get_absolute_url(), **{"accept-language": language})
            assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", re.sub(r'="[^"]*"', '=""', page))


def test_it_is_not_there_if_archived_or_unknown(client, lesson):
    assert client.get("/courses/small-course/other/").status_code == 404
    lesson.archived_at = timezone.now()
    lesson.save()
    assert client.get(URL).status_code == 404

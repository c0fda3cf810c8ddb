"""What is kept of the lesson page: a change shows at once, and nobody sees what is another's."""

import itertools
import random
import re
import tempfile
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.db.models import CharField, Q, UUIDField
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from config.prepared import Prepared
from courses import editing
from courses.editing import Text
from courses.kept import Kept, StandIn, UnkeptError, characters, cut, filled, hole
from courses.models import Concept, ConceptText, Course, Lesson, LessonBody, LessonVersion, Section
from courses.progress import advance
from quizzes import challenges
from quizzes.models import Attempt, MemoryState, Question, QuestionVersion, Quiz, Review
from sandbox.models import Preset
from tests.quizzes.challenge_samples import ended, entry
from tests.servers import Installation

URL = "/courses/small-course/neurons/"
CHALLENGE = "::challenge[Can you **do** it?]{ninety-percent}"


@pytest.fixture
def folder(folder):
    """The small course with a challenge in its first lesson."""
    file = folder / "01-neurons/experiments.yaml"
    challenge = entry(section="training", concepts=["neuron"])
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "challenges": [challenge]}, sort_keys=False))
    for locale in ("en", "zh-hans"):
        text = folder / f"01-neurons/lesson.{locale}.md"
        text.write_text(f"{text.read_text()}\n{CHALLENGE}\n")
    return folder


@pytest.fixture
def course(db, folder) -> Course:
    call_command("import_course", str(folder), verbosity=0)
    return Course.objects.get(slug="small-course")


@pytest.fixture
def lesson(course) -> Lesson:
    return course.lessons.get(slug="neurons")


def read(client, language="en", url=URL):
    answer = client.get(url, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


# --- a change shows at once ------------------------------------------------------------------------------------------


def edit(course, author, folder):
    body = course.lessons.get(slug="neurons").bodies.get(locale="en")
    newest = LessonVersion.objects.filter(lesson=body.lesson, locale="en").latest("number")
    text = Text(body.title, body.summary, body.markdown.replace("adds up its inputs", "sums its inputs"))
    editing.save(body, text, author=author, based_on=newest.number, now=timezone.now())
    return "sums its inputs"


def import_again(course, author, folder):
    file = folder / "01-neurons/lesson.en.md"
    file.write_text(file.read_text().replace("It costs $5 or $6.", "It costs nothing."))
    call_command("import_course", str(folder), verbosity=0)
    return "It costs nothing."


def mend_a_question(course, author, folder):
    file = folder / "01-neurons/questions.yaml"
    file.write_text(file.read_text().replace("What does a neuron add up?", "What is it that a neuron adds up?"))
    call_command("import_course", str(folder), verbosity=0)
    assert QuestionVersion.objects.filter(question__slug="what-it-adds").count() == 2
    return "What is it that a neuron adds up?", 'name="version" value="2"'


def render_a_question_anew(course, author, folder):
    version = QuestionVersion.objects.get(question__slug="what-it-adds")
    version.rendered["en"]["prompt"] = "<p>Rendered anew</p>"
    version.save()
    return "Rendered anew"


def put_a_question_back(course, author, folder):
    question = Question.objects.get(slug="what-it-adds")
    question.current = QuestionVersion.objects.create(
        question=question, number=7, body=question.current.body, rendered=question.current.rendered,
        content_hash="another", created_at=timezone.now(),
    )  # fmt: skip
    question.save()
    return 'name="version" value="7"'


def archive_a_question(course, author, folder):
    Question.objects.filter(slug="what-it-adds").update(archived_at=timezone.now())
    return "<p>Check yourself</p>"


def archive_a_challenge(course, author, folder):
    Question.objects.filter(kind="challenge").update(archived_at=timezone.now())
    return "<p>Can you <strong>do</strong> it?</p>"


def change_a_challenge(course, author, folder):
    version = QuestionVersion.objects.get(question__kind="challenge")
    version.body["targets"]["val_accuracy"]["at_least"] = 0.95
    version.save()
    return "at least 95 %"


def archive_an_experiment(course, author, folder):
    Preset.objects.filter(slug="two-three-two").update(archived_at=timezone.now())
    return '<figure class="figure experiment">\n  \n  <figcaption>'


def rename_an_experiment(course, author, folder):
    preset = Preset.objects.get(slug="two-three-two")
    preset.texts["en"]["title"] = "Three rings"
    preset.save()
    return "Three rings"


def another_network(course, author, folder):
    preset = Preset.objects.get(slug="two-three-two")
    preset.spec["layers"][0]["units"] = 5
    preset.save()
    return "2-5-2 nodes"


def another_picture(course, author, folder):
    """Renders the same text otherwise, under the same hash."""
    body = LessonBody.objects.get(lesson__slug="neurons", locale="en")
    LessonBody.objects.filter(pk=body.pk).update(parts=[{"html": "<p>Another picture</p>"}, *body.parts])
    return "Another picture"


def another_heading(course, author, folder):
    body = LessonBody.objects.get(lesson__slug="neurons", locale="en")
    body.contents[0]["title"] = "What it is"
    body.save()
    return 'data-contents="what-a-neuron-is">What it is'


def rename_a_concept(course, author, folder):
    ConceptText.objects.filter(concept__slug="neuron", locale="en").update(name="nerve cell")
    return "nerve cell</a></dfn>"


def define_a_concept(course, author, folder):
    ConceptText.objects.filter(concept__slug="neuron", locale="en").update(definition_html="<p>It fires.</p>")
    return "It fires."


def explain_another_concept(course, author, folder):
    concept = Concept.objects.create(id="6f1c32f4-5a5f-4e0c-9be3-7d8d4b1f0b11", course=course, slug="weight")
    concept.sections.add(Section.objects.get(lesson__slug="neurons", slug="training"))
    ConceptText.objects.create(concept=concept, locale="en", name="weight")
    return "weight</a></dfn>"


def rename_the_next_lesson(course, author, folder):
    LessonBody.objects.filter(lesson__slug="learning-rate", locale="en").update(title="Step by step")
    return "Step by step"


def archive_the_next_lesson(course, author, folder):
    Lesson.objects.filter(slug="learning-rate").update(archived_at=timezone.now())
    return "This was the last lesson"


def archive_the_flashcard(course, author, folder):
    Question.objects.filter(kind="flashcard").update(archived_at=timezone.now())
    return "!waits for you"


def archive_the_quiz(course, author, folder):
    Quiz.objects.update(archived_at=timezone.now())
    return "!The quiz of this lesson has 1 question."


def another_language_first(course, author, folder):
    LessonBody.objects.filter(lesson__slug="neurons", locale="en").delete()
    return "神经元"


CHANGES = [
    edit, import_again, mend_a_question, render_a_question_anew, put_a_question_back, archive_a_question,
    archive_a_challenge, change_a_challenge, archive_an_experiment, rename_an_experiment, another_network,
    another_picture, another_heading, rename_a_concept, define_a_concept, explain_another_concept,
    rename_the_next_lesson, archive_the_next_lesson, archive_the_flashcard, archive_the_quiz, another_language_first,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_shows_at_once(client, course, admin_user, folder, change):
    before = read(client)
    assert read(client).count("\n") == before.count("\n")
    signs = change(course, admin_user, folder)
    after = read(client)
    for sign in [signs] if isinstance(signs, str) else signs:
        goes, words = sign.startswith("!"), sign.removeprefix("!")
        assert (words in before, words in after) == (goes, not goes)


def test_what_is_taken_back_shows_as_it_was(client, course):
    questions = Question.objects.filter(slug="what-it-adds")
    assert "What does a neuron add up?" in read(client)
    questions.update(archived_at=timezone.now())
    assert "What does a neuron add up?" not in read(client)
    questions.update(archived_at=None)
    assert "What does a neuron add up?" in read(client)


@pytest.mark.slow
def test_an_import_shows_at_once_in_every_web_process(folder):
    with tempfile.TemporaryDirectory() as temporary, Installation(Path(temporary)) as engram:
        engram.manage("migrate", "--verbosity", "0")
        engram.manage("import_course", str(folder), "--verbosity", "0")
        engram.start_web("--workers", "2")
        file = folder / "01-neurons/lesson.en.md"
        for price in ("$5", "$7", "$9", "$5"):
            file.write_text(re.sub(r"costs \$\d", f"costs {price}", file.read_text()))
            engram.manage("import_course", str(folder), "--verbosity", "0")
            # Each request is another connection, so that both processes get some.
            pages = [urllib.request.urlopen(engram.url + URL).read().decode() for _ in range(20)]
            assert all(f"costs {price}" in page for page in pages)


# --- what belongs to one request -------------------------------------------------------------------------------------


def fields(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


def test_every_load_has_a_nonce_of_its_own_that_its_policy_names(client, course):
    nonces = set()
    for _ in range(3):
        answer = client.get(URL)
        (nonce,) = set(re.findall(r'nonce="([^"]*)"', answer.content.decode()))
        assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


def test_no_cache_on_the_way_may_give_it_to_somebody_else(client, course):
    for _ in range(2):
        answer = client.get(URL)
        assert "Cookie" in answer["Vary"]
        assert "Accept-Language" in answer["Vary"]


def test_a_checkpoint_of_a_page_served_again_can_be_answered_each_time(course, learner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(learner)
    question = Question.objects.get(slug="what-it-adds")
    for times in (1, 2, 3):
        page = read(client)
        (token,), (review,), (version,) = (
            fields(page[page.index('id="checkpoint-') :], name)[:1]
            for name in ("csrfmiddlewaretoken", "review", "version")
        )
        form = {"csrfmiddlewaretoken": token, "review": review, "version": version, "choice": "products"}
        assert client.post(f"/checkpoints/{question.pk}/", form).status_code == 200
        assert Review.objects.filter(user=learner).count() == times


def test_a_question_with_numbers_of_its_own_has_others_on_every_load(client, course, folder, learner):
    file = folder / "01-neurons/questions.yaml"
    questions = yaml.safe_load(file.read_text())
    texts = {"en": {"prompt": "What is {w} times 2?"}, "zh-hans": {"prompt": "{w} 乘以 2 是多少？"}}
    questions["questions"][0] |= {
        "kind": "calculated", "values": {"w": {"low": 1, "high": 9999, "step": 1}}, "answer": "w * 2", "texts": texts,
    }  # fmt: skip
    for name in ("choices", "key"):
        del questions["questions"][0][name]
    file.write_text(yaml.safe_dump(questions, sort_keys=False, allow_unicode=True))
    call_command("import_course", str(folder), verbosity=0)
    client.force_login(learner)
    question = Question.objects.get(slug="what-it-adds")
    numbers = set()
    for times in (1, 2, 3, 4):
        page = read(client)
        (number,) = re.findall(r"What is (\d+) times 2", page)
        ((review,), (seed,)) = fields(page, "review"), fields(page, "seed")
        form = {"version": question.current.number, "review": review, "seed": seed, "value": ""}
        assert f"What is {number} times 2" in client.post(f"/checkpoints/{question.pk}/", form).content.decode()
        client.post(f"/checkpoints/{question.pk}/", {**form, "value": str(2 * int(number))})
        assert [one.score for one in Review.objects.filter(user=learner)] == [1.0] * times
        numbers.add(number)
    assert len(numbers) > 1


def test_two_visitors_get_tokens_of_their_own(course):
    first, second = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    mine, theirs = (fields(read(client), "csrfmiddlewaretoken")[0] for client in (first, second))
    assert first.post(reverse("set_language"), {"language": "en", "csrfmiddlewaretoken": theirs}).status_code == 403
    assert first.post(reverse("set_language"), {"language": "en", "csrfmiddlewaretoken": mine}).status_code == 302


def test_the_address_comes_back_escaped_and_is_only_that_of_this_request(client, course):
    page = read(client, url=f'{URL}?a="><b>&c')
    assert f'name="next" value="{URL}?a=%22%3E%3Cb%3E&amp;c"' in page
    assert f'name="next" value="{URL}"' in read(client)


def test_a_name_is_escaped(client, course, learner):
    client.force_login(learner)
    read(client)
    User.objects.filter(pk=learner.pk).update(name='<b>Lin</b> "&"')
    page = read(client)
    assert "&lt;b&gt;Lin&lt;/b&gt; &quot;&amp;&quot;" in page
    assert "<b>Lin</b>" not in page


def test_a_message_is_shown_once_and_not_kept(course, learner):
    client = Client()
    quiet = read(client)
    client.post("/accounts/login/", {"login": learner.email, "password": "correct horse battery"})
    page, again = read(client), read(client)
    assert page.count("notice--good") == quiet.count("notice--good") + 1
    assert again.count("notice--good") == quiet.count("notice--good")


# --- what belongs to one person --------------------------------------------------------------------------------------


@pytest.fixture
def people(course, lesson, learner, other_learner, teacher_of_it):
    """A visitor, two learners who have done different things, one who has done nothing, a teacher; who knows what."""
    now = timezone.now()
    lin, ola = learner, other_learner
    new = User.objects.create_user("new@example.org", "correct horse battery")
    remember(lin, "card-neuron", days=10, due=now)
    remember(ola, "what-it-adds", days=60, due=now + timedelta(days=9))
    advance(lin, lesson, 0.31, ["what-a-neuron-is", "training"], now=now)
    advance(ola, lesson, 0.62, ["what-a-neuron-is", "training", "going-on"], now=now)
    quiz = lesson.quizzes.get()
    Attempt.objects.create(user=lin, quiz=quiz, started_at=now, submitted_at=now, score=0.5, max_score=2)
    Attempt.objects.create(user=ola, quiz=quiz, started_at=now, max_score=1)
    preset = Preset.objects.get(slug="ninety-percent")
    lins, olas = ended(lin, preset, val_accuracy=0.8), ended(ola, preset, minutes=1)
    for run in (lins, olas):
        challenges.judge(run.pk, now=run.finished_at)
    return {
        (None, "en"): {"Log in", "Sign up to take it", 'max="100" value="0"'},
        (None, "zh-hans"): {"登录", "神经元", 'max="100" value="0"'},
        (lin, "en"): {
            "Lin", lin.email, 'data-position="31"', ">Training</span></a>", "recall this with 90 % today",
            "1 card of this lesson is due", "Your best result: 25 %", f"/sandbox/runs/{lins.pk}/", "Not met yet",
        },
        (ola, "zh-hans"): {"Ola", ola.email, 'data-position="62"', f"/sandbox/runs/{olas.pk}/", "继续"},
        (ola, "en"): {
            "Ola", ola.email, 'data-position="62"', ">Going on</span></a>", f"/sandbox/runs/{olas.pk}/",
            "Go on with the quiz", "A longer step was enough.",
        },
        (new, "en"): {new.email, 'data-position="0"', "Not tried yet", "Take the quiz"},
        (teacher_of_it, "en"): {teacher_of_it.email, "Edit this text", "Not tried yet", 'data-position="0"'},
    }  # fmt: skip


@pytest.fixture
def teacher_of_it(course):
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True)
    course.instructors.add(user)
    return user


def remember(user, slug, *, days, due):
    MemoryState.objects.create(
        user=user, question=Question.objects.get(slug=slug), state=2, stability=10.0, difficulty=5.0, due=due,
        last_review=timezone.now() - timedelta(days=days), reps=3, lapses=0, state_hash="x",
    )  # fmt: skip


ALONE = {"Lin", "Ola", "Not met yet", "A longer step was enough.", "Edit this text", "Not tried yet", "Log in"}
"""Signs that are on the pages of those alone who have them above."""


def test_nobody_sees_what_is_anothers_whatever_the_order(people):
    clients = {user: Client() for user, _ in people}
    for user, client in clients.items():
        if user:
            client.force_login(user)
    emails = {user.email for user in clients if user}
    runs = {sign for signs in people.values() for sign in signs if sign.startswith("/sandbox/runs/")}
    order = list(people) * 6
    random.Random(7).shuffle(order)
    seen = {}
    for user, language in order:
        page, signs = read(clients[user], language), people[user, language]
        assert not [sign for sign in signs if sign not in page]
        others = (emails - {user.email if user else ""}) | (runs - signs)
        assert not [sign for sign in others if sign in page]
        if language == "en":
            assert not [sign for sign in ALONE - signs if sign in page]
        assert seen.setdefault((user, language), without_the_request(page)) == without_the_request(page)
    assert len(set(seen.values())) == len(people)


def without_the_request(page):
    page = re.sub(r'(nonce|data-csrf)="[^"]*"', "", page)
    return re.sub(r'(name="(csrfmiddlewaretoken|review)" value=)"[^"]*"', r"\1", page)


def test_what_a_learner_has_done_since_shows_at_once(client, course, lesson, learner):
    client.force_login(learner)
    assert 'data-position="0"' in read(client)
    advance(learner, lesson, 0.6, ["what-a-neuron-is", "training"], now=timezone.now())
    page = read(client)
    assert 'data-position="60"' in page
    assert "Go on where you stopped:" in page
    remember(learner, "what-it-adds", days=10, due=timezone.now())
    assert "recall this with 90 % today" in read(client)
    run = ended(learner, Preset.objects.get(slug="ninety-percent"))
    challenges.judge(run.pk, now=run.finished_at)
    assert str(run.pk) in read(client)


def test_who_logs_out_is_a_visitor_again(client, course, learner):
    client.force_login(learner)
    assert learner.email in read(client)
    client.logout()
    page = read(client)
    assert learner.email not in page
    assert "data-progress-url" not in page


# --- keeping ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.text(max_size=4), st.integers(0, 40)), max_size=60), st.integers(1, 120))
def test_it_keeps_what_was_made_of_the_key_and_no_more_than_it_may(asked, most):
    kept: Kept[str] = Kept(most)
    made: list[tuple[str, int]] = []
    for key in asked:
        assert kept.get(key, lambda key=key: made.append(key) or key[0] * key[1]) == key[0] * key[1]
    assert kept._characters == sum(characters(pair) for pair in kept._kept.items()) <= most


def test_what_was_asked_for_last_stays():
    kept: Kept[str] = Kept(30)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda: "0123456789")
    made = []
    for key in ("a", "c", "b"):
        kept.get(key, lambda key=key: made.append(key) or key)
    assert made == ["b"]


@given(st.lists(st.sampled_from(["loss", "loss-curve", "token", "curve"])), st.text())
def test_holes_are_filled_each_with_its_own(names, between):
    html = between.join(hole("recall", name) for name in names)
    fill = {hole("recall", name): f"<{name}>" for name in ["loss", "loss-curve", "token", "curve"]}
    assert filled(cut(html, fill), fill) == between.join(f"<{name}>" for name in names)


def test_a_hole_that_nothing_is_meant_for_is_an_error():
    with pytest.raises(KeyError):
        filled(cut(f"a{hole('name')}b", [hole("name")]), {})


def test_a_template_cannot_reach_for_more_than_is_kept():
    context = Context({"user": StandIn(name="x")})
    assert Template("{{ user.name }}").render(context) == "x"
    with pytest.raises(UnkeptError, match="email"):
        Template("{{ user.email }}").render(context)


@pytest.mark.django_db
def test_a_prepared_query_answers_as_the_orm_does(course):
    def write(lesson, locales):
        bodies = LessonBody.objects.filter(Q(lesson=lesson) | Q(locale__in=locales)).order_by("lesson", "locale")
        return bodies.values_list("lesson_id", "locale", "contents")

    prepared = Prepared(write, lesson=UUIDField(), locales=CharField())
    locales = ["zh-hans", "de", "fr", "en", "zh-hans"]
    for lesson, length in itertools.product(course.lessons.all(), range(6)):
        asked = {"lesson": lesson.pk, "locales": locales[:length]}
        assert prepared(**asked) == list(write(**asked))


@pytest.mark.django_db
def test_a_prepared_query_that_can_find_nothing_finds_nothing(course, django_assert_num_queries):
    prepared = Prepared(lambda slugs: Lesson.objects.filter(slug__in=slugs).values_list("slug"), slugs=CharField())
    with django_assert_num_queries(0):
        assert prepared(slugs=[]) == []
    assert prepared(slugs=["neurons", "nobody", "neurons"]) == [("neurons",)]

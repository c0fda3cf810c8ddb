import uuid
from itertools import cycle, islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from quizzes.models import Attempt, Question, Response, Slot
from quizzes.statistics import gathering
from tests.quizzes.classes import SAMPLES, class_of, course_of
from tests.quizzes.factories import NOW, the_quiz


@pytest.fixture
def quiz(db):
    return the_quiz(course_of(list(SAMPLES)))


@pytest.fixture
def teacher(quiz) -> User:
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True)
    quiz.lesson.course.instructors.add(user)
    return user


@pytest.fixture
def page(client, teacher, quiz):
    client.force_login(teacher)

    def get(query: str = "", **headers):
        response = client.get(reverse("quizzes:statistics", args=[quiz.id]) + query, headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return get


@pytest.fixture
def statistics(api, teacher, quiz):
    api.force_authenticate(teacher)
    return lambda query="": api.get(f"/api/v1/quizzes/{quiz.id}/statistics/{query}")


# --- who may read it


def test_only_instructors_of_the_course_may_read_it(client, api, quiz, learner) -> None:
    class_of(quiz, 3)
    colleague = User.objects.create_user("colleague@example.org", "correct horse battery", is_staff=True)
    for stranger in (learner, colleague):
        client.force_login(stranger)
        api.force_authenticate(stranger)
        assert client.get(reverse("quizzes:statistics", args=[quiz.id])).status_code == 404
        assert api.get(f"/api/v1/quizzes/{quiz.id}/statistics/").status_code == 404


def test_a_visitor_is_asked_to_log_in(client, quiz) -> None:
    response = client.get(reverse("quizzes:statistics", args=[quiz.id]))
    assert response.status_code == 302
    assert reverse("account_login") in response.url
    assert client.get(f"/api/v1/quizzes/{quiz.id}/statistics/").status_code == 401


def test_an_unknown_quiz_is_404(client, teacher, statistics, api) -> None:
    client.force_login(teacher)
    assert client.get(reverse("quizzes:statistics", args=[uuid.uuid4()])).status_code == 404
    assert api.get(f"/api/v1/quizzes/{uuid.uuid4()}/statistics/").status_code == 404


def test_it_is_read_and_never_written(client, api, teacher, quiz) -> None:
    client.force_login(teacher)
    api.force_authenticate(teacher)
    assert client.post(reverse("quizzes:statistics", args=[quiz.id])).status_code == 405
    assert api.post(f"/api/v1/quizzes/{quiz.id}/statistics/").status_code == 405


def test_the_quiz_leads_its_instructors_there_and_nobody_else(client, quiz, teacher, learner) -> None:
    for user, seen in ((teacher, True), (learner, False)):
        client.force_login(user)
        html = client.get(reverse("quizzes:quiz", args=[quiz.id])).content.decode()
        assert (reverse("quizzes:statistics", args=[quiz.id]) in html) is seen


# --- what counts


def test_previews_and_open_attempts_are_left_out(statistics, quiz) -> None:
    attempts = class_of(quiz, 12)
    Attempt.objects.filter(pk=attempts[0].pk).update(counts=False)
    Attempt.objects.filter(pk=attempts[1].pk).update(submitted_at=None)
    body = statistics().json()
    assert (body["submitted"], body["learners"], body["whole"]["attempts"]) == (10, 10, 10)
    assert {question["attempts"] for question in body["questions"]} == {10}


def test_first_attempts_count_unless_all_are_asked_for(statistics, quiz) -> None:
    class_of(quiz, 12, retakes=5)
    first, every = statistics().json(), statistics("?attempts=all").json()
    assert (first["which"], first["submitted"], first["learners"], first["whole"]["attempts"]) == ("first", 17, 12, 12)
    assert (every["which"], every["submitted"], every["learners"], every["whole"]["attempts"]) == ("all", 17, 12, 17)
    assert every["whole"]["mean"]["value"] > first["whole"]["mean"]["value"]


def test_a_wrong_query_is_a_problem_that_names_it(statistics) -> None:
    response = statistics("?attempts=best")
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    assert response.json()["errors"][0]["pointer"] == "/attempts"


def test_what_was_asked_and_not_answered_counts_nought(statistics, quiz) -> None:
    class_of(quiz, 10)
    Response.objects.filter(slot__position=1).delete()
    first = statistics().json()["questions"][0]
    assert (first["attempts"], first["facility"]) == (10, {"value": 0, "reason": None})
    assert first["parts"][0]["unanswered"] == 10
    assert {answer["count"] for answer in first["parts"][0]["answers"]} == {0}


def test_the_mark_counts_not_what_grading_gave(statistics, quiz) -> None:
    """A penalty, a certainty or a regrading may have changed it since."""
    class_of(quiz, 10)
    Response.objects.filter(slot__position=1).update(mark=0.25)
    answered = Response.objects.filter(slot__position=1).count()
    assert statistics().json()["questions"][0]["facility"]["value"] == pytest.approx(0.25 * answered / 10)


def test_the_weight_of_a_slot_is_its_mark(statistics, quiz) -> None:
    Slot.objects.filter(position=1).update(mark=5)
    class_of(quiz, 10)
    weights = [question["intended_weight"]["value"] for question in statistics().json()["questions"]]
    assert weights == pytest.approx([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])


def test_a_changed_mark_leaves_the_shares_of_earlier_attempts(statistics, quiz) -> None:
    class_of(quiz, 10)
    before = statistics().json()["questions"][0]
    Slot.objects.filter(position=1).update(mark=3)
    after = statistics().json()["questions"][0]
    assert after["facility"] == before["facility"]
    assert after["intended_weight"]["value"] == pytest.approx(3 / 8)


def test_a_random_draw_is_told_by_the_questions_it_drew(statistics, quiz) -> None:
    class_of(quiz, 12)
    slot = Slot.objects.get(quiz=quiz, position=1)
    second = Slot.objects.get(quiz=quiz, position=2)
    other = second.question.current
    Slot.objects.filter(pk=slot.pk).update(question=None, draw={"kind": "single_choice"})
    second.archived_at = NOW
    second.save()
    for attempt in Attempt.objects.order_by("started_at")[:4]:
        attempt.responses.filter(slot__in=[slot, second]).delete()
        layout = [place for place in attempt.layout if place["slot"] != str(second.id)]
        attempt.layout = [
            {**place, "version": other.pk} if place["slot"] == str(slot.id) else place for place in layout
        ]
        attempt.save()
    questions = {one["question"]: one for one in statistics().json()["questions"]}
    drawn = questions[str(other.question_id)]
    assert drawn["drawn"]
    assert drawn["attempts"] == 12
    assert drawn["positions"] == [1, 2]
    assert drawn["effective_weight"] == {"value": None, "reason": "drawn"}
    choice = next(one for one in questions.values() if one["kind"] == "single_choice")
    assert (choice["drawn"], choice["attempts"], choice["positions"]) == (True, 8, [1])


def test_a_question_that_nobody_was_asked_yet_is_listed(page, statistics, quiz) -> None:
    slot = Slot.objects.get(quiz=quiz, position=1)
    class_of(quiz, 3)
    for attempt in Attempt.objects.all():
        attempt.layout = [place for place in attempt.layout if place["slot"] != str(slot.id)]
        attempt.save()
    Response.objects.filter(slot=slot).delete()
    first = statistics().json()["questions"][0]
    assert (first["attempts"], first["facility"]) == (0, {"value": None, "reason": "too_few_attempts"})
    assert "Nobody has been asked this yet." in page()


def test_what_the_quiz_no_longer_asks_comes_last_and_says_so(page, statistics, quiz) -> None:
    class_of(quiz, 3)
    Slot.objects.filter(position=1).update(archived_at=NOW)
    last = statistics().json()["questions"][-1]
    assert (last["kind"], last["asked_now"]) == ("single_choice", False)
    assert "No longer asked" in page()


# --- what is flagged


def test_the_question_that_the_stronger_learners_miss_is_flagged(page, statistics, quiz) -> None:
    class_of(quiz, 40, backwards=2)
    questions = statistics().json()["questions"]
    assert [one["flags"] for one in questions] == [[], [], ["negative_discrimination"], [], [], []]
    question = Question.objects.get(slots__position=3, slots__quiz=quiz)
    assert gathering.flagged_questions(quiz) == {question.id: ("negative_discrimination",)}
    html = page()
    first = html.split("The quiz as a whole")[0]
    assert "Question 3: A larger learning rate is always better." in first
    assert "got this one wrong more often" in first
    assert reverse("quizzes:regrade", args=[question.id]) in first
    assert f"#question-{question.id}" in first


def test_a_sound_quiz_says_so(page, quiz) -> None:
    class_of(quiz, 120)
    assert gathering.flagged_questions(quiz) == {}
    assert "No question works against the rest of the quiz" in page()


def test_a_small_class_is_told_what_is_missing(page, quiz) -> None:
    class_of(quiz, 4)
    html = page()
    assert "It takes 10 attempts to say whether a question is sound." in html
    assert "There are too few attempts for this number; it takes 10." in html
    assert "There are too few attempts to say who gets it right." in html
    assert gathering.flagged_questions(quiz) == {}


# --- what the page says


def test_nobody_yet_says_what_will_stand_here(page) -> None:
    html = page()
    assert "Nobody has submitted this quiz yet" in html
    assert "Back to the quiz" in html
    assert "<table" not in html


def test_every_answer_stands_with_its_worth_its_count_and_its_share(page, quiz) -> None:
    class_of(quiz, 10)
    Response.objects.filter(slot__position=3, answer={"answer": True}).delete()
    Response.objects.filter(slot__position=3).delete()
    html = page()
    assert "10 times, 100\N{NO-BREAK SPACE}%" in html  # nobody answered the third one
    assert "the <code>weights</code>" in html
    assert "−50\N{NO-BREAK SPACE}%" in html  # a wrong tick takes half the mark
    assert "Several answers may be ticked" in html
    assert "1 wrong answer was given by nobody" in html
    section = Question.objects.get(slots__position=1, slots__quiz=quiz).section
    assert section is not None
    assert section.get_absolute_url() in html


def test_typed_answers_are_text_and_never_markup(page, quiz) -> None:
    class_of(quiz, 10)
    Response.objects.filter(slot__position=4).update(answer={"value": "<script>alert(1)</script>"})
    html = page()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_many_typed_answers_are_one_line(page, quiz) -> None:
    class_of(quiz, 30)
    for number, response in enumerate(Response.objects.filter(slot__position=4)):
        response.answer = {"value": str(100 + number)}
        response.save()
    typed = Response.objects.filter(slot__position=4).count()
    assert f"{typed - 12} other answers" in page()


def test_it_speaks_the_language_of_the_reader(page, quiz) -> None:
    class_of(quiz, 3)
    assert "第一步" in page(accept_language="zh-hans")


# --- how much it costs


def test_the_queries_do_not_grow_with_the_class(client, teacher, api) -> None:
    counts = []
    for slug, learners in (("few", 2), ("many", 60)):
        quiz = the_quiz(course_of(list(islice(cycle(SAMPLES), 12)), slug))
        quiz.lesson.course.instructors.add(teacher)
        class_of(quiz, learners, seed=learners)
        client.force_login(teacher)
        api.force_authenticate(teacher)
        with CaptureQueriesContext(
            connection,
        ) as of_page:
            assert client.get(reverse("quizzes:statistics", args=[quiz.id])).status_code == 200
        with CaptureQueriesContext(connection) as of_api:
            assert api.get(f"/api/v1/quizzes/{quiz.id}/statistics/").status_code == 200
        counts.append((len(of_page), len(of_api)))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12

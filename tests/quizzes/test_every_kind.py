"""What holds for every kind of question that is marked, from the pure module to each door."""

import copy
import json
import uuid

import pytest
from django.urls import reverse
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from courses.rendering import render_fragment
from quizzes import attempts, grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.models import Question, Response, Review
from tests.quizzes.factories import NOW, import_yaml, make_course, the_quiz
from tests.quizzes.kind_samples import (
    FORMS,
    RIGHT,
    SAMPLES,
    SECRETS,
    WRONG,
    in_two_languages,
    json_values,
    near_misses,
    one_field,
)

EACH = pytest.mark.parametrize("kind", SAMPLES)


def parsed(kind):
    return kinds.parse(SAMPLES[kind])


def shown(kind):
    body = parsed(kind)
    return body.public(body.render(render_fragment)["en"])


# --- the pure modules ------------------------------------------------------------------------------------------------


@EACH
def test_it_gives_back_what_was_written(kind) -> None:
    assert parsed(kind).model_dump(mode="json", exclude_unset=True) == SAMPLES[kind]


@EACH
@given(response=json_values | near_misses | one_field)
def test_any_json_gets_a_mark_from_0_to_1_or_a_refusal_with_a_reason(kind, response) -> None:
    result = grading.grade(parsed(kind), response)
    if isinstance(result, Refused):
        assert result.code
        assert result.detail
    else:
        assert 0 <= result.score <= 1
        assert (result.score == 1) == all(result.parts.values())


@EACH
def test_the_key_scores_1_and_what_is_wholly_wrong_0(kind) -> None:
    right, wrong = (grading.grade(parsed(kind), responses[kind]) for responses in (RIGHT, WRONG))
    assert isinstance(right, Graded)
    assert isinstance(wrong, Graded)
    assert (right.score, wrong.score) == (1, 0)


@EACH
def test_the_revealed_key_is_the_right_response(kind) -> None:
    key = parsed(kind).revealed().model_dump(exclude={"kind", "tolerance"})
    response = {name: str(value) if name == "value" else value for name, value in key.items()}
    graded = grading.grade(parsed(kind), response)
    assert isinstance(graded, Graded)
    assert graded.score == 1


@EACH
def test_the_public_view_hides_key_and_feedback(kind) -> None:
    text = json.dumps(shown(kind).model_dump())
    assert "key" not in text
    assert [secret for secret in SECRETS[kind] if secret in text] == []


@EACH
def test_what_is_shown_revealed_and_answered_is_in_the_unions_of_the_api(kind) -> None:
    assert TypeAdapter(kinds.AnyPublic).validate_python(shown(kind).model_dump()) == shown(kind)
    key = parsed(kind).revealed()
    assert TypeAdapter(kinds.AnyKey).validate_python(key.model_dump()) == key
    assert TypeAdapter(kinds.AnyResponse).validate_python(RIGHT[kind]).model_dump() == RIGHT[kind]


@EACH
def test_the_form_gives_the_right_response_and_an_empty_one_is_refused(kind) -> None:
    body = parsed(kind)
    graded = grading.grade(body, body.response_from_form(FORMS[kind]))
    assert isinstance(graded, Graded)
    assert graded.score == 1
    assert isinstance(grading.grade(body, body.response_from_form({})), Refused)


@EACH
def test_an_unknown_key_and_a_missing_one_are_refused(kind) -> None:
    for spoilt in ({**SAMPLES[kind], "surprise": 1}, {k: v for k, v in SAMPLES[kind].items() if k != "key"}):
        with pytest.raises(ValidationError):
            kinds.parse(copy.deepcopy(spoilt))


# --- pages, API, admin -----------------------------------------------------------------------------------------------


def head(kind: str) -> dict[str, object]:
    return {"id": kind.replace("_", "-"), "section": "forward", "concepts": ["forward-pass"]}


QUESTIONS = json.dumps(
    {
        "quiz": {
            "id": "kinds",
            "texts": {"en": {"title": "Kinds"}, "zh-hans": {"title": "题型"}},
            "questions": [kind.replace("_", "-") for kind in SAMPLES],
        },
        "questions": [{**head(kind), **in_two_languages(body)} for kind, body in SAMPLES.items()],
    }
)


@pytest.fixture
def course(db):
    return make_course(questions=QUESTIONS)


@pytest.fixture
def attempt(client, learner, course):
    client.force_login(learner)
    return attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)[0]


def page(attempt, kind):
    return reverse("quizzes:attempt_question", args=[attempt.id, list(SAMPLES).index(kind) + 1])


@EACH
def test_the_quiz_asks_checks_and_explains_it(client, attempt, kind) -> None:
    before = client.get(page(attempt, kind)).content.decode()
    assert [secret for secret in SECRETS[kind] if secret in before] == []
    after = client.post(page(attempt, kind), FORMS[kind], follow=True).content.decode()
    assert '<h2 id="verdict" class="outcome__verdict">' in after
    assert "</span> Right" in after
    assert SAMPLES[kind]["texts"]["en"]["feedback"] in after
    assert Response.objects.get().score == 1


@EACH
def test_an_empty_form_is_no_answer_and_nothing_is_kept(client, attempt, kind) -> None:
    response = client.post(page(attempt, kind), {})
    assert response.status_code == 422
    assert "Give an answer first" in response.content.decode()
    assert not Response.objects.exists()


def test_the_result_shows_answered_and_unanswered_questions_of_every_kind(client, attempt) -> None:
    for kind, response in WRONG.items():
        if kind != "true_false":
            client.post(page(attempt, kind), {**FORMS[kind], **as_form(kind, response)})
    attempts.submit(attempt, now=NOW)
    html = client.get(reverse("quizzes:attempt_review", args=[attempt.id])).content.decode()
    assert html.count("Not right yet") == 3
    assert "You gave no answer." in html
    assert "Right order" in html
    assert html.count("Right answer") >= 2


def as_form(kind, response):
    match kind:
        case "multiple_choice":
            return {"choice-weights": "", "choice-biases": "", "choice-rate": "1"}
        case "ordering":
            return {f"place-{item}": str(place) for place, item in enumerate(response["order"], 1)}
    return response


@EACH
def test_the_review_asks_and_explains_it(client, learner, course, kind) -> None:
    client.force_login(learner)
    question = course.questions.get(kind=kind)
    html = client.get(f"{reverse('quizzes:review')}?card={question.pk}").content.decode()
    assert [secret for secret in SECRETS[kind] if secret in html] == []
    form = {"question": question.pk, "version": 1, "review": uuid.uuid4(), "since": 0, **FORMS[kind]}
    after = client.post(reverse("quizzes:review_answer"), form, follow=True).content.decode()
    assert "</span> Right" in after
    assert Review.objects.get().score == 1


@EACH
def test_a_checkpoint_asks_and_explains_it(client, learner, course, kind) -> None:
    client.force_login(learner)
    address = reverse("quizzes:checkpoint", args=[course.questions.get(kind=kind).pk])
    before = client.get(address).content.decode()
    assert [secret for secret in SECRETS[kind] if secret in before] == []
    assert [name for name in FORMS[kind] if f'name="{name}"' not in before] == []
    form = {"version": 1, "review": uuid.uuid4()}
    assert client.post(address, form).status_code == 422
    after = client.post(address, {**form, **FORMS[kind]}).content.decode()
    assert "</span> Right" in after
    assert Review.objects.get().source == "checkpoint"


def test_a_place_chosen_twice_is_refused_with_a_sentence_and_what_was_chosen_stays(client, attempt) -> None:
    form = {"place-forward": "1", "place-gradient": "2", "place-update": "2"}
    response = client.post(page(attempt, "ordering"), form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Give every item a place of its own: no place twice, none left open." in html
    assert html.count("selected") == 3
    assert html.count('aria-invalid="true"') == 2


def test_a_number_that_could_mean_two_things_is_refused_with_a_sentence_and_stays_to_be_mended(client, attempt) -> None:
    html = client.post(page(attempt, "numeric"), {"value": "3,200"}).content.decode()
    assert "A comma before three digits can mean two things" in html
    assert 'value="3,200"' in html
    assert not Response.objects.exists()


def test_a_half_right_order_says_which_neighbours_are_right(client, attempt) -> None:
    form = as_form("ordering", {"order": ["update", "forward", "gradient"]})
    html = client.post(page(attempt, "ordering"), form, follow=True).content.decode()
    assert "1 of 2 neighbours is right" in html
    assert html.count("what follows is right") == html.count("something else follows") == 1
    assert "Right order" in html


def test_each_choice_of_several_says_what_became_of_it(client, attempt) -> None:
    form = {"choice-weights": "1", "choice-rate": "1"}
    html = client.post(page(attempt, "multiple_choice"), form, follow=True).content.decode()
    for words in ("Ticked, right", "Ticked, not right", "Right, not ticked", "Not right yet"):
        assert words in html
    assert html.index("Ticked, not right") < html.index("set before.") < html.index("Right, not ticked")


def test_the_api_takes_and_explains_every_kind(api, course) -> None:
    quiz = the_quiz(course)
    body = api.get(f"/api/v1/quizzes/{quiz.pk}/").json()
    slots = {slot["body"]["kind"]: slot["id"] for slot in body["slots"]}
    assert list(slots) == list(SAMPLES)
    given = [{"slot": slots[kind], "response": WRONG[kind]} for kind in SAMPLES]
    put = api.put(f"/api/v1/attempts/{uuid.uuid4()}/", {"quiz": str(quiz.pk), "responses": given})
    outcomes = {kind: result["outcome"] for kind, result in zip(SAMPLES, put.json()["results"], strict=True)}
    assert {kind: outcome["key"]["kind"] for kind, outcome in outcomes.items()} == {kind: kind for kind in SAMPLES}
    assert outcomes["multiple_choice"]["beside"]["rate"] == "<p>It steers the training, but is set before.</p>"
    assert outcomes["numeric"]["feedback"][0] == "<p>You added instead of subtracting.</p>"


def test_instructors_read_every_kind_in_the_admin(client, admin_user, course) -> None:
    client.force_login(admin_user)
    for question in Question.objects.filter(kind__in=SAMPLES):
        html = client.get(reverse("admin:quizzes_question_change", args=[question.pk])).content.decode()
        assert f"&quot;kind&quot;: &quot;{question.kind}&quot;" in html


def test_importing_every_kind_again_changes_nothing(course) -> None:
    done = import_yaml(course, QUESTIONS)
    assert (done.created, done.new_versions, done.archived) == (0, 0, 0)

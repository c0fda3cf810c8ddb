"""What holds for every kind of question that is marked, from the pure module to each door."""

import copy
import json
import re
import uuid
from functools import cache
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from courses.rendering import render_fragment
from quizzes import attempts, grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.models import Question, Response, Review
from tests.quizzes.factories import NOW, import_yaml, make_course, the_quiz
from tests.quizzes.kind_samples import EVERY, FORMS, RIGHT, SAMPLES, SECRETS, WRONG, in_sitting, in_two_languages
from tests.quizzes.strategies import json_values, near_misses

EACH = pytest.mark.parametrize("kind", SAMPLES)
EACH_AND_UNMARKED = pytest.mark.parametrize("kind", EVERY)
NEAR = {kind: near_misses(SAMPLES[kind], RIGHT[kind]) for kind in SAMPLES}
# As many as find a slip in one kind; there are a dozen kinds.
FEW = settings(max_examples=30)
HINTS = ["Look at the *slope*.", "It points uphill."]


@cache
def parsed(kind):
    return kinds.parse(EVERY[kind])


def shown(body):
    return body.public(body.render(render_fragment)["en"])


def with_hints(sample, hints=tuple(HINTS)):
    texts = {locale: {**written, "hints": list(hints)} for locale, written in sample["texts"].items()}
    return {**sample, "texts": texts}


# --- the pure modules ------------------------------------------------------------------------------------------------


def test_every_kind_has_a_sample() -> None:
    assert {*EVERY} == {*kinds.KINDS}
    assert {*SAMPLES} == {name for name, kind in kinds.KINDS.items() if kind.Response}


@EACH_AND_UNMARKED
def test_it_gives_back_what_was_written(kind) -> None:
    assert parsed(kind).model_dump(mode="json", exclude_unset=True) == EVERY[kind]


@EACH
@given(data=st.data())
def test_any_json_gets_a_mark_from_0_to_1_or_a_refusal_with_a_reason(kind, data) -> None:
    result = grading.grade(parsed(kind), data.draw(json_values | NEAR[kind]))
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
@FEW
@given(data=st.data(), seed=st.integers(-(2**63), 2**63))
def test_how_a_sitting_asks_it_changes_no_mark(kind, data, seed) -> None:
    response = data.draw(st.sampled_from([RIGHT[kind], WRONG[kind]]) | NEAR[kind])
    # Where values are drawn, the response says with which seed: another one's is no answer to this sitting.
    seed = RIGHT[kind].get("seed", seed)
    response = {**response, "seed": seed} if "seed" in RIGHT[kind] else response
    body = parsed(kind)
    for shuffle in (False, True):
        asked = body.asked(seed, shuffle=shuffle)
        assert asked == body.asked(seed, shuffle=shuffle)
        assert grading.grade(asked, response) == grading.grade(body, response)


@EACH
def test_the_public_view_hides_key_and_feedback(kind) -> None:
    text = json.dumps(shown(parsed(kind)).model_dump())
    assert '"key"' not in text
    assert [secret for secret in SECRETS[kind] if secret in text] == []


@EACH
def test_what_is_shown_revealed_and_answered_is_in_the_unions_of_the_api(kind) -> None:
    public, key = shown(parsed(kind)), parsed(kind).revealed()
    assert TypeAdapter(kinds.AnyPublic).validate_python(public.model_dump()) == public
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
def test_a_form_gives_again_what_was_given(kind) -> None:
    body = parsed(kind)
    for response in (RIGHT[kind], WRONG[kind]):
        again = body.response_from_form(body.form_of(response))
        assert grading.grade(body, again) == grading.grade(body, response)


@EACH
@FEW
@given(data=st.data())
def test_a_form_of_what_never_was_a_response_has_fields_of_text(kind, data) -> None:
    form = parsed(kind).form_of(data.draw(json_values | NEAR[kind]))
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in form.items())


@EACH_AND_UNMARKED
def test_an_unknown_key_and_a_missing_one_are_refused(kind) -> None:
    needed = [name for name, field in kinds.KINDS[kind].model_fields.items() if field.is_required() and name != "kind"]
    lacking = [{name: value for name, value in EVERY[kind].items() if name != left_out} for left_out in needed]
    for spoilt in ({**EVERY[kind], "surprise": 1}, *lacking):
        with pytest.raises(ValidationError):
            kinds.parse(copy.deepcopy(spoilt))


@EACH_AND_UNMARKED
def test_hints_are_shown_in_their_order_and_are_texts_like_any_other(kind) -> None:
    body = kinds.parse(with_hints(EVERY[kind]))
    assert [body.markdown("en")[path] for path in ("hints.0", "hints.1")] == HINTS
    assert shown(body).hints[-2:] == ["<p>Look at the <em>slope</em>.</p>", "<p>It points uphill.</p>"]


@EACH_AND_UNMARKED
def test_a_question_without_hints_is_the_same_whether_it_says_so_or_not(kind) -> None:
    body = parsed(kind)
    assert kinds.content_hash(kinds.parse(with_hints(EVERY[kind], hints=[]))) == kinds.content_hash(body)
    assert kinds.content_hash(kinds.parse(with_hints(EVERY[kind]))) != kinds.content_hash(body)


@EACH_AND_UNMARKED
def test_more_than_five_hints_and_an_empty_one_are_refused(kind) -> None:
    for hints in (["One more."] * 6, [" "]):
        with pytest.raises(ValidationError, match="hints"):
            kinds.parse(with_hints(EVERY[kind], hints))


# --- pages, API, admin -----------------------------------------------------------------------------------------------


def head(kind: str) -> dict[str, object]:
    return {"id": kind.replace("_", "-"), "section": "forward", "concepts": ["forward-pass"]}


def questions_of(*bodies: dict[str, Any]) -> str:
    """A `questions.yaml` that asks them in a quiz."""
    quiz = {"id": "kinds", "texts": {"en": {"title": "Kinds"}, "zh-hans": {"title": "题型"}}}
    questions = [{**head(body["kind"]), **in_two_languages(body)} for body in bodies]
    return json.dumps({"quiz": {**quiz, "questions": [entry["id"] for entry in questions]}, "questions": questions})


QUESTIONS = questions_of(*SAMPLES.values())


@pytest.fixture
def course(db):
    return make_course(questions=QUESTIONS)


@pytest.fixture
def attempt(client, learner, course):
    client.force_login(learner)
    return attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)[0]


def page(attempt, kind):
    return reverse("quizzes:attempt_question", args=[attempt.id, list(SAMPLES).index(kind) + 1])


def right_form(kind, html):
    """The fields that answer the question on this page, with its numbers if any were drawn."""
    seed = re.search(r'name="seed" value="(\d+)"', html)
    return in_sitting(kind, int(seed[1]) if seed else None)[2]


def wrong_responses(places):
    """What answers the places of an attempt, as the API shows them, wholly wrong."""
    bodies = {place["slot"]: place["body"] for place in places}
    return [{"slot": slot, "response": in_sitting(body["kind"], body.get("seed"))[1]} for slot, body in bodies.items()]


@EACH
def test_the_quiz_asks_checks_and_explains_it(client, attempt, kind) -> None:
    before = client.get(page(attempt, kind)).content.decode()
    assert [secret for secret in SECRETS[kind] if secret in before] == []
    after = client.post(page(attempt, kind), right_form(kind, before), follow=True).content.decode()
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


def test_the_result_shows_answered_and_unanswered_questions_of_every_kind(client, api, attempt) -> None:
    given = wrong_responses(api.get(f"/api/v1/attempts/{attempt.id}/").json()["places"])[1:]
    api.put(f"/api/v1/attempts/{attempt.id}/", {"quiz": str(attempt.quiz_id), "responses": given})
    client.post(reverse("quizzes:attempt_submit", args=[attempt.id]))
    html = client.get(reverse("quizzes:attempt_review", args=[attempt.id])).content.decode()
    assert html.count("Not right yet") == len(given)
    assert html.count("You gave no answer.") == 1
    assert html.index("You gave no answer.") < html.index("Question 2<")


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


@EACH
def test_hints_are_asked_for_one_inside_the_other_and_only_before_the_answer(client, learner, db, kind) -> None:
    client.force_login(learner)
    course = make_course(questions=questions_of(with_hints(SAMPLES[kind])))
    question = course.questions.get(kind=kind)
    started = attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)[0]
    quiz_page = reverse("quizzes:attempt_question", args=[started.id, 1])
    doors = (
        quiz_page,
        f"{reverse('quizzes:review')}?card={question.pk}",
        reverse("quizzes:checkpoint", args=[question.pk]),
    )
    for address in doors:
        html = client.get(address).content.decode()
        first, _, rest = html.partition("Hint 1 of 2</summary>")
        assert first.count('<details class="disclosure hint">') == 1
        assert rest.index("<em>slope</em>") < rest.index("Hint 2 of 2</summary>") < rest.index("It points uphill.")
        assert rest.index("It points uphill.") < rest.index("</details></details>")
    form = right_form(kind, client.get(quiz_page).content.decode())
    assert "slope" not in client.post(quiz_page, form, follow=True).content.decode()


def test_the_api_takes_and_explains_every_kind(api, attempt) -> None:
    address = f"/api/v1/attempts/{attempt.id}/"
    places = api.get(address).json()["places"]
    assert [place["body"]["kind"] for place in places] == list(SAMPLES)
    put = api.put(address, {"quiz": str(attempt.quiz_id), "responses": wrong_responses(places)})
    outcomes = {kind: result["outcome"] for kind, result in zip(SAMPLES, put.json()["results"], strict=True)}
    assert {kind: outcome["score"] for kind, outcome in outcomes.items()} == dict.fromkeys(SAMPLES, 0)
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

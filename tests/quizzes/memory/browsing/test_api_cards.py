import uuid
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, Section
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.models import CardMark, Question, QuestionVersion
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import open_lesson, rate, remember

URL = "/api/v1/cards/"
CARD = "5f0c1c1e-6a39-4a0e-9a53-4a0f6f0d1b11"


def put(api: APIClient, id_: object = CARD, **more: object) -> Any:
    body = {"front": "my **front**", "back": "my back", "course": "small", **more}
    return api.put(f"{URL}{id_}/", body, format="json")


def listed(api: APIClient, query: str = "") -> Any:
    answer = api.get(f"{URL}{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_put_makes_a_card_and_the_same_again_changes_nothing(api: APIClient, course: Course) -> None:
    section = Section.objects.get(slug="forward")
    answers = [put(api, section=str(section.pk)) for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(201, "created"), (200, "same")]
    card = answers[1].json()
    assert (card["front"], card["own"], card["put_away"], card["version"]) == ("my **front**", True, False, 1)
    assert card["body"]["front"] == "<p>my <strong>front</strong></p>"
    assert card["explained_in"]["url"] == "/courses/small/nets/#forward"
    assert put(api, back="new").json()["version"] == 2
    assert QuestionVersion.objects.filter(question=CARD).count() == 2


def test_delete_puts_away_and_put_brings_back(api: APIClient, learner: User, course: Course) -> None:
    put(api)
    rate(learner, Question.every.get(pk=CARD), at=timezone.now())
    assert [api.delete(f"{URL}{CARD}/").status_code for _ in range(2)] == [204, 204]
    card = api.get(f"{URL}{CARD}/").json()
    assert (card["put_away"], card["memory"]["reps"]) == (True, 1)
    (past,) = card["history"]
    assert (past["rating"], past["undone"], past["due"]) == (3, False, card["memory"]["due"])
    assert listed(api)["results"] == []
    assert len(listed(api, "?only=put_away")["results"]) == 1
    assert put(api).json()["put_away"] is False


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"front": ""}, "/front"),
        ({"back": "x" * 10_001}, "/back"),
        ({"course": "none"}, "/course"),
        ({"section": str(uuid.uuid4())}, "/section"),
        ({"section": 5}, "/section"),
        ({"owner": "me"}, "/owner"),
    ],
)
def test_a_wrong_body_names_the_field(api: APIClient, course: Course, more: dict[str, Any], pointer: str) -> None:
    answer = put(api, **more)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Question.every.exclude(owner=None).exists()


def test_an_id_made_of_a_name_is_refused_for_content_may_have_it_one_day(api: APIClient, course: Course) -> None:
    answer = put(api, uuid.uuid5(uuid.NAMESPACE_DNS, "to come"))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_random")


def test_what_is_somebody_elses_is_not_there(api: APIClient, other_learner: User, course: Course) -> None:
    own_cards.keep(other_learner, course, [OwnCard(uuid.UUID(CARD), "theirs", "theirs")], now=NOW)
    of_course = course.questions.get(slug="card-epoch").pk
    for id_ in [CARD, str(uuid.uuid4())]:
        assert api.get(f"{URL}{id_}/").status_code == 404
        assert api.delete(f"{URL}{id_}/").status_code == 404
    assert put(api).status_code == 404
    assert api.delete(f"{URL}{of_course}/").status_code == 404
    assert listed(api)["results"] == []


def test_more_cards_than_are_kept_is_a_conflict(api: APIClient, course: Course, settings) -> None:
    settings.OWN_CARDS_PER_LEARNER = 1
    put(api)
    answer = put(api, uuid.uuid4())
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:engram:problem:too_many_cards")


def test_the_list_has_pages_that_follow_each_other(api: APIClient, learner: User, course: Course) -> None:
    many = [OwnCard(uuid.uuid4(), f"front {number}", "back") for number in range(7)]
    own_cards.keep(learner, course, many, now=NOW)
    for query in ["?limit=3", "?limit=3&q=front&only=own"]:
        seen, url = [], f"{URL}{query}"
        while url:
            page = api.get(url).json()
            seen += [one["question"] for one in page["results"]]
            url = page["next"]
        assert seen == sorted(str(card.id) for card in many)
    assert listed(api, "?limit=7")["next"] is None


def test_a_listed_card_has_memory_and_marks_and_no_key(api: APIClient, learner: User, course: Course) -> None:
    open_lesson(learner, course)
    output = course.questions.get(slug="output")
    remember(learner, output, timezone.now())
    CardMark.objects.create(user=learner, question=output, note="n", updated_at=NOW)
    (card,) = listed(api, "?kind=cloze")["results"]
    assert card["marks"] == {"buried_until": None, "suspended": False, "note": "n"}
    assert card["memory"]["state"] == "review"
    assert 0.8 < card["memory"]["retrievability"] < 1
    whole = api.get(f"{URL}{output.pk}/").content.decode()
    assert "forward propagation" not in whole
    assert '"key"' not in whole
    (new,) = listed(api, "?state=new&q=epoch")["results"]
    assert (new["memory"], new["own"], new["front"]) == (None, False, None)


@pytest.mark.parametrize(
    "query", ["?state=odd", "?only=odd", "?limit=0", "?limit=201", "?cursor=x", "?lesson=x", "?sort=due"]
)
def test_a_query_that_means_nothing_is_refused(api: APIClient, course: Course, query: str) -> None:
    answer = api.get(f"{URL}{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_many_cards_take_at_most_ten_queries(
    api: APIClient, learner: User, course: Course, django_assert_max_num_queries
) -> None:
    many = [OwnCard(uuid.uuid4(), f"front {number}", "back") for number in range(150)]
    own_cards.keep(learner, course, many, now=NOW)
    with django_assert_max_num_queries(10):
        assert len(listed(api, "?limit=150&q=front")["results"]) == 150


def test_a_visitor_is_refused(course: Course) -> None:
    assert APIClient().get(URL).status_code == 401
    assert put(APIClient()).status_code == 401

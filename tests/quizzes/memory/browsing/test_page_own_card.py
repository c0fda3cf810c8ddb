import uuid
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course, Section
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.models import Question
from tests.quizzes.factories import NOW

NEW = "/memory/cards/new/"
CARD = "5f0c1c1e-6a39-4a0e-9a53-4a0f6f0d1b11"


@pytest.fixture
def browser(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def sent(**more: str) -> dict[str, str]:
    return {"id": CARD, "front": "my front", "back": "my back", "course": "small", **more}


def only_card(user: User) -> Question:
    return Question.every.select_related("current", "section").get(owner=user)


def sides(card: Question) -> dict[str, str]:
    assert card.current is not None
    found: dict[str, str] = card.current.body["texts"]["und"]
    return found


def test_from_a_section_the_form_knows_where_it_comes_from_and_what_was_selected(
    browser: Client, course: Course
) -> None:
    lesson = course.lessons.get()
    query = urlencode({"lesson": lesson.pk, "heading": "forward", "back": "a <b>text</b>"})
    page = browser.get(f"{NEW}?{query}").content.decode()
    assert f'name="section" value="{Section.objects.get(slug="forward").pk}"' in page
    assert "a &lt;b&gt;text&lt;/b&gt;</textarea>" in page
    assert browser.get(f"{NEW}?lesson=odd&heading=none&section=x&back=%00").status_code == 200


def test_a_card_is_kept_and_shown_and_linked_to_its_paragraph(browser: Client, learner: User, course: Course) -> None:
    section = Section.objects.get(slug="forward")
    answer = browser.post(NEW, sent(section=str(section.pk)), follow=True)
    assert answer.redirect_chain == [(f"/memory/cards/{CARD}/", 302)]
    page = answer.content.decode()
    assert "The card is kept." in page
    assert 'href="/courses/small/nets/#forward"' in page
    assert only_card(learner).section == section


def test_a_form_that_is_sent_twice_is_one_card(browser: Client, learner: User, course: Course) -> None:
    for _ in range(2):
        browser.post(NEW, sent())
    assert sides(only_card(learner)) == {"front": "my front", "back": "my back"}


def test_in_a_lesson_only_the_form_comes_and_what_was_kept_is_said_in_place(
    browser: Client, learner: User, course: Course
) -> None:
    part = browser.get(NEW, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.count("<form") == 1
    answer = browser.post(NEW, sent(), headers={"HX-Request": "true"})
    assert (answer.status_code, "data-own-card-kept" in answer.content.decode()) == (200, True)
    assert only_card(learner).pk == uuid.UUID(CARD)


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(browser: Client, course: Course) -> None:
    answer = browser.post(NEW, sent(front="  "))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write what the card shall ask." in page
    assert "my back</textarea>" in page
    assert browser.post(NEW, sent(back="x" * 10_001)).status_code == 422
    assert browser.post(NEW, sent(course="none")).status_code == 422
    assert not Question.every.exclude(owner=None).exists()


def test_more_cards_than_are_kept_are_refused_with_the_limit(browser: Client, course: Course, settings) -> None:
    settings.OWN_CARDS_PER_LEARNER = 1
    browser.post(NEW, sent())
    answer = browser.post(NEW, sent(id=str(uuid.uuid4())))
    assert answer.status_code == 422
    assert "You have 1 cards of your own" in answer.content.decode()


def test_an_id_of_somebody_else_or_of_content_to_come_is_refused(
    browser: Client, other_learner: User, course: Course
) -> None:
    own_cards.keep(other_learner, course, [OwnCard(uuid.UUID(CARD), "theirs", "theirs")], now=NOW)
    assert browser.post(NEW, sent()).status_code == 404
    assert browser.post(NEW, sent(id=str(uuid.uuid5(uuid.NAMESPACE_DNS, "to come")))).status_code == 404
    assert sides(only_card(other_learner))["front"] == "theirs"


def test_the_text_is_changed_and_the_card_put_away_and_brought_back(
    browser: Client, learner: User, course: Course
) -> None:
    browser.post(NEW, sent())
    edit = f"/memory/cards/{CARD}/edit/"
    assert "my front</textarea>" in browser.get(edit).content.decode()
    page = browser.post(edit, sent(front="another front"), follow=True).content.decode()
    assert "The card is changed." in page
    assert sides(only_card(learner))["front"] == "another front"
    assert browser.post(edit, sent(front="")).status_code == 422
    page = browser.post(f"/memory/cards/{CARD}/put-away/", follow=True).content.decode()
    assert "Bring it back" in page
    assert only_card(learner).archived_at is not None
    assert "my back" not in browser.get("/review/").content.decode()
    page = browser.post(f"/memory/cards/{CARD}/bring-back/", follow=True).content.decode()
    assert "Put it away" in page
    assert only_card(learner).archived_at is None


def test_a_card_of_a_course_is_not_changed_here(browser: Client, learner: User, course: Course) -> None:
    card = course.questions.get(slug="card-epoch")
    for path in ["edit/", "put-away/", "bring-back/"]:
        assert browser.post(f"/memory/cards/{card.pk}/{path}", sent()).status_code == 404


def test_an_own_card_is_asked_in_the_review(browser: Client, course: Course) -> None:
    browser.post(NEW, sent(front="What is a $w_1$?"))
    page = browser.get("/review/").content.decode()
    assert "<math" in page
    assert "my back" in page


def test_a_lesson_offers_the_form_to_its_learners_only(client: Client, learner: User, shipped_course: Course) -> None:
    lesson = f"/courses/{shipped_course.slug}/learning-rate/"
    assert "data-own-card" not in client.get(lesson).content.decode()
    client.force_login(learner)
    page = client.get(lesson).content.decode()
    headings = page.count("data-own-card-heading")
    assert headings >= 3
    links = [part.split('"')[0] for part in page.split('href="/memory/cards/new/')[1:]]
    form = client.get("/memory/cards/new/" + links[0].replace("&amp;", "&")).content.decode()
    assert 'name="section" value="' in form
    assert "From the lesson:" in form


def test_a_visitor_is_asked_to_log_in(client: Client, course: Course) -> None:
    assert client.get(NEW).status_code == 302
    assert client.post(NEW, sent(), headers={"HX-Request": "true"}).status_code == 401

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.models import CardMark, Question, QuestionVersion
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import open_lesson, remember

IMPORT = "/memory/cards/import/"
EXPORT = "/memory/cards/export/"


@pytest.fixture
def browser(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def look(browser: Client, content: str | bytes, name: str = "cards.csv") -> tuple[str, str]:
    """What an import would do, and the field that has it done."""
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    answer = browser.post(IMPORT, {"file": file, "course": "small"})
    assert answer.status_code == 200, answer.content.decode()
    page = answer.content.decode()
    found = re.search(r'name="looked_at" value="([^"]+)"', page)
    return page, found[1] if found else ""


def counts(page: str) -> list[int]:
    """New, changed, the same, refused."""
    return [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)]


def bring(browser: Client, content: str | bytes) -> str:
    _, looked_at = look(browser, content)
    return browser.post(f"{IMPORT}start/", {"looked_at": looked_at}, follow=True).content.decode()


def own(user: User) -> dict[str, str]:
    cards = Question.every.filter(owner=user, archived_at=None).select_related("current")
    texts = [card.current.body["texts"]["und"] for card in cards if card.current]
    return {text["front"]: text["back"] for text in texts}


def exported(browser: Client, query: str = "format=csv") -> list[dict[str, str]]:
    content = browser.get(f"{EXPORT}?{query}").content.decode("utf-8-sig")
    delimiter = "\t" if "tsv" in query else ","
    return list(csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter))


def test_nothing_is_kept_before_it_is_pressed(browser: Client, learner: User, course: Course) -> None:
    page, looked_at = look(browser, "front,back\nf,b\ng,\n")
    assert counts(page) == [1, 0, 0, 1]
    assert "The back is empty." in page
    assert "line 3" in page
    assert looked_at
    assert own(learner) == {}


def test_new_changed_same_and_refused_are_told_apart(browser: Client, learner: User, course: Course) -> None:
    bring(browser, "id,front,back\n1,a,a\n2,b,b\n")
    long = "x" * 10_001
    page, _ = look(browser, f"id,front,back\n1,a,a\n2,b,other\n3,c,c\n3,d,d\n4,{long},d\n")
    assert counts(page) == [1, 1, 1, 2]
    assert "The same card stands in line 4." in page
    assert "longer than 10,000" in page


def test_the_same_file_again_changes_nothing_and_a_changed_one_updates(
    browser: Client, learner: User, course: Course
) -> None:
    page = bring(browser, "front,back\nf,b\ng,h\n")
    assert "2 new, 0 changed" in page
    page, looked_at = look(browser, "front,back\nf,b\ng,h\n")
    assert counts(page) == [0, 0, 2, 0]
    assert not looked_at
    assert "0 new, 1 changed." in bring(browser, "front,back\nf,other\ng,h\n")
    assert own(learner) == {"f": "other", "g": "h"}


def test_to_press_twice_is_to_press_once(browser: Client, learner: User, course: Course) -> None:
    _, looked_at = look(browser, "front,back\nf,b\n")
    for _ in range(2):
        browser.post(f"{IMPORT}start/", {"looked_at": looked_at})
    assert QuestionVersion.objects.filter(question__owner=learner).count() == 1


def test_what_was_looked_at_by_somebody_else_or_made_up_is_not_imported(
    browser: Client, other_learner: User, learner: User, course: Course
) -> None:
    _, looked_at = look(browser, "front,back\nf,b\n")
    other = Client()
    other.force_login(other_learner)
    for client, field in [(other, looked_at), (browser, looked_at[:-2]), (browser, ""), (browser, "x" * 1000)]:
        answer = client.post(f"{IMPORT}start/", {"looked_at": field}, follow=True)
        assert "Choose the file once more" in answer.content.decode()
    assert not Question.every.exclude(owner=None).exists()


def test_a_file_of_a_friend_makes_cards_of_ones_own(
    browser: Client, learner: User, other_learner: User, course: Course
) -> None:
    theirs = OwnCard(uuid.uuid4(), "f", "b")
    own_cards.keep(other_learner, course, [theirs], now=NOW)
    content = f"id,front,back\n{theirs.id},f,mine\n"
    bring(browser, content)
    assert own(learner) == {"f": "mine"}
    assert own(other_learner) == {"f": "b"}
    assert counts(look(browser, content)[0]) == [0, 0, 1, 0]


def test_cards_of_a_course_are_not_doubled(browser: Client, learner: User, course: Course) -> None:
    card = course.questions.get(slug="card-epoch")
    page, _ = look(browser, f"id,front,back\n{card.pk},f,b\n")
    assert counts(page) == [0, 0, 0, 1]
    assert "This is a card of a course." in page


@pytest.mark.parametrize("content", [b"", b"front,back\n", b'"open\n', b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(browser: Client, course: Course, content: bytes) -> None:
    file = SimpleUploadedFile("cards.csv", content)
    answer = browser.post(IMPORT, {"file": file, "course": "small"})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode() or "cannot be read" in answer.content.decode()


def test_too_large_a_file_and_too_many_cards_are_refused_with_the_limit(
    browser: Client, learner: User, course: Course, settings
) -> None:
    file = SimpleUploadedFile("cards.csv", b"a,b\n" * 250_001)
    page = browser.post(IMPORT, {"file": file, "course": "small"}).content.decode()
    assert "at most 1 MB are taken" in page
    file = SimpleUploadedFile("cards.csv", b"a,b\n" * 300_000)
    assert browser.post(IMPORT, {"file": file, "course": "small"}).status_code == 413
    settings.OWN_CARDS_PER_LEARNER = 1
    file = SimpleUploadedFile("cards.csv", b"a,b\nc,d\n")
    answer = browser.post(IMPORT, {"file": file, "course": "small"})
    assert answer.status_code == 422
    assert "1 are kept at most" in answer.content.decode()
    assert own(learner) == {}


def test_what_was_taken_away_comes_back_the_same(browser: Client, learner: User, course: Course) -> None:
    texts = [("=1+1", "@x"), ("一个问题", "**答案**\n第二行"), ('"quoted", here', "'=apostrophe"), ("-2", "$x_1$")]
    own_cards.keep(learner, course, [OwnCard(uuid.uuid4(), *sides) for sides in texts], now=NOW)
    for file_format in ("csv", "tsv"):
        content = browser.get(f"{EXPORT}?format={file_format}").content
        assert counts(look(browser, content, f"cards.{file_format}")[0]) == [0, 0, 4, 0]
    assert {(row["front"].removeprefix("'"), row["course"]) for row in exported(browser)} >= {("=1+1", "small")}


def test_with_memory_come_the_cards_that_were_found(browser: Client, learner: User, course: Course) -> None:
    now = timezone.now()
    open_lesson(learner, course)
    output = course.questions.get(slug="output")
    remember(learner, output, now + timedelta(days=2))
    CardMark.objects.create(user=learner, question=output, suspended_at=now, note="=note", updated_at=now)
    rows = exported(browser, "format=tsv&memory=1")
    assert {row["kind"] for row in rows} == {"cloze", "flashcard"}
    (cloze,) = exported(browser, "format=csv&memory=1&kind=cloze")
    assert cloze["front"] == "A node activates the ___ of its inputs; the step is a ___."
    assert (cloze["back"], cloze["own"], cloze["state"], cloze["suspended"]) == ("", "no", "review", "yes")
    assert (cloze["note"], cloze["stability days"], cloze["difficulty"]) == ("'=note", "3", "5")


def test_nobody_elses_cards_are_in_a_file(browser: Client, other_learner: User, course: Course) -> None:
    own_cards.keep(other_learner, course, [OwnCard(uuid.uuid4(), "theirs", "b")], now=NOW)
    assert exported(browser) == exported(browser, "format=csv&memory=1") == []
    assert browser.get(f"{EXPORT}?format=exe").status_code == 404

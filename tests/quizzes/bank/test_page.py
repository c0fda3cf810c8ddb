"""The pages on which an instructor brings questions in, having looked at them first, and takes them away."""

import datetime
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes import personal_data
from quizzes.bank import files
from quizzes.bank.formats import FORMATS
from quizzes.interchange.items import MAX_BYTES
from quizzes.models import Question, QuestionFile
from tests.quizzes.bank.samples import GIFT, rows
from tests.quizzes.factories import make_course

pytestmark = pytest.mark.django_db
PAGE = "/authoring/small/questions/"
OUT = "/question-export/small/"


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


@pytest.fixture
def teacher(client: Client, course: Course) -> User:
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True, name="Tia")
    course.instructors.add(user)
    client.force_login(user)
    return user


def send(client: Client, content: str | bytes = GIFT, name: str = "rates.gift", pk: uuid.UUID | None = None, **fields):
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    given = {"format": "", "lesson": "nets", "locale": "en", "upload": str(pk or uuid.uuid4()), "file": file, **fields}
    return client.post(PAGE, given)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def press(client: Client, address: str, expected: str = ""):
    if not expected:
        found = re.search(r'name="expected" value="([0-9a-f]{64})"', page(client, address))
        assert found
        expected = found[1]
    return client.post(f"{address}import/", {"expected": expected}, follow=True)


# --- who finds it ----------------------------------------------------------------------------------------------------


def test_strangers_find_nothing(client: Client, learner: User, teacher: User) -> None:
    address = send(client).headers["Location"]
    colleague = User.objects.create_user("other@example.org", "correct horse battery", is_staff=True)
    for user in (None, learner, colleague):
        client.logout()
        if user:
            client.force_login(user)
        for one in (PAGE, address, f"{OUT}?format=gift&locale=en"):
            assert client.get(one).status_code == 404
        for one in (f"{address}import/", f"{address}remove/"):
            assert client.post(one).status_code == 404
        assert send(client).status_code == 404
    assert QuestionFile.objects.count() == 1


def test_a_file_is_seen_by_its_author_alone(client: Client, course: Course, teacher: User) -> None:
    address = send(client).headers["Location"]
    colleague = User.objects.create_user("other@example.org", "correct horse battery", is_staff=True)
    course.instructors.add(colleague)
    client.force_login(colleague)
    assert "rates.gift" not in page(client, PAGE)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}import/").status_code == 404


def test_who_no_longer_teaches_the_course_cannot_import(client: Client, course: Course, teacher: User) -> None:
    address = send(client).headers["Location"]
    course.instructors.clear()
    assert client.post(f"{address}import/", {"expected": "0"}).status_code == 404


def test_the_course_leads_there(client: Client, teacher: User) -> None:
    assert f'href="{PAGE}"' in page(client, "/authoring/small/")


# --- looked at, imported ---------------------------------------------------------------------------------------------


def test_first_it_is_shown_item_by_item(client: Client, teacher: User) -> None:
    before = rows()
    address = send(client, f"{GIFT}\n\nWrite an essay.{{}}").headers["Location"]
    text = page(client, address)
    assert "3 new, 0 changed, 0 the same, 1 refused" in text
    assert text.index("without a title") < text.index("What does the loss do")
    assert "line 2" in text
    assert "No quiz lists them by itself" in text
    assert rows() == before


def test_imported_once_whatever_is_pressed(client: Client, teacher: User) -> None:
    address = send(client).headers["Location"]
    done = press(client, address).content.decode()
    assert "The file is imported." in done
    assert f"/questions/{Question.objects.get(slug='rate').pk}/regrade/key/" in done
    before = rows()
    assert "The file is imported." in press(client, address, "0" * 64).content.decode()
    assert rows() == before
    kept = QuestionFile.objects.get()
    assert bytes(kept.content) == b""
    assert "Nothing would change" in page(client, send(client).headers["Location"])


def test_the_same_form_sent_twice_is_one_file(client: Client, teacher: User) -> None:
    pk = uuid.uuid4()
    assert send(client, pk=pk).headers["Location"] == send(client, pk=pk).headers["Location"]
    assert QuestionFile.objects.count() == 1


def test_another_file_from_the_same_form_is_another(client: Client, teacher: User) -> None:
    pk = uuid.uuid4()
    first = send(client, pk=pk).headers["Location"]
    second = send(client, GIFT.replace("far", "much"), pk=pk).headers["Location"]
    assert first != second
    assert "much" in page(client, second)
    press(client, first)
    assert send(client, pk=pk).headers["Location"] not in (first, second)


def test_the_id_of_somebody_elses_file_is_nothing(client: Client, course: Course, teacher: User) -> None:
    pk = uuid.uuid4()
    send(client, pk=pk)
    colleague = User.objects.create_user("other@example.org", "correct horse battery", is_staff=True)
    course.instructors.add(colleague)
    client.force_login(colleague)
    assert send(client, pk=pk).status_code == 404


def test_what_changed_meanwhile_is_shown_and_not_imported(client: Client, teacher: User) -> None:
    first, second = send(client).headers["Location"], send(client, GIFT.replace("far", "much")).headers["Location"]
    seen = re.search(r'name="expected" value="([0-9a-f]{64})"', page(client, second))
    assert seen
    press(client, first)
    before = rows()
    told = client.post(f"{second}import/", {"expected": seen[1]})
    assert told.status_code == 409
    assert "The course has changed meanwhile" in told.content.decode()
    assert "1 changed, 2 the same" in told.content.decode()
    assert "Otherwise than here: what is asked" in told.content.decode()
    assert rows() == before
    assert "The file is imported." in press(client, second).content.decode()
    assert "much" in Question.objects.get(slug="rate").current.body["texts"]["en"]["prompt"]


def test_a_lesson_that_is_gone_since_is_said(client: Client, course: Course, teacher: User) -> None:
    address = send(client).headers["Location"]
    course.lessons.update(archived_at=timezone.now())
    assert "It cannot be imported any more" in page(client, address)
    assert client.post(f"{address}import/", {"expected": "0" * 64}).status_code == 409


def test_removed_it_is_gone(client: Client, teacher: User) -> None:
    address = send(client).headers["Location"]
    assert "rates.gift" in page(client, PAGE)
    assert "Nothing of it was imported" in client.post(f"{address}remove/", follow=True).content.decode()
    assert client.get(address).status_code == 404


# --- what is not taken -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "empty.gift", "This file is empty."),
        ("\n\n", "blank.gift", "There is no question in this file."),
        (b"\xff\xfe\x00", "bytes.txt", "cannot be read as GIFT"),
        ("one,two\n1,2", "sheet.csv", "cannot be read as CSV"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><quiz/>", "bomb.xml", "cannot be read as Moodle XML"),
        (b"PK\x03\x04broken", "sheet.xlsx", "cannot be read as Excel"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(
    client: Client, teacher: User, content: str | bytes, name: str, said: str
) -> None:
    answer = send(client, content, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not QuestionFile.objects.exists()


def test_a_file_too_large_is_not_read(client: Client, teacher: User) -> None:
    assert send(client, b"x" * (MAX_BYTES + 1)).status_code == 422
    huge = send(client, b"x" * (MAX_BYTES + 100_000))
    assert huge.status_code == 413
    assert "at most 5 MB" in huge.content.decode()


@pytest.mark.parametrize("fields", [{"lesson": "none"}, {"locale": "fr"}, {"format": "pdf"}, {"upload": "1"}])
def test_what_is_no_choice_is_refused(client: Client, teacher: User, fields: dict[str, str]) -> None:
    file = SimpleUploadedFile("rates.gift", GIFT.encode())
    given = {"format": "", "lesson": "nets", "locale": "en", "upload": str(uuid.uuid4()), "file": file, **fields}
    assert client.post(PAGE, given).status_code == 422
    assert not QuestionFile.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/<script>alert(1)</script>.gift", 'a"\r\nX: y.gift', "x" * 400, "问题.gift"]
)
def test_a_hostile_name_is_only_a_name(client: Client, teacher: User, name: str) -> None:
    address = send(client, name=name).headers["Location"]
    kept = QuestionFile.objects.get()
    assert kept.name.isprintable()
    assert "/" not in kept.name
    assert "<script>alert" not in page(client, address)
    assert "<script>alert" not in press(client, address).content.decode()


def test_hostile_texts_are_shown_as_text(client: Client, teacher: User) -> None:
    address = send(client, "::<script>alert(1)</script>::<img src=x onerror=alert(1)> Is it?{}\n").headers["Location"]
    text = page(client, address)
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_more_than_ten_waiting_files_are_not_kept(client: Client, teacher: User) -> None:
    for _ in range(files.MAX_FILES):
        assert send(client).status_code == 302
    refused = send(client)
    assert refused.status_code == 422
    assert "You have 10 files that were not imported" in refused.content.decode()


def test_without_a_token_nothing_is_taken(course: Course, teacher: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(teacher)
    assert send(client).status_code == 403


# --- forgotten -------------------------------------------------------------------------------------------------------


def test_a_file_is_forgotten_after_a_day(client: Client, teacher: User) -> None:
    send(client)
    now = timezone.now()
    assert files.forget_old(now=now + datetime.timedelta(hours=23)) == 0
    assert files.forget_old(now=now + datetime.timedelta(hours=25)) == 1


def test_it_is_exported_and_erased_with_the_account(client: Client, teacher: User) -> None:
    send(client)
    assert [file["name"] for file in personal_data.export(teacher)["question_files"]] == ["rates.gift"]
    personal_data.erase(teacher)
    assert not QuestionFile.objects.exists()


# --- out -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_what_the_file_does_not_hold_is_said_before_it_is_sent(client: Client, teacher: User, name: str) -> None:
    address = f"{OUT}?format={name}&locale=en&lesson="
    answer = client.get(address)
    if name not in {"csv", "xlsx"}:
        assert "What the file does not hold" in answer.content.decode()
        assert "card-epoch" in answer.content.decode()
        answer = client.get(f"{address}&anyway=1")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="small-en{FORMATS[name].ending}"'
    back = send(client, answer.content, "back", lesson="").headers["Location"]
    assert "Nothing would change" in page(client, back)


def test_one_lesson_in_one_language(client: Client, teacher: User) -> None:
    answer = client.get(f"{OUT}?format=csv&locale=zh-hans&lesson=nets")
    assert "密集层之后" in answer.content.decode()
    assert "small-nets-zh-hans.csv" in answer.headers["Content-Disposition"]
    for wrong in ("format=pdf&locale=en", "format=csv&locale=fr", "format=csv&locale=en&lesson=none", ""):
        assert client.get(f"{OUT}?{wrong}").status_code == 404


# --- how much it asks of the database --------------------------------------------------------------------------------


def test_pages_take_few_queries(client: Client, teacher: User, django_assert_max_num_queries) -> None:
    many = "\n\n".join(f"Is {number} a prime?{{T}}" for number in range(300))
    address = send(client, many).headers["Location"]
    for one in (PAGE, address, f"{OUT}?format=csv&locale=en"):
        with django_assert_max_num_queries(10):
            assert client.get(one).status_code == 200
    press(client, address)
    with django_assert_max_num_queries(10):
        assert "300 new" in page(client, address)

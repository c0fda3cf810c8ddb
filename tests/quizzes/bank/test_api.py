"""POST /courses/{slug}/questions/import/, GET …/export/."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from courses.ids import content_id
from courses.models import Course
from quizzes.bank.formats import FORMATS
from quizzes.interchange.items import MAX_BYTES
from quizzes.models import Question
from tests.quizzes.bank.samples import GIFT, rows
from tests.quizzes.factories import make_course

pytestmark = pytest.mark.django_db
IN = "/api/v1/courses/small/questions/import/"
OUT = "/api/v1/courses/small/questions/export/"


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


@pytest.fixture
def teacher(course: Course) -> APIClient:
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True, name="Tia")
    course.instructors.add(user)
    client = APIClient()
    client.force_authenticate(user)
    return client


def bring(
    client: APIClient, content: str | bytes = GIFT, query: str = "", kind: str = "text/plain", **headers: str
) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.generic("POST", f"{IN}?lesson=nets&{query}", raw, content_type=kind, headers=headers)


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.data["errors"]]


def test_strangers_find_nothing(api: APIClient, course: Course) -> None:
    assert bring(api, query="dry_run=true").status_code == 404
    assert api.get(f"{OUT}?format=gift").status_code == 404
    assert bring(APIClient()).status_code in (401, 403)


def test_an_instructor_of_another_course_finds_nothing(teacher: APIClient, course: Course) -> None:
    make_course("other")
    assert teacher.get(f"{OUT.replace('small', 'other')}?format=gift").status_code == 404


def test_looked_at_imported_and_again(teacher: APIClient, course: Course) -> None:
    before = rows()
    looked = bring(teacher, f"{GIFT}\n\nWrite an essay.{{}}", "dry_run=true")
    assert looked.status_code == 200
    assert looked.data["imported"] is False
    assert looked.data["counts"] == {"refused": 1, "changed": 0, "new": 3, "same": 0}
    first, last = looked.data["items"][0], looked.data["items"][-1]
    assert (first["line"], first["status"], first["slug"], first["lesson"]) == (2, "new", "rate", "nets")
    assert first["question"] == str(content_id("small", "question", "rate"))
    assert first["prompt"] == "What does the loss do if the rate is far too large?"
    assert (last["status"], last["question"]) == ("refused", None)
    assert last["why"]
    assert rows() == before
    done = bring(teacher, f"{GIFT}\n\nWrite an essay.{{}}", **{"If-Match": looked["ETag"]})
    assert (done.status_code, done.data["imported"]) == (200, True)
    assert done.data["items"] == looked.data["items"]
    after = rows()
    again = bring(teacher, query="dry_run=true")
    assert again.data["counts"] == {"refused": 0, "changed": 0, "new": 0, "same": 3}
    assert bring(teacher, **{"If-Match": again["ETag"]}).status_code == 200
    assert rows() == after


def test_without_having_looked_it_is_428_and_stale_412(teacher: APIClient, course: Course) -> None:
    refused = bring(teacher)
    assert refused.status_code == 428
    assert bring(teacher, GIFT.replace("far", "much"), **{"If-Match": '"0"'}).status_code == 412
    assert not Question.objects.filter(slug="rate").exists()
    assert bring(teacher, **{"If-Match": refused["ETag"]}).status_code == 200
    stale = bring(teacher, **{"If-Match": refused["ETag"]})
    assert stale.status_code == 412
    assert stale["ETag"] != refused["ETag"]


def test_as_a_form(teacher: APIClient, course: Course) -> None:
    file = SimpleUploadedFile("rates.gift", GIFT.encode())
    answer = teacher.post(f"{IN}?dry_run=true&lesson=nets", {"file": file}, format="multipart")
    assert (answer.status_code, answer.data["counts"]["new"]) == (200, 3)
    missing = teacher.post(f"{IN}?dry_run=true", {}, format="multipart")
    assert (missing.status_code, codes(missing)) == (422, [("/file", "required")])


@pytest.mark.parametrize("name", FORMATS)
def test_out_and_in_again_is_the_same(teacher: APIClient, course: Course, name: str) -> None:
    written = teacher.get(f"{OUT}?format={name}&locale=zh-hans")
    assert written.status_code == 200
    assert f"small-zh-hans{FORMATS[name].ending}" in written["Content-Disposition"]
    query = f"dry_run=true&locale=zh-hans&format={name}"
    for kind in ("application/octet-stream", FORMATS[name].media_type, "application/json"):
        looked = bring(teacher, written.content, query, kind)
        assert {item["status"] for item in looked.data["items"]} == {"same"}


def test_the_report_names_what_is_left_out(teacher: APIClient, course: Course) -> None:
    report = teacher.get(f"{OUT}?format=aiken&report=true")
    assert report.data["asked"] == 3
    assert {one["slug"] for one in report.data["left_out"]} == {"nonlinear", "output", "card-epoch"}
    assert teacher.get(f"{OUT}?format=aiken")["Left-Out"] == str(len(report.data["left_out"]))


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("locale=fr", "/locale"), ("format=pdf", "/format"), ("dry_run=maybe", "/dry_run"), ("more=1", "/more")],
)
def test_what_is_no_choice_is_named(teacher: APIClient, course: Course, query: str, pointer: str) -> None:
    for answer in (
        bring(teacher, query=query),
        teacher.get(f"{OUT}?{query}" if "=pdf" in query else f"{OUT}?format=gift&{query}"),
    ):
        if pointer == "/dry_run" and answer.request["REQUEST_METHOD"] == "GET":
            continue
        assert answer.status_code == 422
        assert pointer in [error[0] for error in codes(answer)]


def test_a_lesson_that_is_not_there_is_named(teacher: APIClient, course: Course) -> None:
    answer = teacher.get(f"{OUT}?format=gift&lesson=none")
    assert (answer.status_code, codes(answer)) == (422, [("/lesson", "unknown_lesson")])
    assert codes(teacher.get(OUT)) == [("/format", "missing")]


@pytest.mark.parametrize("content", ["", b"\xff\xff", "<quiz", b"PK\x03\x04", "kind,kind\n1,2", b"\0" * 100])
def test_a_file_that_cannot_be_read_is_422(teacher: APIClient, course: Course, content: str | bytes) -> None:
    answer = bring(teacher, content, "dry_run=true")
    assert answer.status_code == 422
    assert codes(answer)[0][0] == "/file"
    assert json.loads(answer.content)["errors"][0]["detail"]


def test_a_file_too_large_is_413(teacher: APIClient, course: Course) -> None:
    for size in (MAX_BYTES + 1, MAX_BYTES + 100_000):
        assert bring(teacher, b"x" * size, "dry_run=true").status_code == 413


@pytest.mark.parametrize("name", ["../../etc/passwd", "%0d%0aX:%20y", "x" * 200, "%00", "%F0%9F%92%A9"])
def test_a_hostile_name_is_only_a_name(teacher: APIClient, course: Course, name: str) -> None:
    assert bring(teacher, query=f"dry_run=true&name={name}").data["counts"]["new"] == 3

"""Packages over the API: looked at first, imported with If-Match, taken away."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.memory.anki import files
from quizzes.memory.anki.package_reading import Limits, PackageError, read_package
from quizzes.models import OwnPicture, Question, Review
from tests.quizzes.factories import make_course
from tests.quizzes.memory.anki.packages import MEDIA, PNG, pack, sample

ADDRESS = "/api/v1/memory/anki/"


@pytest.fixture(autouse=True)
def course(db: None) -> Course:
    return make_course()


def send(api: APIClient, query: str, content: bytes | None = None, **headers: str):
    file = SimpleUploadedFile("nets.apkg", sample().package(MEDIA) if content is None else content)
    return api.post(f"{ADDRESS}?course=small{query}", {"file": file}, format="multipart", headers=headers)


def test_it_is_looked_at_and_imported_as_it_was_seen(api: APIClient, learner: User) -> None:
    looked = send(api, "&dry_run=true")
    assert looked.status_code == 200
    assert looked.json()["counts"] == {"created": 7, "changed": 0, "same": 0, "course": 0}
    assert {"reason": "by_hand", "number": 1} in [
        {name: one[name] for name in ("reason", "number")} for one in looked.json()["left_out"]
    ]
    assert not Question.every.filter(owner=learner).exists()
    assert send(api, "").status_code == 428
    assert send(api, "", **{"If-Match": '"something else"'}).status_code == 412
    done = send(api, "", **{"If-Match": looked["ETag"]})
    assert done.status_code == 200
    assert done.json()["done"] == {
        "created": 7,
        "changed": 0,
        "same": 0,
        "pictures": 1,
        "reviews": 7,
        "known": 0,
    }
    assert Review.objects.by(learner.pk).count() == 7
    assert send(api, "", **{"If-Match": looked["ETag"]}).status_code == 412
    again = send(api, "&dry_run=true").json()
    assert (again["counts"]["same"], again["reviews"], again["known"]) == (7, 0, 7)


def test_a_large_one_is_imported_in_the_background(api: APIClient, learner: User, settings) -> None:
    settings.ANKI_AT_ONCE = 0
    begun = send(api, "", **{"If-Match": send(api, "&dry_run=true")["ETag"]})
    assert begun.status_code == 202
    address = f"{ADDRESS}{begun.json()['package']}/"
    assert api.get(address).json()["status"] == "importing"
    files.work(uuid.UUID(begun.json()["package"]), clock=timezone.now)
    found = api.get(address).json()
    assert (found["status"], found["done"]["reviews"]) == ("imported", 7)


@pytest.mark.parametrize(
    ("content", "code"), [(b"junk", "no_zip"), (pack({"collection.anki21b": b""}), "newer"), (b"", "no_zip")]
)
def test_what_is_no_package_is_a_problem_with_a_reason(api: APIClient, content: bytes, code: str) -> None:
    answer = send(api, "&dry_run=true", content)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/file", code)]


def test_a_wrong_course_is_named(api: APIClient) -> None:
    file = SimpleUploadedFile("nets.apkg", sample().package(MEDIA))
    answer = api.post(f"{ADDRESS}?course=none&dry_run=true", {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/course")


def test_a_body_too_large_is_not_read(api: APIClient, settings) -> None:
    settings.ANKI_PACKAGE_BYTES = -70_000
    assert send(api, "&dry_run=true").status_code == 413


def test_cards_and_pictures_are_taken_away_by_their_owner_alone(api: APIClient, other_learner: User) -> None:
    done = send(api, "", **{"If-Match": send(api, "&dry_run=true")["ETag"]}).json()
    answer = api.get(f"{ADDRESS}export/?course=small")
    assert (answer.status_code, answer["Left-Out"]) == (200, "0")
    assert len(read_package(answer.content, Limits()).cards) == 7
    picture = f"/api/v1/memory/pictures/{OwnPicture.objects.get().pk}/"
    assert api.get(picture).content == PNG
    stranger = APIClient()
    stranger.force_authenticate(other_learner)
    assert stranger.get(picture).status_code == 404
    assert stranger.get(f"{ADDRESS}{done['package']}/").status_code == 404
    with pytest.raises(PackageError, match="no card"):
        read_package(stranger.get(f"{ADDRESS}export/?course=small").content, Limits())

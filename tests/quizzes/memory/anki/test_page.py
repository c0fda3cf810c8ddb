"""The pages on which a learner brings a package in, having looked at it first, and takes one away."""

import datetime
import re
import uuid
from io import BytesIO
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes import personal_data
from quizzes.memory.anki import files, importing
from quizzes.memory.anki.package_reading import Limits, read_package
from quizzes.models import AnkiContent, AnkiPackage, OwnPicture, Question, Review
from tests.quizzes.memory.anki.packages import MEDIA, PNG, Collection, pack, sample
from tests.quizzes.memory.samples import open_lesson

PAGE = "/memory/anki/"
Status = AnkiPackage.Status


@pytest.fixture(autouse=True)
def logged_in(client: Client, learner: User, course: Course) -> None:
    client.force_login(learner)


def send(client: Client, content: bytes | None = None, pk: uuid.UUID | None = None, name: str = "nets.apkg"):
    file = SimpleUploadedFile(name, sample().package(MEDIA) if content is None else content)
    return client.post(PAGE, {"course": "small", "upload": str(pk or uuid.uuid4()), "file": file})


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_package_is_looked_at_imported_and_shown(client: Client, learner: User) -> None:
    looked = client.get(send(client).url)
    shown = text_of(looked)
    assert "The package has 5 notes" in shown
    assert "1 sound is left out" in shown
    assert "What is an epoch" in shown
    assert Question.every.filter(owner=learner).count() == 0
    package = AnkiPackage.objects.get()
    done = client.post(f"{PAGE}{package.pk}/import/", follow=True)
    assert "It is imported" in text_of(done)
    assert Question.every.filter(owner=learner).count() == 7
    assert Review.objects.by(learner.pk).count() == 7
    package.refresh_from_db()
    assert package.status == Status.IMPORTED
    assert not AnkiContent.objects.exists()
    assert "learning rate" in client.get("/memory/cards/?q=learning+rate").content.decode()


def test_pressed_twice_it_is_imported_once(client: Client, learner: User) -> None:
    address = send(client).url
    for _ in range(2):
        assert client.post(f"{address}import/").url == address
    assert Review.objects.by(learner.pk).count() == 7


def test_sent_twice_it_is_one_package(client: Client) -> None:
    pk = uuid.uuid4()
    assert send(client, pk=pk).url == send(client, pk=pk).url
    other = send(client, Collection([("a", 1, ["q", "a"])], [(1, 0, 0)]).package(), pk=pk)
    assert other.url != f"{PAGE}{pk}/"
    assert AnkiPackage.objects.count() == 2


def test_only_a_few_packages_wait(client: Client, settings) -> None:
    settings.ANKI_PACKAGES_PER_LEARNER = 1
    send(client)
    answer = send(client)
    assert answer.status_code == 422
    assert "1 packages that were not imported" in text_of(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip", "This is no package of Anki"),
        (pack({"collection.anki21b": b"x"}), "tick “Support older Anki versions (slower/larger files)”"),
        (pack({"collection.anki21": b"x"}), "no SQLite database"),
        (b"", "This file is empty."),
    ],
)
def test_what_is_no_package_is_refused_with_a_reason(client: Client, content: bytes, said: str) -> None:
    answer = send(client, content)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not AnkiPackage.objects.exists()


def test_a_package_too_large_is_not_read(client: Client, settings) -> None:
    settings.ANKI_PACKAGE_BYTES = 1000
    assert send(client).status_code == 422
    settings.ANKI_PACKAGE_BYTES = -70_000
    assert send(client).status_code == 413


def test_a_large_one_is_imported_in_the_background(client: Client, learner: User, settings) -> None:
    settings.ANKI_AT_ONCE = 3
    address = send(client).url
    with patch("quizzes.tasks.wake_anki") as wake:
        client.post(f"{address}import/")
    shown = text_of(client.get(address))
    assert "0 of 7 cards, 0 of 7 reviews" in shown
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    assert wake.call_count <= 1
    assert files.work_on_all(clock=timezone.now) == 1
    assert "It is imported" in text_of(client.get(address))
    assert Review.objects.by(learner.pk).count() == 7


def test_a_worker_that_died_is_succeeded_and_its_late_words_are_lost(client: Client, learner: User, settings) -> None:
    settings.ANKI_AT_ONCE = 3
    address = send(client).url
    client.post(f"{address}import/")
    clock = iter(timezone.now() + datetime.timedelta(seconds=seconds) for seconds in range(1000))
    apply, later = importing.apply, timezone.now() + datetime.timedelta(hours=1)

    def killed(*arguments, tell, **more):
        with patch.object(importing, "apply", apply):
            assert files.work_on_all(clock=lambda: later) == 1  # another takes it over meanwhile
        tell(7, 7)

    with patch.object(importing, "apply", killed):
        assert files.work_on_all(clock=lambda: next(clock)) == 0
    assert AnkiPackage.objects.get().status == Status.IMPORTED
    assert Review.objects.by(learner.pk).count() == 7


def test_a_worker_that_still_works_is_left_alone(client: Client, settings) -> None:
    settings.ANKI_AT_ONCE = 3
    client.post(f"{send(client).url}import/")
    AnkiPackage.objects.update(token=uuid.uuid4(), worked_at=timezone.now())
    assert files.work_on_all(clock=timezone.now) == 0


def test_what_goes_wrong_is_said_and_can_be_tried_again(client: Client, learner: User, settings) -> None:
    address = send(client).url
    settings.OWN_CARDS_PER_LEARNER = 3
    assert "more than 3 of your own" in text_of(client.post(f"{address}import/", follow=True))
    settings.OWN_CARDS_PER_LEARNER = 100
    assert "It is imported" in text_of(client.post(f"{address}import/", follow=True))
    assert Question.every.filter(owner=learner).count() == 7


def test_pictures_without_room_stay_out(client: Client, learner: User, settings) -> None:
    settings.ANKI_PICTURE_BYTES_PER_LEARNER = 10
    address = send(client).url
    assert "1 picture finds no room" in text_of(client.get(address))
    client.post(f"{address}import/")
    assert not OwnPicture.objects.exists()


def test_pictures_that_are_here_need_no_more_room(client: Client, settings) -> None:
    settings.ANKI_PICTURE_BYTES_PER_LEARNER = len(PNG)
    client.post(f"{send(client).url}import/")
    assert "no room" not in text_of(client.get(send(client).url))
    assert OwnPicture.objects.count() == 1


def test_a_package_is_removed_and_forgotten(client: Client) -> None:
    address = send(client).url
    assert client.post(f"{address}remove/").url == PAGE
    assert client.get(address).status_code == 404
    send(client)
    assert files.forget_old(now=timezone.now()) == 0
    assert files.forget_old(now=timezone.now() + datetime.timedelta(days=2)) == 1


def test_nobody_else_sees_a_package_or_a_picture(client: Client, other_learner: User) -> None:
    address, pk = (kept := send(client)).url, uuid.uuid4()
    client.post(f"{address}import/")
    picture = OwnPicture.objects.get().get_absolute_url()
    assert client.get(picture).content == PNG
    waiting = send(client, pk=pk).url
    client.force_login(other_learner)
    for refused in (kept.url, waiting, picture):
        assert client.get(refused).status_code == 404
    assert client.post(f"{waiting}import/").status_code == 404
    assert client.post(f"{waiting}remove/").status_code == 404
    assert send(client, pk=pk).status_code == 404
    client.logout()
    for refused in (PAGE, kept.url, picture, f"{PAGE}export/?course=small"):
        assert client.get(refused).status_code == 302


def test_a_picture_is_a_picture_for_browsers(client: Client) -> None:
    client.post(f"{send(client).url}import/")
    answer = client.get(OwnPicture.objects.get().get_absolute_url())
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")


def test_the_review_shows_the_picture(client: Client) -> None:
    content = Collection([("a", 1, ['<img src="net.png">', "a net"])], [(1, 0, 0)]).package(MEDIA)
    client.post(f"{send(client, content).url}import/")
    assert (
        f'<img src="{OwnPicture.objects.get().get_absolute_url()}" alt="net"' in client.get("/review/").content.decode()
    )


def test_cards_are_taken_away_as_a_package(client: Client, learner: User, course: Course) -> None:
    empty = client.get(f"{PAGE}export/?course=small&scheduling=on")
    assert "There is no card yet" in text_of(empty)
    open_lesson(learner, course)
    client.post(f"{send(client).url}import/")
    answer = client.get(f"{PAGE}export/?course=small&scheduling=on")
    assert 'filename="small.apkg"' in answer["Content-Disposition"]
    package = read_package(BytesIO(answer.content).read(), Limits())
    assert (len(package.cards), sum(len(card.log) for card in package.cards), len(package.media)) == (8, 7, 1)
    assert client.get(f"{PAGE}export/?course=nothing").status_code == 404


def test_the_pages_ask_few_queries(client: Client, django_assert_max_num_queries) -> None:
    address = send(client).url
    with django_assert_max_num_queries(10):
        client.get(PAGE)
    with django_assert_max_num_queries(10):
        client.get(address)


def test_pictures_and_packages_are_exported_and_erased(client: Client, learner: User) -> None:
    client.post(f"{send(client).url}import/")
    exported = personal_data.export(learner)
    assert [(one["name"], one["bytes"]) for one in exported["own_pictures"]] == [("net.png", len(PNG))]
    assert [one["name"] for one in exported["anki_packages"]] == ["nets.apkg"]
    personal_data.erase(learner)
    assert not OwnPicture.objects.exists()
    assert not AnkiPackage.objects.exists()

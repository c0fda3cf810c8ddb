import json

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User

GIVEN = {"name": "Lin", "locale": "en", "time_zone": "Asia/Tokyo", "day_start_hour": "3", "desired_retention": "0.85"}


@pytest.fixture
def page(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def test_it_asks_a_visitor_to_log_in(client: Client, db: None) -> None:
    for path in ("/settings/", "/settings/export/", "/settings/delete/"):
        assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_it_saves_every_preference(page: Client, learner: User) -> None:
    response = page.post("/settings/", GIVEN, follow=True)
    assert "Saved." in response.content.decode()
    learner.refresh_from_db()
    assert (learner.time_zone, learner.day_start_hour, learner.desired_retention) == ("Asia/Tokyo", 3, 0.85)


def test_it_speaks_the_new_language_from_the_next_page_on(page: Client) -> None:
    response = page.post("/settings/", {**GIVEN, "locale": "zh-hans"}, follow=True)
    assert '<html lang="zh-hans">' in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("locale", "xx"), ("day_start_hour", "24"), ("desired_retention", "nan")],
)
def test_it_saves_nothing_where_a_field_is_wrong(page: Client, learner: User, field: str, value: str) -> None:
    response = page.post("/settings/", {**GIVEN, field: value})
    assert response.status_code == 422
    assert "Nothing is saved yet" in response.content.decode()
    learner.refresh_from_db()
    assert learner.time_zone == "UTC"


def test_it_keeps_a_retention_that_an_app_has_set(page: Client, learner: User) -> None:
    User.objects.update(desired_retention=0.93)
    assert "93 %: your own" in page.get("/settings/").content.decode()
    page.post("/settings/", {**GIVEN, "desired_retention": "0.93"})
    learner.refresh_from_db()
    assert learner.desired_retention == 0.93


def test_it_keeps_its_query_bound(page: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(3):
        page.get("/settings/")


def test_it_hands_out_everything_as_a_file(page: Client, learner: User) -> None:
    response = page.get("/settings/export/")
    body = json.loads(response.content)
    assert "attachment" in response["Content-Disposition"]
    assert body["accounts"]["email"] == learner.email
    assert {"accounts", "courses", "quizzes", "sandbox"} <= set(body)


def test_it_deletes_nothing_without_the_password(page: Client, learner: User) -> None:
    response = page.post("/settings/delete/", {"password": "a guess"})
    assert response.status_code == 422
    assert "This is not your password." in response.content.decode()
    assert User.objects.filter(pk=learner.pk).exists()


def test_it_deletes_the_account_and_ends_its_sessions(page: Client, learner: User) -> None:
    page.get("/settings/")
    response = page.post("/settings/delete/", {"password": "correct horse battery"}, follow=True)
    assert "is deleted" in response.content.decode()
    assert not User.objects.exists()
    assert all("_auth_user_id" not in session.get_decoded() for session in Session.objects.all())


def test_it_asks_for_a_password_where_there_is_none(page: Client, learner: User) -> None:
    learner.set_unusable_password()
    learner.save()
    page.force_login(learner)
    html = page.get("/settings/delete/").content.decode()
    assert "/accounts/password/set/" in html
    assert 'type="password"' not in html

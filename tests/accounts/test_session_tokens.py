"""The session token of an app: as long as its session is there and its learner may enter, and no longer."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User

PASSWORD = "correct horse battery"
ME = "/api/v1/me/"


@pytest.fixture
def token(learner: User) -> str:
    return log_in(learner)["meta"]["session_token"]


def log_in(user: User) -> dict:
    body = {"email": user.email, "password": PASSWORD}
    return Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json").json()


def ask(token: str):
    return Client().get(ME, headers={"X-Session-Token": token})


def assert_refused(token: str) -> None:
    response = ask(token)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == "X-Session-Token"
    assert response.json()["type"] == "urn:engram:problem:session_token_invalid"


def test_it_says_who_asks_in_two_queries_at_most(token: str, learner: User, django_assert_max_num_queries) -> None:
    ask(token)
    with django_assert_max_num_queries(4):  # two of them are the answer's own
        response = ask(token)
    assert response.status_code == 200
    assert response.json()["email"] == learner.email


@pytest.mark.parametrize("wrong", ["no such session", "0" * 32, "ж", "'; --"])
def test_a_token_that_nobody_gave_out_is_refused(wrong: str, db: None) -> None:
    assert_refused(wrong)


def test_it_ends_with_its_session(token: str) -> None:
    response = Client().delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
    assert response.status_code == 401
    assert_refused(token)


def test_it_ends_when_its_session_is_ended_elsewhere(token: str, learner: User) -> None:
    other = log_in(learner)["meta"]["session_token"]
    Session.objects.filter(session_key=token).delete()
    assert_refused(token)
    assert ask(other).status_code == 200


def test_it_ends_when_its_time_is_up(token: str) -> None:
    Session.objects.filter(session_key=token).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert_refused(token)


def test_it_ends_when_the_learner_may_not_enter_any_more(token: str, learner: User) -> None:
    User.objects.filter(pk=learner.pk).update(is_active=False)
    assert_refused(token)


def test_it_ends_when_the_learner_is_gone(token: str, learner: User) -> None:
    learner.delete()
    assert_refused(token)


def test_it_ends_when_the_password_is_changed_elsewhere(token: str, learner: User) -> None:
    learner.set_password("another horse battery")
    learner.save()
    assert_refused(token)


def test_it_is_nobody_s_before_the_second_factor(learner: User) -> None:
    TOTP.activate(learner, generate_totp_secret())
    answer = log_in(learner)
    assert [flow["id"] for flow in answer["data"]["flows"] if flow.get("is_pending")] == ["mfa_authenticate"]
    assert_refused(answer["meta"]["session_token"])

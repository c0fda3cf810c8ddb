"""The frame around every page."""

import re

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_it_starts_with_a_way_past_the_header(client: Client) -> None:
    html = client.get("/accounts/login/").content.decode()
    body = html.split("<body", 1)[1]
    assert re.search(r"<a[^>]*href=\"#main\"", body).start() < body.index("<header")
    assert 'id="main"' in body


def test_it_has_no_inline_script_or_style(client: Client) -> None:
    html = client.get("/").content.decode()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert "<style" not in html
    assert not re.search(r"\sstyle=|\son[a-z]+=", html)


def test_it_sends_a_strict_policy(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_it_sets_a_chosen_theme_before_the_first_paint(client: Client) -> None:
    head = client.get("/").content.decode().split("</head>")[0]
    theme = re.search(r"<script[^>]*js/theme\.js[^>]*>", head).group()
    assert "defer" not in theme
    assert "module" not in theme
    assert head.index("js/theme.js") < head.index("css/base.css")


def test_it_switches_the_language_by_a_form_and_stays_on_the_page(client: Client) -> None:
    assert 'action="/i18n/setlang/"' in client.get("/accounts/login/").content.decode()
    response = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/login/"}, follow=True)
    assert response.request["PATH_INFO"] == "/accounts/login/"
    assert '<html lang="zh-hans">' in response.content.decode()


def test_it_keeps_the_language_with_the_account(client: Client, learner: User) -> None:
    client.force_login(learner)
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    learner.refresh_from_db()
    assert learner.locale == "zh-hans"


def test_it_offers_a_visitor_the_login_and_a_learner_the_account(client: Client, learner: User) -> None:
    assert "/accounts/login/" in client.get("/").content.decode()
    client.force_login(learner)
    html = client.get("/").content.decode()
    assert 'href="/settings/"' in html
    assert 'action="/accounts/logout/"' in html
    assert 'href="/admin/"' not in html


def test_it_offers_the_administration_to_who_may_enter_it(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    assert 'href="/admin/"' in client.get("/").content.decode()

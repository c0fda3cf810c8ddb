import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation


@pytest.mark.django_db
def test_it_says_where_there_is_nothing_and_leads_back(client: Client) -> None:
    response = client.get("/nothing/here/")
    html = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing here" in html
    assert 'href="/"' in html


@pytest.mark.parametrize("page", ["400.html", "403.html", "403_csrf.html", "500.html"])
def test_it_needs_neither_request_nor_database(page: str) -> None:
    html = render_to_string(page)
    assert 'lang="en"' in html
    assert "<h1>" in html
    assert "css/tokens.css" in html


def test_it_speaks_the_language_of_the_reader() -> None:
    with translation.override("zh-hans"):
        assert 'lang="zh-hans"' in render_to_string("500.html")


@pytest.mark.django_db
def test_it_explains_a_form_that_is_too_old() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


@pytest.mark.django_db
def test_it_answers_a_crash_with_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*arguments: object, **named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("config.home.paths", crash)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong here" in response.content.decode()

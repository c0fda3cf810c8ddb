import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery"


def log_in(client: Client, email: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_it_takes_e_mail_and_password(client: Client, learner: User) -> None:
    assert log_in(client, "Learner@example.org")["Location"] == "/"
    assert client.get("/settings/").status_code == 200


def test_it_refuses_a_wrong_password_without_saying_which_part_was_wrong(client: Client, learner: User) -> None:
    wrong_password = log_in(client, learner.email, "not this one").content.decode()
    wrong_address = log_in(client, "nobody@example.org").content.decode()
    assert "not correct" in wrong_password
    assert "not correct" in wrong_address


def test_it_goes_on_where_the_visitor_wanted_to_go(client: Client, learner: User) -> None:
    page = client.get("/settings/")
    assert page["Location"] == "/accounts/login/?next=/settings/"
    response = client.post(page["Location"], {"login": learner.email, "password": PASSWORD, "next": "/settings/"})
    assert response["Location"] == "/settings/"


def test_it_brings_the_language_of_the_account_to_this_browser(client: Client, learner: User) -> None:
    User.objects.update(locale="zh-hans")
    log_in(client, learner.email)
    assert 'lang="zh-hans"' in client.get("/settings/").content.decode()


def test_it_ends_with_a_post_only(client: Client, learner: User) -> None:
    client.force_login(learner)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/settings/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/settings/").status_code == 302


@pytest.fixture
def one_time_password(db: None, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("first_instructor")
    return capsys.readouterr().out.split("One-time password")[1].split()[0]


def test_it_leads_the_first_instructor_to_a_password_of_their_own(client: Client, one_time_password: str) -> None:
    instructor = User.objects.get()
    assert log_in(client, instructor.email, one_time_password)["Location"] == "/accounts/password/set/"
    assert "Choose a password" in client.get("/accounts/password/set/").content.decode()
    new = {"password1": "a much longer one", "password2": "a much longer one"}
    assert client.post("/accounts/password/set/", new).status_code == 302
    assert log_in(Client(), instructor.email, "a much longer one").status_code == 302


def test_it_takes_a_one_time_password_once(client: Client, one_time_password: str) -> None:
    instructor = User.objects.get()
    log_in(client, instructor.email, one_time_password)
    assert log_in(Client(), instructor.email, one_time_password).status_code == 200

import pytest
from django.test import Client

from accounts.models import User

NEW = {"email": "Ada@Example.org", "password1": "correct horse battery"}

pytestmark = pytest.mark.django_db


def test_it_shows_labelled_fields_and_the_way_to_log_in(client: Client) -> None:
    html = client.get("/accounts/signup/").content.decode()
    assert '<label for="id_email">' in html
    assert "/accounts/login/" in html
    assert 'name="time_zone"' in html


def test_it_makes_an_account_and_logs_in_at_once(client: Client) -> None:
    response = client.post("/accounts/signup/", NEW)
    assert response.status_code == 302
    assert response["Location"] == "/"
    user = User.objects.get(email="ada@example.org")
    assert client.get("/settings/").status_code == 200
    assert not user.is_staff


def test_it_keeps_the_language_and_the_time_zone_of_the_browser(client: Client) -> None:
    client.post("/accounts/signup/", {**NEW, "time_zone": "Asia/Shanghai"}, headers={"accept-language": "zh-CN"})
    user = User.objects.get()
    assert (user.locale, user.time_zone) == ("zh-hans", "Asia/Shanghai")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd"])
def test_it_falls_back_to_utc_where_the_browser_tells_no_time_zone(client: Client, zone: str) -> None:
    client.post("/accounts/signup/", {**NEW, "time_zone": zone})
    assert User.objects.get().time_zone == "UTC"


def test_it_says_beside_the_field_what_is_wrong(client: Client) -> None:
    response = client.post("/accounts/signup/", {"email": "ada@example.org", "password1": "12345"})
    html = response.content.decode()
    assert not User.objects.exists()
    assert 'aria-invalid="true"' in html
    assert "too short" in html


def test_it_does_not_tell_that_an_address_is_taken_by_making_a_second_account(client: Client, learner: User) -> None:
    client.post("/accounts/signup/", {"email": "LEARNER@example.org", "password1": "another horse battery"})
    assert User.objects.count() == 1

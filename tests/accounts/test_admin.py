import pytest
from django.test import Client

from accounts.models import User

LIST = "/admin/accounts/user/"


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def test_it_sends_a_visitor_to_the_login_of_the_site(client: Client, db: None) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_it_is_closed_to_learners(client: Client, learner: User) -> None:
    client.force_login(learner)
    assert client.get(LIST).status_code in {302, 403, 404}


def test_it_lists_people_with_their_roles(admin: Client, instructor: User, learner: User) -> None:
    html = admin.get(LIST).content.decode()
    assert "learner, instructor" in html
    assert "learner, admin" in html
    assert learner.email in html


def test_it_finds_people_by_address_and_name(admin: Client, learner: User, other_learner: User) -> None:
    html = admin.get(LIST, {"q": "Lin"}).content.decode()
    assert learner.email in html
    assert other_learner.email not in html


@pytest.mark.parametrize("query", ["is_staff__exact=1", "is_superuser__exact=1", "is_active__exact=1", "locale=en"])
def test_it_filters_people(admin: Client, learner: User, query: str) -> None:
    response = admin.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert (learner.email in response.content.decode()) == (query in {"is_active__exact=1", "locale=en"})


def test_it_keeps_its_query_bound_however_many_people_there_are(admin: Client, django_assert_max_num_queries) -> None:
    for number in range(30):
        User.objects.create_user(f"{number}@example.org")
    with django_assert_max_num_queries(12):
        admin.get(LIST)


def test_it_makes_an_account_with_a_lower_case_address(admin: Client) -> None:
    fields = {"email": "New@Example.org", "usable_password": "true"}
    passwords = {"password1": "correct horse battery", "password2": "correct horse battery"}
    response = admin.post(f"{LIST}add/", {**fields, **passwords})
    assert response.status_code == 302
    assert User.objects.get(email="new@example.org").check_password("correct horse battery")


def test_it_opens_an_account_for_changes(admin: Client, learner: User) -> None:
    html = admin.get(f"{LIST}{learner.pk}/change/").content.decode()
    assert "desired_retention" in html


def test_it_wears_the_colours_of_the_site(admin: Client) -> None:
    html = admin.get("/admin/").content.decode()
    assert "css/tokens.css" in html
    assert "css/admin.css" in html

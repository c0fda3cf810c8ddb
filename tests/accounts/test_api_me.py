import pytest
from rest_framework.test import APIClient

from accounts.models import User

ME = "/api/v1/me/"


def test_it_shows_the_account_with_preferences_and_roles(api: APIClient, learner: User) -> None:
    body = api.get(ME).json()
    assert body["id"] == str(learner.pk)
    assert body["email"] == "learner@example.org"
    assert body["desired_retention"] == 0.9
    assert body["roles"] == ["learner"]
    assert "password" not in body


def test_it_names_the_roles_of_an_instructor_and_an_admin(api: APIClient, instructor: User, admin_user: User) -> None:
    api.force_authenticate(instructor)
    assert api.get(ME).json()["roles"] == ["learner", "instructor"]
    api.force_authenticate(admin_user)
    assert api.get(ME).json()["roles"] == ["learner", "admin"]


def test_it_changes_what_is_given_and_leaves_the_rest(api: APIClient, learner: User) -> None:
    response = api.patch(ME, {"locale": "zh-hans", "day_start_hour": 5})
    assert response.status_code == 200
    assert response.json()["locale"] == "zh-hans"
    learner.refresh_from_db()
    assert (learner.day_start_hour, learner.name) == (5, "Lin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("locale", "xx"), ("time_zone", "Mars/Olympus"), ("day_start_hour", 24), ("desired_retention", 0.99)],
        *[("desired_retention", "nan"), ("name", None), ("name", "x" * 200)],
        *[("email", "other@example.org"), ("is_superuser", True), ("roles", ["admin"])],
    ],
)
def test_it_refuses_with_a_pointer_to_the_field(api: APIClient, learner: User, field: str, value: object) -> None:
    response = api.patch(ME, {field: value})
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in response.json()["errors"]] == [f"/{field}"]
    assert User.objects.get(pk=learner.pk).is_superuser is False


@pytest.mark.parametrize("body", ["[]", '"x"', "3", "null"])
def test_it_refuses_a_body_that_is_no_object(api: APIClient, body: str) -> None:
    response = api.patch(ME, body, content_type="application/json")
    assert response.status_code in {400, 422}


@pytest.mark.django_db
@pytest.mark.parametrize("path", [ME, f"{ME}export/"])
def test_it_needs_a_login(path: str) -> None:
    response = APIClient().get(path)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_it_exports_only_what_is_mine(api: APIClient, other_learner: User) -> None:
    response = api.get(f"{ME}export/")
    assert {"format", "accounts", "courses", "quizzes", "sandbox"} <= set(response.json())
    assert other_learner.email not in response.content.decode()


def test_it_deletes_the_account_for_good(api: APIClient, learner: User, other_learner: User) -> None:
    assert api.delete(ME).status_code == 204
    assert list(User.objects.all()) == [other_learner]

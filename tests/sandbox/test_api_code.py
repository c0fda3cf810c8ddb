"""GET …/code/ …"""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from sandbox.models import Run
from tests.sandbox.samples import finished, queued

pytestmark = pytest.mark.django_db


def code(api: APIClient, run: Run, form: str | None = None, **headers: Any) -> Any:
    return api.get(f"/api/v1/sandbox/runs/{run.pk}/code/", {"format": form} if form else {}, **headers)


@pytest.mark.parametrize("form", ["py", None])
def test_it_gives_a_script(api: APIClient, learner: User, form: str | None) -> None:
    answer = code(api, finished(learner), form)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/x-python; charset=utf-8")
    text = answer.content.decode()
    compile(text, "script", "exec")
    assert 'keras.layers.Dense(16, activation="relu", name="dense_1")' in text


def test_it_gives_a_notebook(api: APIClient, learner: User) -> None:
    answer = code(api, finished(learner), "ipynb")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ipynb+json; charset=utf-8")
    assert json.loads(answer.content)["nbformat"] == 4


def test_a_notebook_speaks_the_learner_s_language(api: APIClient, learner: User) -> None:
    answer = code(api, finished(learner), "ipynb", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert "## 数据" in answer.content.decode()


def test_it_needs_no_run_that_has_ended(api: APIClient, learner: User) -> None:
    assert code(api, queued(learner)).status_code == 200


@pytest.mark.parametrize("accept", ["*/*", "text/x-python", "application/json", "text/html", "nonsense"])
def test_it_sends_the_form_that_was_asked_for_whatever_is_accepted(api: APIClient, learner: User, accept: str) -> None:
    run = queued(learner)
    assert code(api, run, "py", HTTP_ACCEPT=accept)["Content-Type"].startswith("text/x-python")
    assert code(api, run, "ipynb", HTTP_ACCEPT=accept)["Content-Type"].startswith("application/x-ipynb+json")


@pytest.mark.parametrize(
    ("title", "disposition"),
    [
        ("My first net", 'attachment; filename="my-first-net.py"'),
        ("", 'attachment; filename="clinical-trial-16-32-2.py"'),
        ("学习率 0.1", "attachment; filename*=utf-8''%E5%AD%A6%E4%B9%A0%E7%8E%87-01.py"),
        ('../../etc/"passwd"\r\nX: y', 'attachment; filename="etcpasswd-x-y.py"'),
        ("x" * 200, f'attachment; filename="{"x" * 60}.py"'),
    ],
)
def test_the_file_is_called_like_the_run(api: APIClient, learner: User, title: str, disposition: str) -> None:
    answer = code(api, queued(learner, title=title), "py", HTTP_ACCEPT_LANGUAGE="en")
    assert answer["Content-Disposition"] == disposition


def test_a_run_whose_name_no_file_can_have_is_called_by_its_number(api: APIClient, learner: User) -> None:
    run = queued(learner, title="🧠 …")
    assert code(api, run)["Content-Disposition"] == f'attachment; filename="run-{str(run.pk)[:8]}.py"'


@pytest.mark.parametrize("form", ["html", "PY", "json", "api", "py,ipynb"])
def test_it_knows_two_forms(api: APIClient, learner: User, form: str) -> None:
    answer = code(api, queued(learner), form)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/format"]


def test_it_hides_the_run_of_somebody_else(api: APIClient, other_learner: User) -> None:
    answer = code(api, queued(other_learner), "py")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_it_asks_who_you_are(learner: User) -> None:
    assert code(APIClient(), queued(learner)).status_code in (401, 403)


def test_it_says_that_a_run_is_too_old(api: APIClient, learner: User) -> None:
    run = queued(learner)
    Run.objects.filter(pk=run.pk).update(spec={"schema": 0, "layers": []})
    answer = code(api, run, "py")
    assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")


def test_it_needs_few_queries(api: APIClient, learner: User, django_assert_max_num_queries: Any) -> None:
    run = queued(learner)
    with django_assert_max_num_queries(3):
        code(api, run, "ipynb")

"""POST /sandbox/datasets/, the list of data sets, and one table …"""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from sandbox import uploads
from sandbox.models import Run, Table
from tests.sandbox.samples import NOW
from tests.sandbox.tables import csv, flowers, table_spec

pytestmark = pytest.mark.django_db

DATASETS = "/api/v1/sandbox/datasets/"


def send(api: APIClient, content: bytes = b"", file_name: str = "flowers.csv", **fields: Any) -> Any:
    file = SimpleUploadedFile(file_name, content or flowers())
    return api.post(DATASETS, {"file": file, **fields}, format="multipart")


def send_raw(api: APIClient, content: bytes, query: str = "") -> Any:
    return api.generic("POST", DATASETS + query, content, content_type="text/csv; charset=utf-8")


@pytest.fixture
def theirs(other_learner: User) -> Table:
    return uploads.upload(other_learner, "Flowers", flowers(), now=NOW)


class TestPost:
    def test_it_keeps_a_table_once(self, api: APIClient) -> None:
        first, again = send(api), send(api)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        table = first.json()
        assert (table["kind"], table["name"], table["rows"], table["report"]) == ("table", "flowers", 30, [])
        assert table["columns"][2] == {
            "name": "kind",
            "kind": "category",
            "classes": ["lily", "rose", "tulip"],
            "counts": [8, 14, 8],
            "low": None,
            "high": None,
        }

    def test_it_takes_the_csv_as_the_body(self, api: APIClient) -> None:
        table_id = uuid.uuid4()
        answer = send_raw(api, flowers(), f"?name=My%20flowers&id={table_id}")
        assert answer.status_code == 201
        assert (answer.json()["id"], answer.json()["name"]) == (str(table_id), "My flowers")
        assert send(api).status_code == 200

    def test_it_takes_name_and_id_from_the_form(self, api: APIClient) -> None:
        table_id = uuid.uuid4()
        answer = send(api, name="  Irises\u202e ", id=str(table_id)).json()
        assert (answer["id"], answer["name"]) == (str(table_id), "Irises")

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd.csv", "..\\..\\x\u202e.csv", "<script>.csv", "\u200b.csv", "a" * 300]
    )
    def test_it_survives_any_file_name(self, api: APIClient, name: str) -> None:
        answer = send(api, file_name=name)
        assert answer.status_code == 201
        assert 0 < len(answer.json()["name"]) <= 200

    def test_it_reports_what_it_left_out_in_words(self, api: APIClient) -> None:
        content = csv("id,x,y", [f"{i},{'' if i < 2 else i / 4},{'ab'[i % 2]}" for i in range(20)])
        (identifier, rows) = send(api, content).json()["report"]
        assert (identifier["code"], identifier["column"]) == ("identifier", "id")
        assert rows["detail"] == "Rows left out because a value is missing in them: 2 of 20."

    @pytest.mark.parametrize(
        ("content", "code", "start"),
        [
            (b"", "empty", "The file is empty."),
            (b"PK\x03\x04 a workbook", "other_format", "This is no CSV but a file of another kind (zip, xlsx)."),
            (b"a,b\n1,2\n3,4,5\n", "ragged", "Line 3: Cells in this row: 3;"),
            (b"a,b\n1,2\n", "too_few_rows", "Rows that can be used: 1;"),
        ],
    )
    @pytest.mark.parametrize("way", [send, send_raw])
    def test_it_points_to_the_file_and_names_the_line(
        self, api: APIClient, way: Any, content: bytes, code: str, start: str
    ) -> None:
        answer = send_raw(api, content) if way is send_raw else api.post(
            DATASETS, {"file": SimpleUploadedFile("x.csv", content)}, format="multipart"
        )  # fmt: skip
        if way is send_raw and not content:
            start, code = "No file", "required"
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/file", code)
        assert error["detail"].startswith(start)

    def test_it_says_what_was_left_out_before_too_little_was_left(self, api: APIClient) -> None:
        answer = send(api, csv("a,b", [f"person {i},same" for i in range(30)]))
        assert [error["code"] for error in answer.json()["errors"]] == ["too_few_columns", "identifier", "constant"]

    @pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 3_000_000])
    def test_it_refuses_files_that_are_too_large(self, api: APIClient, size: int) -> None:
        for answer in (send(api, b"x" * size), send_raw(api, b"x" * size)):
            assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")

    def test_it_refuses_forms_that_are_too_large(self, api: APIClient) -> None:
        many = {f"field{i}": "x" for i in range(1100)}
        for fields, status in ((many, 400), ({"name": "x" * 2_100_000}, 413)):
            answer = api.post(DATASETS, fields, format="multipart")
            assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"id": "7"}, "/id"),
            ({"name": "n" * 201}, "/name"),
            ({"name": "a\x00b"}, "/name"),
            ({"colour": "red"}, "/colour"),
        ],
    )
    def test_it_points_to_the_field(self, api: APIClient, fields: dict[str, str], pointer: str) -> None:
        answer = send(api, **fields)
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    def test_it_needs_a_file(self, api: APIClient) -> None:
        for answer in (api.post(DATASETS, {"name": "x"}, format="multipart"), send(api, file="text")):
            assert answer.status_code == 422
            assert [error["pointer"] for error in answer.json()["errors"]] == ["/file"]

    def test_it_reads_forms_and_csv_only(self, api: APIClient) -> None:
        assert api.post(DATASETS, {"file": "a,b"}, format="json").status_code == 415

    def test_it_refuses_a_broken_form(self, api: APIClient) -> None:
        answer = api.generic("POST", DATASETS, b"--x\r\n", content_type="multipart/form-data")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")

    def test_it_refuses_another_file_under_the_same_id(self, api: APIClient) -> None:
        table_id = send(api).json()["id"]
        answer = send(api, flowers(31), id=table_id)
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")

    def test_it_says_when_there_is_no_more_room(self, api: APIClient, settings) -> None:
        settings.SANDBOX_TABLES_PER_LEARNER = 1
        send(api)
        answer = send(api, flowers(31))
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_room")
        assert "1 tables and 20 MB" in answer.json()["detail"]

    def test_it_hides_what_belongs_to_somebody_else(self, api: APIClient, theirs: Table) -> None:
        assert send(api, id=str(theirs.pk)).status_code == 404

    def test_it_asks_who_you_are(self) -> None:
        assert send(APIClient()).status_code in (401, 403)

    def test_it_asks_a_browser_for_its_token(self, learner: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(learner)
        answer = browser.post(DATASETS, {"file": SimpleUploadedFile("x.csv", flowers())})
        assert answer.status_code == 403
        assert not Table.objects.exists()


class TestList:
    def test_it_shows_your_tables_after_the_built_in_sets(self, api: APIClient, theirs: Table) -> None:
        built_in = len(api.get(DATASETS).json())
        table = send(api).json()
        listed = api.get(DATASETS).json()
        assert (len(listed), listed[-1]) == (built_in + 1, table)

    def test_its_tag_changes_with_your_tables(self, api: APIClient) -> None:
        before = api.get(DATASETS)["ETag"]
        path = f"{DATASETS}{send(api).json()['id']}/"
        answer = api.get(DATASETS, HTTP_IF_NONE_MATCH=before)
        assert answer.status_code == 200
        assert api.get(DATASETS, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
        api.delete(path)
        assert api.get(DATASETS, HTTP_IF_NONE_MATCH=before).status_code == 304

    def test_it_reads_no_bytes_of_tables(self, api: APIClient, django_assert_max_num_queries) -> None:
        for number in range(30, 35):
            send(api, flowers(number))
        with django_assert_max_num_queries(5) as queries:
            api.get(DATASETS)
        assert not any('"content"' in query["sql"] for query in queries.captured_queries)


class TestOne:
    def test_it_is_shown_with_a_tag(self, api: APIClient) -> None:
        table = send(api).json()
        answer = api.get(f"{DATASETS}{table['id']}/")
        assert answer.json() == table
        assert api.get(f"{DATASETS}{table['id']}/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304

    def test_it_is_removed(self, api: APIClient) -> None:
        path = f"{DATASETS}{send(api).json()['id']}/"
        assert [api.delete(path).status_code, api.delete(path).status_code, api.get(path).status_code] == [
            204,
            404,
            404,
        ]

    def test_it_is_hidden_from_others(self, api: APIClient, theirs: Table) -> None:
        path = f"{DATASETS}{theirs.pk}/"
        assert [api.get(path).status_code, api.delete(path).status_code] == [404, 404]
        assert Table.objects.filter(pk=theirs.pk).exists()


class TestSpecs:
    def test_it_estimates_a_table(self, api: APIClient) -> None:
        answer = api.post("/api/v1/sandbox/estimate/", {"spec": table_spec(send(api).json()["id"], validation=0.2)})
        assert answer.status_code == 200
        assert (answer.json()["training_rows"], answer.json()["parameters"]) == (24, 2 * 3 + 3)
        assert answer.json()["remarks"] == []

    def test_it_remarks_on_a_target_that_is_given_away(self, api: APIClient) -> None:
        table = send(api, csv("x,kind,code", [f"{i / 4},{'ab'[i % 2]},{i % 2}" for i in range(20)])).json()
        answer = api.post("/api/v1/sandbox/estimate/", {"spec": table_spec(table["id"], outputs=2)})
        (remark,) = answer.json()["remarks"]
        assert (remark["pointer"], remark["code"]) == ("/spec/data/target", "target_leaks")

    def test_it_starts_a_run_of_a_table_once(self, api: APIClient) -> None:
        path, body = f"/api/v1/sandbox/runs/{uuid.uuid4()}/", {"spec": table_spec(send(api).json()["id"])}
        assert [api.put(path, body).status_code, api.put(path, body).status_code] == [201, 200]
        assert api.get(path).json()["spec"]["data"]["classes"] == ["lily", "rose", "tulip"]

    def test_it_knows_no_table_of_somebody_else(self, api: APIClient, theirs: Table) -> None:
        answer = api.put(f"/api/v1/sandbox/runs/{uuid.uuid4()}/", {"spec": table_spec(theirs.pk)})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/spec/data/table"]
        assert not Run.objects.exists()

    def test_it_points_to_a_target_that_is_no_column(self, api: APIClient) -> None:
        body = {"spec": table_spec(send(api).json()["id"], target="colour")}
        answer = api.post("/api/v1/sandbox/estimate/", body)
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/spec/data/target", "unknown_target")
        assert "“petal”, “sepal”, “kind”" in error["detail"]

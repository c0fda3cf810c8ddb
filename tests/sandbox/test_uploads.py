"""A learner's table …"""

import uuid

import pytest
from django.http import Http404

from accounts.models import User
from sandbox import access, personal_data, runs, uploads, worker
from sandbox.admission import Admitted, RefusedError, admit
from sandbox.models import Failure, Run, Status, Table
from sandbox.spec import parse_spec
from sandbox.tables import TableError, read_table
from tests.sandbox.samples import NOW, finished, spec
from tests.sandbox.tables import TABLE_ID, csv, flowers, table_spec

pytestmark = pytest.mark.django_db


def upload(owner: User, content: bytes = b"", **options: object) -> Table:
    return uploads.upload(owner, "Flowers", content or flowers(), now=NOW, **options)  # type: ignore[arg-type]


class TestUpload:
    def test_it_is_kept_with_what_was_found_in_it(self, learner: User) -> None:
        content = csv("id,x,y", [f"{i},{i / 4},{'ab'[i % 2]}" for i in range(20)])
        table = Table.objects.get(pk=upload(learner, content).pk)
        assert (bytes(table.content), table.bytes, table.rows) == (content, len(content), 20)
        assert [(each["name"], each["kind"]) for each in table.columns] == [("x", "number"), ("y", "category")]
        assert [(each["code"], each["column"]) for each in table.report] == [("identifier", "id")]
        assert table.described().columns == read_table(content).columns

    def test_it_is_the_same_for_the_same_bytes(self, learner: User) -> None:
        table = upload(learner)
        again = uploads.upload(learner, "Another name", flowers(), now=NOW, table_id=uuid.uuid4())
        assert (again.pk, again.name, Table.objects.count()) == (table.pk, "Flowers", 1)

    def test_it_is_another_one_for_somebody_else(self, learner: User, other_learner: User) -> None:
        assert upload(learner).pk != upload(other_learner).pk

    def test_it_takes_the_id_that_the_client_made(self, learner: User) -> None:
        table_id = uuid.uuid4()
        assert upload(learner, table_id=table_id).pk == table_id
        assert upload(learner, table_id=table_id).pk == table_id

    def test_it_is_no_other_table_under_the_same_id(self, learner: User) -> None:
        table = upload(learner)
        with pytest.raises(uploads.ConflictError):
            upload(learner, flowers(31), table_id=table.pk)

    def test_it_is_hidden_from_others(self, learner: User, other_learner: User, admin_user: User) -> None:
        table = upload(learner)
        with pytest.raises(Http404):
            upload(other_learner, table_id=table.pk)
        for stranger in (other_learner, admin_user):
            with pytest.raises(Http404):
                access.table_of(stranger, table.pk)

    def test_it_is_not_kept_where_it_cannot_be_read(self, learner: User) -> None:
        with pytest.raises(TableError):
            upload(learner, b"PK\x03\x04")
        assert not Table.objects.exists()


class TestRoom:
    def test_it_ends_at_twenty_tables(self, learner: User, other_learner: User, settings) -> None:
        settings.SANDBOX_TABLES_PER_LEARNER = 2
        for number in (30, 31):
            upload(learner, flowers(number))
        with pytest.raises(uploads.NoRoomError):
            upload(learner, flowers(32))
        assert upload(learner, flowers(30)).rows == 30, "what is kept already takes no room"
        assert upload(other_learner, flowers(32)).rows == 32

    def test_it_ends_at_so_many_bytes(self, learner: User, settings) -> None:
        settings.SANDBOX_TABLE_BYTES = len(flowers(30)) + 10
        table = upload(learner, flowers(30))
        with pytest.raises(uploads.NoRoomError):
            upload(learner, flowers(31))
        uploads.remove(table)
        assert upload(learner, flowers(29)).rows == 29


class TestAdmission:
    def admitted(self, value: object, user: User) -> Admitted:
        return admit(value, access.tables_of(user))

    def problems(self, value: object, user: User) -> list[tuple[str, str]]:
        with pytest.raises(RefusedError) as caught:
            self.admitted(value, user)
        return [(problem.pointer, problem.code) for problem in caught.value.problems]

    def test_it_fills_in_the_spec(self, learner: User) -> None:
        data = self.admitted(table_spec(upload(learner).pk), learner).as_json()["data"]
        assert (data["rows"], data["classes"]) == (30, ["lily", "rose", "tulip"])
        assert [each["name"] for each in data["columns"]] == ["petal", "sepal"]

    def test_it_ignores_what_a_client_filled_in(self, learner: User) -> None:
        table = upload(learner)
        clean = self.admitted(table_spec(table.pk), learner)
        sent = table_spec(table.pk, rows=10**9, columns=[{"name": "x"}] * 9000, classes=[1])
        assert self.admitted(sent, learner).as_json() == clean.as_json()
        assert self.admitted(clean.as_json(), learner).as_json() == clean.as_json()

    def test_the_stored_spec_is_complete_for_a_worker(self, learner: User) -> None:
        stored = self.admitted(table_spec(upload(learner).pk), learner).as_json()
        assert parse_spec(stored).model_dump(mode="json") == stored
        assert uploads.content_for(parse_spec(stored), learner.pk) == flowers()

    def test_it_knows_nobody_elses(self, learner: User, other_learner: User) -> None:
        table = upload(learner)
        assert self.problems(table_spec(table.pk), other_learner) == [("/data/table", "unknown_table")]
        assert self.problems(table_spec(uuid.uuid4()), learner) == [("/data/table", "unknown_table")]
        with pytest.raises(RefusedError):
            admit(table_spec(table.pk))

    @pytest.mark.parametrize("target", ["colour", "id", "Kind"])
    def test_it_points_to_a_target_that_is_no_column(self, learner: User, target: str) -> None:
        assert self.problems(table_spec(upload(learner).pk, target), learner) == [("/data/target", "unknown_target")]

    @pytest.mark.parametrize("table", ["", "flowers", "../etc/passwd", 7, None, TABLE_ID.upper(), "{" + TABLE_ID + "}"])
    def test_it_takes_nothing_but_an_id_for_a_table(self, learner: User, table: object) -> None:
        value = table_spec(TABLE_ID)
        value["data"]["table"] = table
        assert [pointer for pointer, _ in self.problems(value, learner)] == ["/data/table"]

    def test_it_checks_the_network_against_the_table(self, learner: User) -> None:
        value = table_spec(upload(learner).pk, outputs=2)
        assert self.problems(value, learner) == [("/layers/0/units", "too_few_outputs")]

    def test_it_warns_of_columns_that_give_the_target_away(self, learner: User) -> None:
        rows = [f"{i / 4},{'ab'[i % 2]},{i % 2}" for i in range(20)]
        table = upload(learner, csv("x,kind,code", rows))
        (remark,) = self.admitted(table_spec(table.pk, outputs=2), learner).remarks
        assert (remark.pointer, remark.code) == ("/data/target", "target_leaks")
        assert "“code”" in remark.detail
        assert "“x”" not in remark.detail


class TestRemoval:
    def test_it_leaves_its_runs_as_they_are(self, learner: User) -> None:
        table = upload(learner)
        run = finished(learner)
        stored = admit(table_spec(table.pk), access.tables_of(learner)).as_json()
        Run.objects.filter(pk=run.pk).update(spec=stored)
        uploads.remove(table)
        run.refresh_from_db()
        assert run.spec == stored

    def test_it_leaves_a_waiting_run_without_bytes(self, learner: User) -> None:
        table = upload(learner)
        waiting = parse_spec(admit(table_spec(table.pk), access.tables_of(learner)).as_json())
        uploads.remove(table)
        with pytest.raises(uploads.GoneError):
            uploads.content_for(waiting, learner.pk)
        upload(learner, flowers(31), table_id=table.pk)
        with pytest.raises(uploads.GoneError):
            uploads.content_for(waiting, learner.pk)

    def test_it_lets_a_waiting_run_fail_as_refused(self, learner: User) -> None:
        table = upload(learner)
        stored = admit(table_spec(table.pk), access.tables_of(learner)).as_json()
        runs.create(learner, uuid.uuid4(), stored, now=NOW)
        uploads.remove(table)
        run = runs.claim(now=NOW)
        assert run is not None
        worker.train(run, lambda: NOW)
        run.refresh_from_db()
        assert (run.status, run.failure) == (Status.FAILED, Failure.REFUSED)

    def test_it_takes_no_table_for_a_built_in_set(self, learner: User) -> None:
        assert uploads.content_for(parse_spec(spec()), learner.pk) is None


class TestPersonalData:
    def test_it_is_exported_as_it_was_sent(self, learner: User, other_learner: User) -> None:
        text = "重量,颜色\n" + "".join(f"{i / 4},{'红绿'[i % 2]}\n" for i in range(20))
        upload(learner, text.encode("gb18030"))
        upload(other_learner)
        (exported,) = personal_data.export(learner)["tables"]
        assert (exported["name"], exported["csv"]) == ("Flowers", text)

    def test_it_is_erased_whole(self, learner: User, other_learner: User) -> None:
        upload(learner)
        kept = upload(other_learner)
        personal_data.erase(learner)
        assert list(Table.objects.values_list("pk", flat=True)) == [kept.pk]

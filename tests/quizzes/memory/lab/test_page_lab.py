"""The page of the lab …"""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from courses.models import Course, Lesson
from quizzes.memory import reviews
from quizzes.memory.lab import rows as lab
from quizzes.memory.lab import sets as lab_sets
from quizzes.memory.models import CoursePlan, StudyPlan
from quizzes.models import Question
from sandbox import personal_data
from sandbox.models import Run, Table
from tests.quizzes.factories import NOW
from tests.quizzes.memory.lab.samples import record, remembers, review, table_of, trained
from tests.quizzes.memory.samples import more_cards
from tests.quizzes.regrading.samples import exclude
from tests.sandbox.form_fields import fields_of

PAGE, MAKE = "/memory/lab/", "/memory/lab/table/"
LATER = NOW + timedelta(days=2)


@pytest.fixture
def cards(learner: User, course: Course) -> list[Question]:
    return remembers(learner, course)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def words(page: Client, address: str = PAGE, **follow: Any) -> str:
    answer = page.get(address, **follow)
    assert answer.status_code == 200
    html = answer.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", unescape(strip_tags(re.sub(r"(</(?:td|th|dt|dd|p|h\d|span)>)", r"\1 ", main))))


def figures(user: User) -> lab.Figures:
    found = lab_sets.of_learner(user)
    return lab.figures(found.examples, has_own=found.has_own_weights)


class TestWithoutEnough:
    def test_it_says_how_many_there_are_and_how_many_are_needed(
        self, page: Client, learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        for day in range(4):
            review(learner, card, 3, NOW + timedelta(days=day))
        text = words(page)
        assert "3 rows of your own so far, 100 are needed" in text
        assert "Try it on a simulated memory" in text
        assert "Train a network on it" not in text

    def test_it_is_there_on_the_first_day(self, page: Client) -> None:
        assert "0 rows of your own so far, 100 are needed" in words(page)

    def test_it_says_when_there_is_nothing_to_tell_apart(self, page: Client, learner: User, course: Course) -> None:
        for card in more_cards(course, 11):
            record(
                learner,
                [
                    {"id": str(card.pk)[:-2] + f"{day:02}", "question": str(card.pk), "rating": 3, "occurred_at": at}
                    for day in range(11)
                    for at in [NOW - timedelta(days=30 - day)]
                ],
            )
        text = words(page)
        assert "There is nothing to tell apart yet" in text
        assert "110" in text

    def test_no_table_is_made(self, page: Client) -> None:
        answer = page.post(MAKE, follow=True)
        assert "There is not enough to train on yet." in answer.content.decode()
        assert not Table.objects.exists()


class TestFigures:
    def test_it_shows_rows_split_and_baselines(self, page: Client, learner: User, cards: Any) -> None:
        text, found = words(page), lab_sets.of_learner(learner)
        training, validation = lab.split(found.examples)
        expected = figures(learner)
        assert f"Rows {len(found.examples)} " in text
        assert f"Training {len(training)} " in text
        assert f"Validation {len(validation)} " in text
        assert f"the same guess for every card {expected.constant:.3f}" in text
        assert f"FSRS, published weights {expected.published:.3f}" in text
        assert "FSRS, your weights" not in text
        assert "your best network" not in text
        assert " ".join(map(str, found.examples[0].row)) in text

    def test_it_shows_fsrs_with_the_weights_of_the_learner(self, page: Client, learner: User, cards: Any) -> None:
        published = figures(learner).published
        StudyPlan.objects.create(user=learner, weights=[0.5, *lab.DEFAULT_WEIGHTS[1:]])
        own = figures(learner).own
        assert own is not None
        text = words(page)
        assert f"FSRS, published weights {published:.3f}" in text
        assert f"FSRS, your weights {own:.3f}" in text

    def test_only_ones_own_reviews_are_shown(self, page: Client, other_learner: User, course: Course) -> None:
        remembers(other_learner, course)
        assert "0 rows of your own so far" in words(page)

    def test_a_card_that_was_kept_out_of_memory_is_left_out(self, learner: User, cards: list[Question]) -> None:
        before = lab_sets.of_learner(learner).examples
        log = learner.reviews.filter(question=cards[0]).values_list("effective_at", flat=True)
        of_card = [one for one in before if one.at in set(log)]
        assert of_card
        exclude(cards[0])
        assert lab_sets.of_learner(learner).examples == [one for one in before if one not in of_card]

    def test_an_undone_review_is_left_out(self, page: Client, learner: User, cards: list[Question]) -> None:
        before = lab_sets.of_learner(learner).examples
        wrong = review(learner, cards[0], 1, NOW)
        assert len(lab_sets.of_learner(learner).examples) == len(before) + 1
        undo = {"id": str(cards[0].pk), "question": str(cards[0].pk), "undoes": str(wrong), "occurred_at": NOW}
        record(learner, [undo])
        assert lab_sets.of_learner(learner).examples == before

    def test_it_asks_few_queries(
        self, page: Client, learner: User, cards: Any, django_assert_max_num_queries: Any
    ) -> None:
        table = table_of(learner)
        for loss in (0.6, 0.5, 0.4):
            trained(learner, table, loss)
        review(learner, cards[0], 3, LATER)
        CoursePlan.objects.create(user=learner, course=cards[0].course, desired_retention=0.85)
        Lesson.objects.filter(course=cards[0].course).update(slug="training-validation-and-test-sets")
        assert "This is the lesson Nets made real." in words(page)
        with django_assert_max_num_queries(10):
            page.get(PAGE)


class TestTable:
    def test_it_opens_the_studio_with_the_network_and_the_table(self, page: Client, learner: User, cards: Any) -> None:
        answer = page.post(MAKE)
        table = Table.objects.get(owner=learner)
        assert table.rows == len(lab_sets.of_learner(learner).examples)
        assert table.name == f"My reviews, {table.rows} rows"
        address = urlsplit(answer["Location"])
        assert address.path == "/sandbox/new/"
        assert parse_qs(address.query) == {"table": [str(table.pk)], "target": ["recalled"]}
        html = page.get(answer["Location"]).content.decode()
        assert re.search(r'name="dataset" value="table"[^>]* checked', html)
        units = [re.search(rf'name="layers-{n}-units" value="(\d+)"', html) for n in range(3)]
        assert [found and found[1] for found in units] == ["16", "8", "1"]

    def test_what_the_studio_shows_can_be_started(self, page: Client, learner: User, cards: Any) -> None:
        html = page.get(page.post(MAKE)["Location"]).content.decode()
        fields = fields_of(html, "recipe") | {"press": "start"}
        answer = page.post("/sandbox/new/", fields)
        assert answer.status_code == 302, answer.content.decode()
        run = Run.objects.get()
        assert (run.spec["data"]["target"], run.spec["loss"]) == ("recalled", "binary_crossentropy")
        assert run.spec["early_stopping"]["patience"] == 8

    def test_made_twice_it_is_one(self, page: Client, cards: Any) -> None:
        assert page.post(MAKE)["Location"] == page.post(MAKE)["Location"]
        assert Table.objects.count() == 1

    def test_nobody_else_opens_it(self, client: Client, learner: User, other_learner: User, cards: Any) -> None:
        table = table_of(learner)
        client.force_login(other_learner)
        address = f"/sandbox/new/?table={table.pk}&target=recalled"
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("query", ["target=nothing", "table=x"])
    def test_the_studio_opens_no_other_column_and_no_other_table(
        self, page: Client, learner: User, cards: Any, query: str
    ) -> None:
        address = f"/sandbox/new/?table={table_of(learner).pk}&{query}"
        assert page.get(address).status_code == 404

    def test_the_figures_stay_those_of_the_table_until_it_is_made_anew(
        self, page: Client, learner: User, cards: list[Question]
    ) -> None:
        table = table_of(learner)
        assert "Begin anew with today's rows" not in words(page)
        before = figures(learner)
        for card in cards[:30]:
            review(learner, card, 1, LATER)
        text = words(page)
        assert figures(learner) == before
        assert f"Rows {table.rows} " in text
        assert "You have reviewed 30 times since" in text
        assert "Begin anew with today's rows" in text
        anew = table_of(learner, now=LATER)
        assert anew.rows == table.rows + 30
        assert f"Rows {anew.rows} " in words(page)
        assert figures(learner) != before

    def test_what_was_corrected_since_is_no_longer_those_rows(self, learner: User, cards: list[Question]) -> None:
        table_of(learner)
        exclude(cards[0])
        found = lab_sets.of_learner(learner)
        assert (found.table, found.newer) == (None, 0)

    def test_older_ones_make_room_unless_a_run_waits(self, learner: User, cards: list[Question]) -> None:
        tables = [table_of(learner)]
        first = trained(learner, tables[0], 0.5)
        Run.objects.filter(pk=first.pk).update(status="queued")
        for day in range(1, 6):
            at = NOW + timedelta(days=day)
            review(learner, cards[0], 3, at)
            tables.append(table_of(learner, now=at))
        left = set(Table.objects.values_list("pk", flat=True))
        assert left == {tables[0].pk, *(table.pk for table in tables[-3:])}

    def test_without_room_it_says_so_and_keeps_what_is_there(
        self, page: Client, learner: User, cards: Any, settings: Any
    ) -> None:
        settings.SANDBOX_TABLES_PER_LEARNER = 0
        answer = page.post(MAKE, follow=True)
        assert "Remove one first." in answer.content.decode()
        assert not Table.objects.exists()

    def test_it_goes_with_the_account(self, learner: User, cards: Any) -> None:
        table_of(learner)
        assert personal_data.export(learner)["tables"][0]["csv"].startswith("elapsed_days,")
        personal_data.erase(learner)
        assert not Table.objects.exists()

    def test_it_is_made_by_a_button_alone(self, page: Client, client: Client) -> None:
        assert page.get(MAKE).status_code == 405
        client.logout()
        assert client.post(MAKE).status_code == 302
        assert "/accounts/login/" in client.get(PAGE)["Location"]


class TestNetworks:
    def test_the_best_epoch_of_the_best_run_stands_beside_fsrs(self, page: Client, learner: User, cards: Any) -> None:
        table, fsrs = table_of(learner), figures(learner).fsrs
        trained(learner, table, 0.7, 0.65, 0.68)
        trained(learner, table, 0.69, 0.6661)
        text = words(page)
        assert "your best network 0.650" in text
        assert f"Your network 0.650, FSRS {fsrs:.3f}: FSRS knows more." in text
        assert "0.6661" in text

    @pytest.mark.parametrize(
        ("difference", "verdict"),
        [(-0.2, "your network knows more."), (0.0001, "too close to tell apart."), (0.2, "FSRS knows more.")],
    )
    def test_it_says_who_knows_more(
        self, page: Client, learner: User, cards: Any, difference: float, verdict: str
    ) -> None:
        trained(learner, table_of(learner), figures(learner).fsrs + difference)
        assert f": {verdict}" in words(page)

    def test_a_run_on_other_rows_is_not_compared(self, page: Client, learner: User, cards: Any) -> None:
        trained(learner, table_of(learner), 0.001, validation=0.1)
        text = words(page)
        assert "measured on other rows" in text
        assert "your best network" not in text

    def test_runs_of_another_table_are_not_listed(self, page: Client, learner: User, cards: list[Question]) -> None:
        trained(learner, table_of(learner), 0.123)
        review(learner, cards[0], 3, LATER)
        table_of(learner, now=LATER)
        text = words(page)
        assert "0.123" not in text
        assert "No network has been trained on this table yet." in text


class TestSimulated:
    def test_it_is_called_so_and_can_be_trained_on_from_the_first_day(self, page: Client) -> None:
        assert "This is a simulated memory" in words(page, f"{PAGE}?memory=simulated")
        answer = page.post(MAKE, {"memory": "simulated"})
        table = Table.objects.get()
        assert table.name == "Simulated memory"
        assert table.rows > 3000
        assert page.get(answer["Location"]).status_code == 200

    def test_it_is_no_data_of_ones_own(self, page: Client, learner: User, cards: Any) -> None:
        table = table_of(learner, "simulated")
        trained(learner, table, 0.5)
        assert "your best network 0.500" in words(page, f"{PAGE}?memory=simulated")
        assert "your best network" not in words(page)


def test_rebuilding_memory_is_no_new_row(learner: User, cards: Any) -> None:
    table = table_of(learner)
    reviews.rebuild(learner)
    assert lab_sets.of_learner(learner).table == table

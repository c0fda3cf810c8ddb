"""The rows of the lab, and what is said of them …"""

import math
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory import fsrs
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Terms
from quizzes.memory.lab import rows as lab
from quizzes.memory.lab.simulated import simulated_logs
from sandbox.spec import parse_spec, training_rows, validation_rows
from sandbox.table_recipes import starting_spec
from sandbox.tables import read_table

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
HARDER = (*(weight / 2 for weight in DEFAULT_WEIGHTS[:4]), *DEFAULT_WEIGHTS[4:])
CARD = uuid.UUID(int=7)


def review(rating: int | None, day: float, undoes: uuid.UUID | None = None) -> Entry:
    at = BEGIN + timedelta(days=day)
    return Entry(uuid.uuid4(), rating, at, at, undoes)


def rows(*log: Entry) -> list[lab.Row]:
    return [one.row for one in lab.examples_of({CARD: log})]


class TestRows:
    def test_it_has_one_for_each_review_a_day_or_more_after_the_last(self) -> None:
        log = [review(3, 0), review(3, 0.01), review(4, 3.2), review(1, 10.5), review(3, 10.51), review(2, 12)]
        assert rows(*log) == [
            lab.Row(3, 2, 3, 3, 0, 0, 3, 1),
            lab.Row(7, 3, 4, 3, 0, 3, 10, 0),
            lab.Row(1, 5, 3, 1, 1, 0, 12, 1),
        ]

    def test_it_has_none_of_a_first_review_nor_within_a_day(self) -> None:
        assert rows(review(3, 0)) == []
        assert rows(review(3, 0), review(3, 0.999)) == []
        assert len(rows(review(3, 0), review(3, 1))) == 1

    def test_it_knows_no_rating_before_the_first(self) -> None:
        (row,) = rows(review(2, 0), review(1, 5))
        assert (row.previous_rating, row.rating_before_that, row.last_interval_days) == (2, 0, 0)

    def test_what_was_undone_or_is_kept_out_was_never_there(self) -> None:
        wrong = review(1, 4)
        kept_out = review(None, 5)
        log = [review(3, 0), review(3, 2), review(3, 9)]
        assert rows(*log, wrong, review(None, 4.1, undoes=wrong.id), kept_out) == rows(*log)

    def test_they_lie_in_the_order_of_time_whatever_the_order_of_delivery(self) -> None:
        first, second = [review(3, 0), review(3, 2), review(3, 9)], [review(3, 1), review(1, 3), review(3, 5)]
        one = lab.examples_of({CARD: first, uuid.UUID(int=8): second})
        other = lab.examples_of({uuid.UUID(int=8): second[::-1], CARD: [*first[::-1], first[0]]})
        assert one == other
        assert [example.at for example in one] == sorted(example.at for example in one)
        assert [example.row.elapsed_days for example in one] == [2, 2, 2, 7]

    def test_only_the_latest_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        log = [review(3, day) for day in range(10)]
        everything = lab.examples_of({CARD: log})
        monkeypatch.setattr(lab, "MOST_ROWS", 4)
        assert lab.examples_of({CARD: log}) == everything[-4:]

    def test_the_sandbox_reads_every_column_as_a_number(self) -> None:
        examples = lab.examples_of(simulated_logs(cards=60))
        table = read_table(lab.csv_of(examples))
        assert tuple(column.name for column in table.columns) == lab.COLUMNS
        assert {column.kind for column in table.columns} == {"number"}
        assert (table.rows, table.report) == (len(examples), ())
        assert [int(value) for value in table.values("recalled")] == [one.row.recalled for one in examples]


class TestPredictions:
    def test_they_are_those_of_the_fold_of_what_came_before(self) -> None:
        log = [review(3, 0), review(3, 0.01), review(4, 3.2), review(1, 10.5), review(3, 10.51), review(2, 12)]
        for example in lab.examples_of({CARD: log}, {CARD: HARDER}):
            before = [entry for entry in log if entry.effective_at < example.at]
            for predicted, weights in [(example.published, DEFAULT_WEIGHTS), (example.own, HARDER)]:
                state = fsrs.fold(before, Terms(uuid.UUID(int=1), CARD, weights=weights))
                assert state is not None
                assert predicted == fsrs.retrievability(state, example.at, weights)

    @given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 30)), min_size=2, max_size=12), st.data())
    def test_nothing_that_comes_later_changes_a_row(self, given_: list[tuple[int, float]], data: Any) -> None:
        log = [review(rating, day) for rating, day in sorted(given_, key=lambda one: one[1])]
        cut = data.draw(st.integers(0, len(log)))
        until = [entry for entry in log if cut and entry.effective_at <= log[cut - 1].effective_at]
        whole = lab.examples_of({CARD: log}, {CARD: HARDER})
        assert lab.examples_of({CARD: until}, {CARD: HARDER}) == [
            one for one in whole if until and one.at <= until[-1].effective_at
        ]

    def test_without_weights_of_ones_own_both_are_the_same(self) -> None:
        assert all(one.own == one.published for one in lab.examples_of(simulated_logs(cards=20)))


class TestLogLoss:
    def examples(self, *recalled: int) -> list[lab.Example]:
        return [lab.Example(BEGIN, lab.Row(1, 1, 3, 0, 0, 0, 1, each), 0.9, 0.6) for each in recalled]

    def test_it_is_the_surprise_in_nats(self) -> None:
        assert lab.log_losses([0.9, 0.9], self.examples(1, 0)) == [-math.log(0.9), pytest.approx(-math.log(0.1))]
        assert lab.log_losses([0.5], self.examples(0)) == [pytest.approx(lab.COIN)]

    def test_it_stays_finite_for_who_was_certain_and_wrong(self) -> None:
        assert lab.log_losses([1.0, 0.0], self.examples(0, 1)) == [pytest.approx(-math.log(1e-7), rel=1e-6)] * 2

    def test_the_figures_are_of_the_last_fifth_and_the_guess_is_of_the_rest(self) -> None:
        examples = self.examples(1, 1, 1, 1, 1, 1, 0, 0, 1, 0)
        found = lab.figures(examples, has_own=True)
        assert found.constant == pytest.approx(-(math.log(0.75) + math.log(0.25)) / 2)
        assert found.published == pytest.approx(-(math.log(0.9) + math.log(0.1)) / 2)
        assert found.own == pytest.approx(-(math.log(0.6) + math.log(0.4)) / 2)
        assert found.fsrs == found.own
        differences = math.log(0.75) - math.log(0.9), math.log(0.25) - math.log(0.1)
        assert found.uncertainty == pytest.approx((differences[1] - differences[0]) / 2)
        alone = lab.figures(examples, has_own=False)
        assert (alone.own, alone.fsrs) == (None, alone.published)

    @pytest.mark.parametrize("count", [100, 101, 103, 363, 4109, 20_000])
    def test_the_split_is_that_of_the_sandbox(self, count: int) -> None:
        examples = self.examples(*(number % 3 > 0 for number in range(count)))
        varied = [
            lab.Example(BEGIN, one.row._replace(elapsed_days=1 + n % 17, days_since_first=n % 13), 0.9, 0.9)
            for n, one in enumerate(examples)
        ]
        spec = spec_for(varied)
        training, validation = lab.split(varied)
        assert (len(training), len(validation)) == (training_rows(spec), validation_rows(spec))

    @pytest.mark.parametrize(("recalled", "ready"), [([1, 0] * 50, True), ([1, 0] * 49, False), ([1] * 200, False)])
    def test_it_takes_a_hundred_rows_and_both_ends(self, recalled: list[int], ready: bool) -> None:
        assert lab.can_be_trained_on(self.examples(*recalled)) is ready
        assert lab.can_be_trained_on([]) is False


class TestSimulated:
    def test_the_same_seed_is_the_same_memory(self) -> None:
        assert simulated_logs(3, 20) == simulated_logs(3, 20)
        assert simulated_logs(3, 20) != simulated_logs(4, 20)

    def test_fsrs_is_the_truth_of_it(self) -> None:
        """Predicted recall and what happened agree in every tenth, within three standard errors."""
        examples = lab.examples_of(simulated_logs())
        assert len(examples) > 3000
        bins: dict[int, list[lab.Example]] = {}
        for one in examples:
            bins.setdefault(int(one.published * 10), []).append(one)
        for group in (group for group in bins.values() if len(group) > 50):
            predicted = sum(one.published for one in group) / len(group)
            error = math.sqrt(predicted * (1 - predicted) / len(group))
            assert abs(lab.share_recalled(group) - predicted) < 3 * error
        found = lab.figures(examples, has_own=False)
        assert found.published < found.constant < lab.COIN


def spec_for(examples: list[lab.Example], **changes: Any) -> Any:
    table = read_table(lab.csv_of(examples))
    found = {**starting_spec(uuid.UUID(int=3), table, lab.TARGET), **changes}
    return parse_spec(found)


@pytest.fixture(scope="module")
def examples() -> list[lab.Example]:
    return lab.examples_of(simulated_logs(cards=80))


class TestComparable:
    def test_the_first_network_is(self, examples: list[lab.Example]) -> None:
        spec = spec_for(examples)
        assert lab.incomparable(spec) == ""
        assert (spec.data.scaling, spec.data.split, spec.loss) == ("standard", "last_rows", "binary_crossentropy")
        assert [(layer.units, layer.activation) for layer in spec.layers] == [(16, "tanh"), (8, "tanh"), (1, "sigmoid")]

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"split": "shuffled"}, "rows"),
            ({"validation": 0.3}, "rows"),
            ({"test": 0.1}, "rows"),
            ({"shuffled_labels": True}, "rows"),
            ({"label_noise": 0.1}, ""),
            ({"scaling": "min_max"}, ""),
            ({"target": "lapses"}, "loss"),
        ],
    )
    def test_it_depends_on_the_rows_it_is_measured_on(self, examples: Any, changes: dict[str, Any], why: str) -> None:
        spec = spec_for(examples)
        data = spec.data.model_copy(update=changes)
        assert lab.incomparable(spec.model_copy(update={"data": data})) == why

    @pytest.mark.parametrize(
        ("loss", "units", "activation", "why"),
        [
            ("sparse_categorical_crossentropy", 2, "softmax", ""),
            ("categorical_crossentropy", 2, "softmax", ""),
            ("binary_crossentropy", 2, "sigmoid", "loss"),
            ("mean_squared_error", 1, "sigmoid", "loss"),
        ],
    )
    def test_it_depends_on_the_loss(self, examples: Any, loss: str, units: int, activation: str, why: str) -> None:
        layers = [{"kind": "dense", "units": units, "activation": activation}]
        assert lab.incomparable(spec_for(examples, loss=loss, layers=layers)) == why

    def test_a_penalty_is_no_surprise(self, examples: Any) -> None:
        layer = {"kind": "dense", "units": 1, "activation": "sigmoid", "kernel_regularizer": {"l2": 0.01}}
        assert lab.incomparable(spec_for(examples, layers=[layer])) == "penalty"

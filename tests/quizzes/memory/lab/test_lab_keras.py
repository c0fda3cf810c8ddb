"""A network on the rows of the lab, trained by the real Keras …"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from quizzes.memory.lab import rows as lab
from quizzes.memory.lab.simulated import simulated_logs
from sandbox.messages import EpochEnded
from sandbox.spec import TableData, parse_spec
from sandbox.table_recipes import starting_spec
from sandbox.tables import read_table
from tests.sandbox.phone import Phone, is_over
from tests.servers import Installation

pytestmark = pytest.mark.keras

SILENT: dict[str, Any] = {
    "layers": [{"kind": "dense", "units": 1, "activation": "sigmoid", "kernel_initializer": "zeros"}],
    "optimizer": {"kind": "sgd", "learning_rate": 1e-7},
    "epochs": 1,
}
"""A network that says one half of every row."""


@pytest.fixture(scope="module")
def engram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("lab")) as installation:
        installation.manage("migrate", "--verbosity", "0")
        installation.start_worker()
        installation.start_web()
        yield installation


def val_losses(examples: list[lab.Example], **changes: Any) -> list[float | None]:
    from sandbox.engine.table_rows import rows_of
    from sandbox.engine.training import train

    content = lab.csv_of(examples)
    spec = parse_spec({**starting_spec(uuid.UUID(int=1), read_table(content), lab.TARGET), **changes})
    assert lab.incomparable(spec) == ""
    assert isinstance(spec.data, TableData)
    messages = train(spec, table=rows_of(content, spec.data))
    return [message.val_loss for message in messages if isinstance(message, EpochEnded)]


@pytest.mark.parametrize(
    "changes",
    [
        SILENT,
        SILENT
        | {
            "layers": [{"kind": "dense", "units": 2, "activation": "softmax", "kernel_initializer": "zeros"}],
            "loss": "sparse_categorical_crossentropy",
        },
    ],
)
def test_its_validation_loss_is_the_log_loss_in_nats(changes: dict[str, Any]) -> None:
    (loss,) = val_losses(lab.examples_of(simulated_logs(cards=60)), **changes)
    assert loss == pytest.approx(lab.COIN, abs=1e-4)


def test_it_is_measured_on_the_rows_that_fsrs_is_measured_on() -> None:
    """A network that only learns how often is as surprised as who says that share."""
    examples = lab.examples_of(simulated_logs(cards=60))
    changes = {**SILENT, "epochs": 60, "optimizer": {"kind": "adam", "learning_rate": 0.05}, "early_stopping": None}
    constant = [lab.Example(one.at, one.row._replace(**dict.fromkeys(lab.COLUMNS[:-1], 1)), 1, 1) for one in examples]
    varied = [  # a column that never changes is left out: this one changes, and means nothing
        lab.Example(one.at, one.row._replace(reviews_before=number % 2), 1, 1) for number, one in enumerate(constant)
    ]
    last = val_losses(varied, **changes)[-1]
    assert last == pytest.approx(lab.figures(examples, has_own=False).constant, abs=0.02)


def test_it_is_trained_from_the_phone_and_stands_beside_fsrs(engram: Installation) -> None:
    phone = Phone(engram.url)
    answer = phone.http.post("/api/v1/memory/lab/", json={"memory": "simulated"})
    assert answer.status_code == 200, answer.text
    path = phone.start(answer.json()["spec"])
    run = phone.wait(path, is_over, seconds=60)
    assert run["status"] == "succeeded"
    epochs = phone.get(f"{path}epochs/")["epochs"]
    found = phone.get("/api/v1/memory/lab/?memory=simulated")
    (listed,) = found["runs"]
    assert (listed["id"], listed["incomparable"]) == (run["id"], None)
    assert listed["log_loss"] == pytest.approx(min(epoch["val_loss"] for epoch in epochs))
    figures = found["figures"]
    assert listed["log_loss"] < figures["constant"] < figures["coin"], "it has learned something"
    assert figures["published"] < listed["log_loss"], "nothing knows more of this memory than what made it"

"""`manage.py train SPEC.json`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.sandbox.specs import NOTES, dense


def train(folder: Path, **changes: Any) -> None:
    path = folder / "spec.json"
    path.write_text(json.dumps(NOTES | changes))
    call_command("train", str(path))


@pytest.mark.keras
def test_it_prints_a_table_of_epochs_and_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path, epochs=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "ms"]
    assert [line.split()[0] for line in lines[1:4]] == ["1", "2", "3"]
    assert any(line.strip().startswith("side effects") for line in lines)
    assert lines[-1].startswith("3 epochs in")


@pytest.mark.keras
def test_it_says_where_a_training_diverged(tmp_path: Path) -> None:
    changes = {"layers": dense((8, "relu"), (1, "linear")), "loss": "mean_squared_error"}
    with pytest.raises(CommandError, match=r"diverged after 1 epochs\. the loss became (nan|inf) in epoch 1, step \d+"):
        train(tmp_path, optimizer={"kind": "sgd", "learning_rate": 10.0}, **changes)


def test_it_names_the_file_and_the_field_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"spec\.json: /epochs: .*500"):
        train(tmp_path, epochs=10_000)


def test_it_says_what_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"/layers/0/activation: Softmax shares"):
        train(tmp_path, layers=dense((1, "softmax")), loss="mean_squared_error")


def test_it_says_when_there_is_no_file_or_no_json(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("train", str(tmp_path / "nothing.json"))
    (tmp_path / "spec.json").write_text("{")
    with pytest.raises(CommandError, match="not JSON"):
        call_command("train", str(tmp_path / "spec.json"))

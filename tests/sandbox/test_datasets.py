"""The built-in data sets: their descriptions, and numbers that keep what the descriptions promise."""

import sys
from typing import Any

import numpy as np
import pytest

from sandbox.datasets import DATASETS
from sandbox.engine.data import Rows, make_rows, targets, training_and_validation
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

DIGITS: dict[str, Any] = {"kind": "digits", "validation": 0.1}


def of(**data: Any) -> Spec:
    return notes_spec(data=data)


def rows(**data: Any) -> Rows:
    return make_rows(of(**data))


@pytest.mark.parametrize("kind", DATASETS)
def test_the_numbers_have_the_described_shape(kind: str) -> None:
    dataset, made = DATASETS[kind], rows(kind=kind)  # type: ignore[index]
    assert made.inputs.shape == (dataset.default_rows, len(dataset.features))
    assert made.inputs.dtype == np.float32
    assert set(made.labels.tolist()) == set(range(len(dataset.classes)))
    if not dataset.has_noise:
        assert made.inputs.min() >= dataset.features[0].low
        assert made.inputs.max() <= dataset.features[0].high


@pytest.mark.parametrize("kind", ["clinical_trial", "circles"])
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(kind: str) -> None:
    first, again, other = rows(kind=kind, seed=3), rows(kind=kind, seed=3), rows(kind=kind, seed=4)
    assert np.array_equal(first.inputs, again.inputs)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.inputs, other.inputs)


def test_the_trial_has_half_its_people_under_65_and_five_per_cent_exceptions() -> None:
    trial = rows(kind="clinical_trial", rows=2100)
    ages = np.round(trial.inputs[:, 0] * 87 + 13)
    young = ages < 65
    assert (ages.min(), ages.max()) == (13, 100)
    assert young.sum() == 1050
    assert trial.labels[young].sum() == round(0.05 * 1050)
    assert (1 - trial.labels[~young]).sum() == round(0.05 * 1050)


def test_the_trial_is_not_in_order_of_age() -> None:
    """Else the last rows, which validate, would be the oldest people."""
    _, validation = training_and_validation(of(kind="clinical_trial", rows=2100))
    assert 0.3 < validation.labels.mean() < 0.7


def test_circles_without_noise_have_two_radii() -> None:
    circles = rows(kind="circles", rows=101, noise=0.0)
    radii = np.hypot(*circles.inputs.T)
    assert np.allclose(radii[circles.labels == 0], 1.0)
    assert np.allclose(radii[circles.labels == 1], 0.5)


def test_last_rows_are_the_last_rows_of_the_set() -> None:
    spec = of(kind="clinical_trial", rows=205, validation=0.1)
    everything = make_rows(spec)
    training, validation = training_and_validation(spec)
    assert (len(training), len(validation)) == (184, 21)
    assert np.array_equal(training.inputs, everything.inputs[:184])
    assert np.array_equal(validation.labels, everything.labels[184:])


def test_a_shuffled_split_takes_every_row_once() -> None:
    spec = of(kind="circles", rows=500, validation=0.2, split="shuffled")
    everything = make_rows(spec)
    training, validation = training_and_validation(spec)
    assert (len(training), len(validation)) == (400, 100)
    together = np.concatenate([training.inputs, validation.inputs])
    assert not np.array_equal(together, everything.inputs)
    assert np.array_equal(np.sort(together, axis=0), np.sort(everything.inputs, axis=0))


def test_no_validation_leaves_every_row_for_training() -> None:
    training, validation = training_and_validation(of(kind="circles", rows=100, validation=0.0))
    assert (len(training), len(validation)) == (100, 0)


@pytest.mark.parametrize(
    ("loss", "outputs", "shape"),
    [
        ("sparse_categorical_crossentropy", (2, "softmax"), (100,)),
        ("categorical_crossentropy", (2, "softmax"), (100, 2)),
        ("binary_crossentropy", (1, "sigmoid"), (100, 1)),
        ("mean_squared_error", (1, "linear"), (100, 1)),
        ("mean_squared_error", (2, "linear"), (100, 2)),
    ],
)
def test_targets_have_the_form_the_loss_compares(loss: str, outputs: tuple[int, str], shape: tuple[int, ...]) -> None:
    spec = notes_spec(data={"kind": "circles", "rows": 100}, layers=dense(outputs), loss=loss)
    labels = make_rows(spec).labels
    wanted = targets(spec, labels)
    assert wanted.shape == shape
    assert np.array_equal(wanted.argmax(axis=1) if shape[1:] == (2,) else wanted.reshape(-1), labels)


def test_descriptions_need_neither_numpy_nor_scikit_learn() -> None:
    import subprocess

    script = "import sys, sandbox.datasets, sandbox.spec, sandbox.cost, sandbox.messages, sandbox.children; "
    script += "print(sorted({'numpy', 'sklearn', 'tensorflow', 'keras', 'django'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"

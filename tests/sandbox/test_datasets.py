"""The built-in data sets: descriptions, numbers that keep what they promise; split, noise and scaling."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tests.sandbox.keras_script  # noqa: F401 - sets the environment of Keras
from sandbox.datasets import DATASETS
from sandbox.engine.data import Parts, Rows, make_rows, prepare, targets
from sandbox.spec import Spec, dataset, parse_spec
from tests.sandbox.specs import NOTES, dense

POINTS = ["circles", "moons", "blobs", "spiral", "xor"]
CURVES = ["line", "sine"]
BUNDLED = ["digits", "iris", "wine", "breast_cancer", "diabetes"]


def of(**data: Any) -> Spec:
    """A spec with a network that fits the data."""
    described = DATASETS[data["kind"]]
    if described.is_regression:
        return parse_spec(NOTES | {"data": data, "layers": dense((1, "linear")), "loss": "huber"})
    classes = data.get("classes", len(described.classes))
    return parse_spec(NOTES | {"data": data, "layers": dense((classes, "softmax"))})


def rows(**data: Any) -> Rows:
    return make_rows(of(**data))


def same(first: Rows, second: Rows) -> bool:
    return np.array_equal(first.inputs, second.inputs) and np.array_equal(first.labels, second.labels)


def together(parts: Parts) -> Rows:
    every = (parts.training, parts.validation, parts.test)
    return Rows(np.concatenate([part.inputs for part in every]), np.concatenate([part.labels for part in every]))


# --- the sets ---


@pytest.mark.parametrize("kind", DATASETS)
def test_the_numbers_have_the_described_shape(kind: str) -> None:
    spec, described = of(kind=kind), DATASETS[kind]
    made = make_rows(spec)
    assert made.inputs.shape == (described.default_rows, len(described.features))
    assert made.inputs.dtype == np.float32
    assert np.isfinite(made.inputs).all()
    if described.is_regression:
        assert made.labels.dtype == np.float32
        assert len(np.unique(made.labels)) > 100
    else:
        assert made.labels.dtype == np.int32
        assert set(made.labels.tolist()) == set(range(len(dataset(spec).classes)))


@pytest.mark.parametrize("kind", ["clinical_trial", *BUNDLED])
def test_the_inputs_lie_within_the_described_bounds_and_reach_them(kind: str) -> None:
    inputs = rows(kind=kind).inputs
    for feature, values in zip(DATASETS[kind].features, inputs.T, strict=True):
        if kind == "digits":  # some pixels are never inked
            assert feature.low <= values.min() <= values.max() <= feature.high
        else:
            found = (round(float(values.min()), 4), round(float(values.max()), 4))
            assert found == pytest.approx((feature.low, feature.high), abs=0.01)


@pytest.mark.parametrize("kind", ["clinical_trial", "digits"])
def test_whole_numbers_are_whole(kind: str) -> None:
    inputs = rows(kind=kind).inputs
    assert DATASETS[kind].is_whole
    assert np.array_equal(inputs, np.round(inputs))


@pytest.mark.parametrize("kind", [kind for kind, described in DATASETS.items() if not described.is_regression])
def test_the_sets_whose_classes_come_in_order_say_so(kind: str) -> None:
    changes = np.count_nonzero(np.diff(rows(kind=kind).labels))
    assert (changes < len(DATASETS[kind].classes)) == DATASETS[kind].is_sorted


@pytest.mark.parametrize("kind", ["clinical_trial", *POINTS, *CURVES])
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(kind: str) -> None:
    first, again, other = rows(kind=kind, seed=3), rows(kind=kind, seed=3), rows(kind=kind, seed=4)
    assert same(first, again)
    assert not np.array_equal(first.inputs, other.inputs)


@pytest.mark.parametrize("kind", BUNDLED)
def test_what_ships_with_scikit_learn_has_no_seed(kind: str) -> None:
    assert same(rows(kind=kind, seed=3), rows(kind=kind, seed=4))


@pytest.mark.parametrize(("kind", "classes"), [*((kind, 2) for kind in POINTS), ("blobs", 10), ("spiral", 5)])
def test_points_have_as_many_of_each_class_in_random_order(kind: str, classes: int) -> None:
    asked = {"classes": classes} if kind in ("blobs", "spiral") else {}
    labels = rows(kind=kind, rows=1000, **asked).labels
    counts = np.bincount(labels, minlength=classes)
    assert counts.sum() == 1000
    if kind == "xor":  # the coordinates are drawn, the class follows
        assert abs(counts[0] - counts[1]) < 120
    else:
        assert counts.max() - counts.min() <= 1
    assert np.count_nonzero(np.diff(labels)) > 300


def test_the_trial_has_half_its_people_under_65_and_five_per_cent_exceptions() -> None:
    trial = rows(kind="clinical_trial", rows=2100)
    ages = trial.inputs[:, 0]
    young = ages < 65
    assert (ages.min(), ages.max()) == (13, 100)
    assert young.sum() == 1050
    assert trial.labels[young].sum() == round(0.05 * 1050)
    assert (1 - trial.labels[~young]).sum() == round(0.05 * 1050)


def test_the_trial_is_not_in_order_of_age() -> None:
    """Else the last rows, which validate, would be the oldest people."""
    assert 0.3 < prepare(of(kind="clinical_trial", rows=2100)).validation.labels.mean() < 0.7


def test_circles_without_noise_have_two_radii() -> None:
    circles = rows(kind="circles", rows=101, noise=0.0)
    radii = np.hypot(*circles.inputs.T)
    assert np.allclose(radii[circles.labels == 0], 1.0)
    assert np.allclose(radii[circles.labels == 1], 0.5)


def test_moons_without_noise_are_half_circles_that_no_line_parts() -> None:
    moons = rows(kind="moons", rows=1000, noise=0.0)
    upper, lower = moons.inputs[moons.labels == 0], moons.inputs[moons.labels == 1]
    assert np.allclose(np.hypot(*(upper - [-0.5, -0.25]).T), 1.0)
    assert np.allclose(np.hypot(*(lower - [0.5, 0.25]).T), 1.0)
    assert upper[:, 1].min() < lower[:, 1].max()


def test_blobs_without_noise_are_points_on_a_circle() -> None:
    blobs = rows(kind="blobs", rows=300, noise=0.0, classes=6)
    assert np.allclose(np.hypot(*blobs.inputs.T), 1.0)
    assert len(np.unique(np.round(blobs.inputs, 3), axis=0)) == 6


def test_each_arm_of_a_spiral_is_the_first_one_turned() -> None:
    spiral = rows(kind="spiral", rows=1000, noise=0.0, classes=4)
    way = np.hypot(*spiral.inputs.T)
    angles = np.arctan2(spiral.inputs[:, 0], spiral.inputs[:, 1]) - 2 * np.pi * (1.25 * way + spiral.labels / 4)
    assert np.allclose(np.exp(1j * angles), 1, atol=1e-4)


def test_exclusive_or_asks_whether_the_signs_differ() -> None:
    xor = rows(kind="xor", rows=500, noise=0.0)
    assert np.array_equal(xor.labels, xor.inputs[:, 0] * xor.inputs[:, 1] < 0)


def test_a_line_and_a_sine_are_curves_where_there_is_no_noise() -> None:
    line = rows(kind="line", rows=100, noise=0.0, slope=-3.0, intercept=2.0)
    assert np.allclose(line.labels, -3 * line.inputs[:, 0] + 2, atol=1e-5)
    sine = rows(kind="sine", rows=100, noise=0.0, waves=2.0)
    assert np.allclose(sine.labels, np.sin(2 * np.pi * sine.inputs[:, 0]), atol=1e-5)
    assert np.abs(line.inputs).max() <= 1


@pytest.mark.parametrize("kind", POINTS + CURVES)
def test_noise_moves_the_points_by_its_spread(kind: str) -> None:
    still, moved = rows(kind=kind, rows=2000, noise=0.0), rows(kind=kind, rows=2000, noise=0.2)
    before, after = (still.labels, moved.labels) if kind in CURVES else (still.inputs, moved.inputs)
    assert (after - before).std() == pytest.approx(0.2, rel=0.1)


# --- split ---


def test_last_rows_are_those_that_keras_takes_for_validation_split() -> None:
    spec = of(kind="clinical_trial", rows=205, validation=0.1, scaling="none")
    everything, parts = make_rows(spec), prepare(spec)
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (184, 21, 0)
    assert same(parts.training, everything.take(np.arange(184)))
    assert same(parts.validation, everything.take(np.arange(184, 205)))


@pytest.mark.keras
@pytest.mark.parametrize(("number", "share"), [(205, 0.1), (1000, 0.3), (101, 0.9), (2100, 0.1), (333, 0.07)])
def test_keras_itself_takes_the_same_rows(number: int, share: float) -> None:
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    spec = of(kind="clinical_trial", rows=number, validation=share, scaling="none")
    everything, parts = make_rows(spec), prepare(spec)
    (training, _), (validation, _) = train_validation_split((everything.inputs, everything.labels), share)
    assert np.array_equal(parts.training.inputs, training)
    assert np.array_equal(parts.validation.inputs, validation)


def test_the_test_rows_are_the_very_last_ones() -> None:
    spec = of(kind="clinical_trial", rows=200, validation=0.25, test=0.1, scaling="none")
    everything, parts = make_rows(spec), prepare(spec)
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (135, 45, 20)
    assert same(together(parts), everything)


@pytest.mark.parametrize("split", ["shuffled", "stratified"])
def test_a_random_split_takes_every_row_once(split: str) -> None:
    spec = of(kind="circles", rows=500, validation=0.2, test=0.1, split=split)
    everything, parts = make_rows(spec), prepare(spec)
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (360, 90, 50)
    every = together(parts)
    assert not same(every, everything)
    by_place = [np.lexsort(each.inputs.T) for each in (every, everything)]
    assert same(every.take(by_place[0]), everything.take(by_place[1]))


@pytest.mark.parametrize("split", ["shuffled", "stratified"])
def test_a_random_split_depends_on_the_seed_alone(split: str) -> None:
    first, again, other = (prepare(of(kind="iris", split=split, seed=seed)) for seed in (1, 1, 2))
    assert same(first.validation, again.validation)
    assert not same(first.validation, other.validation)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "iris"},
        {"kind": "breast_cancer"},
        {"kind": "clinical_trial", "rows": 205},
        {"kind": "circles", "rows": 101},
        {"kind": "xor", "rows": 157},
    ],
)
@pytest.mark.parametrize("shares", [(0.1, 0.1), (0.2, 0.0), (0.15, 0.25)])
def test_a_stratified_split_keeps_the_shares_of_the_classes(data: dict[str, Any], shares: tuple[float, float]) -> None:
    validation, test = shares
    for seed in range(10):
        spec = of(**data, split="stratified", validation=validation, test=test, seed=seed)
        assert most_rows_astray(spec) <= 1


@pytest.mark.parametrize("data", [{"kind": "wine"}, {"kind": "digits"}, {"kind": "blobs", "classes": 10, "rows": 333}])
def test_a_stratified_split_keeps_the_shares_of_many_classes_to_two_rows(data: dict[str, Any]) -> None:
    shares = [(0.1, 0.1), (0.15, 0.25), (0.3, 0.2)]
    specs = [of(**data, split="stratified", validation=validation, test=test, seed=seed)
             for validation, test in shares for seed in range(10)]  # fmt: skip
    assert max(most_rows_astray(spec) for spec in specs) < 2


def most_rows_astray(spec: Spec) -> float:
    """By how many rows a class has more or fewer in a part than its share."""
    labels, parts = make_rows(spec).labels, prepare(spec)
    counts = np.bincount(labels)
    astray = [
        np.abs(np.bincount(part.labels, minlength=len(counts)) - counts * len(part) / len(labels)).max()
        for part in (parts.training, parts.validation, parts.test)
    ]
    return float(max(astray))


def test_no_validation_leaves_every_row_for_training() -> None:
    parts = prepare(of(kind="circles", rows=100, validation=0.0))
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (100, 0, 0)


# --- what is done to the labels ---


@pytest.mark.parametrize("data", [{"kind": "circles", "rows": 500}, {"kind": "digits"}, {"kind": "iris"}])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_label_noise_changes_exactly_its_share_of_the_training_labels(data: dict[str, Any], share: float) -> None:
    options = {**data, "split": "shuffled", "validation": 0.2, "test": 0.1}
    clean, noisy = prepare(of(**options)), prepare(of(**options, label_noise=share))
    changed = clean.training.labels != noisy.training.labels
    assert changed.sum() == round(share * len(clean.training))
    assert np.array_equal(clean.training.inputs, noisy.training.inputs)
    assert set(noisy.training.labels.tolist()) <= set(clean.training.labels.tolist())
    assert same(clean.validation, noisy.validation)
    assert same(clean.test, noisy.test)


def test_label_noise_takes_each_of_the_other_classes() -> None:
    clean, noisy = prepare(of(kind="digits")), prepare(of(kind="digits", label_noise=0.5))
    steps = (noisy.training.labels - clean.training.labels) % 10
    assert np.bincount(steps, minlength=10)[1:].min() > 50


def test_shuffled_labels_are_the_same_labels_on_other_rows() -> None:
    plain, dealt = prepare(of(kind="breast_cancer")), prepare(of(kind="breast_cancer", shuffled_labels=True))
    assert np.array_equal(together(plain).inputs, together(dealt).inputs)
    before, after = together(plain).labels, together(dealt).labels
    assert np.array_equal(np.bincount(before), np.bincount(after))
    by_chance = (np.bincount(before) / len(before)) ** 2
    assert (before == after).mean() == pytest.approx(by_chance.sum(), abs=0.06)


def test_shuffled_numbers_are_the_same_numbers_too() -> None:
    plain, dealt = prepare(of(kind="diabetes")), prepare(of(kind="diabetes", shuffled_labels=True))
    assert np.array_equal(np.sort(together(plain).labels), np.sort(together(dealt).labels))
    assert abs(np.corrcoef(together(plain).labels, together(dealt).labels)[0, 1]) < 0.2


# --- scaling ---


@pytest.mark.parametrize("kind", DATASETS)
def test_standard_scaling_gives_the_training_rows_mean_zero_and_spread_one(kind: str) -> None:
    parts = prepare(of(kind=kind, scaling="standard", split="shuffled", validation=0.3))
    inputs = parts.training.inputs.astype(np.float64)
    assert np.allclose(inputs.mean(axis=0), 0, atol=1e-5)
    spread = inputs.std(axis=0)
    assert np.allclose(spread[spread > 0], 1, atol=1e-4)
    assert not np.allclose(parts.validation.inputs.mean(axis=0), 0, atol=1e-5), "fitted on other rows too"


@pytest.mark.parametrize("kind", DATASETS)
def test_min_max_scaling_puts_the_training_rows_between_zero_and_one(kind: str) -> None:
    parts = prepare(of(kind=kind, scaling="min_max", split="shuffled", validation=0.3))
    low, high = parts.training.inputs.min(axis=0), parts.training.inputs.max(axis=0)
    assert np.all(low == 0)
    assert np.all((high == 1) | (high == 0))


def test_validation_may_lie_outside_of_what_training_has_shown() -> None:
    parts = prepare(of(kind="iris", scaling="min_max", split="last_rows", validation=0.3))
    assert parts.validation.inputs.max() > 1


@pytest.mark.parametrize("scaling", ["none", "min_max", "standard"])
def test_all_parts_are_scaled_alike_and_can_be_scaled_back(scaling: str) -> None:
    options = {"kind": "wine", "split": "shuffled", "validation": 0.3, "test": 0.2}
    raw, parts = prepare(of(**options, scaling="none")), prepare(of(**options, scaling=scaling))
    for before, after in ((raw.training, parts.training), (raw.validation, parts.validation), (raw.test, parts.test)):
        assert np.allclose(parts.scale(before.inputs), after.inputs, atol=1e-6)
        assert np.allclose(parts.scale.back(after.inputs), before.inputs, rtol=1e-4, atol=1e-4)
        assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(raw.training.inputs, parts.training.inputs) == (scaling == "none")


def test_a_feature_that_never_changes_becomes_zero() -> None:
    inputs = prepare(of(kind="digits", scaling="standard")).training.inputs
    assert np.all(inputs[:, 0] == 0)
    assert np.isfinite(inputs).all()


# --- what the loss compares with ---


@pytest.mark.parametrize(
    ("loss", "outputs", "shape"),
    [
        ("sparse_categorical_crossentropy", (2, "softmax"), (100,)),
        ("categorical_crossentropy", (2, "softmax"), (100, 2)),
        ("binary_crossentropy", (1, "sigmoid"), (100, 1)),
        ("binary_crossentropy", (2, "sigmoid"), (100, 2)),
        ("mean_squared_error", (1, "linear"), (100, 1)),
        ("mean_squared_error", (2, "linear"), (100, 2)),
        ("huber", (2, "softmax"), (100, 2)),
    ],
)
def test_targets_have_the_form_the_loss_compares(loss: str, outputs: tuple[int, str], shape: tuple[int, ...]) -> None:
    data = {"kind": "circles", "rows": 100}
    spec = parse_spec(NOTES | {"data": data, "layers": dense(outputs), "loss": loss})
    labels = make_rows(spec).labels
    wanted = targets(spec, labels)
    assert wanted.shape == shape
    assert np.array_equal(wanted.argmax(axis=1) if shape[1:] == (2,) else wanted.reshape(-1), labels)


def test_the_targets_of_a_regression_are_its_numbers() -> None:
    spec = of(kind="diabetes")
    labels = make_rows(spec).labels
    assert targets(spec, labels).shape == (442, 1)
    assert (labels.min(), labels.max()) == (25, 346)


# --- descriptions ---


@pytest.mark.parametrize("kind", DATASETS)
def test_a_description_says_what_it_is_and_what_it_teaches(kind: str) -> None:
    described = DATASETS[kind]
    assert described.kind == kind
    assert all(text.endswith(".") for text in (described.summary, described.teaches))
    assert described.rows_are_fixed == (kind in BUNDLED)
    assert len({feature.name for feature in described.features}) == len(described.features)


def test_a_set_with_another_number_of_classes_has_their_names() -> None:
    assert dataset(of(kind="blobs", classes=4)).classes == ("class A", "class B", "class C", "class D")
    assert len(dataset(of(kind="blobs", classes=10)).classes) == 10


def test_descriptions_need_neither_numpy_nor_scikit_learn() -> None:
    script = "import sys, sandbox.datasets, sandbox.spec.sense, sandbox.cost, sandbox.messages, sandbox.children; "
    script += "print(sorted({'numpy', 'sklearn', 'tensorflow', 'keras', 'django'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"

"""A spec's Keras script …"""

import ast
import importlib.metadata
import io
import subprocess
import sys
import tokenize
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.keras_script import VERSIONS, script
from sandbox.keras_script import data as keras_script_data
from sandbox.keras_script.calls import callback_calls, compile_call, layer_call, literal
from sandbox.spec import Spec, layer_names
from sandbox.spec.sense import check
from tests.sandbox.script_specs import SMALL, TRAINED, table_spec, trained
from tests.sandbox.specs import dense, notes_spec

HOSTILE = "\"\"\"'''\\N{BULLET}\n\r<script>{x}%s#\u202e\u2028\x1b[0m`rm -rf`"


def calls(code: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]


# --- the text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRAINED)
def test_it_is_python(name: str) -> None:
    assert [problem for problem in check(trained(name)) if problem.severity == "error"] == []
    compile(script(trained(name)), name, "exec")


def test_it_is_formatted_and_has_nothing_superfluous(tmp_path: Path) -> None:
    for name in TRAINED:
        (tmp_path / f"{name}.py").write_text(script(trained(name)))
    (tmp_path / "table.py").write_text(script(table_spec()))
    for command in (["format", "--check", "--diff"], ["check", "--select", "E,F,W,B,UP", "--ignore", "B905,UP015"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "88", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_it_imports_only_what_every_learner_has() -> None:
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for name in TRAINED
        for node in ast.walk(ast.parse(script(trained(name))))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names == {"os", "math", "keras", "numpy", "sklearn"}


def test_it_names_the_versions_that_are_installed() -> None:
    for name, version in VERSIONS.items():
        assert importlib.metadata.version(name).startswith(f"{version}.")


def test_a_layer_has_only_what_differs_from_keras() -> None:
    spec = trained("pictures")
    written = [layer_call(*pair) for pair in zip(spec.layers, layer_names(spec.layers), strict=True)]
    assert written[0] == 'keras.layers.Reshape((8, 8, 1), name="reshape_1")'
    assert written[2] == 'keras.layers.MaxPooling2D(name="max_pooling_2d_3")'
    assert written[5:7] == ['keras.layers.Flatten(name="flat")', 'keras.layers.Dropout(0.2, name="dropout_7")']


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 'optimizer=keras.optimizers.Adam(learning_rate=0.0001),\n    loss="sparse_categorical_crossentropy"'),
        ({"optimizer": {"kind": "adam"}}, "optimizer=keras.optimizers.Adam(),"),
        ({"optimizer": {"kind": "sgd", "momentum": 0.5}}, "keras.optimizers.SGD(momentum=0.5)"),
        ({"loss": "mean_squared_error"}, 'metrics=["accuracy"]'),
        (
            {"layers": dense((1, "linear")), "loss": "binary_crossentropy", "from_logits": True},
            'metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]',
        ),
        ({"from_logits": True}, "loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
    ],
)
def test_it_compiles_as_a_learner_would(changes: dict[str, Any], expected: str) -> None:
    assert expected in compile_call(notes_spec(**changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"early_stopping": {}}, 'EarlyStopping(monitor="val_loss", patience=5)'),
        ({"early_stopping": {"patience": 0}}, 'EarlyStopping(monitor="val_loss")'),
        ({"early_stopping": {"monitor": "accuracy"}}, 'monitor="accuracy",\n    mode="max"'),
        ({"early_stopping": {"monitor": "val_mean_absolute_error"}}, 'mode="min"'),
        ({"reduce_on_plateau": {}}, 'ReduceLROnPlateau(monitor="val_loss")'),
        ({"reduce_on_plateau": {"min_learning_rate": 0.01}}, "min_lr=0.01"),
    ],
)
def test_it_watches_in_the_right_direction(changes: dict[str, Any], expected: str) -> None:
    assert expected in callback_calls(notes_spec(**changes))[-1]


def test_it_says_what_ends_the_training() -> None:
    upwards = script(notes_spec(stop_at={"monitor": "val_accuracy", "value": 0.95}))
    assert 'if logs["val_accuracy"] >= 0.95:' in upwards
    assert 'if logs["loss"] <= 0.2:' in script(notes_spec(stop_at={"monitor": "loss", "value": 0.2}))


def test_it_orders_the_rows_only_where_the_spec_does() -> None:
    assert "ShuffledBatches" in script(notes_spec())
    assert "ShuffledBatches" not in script(notes_spec(shuffle=False))
    fits = [call for call in calls(script(notes_spec(shuffle=False))) if ast.unparse(call.func) == "model.fit"]
    assert {word.arg: ast.unparse(word.value) for word in fits[0].keywords}["shuffle"] == "False"


# --- names of others ------------------------------------------------------------------------------------------------


def hostile_spec(name: str) -> Spec:
    columns = [{"name": name}, {"name": name + "2", "categories": [name, "b"]}]
    return table_spec(target=name + "3", columns=columns, classes=[name, "other"])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=90))
def test_a_name_is_a_constant_and_nothing_else(name: str) -> None:
    assert ast.literal_eval(literal(name)) == name
    assert literal(name).isprintable()
    code = script(hostile_spec(name))
    columns = next(node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Dict))
    assert ast.literal_eval(columns) == {name: [], name + "2": [name, "b"]}
    assert len(calls(code)) == len(calls(script(hostile_spec("a"))))


def test_a_name_stands_in_no_comment_and_in_no_other_text() -> None:
    code = script(hostile_spec(HOSTILE))
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(code).readline) if "rm -rf" in token.string]
    assert {token.type for token in tokens} == {tokenize.STRING}
    assert len(tokens) == 5  # target, class, two columns, a category
    assert code.replace("\n", "").isprintable()


# --- the rows -------------------------------------------------------------------------------------------------------

POINTS = {"rows": 203, "noise": 0.2, "seed": 3}
SETS: list[dict[str, Any]] = [
    {"kind": "clinical_trial", "rows": 205, "seed": 2},
    *({"kind": kind, **POINTS} for kind in ("circles", "moons", "xor")),
    {"kind": "blobs", "classes": 4, **POINTS},
    {"kind": "spiral", "classes": 3, **POINTS},
    {"kind": "line", "slope": -1.5, "intercept": 0.25, **POINTS},
    {"kind": "sine", "waves": 2.5, **POINTS},
    *({"kind": kind} for kind in ("digits", "iris", "wine", "breast_cancer", "diabetes")),
]
CLASSES = {"blobs": 4, "spiral": 3, "digits": 10, "iris": 3, "wine": 3}
TREATMENTS: list[dict[str, Any]] = [
    {},
    {"scaling": "none", "validation": 0.0},
    {"scaling": "min_max", "split": "shuffled", "test": 0.15, "seed": 5},
    {"scaling": "standard", "split": "stratified", "label_noise": 0.2, "validation": 0.0, "test": 0.3},
    {"shuffled_labels": True, "split": "stratified", "label_noise": 0.1, "test": 0.1, "validation": 0.25},
]


def data_spec(data: dict[str, Any], treatment: dict[str, Any], *, one_hot: bool = False) -> Spec:
    if data["kind"] in ("line", "sine", "diabetes"):
        kept = {key: value for key, value in treatment.items() if key not in ("label_noise", "split")}
        return notes_spec(data={**data, **kept}, layers=dense((1, "linear")), loss="mean_squared_error")
    loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    outputs = dense((CLASSES.get(data["kind"], 2), "softmax"))
    return notes_spec(data={**data, **treatment}, layers=outputs, loss=loss)


def made_by(code: str, spec: Spec) -> dict[str, Any]:
    """What the data section leaves; Keras is only asked for one-hot rows there."""
    import numpy as np

    one_hot = SimpleNamespace(to_categorical=lambda labels, classes: np.eye(classes)[labels])
    names: dict[str, Any] = {"np": np, "keras": SimpleNamespace(utils=one_hot)}
    if keras_script_data.is_bundled(spec):
        from sklearn import datasets

        names["datasets"] = datasets
    exec(compile(code, "data", "exec"), names)
    return names


def assert_same_rows(spec: Spec, names: dict[str, Any], table: Any = None) -> None:
    import numpy as np

    from sandbox.engine.data import prepare, targets

    parts = prepare(spec, table)
    rows_of = {"train": parts.training, "val": parts.validation, "test": parts.test}
    for part, rows in rows_of.items():
        assert (part in keras_script_data.parts(spec)) == bool(len(rows))
        if len(rows):
            assert np.array_equal(names[f"x_{part}"], rows.inputs)
            assert names[f"x_{part}"].dtype == np.float32
            assert np.array_equal(names[f"y_{part}"], rows.labels)
            assert names[f"y_{part}"].dtype == rows.labels.dtype
            assert np.array_equal(names[keras_script_data.targets(spec, part)], targets(spec, rows.labels))


@pytest.mark.parametrize("treatment", TREATMENTS, ids=range(len(TREATMENTS)))
@pytest.mark.parametrize("data", SETS, ids=lambda data: data["kind"])
def test_its_rows_are_those_of_the_engine(data: dict[str, Any], treatment: dict[str, Any], capsys: Any) -> None:
    for one_hot in (False, True):
        spec = data_spec(data, treatment, one_hot=one_hot)
        assert_same_rows(spec, made_by(keras_script_data.data_text(spec), spec))


TABLE = """age ,colour,height,bought
31, blue,1.5,0
45,red ,1.25e0,2.0
,red,1.5,2
nan,blue,1.75,0
18,green,1.5,0
27,blue,?,2

"""


@pytest.mark.parametrize(
    ("target", "classes", "labels"), [("bought", ["0", "2"], [0, 1, 1]), ("bought", [], [0.0, 2.0, 2.0])]
)
def test_it_reads_a_table_and_leaves_out_what_is_missing(
    target: str, classes: list[str], labels: list[float], tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    import numpy as np

    from sandbox.engine.data import Rows

    columns = [{"name": "age"}, {"name": "colour", "categories": ["blue", "red"]}]
    spec = table_spec(target=target, columns=columns, classes=classes, rows=3, validation=0.0, scaling="standard")
    (tmp_path / "table.csv").write_text("\ufeff" + TABLE)
    monkeypatch.chdir(tmp_path)
    head = "\n".join(["import csv, math", *keras_script_data.constants(spec)])
    names = made_by(f"{head}\n{keras_script_data.data_text(spec)}", spec)
    inputs = np.array([[31, 1, 0], [45, 0, 1], [27, 1, 0]], np.float32)
    table = Rows(inputs, np.array(labels, np.int32 if classes else np.float32))
    assert_same_rows(spec, names, table)
    assert "this file" not in capsys.readouterr().out


def test_it_reads_decimal_commas(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    (tmp_path / "table.csv").write_text("age;bought\n1,5;yes\n2,5;no\n")
    monkeypatch.chdir(tmp_path)
    spec = table_spec(columns=[{"name": "age"}], rows=3, validation=0.0, scaling="none")
    head = "\n".join(["import csv, math", *keras_script_data.constants(spec)]).replace('","', '";"')
    names = made_by(f"{head}\n{keras_script_data.data_text(spec)}", spec)
    assert names["x_train"].tolist() == [[1.5], [2.5]]
    assert names["y_train"].tolist() == [1, 0]
    assert "The run had 3 rows; this file has 2" in capsys.readouterr().out


def test_it_needs_no_generator_where_nothing_is_drawn() -> None:
    layers = dense((10, "softmax"))
    assert "def generator" not in script(notes_spec(data={"kind": "digits"}, layers=layers))
    assert "def generator" in script(notes_spec(data={"kind": "digits", "split": "shuffled"}, layers=layers))
    assert "def generator" in script(notes_spec(data=SMALL))

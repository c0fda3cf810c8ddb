"""A spec's Keras script and its notebook, run: the engine's numbers, and those of a plain loop over the same rows …"""

import ast
import contextlib
import functools
import importlib.util
import inspect
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.keras_script import script
from sandbox.keras_script.calls import LAYERS, OPTIMIZERS
from sandbox.keras_script.notebook import notebook
from sandbox.spec import Spec
from sandbox.spec import layers as kinds
from sandbox.tables import complete, read_table
from tests.sandbox.keras_script import _callbacks, compiled, wanted
from tests.sandbox.script_specs import TRAINED, table_spec, trained
from tests.sandbox.specs import notes_spec

pytestmark = pytest.mark.keras

EVERY_DAY = ("the notes' network", "shuffled, class weights, one logit", "early stopping, best weights")
IN_A_FRESH_PROCESS = "the notes' network"
"""The others run in this process, where Keras has been imported already."""
SAVING = """
import json
saved = {"history": history.history, "weights": [weight.tolist() for weight in model.get_weights()]}
saved["confusion"] = confusion.tolist()
with open("saved.json", "w") as file:
    json.dump(saved, file)
"""
MIXED = [
    pytest.param(name, marks=[] if name in EVERY_DAY else [pytest.mark.slow]) for name in TRAINED if name != "diverging"
]


def run_here(code: str) -> dict[str, Any]:
    """The names that a script leaves, and what it prints."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "script", "exec"), names)
    weights = names["model"].get_weights()
    return {**names, "weights": weights, "history": names["history"].history, "printed": printed.getvalue()}


def run_apart(code: str, folder: Path) -> dict[str, Any]:
    """In a new Python, with as many threads as the machine has cores, and nothing set that the script does not set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "KERAS_"))}
    (folder / "script.py").write_text(code + SAVING)
    environment = {**kept, "CUDA_VISIBLE_DEVICES": "-1", "MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "error::SyntaxWarning", "script.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    saved: dict[str, Any] = json.loads((folder / "saved.json").read_text())
    return {**saved, "printed": done.stdout}


@functools.cache
def ran(name: str, folder: Path) -> dict[str, Any]:
    code = script(trained(name))
    return run_apart(code, folder) if name == IN_A_FRESH_PROCESS else run_here(code)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


# --- a plain loop ---------------------------------------------------------------------------------------------------


def plain_loop(spec: Spec) -> tuple[list[Any], dict[str, list[float]]]:
    """One `fit` for each epoch, over arrays in the epoch's order; callbacks are called by hand in between."""
    import keras
    import numpy as np

    from sandbox.engine.data import prepare

    parts, model = prepare(spec), compiled(spec)
    inputs, targets = parts.training.inputs, wanted(spec, parts.training.labels)
    validation = (parts.validation.inputs, wanted(spec, parts.validation.labels)) if len(parts.validation) else None
    callbacks = keras.callbacks.CallbackList(_callbacks(spec, keras), model=model)
    callbacks.on_train_begin()
    history: dict[str, list[float]] = {}
    for epoch in range(spec.epochs):
        order = np.arange(len(inputs), dtype=np.int32)
        if spec.shuffle:
            order = np.random.default_rng((spec.seed, epoch + 1)).permutation(order)
        fitted = model.fit(
            inputs[order],
            targets[order],
            batch_size=spec.batch_size,
            shuffle=False,
            validation_data=validation,
            class_weight=dict(enumerate(spec.class_weights)) if spec.class_weights else None,
            verbose=0,
        )
        logs = {measure: values[0] for measure, values in fitted.history.items()}
        callbacks.on_epoch_end(epoch, logs)
        for measure, value in logs.items():
            history.setdefault(measure, []).append(value)
        if model.stop_training or (spec.stop_at and logs[spec.stop_at.monitor] >= spec.stop_at.value):
            break
    callbacks.on_train_end()
    return model.get_weights(), history


@pytest.mark.slow
@pytest.mark.parametrize("name", MIXED)
def test_it_ends_with_the_weights_of_a_plain_loop(name: str, folder: Path) -> None:
    import numpy as np

    found = ran(name, folder)
    weights, history = plain_loop(trained(name))
    assert {measure: values for measure, values in found["history"].items() if measure != "learning_rate"} == history
    for ours, theirs in zip(found["weights"], weights, strict=True):
        assert np.array_equal(np.array(ours, np.float32), theirs)


# --- the engine -----------------------------------------------------------------------------------------------------


def assert_same_as_engine(spec: Spec, found: dict[str, Any], table: Any = None, *, tolerance: float = 0.0) -> None:
    import numpy as np

    from sandbox.engine.training import train
    from sandbox.messages import EpochEnded, Finished

    messages = list(train(spec, table=table))
    epochs = [message for message in messages if isinstance(message, EpochEnded)]
    finished = messages[-1]
    assert isinstance(finished, Finished)
    for measure, values in found["history"].items():
        engine = [getattr(epoch, measure) for epoch in epochs]
        allowed = 1e-7 if measure == "learning_rate" else tolerance  # Keras reports it in float32
        np.testing.assert_allclose(values, engine, rtol=allowed, atol=allowed, err_msg=measure)
    if finished.confusion is not None and not tolerance:
        size = len(finished.confusion.labels)
        assert np.array_equal(np.array(found["confusion"])[:size, :size], finished.confusion.counts)
    if finished.test is not None and "test" in found:
        assert found["test"] == {name: getattr(finished.test, name) for name in found["test"]}


@pytest.mark.parametrize("name", MIXED)
def test_it_ends_with_the_numbers_of_the_engine(name: str, folder: Path) -> None:
    """To the last bit, but for batch normalization: it rounds otherwise in the graph of `fit` than in the engine's."""
    spec = trained(name)
    rounds = any(isinstance(layer, kinds.BatchNormalization) for layer in spec.layers)
    assert_same_as_engine(spec, ran(name, folder), tolerance=1e-5 if rounds else 0.0)


@pytest.mark.slow
def test_it_stays_near_an_engine_that_has_switched_to_its_fast_code() -> None:
    from sandbox.cost import switch_after

    spec = notes_spec(shuffle=False, epochs=120)
    assert switch_after(spec) is not None
    assert_same_as_engine(spec, run_here(script(spec)), tolerance=1e-6)


def test_it_ends_where_the_engine_diverges() -> None:
    import math

    found = run_here(script(trained("diverging")))
    assert len(found["history"]["loss"]) == 1
    assert not math.isfinite(found["history"]["loss"][0])


def test_it_trains_on_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.engine.table_rows import rows_of

    colours = ("red", "blue", "green")
    lines = [f"{20 + 7 * (row % 9) + row / 8},{colours[row % 3]},{row % 4 % 3}" for row in range(60)]
    lines[5:7] = [",red,1", "33,,0"]
    content = "\n".join(["age,the colour,bought", *lines])
    (tmp_path / "table.csv").write_text(content)
    sent = table_spec(validation=0.2, split="stratified", classes=["0", "1", "2"])
    data = complete(sent.data, read_table(content.encode()))
    spec = sent.model_copy(update={"data": data})
    monkeypatch.chdir(tmp_path)
    found = run_here(script(spec))
    assert "this file has" not in found["printed"]
    assert_same_as_engine(spec, found, rows_of(content.encode(), data))


# --- what it prints, and the notebook -------------------------------------------------------------------------------


def test_it_prints_every_epoch_and_the_confusion_matrix(folder: Path) -> None:
    found = ran("the notes' network", folder)
    table = found["printed"].split("epoch ")[-1].splitlines()
    assert table[0].split() == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert [line.split()[0] for line in table[1:3]] == ["1", "2"]
    counts = [[int(number) for number in line.split()[-2:]] for line in table[-2:]]
    assert counts == found["confusion"]
    assert sum(map(sum, counts)) == 210


def cells_of(name: str) -> str:
    """The code of a notebook's cells, from top to bottom."""
    made = json.loads(notebook(trained(name)))
    return "\n\n".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code")


@pytest.mark.parametrize("apart", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["here", "fresh process"])
def test_a_notebook_runs_from_top_to_bottom(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    import numpy as np

    monkeypatch.setenv("MPLBACKEND", "agg")
    code = cells_of("pictures")
    found, expected = run_apart(code, tmp_path) if apart else run_here(code), ran("pictures", folder)
    assert found["history"] == expected["history"]
    for ours, theirs in zip(found["weights"], expected["weights"], strict=True):
        assert np.array_equal(np.array(ours, np.float32), theirs)
    if importlib.util.find_spec("matplotlib") is None:
        assert "pip install matplotlib" in found["printed"]


# --- Keras' own defaults --------------------------------------------------------------------------------------------


def defaults(name: str) -> dict[str, Any]:
    """Arguments of one of Keras' classes with their defaults; sides of a window are given once."""
    import keras

    found = functools.reduce(getattr, name.split(".")[1:], keras)
    parameters = inspect.signature(found.__init__).parameters.values()
    known = {parameter.name: parameter.default for parameter in parameters}
    return {name: value[0] if isinstance(value, tuple) else value for name, value in known.items()}


@pytest.mark.parametrize("name", TRAINED)
def test_it_gives_no_argument_that_is_keras_default(name: str) -> None:
    for call in ast.walk(ast.parse(script(trained(name)))):
        called = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if isinstance(call, ast.Call) and called.startswith(("keras.layers.", "keras.optimizers.", "keras.callbacks.")):
            given = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
            same = [argument for argument, value in given.items() if defaults(called).get(str(argument)) == value]
            assert same in ([], ["monitor"]), ast.unparse(call)


@pytest.mark.parametrize("kind", [*LAYERS, *OPTIMIZERS])
def test_what_it_leaves_out_is_keras_default(kind: str) -> None:
    """No activation is `linear`; the side of an average pooling has no default and is always written."""
    from sandbox.spec import training

    named, models = {**LAYERS, **OPTIMIZERS}, {**vars(kinds), **vars(training)}
    model = models[{"activation": "ActivationLayer", "sgd": "Sgd"}.get(kind, named[kind])]
    known = defaults(f"keras.{'layers' if kind in LAYERS else 'optimizers'}.{named[kind]}")
    of_keras = {None: "linear", "uniform": "random_uniform"}
    for key, field in model.model_fields.items():
        if field.is_required() or key in ("name", "schedule", "clipping") or known[key] is inspect.Parameter.empty:
            continue
        assert field.default in (known[key], of_keras.get(known[key])), key

"""Specs that mean harm or nothing: each is refused at once, at a place, with a sentence, and without TensorFlow."""

import json
import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from config.parsers import parse_strict
from sandbox.admission import RefusedError, admit
from tests.sandbox.specs import NOTES, dense

Case = tuple[str, object]
"""The pointer that has to be named, and the spec: a value, or bytes as they would come over the wire."""

MARKUP = "<script>alert(1)</script>"
GIANT = 10**400
HALF = "\ud800"
JARGON = re.compile(r"Input|input should|tuple|dictionar|instance|pattern|discriminator|Field |Extra|%\(|\{|NoneType|�")
HEAVY = {"tensorflow", "keras", "numpy", "sklearn"}

DIGITS: dict[str, Any] = NOTES | {"data": {"kind": "digits"}, "layers": dense((16, "relu"), (10, "softmax"))}
LINE: dict[str, Any] = NOTES | {"data": {"kind": "line"}, "layers": dense((1, "linear")), "loss": "mean_squared_error"}
ADAM = {"kind": "adam"}
TABLE = {"kind": "table", "table": "00000000-0000-0000-0000-000000000000", "target": "y"}
PICTURE = {"kind": "reshape", "shape": [8, 8, 1]}
ROWS_OF_PIXELS = {"kind": "reshape", "shape": [8, 8]}
LOOKED_UP = {"kind": "embedding", "input_dim": 17, "output_dim": 64}
ONE_LONG_ROW = {"kind": "reshape", "shape": [4096, 1]}


def at(pointer: str, value: object, named: str | None = None, spec: dict[str, Any] = NOTES) -> Case:
    """`spec` with `value` at the pointer; `named` is the place of the problem where it is another."""
    changed = deepcopy(spec)
    target: Any = changed
    *path, key = [int(part) if part.isdigit() else part for part in pointer[1:].split("/")]
    for part in path:
        target = target[part]
    target[key] = value
    return (pointer if named is None else named, changed)


def network(named: str, *layers: dict[str, Any], **changes: Any) -> Case:
    """These layers before the output of a network for the digits."""
    data = {"kind": "digits", "scaling": "none"} if LOOKED_UP in layers else {"kind": "digits"}
    return (named, DIGITS | {"data": data, "layers": [*layers, *dense((10, "softmax"))]} | changes)


def layer(kind: str, **options: Any) -> dict[str, Any]:
    return {"kind": kind, **options}


def nested(depth: int) -> bytes:
    return b'{"schema": ' + b"[" * depth + b"]" * depth + b"}"


def text(old: str, new: str) -> Case:
    """The notes' spec as JSON with one piece exchanged."""
    plain = json.dumps(NOTES)
    assert plain.count(old) >= 1
    return ("", plain.replace(old, new, 1).encode("utf-8", "surrogatepass"))


def hostile() -> Iterator[Case]:  # noqa: PLR0915 - a table
    # no spec at all
    yield from (("", value) for value in (None, True, 0, math.nan, "", "spec", [], [NOTES], (), {1, 2}, object()))
    yield ("/schema", {})
    yield ("/kind", {"kind": "spec", "module": "keras", "class_name": "Lambda"})
    # types
    yield at("/schema", "1")
    yield at("/schema", True)
    yield at("/schema", 2)
    yield at("/epochs", "20")
    yield at("/epochs", 20.0)
    yield at("/epochs", 1e300)
    yield at("/epochs", True)
    yield at("/epochs", None)
    yield at("/epochs", [20])
    yield at("/batch_size", {"$gt": 0})
    yield at("/shuffle", 1)
    yield at("/shuffle", "false")
    yield at("/seed", 1.5)
    yield at("/seed", False)
    yield at("/loss", None)
    yield at("/loss", {"class_name": "function", "config": "os.system"})
    yield at("/data", "circles")
    yield at("/data", [{"kind": "circles"}])
    yield at("/layers", "dense")
    yield at("/layers", {"0": NOTES["layers"][0]})
    yield at("/layers", {1, 2}, "/layers/0")
    yield at("/layers/0", "dense")
    yield at("/layers/0", [])
    yield at("/layers/0/units", 16.0)
    yield at("/layers/0/units", True)
    yield at("/layers/0/activation", ["relu"])
    yield at("/optimizer", "adam")
    yield at("/optimizer/learning_rate", "0.01")
    yield at("/optimizer/learning_rate", True)
    yield at("/data/shuffled_labels", 0)
    yield at("/from_logits", "no")
    # numbers that are none, or far too large
    yield at("/epochs", math.nan)
    yield at("/epochs", math.inf)
    yield at("/epochs", GIANT)
    yield at("/epochs", -GIANT)
    yield at("/epochs", 10**5000)
    yield at("/seed", 2**32)
    yield at("/seed", GIANT)
    yield at("/optimizer/learning_rate", math.nan)
    yield at("/optimizer/learning_rate", -math.inf)
    yield at("/optimizer/learning_rate", GIANT)
    yield at("/optimizer/learning_rate", 1e308)
    yield at("/data/validation", math.nan)
    yield at("/data/test", math.inf)
    yield at("/layers/0/units", GIANT)
    yield at("/data/rows", 2**63)
    # zero, negative and just outside
    yield at("/epochs", 0)
    yield at("/epochs", -3)
    yield at("/epochs", 501)
    yield at("/batch_size", 0)
    yield at("/batch_size", -1)
    yield at("/batch_size", 2101)
    yield at("/layers/0/units", 0)
    yield at("/layers/0/units", -16)
    yield at("/layers/0/units", 513)
    yield at("/data/rows", 0)
    yield at("/data/rows", 99)
    yield at("/data/rows", 20_001)
    yield at("/data/validation", 1)
    yield at("/data/validation", -0.1)
    yield at("/data/test", 0.51)
    yield at("/data/label_noise", 0.6)
    yield at("/data/noise", 1e9, spec=NOTES | {"data": {"kind": "circles"}})
    yield at("/data/classes", 1, spec=NOTES | {"data": {"kind": "blobs"}})
    yield at("/data/classes", 11, spec=NOTES | {"data": {"kind": "blobs"}})
    yield at("/data/rows", 1796, spec=DIGITS)
    yield at("/data/waves", 0, spec=NOTES | {"data": {"kind": "sine"}})
    yield at("/optimizer/learning_rate", 0)
    yield at("/optimizer/learning_rate", -0.01)
    yield at("/optimizer/epsilon", 0)
    yield at("/optimizer/beta_1", 1)
    yield at("/optimizer/clipping", {"kind": "norm", "limit": 0}, "/optimizer/clipping/limit")
    yield network("/layers/0/rate", layer("dropout", rate=1.0))
    yield network("/layers/0/stddev", layer("gaussian_noise", stddev=-1))
    yield network("/layers/0/epsilon", layer("batch_normalization", epsilon=0))
    yield network("/layers/0/kernel_regularizer/l2", layer("dense", units=4, kernel_regularizer={"l2": -1}))
    yield network("/layers/1/kernel_size", PICTURE, layer("conv_2d", filters=4, kernel_size=0))
    yield network("/layers/1/strides", PICTURE, layer("conv_2d", filters=4, kernel_size=3, strides=0))
    yield network("/layers/1/filters", PICTURE, layer("conv_2d", filters=65, kernel_size=1))
    yield network("/layers/1/units", ROWS_OF_PIXELS, layer("lstm", units=129))
    yield network("/layers/0/shape/1", layer("reshape", shape=[64, 0]))
    yield network("/layers/0/shape/0", layer("reshape", shape=[-1]))
    yield network("/layers/0/shape/0", layer("reshape", shape=[10**9, 1]))
    # lists: empty, long, of the wrong things
    yield at("/layers", [])
    yield at("/layers", dense(*[(2, "relu")] * 17))
    yield at("/layers", [None] * 6000)
    yield at("/layers", [[]] * 10_000)
    yield at("/metrics", ["accuracy"] * 5)
    yield at("/metrics", ["applause"], "/metrics/0")
    yield at("/metrics", [[]] * 10_000)
    yield at("/metrics", "accuracy")
    yield at("/class_weights", [])
    yield at("/class_weights", [1.0])
    yield at("/class_weights", [1.0, 1.0, 1.0])
    yield at("/class_weights", [1.0, -1.0], "/class_weights/1")
    yield at("/class_weights", [1.0, math.nan], "/class_weights/1")
    yield at("/class_weights", [1.0, True], "/class_weights/1")
    yield at("/class_weights", {"0": 1.0, "1": 2.0})
    yield at("/class_weights", [0] * 16_000)
    yield network("/layers/0/shape", layer("reshape", shape=[]))
    yield network("/layers/0/shape", layer("reshape", shape=[1] * 9000))
    yield at("/data", TABLE | {"columns": [0] * 15_000}, "/data/table")
    yield at("/data", TABLE | {"columns": [{"name": "x", "categories": [0] * 15_000}]}, "/data/table")
    yield at("/data", TABLE | {"classes": [[]] * 10_000}, "/data/table")
    # unknown keys at every level
    yield at("/surprise", 1)
    yield at("/__class__", "os")
    yield at("/data/path", "/etc/passwd")
    yield at("/layers/0/call", "lambda x: x")
    yield at("/layers/0/kernel_regularizer", {"l3": 1}, "/layers/0/kernel_regularizer/l3")
    yield at("/optimizer/momentum", 0.9)
    yield at("/optimizer/schedule", {"kind": "step", "decay_steps": 9, "decay_rate": 0.5, "x": 1},
             "/optimizer/schedule/x")  # fmt: skip
    yield at("/optimizer/clipping", {"kind": "norm", "limit": 1, "x": 1}, "/optimizer/clipping/x")
    yield at("/early_stopping", {"x": 1}, "/early_stopping/x")
    yield at("/reduce_on_plateau", {"x": 1}, "/reduce_on_plateau/x")
    yield at("/stop_at", {"monitor": "loss", "value": 1, "x": 1}, "/stop_at/x")
    yield at("/snapshots", {"x": 1}, "/snapshots/x")
    yield at("/a~b", 1, "/a~0b")
    yield ("/a~1b", NOTES | {"a/b": 1})
    yield ("/key_0", NOTES | {f"key_{number}": 1 for number in range(2500)})
    # unions without a kind, or with one of nobody's
    yield at("/data", {"rows": 100}, "/data/kind")
    yield at("/layers/0", {"units": 4}, "/layers/0/kind")
    yield at("/optimizer", {"learning_rate": 0.01}, "/optimizer/kind")
    yield at("/optimizer/schedule", {}, "/optimizer/schedule/kind")
    yield at("/data/kind", "imagenet")
    yield at("/data/kind", ["circles"])
    yield at("/layers/0/kind", "lambda")
    yield at("/layers/0/kind", "Dense")
    yield at("/layers/0/kind", "k" * 30_000)
    yield at("/layers/0/kind", None)
    yield at("/optimizer/kind", "lion")
    yield at("/optimizer/schedule", {"kind": "one_cycle"}, "/optimizer/schedule/kind")
    yield at("/optimizer/clipping", {"limit": 1}, "/optimizer/clipping/kind")
    # words that are not ours
    yield at("/loss", "mse")
    yield at("/loss", "os.system")
    yield at("/loss", "l" * 30_000)
    yield at("/layers/0/activation", "Relu")
    yield at("/layers/0/kernel_initializer", "identity")
    yield at("/layers/0/bias_initializer", "orthogonal")
    yield at("/data/split", "first_rows")
    yield at("/data/scaling", "robust")
    yield network("/layers/1/padding", PICTURE, layer("conv_2d", filters=1, kernel_size=1, padding="causal"))
    yield at("/early_stopping", {"monitor": "val_applause"}, "/early_stopping/monitor")
    # names and texts
    yield at("/layers/0/name", MARKUP)
    yield at("/layers/0/name", "")
    yield at("/layers/0/name", "Größe")
    yield at("/layers/0/name", "a\nb")
    yield at("/layers/0/name", "n" * 30_000)
    yield at("/layers/0/name", "input_layer")
    yield at("/layers", [{**each, "name": "twin"} for each in NOTES["layers"]], "/layers/1/name")
    yield at("/layers/0/name", HALF)
    yield at("/loss", HALF)
    yield at("/data/kind", HALF)
    yield at("/" + HALF, 1, "")
    yield at("/" + MARKUP.replace("/", ""), 1)
    yield at("/data", TABLE | {"table": MARKUP}, "/data/table")
    yield at("/data", TABLE | {"target": ""}, "/data/target")
    yield at("/data", TABLE | {"target": "t" * 101}, "/data/target")
    yield at("/data", TABLE, "/data/table")
    # shapes that do not fit
    yield network("/layers/0/kind", layer("conv_2d", filters=1, kernel_size=1))
    yield network("/layers/0/kind", layer("lstm", units=4))
    yield network("/layers/1/kind", PICTURE, layer("gru", units=4))
    yield network("/layers/1/kind", ROWS_OF_PIXELS, layer("max_pooling_2d"))
    yield network("/layers/1/kernel_size", PICTURE, layer("conv_2d", filters=1, kernel_size=9))
    yield network("/layers/1/pool_size", ROWS_OF_PIXELS, layer("average_pooling_1d", pool_size=9))
    yield network("/layers/0/shape", layer("reshape", shape=[4096, 4096, 4096]))
    yield network("/layers/1/kind", layer("flatten"), LOOKED_UP)
    yield network("/layers/1/kind", ROWS_OF_PIXELS)
    yield network("/layers/0/kind", layer("embedding", input_dim=17, output_dim=2), layer("flatten"))
    # bombs: with parameters, and without
    yield at("/layers", dense((512, "relu"), (512, "relu"), (2, "softmax")))
    yield network("/layers", *dense((500, "relu"), (500, "relu")))
    yield network("/layers", *[layer("batch_normalization")] * 16)
    yield network("/layers", *[layer("flatten")] * 1000)
    yield network("/layers", LOOKED_UP, ONE_LONG_ROW, layer("lstm", units=128, return_sequences=True))
    yield network("/layers", LOOKED_UP, ONE_LONG_ROW, *dense((512, "relu")), layer("global_average_pooling_1d"))
    yield network("/layers", LOOKED_UP, ONE_LONG_ROW,
                  *[layer("conv_1d", filters=64, kernel_size=1)] * 2, layer("flatten"))  # fmt: skip
    yield network("/layers", PICTURE, layer("conv_2d", filters=64, kernel_size=1), ONE_LONG_ROW,
                  *[layer("simple_rnn", units=64, return_sequences=True)] * 3,
                  layer("global_average_pooling_1d"))  # fmt: skip
    yield network("/layers", LOOKED_UP, ONE_LONG_ROW, layer("conv_1d", filters=60, kernel_size=1),
                  *[layer("max_pooling_1d", pool_size=1, strides=1)] * 3, layer("flatten"))  # fmt: skip
    yield network("/batch_size", LOOKED_UP, layer("flatten"), layer("flatten"), batch_size=1797)
    yield network("/epochs", LOOKED_UP, ONE_LONG_ROW, layer("gru", units=8), epochs=500)
    yield network("/epochs", ROWS_OF_PIXELS, *[layer("lstm", units=32, return_sequences=True)] * 6,
                  layer("global_average_pooling_1d"), epochs=500)  # fmt: skip
    yield at("/epochs", 500, spec=NOTES | {"batch_size": 1})
    yield at("/epochs", 500, spec=NOTES | {"data": {"kind": "circles", "rows": 20_000}, "batch_size": 2})
    # schedules and stops
    yield at("/optimizer", ADAM | {"schedule": {"kind": "cosine", "decay_steps": 0}}, "/optimizer/schedule/decay_steps")
    yield at("/optimizer", ADAM | {"schedule": {"kind": "cosine"}}, "/optimizer/schedule/decay_steps")
    yield at("/optimizer", ADAM | {"schedule": {"kind": "step", "decay_steps": 1, "decay_rate": 1.1}},
             "/optimizer/schedule/decay_rate")  # fmt: skip
    yield at("/optimizer", ADAM | {"schedule": {"kind": "warm_up", "warmup_steps": GIANT}},
             "/optimizer/schedule/warmup_steps")  # fmt: skip
    yield at("/optimizer", ADAM | {"schedule": [0.1, 0.01]}, "/optimizer/schedule")
    yield at("/early_stopping", True)
    yield at("/early_stopping", {"patience": -1}, "/early_stopping/patience")
    yield at("/early_stopping", {"min_delta": math.nan}, "/early_stopping/min_delta")
    yield at("/early_stopping", {"monitor": "val_auc"}, "/early_stopping/monitor")
    yield at("/reduce_on_plateau", {"factor": 1}, "/reduce_on_plateau/factor")
    yield at("/reduce_on_plateau", {}, spec=NOTES | {
        "optimizer": ADAM | {"schedule": {"kind": "warm_up", "warmup_steps": 9}}})  # fmt: skip
    yield at("/stop_at", {}, "/stop_at/monitor")
    yield at("/stop_at", {"monitor": "accuracy", "value": None}, "/stop_at/value")
    yield at("/stop_at", {"monitor": "r2_score", "value": 1}, "/stop_at/monitor")
    yield at("/snapshots", {"every": 0}, "/snapshots/every")
    # sense
    yield at("/layers/2/units", 1)
    yield at("/layers/2/activation", "linear")
    yield at("/from_logits", True, spec=LINE)
    yield at("/loss", "binary_crossentropy", spec=LINE)
    yield at("/data/split", "stratified", spec=LINE)
    yield at("/class_weights", [1, 1], spec=LINE)
    yield at("/metrics", ["r2_score"], "/metrics/0")
    yield at("/layers", [layer("activation", activation="softmax")])
    # more than 32 KB of JSON
    yield at("/layers/0/name", "n" * 40_000, "")
    yield at("/layers/0/name", "名" * 11_000, "")
    yield at("/layers", [NOTES["layers"][0]] * 1000, "")
    yield at("/metrics", [0] * 40_000, "")
    yield at("/data/noise", {str(number): number for number in range(10_000)}, "")
    yield ("", ["x" * 1_000_000])
    # texts that no JSON reader should take
    yield ("", b"")
    yield ("", b"{")
    yield ("", b"\xff\xfe{}")
    yield ("", b"[" * 500_000)
    yield ("", nested(33))
    yield ("", nested(5000))
    yield ("", b'{"a":' * 100_000)
    yield text('"epochs": 20', '"epochs": 20, "epochs": 500')
    yield text('"kind": "adam"', '"kind": "sgd", "kind": "adam"')
    yield text("0.0001", "NaN")
    yield text("0.0001", "Infinity")
    yield text("0.0001", "-Infinity")
    yield text("0.0001", "1e999")
    yield text("2100", "9" * 5000)
    yield text('"relu"', '"\\ud800"')
    yield text('"relu"', '"re\\u0000lu"')
    yield text('"relu"', "'relu'")
    yield text('"shuffle": true', '"shuffle": true,')
    # texts that are JSON, and no spec
    yield ("/schema", nested(30))
    yield ("/epochs", text("20,", "1e400000000000000000".replace("400000000000000000", "2") + ",")[1])
    yield ("/epochs", text('"epochs": 20', '"epochs": ' + "9" * 400)[1])
    yield ("/layers/0/activation", text('"relu"', '"\\u003cb\\u003e"')[1])
    yield ("", json.dumps(NOTES | {"layers": [NOTES["layers"][0]] * 5000}).encode())
    yield ("", json.dumps(NOTES | {"metrics": [{}] * 12_000}).encode())


HOSTILE = list(hostile())


def refusals(spec: object) -> list[tuple[str, str]]:
    """The pointers and the sentences with which a spec is refused; none if it was taken."""
    try:
        admit(parse_strict(spec) if isinstance(spec, bytes) else spec)
    except RefusedError as refusal:
        return [(problem.pointer, problem.detail) for problem in refusal.problems]
    except ValueError as error:
        assert isinstance(spec, bytes), "only the reader of the JSON may say it in this way"
        return [("", f"The body is no JSON that this server reads: {error}.")]
    return []


def name_of(case: Case) -> str:
    pointer, spec = case
    return f"{pointer or 'whole'} {str(spec)[:20] if isinstance(spec, bytes) else ''}".encode(
        "ascii", "replace"
    ).decode()


def test_there_are_more_than_a_hundred() -> None:
    assert len(HOSTILE) > 200


@pytest.mark.parametrize(("pointer", "spec"), HOSTILE, ids=map(name_of, HOSTILE))
def test_a_hostile_spec_is_refused_at_once_at_its_place_and_in_plain_words(pointer: str, spec: object) -> None:
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        found = refusals(spec)
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 0.05
    assert pointer in [where for where, _ in found]
    for where, sentence in found:
        assert re.fullmatch(r"(/.+)?", where), where
        assert re.fullmatch(r"[A-Z“%a-z].{8,400}\.", sentence), sentence
        assert not JARGON.search(sentence), sentence
        assert MARKUP not in sentence


def test_refusing_them_all_loads_neither_tensorflow_nor_numpy_nor_scikit_learn() -> None:
    script = (
        "import tests.environment, django, sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings';"
        "django.setup();"
        "from tests.sandbox.test_spec_hostile import HEAVY, HOSTILE, refusals;"
        "assert all(refusals(spec) for _, spec in HOSTILE);"
        "print(sorted(HEAVY & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr

"""Keras code becomes a spec by being read: what is understood, explained, refused, and that the reader is total."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.keras_code import translate
from sandbox.keras_code.remarks import MESSAGES
from sandbox.spec import parse_spec

SCRIPT = """\
import keras
from keras.models import Sequential
from keras.layers import Activation
from keras.layers.core import Dense
from keras.optimizers import Adam
from keras.metrics import categorical_crossentropy

# 模型
model = Sequential([
    Dense(units=16, input_shape=(1,), activation='relu'),
    Dense(units=32, activation='relu'),
    Dense(units=2, activation='sigmoid')
])
model.compile(optimizer=Adam(learning_rate=0.0001), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(x=samples, y=labels, batch_size=10, epochs=20, shuffle=True, verbose=2)
"""
NETWORK = """\
from tensorflow import keras
from tensorflow.keras.layers import Dense, Activation
model = keras.Sequential([keras.Input(shape=(2,)), Dense(4, activation="tanh"), Dense(2, activation="softmax")])
"""
COMPILED = NETWORK + 'model.compile("adam", "sparse_categorical_crossentropy")\n'


def spec_of(source):
    result = translate(textwrap.dedent(source))
    assert [remark.detail for remark in result.refusals] == []
    parse_spec(result.spec)
    return result.spec


def notes(source):
    return {remark.code for remark in translate(textwrap.dedent(source)).notes}


def refusals(source):
    result = translate(textwrap.dedent(source))
    assert result.spec is None
    return [(remark.line, remark.column, remark.code) for remark in result.refusals]


def refused(source):
    return {code for _, _, code in refusals(source)}


def test_it_reads_the_script_of_a_lesson():
    assert spec_of(SCRIPT) == {
        "schema": 1,
        "data": {"kind": "clinical_trial", "rows": 2100, "validation": 0.0, "split": "last_rows", "seed": 1},
        "layers": [
            {"kind": "dense", "units": 16, "activation": "relu"},
            {"kind": "dense", "units": 32, "activation": "relu"},
            {"kind": "dense", "units": 2, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "adam", "learning_rate": 0.0001},
        "loss": "sparse_categorical_crossentropy",
        "epochs": 20,
        "batch_size": 10,
        "shuffle": True,
        "seed": 1,
    }


def test_it_explains_what_is_old_what_is_filled_in_and_what_is_odd():
    found = translate(SCRIPT).notes
    assert {"old_module", "old_input", "no_data", "sigmoid_with_categorical_loss"} == {note.code for note in found}
    old = next(note for note in found if note.code == "old_module")
    assert (old.line, old.column) == (4, 1)
    assert old.detail == "keras.layers.core is the old place. Today you write: from keras.layers import Dense."


def test_it_reads_model_add_and_merges_the_activation():
    source = """
        from keras.models import Sequential
        from keras.layers import Dense, Activation
        model = Sequential()
        model.add(Dense(3, input_dim=2))
        model.add(Activation('relu'))
        model.add(Dense(2)); model.add(Activation("softmax"))
        model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
        model.fit(x, y, 20, 5)
    """
    spec = spec_of(source)
    assert [(layer["units"], layer["activation"]) for layer in spec["layers"]] == [(3, "relu"), (2, "softmax")]
    assert (spec["data"]["kind"], spec["batch_size"], spec["epochs"]) == ("circles", 20, 5)
    assert "merged_activation" in notes(source)


def test_it_takes_positional_and_old_arguments():
    source = NETWORK + "from keras.optimizers import SGD\n"
    source += "model.compile(SGD(lr=.5, momentum=0.9, nesterov=True, decay=1e-6), 'mse', ['acc'])\n"
    source += "history = model.fit(x, y, nb_epoch=3, validation_split=0.2, shuffle=False)\n"
    spec = spec_of(source)
    assert spec["optimizer"] == {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9, "nesterov": True}
    assert (spec["loss"], spec["epochs"], spec["shuffle"]) == ("mean_squared_error", 3, False)
    assert (spec["batch_size"], spec["data"]["validation"]) == (32, 0.2)
    assert {"old_argument", "decay"} <= notes(source)


def test_it_knows_the_names_of_objects_and_functions():
    source = """
        import tensorflow as tf
        layers = [tf.keras.Input((64,)), tf.keras.layers.Dense(32, tf.nn.relu),
                  tf.keras.layers.Dense(10, tf.keras.activations.softmax)]
        net = tf.keras.models.Sequential(layers)
        rate = 1e-3
        net.compile(tf.keras.optimizers.Adam(rate), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False))
        net.optimizer.learning_rate = 0.01
        net.fit(x, y, epochs=2)
    """
    spec = spec_of(source)
    assert spec["data"]["kind"] == "digits"
    assert [layer["activation"] for layer in spec["layers"]] == ["relu", "softmax"]
    assert spec["optimizer"]["learning_rate"] == 0.01


@pytest.mark.parametrize(
    ("inputs", "outputs", "kind"),
    [(1, 2, "clinical_trial"), (2, 2, "circles"), (4, 3, "iris"), (13, 3, "wine"), (30, 2, "breast_cancer"),
     (64, 10, "digits")],
)  # fmt: skip
def test_it_chooses_the_data_set_by_the_inputs(inputs, outputs, kind):
    source = f"""
        model = Sequential([Input(shape=({inputs},)), Dense({outputs}, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, y, validation_split=0.2)
    """
    assert spec_of(source)["data"]["kind"] == kind
    assert ("sorted_data" in notes(source)) == (kind in ("iris", "wine"))
    assert "sorted_rows" not in notes(source)


@pytest.mark.parametrize(
    ("layers", "loss", "kind"),
    [("Dense(1)", "mse", "line"), ("Dense(8, 'tanh'), Dense(1)", "mae", "sine"),
     ("Dense(8), Dense(1), Activation('sigmoid')", "mse", "clinical_trial"), ("Dense(2)", "mse", "clinical_trial")],
)  # fmt: skip
def test_one_input_that_gives_a_number_has_numbers_to_learn_from(layers, loss, kind):
    source = f"model = Sequential([Input((1,)), {layers}])\nmodel.compile('adam', '{loss}')"
    assert spec_of(source)["data"]["kind"] == kind


def test_it_predicts_a_number_only_where_the_loss_compares_numbers():
    source = "model = Sequential([Input((10,)), Dense(8, 'relu'), Dense(1)])\nmodel.compile('adam', {})"
    assert spec_of(source.format("'mae'"))["data"]["kind"] == "diabetes"
    assert spec_of(source.format("keras.losses.Huber()").join(["import keras\n", ""]))["loss"] == "huber"
    assert refused(source.format("'binary_crossentropy'")) == {"no_dataset"}


def test_it_repeats_a_plain_loop_of_layers():
    source = """
        model = Sequential()
        for _ in range(3):
            model.add(Dense(4, activation="relu"))
        model.add(Dense(2, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy")
    """
    assert len(spec_of(source)["layers"]) == 4
    assert {"no_import", "no_input", "no_fit"} <= notes(source)


def test_it_leaves_out_what_is_not_the_network_and_says_so():
    source = """
        %matplotlib inline
        import numpy as np
        from random import randint
        train_samples = []
        for i in range(50):
            train_samples.append(randint(13, 64))
        train_samples = np.array(train_samples)
        print(train_samples)
    """
    source = textwrap.dedent(source) + COMPILED + "print(model.summary())\nmodel.predict(x)\n"
    spec_of(source)
    left_out = {"ignored_magic", "ignored_import", "ignored_statement", "ignored_print", "ignored_method"}
    assert left_out <= notes(source)


def test_it_takes_the_network_that_is_trained():
    source = NETWORK.replace("Dense(4", "Dense(7") + COMPILED + "model.fit(x, y)\n"
    assert spec_of(source)["layers"][0]["units"] == 4
    assert "other_model" in notes(source)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("model = (", (1, 9, "no_python")),
        ("x = 1\n///另一种写法\n", (2, 1, "slashes")),
        ("x = 1", (1, 1, "no_model")),
        ("", (1, 1, "no_model")),
        (NETWORK, (3, 9, "not_compiled")),
        (COMPILED + "model.fit(x, y, epochs=10**6)", (5, 24, "no_plain_value")),
        (COMPILED + "model.fit(x, y, epochs=2.5)", (5, 24, "no_whole_number")),
        (COMPILED + "model.fit(x, y, epochs=True)", (5, 24, "no_whole_number")),
        (COMPILED + "n = len(x)\nmodel.fit(x, y, epochs=n)", (6, 24, "unknown_value")),
        (COMPILED + "model.fit(x, y, epochs=10000)", (5, 24, "out_of_range")),
        (COMPILED + "model.fit(x, y, class_weight=w)", (5, 30, "class_weight")),
        (COMPILED + "model.fit(x, y, sample_weight=w)", (5, 31, "other_value")),
        (COMPILED + "model.fit(x, **options)", (5, 14, "starred")),
        (COMPILED + "model.add(Dense(3))", (5, 1, "after_compile")),
        (COMPILED + "model.layers[0].trainable = False", (5, 1, "cannot_read")),
        (COMPILED + "if x:\n    model.fit(x, y)", (5, 1, "control_flow")),
        ("模型 = 1; model = Sequential([Dense(0), Dense(2)])\nmodel.compile('sgd', 'mse')", (1, 29, "out_of_range")),
        ("model = Sequential([Dense(3)])\nmodel.compile('ftrl', 'mse')", (2, 15, "optimizer_not_offered")),
        ("model = Sequential([Dense(2)])\nmodel.compile('sgd', 'hinge')", (2, 22, "loss_not_offered")),
        ("model = Sequential([Dense(2, 'swish')])", (1, 30, "activation_not_offered")),
        ("model = Sequential([Dense(2, bias_regularizer='l2')])", (1, 47, "other_value")),
        ("from keras import layers\nmodel = Sequential([layers.Conv3D(2, 3)])", (2, 21, "layer_not_offered")),
        ("model = Sequential([Activation('relu')])\nmodel.compile('sgd', 'mse')", (1, 9, "no_weights")),
        ("model = Sequential([Dense(2, input_shape=(5,))])\nmodel.compile('sgd', 'mse')", (1, 21, "no_dataset")),
        ("model = Sequential([Dense(2, input_shape=2)])", (1, 42, "input_shape")),
        ("model = Sequential([Dense(1, 'softmax')])\nmodel.compile('sgd', 'mse')", (1, 21, "softmax_on_one_unit")),
    ],
)
def test_it_refuses_with_a_place(source, place):
    assert place in refusals(source)


def test_one_refusal_is_enough_for_a_model_that_could_not_be_read():
    source = "model = Sequential([Conv2D(3)])\nmodel.compile('sgd', 'mse')\nmodel.fit(x, y)\nprint(model)"
    assert refusals(source) == [(1, 21, "missing_argument")]
    assert translate(source).has_model


@pytest.mark.parametrize(
    "source",
    [
        "a=1\n" * 401,
        "#" * 20_481,
        "中" * 7_000,
        "x = " + "-" * 10_000 + "1",
        "x = " + "1+" * 5_000 + "1",
        "a" + ".a" * 5_000,
        "(" * 300 + ")" * 300,
        "x = 0x" + "f" * 15_000,
        "x = " + "9" * 5_000,
        "x = 1e999",
        "x = '\ud800'",
        "x = 1\0",
        "x = [" + "1," * 2_000 + "]",
        "lambda: " * 500 + "1",
        "model = Sequential([Dense(0x" + "f" * 5_000 + ")])",
        "().__class__.__base__.__subclasses__()",
        "__import__('os').system('true')",
    ],
)
def test_it_survives_hostile_code(source):
    assert refusals(source)


FRAGMENTS = [
    *SCRIPT.splitlines(keepends=True),
    *[
        "model = Sequential()\n",
        "model.add(Dense(",
        "3",
        ", 'relu')",
        ")",
        "]",
        "\n",
        "for _ in range(3):\n    ",
        "lambda x: ",
    ],
    *[
        "model.compile('sgd', 'mse')\n",
        "model.fit(",
        "x",
        ", epochs=-",
        "**k",
        "del model\n",
        "0x",
        "x = ",
        "@",
        "\ud800",
    ],
    *[
        "global x\n",
        "x: int = 3\n",
        "import keras.layers as k\n",
        "k.Dense(1)",
        "import *",
        "from . import a\n",
        "%matplotlib\n",
    ],
    *[
        "import keras\n",
        "model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()])\n",
        "model.add(Dropout(0.5))\n",
        "model.add(LSTM([4], name=3, kernel_regularizer=keras.regularizers.l2(keras.Input((3,)))))\n",
        "stop = keras.callbacks.EarlyStopping(['loss'], mode={})\n",
        "stop = EarlyStopping(patience=1, monitor='loss')\n",
        "model.fit(x, y, callbacks=[stop, [stop], 3, f()], class_weight={0: 1, **k})\n",
        "model.compile(RMSprop(stop, clipnorm=1), keras.losses.Huber(), metrics=[['acc'], keras.metrics.AUC()])\n",
        "class ShuffledBatches(keras.utils.PyDataset):\n    pass\nx = ShuffledBatches()\nBATCH_SIZE = 8\n",
        "keras.utils.set_random_seed(7)\n",
    ],
    *[
        "try:\n    pass\nexcept* E:\n    pass\n",
        "match x:\n    case [a, *b]: pass\n",
        "async def f(): await x\n",
        'f"{x!r:{y}}"',
    ],
]


@given(st.text(max_size=300) | st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
def test_it_is_total(source):
    result = translate(source)
    assert (result.spec is None) == bool(result.refusals)
    if result.spec is not None:
        parse_spec(result.spec)
    for remark in [*result.notes, *result.refusals]:
        assert remark.detail
        assert remark.line >= 1
        assert remark.column >= 1


def test_every_message_can_be_said():
    used = {"name": "n", "old": "o", "new": "n"}
    assert all(isinstance(message, str) and message.endswith((".", "%(problem)s.")) for message in MESSAGES.values())
    assert MESSAGES["old_module"] % {**used}

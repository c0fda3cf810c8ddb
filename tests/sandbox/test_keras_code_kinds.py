"""What Keras code may be made of besides dense layers, SGD and Adam, and what of it cannot be kept."""

from pathlib import Path

import pytest

from sandbox.keras_code import translate
from tests.sandbox.test_keras_code import COMPILED, notes, refusals, spec_of

COURSE = Path(__file__).resolve().parents[2] / "courses" / "content" / "deep-learning-with-keras"
HEAD = "import keras\nfrom keras import layers\n"
END = "\nmodel.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(x, y)"


def of(*layers, inputs="keras.Input((64,))"):
    return f"{HEAD}model = keras.Sequential([{', '.join([inputs, *layers])}, layers.Dense(10, 'softmax')]){END}"


def first_code(lesson):
    text = next(COURSE.glob(f"{lesson:02}-*")).joinpath("lesson.en.md").read_text("utf-8")
    return text.split("```python\n")[1].split("```")[0]


def test_it_reads_the_convolutional_network_of_lesson_4():
    spec = spec_of(first_code(4))
    assert spec["data"]["kind"] == "digits"
    assert spec["layers"] == [
        {"kind": "reshape", "shape": [8, 8, 1]},
        {"kind": "conv_2d", "filters": 8, "kernel_size": 3, "activation": "relu"},
        {"kind": "max_pooling_2d", "pool_size": 2},
        {"kind": "batch_normalization"},
        {"kind": "flatten"},
        {"kind": "dense", "units": 10, "activation": "softmax"},
    ]


def test_it_reads_the_early_stopping_of_lesson_10():
    source = first_code(10)
    spec = spec_of(source)
    assert spec["early_stopping"] == {"monitor": "val_loss", "patience": 5, "restore_best_weights": True}
    assert (spec["data"]["kind"], spec["epochs"], spec["data"]["validation"]) == ("digits", 60, 0.1)
    assert notes(source) == {"ignored_validation_data", "no_data"}


@pytest.mark.parametrize(
    ("code", "layer"),
    [
        ("Dropout(0.5)", {"kind": "dropout", "rate": 0.5}),
        ("Dropout(p=0.5, seed=3)", {"kind": "dropout", "rate": 0.5}),
        ("GaussianNoise(0.1)", {"kind": "gaussian_noise", "stddev": 0.1}),
        ("BatchNormalization(axis=-1, momentum=.9)", {"kind": "batch_normalization", "momentum": 0.9}),
        ("LayerNormalization(epsilon=1e-6)", {"kind": "layer_normalization", "epsilon": 1e-6}),
        ("Flatten(name='flat')", {"kind": "flatten", "name": "flat"}),
        ("Reshape(target_shape=(16,))", {"kind": "reshape", "shape": [16]}),
        ("ReLU()", {"kind": "activation", "activation": "relu"}),
        ("Activation(keras.activations.gelu)", {"kind": "activation", "activation": "gelu"}),
        (
            "Dense(4, use_bias=False, kernel_initializer=keras.initializers.HeNormal(seed=1),"
            " kernel_regularizer=keras.regularizers.l1_l2(l1=.1, l2=.2))",
            {"kind": "dense", "units": 4, "activation": "linear", "use_bias": False,
             "kernel_initializer": "he_normal", "kernel_regularizer": {"l1": 0.1, "l2": 0.2}},
        ),
        (
            "Dense(4, kernel_initializer='uniform', kernel_regularizer='l2')",
            {"kind": "dense", "units": 4, "activation": "linear", "kernel_initializer": "random_uniform",
             "kernel_regularizer": {"l2": 0.01}},
        ),
    ],
)  # fmt: skip
def test_it_reads_a_layer(code, layer):
    assert spec_of(of("layers.Dense(16, 'relu')", f"layers.{code}"))["layers"][1] == layer


@pytest.mark.parametrize(
    ("code", "layer"),
    [
        (
            "Conv2D(4, (3, 3), strides=(2, 2), padding='same', activation='relu', groups=1)",
            {"kind": "conv_2d", "filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"},
        ),
        ("MaxPooling2D((2, 2), strides=None)", {"kind": "max_pooling_2d", "pool_size": 2}),
        ("MaxPool2D()", {"kind": "max_pooling_2d"}),
        ("AveragePooling2D(pool_size=[2, 2], strides=1)", {"kind": "average_pooling_2d", "pool_size": 2, "strides": 1}),
    ],
)
def test_it_reads_a_layer_of_pictures(code, layer):
    source = of(f"layers.{code}", "layers.GlobalAvgPool2D()", inputs="keras.Input((8, 8, 1))")
    spec = spec_of(source)
    assert spec["layers"][:2] == [{"kind": "reshape", "shape": [8, 8, 1]}, layer]
    assert spec["layers"][2] == {"kind": "global_average_pooling_2d"}
    assert "reshaped" in notes(source)


def test_it_reads_sequences():
    source = of(
        "layers.Conv1D(4, 3)",
        "layers.LSTM(6, return_sequences=True, recurrent_activation='sigmoid', dropout=0.0)",
        "layers.GRU(5, 'relu', return_sequences=True, reset_after=True)",
        "layers.SimpleRNN(4, recurrent_initializer='zeros')",
        inputs="keras.Input((8, 8))",
    )
    assert spec_of(source)["layers"][:5] == [
        {"kind": "reshape", "shape": [8, 8]},
        {"kind": "conv_1d", "filters": 4, "kernel_size": 3},
        {"kind": "lstm", "units": 6, "return_sequences": True},
        {"kind": "gru", "units": 5, "activation": "relu", "return_sequences": True},
        {"kind": "simple_rnn", "units": 4, "recurrent_initializer": "zeros"},
    ]


def test_an_embedding_gets_whole_numbers():
    source = HEAD + "model = keras.Sequential([layers.Embedding(101, 4), layers.Flatten(), layers.Dense(2, 'softmax')])"
    spec = spec_of(source + END)
    assert spec["data"]["scaling"] == "none"
    assert spec["layers"][0] == {"kind": "embedding", "input_dim": 101, "output_dim": 4}


def test_pictures_of_another_size_become_digits_and_a_flat_start_needs_no_reshape():
    source = """
        import tensorflow as tf
        model = tf.keras.models.Sequential([
            tf.keras.layers.Flatten(input_shape=(28, 28)),
            tf.keras.layers.Dense(128, activation='relu'),
            tf.keras.layers.Dropout(0.2),
            tf.keras.layers.Dense(10, activation='softmax')
        ])
        model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
        model.fit(x_train, y_train, epochs=5)
    """
    spec = spec_of(source)
    assert spec["data"]["kind"] == "digits"
    assert [layer["kind"] for layer in spec["layers"]] == ["dense", "dropout", "dense"]
    assert {"other_pictures", "flat_already", "old_input"} <= notes(source)


def test_old_places_of_new_kinds_are_known():
    source = """
        from keras.layers.convolutional import Conv2D
        from keras.layers.pooling import MaxPooling2D
        from tensorflow.keras.layers import *
        model = Sequential()
        model.add(Conv2D(8, 3, activation='relu', input_shape=(8, 8, 1)))
        model.add(MaxPooling2D())
        model.add(Flatten())
        model.add(Dense(10, activation='softmax'))
        model.compile(RMSprop(lr=0.002), 'sparse_categorical_crossentropy')
        model.fit(x, y)
    """
    spec = spec_of(source)
    assert spec["optimizer"] == {"kind": "rmsprop", "learning_rate": 0.002}
    assert {"old_module", "old_argument", "old_input"} <= notes(source)


@pytest.mark.parametrize(
    ("code", "optimizer"),
    [
        ("'RMSprop'", {"kind": "rmsprop"}),
        ("keras.optimizers.Nadam", {"kind": "nadam"}),
        ("keras.optimizers.AdamW(.01, .002)", {"kind": "adamw", "learning_rate": 0.01, "weight_decay": 0.002}),
        (
            "keras.optimizers.RMSprop(0.1, 0.8, centered=True, clipnorm=1)",
            {"kind": "rmsprop", "learning_rate": 0.1, "rho": 0.8, "centered": True,
             "clipping": {"kind": "norm", "limit": 1.0}},
        ),
        ("keras.optimizers.Adagrad(initial_accumulator_value=0)", {"kind": "adagrad", "initial_accumulator_value": 0}),
        ("keras.optimizers.legacy.Adadelta(rho=.9)", {"kind": "adadelta", "rho": 0.9}),
        (
            "keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.96, staircase=True))",
            {"kind": "sgd", "learning_rate": 0.1, "schedule": {"kind": "step", "decay_steps": 100, "decay_rate": 0.96}},
        ),
    ],
)  # fmt: skip
def test_it_reads_an_optimizer(code, optimizer):
    source = of().replace("'adam'", code)
    assert spec_of(source)["optimizer"] == optimizer


@pytest.mark.parametrize(
    ("fitting", "said"),
    [
        ("callbacks=keras.callbacks.EarlyStopping()", {"early_stopping": {"patience": 0, "monitor": "val_loss"}}),
        (
            "callbacks=[keras.callbacks.EarlyStopping('val_acc', patience=3, mode='max', verbose=1), Later()]",
            {"early_stopping": {"patience": 3, "monitor": "val_accuracy"}},
        ),
        (
            "callbacks=[keras.callbacks.ReduceLROnPlateau(factor=0.2, min_lr=1e-5)]",
            {"reduce_on_plateau": {"monitor": "val_loss", "factor": 0.2, "min_learning_rate": 1e-5}},
        ),
        ("callbacks=[keras.callbacks.ModelCheckpoint(path), keras.callbacks.TerminateOnNaN()]", {}),
        ("callbacks=mine", {}),
        (f"class_weight={dict.fromkeys(range(10), 1.5)}", {"class_weights": [1.5] * 10}),
    ],
)
def test_it_reads_how_the_training_ends(fitting, said):
    spec = spec_of(of().replace("fit(x, y", f"fit(x, y, validation_split=0.2, {fitting}"))
    extra = ("early_stopping", "reduce_on_plateau", "class_weights")
    assert {key: value for key, value in spec.items() if key in extra} == said


def test_callbacks_that_are_left_out_are_named_with_their_line():
    source = HEAD + "class Mine(keras.callbacks.Callback):\n    pass\n"
    source += (
        of().removeprefix(HEAD).replace("fit(x, y", "fit(x, y, callbacks=[\n  Mine(),\n  keras.callbacks.CSVLogger(f)]")
    )
    found = [(note.line, note.detail) for note in translate(source).notes if note.code == "ignored_callback"]
    assert [(line, detail.split(" ")[0]) for line, detail in found] == [(8, "Mine"), (9, "CSVLogger")]


def test_it_measures_what_the_code_measures_if_it_can():
    categorical = of().replace("'sparse_categorical_crossentropy'", "'categorical_crossentropy', metrics={}")
    assert spec_of(categorical.replace("{}", "['acc', keras.metrics.AUC(name='a')]"))["metrics"] == ["accuracy", "auc"]
    assert "metrics" not in spec_of(categorical.replace("{}", "['accuracy']"))
    for unknown in ("['mae']", "['accuracy', 'cosine_similarity']", "[keras.metrics.AUC(num_thresholds=3)]"):
        assert "metrics" not in spec_of(categorical.replace("{}", unknown))
        assert "ignored_metrics" in notes(categorical.replace("{}", unknown))


def test_parts_may_have_a_name():
    source = of("layers.Dense(4, kernel_regularizer=small, kernel_initializer=begin)")
    parts = """
loss = keras.losses.SparseCategoricalCrossentropy()
small = keras.regularizers.L2(0.5)
begin = keras.initializers.Zeros()
saves = [keras.callbacks.ModelCheckpoint(path), keras.callbacks.EarlyStopping("loss", patience=2)]
"""
    source = source.replace(HEAD, HEAD + parts).replace("'sparse_categorical_crossentropy'", "loss")
    spec = spec_of(source.replace("(x, y", "(x, y, callbacks=saves"))
    assert spec["layers"][0]["kernel_regularizer"] == {"l2": 0.5}
    assert spec["layers"][0]["kernel_initializer"] == "zeros"
    assert spec["early_stopping"]["patience"] == 2


def test_a_part_that_is_not_used_need_not_be_understood():
    odd = "begin = keras.initializers.RandomUniform(-1, 1)\nloss = keras.losses.Hinge()\n"
    assert spec_of(of().replace(HEAD, HEAD + odd))
    used = of("layers.Dense(4, kernel_initializer=begin)").replace(HEAD, HEAD + odd)
    assert [code for _, _, code in refusals(used)] == ["unknown_value"]


def test_it_reads_logits_and_seeds():
    loss = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    source = of().replace("'sparse_categorical_crossentropy'", loss).replace("'softmax'", "'linear'")
    spec = spec_of(source.replace(HEAD, HEAD + "keras.utils.set_random_seed(42)\n"))
    assert (spec["from_logits"], spec["seed"]) == (True, 42)


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("layers.Conv2D(4, (3, 5))", (3, 68, "no_square")),
        ("layers.Conv2D(4, 3, padding='causal')", (3, 79, "no_padding")),
        ("layers.Conv2D(4, 3, dilation_rate=2)", (3, 85, "other_value")),
        ("layers.Conv2D(4, 3, data_format='channels_first')", (3, 83, "other_value")),
        ("layers.Conv2D(4, 3, kernel_initializer='identity')", (3, 90, "initializer_not_offered")),
        ("layers.Conv2D(4, 3, colour='red')", (3, 78, "unknown_argument")),
        ("layers.Conv2D(4, 9)", (3, 51, "out_of_range")),
        ("layers.LSTM(4)", (3, 51, "out_of_range")),
        ("layers.Dropout(1)", (3, 51, "out_of_range")),
        ("layers.BatchNormalization(axis=1)", (3, 82, "other_value")),
        ("layers.Reshape(-1)", (3, 51, "out_of_range")),
        ("layers.Reshape('flat')", (3, 66, "no_shape")),
        ("layers.UpSampling2D(2)", (3, 51, "layer_not_offered")),
        ("layers.ReLU(max_value=6)", (3, 73, "unknown_argument")),
    ],
)
def test_it_says_where_it_cannot_follow(code, place):
    assert place in refusals(of(code, "layers.Flatten()", inputs="keras.Input((8, 8, 1))"))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("model.fit(x, y, callbacks=[EarlyStopping(baseline=1)])", "other_value"),
        ("model.fit(x, y, callbacks=[EarlyStopping('f1')])", "no_measure"),
        ("model.fit(x, y, callbacks=[EarlyStopping(['loss'])])", "no_measure"),
        ("model.fit(x, y, callbacks=[EarlyStopping(mode='max')])", "wrong_mode"),
        ("model.fit(x, y, callbacks=[EarlyStopping(patience=2.5)])", "no_whole_number"),
        ("model.fit(x, y, callbacks=[EarlyStopping()])", "not_measured"),
        ("stop = EarlyStopping(start_from_epoch=9)\nmodel.fit(x, y, callbacks=[stop])", "other_value"),
        ("cbs = []\ncbs.append(EarlyStopping('loss'))\nmodel.fit(x, y, callbacks=cbs)", "cannot_read"),
        ("model.fit(x, y, class_weight={1: 2, 0: 1})", "class_weight"),
        ("model.fit(x, y, class_weight={0: 1, 1: 1, 2: 1})", "class_weights_length"),
        ("model.compile(SGD(clipnorm=1, clipvalue=1), 'mse')", "clipped_twice"),
        ("model.compile(SGD(weight_decay=.1), 'mse')", "other_value"),
        ("import keras\nr = keras.optimizers.schedules.CosineDecay(.1, 9, warmup_target=1, warmup_steps=2)",
         "warm_up_from_zero"),
        ("import keras\nr = keras.optimizers.schedules.PolynomialDecay(.1, 9)", "optimizer_not_offered"),
    ],
)  # fmt: skip
def test_it_refuses_what_would_train_otherwise(call, code):
    assert code in {found for _, _, found in refusals(COMPILED + call)}


def test_the_first_layer_tells_the_inputs_where_nothing_else_does():
    source = "model = Sequential([{}, Dense(10, 'softmax')])" + END
    for first, shape in [
        ("Conv2D(4, 3), Flatten()", [8, 8, 1]),
        ("LSTM(4)", [8, 8]),
        ("Reshape((8, 8, 1)), Flatten()", [8, 8, 1]),
    ]:
        spec = spec_of(source.format(first))
        assert spec["data"]["kind"] == "digits"
        assert spec["layers"][0] == {"kind": "reshape", "shape": shape}
        assert [layer["kind"] for layer in spec["layers"]].count("reshape") == 1

"""A spec as a Keras script that ends with the same weights and the same history as the engine.

The script needs numpy, Keras and, for the sets that come with it, scikit-learn. Its sections are also the code cells of
`sandbox.keras_script.notebook`.
"""

from dataclasses import dataclass

from sandbox.datasets import gettext_noop
from sandbox.keras_script import data as rows
from sandbox.keras_script.calls import (
    bracketed,
    call,
    callback_calls,
    compile_call,
    indented,
    layer_call,
    listed,
    literal,
    schedule_text,
)
from sandbox.spec import Spec, dataset, layer_names, metrics, output_width
from sandbox.spec.data import TableData
from sandbox.spec.training import Target, smaller_is_better

VERSIONS = {"tensorflow": "2.21", "keras": "3.15", "numpy": "2.4", "scikit-learn": "1.9"}
"""What the engine trains with; a test compares them with what is installed."""

RULE = 88
NO_CLASS = "no class"
TABLE_TITLE = gettext_noop("Your own table")


@dataclass(frozen=True)
class Section:
    """`name` is one of setup, data, model, training, curves, result."""

    name: str
    code: str


def script(spec: Spec) -> str:
    """The whole script; its curves are left to the notebook."""
    first, *others = [section for section in sections(spec) if section.name != "curves"]
    parts = [_opening(spec), first.code, *(f"{_rule(each.name)}\n\n{each.code}" for each in others)]
    return "\n\n".join(parts) + "\n"


def sections(spec: Spec) -> list[Section]:
    return [
        Section("setup", setup_text(spec)),
        Section("data", rows.data_text(spec)),
        Section("model", model_text(spec)),
        Section("training", training_text(spec)),
        Section("curves", curves_text(spec)),
        Section("result", result_text(spec)),
    ]


def _rule(name: str) -> str:
    return f"# --- {name} ".ljust(RULE, "-")


def title(spec: Spec) -> str:
    """What the rows are. A table is not called by its name: that is a learner's text."""
    return TABLE_TITLE if isinstance(spec.data, TableData) else dataset(spec).title


def needed(spec: Spec) -> str:
    """The libraries with their versions, in words."""
    names = [name for name in VERSIONS if name != "scikit-learn" or rows.is_bundled(spec)]
    return ", ".join(f"{name} {VERSIONS[name]}" for name in names)


def _opening(spec: Spec) -> str:
    return (
        f'"""{title(spec)}: an experiment made with Engram.\n\n'
        f"Needs {needed(spec)}.\n"
        "With these versions, on a CPU, its numbers are those of the run it comes from, up to\n"
        'rounding in the last digits.\n"""'
    )


def setup_text(spec: Spec) -> str:
    modules = {"os"} | rows.modules(spec) | ({"math"} if spec.shuffle else set())
    lines = [
        *(f"import {module}" for module in sorted(modules)),
        "",
        "# The fast kernels of oneDNN add in an order that depends on the processor: without",
        "# them every machine rounds alike, and the numbers can be compared to the last digit.",
        'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"',
        'os.environ["KERAS_BACKEND"] = "tensorflow"',
        "",
        "import keras",
        "import numpy as np",
        *(["from sklearn import datasets"] if rows.is_bundled(spec) else []),
        "",
        f"SEED = {spec.seed}  # the weights at the start{' and the order of the rows' if spec.shuffle else ''}",
        f"EPOCHS = {spec.epochs}",
        f"BATCH_SIZE = {spec.batch_size}",
        *rows.constants(spec),
    ]
    return "\n".join(lines)


# --- model and training -----------------------------------------------------------------------------------------------


def model_text(spec: Spec) -> str:
    inputs = literal((len(dataset(spec).features),))
    named = zip(spec.layers, layer_names(spec.layers), strict=True)
    layers = [f"keras.Input(shape={inputs})", *(layer_call(layer, name) for layer, name in named)]
    stack = indented([f"[\n{indented(f'{layer},' for layer in layers)}\n]"])
    return f"keras.utils.set_random_seed(SEED)\nmodel = keras.Sequential(\n{stack}\n)\nmodel.summary()"


def training_text(spec: Spec) -> str:
    schedule, classes = spec.optimizer.schedule, []
    before = f"{schedule_text(spec.optimizer.learning_rate, schedule)}\n" if schedule is not None else ""
    if spec.shuffle:
        classes.append(_shuffled_batches(spec))
    if spec.stop_at is not None:
        classes.append(_stop_at(spec.stop_at))
    making = "batches = ShuffledBatches()\n" if spec.shuffle else ""
    fitting = f"{making}{_callbacks(spec)}\n{_fit(spec)}"
    gap = "\n\n\n" if classes else "\n\n"
    return gap.join([f"{before}{compile_call(spec)}", *classes, fitting])


def _shuffled_batches(spec: Spec) -> str:
    return f'''
class ShuffledBatches(keras.utils.PyDataset):
    """The training rows in batches. Each epoch has an order of its own, and always the
    same one: it depends on the seed and the number of the epoch alone."""

    def __init__(self):
        super().__init__()
        self.new_order(epoch=0)

    def new_order(self, epoch, logs=None):
        """Keras counts epochs from 0, the orders are counted from 1."""
        rng = np.random.default_rng((SEED, epoch + 1))
        self.order = rng.permutation(len(x_train))

    def __len__(self):
        return math.ceil(len(x_train) / BATCH_SIZE)

    def __getitem__(self, index):
        rows = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        return x_train[rows], {rows.targets(spec, "train")}[rows]
'''.strip("\n")


def _stop_at(target: Target) -> str:
    sign = "<=" if smaller_is_better(target.monitor) else ">="
    return f'''
class StopAt(keras.callbacks.Callback):
    """Ends the training after the first epoch that reaches the target."""

    def on_epoch_end(self, epoch, logs=None):
        if logs["{target.monitor}"] {sign} {target.value}:
            self.model.stop_training = True
'''.strip("\n")


def _callbacks(spec: Spec) -> str:
    calls = callback_calls(spec)
    if spec.shuffle:
        calls.insert(0, "keras.callbacks.LambdaCallback(on_epoch_begin=batches.new_order)")
    if spec.stop_at is not None:
        calls.append("StopAt()")
    return f"callbacks = {listed(calls)}"


def _fit(spec: Spec) -> str:
    arguments = ["epochs=EPOCHS", "shuffle=False"]
    if spec.shuffle:
        arguments = ["batches", *arguments]
    else:
        arguments = ["x_train", rows.targets(spec, "train"), "batch_size=BATCH_SIZE", *arguments]
    if "val" in rows.parts(spec):
        arguments.append(f"validation_data=(x_val, {rows.targets(spec, 'val')})")
        arguments += ["validation_batch_size=BATCH_SIZE"] if spec.shuffle else []
    if spec.class_weights is not None:
        weights = (f"{number}: {weight}" for number, weight in enumerate(spec.class_weights))
        arguments.append(f"class_weight={bracketed('{', weights, '}')}")
    return f"history = {call('model.fit', *arguments, 'callbacks=callbacks', 'verbose=2')}"


# --- what came out ----------------------------------------------------------------------------------------------------


def curves_text(spec: Spec) -> str:
    """For a notebook; says what to install where there is no matplotlib."""
    return f"""
try:
    import matplotlib.pyplot as plt
except ImportError:
    print("The curves need matplotlib: pip install matplotlib")
else:
    measures = {listed(map(literal, ("loss", *metrics(spec))))}
    epochs = range(1, len(history.epoch) + 1)
    figure, axes = plt.subplots(1, len(measures), figsize=(10, 4), squeeze=False)
    for axis, measure in zip(axes[0], measures):
        for name, label in ((measure, "training"), ("val_" + measure, "validation")):
            if name in history.history:
                axis.plot(epochs, history.history[name], label=label)
        axis.set(xlabel="epoch", title=measure)
        axis.legend()
    plt.show()
""".strip("\n")


def result_text(spec: Spec) -> str:
    texts = [_table_of_epochs(), _of_the_test(spec), "" if dataset(spec).is_regression else _confusion(spec)]
    return "\n\n".join(text for text in texts if text)


def _table_of_epochs() -> str:
    return """
width = max(12, *map(len, history.history))
print("epoch", *(f"{measure:>{width}}" for measure in history.history))
for epoch, values in enumerate(zip(*history.history.values()), start=1):
    print(f"{epoch:5}", *(f"{value:{width}.6g}" for value in values))
""".strip("\n")


def _of_the_test(spec: Spec) -> str:
    if "test" not in rows.parts(spec):
        return ""
    arguments = ("x_test", rows.targets(spec, "test"), "batch_size=BATCH_SIZE", "verbose=0", "return_dict=True")
    return f'test = {call("model.evaluate", *arguments)}\nprint("Test:", test)'


def _confusion(spec: Spec) -> str:
    """Outputs that stand for no class share one more row and column."""
    part = "val" if "val" in rows.parts(spec) else "train"
    return "\n".join([
        *_class_names(spec),
        f"outputs = model.predict(x_{part}, verbose=0)",
        f"predicted = {_predicted(spec)}",
        "confusion = np.zeros((len(CLASS_NAMES), len(CLASS_NAMES)), int)",
        f"np.add.at(confusion, (y_{part}, predicted), 1)",
        f'print("{"Validation" if part == "val" else "Training"} rows by class (down) and predicted class (across):")',
        "for name, counts in zip(CLASS_NAMES, confusion):",
        '    print(f"{name:>24}", *(f"{count:6}" for count in counts))',
    ])  # fmt: skip


def _class_names(spec: Spec) -> list[str]:
    """A table's classes are named where it is read."""
    names = dataset(spec).classes
    if output_width(spec) > len(names):
        names = (*names, NO_CLASS)
    elif isinstance(spec.data, TableData):
        return []
    return [f"CLASS_NAMES = {listed(map(literal, names))}"]


def _predicted(spec: Spec) -> str:
    if output_width(spec) == 1:
        return f"(outputs[:, 0] > {0 if spec.from_logits else 0.5}).astype(int)"
    if output_width(spec) > len(dataset(spec).classes):
        return "np.minimum(outputs.argmax(axis=1), len(CLASS_NAMES) - 1)"
    return "outputs.argmax(axis=1)"

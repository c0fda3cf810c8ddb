"""The rows of a spec as Python text: what `sandbox.engine.data` makes, written out for one spec.

The statements are those of the engine, in the same order and with the same random numbers; a test compares the rows of
every data set. The text leaves `x_train`, `y_train` (labels) and the targets the loss wants, and the same for the
validation and test rows where there are any.
"""

import re
from textwrap import dedent

from sandbox.keras_script.calls import bracketed, listed, literal
from sandbox.spec import Spec, dataset, output_width, test_rows, training_rows, validation_rows
from sandbox.spec import data as kinds

LOADERS = {
    "digits": "load_digits(return_X_y=True)",
    "iris": "load_iris(return_X_y=True)",
    "wine": "load_wine(return_X_y=True)",
    "breast_cancer": "load_breast_cancer(return_X_y=True)",
    "diabetes": "load_diabetes(return_X_y=True, scaled=False)",
}


def is_bundled(spec: Spec) -> bool:
    """Whether the rows come with scikit-learn."""
    return spec.data.kind in LOADERS


def modules(spec: Spec) -> set[str]:
    """What the text needs of the standard library."""
    return {"csv", "math"} if isinstance(spec.data, kinds.TableData) else set()


def constants(spec: Spec) -> list[str]:
    """Where a learner's file lies and how it is written: lines for the top of the script."""
    if not isinstance(spec.data, kinds.TableData):
        return []
    return [
        "# The file that the run was trained on, in UTF-8, with a line of column names.",
        'TABLE = "table.csv"',
        'SEPARATOR = ","  # with ";" numbers may have a decimal comma',
    ]


def parts(spec: Spec) -> list[str]:
    """The names of the parts that have rows, the training rows first."""
    sizes = {"train": training_rows(spec), "val": validation_rows(spec), "test": test_rows(spec)}
    return [name for name, rows in sizes.items() if rows]


def targets(spec: Spec, part: str) -> str:
    """The name of what the loss compares with the outputs: the labels themselves, or their other form."""
    return f"y_{part}" if _labels_are_targets(spec) else f"targets_{part}"


def data_text(spec: Spec) -> str:
    steps = (
        _generator(spec), _rows(spec), _shuffled_labels(spec), _order(spec), _split(spec), _label_noise(spec),
        _scaling(spec), _targets(spec), _sizes(spec),
    )  # fmt: skip
    return "\n\n".join(step for step in steps if step)


def _generator(spec: Spec) -> str:
    data = spec.data
    draws = not (is_bundled(spec) or isinstance(data, kinds.TableData))
    if not (draws or data.shuffled_labels or data.split != "last_rows" or data.label_noise):
        return ""
    return _block(f"""
        DATA_SEED = {data.seed}


        def generator(purpose):
            \"\"\"Random numbers for one purpose: changing the noise does not change the split.\"\"\"
            return np.random.default_rng((DATA_SEED, *purpose.encode()))

    """)


def _block(text: str) -> str:
    """Keeps blank lines at the end: two of them follow a function."""
    return dedent(text.removeprefix("\n")).rstrip(" ").removesuffix("\n")


# --- the sets ---------------------------------------------------------------------------------------------------------


def _rows(spec: Spec) -> str:
    """Statements that leave `inputs` and `labels`, in the set's own order, unscaled."""
    match spec.data:
        case kinds.ClinicalTrial() as data:
            made = _clinical_trial(data)
        case kinds.Circles() | kinds.Moons() | kinds.Blobs() | kinds.Spiral() as data:
            made = _plane(data)
        case kinds.Xor() as data:
            made = _xor(data)
        case kinds.Line() | kinds.Sine() as data:
            made = _curve(data)
        case kinds.TableData() as data:
            return _table(data)
        case data:
            made = f"inputs, labels = datasets.{LOADERS[data.kind]}"
    kind = "float32" if dataset(spec).is_regression else "int32"
    return f'{made}\ninputs, labels = inputs.astype("float32"), labels.astype("{kind}")'


def _clinical_trial(data: kinds.ClinicalTrial) -> str:
    return _block(f"""
        # An invented drug trial. Half the people are under 65; 5 % of them and 95 % of the
        # others had side effects (label 1). The one input is the age.
        ROWS = {data.rows}
        rng = generator("clinical_trial")
        young, old = ROWS // 2, ROWS - ROWS // 2
        younger = rng.integers(13, 65, young)
        older = rng.integers(65, 101, old)
        labels = np.repeat([0, 1], [young, old])
        for first, size in ((0, young), (young, old)):
            exceptions = first + rng.choice(size, round(0.05 * size), replace=False)
            labels[exceptions] = 1 - labels[exceptions]
        order = rng.permutation(ROWS)
        inputs, labels = np.concatenate([younger, older])[order, np.newaxis], labels[order]
    """)


_SHAPES = {
    "circles": """
        # Points on two rings around the same centre.
        angle = rng.uniform(0, 2 * np.pi, ROWS)
        radius = np.where(labels == 1, 0.5, 1.0)
        inputs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    """,
    "moons": """
        # Two half circles; the lower one is turned round and moved into the upper one.
        angle = rng.uniform(0, np.pi, ROWS)
        upper = labels == 0
        x1 = np.where(upper, np.cos(angle) - 0.5, 0.5 - np.cos(angle))
        x2 = np.where(upper, np.sin(angle) - 0.25, 0.25 - np.sin(angle))
        inputs = np.stack([x1, x2], axis=1)
    """,
    "blobs": """
        # Clouds of points around places on a circle, one for each class.
        angle = 2 * np.pi * labels / CLASSES
        inputs = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    """,
    "spiral": """
        # One arm of a spiral for each class.
        way = rng.uniform(0.1, 1, ROWS)
        angle = 2 * np.pi * (1.25 * way + labels / CLASSES)
        inputs = np.stack([way * np.sin(angle), way * np.cos(angle)], axis=1)
    """,
}


def _plane(data: kinds.Circles | kinds.Moons | kinds.Blobs | kinds.Spiral) -> str:
    """Labels in turn, points by the shape, noise on both coordinates, in random order."""
    head = f"""
        ROWS, CLASSES = {data.rows}, {getattr(data, "classes", 2)}
        rng = generator("{data.kind}")
        labels = np.arange(ROWS) % CLASSES
    """
    tail = f"""
        inputs += rng.normal(0, 1, inputs.shape) * {data.noise}  # noise
        order = rng.permutation(ROWS)
        inputs, labels = inputs[order], labels[order]
    """
    return "\n".join(_block(text) for text in (head, _SHAPES[data.kind], tail))


def _xor(data: kinds.Xor) -> str:
    return _block(f"""
        # Points of a square; label 1 where the two coordinates have different signs.
        rng = generator("xor")
        points = rng.uniform(-1, 1, ({data.rows}, 2))
        labels = (points[:, 0] * points[:, 1] < 0).astype(int)
        inputs = points + rng.normal(0, 1, points.shape) * {data.noise}  # noise
    """)


def _curve(data: kinds.Line | kinds.Sine) -> str:
    match data:
        case kinds.Line():
            y, what = f"{data.slope} * x + {data.intercept}", "a straight line"
        case kinds.Sine():
            y, what = f"np.sin(np.pi * {data.waves} * x)", "a wave"
    return _block(f"""
        # One input, one number to predict: {what} with noise.
        ROWS = {data.rows}
        rng = generator("{data.kind}")
        x = rng.uniform(-1, 1, ROWS)
        labels = {y} + rng.normal(0, 1, ROWS) * {data.noise}
        inputs = x[:, np.newaxis]
    """)


def _table(data: kinds.TableData) -> str:
    """Names of columns and classes come from a learner's file: they are written as constants, nowhere else."""
    columns = (f"{literal(column.name)}: {listed(map(literal, column.categories))}" for column in data.columns)
    constants = [
        f"TARGET = {literal(data.target)}",
        f"CLASS_NAMES = {listed(map(literal, data.classes))}" if data.classes else "",
        "# The inputs: columns of numbers, and columns of categories with an input for each.",
        f"COLUMNS = {bracketed('{', columns, '}')}",
    ]
    return "\n".join(filter(None, constants)) + "\n\n\n" + _reading(data)


def _reading(data: kinds.TableData) -> str:
    kind = "int32" if data.classes else "float32"
    return _block(f"""
        def number(cell):
            \"\"\"Raises ValueError for what is no finite number.\"\"\"
            value = float(cell.replace(",", ".") if SEPARATOR == ";" else cell)
            if not math.isfinite(value):
                raise ValueError(cell)
            return value


        def encoded(row):
            \"\"\"The inputs of a row: a number as it is; 1 for its category, 0 for the others.\"\"\"
            for name, categories in COLUMNS.items():
                if categories:
                    place = categories.index(row[name])
                    yield from (float(index == place) for index in range(len(categories)))
                else:
                    yield number(row[name])


        inputs, labels = [], []
        with open(TABLE, encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, delimiter=SEPARATOR) if line]
        names, *lines = ([" ".join(cell.split()) for cell in line] for line in lines)
        names = [name or f"#{{place}}" for place, name in enumerate(names, start=1)]
        for line in lines:
            row = dict(zip(names, line))
            try:
                inputs_of_row = list(encoded(row))
                label = {_label(data)}
            except ValueError:
                continue  # a value is missing: the run left such rows out as well
            inputs.append(inputs_of_row)
            labels.append(label)
        if len(labels) != {data.rows}:
            print("The run had {data.rows} rows; this file has", len(labels))
        inputs, labels = np.array(inputs, "float32"), np.array(labels, "{kind}")
    """)


def _label(data: kinds.TableData) -> str:
    """Classes that are whole numbers may stand in the file as 3, 3.0 or 3e0."""
    if not data.classes:
        return "number(row[TARGET])"
    if all(re.fullmatch(r"-?\d+", name, re.ASCII) for name in data.classes):
        return 'CLASS_NAMES.index(f"{number(row[TARGET]):.0f}")'
    return "CLASS_NAMES.index(row[TARGET])"


# --- from rows to what a network is trained on ------------------------------------------------------------------------


def _shuffled_labels(spec: Spec) -> str:
    if not spec.data.shuffled_labels:
        return ""
    return '# Labels dealt out at random: there is nothing to learn.\nlabels = generator("labels").permutation(labels)'


def _order(spec: Spec) -> str:
    match spec.data.split:
        case "last_rows":
            return ""
        case "shuffled":
            order = _block("""
                # The rows in random order.
                order = generator("split").permutation(len(labels))
            """)
        case "stratified":
            order = _block("""
                # An order in which every stretch has the classes in the shares of the whole.
                rng = generator("split")
                shuffled = rng.permutation(len(labels))
                places = np.empty(len(labels))
                for label in np.unique(labels):
                    members = shuffled[labels[shuffled] == label]
                    places[members] = (np.arange(len(members)) + rng.uniform()) / len(members)
                order = np.argsort(places, kind="stable")
            """)
    return f"{order}\ninputs, labels = inputs[order], labels[order]"


def _split(spec: Spec) -> str:
    names, sizes = parts(spec), [training_rows(spec), validation_rows(spec), test_rows(spec)]
    if names == ["train"]:
        return "x_train, y_train = inputs, labels"
    places = [place for place, size in zip((sizes[0], sizes[0] + sizes[1]), sizes[1:], strict=True) if size]
    x, y = (", ".join(f"{letter}_{name}" for name in names) for letter in "xy")
    others = " and ".join({"val": "validation", "test": "test"}[name] for name in names[1:])
    comment = f"# The first rows are for training; then come those for {others}."
    return f"{comment}\n{x} = np.split(inputs, {places})\n{y} = np.split(labels, {places})"


def _label_noise(spec: Spec) -> str:
    share = spec.data.label_noise
    if not round(training_rows(spec) * share):
        return ""
    classes = len(dataset(spec).classes)
    return _block(f"""
        # A share of the training labels becomes another class.
        rng = generator("label noise")
        wrong = rng.choice(len(y_train), round(len(y_train) * {share}), replace=False)
        y_train[wrong] = (y_train[wrong] + rng.integers(1, {classes}, len(wrong))) % {classes}
    """)


def _scaling(spec: Spec) -> str:
    """As in the engine, offset and spread are float64 numbers of the training rows alone."""
    if spec.data.scaling == "none":
        return ""
    if spec.data.scaling == "min_max":
        comment = "# Every input to 0…1, by the smallest and the largest value of the training rows."
        fitted = "exact.min(axis=0), np.ptp(exact, axis=0)"
    else:
        comment = "# Every input to mean 0 and spread 1, by the training rows."
        fitted = "exact.mean(axis=0), exact.std(axis=0)"
    scaled = "\n".join(f'x_{name} = ((x_{name} - offset) / spread).astype("float32")' for name in parts(spec))
    fitting = _block(f"""
        {comment}
        exact = x_train.astype("float64")
        offset, spread = {fitted}
        spread[spread == 0] = 1  # an input that never changes becomes 0
    """)
    return f"{fitting}\n{scaled}"


def _labels_are_targets(spec: Spec) -> bool:
    return spec.loss == "sparse_categorical_crossentropy"


def _targets(spec: Spec) -> str:
    if _labels_are_targets(spec):
        return ""
    if output_width(spec) == 1:
        comment, form = "# A column, because the network has one output.", 'y_{}.astype("float32")[:, np.newaxis]'
    else:
        comment = "# A target for each output: 1 for the class of the row, 0 for the others."
        form = f"keras.utils.to_categorical(y_{{}}, {len(dataset(spec).classes)})"
    return "\n".join([comment, *(f"targets_{name} = {form.format(name)}" for name in parts(spec))])


def _sizes(spec: Spec) -> str:
    words = {"train": "Training rows", "val": "validation", "test": "test"}
    text = ", ".join(f"{words[name]}: {{len(x_{name})}}" for name in parts(spec))
    return f'print(f"{text}")'

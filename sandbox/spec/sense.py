"""What a teacher would say of a spec that is well formed: errors (it must not be trained) and warnings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.advice import Severity, advice
from sandbox.spec import Spec, dataset, measures, metrics, shapes, total_steps
from sandbox.spec import layers as kinds
from sandbox.spec.data import TableData
from sandbox.spec.shapes import in_words
from sandbox.spec.training import CROSS_ENTROPIES, Sgd

PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")
UNBOUNDED = ("linear", "leaky_relu")
PASSES_ON = (kinds.Dropout, kinds.GaussianNoise, kinds.Flatten, kinds.Reshape)
"""Layers whose outputs are their inputs: some left out, disturbed, or in another shape."""
LARGE_RATE = {"sgd": 1.0, "adadelta": 10.0, "adagrad": 1.0}
LARGE_RATE_OF_OTHERS = 0.1
LARGE_INPUT = 10.0


@dataclass(frozen=True)
class SpecProblem:
    """`detail` is English; `sandbox.advice.ADVICE[code]` is its message id, to be filled in with `parameters`."""

    pointer: str
    code: str
    detail: str
    severity: Severity
    parameters: Mapping[str, str | int]


@dataclass(frozen=True)
class Output:
    """What the network gives: how many numbers, by which activation, and where in the spec both are set."""

    units: int
    units_pointer: str
    activation: str
    activation_pointer: str


def check(spec: Spec) -> list[SpecProblem]:
    """What makes no sense (severity "error": must not be trained) or is probably not meant ("warning")."""
    checks = (_check_data, _check_layers, _check_output, _check_metrics, _check_optimizer, _check_stops)
    return [problem for each in checks for problem in each(spec)]


def _problem(pointer: str, code: str, **parameters: str | int) -> SpecProblem:
    severity, text = advice(code)
    return SpecProblem(pointer, code, text % parameters, severity, parameters)


# --- data -----------------------------------------------------------------------------------------------------------


def _check_data(spec: Spec) -> Iterator[SpecProblem]:
    data, described = spec.data, dataset(spec)
    if described.is_sorted and data.split == "last_rows" and (data.validation or data.test):
        yield _problem("/data/split", "sorted_rows")
    yield from _check_labels(spec)
    yield from _check_inputs(spec)


def _check_labels(spec: Spec) -> Iterator[SpecProblem]:
    data, described = spec.data, dataset(spec)
    if described.is_regression:
        if data.split == "stratified":
            yield _problem("/data/split", "stratified_regression")
        if data.label_noise:
            yield _problem("/data/label_noise", "label_noise_in_regression")
        if spec.class_weights is not None:
            yield _problem("/class_weights", "class_weights_in_regression")
    elif spec.class_weights is not None and len(spec.class_weights) != len(described.classes):
        given, classes = len(spec.class_weights), len(described.classes)
        yield _problem("/class_weights", "class_weights_length", given=given, classes=classes)


def _check_inputs(spec: Spec) -> Iterator[SpecProblem]:
    if isinstance(spec.layers[0], kinds.Embedding):
        yield from _check_embedding(spec, spec.layers[0])
    elif spec.data.scaling == "none" and not isinstance(spec.data, TableData):
        largest = max(max(abs(feature.low), abs(feature.high)) for feature in dataset(spec).features)
        if largest > LARGE_INPUT:
            yield _problem("/data/scaling", "unscaled_inputs", largest=round(largest))


def _check_embedding(spec: Spec, layer: kinds.Embedding) -> Iterator[SpecProblem]:
    described = dataset(spec)
    if not described.is_whole or spec.data.scaling != "none":
        yield _problem("/layers/0/kind", "embedding_needs_whole_numbers")
        return
    needed = round(max(feature.high for feature in described.features)) + 1
    if layer.input_dim < needed:
        yield _problem("/layers/0/input_dim", "embedding_too_small", given=layer.input_dim, needed=needed)


# --- layers ---------------------------------------------------------------------------------------------------------


def _check_layers(spec: Spec) -> Iterator[SpecProblem]:
    if not any(shape.trainable for shape in shapes(spec)):
        yield _problem("/layers", "no_weights")
    last = _output_layer(spec)
    for index, layer in enumerate(spec.layers):
        if isinstance(layer, kinds.Dense) and index != last:
            yield from _check_hidden_dense(spec, index, layer)
    if isinstance(spec.layers[-1], kinds.Dropout | kinds.GaussianNoise):
        yield _problem(f"/layers/{len(spec.layers) - 1}/kind", "random_output")


def _check_hidden_dense(spec: Spec, index: int, layer: kinds.Dense) -> Iterator[SpecProblem]:
    pointer = f"/layers/{index}/activation"
    if layer.activation == "softmax" and layer.units == 1:
        yield _problem(pointer, "softmax_on_one_unit")
    elif layer.activation == "softmax":
        yield _problem(pointer, "softmax_in_hidden_layer")
    elif layer.activation == "linear" and isinstance(_next_that_computes(spec, index), kinds.Dense):
        yield _problem(pointer, "linear_hidden_layer")


def _next_that_computes(spec: Spec, index: int) -> kinds.Layer | None:
    """The layer that takes this one's outputs, apart from those that only pass them on."""
    return next((layer for layer in spec.layers[index + 1 :] if not isinstance(layer, PASSES_ON)), None)


def _output_layer(spec: Spec) -> int:
    """The last layer that computes: what follows it only activates or passes on."""
    passive = (kinds.ActivationLayer, *PASSES_ON)
    computing = [index for index, layer in enumerate(spec.layers) if not isinstance(layer, passive)]
    return computing[-1] if computing else 0


def output_of(spec: Spec) -> Output:
    index = _output_layer(spec)
    layer = spec.layers[index]
    key = "units" if hasattr(layer, "units") else "filters" if hasattr(layer, "filters") else "kind"
    place, activation = index, getattr(layer, "activation", "linear")
    for later in range(index + 1, len(spec.layers)):
        following = spec.layers[later]
        if isinstance(following, kinds.ActivationLayer) and following.activation != "linear":
            place, activation = later, following.activation
    width = shapes(spec)[-1].outputs[-1]
    has_activation = hasattr(spec.layers[place], "activation")
    return Output(
        width, f"/layers/{index}/{key}", activation, f"/layers/{place}/{'activation' if has_activation else 'kind'}"
    )


# --- output and loss ------------------------------------------------------------------------------------------------


def _check_output(spec: Spec) -> Iterator[SpecProblem]:
    output, outputs = output_of(spec), shapes(spec)[-1].outputs
    last = len(spec.layers) - 1
    if len(outputs) != 1:
        yield _problem(f"/layers/{last}/kind", "output_not_flat", shape=in_words(outputs))
        return
    if dataset(spec).is_regression:
        yield from _check_regression(spec, output)
        return
    yield from _check_output_units(spec, output)
    yield from _check_output_activation(spec, output)


def _check_regression(spec: Spec, output: Output) -> Iterator[SpecProblem]:
    if spec.loss in CROSS_ENTROPIES:
        yield _problem("/loss", "crossentropy_in_regression", loss=spec.loss)
    elif spec.from_logits:
        yield _problem("/from_logits", "logits_without_crossentropy", loss=spec.loss)
    if output.units != 1:
        yield _problem(output.units_pointer, "one_output_in_regression", units=output.units)
    if output.activation == "softmax" and output.units == 1:
        yield _problem(output.activation_pointer, "softmax_on_one_unit")
    elif output.activation not in UNBOUNDED:
        yield _problem(output.activation_pointer, "bounded_regression", activation=output.activation)


def _check_output_units(spec: Spec, output: Output) -> Iterator[SpecProblem]:
    units, classes = output.units, len(dataset(spec).classes)
    one_output_will_do = classes == 2 and spec.loss not in (
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
    )
    if units == 1 and one_output_will_do:
        return
    if units < classes:
        yield _problem(output.units_pointer, "too_few_outputs", units=units, classes=classes)
    elif units > classes and spec.loss == "sparse_categorical_crossentropy":
        yield _problem(output.units_pointer, "unused_outputs", units=units, classes=classes)
    elif units > classes:
        yield _problem(output.units_pointer, "too_many_outputs", units=units, classes=classes, loss=spec.loss)


def _check_output_activation(spec: Spec, output: Output) -> Iterator[SpecProblem]:
    activation, pointer = output.activation, output.activation_pointer
    if activation == "softmax" and output.units == 1:
        yield _problem(pointer, "softmax_on_one_unit")
    elif spec.loss not in CROSS_ENTROPIES:
        if spec.from_logits:
            yield _problem("/from_logits", "logits_without_crossentropy", loss=spec.loss)
    elif spec.from_logits:
        if activation in PROBABILITIES:
            yield _problem("/from_logits", "squashed_twice", activation=activation)
    elif activation == "linear":
        yield _problem(pointer, "linear_output_with_crossentropy", loss=spec.loss)
    elif activation not in PROBABILITIES:
        yield _problem(pointer, "no_probabilities", activation=activation, loss=spec.loss)
    elif activation != "softmax" and spec.loss != "binary_crossentropy" and output.units > 1:
        yield _problem(pointer, "sigmoid_with_categorical_loss", units=output.units, loss=spec.loss)
    elif activation == "softmax" and spec.loss == "binary_crossentropy":
        yield _problem("/loss", "softmax_with_binary_loss", units=output.units)


# --- metrics, optimizer, stops --------------------------------------------------------------------------------------


def _check_metrics(spec: Spec) -> Iterator[SpecProblem]:
    of_regression = ("mean_absolute_error", "r2_score")
    wanted = metrics(spec)
    for index, metric in enumerate(wanted):
        pointer = f"/metrics/{index}"
        if metric in wanted[:index]:
            yield _problem(pointer, "metric_twice", metric=metric)
        elif (metric in of_regression) != dataset(spec).is_regression:
            yield _problem(pointer, "metric_of_other_task", metric=metric)
        elif metric in ("auc", "precision", "recall") and not _gives_probabilities(spec):
            yield _problem(pointer, "metric_needs_probabilities", metric=metric)


def _gives_probabilities(spec: Spec) -> bool:
    """Outputs from 0 to 1, each with a target of its own."""
    squashed = output_of(spec).activation in PROBABILITIES and not spec.from_logits
    return squashed and spec.loss != "sparse_categorical_crossentropy"


def _check_optimizer(spec: Spec) -> Iterator[SpecProblem]:
    optimizer = spec.optimizer
    if isinstance(optimizer, Sgd) and optimizer.nesterov and optimizer.momentum == 0:
        yield _problem("/optimizer/nesterov", "nesterov_without_momentum")
    if optimizer.learning_rate > LARGE_RATE.get(optimizer.kind, LARGE_RATE_OF_OTHERS):
        yield _problem("/optimizer/learning_rate", "large_learning_rate", kind=optimizer.kind)
    if getattr(optimizer, "centered", False) and any(isinstance(layer, kinds.Embedding) for layer in spec.layers):
        yield _problem("/optimizer/centered", "centered_with_embedding")
    warm_up = getattr(optimizer.schedule, "warmup_steps", 0)
    if warm_up > total_steps(spec):
        yield _problem("/optimizer/schedule/warmup_steps", "endless_warm_up", given=warm_up, steps=total_steps(spec))


def _check_stops(spec: Spec) -> Iterator[SpecProblem]:
    known = measures(spec)
    stops = {
        "early_stopping": spec.early_stopping,
        "reduce_on_plateau": spec.reduce_on_plateau,
        "stop_at": spec.stop_at,
    }
    for key, stop in stops.items():
        if stop is not None and stop.monitor not in known:
            yield _problem(f"/{key}/monitor", "not_measured", measure=stop.monitor, measures=", ".join(known))
    if spec.reduce_on_plateau and spec.optimizer.schedule is not None:
        yield _problem("/reduce_on_plateau", "two_masters")

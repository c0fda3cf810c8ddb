"""How a page names the parts of a spec: data sets, inputs and outputs, layers, settings, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from sandbox.spec import Spec, TableData, describe, parse_spec
from sandbox.spec import layers as kinds
from sandbox.spec.data import Data
from sandbox.templatetags.sandbox_numbers import percent

LAYERS: dict[str, Promise] = {
    "dense": pgettext_lazy("layer", "dense"),
    "activation": pgettext_lazy("layer", "activation"),
    "dropout": pgettext_lazy("layer", "dropout"),
    "gaussian_noise": pgettext_lazy("layer", "noise"),
    "batch_normalization": pgettext_lazy("layer", "batch normalization"),
    "layer_normalization": pgettext_lazy("layer", "layer normalization"),
    "flatten": pgettext_lazy("layer", "flatten"),
    "reshape": pgettext_lazy("layer", "reshape"),
    "conv_1d": pgettext_lazy("layer", "conv"),
    "conv_2d": pgettext_lazy("layer", "conv"),
    "max_pooling_1d": pgettext_lazy("layer", "max pooling"),
    "max_pooling_2d": pgettext_lazy("layer", "max pooling"),
    "average_pooling_1d": pgettext_lazy("layer", "average pooling"),
    "average_pooling_2d": pgettext_lazy("layer", "average pooling"),
    "global_average_pooling_1d": pgettext_lazy("layer", "global average pooling"),
    "global_average_pooling_2d": pgettext_lazy("layer", "global average pooling"),
    "simple_rnn": pgettext_lazy("layer", "simple RNN"),
    "lstm": pgettext_lazy("layer", "LSTM"),
    "gru": pgettext_lazy("layer", "GRU"),
    "embedding": pgettext_lazy("layer", "embedding"),
}
TARGETS: dict[str, str | Promise] = {"line": "y", "sine": "y", "diabetes": _("progression")}
"""What the number is called that a regression predicts."""

PARTS: dict[str, Promise] = {
    "test": _("Share for the test"),
    "shuffled_labels": _("Labels dealt out at random"),
    "slope": _("Slope of the line"),
    "intercept": _("Intercept of the line"),
    "waves": _("Number of waves"),
    "noise": _("Noise"),
    "classes": _("Classes"),
    "scaling": _("Scaling"),
    "label_noise": _("Wrong labels"),
    "split": _("Split"),
    "schedule": _("Schedule of the learning rate"),
    "clipping": _("Clipping of the gradients"),
    "from_logits": _("Outputs are logits"),
    "metrics": _("Metrics"),
    "class_weights": _("Class weights"),
    "early_stopping": _("Early stopping"),
    "reduce_on_plateau": _("Lower learning rate on a plateau"),
    "stop_at": _("Stop at a target"),
    "snapshots": _("Snapshots of the weights"),
}
"""Keys of a spec that a page lists only where they say more than the default."""
_SHARES = ("test", "label_noise")


def readable(value: object) -> Spec | None:
    """The spec in a stored value, or None where it was written for an older schema."""
    try:
        return parse_spec(value)
    except ValidationError:
        return None


# --- data ------------------------------------------------------------------------------------------------------------


def dataset_title(data: Data) -> str:
    if isinstance(data, TableData):
        return gettext("Your table, for %(target)s") % {"target": data.target}
    return gettext(describe(data).title)


def input_names(data: Data) -> tuple[str, ...]:
    names = (feature.name for feature in describe(data).features)
    return tuple(names) if isinstance(data, TableData) else tuple(gettext(name) for name in names)


def output_names(data: Data, outputs: int) -> tuple[str, ...]:
    """The class of each output, or the name of the number; a single output of two classes stands for the second."""
    classes = describe(data).classes
    if not isinstance(data, TableData):
        classes = tuple(gettext(name) for name in classes)
    if classes:
        return classes[1:] if outputs == 1 and len(classes) == 2 else classes
    return (data.target if isinstance(data, TableData) else str(TARGETS.get(data.kind, "")),)


# --- layers ----------------------------------------------------------------------------------------------------------


def layer_title(layer: kinds.Layer) -> str:
    """What kind, and its one number: "dense 10", "conv 8", "dropout 0.2", "max pooling 2×2"."""
    number = _number_of(layer)
    if isinstance(layer, kinds.ActivationLayer):
        return layer.activation
    return f"{LAYERS[layer.kind]} {number}" if number else str(LAYERS[layer.kind])


def _number_of(layer: kinds.Layer) -> str:
    for name in ("units", "filters", "output_dim", "rate", "stddev"):
        if hasattr(layer, name):
            return f"{getattr(layer, name):g}"
    if isinstance(layer, kinds.Reshape):
        return "×".join(map(str, layer.shape))
    return window(layer.kind, getattr(layer, "pool_size", 0))


def window(kind: str, side: int) -> str:
    """3×3 in a picture, 3 in a sequence."""
    if not side:
        return ""
    return f"{side}×{side}" if kind.endswith("2d") else str(side)


def network_title(layers: Sequence[kinds.Layer]) -> str:
    """The layers in short: "16-32-2" where all are dense; else those that compute, "conv 8 – dense 10"."""
    if all(isinstance(layer, kinds.Dense) for layer in layers):
        return "-".join(_number_of(layer) for layer in layers)
    computing = [layer for layer in layers if has_nodes(layer)]
    return " – ".join(layer_title(layer) for layer in computing or layers)


def has_nodes(layer: kinds.Layer) -> bool:
    return isinstance(layer, kinds.Dense | kinds.Convolution | kinds.Recurrent | kinds.Embedding)


# --- settings as Keras names them ------------------------------------------------------------------------------------


def arguments(part: Mapping[str, Any]) -> str:
    """A part of a spec as JSON has it, in one line: "filters 8, kernel_size 3, activation relu"."""
    return ", ".join(f"{name} {in_words(value)}" for name, value in part.items() if value is not None)


def layers_in_words(layers: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each layer by its kind and its arguments, what it does before how it begins."""
    return [{"kind": layer["kind"], "arguments": arguments(_main_first(layer))} for layer in layers]


def _main_first(layer: Mapping[str, Any]) -> dict[str, Any]:
    main = [name for name in layer if not name.startswith(("kernel_i", "kernel_r", "bias_", "use_", "name"))]
    return {name: layer[name] for name in [*main, *(name for name in layer if name not in main)] if name != "kind"}


def part(name: str, value: Any) -> dict[str, str]:
    """A key of a spec and what it says."""
    return {"label": str(PARTS.get(name, name)), "text": percent(value) if name in _SHARES else in_words(value)}


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        return arguments(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(in_words(item) for item in value) or "–"
    return str(value)


def table_in_words(data: TableData) -> str:
    columns = ngettext("%(number)d column", "%(number)d columns", len(data.columns)) % {"number": len(data.columns)}
    return f"{data.target}, {columns}"

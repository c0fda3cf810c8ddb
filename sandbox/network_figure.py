"""The network of a spec as a drawing: which column each layer is, and the sentence for those who do not see it."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from sandbox.drawing import Column, network, width_of
from sandbox.spec import describe
from sandbox.spec import layers as kinds
from sandbox.spec.data import Data
from sandbox.wording import has_nodes, input_names, layer_title, output_names, window

LONG = 640.0
"""A wider drawing is not made smaller: it scrolls."""


def network_figure(data: Data, layers: Sequence[kinds.Layer]) -> SafeString:
    """The layers need not fit one another. Every word in the drawing is escaped."""
    columns = _columns(data, layers)
    svg = mark_safe(network(columns, _description(columns, layers)))
    if width_of(columns) <= LONG:
        return svg
    frame = '<div class="network-scroll" tabindex="0" role="group" aria-label="{}">{}</div>'
    return format_html(frame, gettext("Network"), svg)


def _columns(data: Data, layers: Sequence[kinds.Layer]) -> list[Column]:
    names = input_names(data)
    columns = [Column(len(describe(data).features), gettext("input"), "", names)]
    all_dense = all(isinstance(layer, kinds.Dense) for layer in layers)
    for layer in layers:
        if isinstance(layer, kinds.ActivationLayer) and columns[-1].note == "linear":
            columns[-1] = replace(columns[-1], note=layer.activation)
        else:
            columns.append(_column(layer, all_dense=all_dense))
    last = max(index for index, column in enumerate(columns) if column.nodes)
    if last:
        columns[last] = replace(columns[last], labels=output_names(data, columns[last].nodes))
    return columns


def _column(layer: kinds.Layer, *, all_dense: bool) -> Column:
    title = layer_title(layer)
    match layer:
        case kinds.Dense():
            return Column(layer.units, str(layer.units) if all_dense else title, layer.activation)
        case kinds.Conv1D() | kinds.Conv2D():
            name = f"{title} · {window(layer.kind, layer.kernel_size)}"
            return Column(layer.filters, name, layer.activation, form="maps")
        case kinds.SimpleRNN() | kinds.LSTM() | kinds.GRU():
            return Column(layer.units, title, layer.activation)
        case kinds.Embedding():
            return Column(layer.output_dim, title)
        case _:
            return Column(0, title, form="bar")


def _description(columns: Sequence[Column], layers: Sequence[kinds.Layer]) -> str:
    if all(isinstance(layer, kinds.Dense) for layer in layers):
        sizes = "-".join(str(column.nodes) for column in columns)
        template = gettext("A network with layers of %(sizes)s nodes, from the inputs to the outputs.")
        return template % {"sizes": sizes}
    number = columns[0].nodes
    template = ngettext(
        "A network of %(number)d input and these layers, in order: %(layers)s.",
        "A network of %(number)d inputs and these layers, in order: %(layers)s.",
        number,
    )
    return template % {"number": number, "layers": ", ".join(_spoken(layer) for layer in layers)}


def _spoken(layer: kinds.Layer) -> str:
    """A layer with nodes is followed by its activation."""
    title = layer_title(layer)
    activation = getattr(layer, "activation", "") if has_nodes(layer) else ""
    return f"{title} {activation}".strip()

"""Diagrams of a lesson, drawn from numbers as SVG.

`draw` is the door. Every place in a picture is computed from the options: the steps of `descent` are gradient descent,
the new weight of `weight-update` is `old − rate · gradient`, the squares of `mse` are as large as the errors. Colours
come from classes alone (`css/diagrams.css`), so a drawing follows light and dark; there are no ids, so any number of
them may stand on one page. What is written in a picture is mathematics or comes from the author's `labels`, so that a
drawing needs no translation.
"""

from collections.abc import Callable
from html import escape

from courses.diagrams.activation import activation
from courses.diagrams.canvas import Options, Panel
from courses.diagrams.descent import descent
from courses.diagrams.fit import fit, mse
from courses.diagrams.loss_curve import loss_curve
from courses.diagrams.network import network
from courses.diagrams.neuron import neuron
from courses.diagrams.split import split
from courses.diagrams.weight_update import weight_update
from courses.svg import place

KINDS: dict[str, tuple[Callable[[Options], list[Panel]], tuple[str, ...]]] = {
    "network": (network, ("layers", "labels")),
    "neuron": (neuron, ("inputs", "weights", "bias", "activation", "labels")),
    "activation": (activation, ("functions", "range", "inputs")),
    "descent": (descent, ("rates", "start", "steps", "labels")),
    "weight-update": (weight_update, ("old", "rate", "gradient", "minimum", "labels")),
    "loss-curve": (loss_curve, ("values", "validation", "labels", "axis")),
    "split": (split, ("total", "validation", "test", "labels")),
    "mse": (mse, ("points", "slope", "intercept", "labels", "squares")),
    "fit": (fit, ("points", "slope", "intercept", "labels")),
}


def draw(kind: str, options: Options, alt: str) -> str:
    """One diagram: an `<svg>`, or several in one `<div>`. Raises ValueError with a sentence for the author where the
    options are wrong."""
    if kind not in KINDS:
        raise ValueError(f"There is no diagram called “{kind}”. There are: {', '.join(KINDS)}.")
    if not alt.strip():
        raise ValueError('A diagram needs alt="…": one sentence that says what there is to see.')
    painter, known = KINDS[kind]
    if unknown := [key for key in options if key not in known]:
        raise ValueError(f"{kind} has no option “{unknown[0]}”. It has: {', '.join(known)}.")
    panels = painter(options)
    spoken = f'role="img" aria-label="{escape(alt.strip())}"'
    if len(panels) > 1:
        drawn = "".join(_svg(kind, panel, 'aria-hidden="true"') for panel in panels)
        return f'<div class="diagram-panels diagram-panels--{len(panels)}" {spoken}>{drawn}</div>'
    (panel,) = panels
    svg = _svg(kind, panel, spoken)
    return f'<div class="diagram-scroll" tabindex="0">{svg}</div>' if panel.scrolls else svg


def _svg(kind: str, panel: Panel, spoken: str) -> str:
    width, height = place(panel.width), place(panel.height)
    return (
        f'<svg class="diagram diagram--{kind}" {spoken} width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">{"".join(panel.marks)}</svg>'
    )

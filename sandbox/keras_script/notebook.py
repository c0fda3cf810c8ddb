"""A spec as a Jupyter notebook: the sections of `sandbox.keras_script` with a word on each.

Texts are English message ids, marked for the translators; `notebook` is given the gettext of the reader's language.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.datasets import gettext_noop
from sandbox.keras_script import needed, sections, title
from sandbox.spec import Spec, dataset, parameter_count, steps_per_epoch, training_rows
from sandbox.spec.data import TableData

Gettext = Callable[[str], str]

INTRODUCTION = gettext_noop(
    "An experiment made with Engram: run the cells from top to bottom. They need %(needed)s. With these versions, on a "
    "CPU, the numbers are those of the run that this notebook comes from, up to rounding in the last digits."
)
HEADINGS = {
    "data": gettext_noop("Data"),
    "model": gettext_noop("Model"),
    "training": gettext_noop("Training"),
    "curves": gettext_noop("Curves"),
    "result": gettext_noop("Result"),
}
TEXTS = {
    "model": gettext_noop(
        "The network has %(parameters)d weights and biases. What they are at the start depends on `SEED` alone."
    ),
    "training": gettext_noop(
        "An epoch shows the network all %(rows)d training rows once, in %(steps)d steps of at most %(batch)d rows. "
        "After each step every weight moves a little against its gradient."
    ),
    "curves": gettext_noop(
        "A training loss that goes on falling while the validation loss rises means overfitting: the network learns "
        "its rows by heart."
    ),
    "result": gettext_noop("The numbers of every epoch, and which classes the network takes for which."),
}
NUMBERS_ALONE = gettext_noop("The numbers of every epoch.")
TABLE = gettext_noop(
    "Put the file that the run was trained on beside this notebook and call it `table.csv`, or change `TABLE` above."
)


def notebook(spec: Spec, gettext: Gettext = str) -> str:
    """The JSON of a notebook in nbformat 4."""
    import nbformat

    made = nbformat.v4.new_notebook(
        cells=[*_cells(spec, gettext)],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(made)
    return str(nbformat.writes(made))


def _cells(spec: Spec, gettext: Gettext) -> Iterator[Any]:
    from nbformat.v4 import new_code_cell, new_markdown_cell

    for section in sections(spec):
        yield new_markdown_cell(_words(spec, section.name, gettext), id=f"about-{section.name}")
        yield new_code_cell(section.code, id=section.name)


def _words(spec: Spec, name: str, gettext: Gettext) -> str:
    """Markdown. Nothing in it comes from a learner's table."""
    if name == "setup":
        return f"# {gettext(title(spec))}\n\n{gettext(INTRODUCTION) % {'needed': needed(spec)}}"
    text = _about_data(spec, gettext) if name == "data" else gettext(_text(spec, name)) % _numbers(spec)
    return f"## {gettext(HEADINGS[name])}\n\n{text}"


def _text(spec: Spec, name: str) -> str:
    return NUMBERS_ALONE if name == "result" and dataset(spec).is_regression else TEXTS[name]


def _about_data(spec: Spec, gettext: Gettext) -> str:
    if isinstance(spec.data, TableData):
        return gettext(TABLE)
    described = dataset(spec)
    return f"{gettext(described.summary)} {gettext(described.teaches)}"


def _numbers(spec: Spec) -> dict[str, int]:
    return {
        "parameters": parameter_count(spec),
        "rows": training_rows(spec),
        "steps": steps_per_epoch(spec),
        "batch": spec.batch_size,
    }

"""What the reader of Keras code remarked, in the language of the page and beside the line it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from sandbox.advice import ADVICE
from sandbox.keras_code.remarks import Remark

# What was made of data that is not there comes first: it is what a learner would ask about.
FIRST = ("no_data", "other_pictures", "sorted_data", "no_fit", "no_input", "no_input_shape")
MAX_QUOTED = 60


@dataclass(frozen=True)
class Explanation:
    line: int
    quoted: str
    """The beginning of that line."""
    sentence: str


def explanations(source: str, remarks: Iterable[Remark]) -> list[Explanation]:
    """The remarks in order, the most important first; without the advice on the recipe, which stands beside it."""
    told = [remark for remark in remarks if remark.code not in ADVICE]
    told.sort(key=lambda remark: FIRST.index(remark.code) if remark.code in FIRST else len(FIRST))
    lines = source.splitlines()
    return [Explanation(remark.line, _quoted(lines, remark.line), sentence(remark)) for remark in told]


def sentence(remark: Remark) -> str:
    """In the language of the reader, names of data sets included."""
    parameters = {
        name: gettext(value) if name == "dataset" and isinstance(value, str) else value
        for name, value in remark.parameters.items()
    }
    return gettext(remark.message) % parameters


def _quoted(lines: list[str], number: int) -> str:
    text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"

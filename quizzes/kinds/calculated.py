import itertools
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from hashlib import sha256
from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from quizzes.kinds.arithmetic import (
    MAX_LENGTH,
    RESERVED,
    CannotComputeError,
    Formula,
    FormulaError,
    exact,
    read_formula,
    written_number,
)
from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Render,
    Strict,
    Texts,
    WrittenTexts,
    hints,
    same_ids,
)
from quizzes.kinds.numeric import MAX_TYPED, Number, Share, Tolerance, Unit, read_number

MAX_SEED = 2**53 - 1
"""The largest whole number that every client reads exactly."""
SAMPLES = 200
"""So many seeds are computed when a question is read, beside the corners of what can be drawn."""
DIGITS = 12
"""Significant digits of an answer that is not rounded to decimals."""
_ROUNDING = Context(prec=50, rounding=ROUND_HALF_UP)

# A letter of the Vai script for each value: one letter is a whole word to Markdown, Pygments, LaTeX and the sanitiser.
_FIRST_MARK = 0xA500
_TAG = re.compile(r"<[^>]*>")
# Where a value is written with a hyphen: code, and the LaTeX of a formula, in which it keeps its braces.
_LITERAL = re.compile(r'(<(?:code|pre)\b.*?</(?:code|pre)>|alttext="[^"]*")', re.DOTALL)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=30)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
Drawing = Mapping[str, Decimal]


class Range(Strict):
    """`low`, `low + step`, … up to `high`."""

    low: Number
    high: Number
    step: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not 2 <= self.count <= 1_000_000:
            raise ValueError("from low to high there are 2 to 1,000,000 steps")
        return self

    @property
    def count(self) -> int:
        return int((exact(self.high) - exact(self.low)) / exact(self.step)) + 1

    def at(self, place: int) -> Decimal:
        return exact(self.low) + place * exact(self.step)

    @property
    def extremes(self) -> list[Decimal]:
        return [self.at(0), self.at(self.count - 1)]


class OneOf(Strict):
    one_of: Annotated[tuple[Number, ...], Field(min_length=2, max_length=100, strict=False)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.one_of)) < len(self.one_of):
            raise ValueError("a number stands twice")
        return self

    @property
    def count(self) -> int:
        return len(self.one_of)

    def at(self, place: int) -> Decimal:
        return exact(self.one_of[place])

    @property
    def extremes(self) -> list[Decimal]:
        return [exact(min(self.one_of)), exact(max(self.one_of))]


class CalculatedTexts(WrittenTexts):
    """`{w}` in the prompt and in hints is the number drawn for w. `unit` is plain text."""

    prompt: Markdown
    unit: Unit | None = None
    mistakes: dict[Id, Markdown] = {}
    feedback: Markdown | None = None


class CalculatedResponse(Strict):
    """`value` as it was typed, and the `seed` of the numbers that it answers."""

    value: str
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]


class PublicCalculated(PublicQuestion):
    """The question with the numbers that `seed` draws; an answer gives the seed back. `values` are these numbers."""

    kind: Literal["calculated"] = "calculated"
    prompt: Html
    unit: str | None
    seed: int
    values: dict[str, float]


class CalculatedKey(Strict):
    """Right is whatever is at most `tolerance` away from `value`; both are None where no numbers have been drawn.

    `formula` is the answer for any numbers, and `working` how it comes out for these.
    """

    kind: Literal["calculated"] = "calculated"
    value: float | None
    tolerance: float | None
    formula: str
    working: str | None


class Calculated(Body):
    """A question whose numbers are drawn anew for each sitting, and whose `answer` is a formula of them.

    The number drawn for a name is the one at place `n mod count`, with n the first 8 bytes of the SHA-256 of
    `<seed>/<name>`: the same on every machine. A question that was not `asked` shows what the seed 0 draws, and marks
    an answer by the seed that it names.

    The right value is the result, rounded half up: to `decimals`, if there are any, else to 12 significant digits.
    Right is what is at most `tolerance` away from it, or the share `relative` of it; with `decimals` alone, half a unit
    of the last one. With none of the three the result must be a short decimal, and only it is right.
    """

    Public, Key, Response = PublicCalculated, CalculatedKey, CalculatedResponse
    PLAIN = {"unit": True}

    kind: Literal["calculated"]
    values: Annotated[dict[Name, Range | OneOf], Field(min_length=1, max_length=8)]
    answer: Written
    tolerance: Tolerance = 0.0
    relative: Share | None = None
    decimals: Annotated[int, Field(ge=0, le=10)] | None = None
    mistakes: Annotated[dict[Id, Written], Field(max_length=12)] = {}
    texts: Annotated[dict[Locale, CalculatedTexts], Field(min_length=1)]

    _seed: int | None = PrivateAttr(default=None)

    # --- what the author wrote ---------------------------------------------------------------------------------------

    @model_validator(mode="after")
    def _formulas_can_be_computed(self) -> Self:
        if self.tolerance and self.relative is not None:
            raise ValueError("either tolerance or relative says how far away is right")
        for name in self.values:
            if name in RESERVED:
                raise ValueError(f"{name!r} is no name for a value: it means something in formulas")
        is_exact = not self.tolerance and self.relative is None and self.decimals is None
        formulas = {"the answer": self.answer} | {f"the mistake {name!r}": text for name, text in self.mistakes.items()}
        _check(tuple(formulas.items()), tuple(self.values.items()), is_exact=is_exact)
        return self

    @model_validator(mode="after")
    def _texts_say_the_numbers(self) -> Self:
        for locale, texts in self.texts.items():
            for name in self.values:
                if f"{{{name}}}" not in texts.prompt:
                    raise ValueError(f"the prompt ({locale}) does not say {{{name}}}")
            same_ids(list(self.mistakes), texts.mistakes, f"mistakes ({locale})")
            for text in (texts.feedback, *texts.mistakes.values()):
                if found := next((name for name in self.values if f"{{{name}}}" in (text or "")), None):
                    raise ValueError(
                        f"feedback ({locale}) is the same for all numbers: there is no {{{found}}} in it "
                        f"(in a formula, write {{{found} }})"
                    )
        return self

    def drawings(self) -> int:
        """Return how many different sets of numbers there are."""
        return prod(value.count for value in self.values.values())

    # --- one sitting -------------------------------------------------------------------------------------------------

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        """Return the question with the numbers that the seed draws; seeds count from 0 to `MAX_SEED`, then anew."""
        asked = self.model_copy()
        asked._seed = seed % (MAX_SEED + 1)
        return asked

    def asked_for(self, response: Any) -> Self:
        return self.asked(CalculatedResponse.model_validate(response).seed)

    def drawn(self, seed: int) -> Drawing:
        return _drawn(self.values.items(), seed)

    def right_value(self, drawing: Drawing) -> Decimal:
        return _rounded(read_formula(self.answer).value(drawing), self.decimals)

    def reach(self, wanted: Decimal) -> Decimal:
        """Return how far from the right value an answer may be."""
        if self.relative is not None:
            return _rounded(exact(self.relative) * abs(wanted))
        if self.tolerance or self.decimals is None:
            return exact(self.tolerance)
        return Decimal(5).scaleb(-self.decimals - 1)

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(lambda text: _with_places(text, self.values, render))
        for locale, texts in rendered.items():
            if unit := self.texts[locale].unit:
                texts["unit"] = unit
        return rendered

    def public(self, texts: Texts) -> PublicCalculated:
        seed = self._seed or 0
        drawing = self.drawn(seed)
        return PublicCalculated(
            prompt=_with_numbers(texts["prompt"], drawing),
            hints=[_with_numbers(hint, drawing) for hint in hints(texts)],
            unit=texts.get("unit"),
            seed=seed,
            values={name: float(number) for name, number in drawing.items()},
        )

    def revealed(self) -> CalculatedKey:
        formula = read_formula(self.answer)
        if self._seed is None:
            return CalculatedKey(value=None, tolerance=None, formula=formula.written(), working=None)
        drawing = self.drawn(self._seed)
        wanted = self.right_value(drawing)
        return CalculatedKey(
            value=float(wanted),
            tolerance=float(self.reach(wanted)),
            formula=formula.written(),
            working=_working(formula, drawing, wanted),
        )

    def grade(self, response: CalculatedResponse) -> Graded | Refused:
        """A known mistake is met within the tolerance, too; its feedback comes first. Units of every locale count."""
        if self._seed not in {None, response.seed}:
            return Refused("/seed", "other_values", "This answers the question with other numbers.")
        if len(response.value) > MAX_TYPED:
            return Refused("/value", "too_long", f"At most {MAX_TYPED} characters.")
        value = read_number(response.value, [texts.unit for texts in self.texts.values() if texts.unit])
        if isinstance(value, Refused):
            return value
        drawing = self.drawn(response.seed)
        right = self._is_near(value, self.answer, drawing)
        met = [name for name, mistake in self.mistakes.items() if not right and self._is_near(value, mistake, drawing)]
        return Graded(float(right), {"value": right}, (*(f"mistakes.{name}" for name in met[:1]), "feedback"))

    def _is_near(self, value: Decimal, answer: str, drawing: Drawing) -> bool:
        try:
            wanted = _rounded(read_formula(answer).value(drawing), self.decimals)
        except CannotComputeError:
            # Neither a corner nor a sample had shown it: nothing that is typed is this number.
            return False
        return abs(value - wanted) <= self.reach(wanted)

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """The page sends the seed of its numbers; a form without one answers those that were asked."""
        seed = form.get("seed", str(self._seed or 0))
        is_number = seed.isascii() and seed.isdigit() and len(seed) <= len(str(MAX_SEED))
        return {"value": form.get("value", ""), "seed": int(seed) if is_number else seed}

    def fields(self, response: CalculatedResponse) -> dict[str, str]:
        return {"value": response.value, "seed": str(response.seed)}


# --- numbers ---------------------------------------------------------------------------------------------------------


def _drawn(values: Iterable[tuple[str, Range | OneOf]], seed: int) -> dict[str, Decimal]:
    return {
        name: value.at(int.from_bytes(sha256(f"{seed}/{name}".encode()).digest()[:8]) % value.count)
        for name, value in values
    }


def _rounded(number: Decimal, decimals: int | None = None) -> Decimal:
    """To so many decimals, else to `DIGITS` significant digits."""
    if decimals is None:
        return Context(prec=DIGITS, rounding=ROUND_HALF_UP).plus(number)
    return number.quantize(Decimal(1).scaleb(-decimals), context=_ROUNDING) if abs(number) < 10**30 else number


@lru_cache(maxsize=1_000)
def _check(
    formulas: tuple[tuple[str, str], ...], values: tuple[tuple[str, Range | OneOf], ...], *, is_exact: bool
) -> None:
    """Raise ValueError unless each formula has a result for the corners of what is drawn, and for some seeds.

    `formulas`: what it is called, and its text; the first is the answer. Kept in a cache, for a question is read anew
    wherever it is asked.
    """
    read = {what: _read(what, text, dict(values)) for what, text in formulas}
    corners = itertools.product(*(value.extremes for _, value in values))
    drawings = [dict(zip(dict(values), corner, strict=True)) for corner in corners]
    drawings += [_drawn(values, seed) for seed in range(SAMPLES)]
    results = {what: [_result(what, formula, drawing) for drawing in drawings] for what, formula in read.items()}
    answers = results.pop("the answer")
    if is_exact and (rest := [drawing for drawing, one in zip(drawings, answers, strict=True) if one != _rounded(one)]):
        numbers = _numbers(rest[0])
        raise ValueError(f"the answer is no short decimal for {numbers}: give a tolerance, relative or decimals")
    for what, wrong in results.items():
        if wrong == answers:
            raise ValueError(f"{what} is the right answer")


def _read(what: str, text: str, values: Mapping[str, object]) -> Formula:
    try:
        formula = read_formula(text)
    except FormulaError as error:
        raise ValueError(f"{what} is no formula: {error}") from None
    if unknown := [name for name in formula.names if name not in values]:
        raise ValueError(f"{what} needs {unknown[0]!r}, which is none of the values")
    return formula


def _result(what: str, formula: Formula, drawing: Drawing) -> Decimal:
    try:
        return formula.value(drawing)
    except CannotComputeError as error:
        raise ValueError(f"{what} cannot be computed for {_numbers(drawing)}: {error}") from None


def _numbers(drawing: Drawing) -> str:
    return ", ".join(f"{name} = {written_number(number)}" for name, number in drawing.items())


def _working(formula: Formula, drawing: Drawing, wanted: Decimal) -> str:
    """Return `w − r × g = 0.1 − 0.01 × 3 = 0.07`; the last sign is ≈ where the result is rounded."""
    put_in = formula.written({name: written_number(number) for name, number in drawing.items()})
    sign = "=" if formula.value(drawing) == wanted else "≈"
    return f"{formula.written()} = {put_in} {sign} {written_number(wanted)}"


# --- texts -----------------------------------------------------------------------------------------------------------


def _with_places(text: str, values: Iterable[str], render: Render) -> Html:
    """Return the rendered text with `{w}` still in it, in prose, code and formulas, wherever it was written."""
    marks = {name: chr(_FIRST_MARK + index) for index, name in enumerate(values)}
    for name, mark in marks.items():
        text = text.replace(f"{{{name}}}", mark)
    html = render(text)
    read = _TAG.sub("", html)
    for name, mark in marks.items():
        if read.count(mark) != text.count(mark):
            raise ValueError(f"{{{name}}} stands where no number can be, such as in the address of a link")
        place = f"{{{name}}}"
        html = html.replace(f"<mi>{mark}</mi>", f"<mn>{place}</mn>")
        html = html.replace(f'<span class="n">{mark}</span>', f'<span class="mf">{place}</span>').replace(mark, place)
    return html


def _with_numbers(html: Html, drawing: Drawing) -> Html:
    places = re.compile(r"\{(" + "|".join(map(re.escape, drawing)) + r")\}")
    numbers = {name: written_number(number) for name, number in drawing.items()}

    def put_in(piece: Html, is_literal: bool) -> Html:
        template = "{{{}}}" if piece.startswith("alttext=") and is_literal else "{}"
        minus = "-" if is_literal else "−"
        return places.sub(lambda match: template.format(numbers[match[1]]).replace("−", minus), piece)

    # The pattern is a group: what it finds stands at the odd places.
    return "".join(put_in(piece, bool(index % 2)) for index, piece in enumerate(_LITERAL.split(html)))


KIND = Calculated

"""Formulas of questions: a small arithmetic, read once and computed in decimals. Pure; no text is ever run as code.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/") signed)*
    signed  = "-" signed | power
    power   = atom ("**" signed)?
    atom    = number | name | "(" sum ")" | function "(" sum ("," sum)* ")"

As in Python, `-2 ** 2` is −4 and `2 ** 3 ** 2` is 512. Numbers are decimals of 40 significant digits and the result is
rounded to 28, so what is exact by hand is exact here: `0.1 - 0.01 * 3` is 0.07, and `1 / 3 * 3` is 1. What is left
below 10⁻³⁰ is 0, as in `sqrt(2) ** 2 - 2`. `round` takes a five up, away from zero, as pupils do.

A formula is compiled to postfix steps: to compute it takes a stack, no recursion, and time in proportion to its length.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache

MAX_LENGTH = 500
MAX_DEPTH = 50
MAX_PLACES = 20
"""`round(x, n)` has an n of at most so many."""

_COMPUTING = Context(
    prec=40, Emax=300, Emin=-300, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow]
)
_SMALLEST = Decimal("1e-30")
_RESULT = Context(prec=28, Emax=300, Emin=-300, rounding=ROUND_HALF_UP, traps=[Overflow])

CONSTANTS = {
    "pi": Decimal("3.14159265358979323846264338327950288419716939937511"),
    "e": Decimal("2.71828182845904523536028747135266249775724709369996"),
}
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/(),])|(?P<space> +)"
)
_AS_WRITTEN = {"+": " + ", "-": " − ", "*": " × ", "/": " / ", "**": "^", ",": ", "}


class FormulaError(ValueError):
    """The text is no formula; the message names the place, counted in characters from 1."""


class CannotComputeError(ValueError):
    """The formula has no value for these numbers: a division by zero, a logarithm of −1, a number too large."""


def _round(context: Context, number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if places != places.to_integral_value() or abs(places) > MAX_PLACES:
        raise InvalidOperation
    return number.quantize(Decimal(1).scaleb(-int(places)), context=context)


def _min(context: Context, *numbers: Decimal) -> Decimal:
    return min(numbers)


def _max(context: Context, *numbers: Decimal) -> Decimal:
    return max(numbers)


_FUNCTIONS: Mapping[str, tuple[Callable[..., Decimal], range]] = {
    "abs": (Context.abs, range(1, 2)),
    "sqrt": (Context.sqrt, range(1, 2)),
    "exp": (Context.exp, range(1, 2)),
    "ln": (Context.ln, range(1, 2)),
    "log10": (Context.log10, range(1, 2)),
    "min": (_min, range(1, 11)),
    "max": (_max, range(1, 11)),
    "round": (_round, range(1, 3)),
}
"""By its name: what computes it, and how many arguments it takes."""
_SIGNS: Mapping[str, Callable[..., Decimal]] = {
    "+": Context.add,
    "-": Context.subtract,
    "*": Context.multiply,
    "/": Context.divide,
    "**": Context.power,
    "−": Context.minus,
}
"""`−` is the sign of one number, `-` stands between two."""

RESERVED = frozenset(_FUNCTIONS) | frozenset(CONSTANTS)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


@dataclass(frozen=True)
class _Operation:
    """Takes `arity` numbers from the stack and puts one there."""

    name: str
    arity: int


_Step = Decimal | str | _Operation
"""A number, the name of a value, or what is done with those before."""


@dataclass(frozen=True)
class Formula:
    tokens: tuple[_Token, ...]
    steps: tuple[_Step, ...]

    @property
    def names(self) -> list[str]:
        """Return the values that it needs, each once, in the order of their first use."""
        return list(dict.fromkeys(step for step in self.steps if isinstance(step, str)))

    def value(self, values: Mapping[str, Decimal]) -> Decimal:
        """Return the result for these values, one for each of `names`; raises CannotComputeError."""
        context, stack = _COMPUTING.copy(), list[Decimal]()
        for step in self.steps:
            if isinstance(step, _Operation):
                numbers = stack[-step.arity :]
                del stack[-step.arity :]
                stack.append(_computed(context, step, numbers))
            else:
                stack.append(values[step] if isinstance(step, str) else step)
        try:
            result = _RESULT.copy().plus(stack.pop())
        except Overflow:
            raise CannotComputeError("a number becomes too large") from None
        return result.normalize() if abs(result) >= _SMALLEST else Decimal(0)

    def written(self, values: Mapping[str, str] | None = None) -> str:
        """Return it for a reader, `w − r × g`; with `values`, these stand for the names, negative ones in brackets."""
        texts = [token.text for token in self.tokens]
        return "".join(
            self._written(token, ["", *texts][index], [*texts, ""][index + 1], values or {})
            for index, token in enumerate(self.tokens)
        )

    def _written(self, token: _Token, before: str, after: str, values: Mapping[str, str]) -> str:
        is_first = before in {"", "(", ","}
        if token.kind == "sign":
            if token.text == "-" and (is_first or before in _AS_WRITTEN):
                return "−"
            return _AS_WRITTEN.get(token.text, token.text)
        text = values.get(token.text, token.text) if token.kind == "name" else token.text
        return f"({text})" if text.startswith("−") and (not is_first or after == "**") else text


def _computed(context: Context, step: _Operation, numbers: list[Decimal]) -> Decimal:
    compute = _SIGNS.get(step.name) or _FUNCTIONS[step.name][0]
    if step.name == "/" and not numbers[1]:
        raise CannotComputeError("division by zero")
    try:
        result = compute(context, *numbers)
    except Overflow:
        raise CannotComputeError("a number becomes too large") from None
    except InvalidOperation:
        result = Decimal("NaN")
    if not result.is_finite():
        given = ", ".join(written_number(_RESULT.copy().plus(number)) for number in numbers)
        raise CannotComputeError(f"{step.name} is not defined for {given}")
    return result


@lru_cache(maxsize=2_000)
def read_formula(text: str) -> Formula:
    """Return the formula in a text of at most `MAX_LENGTH` characters; raises FormulaError."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"a formula has at most {MAX_LENGTH} characters")
    reader = _Reader(_tokens(text), len(text) + 1)
    reader.sum()
    reader.expect_the_end()
    return Formula(reader.tokens, tuple(reader.steps))


def _tokens(text: str) -> tuple[_Token, ...]:
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise FormulaError(f"{text[place]!r} at character {place + 1} has no place in a formula")
        if match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup or "", match[0], place + 1))
        place = match.end()
    return tuple(tokens)


class _Reader:
    """One method for each line of the grammar; each appends its steps."""

    def __init__(self, tokens: tuple[_Token, ...], end: int) -> None:
        self.tokens = tokens
        self.end = _Token("end", "the end", end)
        self.steps: list[_Step] = []
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self.tokens[self._at] if self._at < len(self.tokens) else self.end

    def _take(self, *signs: str) -> str:
        """Return the next sign and go on, if it is one of these; else ""."""
        token = self._next
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._at += 1
        return token.text

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise FormulaError(f"{sign!r} is missing before {self._next.text!r} at character {self._next.place}")

    def expect_the_end(self) -> None:
        if self._next is not self.end:
            raise FormulaError(f"a sign is missing before {self._next.text!r} at character {self._next.place}")

    def sum(self) -> None:
        self.product()
        while sign := self._take("+", "-"):
            self.product()
            self.steps.append(_Operation(sign, 2))

    def product(self) -> None:
        self.signed()
        while sign := self._take("*", "/"):
            self.signed()
            self.steps.append(_Operation(sign, 2))

    def signed(self) -> None:
        # Whatever stands inside something else has come this way.
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError(f"at character {self._next.place} more than {MAX_DEPTH} parts stand in each other")
        if self._take("-"):
            self.signed()
            self.steps.append(_Operation("−", 1))
        else:
            self.power()
        self._depth -= 1

    def power(self) -> None:
        self.atom()
        if self._take("**"):
            self.signed()
            self.steps.append(_Operation("**", 2))

    def atom(self) -> None:
        token = self._next
        if self._take("("):
            self.sum()
            self._expect(")")
            return
        if token.kind not in {"number", "name"}:
            raise FormulaError(f"a number or a name is missing before {token.text!r} at character {token.place}")
        self._at += 1
        if token.kind == "number":
            self.steps.append(Decimal(token.text))
        elif token.text in _FUNCTIONS:
            self._call(token)
        elif self._next.text == "(" and self._next.kind == "sign":
            raise FormulaError(f"there is no function {token.text!r}; there are {', '.join(_FUNCTIONS)}")
        else:
            self.steps.append(CONSTANTS.get(token.text, token.text))

    def _call(self, token: _Token) -> None:
        self._expect("(")
        self.sum()
        arguments = 1
        while self._take(","):
            self.sum()
            arguments += 1
        self._expect(")")
        if arguments not in _FUNCTIONS[token.text][1]:
            raise FormulaError(f"{token.text} at character {token.place} cannot take {arguments} numbers")
        self.steps.append(_Operation(token.text, arguments))


def exact(number: float) -> Decimal:
    """Return the decimal that was written: 0.1 is a tenth."""
    return Decimal(repr(float(number)))


def written_number(number: Decimal) -> str:
    """Return a number as one would write it by hand: 2100, 3.2, −0.0001; no exponent, no separators of thousands."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text.replace("-", "−")

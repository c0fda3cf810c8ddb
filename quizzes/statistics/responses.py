"""Which answers a question was given, part by part: how often, and what each is worth. Pure.

What could have been chosen is listed whether anybody chose it or not: a wrong answer that nobody takes does no work.
Typed answers are one answer where grading takes them for one.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import Any, Final

from quizzes import grading
from quizzes.kinds.base import Body, Graded, Html, Texts
from quizzes.kinds.numeric import read_number
from quizzes.kinds.typed_text import normal

WHOLE = ""
"""The one part of a question that has no parts."""
LAST = ""
"""What follows the item that was put last."""


@dataclass(frozen=True)
class Answer:
    """One answer to one part. `text` is what was typed, or an id; `path` leads to its wording in the question's texts
    (`wording`). `offered`: it could be chosen.

    `credit` is its share of the question's mark, −1…1; None where it cannot be marked any more, such as a choice that
    the question no longer has. `share` is `count` / attempts that were asked.
    """

    text: str
    path: str | None
    offered: bool
    credit: float | None
    count: int
    share: float

    @property
    def right(self) -> bool:
        return self.credit is not None and self.credit > 0


@dataclass(frozen=True)
class Part:
    """`name` is a part as the kind names it; `path` leads to its wording. `unanswered`: asked, and nothing given.

    `together`: an attempt gives several of the answers, so that their shares add up to anything. `asked`: how many
    attempts asked it.
    """

    name: str
    path: str | None
    together: bool
    asked: int
    unanswered: int
    answers: tuple[Answer, ...]


@dataclass
class _Typed:
    text: str
    count: int = 0


@dataclass
class _Counted:
    """A part while it is counted: what is offered, with its wording and credit; what of it was chosen, how often; and
    what else was given, by its credit too, for a number may be right for some values and wrong for others."""

    path: str | None = None
    together: bool = False
    offered: Mapping[str, tuple[str | None, float]] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    typed: dict[tuple[str, float | None], _Typed] = field(default_factory=dict)
    answered: int = 0


def analyse_responses(body: Body, responses: Sequence[Any]) -> list[Part]:
    """Return what was given to each part of the question, offered answers in their order, then typed ones by number.

    `responses`: one for each attempt that asked the question, None where nothing was given. They may be of an earlier
    version; what this version cannot mark is listed without a credit.
    """
    return analyse_written(body, [json.dumps(one, sort_keys=True, ensure_ascii=False) for one in responses])


def analyse_written(body: Body, responses: Sequence[str]) -> list[Part]:
    """Return the same for responses as JSON texts; the same text is read and graded once."""
    parts = _offered(body)
    # In a fixed order, so that the first spelling of an answer is always the same one.
    for written, times in sorted(Counter(responses).items(), key=lambda one: (-one[1], one[0])):
        response = json.loads(written)
        if response is None:
            continue
        graded = grading.grade(body, response)
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, key, text in _given(body, response):
            found[name].append((key, text))
        for name, answers in found.items():
            part = parts.setdefault(name, _Counted())
            part.answered += times
            for key, text in answers:
                if key in part.offered:
                    part.chosen[key] += times
                else:
                    part.typed.setdefault((key, _credit(graded, name)), _Typed(text)).count += times
    return [_part(name, counted, len(responses)) for name, counted in parts.items()]


def wording(path: str | None, texts: Texts) -> Html | None:
    """Return the text at `path` as safe HTML. Options of blanks and names of layers are kept as plain text, all else is
    rendered."""
    if path is None or path not in texts:
        return None
    return escape(texts[path]) if path.startswith(("blanks.", "names.")) else texts[path]


def _credit(graded: Any, name: str) -> float | None:
    if not isinstance(graded, Graded):
        return None
    if name == WHOLE:
        return graded.score
    return float(graded.parts[name]) / len(graded.parts) if name in graded.parts else None


def _part(name: str, counted: _Counted, asked: int) -> Part:
    offered = [
        Answer(key, path, True, credit, counted.chosen[key], _share(counted.chosen[key], asked))
        for key, (path, credit) in counted.offered.items()
    ]
    typed = [
        Answer(one.text, None, False, credit, one.count, _share(one.count, asked))
        for (_, credit), one in counted.typed.items()
    ]
    typed.sort(key=lambda answer: (-answer.count, answer.text))
    return Part(name, counted.path, counted.together, asked, asked - counted.answered, (*offered, *typed))


def _share(count: int, asked: int) -> float:
    return count / asked if asked else 0.0


def _offered(body: Body) -> dict[str, _Counted]:
    """Return the parts of the question with what each offers to choose from."""
    offered: Callable[[Any], dict[str, _Counted]] | None = _OFFERED.get(body.kind)
    return offered(body) if offered else {WHOLE: _Counted()}


def _given(body: Body, response: Any) -> list[tuple[str, str, str]]:
    """Return (part, answer, answer as it was typed) of one response, whatever its shape."""
    read: Callable[[Any, Any], Iterator[tuple[str, str, str]]] = _READ.get(body.kind, _as_json)
    try:
        found = list(read(body, response))
    except (AttributeError, KeyError, TypeError):
        return list(_as_json(body, response))
    return found if all(isinstance(text, str) for one in found for text in one) else list(_as_json(body, response))


def _offered_choice(body: Any) -> dict[str, _Counted]:
    choices = {choice: (f"choices.{choice}.text", float(choice == body.key)) for choice in body.choices}
    return {WHOLE: _Counted(offered=choices)}


def _offered_choices(body: Any) -> dict[str, _Counted]:
    """A right tick gives its share of the mark, a wrong one takes as much back."""
    worth = 1 / len(body.key)
    choices = {choice: (f"choices.{choice}.text", worth if choice in body.key else -worth) for choice in body.choices}
    return {WHOLE: _Counted(together=True, offered=choices)}


def _offered_truth(body: Any) -> dict[str, _Counted]:
    return {WHOLE: _Counted(offered={said: (None, float((said == "true") == body.key)) for said in ("true", "false")})}


def _offered_successors(body: Any) -> dict[str, _Counted]:
    """A part is an item, its answers are the items that may follow it, or none ("") if it was put last: so is an order
    marked."""
    follows = dict(pairwise(body.key))
    worth = 1 / (len(body.items) - 1)
    return {
        item: _Counted(
            path=f"items.{item}",
            offered={
                **{other: (f"items.{other}", worth * (follows[item] == other)) for other in body.key if other != item},
                LAST: (None, 0.0),
            },
        )
        for item in body.key[:-1]
    }


def _offered_blanks(body: Any) -> dict[str, _Counted]:
    """What a blank in code offers is code, in every language the same."""
    parts, worth = {}, 1 / len(body.blanks)
    for name, blank in body.blanks.items():
        options = getattr(blank, "options", None) or []
        paths = {option: f"blanks.{name}.options.{option}" if body.kind == "cloze" else None for option in options}
        parts[name] = _Counted(offered={option: (paths[option], worth * (option == blank.key)) for option in options})
    return parts


def _offered_matches(body: Any) -> dict[str, _Counted]:
    """A learner sees ids on the right that are none of the author's: the public form, with the path of each text in its
    place, says which is which."""
    shown = body.public({path: path for path in body.markdown(body.locales[0])})
    key, worth = body.revealed().matches, 1 / len(body.pairs)
    return {
        left: _Counted(
            path=f"left.{left}",
            offered={right.id: (right.text, worth * (right.id == key[left])) for right in shown.right},
        )
        for left in body.pairs
    }


def _offered_targets(body: Any) -> dict[str, _Counted]:
    """One click hits or misses; several are marked like ticks."""
    worth = 1 / len(body.key) if body.many else 1.0
    wrong = -worth if body.many else 0.0
    paths = {target: f"names.{target[6:]}" if target.startswith("layer-") else None for target in body.targets}
    offered = {target: (paths[target], worth if target in body.key else wrong) for target in body.targets}
    return {WHOLE: _Counted(together=body.many, offered=offered)}


_OFFERED: Final[Mapping[str, Callable[[Any], dict[str, _Counted]]]] = {
    "single_choice": _offered_choice,
    "multiple_choice": _offered_choices,
    "true_false": _offered_truth,
    "ordering": _offered_successors,
    "cloze": _offered_blanks,
    "code_cloze": _offered_blanks,
    "matching": _offered_matches,
    "hotspot": _offered_targets,
}


def _read_choice(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    yield WHOLE, response["choice"], response["choice"]


def _read_choices(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for choice in response["choices"]:
        yield WHOLE, choice, choice


def _read_targets(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for target in response["targets"]:
        yield WHOLE, target, target


def _read_truth(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    said = {True: "true", False: "false"}[response["answer"]]
    yield WHOLE, said, said


def _read_order(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for item, following in pairwise([*response["order"], LAST]):
        if item != body.key[-1]:
            yield item, following, following


def _read_blanks(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for name, text in response["blanks"].items():
        if text.strip():
            chosen = bool(getattr(body.blanks.get(name), "options", None))
            yield name, text if chosen else normal(text), text.strip()


def _read_code(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for name, text in response["blanks"].items():
        if text.strip():
            yield name, text.strip(), text.strip()


def _read_matches(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    for left, right in response["matches"].items():
        if right:
            yield left, right, right


def _read_number(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    """3.20 and 3,2 are one answer. To numbers that were drawn, the same number may be right or wrong."""
    text = response["value"].strip()
    units = [unit for given in body.texts.values() if (unit := getattr(given, "unit", None))]
    units += getattr(body, "units", None) or ()
    number = read_number(text, units)
    yield WHOLE, str(number.normalize()) if isinstance(number, Decimal) else text, text


def _read_text(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    text = response["text"].strip()
    yield WHOLE, text if getattr(body, "case", False) else normal(text), text


def _as_json(body: Any, response: Any) -> Iterator[tuple[str, str, str]]:
    written = json.dumps(response, sort_keys=True, ensure_ascii=False)
    yield WHOLE, written, written


_READ: Final[Mapping[str, Callable[[Any, Any], Iterator[tuple[str, str, str]]]]] = {
    "single_choice": _read_choice,
    "multiple_choice": _read_choices,
    "true_false": _read_truth,
    "ordering": _read_order,
    "cloze": _read_blanks,
    "code_cloze": _read_code,
    "matching": _read_matches,
    "hotspot": _read_targets,
    "numeric": _read_number,
    "calculated": _read_number,
    "short_text": _read_text,
}

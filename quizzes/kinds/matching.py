import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from string import ascii_uppercase
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Sheet,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    hints,
    plain,
    same_ids,
    shuffled,
)
from quizzes.kinds.choices import Choice

MAX_PAIRS = 12
# What a list to choose from, which shows no markup, could not say.
_PICTURED = ("<math", "<img", "<svg")


class MatchingTexts(WrittenTexts):
    """`left` by pair; `right` by pair and distractor."""

    prompt: Markdown
    left: dict[Id, Markdown]
    right: dict[Id, Markdown]
    feedback: Markdown | None = None


class MatchingResponse(Strict):
    """The id of what was chosen on the right, by the id of what stands on the left. Left ones may be left out."""

    matches: Annotated[dict[str, str], Field(max_length=100)]


@dataclass(frozen=True)
class Option:
    """Something to choose, as text without markup. `letter` is that of the list which shows it in full, if one does."""

    id: str
    letter: str
    plain: str
    text: Html


@dataclass(frozen=True)
class Match:
    """One on the left. `chosen`: in a form that stands again. After the answer: `given` (None: nothing), `correct`."""

    id: str
    text: Html
    chosen: str
    given: Html | None
    right: bool
    correct: Html


@dataclass(frozen=True)
class Matches:
    options: Sequence[Option]
    lettered: bool
    rows: Sequence[Match]


class PublicMatching(PublicQuestion):
    """Each on the left has one partner on the right; some on the right may be nobody's, or more than one's."""

    kind: Literal["matching"] = "matching"
    prompt: Html
    left: list[Choice]
    right: list[Choice]

    def laid_out(self, sheet: Sheet) -> Matches:
        lettered = any(tag in choice.text for choice in self.right for tag in _PICTURED)
        options = [
            Option(id=choice.id, letter=letter if lettered else "", plain=plain(choice.text), text=choice.text)
            for letter, choice in zip(ascii_uppercase, self.right, strict=False)
        ]
        texts = {choice.id: choice.text for choice in self.right}
        given: Mapping[str, str] = sheet.response.matches if sheet.response else {}
        correct: Mapping[str, str] = sheet.key.matches if sheet.key else {}
        rows = [
            Match(
                id=left.id,
                text=left.text,
                chosen=sheet.given.get(f"match-{left.id}", ""),
                given=texts.get(given.get(left.id, "")),
                right=sheet.parts.get(left.id, False),
                correct=texts.get(correct.get(left.id, ""), ""),
            )
            for left in self.left
        ]
        return Matches(options, lettered, rows)


class MatchingKey(Strict):
    """The id of the right partner, by the id of what stands on the left."""

    kind: Literal["matching"] = "matching"
    matches: dict[str, str]


class Matching(Body):
    """Pairs to be found. The mark is the share of pairs that were.

    Both sides of a pair are written under one id, which must not give the pair away. So what a learner sees on the
    right has an id made of nothing but its texts. Partners that read the same in every language are one.
    """

    Public, Key, Response = PublicMatching, MatchingKey, MatchingResponse

    kind: Literal["matching"]
    pairs: Annotated[list[Id], Field(min_length=2, max_length=MAX_PAIRS)]
    distractors: Annotated[list[Id], Field(max_length=MAX_PAIRS)] = []
    texts: Annotated[dict[Locale, MatchingTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct([*self.pairs, *self.distractors], "an id of pairs and distractors")
        for locale, texts in self.texts.items():
            same_ids(self.pairs, texts.left, f"left sides ({locale})")
            same_ids([*self.pairs, *self.distractors], texts.right, f"right sides ({locale})")
        shown = self._shown_as()
        for distractor in self.distractors:
            if shown[distractor] in {shown[pair] for pair in self.pairs}:
                raise ValueError(f"the distractor {distractor!r} reads like the right side of a pair")
        if len({*shown.values()}) < 2:
            raise ValueError("all right sides read the same: there is nothing to choose")
        return self

    def _shown_as(self) -> dict[Id, str]:
        """Return the id under which a learner sees each right side.

        It is a hash of the text in the first language, so that a translation changes none; where that is not enough to
        tell two apart, of the texts in all.
        """
        locales = sorted(self.texts)
        written = {
            name: tuple(self.texts[locale].right[name] for locale in locales)
            for name in (*self.pairs, *self.distractors)
        }
        readings = Counter(texts[0] for texts in {*written.values()})
        return {
            name: sha256(json.dumps(texts if readings[texts[0]] > 1 else texts[:1]).encode()).hexdigest()[:12]
            for name, texts in written.items()
        }

    def inlined(self) -> list[str]:
        left = [f"left.{pair}" for pair in self.pairs]
        return left + [f"right.{name}" for name in (*self.pairs, *self.distractors)]

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        return self.model_copy(update={"pairs": shuffled(self.pairs, seed)}) if shuffle else self

    def public(self, texts: Texts) -> PublicMatching:
        """The right side stands in an order made from that of the left, which says nothing of who belongs to whom."""
        one_of = {partner: name for name, partner in self._shown_as().items()}
        return PublicMatching(
            prompt=texts["prompt"],
            hints=hints(texts),
            left=[Choice(id=pair, text=texts[f"left.{pair}"]) for pair in self.pairs],
            right=[
                Choice(id=partner, text=texts[f"right.{one_of[partner]}"])
                for partner in shuffled(list(one_of), "/".join(self.pairs))
            ],
        )

    def revealed(self) -> MatchingKey:
        shown = self._shown_as()
        return MatchingKey(matches={pair: shown[pair] for pair in self.pairs})

    def grade(self, response: MatchingResponse) -> Graded | Refused:
        """`parts`: for each on the left, whether its partner was found. One without a partner is wrong."""
        given = {pair: partner for pair, partner in response.matches.items() if partner}
        if not given:
            return Refused("/matches", "empty", "Nothing is matched.")
        shown = self._shown_as()
        for pair, partner in given.items():
            # The pointer goes to the object, for a name that is no pair may hold anything.
            if pair not in self.pairs:
                return Refused("/matches", "unknown_pair", f"There is no {pair[:100]!r} on the left.")
            if partner not in shown.values():
                return Refused(f"/matches/{pair}", "unknown_choice", "This is none of the choices on the right.")
        parts = {pair: given.get(pair) == shown[pair] for pair in self.pairs}
        return Graded(sum(parts.values()) / len(parts), parts, ("feedback",))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"matches": {pair: form[f"match-{pair}"] for pair in self.pairs if form.get(f"match-{pair}")}}

    def fields(self, response: MatchingResponse) -> dict[str, str]:
        return {f"match-{pair}": partner for pair, partner in response.matches.items()}


KIND = Matching

"""The parts of a GIFT question → the body of a question. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.interchange.bodies import fault_in
from quizzes.interchange.gift_syntax import Answer, Block, Parts
from quizzes.interchange.gift_texts import ARROW, GiftTexts, without_arrow
from quizzes.interchange.markdown_signs import PLACE
from quizzes.interchange.naming import ids_for
from quizzes.kinds.cloze import BLANK as CLOZE_BLANK

LINE: Final = r"\_\_\_\_\_"
"""A blank that nothing is written into, as Moodle shows a missing word."""
BLANK_NAME: Final = "blank"
MAX_ACCEPTED: Final = 50
NUMBER: Final = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
_RANGE = re.compile(rf"({NUMBER})\s*\.\.\s*({NUMBER})")
_VALUE = re.compile(rf"({NUMBER})(?:\s*:\s*({NUMBER}))?")
# In a pattern, a star is any run of characters; after a backslash it is itself, as a backslash is.
_STAR = re.compile(r"\\([*＊\\])|[*＊]")

Body = dict[str, Any]


class RefusedError(ValueError):
    """The question cannot be taken; the message says why, in one sentence."""


def body_of(parts: Parts, locale: str) -> tuple[Body, tuple[str, ...]]:
    """Return the body of a question and what was changed or could not be kept; raise RefusedError."""
    if parts.block is None:
        raise RefusedError("This is a text without a question: it has no answer block in braces.")
    if parts.block.kind == "open_answer":
        raise RefusedError("This is an essay: there is no key in its answer block, so nothing here can mark it.")
    reader = _Reader(parts, parts.block, locale)
    body = reader.body()
    if fault := fault_in(body):
        raise RefusedError(fault)
    return body, tuple(dict.fromkeys(reader.texts.notes))


class _Reader:
    def __init__(self, parts: Parts, block: Block, locale: str) -> None:
        self.block, self.answers, self.locale = block, block.answers, locale
        self.texts = GiftTexts()
        self.notes = self.texts.notes
        before, after = (text.replace(PLACE, "") for text in (parts.before, parts.after))
        # A missing word: the block stands inside of the text, as it does before an escaped line end.
        self.prompt = self.texts.prompt(f"{before}{PLACE}{after}" if after.strip() else before)
        self.general = self.texts.markdown(block.general)

    def body(self) -> Body:
        if not self.prompt:
            raise RefusedError("The question has no text.")
        if self.block.kind == "truth":
            return self._true_false()
        if self.block.kind == "numbers":
            return self._numeric()
        if any(answer.mark == "~" for answer in self.answers):
            return self._choices()
        if any(answer.mark and ARROW in _whole(answer) for answer in self.answers):
            return self._matching()
        return self._short_text()

    def _written(self, kind: str, structure: Mapping[str, Any], texts: Mapping[str, Any]) -> Body:
        """A body whose text is a prompt: a blank in it is only a line."""
        prompt = self.prompt
        if PLACE in prompt:
            prompt = prompt.replace(PLACE, LINE)
            self.notes.append("The answer stands in the middle of the text; there is a line (_____) in its place.")
        return self._with_texts(kind, structure, {"prompt": prompt, **texts})

    def _with_texts(self, kind: str, structure: Mapping[str, Any], texts: Mapping[str, Any]) -> Body:
        general = {"feedback": self.general} if self.general else {}
        return {"kind": kind, **structure, "texts": {self.locale: {**texts, **general}}}

    # --- true or false -----------------------------------------------------------------------------------------------

    def _true_false(self) -> Body:
        wrong, right = (self.texts.markdown(answer.feedback) for answer in self.answers)
        if_true, if_false = (right, wrong) if self.block.truth else (wrong, right)
        said = {"if_true": if_true, "if_false": if_false}
        return self._written(
            "true_false", {"key": self.block.truth}, {name: text for name, text in said.items() if text}
        )

    # --- choices -----------------------------------------------------------------------------------------------------

    def _choices(self) -> Body:
        weights = [_choice_weight(answer) for answer in self.answers]
        one_answer = any(
            answer.mark == "=" and weight == 100 for answer, weight in zip(self.answers, weights, strict=True)
        )
        right = [place for place, weight in enumerate(weights) if (weight == 100 if one_answer else weight > 0)]
        if not right:
            raise RefusedError("None of the choices is right.")
        if one_answer and len(right) == 1:
            self._tell_lost_weights(weights)
            return self._missing_word(right[0]) or self._with_choices("single_choice", right)
        if one_answer:
            self.notes.append(
                "Several choices are right. In the file one of them is enough; here all are to be ticked."
            )
            self._tell_lost_weights(weights)
        else:
            self._tell_other_marks(weights, len(right))
        return self._with_choices("multiple_choice", right)

    def _tell_lost_weights(self, weights: Sequence[Decimal]) -> None:
        for answer, weight in zip(self.answers, weights, strict=True):
            if weight not in (0, 100):
                shown = self.texts.pattern(answer.text)[:60]
                self.notes.append(f"“{shown}” counts as wrong: its share of {weight.normalize():f} % cannot be kept.")

    def _tell_other_marks(self, weights: Sequence[Decimal], right: int) -> None:
        share = Decimal(100) / right
        if any(abs(weight - share) > Decimal("0.01") for weight in weights if weight > 0):
            self.notes.append("The right choices count alike here, other than in the file.")
        if any(abs(weight + share) > Decimal("0.01") for weight in weights if weight <= 0):
            self.notes.append("Here a wrong choice that is ticked takes back a right one, other than in the file.")

    def _with_choices(self, kind: str, right: Sequence[int]) -> Body:
        texts = [self.texts.markdown(answer.text) for answer in self.answers]
        feedback = [self.texts.markdown(answer.feedback) for answer in self.answers]
        ids = ids_for(texts, "c")
        choices = {
            choice: {"text": text, **({"feedback": said} if said else {})}
            for choice, text, said in zip(ids, texts, feedback, strict=True)
        }
        key: Any = ids[right[0]] if kind == "single_choice" else [ids[place] for place in right]
        return self._written(kind, {"choices": ids, "key": key}, {"choices": choices})

    def _missing_word(self, right: int) -> Body | None:
        """Return a cloze to choose from, where that holds everything: no feedback and no markup of the choices."""
        if PLACE not in self.prompt or any(answer.feedback.strip() for answer in self.answers):
            return None
        options = [self.texts.plain(answer.text) for answer in self.answers]
        if not all(options):
            return None
        ids = ids_for([option or "" for option in options], "c")
        blank = {"input": "choose", "options": ids, "key": ids[right]}
        return self._cloze(blank, {"options": dict(zip(ids, options, strict=True))})

    def _cloze(self, blank: Mapping[str, Any], blank_texts: Mapping[str, Any]) -> Body | None:
        """Return a cloze with the one blank; None where it would be none."""
        if self.prompt.count(PLACE) != 1 or CLOZE_BLANK.search(self.prompt):
            return None
        text = self.prompt.replace(PLACE, f"[[{BLANK_NAME}]]")
        body = self._with_texts(
            "cloze", {"blanks": {BLANK_NAME: blank}}, {"text": text, "blanks": {BLANK_NAME: blank_texts}}
        )
        if fault_in(body):
            return None
        try:
            kinds.parse(body).render(render_fragment)
        except ValueError:  # it stands in a formula, a link or code
            return None
        return body

    # --- typed answers -----------------------------------------------------------------------------------------------

    def _short_text(self) -> Body:
        answers = [answer for answer in self.answers if not self._is_any_other(answer)]
        shares = [self._share(answer) for answer in answers]
        if not any(share == 1 for share in shares):
            raise RefusedError("None of the answers is fully right.")
        patterns = [self.texts.pattern(answer.text) for answer in answers]
        if not all(patterns):
            raise RefusedError("An answer has no text.")
        feedback = [self._without_arrow(answer.feedback) for answer in answers]
        if all(share == 1 for share in shares) and not any(feedback) and (body := self._typed_blank(patterns)):
            return body
        grouped: list[tuple[float, str, list[str]]] = []
        for share, said, pattern in zip(shares, feedback, patterns, strict=True):
            if grouped and grouped[-1][:2] == (share, said) and len(grouped[-1][2]) < MAX_ACCEPTED:
                grouped[-1][2].append(pattern)
            else:
                grouped.append((share, said, [pattern]))
        ids = ids_for([accept[0] for _, _, accept in grouped], "a")
        structure = [{"id": name, "share": share} for name, (share, _, _) in zip(ids, grouped, strict=True)]
        texts = {
            name: {"accept": accept, **({"feedback": said} if said else {})}
            for name, (_, said, accept) in zip(ids, grouped, strict=True)
        }
        return self._written("short_text", {"answers": structure}, {"answers": texts})

    def _is_any_other(self, answer: Answer) -> bool:
        """Whether this is the feedback for whatever else is typed, which has no place here."""
        if answer.text.strip() != "*" or Decimal(answer.weight or 100) > 0:
            return False
        if said := self.texts.markdown(answer.feedback):
            self.notes.append(f"The feedback for every other answer was not kept: {said[:200]}")
        return True

    def _typed_blank(self, patterns: Sequence[str]) -> Body | None:
        if PLACE not in self.prompt or any(found[1] is None for text in patterns for found in _STAR.finditer(text)):
            return None
        accept = [_STAR.sub(r"\1", pattern) for pattern in patterns]
        return self._cloze({"input": "type"}, {"accept": accept})

    def _share(self, answer: Answer) -> float:
        weight = Decimal(answer.weight or 100)
        if not 0 <= weight <= 100:
            self.notes.append(f"The share of {weight.normalize():f} % became {0 if weight < 0 else 100} %.")
        return float(min(max(weight, Decimal(0)), Decimal(100)) / 100)

    def _without_arrow(self, raw: str) -> str:
        """As it would be written again: HTML may hold a `->` where GIFT has none."""
        markdown = self.texts.markdown(raw)
        return without_arrow(markdown) or markdown

    # --- pairs -------------------------------------------------------------------------------------------------------

    def _matching(self) -> Body:
        sides = []
        for answer in self.answers:
            left, arrow, right = _whole(answer).partition(ARROW)
            if not arrow:
                raise RefusedError(f"In “{left.strip()[:60]}” there is no -> between the two sides of a pair.")
            sides.append((self._without_arrow(left), self.texts.markdown(right)))
        if not all(right for _, right in sides):
            raise RefusedError("A pair has no text on its right.")
        pairs = [(left, right) for left, right in sides if left]
        partners = {right for _, right in pairs}
        others = list(dict.fromkeys(right for left, right in sides if not left))
        distractors = [right for right in others if right not in partners]
        if len(distractors) < len(others):
            self.notes.append("A right side without a left one reads like that of a pair, so it was left out.")
        ids = ids_for([left for left, _ in pairs] + distractors, "p")
        right_texts = dict(zip(ids, [right for _, right in pairs] + distractors, strict=True))
        left_texts = {name: left for name, (left, _) in zip(ids, pairs, strict=False)}
        structure: Body = {"pairs": ids[: len(pairs)]}
        if distractors:
            structure["distractors"] = ids[len(pairs) :]
        return self._written("matching", structure, {"left": left_texts, "right": right_texts})

    # --- numbers -----------------------------------------------------------------------------------------------------

    def _numeric(self) -> Body:
        others = [answer for answer in self.answers if answer.mark == "~" or answer.text.strip() == "*"]
        values = [answer for answer in self.answers if answer not in others]
        for answer in others:
            if said := self.texts.markdown(answer.feedback):
                self.notes.append(f"The feedback for every wrong number was not kept: {said[:200]}")
        right = [answer for answer in values if Decimal(answer.weight or 100) == 100]
        if len(right) != 1:
            raise RefusedError(f"A numeric question has one right number or range here; this one has {len(right)}.")
        structure = _number(right[0])
        if right[0].feedback.strip():
            said = self.texts.markdown(right[0].feedback)
            self.general = self.general or said
            what = "became the general feedback" if self.general == said else "was not kept"
            self.notes.append(f"The feedback for the right number {what}: {said[:200]}")
        mistakes = self._mistakes([answer for answer in values if answer is not right[0]], structure)
        ids = ids_for([answer.text.partition(":")[0] for answer, _, _ in mistakes], "m")
        if ids:
            structure["mistakes"] = {name: value for name, (_, value, _) in zip(ids, mistakes, strict=True)}
        texts = {"mistakes": {name: said for name, (_, _, said) in zip(ids, mistakes, strict=True)}} if ids else {}
        return self._written("numeric", structure, texts)

    def _mistakes(self, answers: Sequence[Answer], structure: Body) -> list[tuple[Answer, float, str]]:
        """Return the numbers that have feedback but not the full mark; what cannot be one is told."""
        found: list[tuple[Answer, float, str]] = []
        for answer in answers:
            read = _number(answer)
            said = self.texts.markdown(answer.feedback)
            shown = answer.text.strip()[:60]
            known = {f"m{place}": value for place, (_, value, _) in enumerate(found)}
            trial = {**structure, "mistakes": {**known, "m": read.get("key")}}
            texts = {"prompt": "x", "mistakes": {**dict.fromkeys(known, "x"), "m": said}}
            if "key" not in read or fault_in({"kind": "numeric", **trial, "texts": {"en": texts}}):
                lost = f", nor its feedback: {said[:200]}" if said else "."
                self.notes.append(f"The share of {answer.weight} % for {shown} could not be kept{lost}")
                continue
            if Decimal(answer.weight or 0) != 0:
                self.notes.append(f"{shown} counts as wrong: its share of {answer.weight} % could not be kept.")
            if read.get("tolerance", 0.0) != structure.get("tolerance", 0.0):
                self.notes.append(f"{shown} has the tolerance of the right number now.")
            found.append((answer, read["key"], said))
        return found


def _choice_weight(answer: Answer) -> Decimal:
    return Decimal(answer.weight or (100 if answer.mark == "=" else 0))


def _whole(answer: Answer) -> str:
    """A pair has neither weight nor feedback: their signs are signs of its texts."""
    weight = f"%{answer.weight}%" if answer.weight is not None else ""
    feedback = f"#{answer.feedback}" if answer.feedback else ""
    return f"{weight}{answer.text}{feedback}"


def _number(answer: Answer) -> Body:
    """Return `key` and `tolerance`, or `range`, of a numeric question."""
    text = answer.text.replace(r"\:", ":").strip()
    if found := _RANGE.fullmatch(text):
        return {"range": [float(found[1]), float(found[2])]}
    found = _VALUE.fullmatch(text)
    if found is None:
        shown = text[:60] or "nothing"
        raise RefusedError(f"A number, as in 3.2, 3.2:0.1 or 3..4, was expected instead of {shown!r}.")
    tolerance = float(found[2]) if found[2] else 0.0
    return {"key": float(found[1]), **({"tolerance": tolerance} if tolerance else {})}

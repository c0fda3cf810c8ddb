"""What a quiz of the notes asks → questions and flashcards; what makes none stays text, and is reported. Pure."""

import re
from collections.abc import Callable, Sequence

from courses.notes.emphasis import Piece, plain, to_markdown
from courses.notes.lessons import LessonDraft
from courses.notes.questions import (
    MAX_CHOICES,
    MAX_TEXT,
    WORDY,
    Card,
    ChoiceQuestion,
    Question,
    Statement,
    Verdict,
    at_line_start,
    why_no_question,
)
from courses.notes.quiz_marks import ANSWER_LINE, around_blanks, named_choices, same, verdict
from courses.notes.quiz_reading import Asked, letters_in_prompt
from courses.notes.report import Report, shown

MAX_QUESTIONS = 200
# A longer answer is not typed but turned over.
MAX_TYPED = 40
SEPARATORS = re.compile(r"\s*[;；、,，/|\n]\s*|\s{2,}")
EDGES = " \t\n。.;；"


class QuizDraft:
    """The quizzes of one lesson."""

    def __init__(self, lesson: LessonDraft, report: Report, fate: Callable[[int, str], None]) -> None:
        self.lesson, self.report, self.fate = lesson, report, fate
        self.text = lesson.markdown

    def take(self, asked: Asked, section: str, key: dict[int, str]) -> None:
        """Make a question of what is asked, or a flashcard, or leave it in the lesson as text.

        `key`: answers by the numbers of their questions; one that is used is taken out.
        """
        if asked.number in key:
            self._take_from_key(asked, key.pop(asked.number))
        if not asked.prompt.strip() and not asked.choices and not asked.answer:
            for row in asked.rows:
                self.fate(row.line, "empty bullet, left out")
        elif not asked.choices and not asked.answer and not self.text.words(asked.line, asked.prompt):
            self._as_text(asked)  # a picture
        elif len(self.lesson.asked) >= MAX_QUESTIONS:
            self._stays(asked, f"a quiz has at most {MAX_QUESTIONS} questions")
        elif len(self._markdown(asked, asked.explanation)) > MAX_TEXT:
            self._stays(asked, f"its explanation is longer than {MAX_TEXT} characters")
        elif asked.choices:
            self._choice(asked, section)
        elif asked.answer is not None and plain(asked.answer):
            self._answered(asked, section)
        elif asked.answer is not None and not self._is_marked(asked):
            self._stays(asked, "there is a place for the answer, but no answer")
        else:
            self._cloze(asked, section, self.text.cut(asked.line, asked.prompt))

    def _take_from_key(self, asked: Asked, answer: str) -> None:
        if asked.answer is None and not self._is_marked(asked):
            asked.answer = answer
            return
        given = [asked.answer or "", *(one.text for one in asked.choices if one.is_marked)]
        given += [piece.plain for piece in self.text.cut(asked.line, asked.prompt) if piece.is_answer]
        if same(answer) not in map(same, given):
            text = f"the question has an answer already; the one below the quiz is {shown(plain(answer), 200)}"
            self.report.problem(asked.line, text, "quiz")

    def _is_marked(self, asked: Asked) -> bool:
        if asked.choices:
            return any(one.is_marked for one in asked.choices)
        return any(piece.is_answer for piece in self.text.cut(asked.line, asked.prompt))

    # --- what it becomes -----------------------------------------------------------------------------------------

    def _cloze(self, asked: Asked, section: str, pieces: Sequence[Piece]) -> None:
        if reason := why_no_question(pieces):
            self._stays(asked, reason)
            return
        statement = Statement(
            self._next_id(),
            asked.line,
            self._explains(asked, section),
            pieces,
            self._markdown(asked, asked.explanation),
        )
        for answer in statement.given_away:
            text = f"the statement gives its answer {shown(answer)} away in another place"
            self.report.problem(asked.line, text, "quiz")
        answers = ", ".join(shown(answer, 200) for answer in statement.answers)
        self._asks(asked, statement, f"quiz statement → question {statement.id}; answer: {answers}")

    def _answered(self, asked: Asked, section: str) -> None:
        """The answer stands beside the question: it fills the blanks, says true or false, or goes on a flashcard."""
        answer = (asked.answer or "").strip()
        parts = around_blanks(asked.prompt)
        marked = self.text.cut(asked.line, asked.prompt)
        blanks, words = len(parts) - 1, self.text.words(asked.line, answer)
        is_true = verdict(words)
        if any(piece.is_answer and same(piece.plain) == same(words) for piece in marked):
            self._cloze(asked, section, marked)
        elif not blanks and is_true is not None:
            self._verdict(asked, section, is_true)
        elif not blanks and len(words) > MAX_TYPED:
            self._card(asked, section)
        else:
            answers = [answer] if blanks < 2 else [part for part in SEPARATORS.split(answer) if part]
            if len(answers) != max(1, blanks):
                self._stays(asked, f"there are {blanks} blanks, but not as many answers ({shown(words, 200)})")
                return
            parts = parts if blanks else [f"{asked.prompt.rstrip()} ", ""]
            self._cloze(asked, section, self._pieces(asked.line, parts, answers))

    def _pieces(self, line: int, parts: Sequence[str], answers: Sequence[str]) -> list[Piece]:
        found: list[Piece] = []
        for number, part in enumerate(parts):
            spans = self.text.spans(line, part)
            text = Piece("".join(span.source for span in spans), "".join(span.plain for span in spans), False)
            found += [text] if text.markdown else []
            if number < len(answers):
                inside = self.text.spans(line, answers[number].strip(EDGES) or answers[number])
                words = "".join(span.plain for span in inside)
                found.append(Piece("".join(span.source for span in inside), words, True))
        return found

    def _verdict(self, asked: Asked, section: str, is_true: bool) -> None:
        prompt = self._markdown(asked, asked.prompt)
        if not WORDY.search(prompt) or len(prompt) > MAX_TEXT:
            self._stays(asked, f"the statement has no words, or more than {MAX_TEXT} characters")
            return
        explanation = self._markdown(asked, asked.explanation)
        made = Verdict(self._next_id(), asked.line, self._explains(asked, section), prompt, is_true, explanation)
        given = f"{'true' if is_true else 'false'} ({shown(plain(asked.answer or ''))})"
        self._asks(asked, made, f"statement that is true or false → question {made.id}; answer: {given}")

    def _choice(self, asked: Asked, section: str) -> None:
        given = asked.answer if asked.answer else letters_in_prompt(asked)
        marked = [place for place, one in enumerate(asked.choices) if one.is_marked]
        named = named_choices(given, asked.choices) if given else marked
        texts = [self._markdown(asked, one.text) for one in asked.choices]
        prompt = self._markdown(asked, asked.prompt)
        if reason := _why_no_choice(prompt, texts, marked, named, given):
            self._stays(asked, reason)
            return
        explanation = self._markdown(asked, asked.explanation)
        made = ChoiceQuestion(
            self._next_id(), asked.line, self._explains(asked, section), prompt, texts, named, explanation
        )
        right = ", ".join(shown(plain(asked.choices[place].text), 200) for place in named)
        self._asks(asked, made, f"question with {len(texts)} choices → question {made.id}; answer: {right}")

    def _card(self, asked: Asked, section: str) -> None:
        """An answer of a whole sentence is not typed: it goes on a flashcard, and stays in the text."""
        front, back = self._markdown(asked, asked.prompt), self._markdown(asked, f"{asked.answer}\n{asked.explanation}")
        if not WORDY.search(front) or max(len(front), len(back)) > MAX_TEXT:
            self._stays(asked, f"question or answer has no words, or more than {MAX_TEXT} characters")
            return
        section = self._explains(asked, section)
        card = Card(f"{self.lesson.slug}-card-{len(self.lesson.cards) + 1}", asked.line, section, front, back)
        self.lesson.cards.append(card)
        self.lesson.backs.add(back)
        self.report.count("flashcard")
        self.fate(asked.line, f"question with a long answer → flashcard {card.id}, and text")
        self._as_text(asked)

    # --- what all have in common ---------------------------------------------------------------------------------

    def _next_id(self) -> str:
        return f"{self.lesson.slug}-question-{len(self.lesson.asked) + 1}"

    def _explains(self, asked: Asked, section: str) -> str:
        """The section that the question is about; the quiz itself if no other has anything in common with it."""
        return self.lesson.explains(plain(" ".join([asked.prompt, *(one.text for one in asked.choices)]))) or section

    def _markdown(self, asked: Asked, text: str) -> str:
        lines = to_markdown(self.text.spans(asked.line, text)).strip().split("\n")
        return at_line_start("  \n".join(line.strip() for line in lines))

    def _asks(self, asked: Asked, question: Question, fate: str) -> None:
        for text in (asked.prompt, asked.answer or "", asked.explanation, *(one.text for one in asked.choices)):
            self.text.spans(asked.line, text, tell=True)
        self.lesson.asked.append(question)
        self.text.add(f"::question{{{question.id}}}")
        self.report.count("quiz question")
        self.fate(asked.line, fate)
        for row in asked.rows[1:]:
            if row.starts and not row.block.text.strip():
                self.fate(row.line, "empty bullet, left out")
            elif row.starts:
                words = shown(plain(row.text)) if row.text else "only tags"
                self.fate(row.line, f"{words}, part of question {question.id}")

    def _stays(self, asked: Asked, reason: str) -> None:
        words = shown(self.text.words(asked.line, asked.prompt))
        if ANSWER_LINE.match(asked.prompt):
            reason = "here is an answer, but no question that wants one"
        self.report.problem(asked.line, f"{reason}: {words}; it stays in the lesson as text", "quiz")
        self._as_text(asked)

    def _as_text(self, asked: Asked) -> None:
        for block in asked.blocks:
            self.fate(block.line, self.text.block(block))


def _why_no_choice(
    prompt: str, texts: Sequence[str], marked: Sequence[int], named: Sequence[int], given: str | None
) -> str:
    """What keeps a question with choices from becoming one; "" if nothing does."""
    answer = shown(plain(given), 200) if given else ""
    reasons = {
        f"the answer {answer} is none of the choices": bool(given) and not named,
        "no choice is marked as right, and no answer is given": not named,
        f"one choice is marked as right, but the answer is {answer}": bool(marked) and list(marked) != list(named),
        "every choice is marked as right": len(named) == len(texts),
        f"there are more than {MAX_CHOICES} choices": len(texts) > MAX_CHOICES,
        "two choices are the same": len({plain(text).casefold() for text in texts}) < len(texts),
        "a choice is empty": not all(texts),
        "the question has no words": not WORDY.search(prompt),
        f"it is longer than {MAX_TEXT} characters": len(prompt) + sum(map(len, texts)) > MAX_TEXT,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")

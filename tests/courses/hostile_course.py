"""A course folder without errors that holds as much of `hostile_markdown` as an import lets through."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from courses.course_checks import lesson_problems
from courses.parsed import ParsedBody, ParsedLesson
from courses.rendering import RenderedLesson, render_lesson
from courses.yaml_writing import to_yaml
from tests.courses.hostile_markdown import NAMES, PAYLOADS

SLUG = "hostile"
QUESTIONS = 4


def make_hostile_course(folder: Path) -> Path:
    """A lesson for each kind of payload; names in every place that holds one, Markdown in every other. Returns it."""
    lessons = [f"{number:02d}-{kind}" for number, kind in enumerate(PAYLOADS, 1)]
    for lesson, payloads in zip(lessons, PAYLOADS.values(), strict=True):
        (folder / lesson).mkdir(parents=True)
        (folder / lesson / "lesson.en.md").write_text(_lesson(lesson[3:], payloads), "utf-8")
        (folder / lesson / "questions.yaml").write_text(to_yaml(_questions(lesson[3:], payloads)), "utf-8")
    definitions = [payload for payloads in PAYLOADS.values() for payload in payloads[:2]]
    manifest = {
        "slug": SLUG,
        "licence": NAMES[1],
        "locales": ["en"],
        "texts": {"en": {"title": NAMES[0], "summary": NAMES[3]}},
        "lessons": lessons,
        "concepts": [
            {"id": f"concept-{number}", "explained_in": [f"{lessons[number % 12][3:]}/start"],
             "texts": {"en": {"name": NAMES[number % len(NAMES)], "definition": text}}}
            for number, text in enumerate(definitions)
        ],
    }  # fmt: skip
    (folder / "course.yaml").write_text(to_yaml(manifest), "utf-8")
    return folder


def _lesson(kind: str, payloads: list[str]) -> str:
    front = to_yaml({"title": NAMES[2], "summary": NAMES[1]})
    directives = "\n\n".join(f"::question[{NAMES[number]}]{{{kind}-{number}}}" for number in range(QUESTIONS))
    return f"---\n{front}---\n\n## Start {{#start}}\n\n{directives}\n\n" + "\n\n".join(_importable(payloads))


def _importable(payloads: list[str]) -> Iterator[str]:
    """Those without errors; last one that swallows what comes behind it."""
    swallowing, ids = "", {"start"}
    for payload in payloads:
        rendered = render_lesson(f"{payload}\n\nsentinel\n")
        if "\0" in payload or _has_errors(rendered) or ids & rendered.ids:
            continue
        if "<p>sentinel</p>" not in "".join(part.get("html", "") for part in rendered.parts):
            swallowing = payload
            continue
        ids |= rendered.ids
        yield payload
    yield swallowing


def _has_errors(rendered: RenderedLesson) -> bool:
    body = ParsedBody("lesson.en.md", "en", "x", "", "", 1, rendered)
    problems = [*rendered.problems, *lesson_problems(ParsedLesson("x", 1, "01-x", {"en": body}))]
    places = any(directive.name == "preset" for directive in rendered.directives)
    return places or any(problem.severity == "error" for problem in problems)


def _questions(kind: str, payloads: list[str]) -> dict[str, Any]:
    texts = [text for text in payloads if len(text) < 2_000 and "\0" not in text]
    entries = [_question(f"{kind}-{number}", texts[number : number + 4]) for number in range(QUESTIONS)]
    card = {"front": texts[-1], "back": texts[-2]}
    return {
        "quiz": {"id": kind, "texts": {"en": {"title": NAMES[0]}}, "questions": [entry["id"] for entry in entries]},
        "questions": [*entries, {"id": f"{kind}-card", "kind": "flashcard", "section": "start", "texts": {"en": card}}],
    }


def _question(name: str, texts: list[str]) -> dict[str, Any]:
    prompt, feedback, first, second = texts
    choices = {"a": {"text": first, "feedback": second}, "b": {"text": second, "feedback": first}}
    shown = {"prompt": prompt, "choices": choices, "feedback": feedback}
    head = {"id": name, "kind": "single_choice", "section": "start", "choices": ["a", "b"], "key": "a"}
    return {**head, "texts": {"en": shown}}

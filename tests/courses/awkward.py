"""What becomes of the awkward notes beside this file, written so that a person can read it.

    .venv/bin/python -m tests.courses.awkward          # what has changed, as a difference
    .venv/bin/python -m tests.courses.awkward --write  # the same, and it is taken for what is expected from now on

Read the difference before you write it: the files `*.expected.md` are judged by people, the test only compares.
"""

import difflib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

AWKWARD = Path(__file__).parent / "notes" / "awkward"
FILES = sorted(file for file in AWKWARD.glob("[0-9][0-9]-*.md") if not file.name.endswith(".expected.md"))


def expected_file(notes: Path) -> Path:
    return notes.with_name(f"{notes.stem}.expected.md")


def drafted(notes: Path, folder: Path) -> str:
    """Draft the notes into the folder; return the report and the course, or why there is none."""
    from django.core.management import CommandError, call_command

    try:
        call_command("draft_course", notes, folder, slug="awkward", verbosity=0)
    except CommandError as error:
        return f"Refused: {str(error).replace(f'{notes.parent}/', '')}\n"
    course = yaml.safe_load((folder / "course.yaml").read_text())
    (locale,) = course["locales"]
    parts = [(folder / "REPORT.md").read_text(), f"# Course: {course['texts'][locale]['title']} ({locale})"]
    for lesson in course["lessons"]:
        parts += ["", *_lesson(folder / lesson, locale)]
    return "\n".join(parts) + "\n"


def _lesson(folder: Path, locale: str) -> Iterator[str]:
    text = (folder / f"lesson.{locale}.md").read_text()
    _, front, markdown = text.split("---\n", 2)
    matter = yaml.safe_load(front)
    yield f"## {folder.name}: {matter['title']}"
    yield f"\nSummary: {matter['summary'] or 'none'}"
    lines = [line if len(line) < 400 else f"{line[:200]}… ({len(line)} signs)" for line in markdown.strip().split("\n")]
    yield "\n".join(["\n~~~~~~ markdown", *lines, "~~~~~~"])
    questions = yaml.safe_load((folder / "questions.yaml").read_text()) if (folder / "questions.yaml").exists() else {}
    asked = [question for question in questions.get("questions", []) if question["kind"] != "flashcard"]
    cards = [question for question in questions.get("questions", []) if question["kind"] == "flashcard"]
    assert [question["id"] for question in asked] == questions.get("quiz", {}).get("questions", [])
    yield from (f"\n{_question(question, locale)}" for question in asked)
    yield from ["\nFlashcards:\n"] if cards else []
    for card in cards:
        sides = card["texts"][locale]
        yield f"- {_line(sides['front'])} → {_line(sides['back'])} ({card.get('section', 'no section')})"
    if (folder / "experiments.yaml").exists():
        yield "\nExperiments:\n"
        for entry in yaml.safe_load((folder / "experiments.yaml").read_text())["experiments"]:
            yield f"- {entry['id']} ({entry.get('section', 'no section')}): {_layers(entry['spec'])}"
    yield from (f"\nPicture: {file.name}" for file in sorted(folder.glob("picture-*")))


def _question(question: dict[str, Any], locale: str) -> str:
    texts = question["texts"][locale]
    head = f"{question['id']} ({question['kind']}, {question.get('section', 'no section')}): "
    head += _line(texts.get("prompt") or texts["text"])
    lines = [f"- {line}" for line in _answers(question, texts)]
    feedback = [f"- feedback: {_line(texts['feedback'])}"] if "feedback" in texts else []
    return "\n".join([head, *lines, *feedback])


def _answers(question: dict[str, Any], texts: dict[str, Any]) -> Iterator[str]:
    """The right answers are in [square brackets]."""
    if question["kind"] == "true_false":
        yield f"[{'true' if question['key'] else 'false'}]"
    elif question["kind"] in ("single_choice", "multiple_choice"):
        for choice in question["choices"]:
            text = _line(texts["choices"][choice]["text"])
            yield f"[{text}]" if choice in question["key"] else text
    else:
        for name, blank in question["blanks"].items():
            options = texts["blanks"][name].get("options", {})
            shown = [f"[{text}]" if option == blank.get("key") else text for option, text in options.items()]
            typed = [f"[{text}] typed" for text in texts["blanks"][name].get("accept", [])]
            yield f"{name}: {' | '.join(shown + typed)}"


def _layers(spec: dict[str, Any]) -> str:
    layers = [" ".join(str(value) for value in layer.values()) for layer in spec["layers"]]
    return f"{' → '.join(layers)}; {spec['optimizer']['kind']}, {spec['epochs']} epochs"


def _line(text: str) -> str:
    """On one line, with ⏎ where a line ends."""
    return " ⏎ ".join(line.rstrip() for line in text.strip().split("\n"))


def main(arguments: list[str]) -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    wanted = [argument for argument in arguments if argument != "--write"]
    for notes in FILES:
        if wanted and not any(notes.name.startswith(name) for name in wanted):
            continue
        with tempfile.TemporaryDirectory() as folder:
            now = drafted(notes, Path(folder) / "course")
        file = expected_file(notes)
        before = file.read_text() if file.exists() else ""
        names = (f"expected/{notes.name}", f"now/{notes.name}")
        sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), now.splitlines(True), *names))
        if "--write" in arguments:
            file.write_text(now)


if __name__ == "__main__":
    main(sys.argv[1:])

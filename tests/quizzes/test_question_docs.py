"""What `docs/questions.md` tells authors is so."""

import re
from pathlib import Path

from courses.documents import read_yaml
from courses.yaml_writing import to_yaml
from quizzes.importing import IN_QUESTIONS, read_questions

DOCS = (Path(__file__).resolve().parent.parent.parent / "docs" / "questions.md").read_text()
EXAMPLES = [
    question
    for block in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    for question in read_yaml(block, "questions.md").value
]


def test_every_example_can_be_imported() -> None:
    draft, problems = read_questions(read_yaml(to_yaml({"questions": EXAMPLES}), "questions.yaml"))
    assert problems == []
    assert [one.id for one in draft.questions] == [example["id"] for example in EXAMPLES]


def test_every_kind_has_a_heading_and_an_example() -> None:
    assert {example["kind"] for example in EXAMPLES} == {*IN_QUESTIONS}
    assert {*re.findall(r"^## .*: `([a-z_]+)`$", DOCS, re.MULTILINE)} == {*IN_QUESTIONS}

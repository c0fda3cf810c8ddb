"""Multiple choice in the Aiken format."""

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.interchange import aiken
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault

QUESTION = """\
What does the loss do if the learning rate is far too large?
A. It grows
B) It falls * faster
C. Nothing
ANSWER: A
"""


def entries(content: bytes) -> list[Entry]:
    bodies = [item.body for item in aiken.read(content, "en")]
    return [Entry("q", "", kinds.parse(body), (), "") for body in bodies if body]


def body_with(prompt: str, *choices: str, **more: Any) -> dict[str, Any]:
    names = [f"c{place}" for place in range(1, len(choices) + 1)]
    texts = {"prompt": prompt, "choices": {name: {"text": text} for name, text in zip(names, choices, strict=True)}}
    return {"kind": "single_choice", "choices": names, "key": "c1", "texts": {"en": {**texts, **more}}}


def written(body: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    result = aiken.write([Entry("q", "", kinds.parse(body), (), "")], "en")
    return result.content.decode(), result.left_out


def test_it_reads_a_question():
    [item] = aiken.read(QUESTION.encode(), "zh-hans")
    assert (item.line, item.refused, item.notes) == (1, "", ())
    assert item.body == {
        "kind": "single_choice",
        "choices": ["it-grows", "it-falls-faster", "nothing"],
        "key": "it-grows",
        "texts": {
            "zh-hans": {
                "prompt": "What does the loss do if the learning rate is far too large?",
                "choices": {
                    "it-grows": {"text": "It grows"},
                    "it-falls-faster": {"text": r"It falls \* faster"},
                    "nothing": {"text": "Nothing"},
                },
            }
        },
    }


def test_blank_lines_and_windows_line_ends_mean_nothing():
    spaced = "\ufeff\r\n" + QUESTION.replace("\n", "\r\n\r\n")
    assert [item.body for item in aiken.read(spaced.encode(), "en")] == [
        item.body for item in aiken.read(QUESTION.encode(), "en")
    ]


def test_a_text_of_several_lines():
    [item] = aiken.read(b"Look:\nx = 1\n\nWhat is x?\nA. 1\nB. 2\nANSWER: b\n", "en")
    assert item.body is not None
    assert item.body["texts"]["en"]["prompt"] == "Look:  \nx = 1\n\nWhat is x?"
    assert item.body["key"] == "2"


@pytest.mark.parametrize(
    ("text", "line", "refused"),
    [
        ("What?\nA. a\nB. b\nANSWER: E\n", 1, "Line 4: one letter of a choice was expected; there is A, B."),
        ("What?\nA. a\nB. b\nANSWER: A, B\n", 1, "Line 4: one letter of a choice was expected; there is A, B."),
        ("What?\nA. a\nB. b\nANSWER:\n", 1, "Line 4: one letter of a choice was expected; there is A, B."),
        ("What?\nA. a\nA. b\nANSWER: A\n", 1, "Line 3: the letter A stands for two choices."),
        ("What?\nA. a\nB. b\n", 5, "Line 5: a choice (A. or A) and a space) or ANSWER: was expected."),
        ("A. a\nB. b\nANSWER: A\n", 1, "Line 1: a choice stands where the text of a question was expected."),
        ("ANSWER: A\n", 1, "Line 1: ANSWER: stands where the text of a question was expected."),
        ("What?\nA. a\nANSWER: A\n", 1, "choices: List should have at least 2 items"),
    ],
)
def test_it_refuses_one_question_and_reads_the_next(text, line, refused):
    items = aiken.read(f"{text}\n{QUESTION}".encode(), "en")
    assert len(items) == 2
    assert refused in items[0].refused
    assert items[0].body is None
    assert items[1].body is not None
    assert (items[0].line if line == 1 else items[1].line) == line


def test_a_question_that_is_never_answered():
    [item] = aiken.read(b"What?\nA. a\nB. b", "en")
    assert item.refused == "Line 1: the question that begins here has no ANSWER: line."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"What\xe9?\nA. a", "Byte 5 of the file .0xE9, in line 1. is not UTF-8"),
        (b"Q\nA. a\nB. b\nANSWER: A\n" * (MAX_ITEMS + 1), "more than 5,000 questions"),
    ],
)
def test_it_cannot_read_the_file(content, message):
    with pytest.raises(FileFault, match=message):
        aiken.read(content, "en")


def test_it_writes_what_it_has_read():
    assert aiken.write(entries(QUESTION.encode() + b"\n" + QUESTION.encode()), "en").content.decode() == (
        QUESTION.replace("B)", "B.") + "\n" + QUESTION.replace("B)", "B.")
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (body_with("one\n\ntwo", "a", "b"), "A text has several lines, and Aiken has one for each."),
        (body_with("A. Einstein was?", "a", "b"), "Its text begins like a choice or an answer of Aiken."),
        (
            {"kind": "true_false", "key": True, "texts": {"en": {"prompt": "x"}}},
            "Aiken has only questions with one right choice, none of the kind true_false.",
        ),
        (
            {**body_with("x", "a", "b"), "texts": {"de": body_with("x", "a", "b")["texts"]["en"]}},
            "The question has no texts in the language en.",
        ),
    ],
)
def test_it_says_what_it_leaves_out(body, reason):
    assert written(body) == ("", (("q", reason),))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (body_with("Is **SGD** slow?", "a", "b"), "its formatting"),
        (body_with("x", "a", "b", feedback="f"), "its feedback"),
        (body_with("x", "a", "b", hints=["h"]), "its hints"),
    ],
)
def test_it_says_what_it_writes_in_part(body, what):
    text, left_out = written(body)
    assert text.endswith("A. a\nB. b\nANSWER: A\n")
    assert left_out == (("q", f"Written without {what}: Aiken holds none."),)


TEXT = st.text(st.sampled_from("ABab. )*_`$<&#\\\n人"), min_size=1, max_size=12).filter(str.strip)


@given(TEXT, st.lists(TEXT, min_size=2, max_size=4))
@settings(max_examples=150)
def test_what_is_written_is_read_and_written_the_same(prompt, choices):
    body = kinds.parse(body_with(prompt, *choices))
    first = aiken.write([Entry("q", "", body, (), "")], "en")
    again = entries(first.content)
    assert len(again) == (1 if first.content else 0)
    second = aiken.write(again, "en")
    assert second.content == first.content
    assert second.left_out == ()


LINES = st.sampled_from(["What?", "A. a", "B) b", "A.", "ANSWER: A", "ANSWER: B", "ANSWER:", "", "  ", "**y**", "$a$"])


@given(st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=40))
@settings(max_examples=150)
def test_it_reads_any_text_and_writes_what_it_has_read(text):
    content = text.encode(errors="replace").replace(b"\0", b"")
    items = aiken.read(content, "en")
    assert all((item.body is None) == bool(item.refused) for item in items)
    result = aiken.write(entries(content), "en")
    if not result.left_out:
        assert [item.body for item in aiken.read(result.content, "en")] == [item.body for item in items if item.body]


@pytest.mark.parametrize("piece", ["A. ", "A. a\n", "a\n", "ANSWER: A\n", "ANSWER:", "\n", "$", "\\(", "*", "A) $\n"])
def test_its_time_grows_with_the_length(piece):
    began = time.process_time()
    with suppress(FileFault):
        aiken.read((piece * (100_000 // len(piece))).encode(), "en")
    assert time.process_time() - began < 5

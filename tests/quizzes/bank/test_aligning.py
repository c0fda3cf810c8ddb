"""Ids of a file that has none become those of the course."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.bank.aligning import align
from quizzes.interchange.naming import ids_for


def choices(ids: list[str], texts: list[str], key: str) -> dict[str, Any]:
    described = {name: {"text": text} for name, text in zip(ids, texts, strict=True)}
    return {"kind": "single_choice", "choices": ids, "key": key, "texts": {"en": {"prompt": "?", "choices": described}}}


def test_what_reads_the_same_is_the_same_wherever_it_stands() -> None:
    own = choices(["a", "b", "c"], ["one", "two", "three"], "b")
    found = align(choices(["three", "one", "two"], ["three", "one", "two"], "two"), own, "en")
    assert found == choices(["c", "a", "b"], ["three", "one", "two"], "b")


def test_one_that_is_new_takes_no_id_of_another() -> None:
    own = choices(["a", "b"], ["one", "two"], "a")
    found = align(choices(["one", "two", "b"], ["one", "two", "b"], "one"), own, "en")
    assert found["choices"] == ["a", "b", "b-2"]
    kinds.parse(found)


def test_one_that_is_gone_leaves_the_others_as_they_are() -> None:
    own = choices(["a", "b", "c"], ["one", "two", "three"], "a")
    assert align(choices(["two", "one"], ["two", "one"], "one"), own, "en")["choices"] == ["b", "a"]


WORDS = st.lists(
    st.sampled_from(["up", "down", "left", "right", "in", "out", "c1"]), min_size=2, max_size=6, unique=True
)


@given(WORDS, WORDS, WORDS)
def test_it_stays_a_question_with_the_same_texts(ids: list[str], before: list[str], after: list[str]) -> None:
    size = min(len(ids), len(before))
    own = choices(ids[:size], before[:size], ids[0]) if size >= 2 else choices(["a", "b"], before[:2], "a")
    written = choices(ids_for(after), after, ids_for(after)[0])
    found = align(written, own, "en")
    kinds.parse(found)
    read = [found["texts"]["en"]["choices"][name]["text"] for name in found["choices"]]
    assert read == after
    assert found["texts"]["en"]["choices"][found["key"]]["text"] == after[0]
    assert align(found, own, "en") == found

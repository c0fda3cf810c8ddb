"""What all formats of questions share: the bytes of a file, ids, concepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange.bodies import is_id
from quizzes.interchange.decoding import decoded
from quizzes.interchange.items import FileFault
from quizzes.interchange.naming import concepts_of, ids_for


@pytest.mark.parametrize(
    ("texts", "ids"),
    [
        (["A rate of 0.1", "Überanpassung", "学习率"], ["a-rate-of-0-1", "uberanpassung", "c3"]),
        (["relu", "ReLU!", "relu"], ["relu", "relu-2", "relu-3"]),
        (["使用 **ReLU** <sup>2</sup> &lt;"], ["relu-2"]),
        (["the learning rate is much too large for this loss"], ["the-learning-rate-is-much-too-large-for"]),
        (["x" * 60], ["x" * 40]),
        (["c2", "激活"], ["c2", "c2-2"]),
        ([], []),
    ],
)
def test_ids_are_made_of_the_texts(texts, ids):
    assert ids_for(texts) == ids


@given(st.lists(st.text(max_size=60), max_size=12))
def test_ids_are_ids_and_unique(texts):
    ids = ids_for(texts)
    assert len(set(ids)) == len(texts)
    assert all(is_id(name) for name in ids)


def test_concepts_among_tags():
    concepts, notes = concepts_of([" loss ", "concept:learning-rate", "loss", "Very Hard", "", "concept:"])
    assert concepts == ("loss", "learning-rate")
    assert notes == ("The tag “Very Hard” is no id of a concept and was not kept.",)


def test_the_text_of_a_file():
    assert decoded("\ufeffa\r\nb\rc\n".encode()) == "a\nb\nc\n"


def test_a_file_in_another_encoding_is_refused_with_its_byte():
    with pytest.raises(FileFault) as refused:
        decoded("a\nGröße".encode("cp1252"))
    assert refused.value.line == 2
    assert refused.value.message == "Byte 5 of the file (0xF6, in line 2) is not UTF-8. Save the file as UTF-8."


@given(st.binary(max_size=50))
def test_any_bytes_are_text_or_refused(content):
    try:
        text = decoded(content)
    except FileFault as fault:
        text = fault.message
    assert "\r" not in text
    assert text or not content.removeprefix(b"\xef\xbb\xbf")

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.kinds.typed_text import normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Forward  Pass", "forward pass"),
        ("ｆｏｒｗａｒｄ　ｐａｓｓ", "forward pass"),
        ("hyper-parameter", "hyperparameter"),
        ("“学习率”。", "学习率"),
        ("Keras 模型", "Keras模型"),
        ("STRASSE", "straße"),
        ("−1", "-1"),
        ("relu()", "ReLU"),
        ("0.01.", "0.01"),
    ],
)
def test_typed_answers_are_the_same(one, other) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"), [("-1", "1"), ("1e-4", "1e4"), ("0.1", "01"), ("前向", "反向"), ("c#", "c"), ("...", "。")]
)
def test_typed_answers_differ(one, other) -> None:
    assert normal(one) != normal(other)


@given(st.text(max_size=40))
def test_how_a_device_composes_its_signs_makes_no_difference(text) -> None:
    assert normal(unicodedata.normalize("NFD", text)) == normal(unicodedata.normalize("NFC", text))


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_full_width_signs_are_as_good_as_half_width_ones(text) -> None:
    assert normal(text.translate({sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)})) == normal(text)

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.kinds.base import plain
from quizzes.memory.reviewing.typed import Comparison, breaks, compare, slip


def told(comparison: Comparison) -> str:
    signs = {"same": "{}", "extra": "-{}-", "missing": "+{}+"}
    return "".join(signs[piece.kind].format(piece.text) for piece in comparison.pieces)


class TestWords:
    def test_what_is_missing_stands_in_its_place(self) -> None:
        found = compare("one pass over the set", "One pass over the training set.")
        assert told(found) == "One pass over the +training +set+.+"
        assert (found.same, found.expected) == (5, 6)

    def test_what_is_too_much_comes_before_what_is_missing(self) -> None:
        assert told(compare("a big step", "a small step")) == "a -big -+small +step"

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("  learning   rate ", "Learning rate"),
            ("ｌｅａｒｎｉｎｇ　ｒａｔｅ", "learning rate"),
            ("Learning rate", "learning rate."),
            ("don’t stop", "don't stop"),
            ("０．０１", "0.01"),
            ("café", "cafe\u0301"),
        ],
    )
    def test_width_case_spacing_and_punctuation_are_never_wrong(self, typed: str, expected: str) -> None:
        assert compare(typed, expected).is_same

    def test_nothing_typed_is_all_missing(self) -> None:
        found = compare(" ", "new data")
        assert told(found) == "+new data+"
        assert (found.same, found.expected) == (0, 2)


class TestChinese:
    def test_it_is_compared_sign_by_sign(self) -> None:
        assert told(compare("遍历训集一次", "遍历训练集一次。")) == "遍历训+练+集一次+。+"

    def test_a_space_between_chinese_and_latin_is_a_matter_of_taste(self) -> None:
        assert compare("用GPU训练,再测试", "用 GPU 训练，再测试").is_same

    def test_latin_inside_stays_a_word(self) -> None:
        assert told(compare("一个batch的样本", "一个 epoch 的样本")) == "一个 -batch-+epoch +的样本"


class TestCode:
    def test_signs_of_code_are_compared_each(self) -> None:
        found = compare("model.fit(x, y, epoch=10)", "model.fit(x, y, epochs=10)")
        assert told(found) == "model.fit(x, y, -epoch-+epochs+=10)"

    def test_an_operator_is_no_punctuation(self) -> None:
        assert not compare("w + r * g", "w - r * g").is_same

    def test_one_word_may_be_compared_by_its_signs(self) -> None:
        assert told(compare("categorial", "categorical", by_sign=True)) == "categori+c+al"


class TestASlip:
    def test_it_is_shown_against_the_nearest_right_answer(self) -> None:
        found = slip("foward pass", ["forward propagation", "forward pass"])
        assert found is not None
        assert told(found) == "fo+r+ward pass"

    @pytest.mark.parametrize("typed", ["backpropagation", "", "forward pass", "Forward-pass", "x" * 300])
    def test_another_answer_or_the_right_one_is_no_slip(self, typed: str) -> None:
        assert slip(typed, ["forward pass"]) is None

    def test_a_wrong_sign_of_a_chinese_word_is_one(self) -> None:
        found = slip("前相传播", ["前向传播"])
        assert found is not None
        assert told(found) == "前-相-+向+传播"


def test_blocks_do_not_grow_together() -> None:
    assert plain(breaks("<p>one</p><p>two<br>three</p>")).split() == ["one", "two", "three"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_hold_both_texts(typed: str, expected: str) -> None:
    found = compare(typed, expected)
    kept = "".join(piece.text for piece in found.pieces if piece.kind != "extra")
    assert "".join(kept.split()) == "".join(_composed(expected).split())


@given(st.text(max_size=60))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert compare(text, text).is_same


def test_what_differs_in_very_long_texts_is_one_piece() -> None:
    found = compare("same " + "a b " * 10_000, "same " + "b c " * 10_000)
    assert [piece.kind for piece in found.pieces] == ["same", "extra", "missing"]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)

import copy
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.kinds.typed_text import normal

CHOICE = {
    "kind": "single_choice",
    "choices": ["a", "b"],
    "key": "a",
    "texts": {
        "en": {
            "prompt": "Which *one*?",
            "choices": {"a": {"text": "**A**", "feedback": "Yes"}, "b": {"text": "B", "feedback": "No"}},
            "feedback": "Because",
        }
    },
}
CLOZE = {
    "kind": "cloze",
    "blanks": {"n": {"input": "type"}, "kind": {"input": "choose", "options": ["x", "y"], "key": "x"}},
    "texts": {
        "en": {
            "text": "Use `Dense(units=[[n]])`, a [[kind]] layer.",
            "blanks": {"n": {"accept": ["secret"]}, "kind": {"options": {"x": "dense", "y": "sparse"}}},
            "feedback": "The feedback",
        }
    },
}
CARD = {"kind": "flashcard", "texts": {"en": {"front": "F", "back": "B"}}}


def changed(body, **values):
    return {**copy.deepcopy(body), **values}


@pytest.mark.parametrize("body", [CHOICE, CLOZE, CARD], ids=lambda body: body["kind"])
def test_it_reads_each_kind_and_gives_back_what_was_written(body) -> None:
    assert kinds.parse(body).model_dump(mode="json", exclude_unset=True) == body


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "essay"},
        {"kind": ["single_choice"]},
        changed(CHOICE, surprise=1),
        changed(CHOICE, key="c"),
        changed(CHOICE, choices=["a", "a"]),
        changed(CHOICE, choices=["a", True]),
        changed(CHOICE, choices=["a", "b", "c"]),
        changed(CHOICE, texts={}),
        changed(CHOICE, texts={"EN": CHOICE["texts"]["en"]}),
        changed(CLOZE, blanks={"n": {"input": "type"}}),
        changed(CLOZE, blanks={**CLOZE["blanks"], "n": {"input": "draw"}}),
        changed(CLOZE, texts={"en": {**CLOZE["texts"]["en"], "text": "[[n]] [[n]] [[kind]]"}}),
        changed(CARD, texts={"en": {"front": "F", "back": ""}}),
    ],
)
def test_it_refuses_what_does_not_fit(body) -> None:
    with pytest.raises((ValidationError, kinds.UnknownKindError)):
        kinds.parse(body)


def test_a_typed_blank_needs_accepted_answers_and_a_chosen_one_takes_none() -> None:
    texts = copy.deepcopy(CLOZE["texts"])
    texts["en"]["blanks"]["n"] = {}
    with pytest.raises(ValidationError, match="needs accept"):
        kinds.parse(changed(CLOZE, texts=texts))
    texts = copy.deepcopy(CLOZE["texts"])
    texts["en"]["blanks"]["kind"]["accept"] = ["dense"]
    with pytest.raises(ValidationError, match="chosen, not typed"):
        kinds.parse(changed(CLOZE, texts=texts))


def test_the_public_view_of_a_choice_shows_texts_and_hides_key_and_feedback() -> None:
    body = kinds.parse(CHOICE)
    shown = body.public(body.render(render_fragment)["en"]).model_dump()
    assert shown == {
        "kind": "single_choice",
        "prompt": "<p>Which <em>one</em>?</p>",
        "choices": [{"id": "a", "text": "<strong>A</strong>"}, {"id": "b", "text": "B"}],
    }


def test_the_public_view_of_a_cloze_keeps_its_blanks_in_prose_and_code_and_hides_the_answers() -> None:
    body = kinds.parse(CLOZE)
    shown = body.public(body.render(render_fragment)["en"]).model_dump()
    assert "<code>Dense(units=[[n]])</code>" in shown["text"]
    assert "a [[kind]] layer" in shown["text"]
    assert shown["blanks"][0] == {"name": "n", "input": "type", "options": []}
    assert [option["id"] for option in shown["blanks"][1]["options"]] == ["x", "y"]
    assert not {"secret", "key", "accept", "The feedback"} & set(str(shown).replace("'", " ").split())
    assert "secret" not in str(shown)
    assert "feedback" not in str(shown)


def test_a_blank_in_highlighted_code_survives() -> None:
    texts = copy.deepcopy(CLOZE["texts"])
    texts["en"]["text"] = "```python\nDense(units=[[n]])\n```\n\nA [[kind]] layer."
    body = kinds.parse(changed(CLOZE, texts=texts))
    assert body.render(render_fragment)["en"]["text"].count("[[n]]") == 1


@pytest.mark.parametrize("text", ["$x^{[[n]]}$ [[kind]]", "[link](https://example.org/[[n]]) [[kind]]"])
def test_a_blank_where_none_can_be_typed_is_refused(text) -> None:
    texts = copy.deepcopy(CLOZE["texts"])
    texts["en"]["text"] = text
    with pytest.raises(ValueError, match="stands where none can be"):
        kinds.parse(changed(CLOZE, texts=texts)).render(render_fragment)


def test_a_flashcard_shows_both_sides() -> None:
    body = kinds.parse(CARD)
    assert body.public(body.render(render_fragment)["en"]).model_dump() == {
        "kind": "flashcard",
        "front": "<p>F</p>",
        "back": "<p>B</p>",
    }


def test_hostile_markdown_comes_out_harmless() -> None:
    body = kinds.parse(changed(CARD, texts={"en": {"front": "<script>alert(1)</script>x", "back": "B"}}))
    assert "<script" not in body.render(render_fragment)["en"]["front"]


def test_the_hash_knows_content_and_not_order() -> None:
    reordered = {key: CHOICE[key] for key in reversed(CHOICE)}
    assert kinds.content_hash(kinds.parse(CHOICE)) == kinds.content_hash(kinds.parse(reordered))
    assert kinds.content_hash(kinds.parse(CHOICE)) != kinds.content_hash(kinds.parse(changed(CHOICE, key="b")))


def test_texts_fall_back_to_the_first_language_of_the_course() -> None:
    rendered = {"en": {"front": "F"}, "zh-hans": {"front": "正"}}
    assert kinds.in_locale(rendered, "zh-hans", "en") == {"front": "正"}
    assert kinds.in_locale(rendered, "de", "en") == {"front": "F"}


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

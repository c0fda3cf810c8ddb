import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.kinds.base import Sheet

CODE = """\
model = Sequential([
    Dense([[units]], input_shape=[[shape]], activation="[[function]]"),
])
model.compile(optimizer=[[optimizer]](learning_rate=[[rate]]))
"""
SAMPLE = {
    "kind": "code_cloze",
    "language": "python",
    "code": CODE,
    "blanks": {
        "units": {"accept": ["16"]},
        "shape": {"accept": ["(2,)"]},
        "function": {"accept": ["relu"]},
        "optimizer": {"options": ["SGD", "Adam", "RMSprop"], "key": "Adam"},
        "rate": {"accept": ["0.001"]},
    },
    "texts": {"en": {"prompt": "Complete the *listing*.", "feedback": "Sixteen nodes read two features."}},
}
RIGHT = {"blanks": {"units": "16", "shape": "( 2, )", "function": "relu", "optimizer": "Adam", "rate": "1e-3"}}
WRONG = {"blanks": {"units": "15", "shape": "(2)", "function": "Relu", "optimizer": "SGD", "rate": "0.01"}}
FORM = {f"blank-{name}": text for name, text in RIGHT["blanks"].items()}
SECRETS = ["(2,)", "relu", "0.001", "1e-3", "Sixteen", "accept"]

BODY = kinds.parse(SAMPLE)


def body(code, accept, **fields):
    return kinds.parse(
        {
            "kind": "code_cloze",
            "code": code,
            "blanks": {"x": {"accept": accept}},
            "texts": {"en": {"prompt": "P"}},
            **fields,
        }
    )


def is_right(asked, typed):
    graded = grading.grade(asked, {"blanks": {"x": typed}})
    assert isinstance(graded, Graded), graded
    return graded.score == 1


def listing(asked):
    return asked.render(render_fragment)["en"]["code"]


# --- marks -----------------------------------------------------------------------------------------------------------


def test_the_mark_is_the_share_of_right_blanks() -> None:
    graded = grading.grade(BODY, {"blanks": {"units": "16", "optimizer": "Adam", "rate": "0.01"}})
    assert graded.score == 2 / 5
    assert graded.parts == {"units": True, "shape": False, "function": False, "optimizer": True, "rate": False}


@pytest.mark.parametrize(
    ("code", "accept", "right", "wrong"),
    [
        ("Dense([[x]])", ["16"], ["16", " 16 ", "016", "16,"], ["16.0", "16)", "units=16"]),
        ("Dense([[x]], 'relu')", ["16"], ["16"], ["16,"]),
        ("input_shape=([[x]])", ["2,"], ["2,", " 2 , "], ["2"]),
        ("Dense(16, [[x]])", ["activation='relu'"], ['activation = "relu"', "activation=“relu”"], ["activation=relu"]),
        ('Dense(16, "[[x]]")', ["relu"], ["relu", " relu "], ["re lu", 'relu"', "Relu"]),
        ("SGD(lr=[[x]])", ["0.01"], ["0.01", ".01", "1e-2", "1E-2", "0.010"], ["0.1", "0,01", "1e-2 # ten"]),
        ("SGD(lr=1e-[[x]])", ["2"], ["2", "02"], ["3"]),
        ("import [[x]] as np", ["numpy"], ["numpy"], ["Numpy", "numpy as np, x"]),
        ("a [[x]] b", ["not in"], ["not  in"], ["notin", "in"]),
    ],
)
def test_what_is_typed_is_compared_in_its_place(code, accept, right, wrong) -> None:
    asked = body(code, accept)
    assert [typed for typed in right if not is_right(asked, typed)] == []
    assert [typed for typed in wrong if is_right(asked, typed)] == []


@given(typed=st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_any_text_gets_a_mark(typed) -> None:
    graded = grading.grade(BODY, {"blanks": {"function": typed, "rate": typed}})
    assert 0 <= graded.score <= 1


@pytest.mark.parametrize(
    ("blanks", "pointer", "code"),
    [
        ({}, "/blanks", "empty"),
        ({"units": "  "}, "/blanks", "empty"),
        ({"epochs": "3"}, "/blanks", "unknown_blank"),
        ({"optimizer": "Nadam"}, "/blanks/optimizer", "unknown_option"),
        ({"units": "1" * 301}, "/blanks/units", "too_long"),
    ],
)
def test_what_is_no_response_is_refused_with_the_place(blanks, pointer, code) -> None:
    refused = grading.grade(BODY, {"blanks": blanks})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == (pointer, code)


def test_a_form_gives_the_response_back() -> None:
    assert BODY.response_from_form(BODY.form_of(RIGHT)) == RIGHT


# --- the listing -----------------------------------------------------------------------------------------------------


def test_the_listing_is_highlighted_and_holds_each_blank_once() -> None:
    html = listing(BODY)
    assert '<span class="n">model</span>' in html
    assert '<span class="s2">"[[function]]"</span>' in html
    assert sorted(re.findall(r"\[\[(\w+)\]\]", html)) == sorted(SAMPLE["blanks"])


def test_brackets_that_name_no_blank_are_code() -> None:
    html = listing(body('x = [[0]] + [["a"]]  # [[0]]\ny = [[x]]', ["1"]))
    public_pieces = kinds.code_cloze.PublicCodeCloze(
        prompt="", language="python", code=html, source="", blanks=[{"name": "x", "input": "type", "options": []}]
    ).laid_out(Sheet())
    assert [piece.name for piece in public_pieces] == ["", "x", ""]
    assert "[[0]]" in public_pieces[0].html


def test_code_cannot_end_its_block_or_bring_markup() -> None:
    html = listing(body("~~~~\n```\n</pre><script>alert(1)</script>\n# [[x]] {{ x }}", ["1"]))
    assert html.count("<pre") == html.count("</pre>") == 1
    assert "<script" not in html
    assert "~~~~" in html


def test_options_are_shuffled_for_a_sitting_and_marked_alike() -> None:
    orders = {
        tuple(
            blank.id
            for blank in BODY.asked(seed, shuffle=True).public(BODY.render(render_fragment)["en"]).blanks[3].options
        )
        for seed in range(20)
    }
    assert len(orders) > 1
    assert BODY.asked(1).blanks == BODY.blanks


# --- authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "Dense(16)"}, r"the code must hold each blank once: \[\[units\]\]"),
        ({"code": CODE + "# [[units]]"}, r"the code must hold each blank once: \[\[units\]\]"),
        ({"code": "x" * 5001}, "at most 5000"),
        ({"language": "r"}, "'python'"),
        ({"blanks": {}}, "at least 1"),
        ({"blanks": {"units": {"accept": []}}}, "at least 1"),
        ({"blanks": {"units": {"accept": [" "]}}}, "an accepted answer is empty"),
        ({"blanks": {"units": {"accept": ["1\n2"]}}}, "String should match"),
        ({"blanks": {"units": {"options": ["1", "2"], "key": "3"}}}, "the key '3' is none of the options"),
        ({"blanks": {"units": {"options": ["1", "1"], "key": "1"}}}, "an option stands twice"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**SAMPLE, **changes})


def test_a_wrong_option_that_is_the_same_code_is_refused() -> None:
    with pytest.raises(ValidationError, match="a wrong option of x is the same code as the right one"):
        body("f([[x]])", [], blanks={"x": {"options": ["'relu'", '"relu"'], "key": "'relu'"}})


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_has_a_field_at_each_blank_and_says_of_each_what_was_right(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    before = client.get(address).content.decode()
    for number in range(1, 6):
        assert f'aria-label="Blank {number}"' in before
    assert before.count("<select") == 1
    form = {**FORM, "blank-function": "<b>tanh</b>", "blank-rate": ""}
    after = client.post(address, form, follow=True).content.decode()
    assert "3 of 5 are right" in after
    assert "<s>&lt;b&gt;tanh&lt;/b&gt;</s>" in after
    assert after.count("right answer:") == 2

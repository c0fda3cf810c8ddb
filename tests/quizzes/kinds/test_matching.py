import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.models import Response

SAMPLE = {
    "kind": "matching",
    "pairs": ["relu", "sigmoid", "linear"],
    "distractors": ["spare"],
    "texts": {
        "en": {
            "prompt": "Which *range* has each?",
            "left": {"relu": "`relu`", "sigmoid": "sigmoid", "linear": "linear"},
            "right": {
                "relu": "nothing below **nought**",
                "sigmoid": "between nought and one",
                "linear": "any number",
                "spare": "between minus one and one",
            },
            "feedback": "Look at the curves.",
        }
    },
}
BODY = kinds.parse(SAMPLE)
TEXTS = BODY.render(render_fragment)["en"]
SHOWN = BODY.public(TEXTS)


def partner(of):
    """The id under which the right side of a pair, or a distractor, is shown."""
    return next(choice.id for choice in SHOWN.right if choice.text == TEXTS[f"right.{of}"])


RIGHT = {"matches": {pair: partner(pair) for pair in SAMPLE["pairs"]}}
WRONG = {"matches": {"relu": partner("sigmoid"), "sigmoid": partner("spare")}}
FORM = {f"match-{pair}": partner(pair) for pair in SAMPLE["pairs"]}
SECRETS = ["curves", "spare"]


def mark(matches, body=BODY):
    graded = grading.grade(body, {"matches": matches})
    assert isinstance(graded, Graded), graded
    return graded


def with_right(texts=None, chinese=None, **changes):
    """The sample with other texts on the right, and those in Chinese."""
    english = {**SAMPLE["texts"]["en"], "right": {**SAMPLE["texts"]["en"]["right"], **(texts or {})}}
    written = {"en": english, **({"zh-hans": {**english, "right": chinese}} if chinese else {})}
    return kinds.parse({**SAMPLE, **changes, "texts": written})


def test_the_mark_is_the_share_of_pairs_that_were_found() -> None:
    graded = mark({"relu": partner("relu"), "sigmoid": partner("spare")})
    assert graded.score == 1 / 3
    assert graded.parts == {"relu": True, "sigmoid": False, "linear": False}
    assert grading.feedback(graded, TEXTS) == ["<p>Look at the curves.</p>"]


@given(data=st.data())
def test_only_every_partner_is_wholly_right_in_whatever_order_they_come(data) -> None:
    options = [choice.id for choice in SHOWN.right]
    pairs = data.draw(st.permutations(SAMPLE["pairs"]))
    matches = {pair: data.draw(st.sampled_from(options)) for pair in pairs}
    graded = mark(matches)
    found = sum(matches[pair] == partner(pair) for pair in pairs)
    assert graded.score == found / 3
    assert (graded.score == 1) == (matches == RIGHT["matches"])


def test_the_revealed_key_is_the_right_response() -> None:
    assert BODY.revealed().matches == RIGHT["matches"]


def test_partners_that_read_the_same_are_one_and_right_for_both() -> None:
    body = with_right({"linear": "between nought and one"})
    shown = body.public(body.render(render_fragment)["en"])
    assert len(shown.right) == 3
    assert mark(body.revealed().matches, body).score == 1
    assert body.revealed().matches["linear"] == body.revealed().matches["sigmoid"]


def test_partners_are_the_same_only_if_they_read_the_same_in_every_language() -> None:
    chinese = {"relu": "非负", "sigmoid": "零到一", "linear": "任意", "spare": "负一到一"}
    body = with_right({"linear": "between nought and one"}, chinese)
    assert body.revealed().matches["linear"] != body.revealed().matches["sigmoid"]
    both = with_right({"linear": "between nought and one"}, {**chinese, "linear": "零到一"})
    assert both.revealed().matches["linear"] == both.revealed().matches["sigmoid"]


def test_a_translation_changes_no_answer() -> None:
    chinese = {"relu": "非负", "sigmoid": "零到一", "linear": "任意", "spare": "负一到一"}
    assert mark(RIGHT["matches"], with_right(chinese=chinese)).score == 1


@given(ids=st.permutations(["aa", "bb", "cc", "dd"]), seed=st.none() | st.integers())
def test_what_is_shown_on_the_right_says_nothing_of_who_belongs_to_whom(ids, seed) -> None:
    """Whatever the pairing behind the same texts is, the page looks the same."""
    left, right = ["one", "two", "three", "four"], ["i", "ii", "iii", "iv"]

    def shown(names):
        texts = {
            "prompt": "P",
            "left": dict(zip(["aa", "bb", "cc", "dd"], left, strict=True)),
            "right": dict(zip(names, right, strict=True)),
        }
        body = kinds.parse({"kind": "matching", "pairs": ["aa", "bb", "cc", "dd"], "texts": {"en": texts}})
        body = body if seed is None else body.asked(seed, shuffle=True)
        return body.public(body.render(render_fragment)["en"])

    assert shown(ids) == shown(["aa", "bb", "cc", "dd"])


@given(seed=st.integers())
def test_shuffling_moves_both_sides_and_changes_no_text(seed) -> None:
    shuffled = BODY.asked(seed, shuffle=True).public(TEXTS)
    for side in ("left", "right"):
        before, after = ({choice.id: choice.text for choice in getattr(one, side)} for one in (SHOWN, shuffled))
        assert after == before
    orders = [BODY.asked(seed + step, shuffle=True).public(TEXTS) for step in range(30)]
    assert len({tuple(choice.id for choice in one.left) for one in orders}) > 1
    assert len({tuple(choice.id for choice in one.right) for one in orders}) > 1


@pytest.mark.parametrize(
    ("matches", "pointer", "code"),
    [
        ({}, "/matches", "empty"),
        ({"relu": ""}, "/matches", "empty"),
        ({"tanh": "x"}, "/matches", "unknown_pair"),
        ({"relu": "sigmoid"}, "/matches/relu", "unknown_choice"),
        ({"relu": 1}, "/matches/relu", "string_type"),
        ({str(number): "x" for number in range(101)}, "/matches", "too_long"),
    ],
)
def test_what_is_no_answer_is_refused(matches, pointer, code) -> None:
    refused = grading.grade(BODY, {"matches": matches})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == (pointer, code)


def test_one_without_a_partner_is_wrong() -> None:
    assert mark({**RIGHT["matches"], "linear": ""}).parts == {"relu": True, "sigmoid": True, "linear": False}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pairs": ["relu"]}, "at least 2 items"),
        ({"pairs": ["relu", "relu", "sigmoid", "linear"]}, "stands twice"),
        ({"distractors": ["relu"]}, "stands twice"),
        ({"pairs": ["relu", "sigmoid"]}, "texts of unknown left sides .en.: linear"),
        ({"distractors": []}, "texts of unknown right sides .en.: spare"),
        ({"distractors": ["spare", "other"]}, "right sides .en. without a text: other"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**copy.deepcopy(SAMPLE), **changes})


def test_a_distractor_that_is_right_and_sides_without_a_choice_are_refused() -> None:
    with pytest.raises(ValidationError, match="the distractor 'spare' reads like"):
        with_right({"spare": "any number"})
    alike = {"relu": "x", "sigmoid": "x", "linear": "x"}
    texts = {"en": {**SAMPLE["texts"]["en"], "right": alike}}
    with pytest.raises(ValidationError, match="nothing to choose"):
        kinds.parse({**SAMPLE, "distractors": [], "texts": texts})


def test_each_pair_says_whether_it_is_right_and_what_would_have_been(client, quiz_page) -> None:
    form = {"match-relu": partner("relu"), "match-sigmoid": partner("spare"), "match-linear": ""}
    html = client.post(quiz_page(SAMPLE), form, follow=True).content.decode()
    assert "1 of 3 is right" in html
    rows = html.split('<div class="match ')[1:]
    assert "</span> Right<" in rows[0]
    assert "nothing below <strong>nought</strong>" in rows[0]
    assert "Right answer" not in rows[0]
    assert "</span> Not right<" in rows[1]
    assert rows[1].index("between minus one and one") < rows[1].index("Right answer")
    assert rows[1].index("Right answer") < rows[1].index("between nought and one")
    assert "</span> Left open<" in rows[2]
    assert "any number" in rows[2]


def test_what_was_chosen_stays_where_the_form_was_no_answer(client, quiz_page) -> None:
    form = {"match-relu": partner("spare"), "match-sigmoid": "no-such-choice"}
    response = client.post(quiz_page(SAMPLE), form)
    html = response.content.decode()
    assert response.status_code == 422
    assert f'<option value="{partner("spare")}" selected>between minus one and one</option>' in html
    assert not Response.objects.exists()


def test_what_a_list_cannot_show_stands_beside_it_under_letters(client, quiz_page) -> None:
    texts = {**SAMPLE["texts"]["en"], "right": {**SAMPLE["texts"]["en"]["right"], "linear": "$\\frac{a}{b}$"}}
    html = client.get(quiz_page({**SAMPLE, "texts": {"en": texts}})).content.decode()
    listed = html[html.index("matching__letters") : html.index("</ul>", html.index("matching__letters"))]
    assert "<mfrac>" in listed
    assert [f"{letter}</b>" in listed for letter in "ABCDE"] == [True, True, True, True, False]
    assert html.count(">D</option>") == 3
    assert "between nought and one</option>" not in html


def test_ids_of_the_right_side_are_shown_nowhere() -> None:
    assert "spare" not in json.dumps(SHOWN.model_dump())
    assert not {choice.id for choice in SHOWN.right} & {*SAMPLE["pairs"], *SAMPLE["distractors"]}

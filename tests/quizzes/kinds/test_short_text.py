import copy
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.kinds.typed_text import fits, readable
from quizzes.models import Response

SAMPLE = {
    "kind": "short_text",
    "answers": [{"id": "gradient", "share": 0.5}, {"id": "descent"}, {"id": "ascent", "share": 0.0}],
    "texts": {
        "en": {
            "prompt": "How are *weights* moved?",
            "answers": {
                "descent": {"accept": ["gradient * descent", "steepest descent"], "feedback": "Down the hill it goes."},
                "gradient": {"accept": ["*gradient*"], "feedback": "There is more to its name."},
                "ascent": {"accept": ["*ascent"], "feedback": "That would climb."},
            },
            "feedback": "Each step is a small one.",
        }
    },
}
RIGHT = {"text": "Gradient  Descent"}
WRONG = {"text": "ascent"}
FORM = {"text": "steepest descent"}
SECRETS = ["descent", "Down the hill", "more to its name", "climb", "small one"]

BODY = kinds.parse(SAMPLE)


def asked(*accept, case=False):
    texts = {"en": {"prompt": "P", "answers": {"a": {"accept": list(accept)}}}}
    return kinds.parse({"kind": "short_text", "case": case, "answers": [{"id": "a"}], "texts": texts})


def mark(typed, body=BODY):
    graded = grading.grade(body, {"text": typed})
    assert isinstance(graded, Graded), graded
    return graded


@pytest.mark.parametrize(
    ("typed", "score", "feedback"),
    [
        ("stochastic gradient descent", 0.5, "There is more to its name."),
        ("gradient-descent", 1, "Down the hill it goes."),
        ("Gradient (batch) descent.", 1, "Down the hill it goes."),
        ("the gradient", 0.5, "There is more to its name."),
        ("gradient ascent", 0.5, "There is more to its name."),
        ("steepest ascent", 0, "That would climb."),
        ("momentum", 0, None),
    ],
)
def test_the_best_answer_that_fits_counts_and_has_its_own_feedback_first(typed, score, feedback) -> None:
    graded = mark(typed)
    assert graded.score == score
    assert graded.parts == {"text": score == 1}
    own = [f"<p>{feedback}</p>"] if feedback else []
    texts = BODY.render(render_fragment)["en"]
    assert grading.feedback(graded, texts) == [*own, "<p>Each step is a small one.</p>"]


@pytest.mark.parametrize(
    "typed", ["ReLU", "ｒｅｌｕ", "relu()", " Re Lu。", "「relu」", "re-lu", "ＲＥＬＵ！", "re–lu", "re\u200blu"]
)
def test_case_width_spaces_and_punctuation_make_no_difference(typed) -> None:
    assert mark(typed, asked("relu")).score == 1


@pytest.mark.parametrize(("typed", "score"), [("ReLU", 1), ("ＲｅＬＵ", 1), ("Re-LU.", 1), ("relu", 0), ("RELU", 0)])
def test_case_matters_only_where_the_question_says_so(typed, score) -> None:
    assert mark(typed, asked("ReLU", case=True)).score == score


def test_answers_of_every_language_are_accepted() -> None:
    chinese = {"prompt": "P", "answers": {"a": {"accept": ["学习率"]}}}
    english = {"prompt": "P", "answers": {"a": {"accept": ["learning rate"]}}}
    texts = {"en": english, "zh-hans": chinese}
    body = kinds.parse({"kind": "short_text", "answers": [{"id": "a"}], "texts": texts})
    assert [mark(typed, body).score for typed in ("learning rate", "“学习率”", "学率")] == [1, 1, 0]
    assert body.revealed().answers == ["learning rate", "学习率"]
    assert body.revealed().shown == {"en": ["learning rate"], "zh-hans": ["学习率"]}


@pytest.mark.parametrize(
    ("pattern", "typed"),
    [
        ("back*propagation", "backpropagation"),
        ("back*propagation", "back-propagation"),
        ("*propagation", "forward propagation"),
        ("for*", "forward"),
        ("a*b*c", "a, then b; in the end c"),
        ("激活＊", "激活函数"),
        (r"a \* b", "a * b"),
        (r"a \* b", "a＊b"),
        (r"2 \* *", "2 * x"),
        (r"C:\\*", r"C:\Users"),
        (r"\n", r"\n"),
        ("*", None),
        ("0.*1", "0.01"),
        ("**x", "x"),
    ],
)
def test_a_star_stands_for_any_run_of_characters_and_one_after_a_backslash_for_itself(pattern, typed) -> None:
    if typed is None:
        with pytest.raises(ValidationError, match="would accept any answer"):
            asked(pattern)
    else:
        assert mark(typed, asked(pattern)).score == 1


@pytest.mark.parametrize(
    ("pattern", "typed"),
    [
        ("back*propagation", "propagation"),
        ("*propagation", "propagation of errors"),
        ("ab*ba", "aba"),
        ("a*b*c", "a c b"),
        (r"a \* b", "a then b"),
        ("a*a", "a"),
        ("x", "xx"),
        ("0.1", "01"),
    ],
)
def test_what_a_pattern_does_not_stand_for_is_wrong(pattern, typed) -> None:
    assert mark(typed, asked(pattern)).score == 0


@given(
    stretches=st.lists(st.text("abc学", max_size=4), min_size=2, max_size=5).filter(any),
    between=st.lists(st.text("abcxyz学 ", max_size=6), min_size=4, max_size=4),
)
def test_whatever_stands_for_the_stars_it_fits(stretches, between) -> None:
    typed = stretches[0] + "".join(run + stretch for run, stretch in zip(between, stretches[1:], strict=False))
    assert fits(typed, "*".join(stretches))


def fits_slowly(typed: str, pattern: str) -> bool:
    """The definition: the first sign is itself, or a star that ends here or takes one sign more."""
    if not pattern:
        return not typed
    if pattern[0] == "*":
        return fits_slowly(typed, pattern[1:]) or (bool(typed) and fits_slowly(typed[1:], pattern))
    return bool(typed) and typed[0] == pattern[0] and fits_slowly(typed[1:], pattern[1:])


@given(typed=st.text("ab", max_size=8), pattern=st.text("ab*", max_size=7))
def test_looking_from_left_to_right_finds_what_trying_everything_finds(typed, pattern) -> None:
    assert fits(typed, pattern) == fits_slowly(typed, pattern)


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    body = asked(*["*a" * 149 + "*b"] * 50)
    started = time.perf_counter()
    assert mark("a" * 300, body).score == 0
    assert time.perf_counter() - started < 1


@given(pattern=st.text(min_size=1, max_size=40), case=st.booleans())
def test_every_revealed_answer_is_right(pattern, case) -> None:
    try:
        body = asked(pattern, case=case)
    except ValidationError:
        assume(False)
    for answer in body.revealed().answers:
        assert mark(answer, body).score == 1


def test_what_is_revealed_shows_stars_as_gaps_and_only_what_is_wholly_right() -> None:
    assert BODY.revealed().answers == ["gradient … descent", "steepest descent"]
    assert readable(r"2 \* *") == "2 * …"


@pytest.mark.parametrize(
    ("typed", "code"), [("", "empty"), ("  ", "empty"), ("\u200b", "empty"), ("x" * 301, "too_long")]
)
def test_nothing_and_too_much_are_refused(typed, code) -> None:
    refused = grading.grade(BODY, {"text": typed})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == ("/text", code)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answers": []}, "at least 1 item"),
        ({"answers": [{"id": "descent", "share": 1.5}]}, "less than or equal to 1"),
        ({"answers": [{"id": "descent", "share": -0.5}]}, "greater than or equal to 0"),
        ({"answers": [{"id": "descent"}, {"id": "descent"}]}, "an answer stands twice"),
        (
            {"answers": [{"id": name, "share": 0.5} for name in ("descent", "gradient", "ascent")]},
            "no answer is",
        ),
        ({"answers": [{"id": "descent"}]}, "texts of unknown answers"),
        ({"case": "yes"}, "valid boolean"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**copy.deepcopy(SAMPLE), **changes})


@pytest.mark.parametrize("pattern", ["*", "* *", "＊。*", "", "  ", "\u200b", "x" * 301])
def test_a_pattern_says_something_and_not_too_much(pattern) -> None:
    with pytest.raises(ValidationError):
        asked(pattern)


def test_a_partly_right_answer_is_called_so_and_the_right_ones_are_shown(client, quiz_page) -> None:
    html = client.post(quiz_page(SAMPLE), {"text": "the <b>gradient"}, follow=True).content.decode()
    assert "the &lt;b&gt;gradient" in html
    assert "Your answer, right in part" in html
    assert "Partly right" in html
    assert "gradient … descent" in html
    assert "Anything may stand for the … in it." in html
    assert "steepest descent" not in html


def test_the_right_answer_is_shown_in_the_language_of_the_page(client, quiz_page) -> None:
    sample = copy.deepcopy(SAMPLE)
    written = {name: {"accept": ["梯度下降"]} for name in ("descent", "gradient", "ascent")}
    sample["texts"]["zh-hans"] = {**SAMPLE["texts"]["en"], "answers": written}
    chinese = {"accept-language": "zh-hans"}
    html = client.post(quiz_page(sample), {"text": "momentum"}, follow=True, headers=chinese).content.decode()
    assert "梯度下降" in html
    assert "gradient … descent" not in html


def test_what_was_typed_stays_where_it_was_too_long(client, quiz_page) -> None:
    html = client.post(quiz_page(SAMPLE), {"text": "x" * 301}).content.decode()
    assert "This answer is too long." in html
    assert f'value="{"x" * 301}"' in html
    assert not Response.objects.exists()


def test_the_page_says_where_case_matters(client, quiz_page) -> None:
    assert "Capital letters matter here." in client.get(quiz_page({**SAMPLE, "case": True})).content.decode()

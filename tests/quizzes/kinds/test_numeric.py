import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.templatetags.kinds import plain_number
from tests.quizzes.kind_samples import NUMERIC

BODY = kinds.parse(NUMERIC)


def body(**values):
    texts = {"en": {"prompt": "P", **({"unit": values.pop("unit")} if "unit" in values else {})}}
    return kinds.parse({"kind": "numeric", "key": 0, "texts": texts, **values})


def mark(typed, asked=BODY):
    graded = grading.grade(asked, {"value": typed})
    assert isinstance(graded, Graded), graded
    return graded


@pytest.mark.parametrize(
    "typed",
    ["3.2", " 3,2 ", "３．２", "３，２％", "3.2 %", "3.2%", "+3.2", "3.20", "32e-1", "3.205", "3.195", "0003.2"],
)
def test_a_number_is_read_as_people_type_it(typed) -> None:
    assert mark(typed).score == 1


@pytest.mark.parametrize("typed", ["-4", "−4", "－4", "– 4", "-4.0", "-4,"])
def test_every_minus_sign_is_one(typed) -> None:
    assert mark(typed, body(key=-4)).score == 1
    assert mark(typed, body(key=4)).score == 0


@pytest.mark.parametrize(("typed", "score"), [("3.2049999", 1), ("3.2050001", 0), ("3.1949999", 0), ("-3.2", 0)])
def test_the_tolerance_is_absolute_and_its_border_belongs_to_it(typed, score) -> None:
    assert mark(typed).score == score


def test_without_a_tolerance_only_the_value_is_right_in_decimals_not_in_bits() -> None:
    assert mark("0.30", body(key=0.3)).score == 1
    assert mark("0.30000000000000004", body(key=0.3)).score == 0


def test_a_known_mistake_has_its_own_feedback_first() -> None:
    texts = BODY.render(render_fragment)["en"]
    assert grading.feedback(mark("4.803"), texts) == [
        "<p>You added instead of subtracting.</p>",
        "<p>Old minus rate times gradient.</p>",
    ]
    assert grading.feedback(mark("7"), texts) == ["<p>Old minus rate times gradient.</p>"]


@pytest.mark.parametrize("typed", ["2,100", "1 000", "-1,000,000", "2,100 %"])
def test_separators_of_thousands_are_refused_not_misread(typed) -> None:
    refused = grading.grade(BODY, {"value": typed})
    assert isinstance(refused, Refused)
    assert refused.code == "thousands"


def test_a_comma_after_a_nought_is_a_decimal_one() -> None:
    assert mark("0,125", body(key=0.125)).score == 1


@pytest.mark.parametrize(
    "typed",
    ["nan", "NaN", "inf", "-Infinity", "1e9999", "3.2.1", "three", "½", "10²", "٣", "0x10", "1_000", "3 4", "--3", "%"],
)
def test_what_is_no_finite_number_is_refused(typed) -> None:
    refused = grading.grade(BODY, {"value": typed})
    assert isinstance(refused, Refused)
    assert refused.code == "not_a_number"


@pytest.mark.parametrize(("response", "code"), [({"value": " "}, "empty"), ({"value": "1" * 101}, "too_long")])
def test_nothing_and_too_much_are_refused(response, code) -> None:
    refused = grading.grade(BODY, response)
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_a_number_that_is_no_text_is_refused() -> None:
    refused = grading.grade(BODY, {"value": 3.2})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == ("/value", "string_type")


def test_the_unit_of_every_language_may_be_typed_and_no_other() -> None:
    texts = {"en": {"prompt": "P", "unit": "epochs"}, "zh-hans": {"prompt": "P", "unit": "轮"}}
    asked = kinds.parse({"kind": "numeric", "key": 20, "texts": texts})
    for typed in ["20", "20 epochs", "20 Epochs", "20轮", "２０ 轮"]:
        assert mark(typed, asked).score == 1
    assert isinstance(grading.grade(asked, {"value": "20 batches"}), Refused)


@given(key=st.floats(allow_nan=False, allow_infinity=False))
def test_the_key_as_the_page_writes_it_is_right(key) -> None:
    written = plain_number(key)
    if len(written) <= 100:
        assert mark(written, body(key=key)).score == 1
    assert mark(repr(key), body(key=key)).score == 1


@pytest.mark.parametrize(
    ("number", "written"), [(2100.0, "2100"), (3.2, "3.2"), (-1e-07, "−0.0000001"), (0.0, "0"), (1e21, "1" + "0" * 21)]
)
def test_numbers_are_written_as_one_would_type_them(number, written) -> None:
    assert plain_number(number) == written


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "3.2"}, "valid number"),
        ({"key": True}, "valid number"),
        ({"key": float("nan")}, "finite"),
        ({"tolerance": -1}, "greater than or equal to 0"),
        ({"mistakes": {"sign": 3.201}}, "is a right answer"),
        ({"mistakes": {"sign": 4.8, "other": 4.8}}, "same value"),
        ({"mistakes": {}}, "texts of unknown mistakes"),
        ({"mistakes": {"sign": 4.8, "other": 5}}, "mistakes .en. without a text: other"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**NUMERIC, **changes})

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.models import Response
from quizzes.templatetags.kinds import plain_number

SAMPLE = {
    "kind": "numeric",
    "key": 3.2,
    "tolerance": 0.005,
    "mistakes": {"sign": 4.8},
    "texts": {
        "en": {
            "prompt": "What is the new $w$?",
            "unit": "%",
            "mistakes": {"sign": "You added instead of subtracting."},
            "feedback": "Old minus rate times gradient.",
        }
    },
}
RIGHT = {"value": "3,2 %"}
WRONG = {"value": "4.8"}
FORM = {"value": "3,2 %"}
SECRETS = ["4.8", "subtracting", "Old minus", "tolerance"]

BODY = kinds.parse(SAMPLE)


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


# --- relative tolerance, ranges, units -------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "score"), [("190", 1), ("210", 1), ("189.99", 0), ("210.01", 0), ("-200", 0)])
def test_a_relative_tolerance_is_a_share_of_the_key(typed, score) -> None:
    asked = body(key=200, relative=0.05)
    assert mark(typed, asked).score == score
    assert asked.revealed().tolerance == 10


def test_a_share_of_a_negative_key_reaches_to_both_sides() -> None:
    assert [mark(typed, body(key=-200, relative=0.05)).score for typed in ("-190", "-210", "-211")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("typed", "score"), [("0.0001", 1), ("1e-2", 1), ("0,005", 1), ("0.00009", 0), ("0.011", 0), ("-0.001", 0)]
)
def test_any_number_of_a_range_is_right_its_ends_included(typed, score) -> None:
    asked = body(key=None, range=[0.0001, 0.01])
    assert mark(typed, asked).score == score
    assert (asked.revealed().value, asked.revealed().range) == (None, [0.0001, 0.01])


def test_a_mistake_beside_a_range_is_met_by_its_own_number_only() -> None:
    texts = {"en": {"prompt": "P", "mistakes": {"huge": "Too far a step."}}}
    asked = kinds.parse({"kind": "numeric", "range": [0, 1], "mistakes": {"huge": 10}, "texts": texts})
    assert mark("10", asked).feedback == ("mistakes.huge", "feedback")
    assert mark("10.1", asked).feedback == ("feedback",)


@pytest.mark.parametrize(
    ("typed", "score"),
    [("2", 1), ("2 kg", 1), ("2000 g", 1), ("2000g", 1), ("2,000 KG", None), ("2 g", 0), ("2 lb", None), ("２ｋｇ", 1)],
)
def test_a_number_may_come_in_any_unit_of_the_question(typed, score) -> None:
    asked = body(key=2, unit="kg", units={"kg": 1, "g": 0.001})
    graded = grading.grade(asked, {"value": typed})
    assert (graded.score if isinstance(graded, Graded) else None) == score


def test_the_longer_unit_is_not_taken_for_the_shorter() -> None:
    asked = body(key=5, unit="ms", units={"s": 1000, "ms": 1})
    assert [mark(typed, asked).score for typed in ("5", "5 ms", "0.005 s", "5 s")] == [1, 1, 1, 0]


def test_the_public_question_names_the_units_and_not_what_they_are_worth() -> None:
    asked = body(key=2, unit="kg", units={"kg": 1, "g": 0.001})
    public = asked.public(asked.render(render_fragment)["en"])
    assert public.units == ["kg", "g"]
    assert "0.001" not in public.model_dump_json()


def test_a_question_of_the_old_shape_is_the_same_content() -> None:
    assert kinds.content_hash(BODY) == kinds.content_hash(kinds.parse({**SAMPLE, "units": {}, "relative": None}))
    assert BODY.model_dump(mode="json", exclude_defaults=True) == SAMPLE


@given(
    key=st.floats(-1e9, 1e9).filter(lambda key: key == 0 or abs(key) > 1e-9),
    relative=st.floats(0.001, 0.9),
    factor=st.sampled_from([0.001, 60, 1000]),
)
def test_the_key_is_right_with_any_tolerance_and_in_any_unit(key, relative, factor) -> None:
    asked = body(key=key, relative=relative, units={"x": factor})
    assert mark(repr(key), asked).score == 1
    assert mark(f"{key / factor!r}x", asked).score == 1
    assert asked.revealed().tolerance >= 0


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
        ({"key": None}, "either key or range"),
        ({"range": [1, 2]}, "either key or range"),
        ({"key": None, "range": [2, 1]}, "begins with its lower end"),
        ({"key": None, "range": [1, 2, 3]}, "at most 2"),
        ({"key": None, "range": [1, 2]}, "a range has no tolerance"),
        ({"relative": 0.1}, "either tolerance or relative"),
        ({"tolerance": 0, "relative": 1.5}, "less than 1"),
        ({"units": {"%": 100}}, "the unit beside the field .en. has the factor 1"),
        ({"units": {"%": 1, "g": 0}}, "greater than 0"),
        ({"units": {"%": 1, "mb": 1, "MB": 8}}, "two units differ in nothing but case"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**SAMPLE, **changes})


def test_a_number_that_could_mean_two_things_is_refused_with_a_sentence_and_stays(client, quiz_page) -> None:
    html = client.post(quiz_page(SAMPLE), {"value": "3,200"}).content.decode()
    assert "A comma before three digits can mean two things" in html
    assert 'value="3,200"' in html
    assert not Response.objects.exists()


def test_the_page_says_which_range_and_which_units_there_are(client, quiz_page) -> None:
    texts = {"en": {"prompt": "How heavy?", "unit": "kg", "feedback": "About as much as a book."}}
    sample = {"kind": "numeric", "range": [1, 2.5], "units": {"kg": 1, "g": 0.001}, "texts": texts}
    address = quiz_page(sample)
    assert "You may write the unit too: kg, g." in client.get(address).content.decode()
    after = client.post(address, {"value": "2600 g"}, follow=True).content.decode()
    assert "Any number from 1 to 2.5 is right." in after
    assert "Not right yet" in after

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.kinds.calculated import MAX_SEED
from quizzes.models import Response

SAMPLE = {
    "kind": "calculated",
    "values": {
        "w": {"low": 0.1, "high": 0.9, "step": 0.1},
        "r": {"one_of": [0.1, 0.01]},
        "g": {"low": -3, "high": 3, "step": 0.5},
    },
    "answer": "w - r*g",
    "mistakes": {"sign": "w + r*g"},
    "texts": {
        "en": {
            "prompt": "The weight is {w}, the rate `{r}`: what is $w - {r} \\cdot ({g})$?",
            "mistakes": {"sign": "You went up the slope."},
            "feedback": "Old minus rate times gradient.",
        }
    },
}
# The seed 0 draws 0.5, 0.01 and −2.
RIGHT = {"value": "0.52", "seed": 0}
WRONG = {"value": "0.48", "seed": 0}
FORM = {"value": "0,52", "seed": "0"}
SECRETS = ["w - r*g", "w + r*g", "w − r × g", "went up", "Old minus", "tolerance", "0.52"]

BODY = kinds.parse(SAMPLE)
SEEDS = st.integers(0, MAX_SEED)


def in_sitting(seed):
    """The right response, a wrong one and the form, for the numbers that this seed draws."""
    drawn = BODY.drawn(seed)
    right = drawn["w"] - drawn["r"] * drawn["g"]
    responses = [{"value": f"{value:f}", "seed": seed} for value in (right, right + 10)]
    return *responses, {"value": f"{right:f}", "seed": str(seed)}


def body(answer, values=None, prompt="{x}?", **fields):
    values = values or {"x": {"low": 1, "high": 9, "step": 1}}
    return kinds.parse(
        {"kind": "calculated", "values": values, "answer": answer, "texts": {"en": {"prompt": prompt}}, **fields}
    )


def mark(asked, typed, seed):
    graded = grading.grade(asked, {"value": typed, "seed": seed})
    assert isinstance(graded, Graded), graded
    return graded


def shown(asked):
    return asked.public(asked.render(render_fragment)["en"])


def response_for(seed, *, right=True):
    """The right response to the numbers that a seed draws, or one that is as wrong as can be."""
    return {"value": str(BODY.asked(seed).revealed().value + (0 if right else 99)), "seed": seed}


def form_for(html):
    """The right answer to the numbers that a page shows."""
    return BODY.form_of(response_for(int(re.search(r'name="seed" value="(\d+)"', html)[1])))


# --- drawing ---------------------------------------------------------------------------------------------------------


@given(seed=SEEDS)
def test_the_numbers_are_those_the_author_allows_and_the_same_for_the_same_seed(seed) -> None:
    drawn = BODY.drawn(seed)
    assert drawn["w"] in {Decimal(tenth) / 10 for tenth in range(1, 10)}
    assert drawn["r"] in {Decimal("0.1"), Decimal("0.01")}
    assert drawn["g"] in {Decimal(half) / 2 for half in range(-6, 7)}
    assert kinds.parse(SAMPLE).drawn(seed) == drawn


def test_seeds_draw_every_number_about_as_often() -> None:
    found = [BODY.drawn(seed)["w"] for seed in range(1800)]
    assert sorted(set(found)) == [Decimal(tenth) / 10 for tenth in range(1, 10)]
    assert max(found.count(number) for number in set(found)) < 280


def test_another_machine_draws_the_same() -> None:
    assert {name: str(number) for name, number in BODY.drawn(0).items()} == {"w": "0.5", "r": "0.01", "g": "-2.0"}


def test_it_says_how_many_sets_of_numbers_there_are() -> None:
    assert BODY.drawings() == 9 * 2 * 13


@given(seed=st.integers(-(2**70), 2**70))
def test_any_seed_of_a_sitting_becomes_one_that_a_response_can_name(seed) -> None:
    asked = BODY.asked(seed)
    response = {"value": str(asked.revealed().value), "seed": shown(asked).seed}
    assert grading.grade(asked, json.loads(json.dumps(response))).score == 1


# --- what is shown ---------------------------------------------------------------------------------------------------


@given(seed=SEEDS)
def test_the_public_question_shows_the_numbers_of_its_seed_and_no_place_of_them(seed) -> None:
    public = shown(BODY.asked(seed))
    drawn = BODY.drawn(seed)
    assert public.values == {name: float(number) for name, number in drawn.items()}
    written = f"{drawn['w'].normalize():f}"
    assert f"The weight is {written}," in public.prompt
    assert not re.search(r"\{[wrg]\}", public.prompt)
    assert "00000" not in public.prompt
    assert "99999" not in public.prompt


def test_numbers_stand_in_prose_code_and_formulas_each_with_its_own_minus() -> None:
    prompt = "A {x}, `{x}` and $\\frac{x}{y}$.\n\n```python\nz = {x}\n```\n\n$$\\sqrt{x}$$"
    public = shown(body("x", {"x": {"one_of": [-0.5, -1.5]}}, prompt).asked(0))
    number = public.values["x"]
    assert f"A −{-number}" in public.prompt
    assert f"<code>{number}</code>" in public.prompt
    assert f'<span class="mf">{number}</span>' in public.prompt
    assert f"<mfrac><mn>−{-number}</mn>" in public.prompt
    assert f'alttext="\\frac{{{number}}}{{y}}"' in public.prompt
    assert f"<msqrt><mn>−{-number}</mn></msqrt>" in public.prompt


def test_only_the_names_of_values_are_replaced() -> None:
    public = shown(body("x", prompt="{x} of $\\frac{a}{b} + \\mathbf{z}$ and {y}, {x }").asked(3))
    assert '\\frac{a}{b} + \\mathbf{z}"' in public.prompt
    assert "{y}, {x }" in public.prompt


def test_hints_have_the_numbers_too() -> None:
    asked = body("x", texts={"en": {"prompt": "{x}?", "hints": ["It is {x}."]}}).asked(5)
    assert shown(asked).hints == [f"<p>It is {shown(asked).values['x']:g}.</p>"]


def test_a_number_in_the_address_of_a_link_is_refused() -> None:
    with pytest.raises(ValueError, match="stands where no number can be"):
        body("x", prompt="[{x}](https://example.org/{x})").render(render_fragment)


# --- marks -----------------------------------------------------------------------------------------------------------


@given(seed=SEEDS)
def test_the_key_of_every_seed_is_right_and_the_known_mistake_is_met(seed) -> None:
    asked, drawn = BODY.asked(seed), BODY.drawn(seed)
    assert mark(asked, str(asked.revealed().value), seed).score == 1
    if drawn["g"]:
        wrong = mark(asked, str(drawn["w"] + drawn["r"] * drawn["g"]), seed)
        assert (wrong.score, wrong.feedback) == (0, ("mistakes.sign", "feedback"))


def test_what_comes_out_by_hand_is_right_to_the_last_digit() -> None:
    asked = body("0.1 - 0.01*x")
    seed = next(seed for seed in range(99) if asked.drawn(seed)["x"] == 3)
    assert asked.asked(seed).revealed().value == 0.07
    assert mark(asked, "0.07", seed).score == 1
    assert mark(asked, "0.07000000000000001", seed).score == 0


def test_an_answer_to_other_numbers_is_refused_where_they_were_asked_and_marked_where_they_were_not() -> None:
    other = {"value": "1", "seed": 8}
    assert grading.grade(BODY.asked(7), other) == Refused(
        "/seed", "other_values", "This answers the question with other numbers."
    )
    assert isinstance(grading.grade(BODY, other), Graded)


@pytest.mark.parametrize(
    ("response", "pointer", "code"),
    [
        ({"value": "1"}, "/seed", "missing"),
        ({"value": "1", "seed": -1}, "/seed", "greater_than_equal"),
        ({"value": "1", "seed": 2**53}, "/seed", "less_than_equal"),
        ({"value": "1", "seed": "0"}, "/seed", "int_type"),
        ({"value": " ", "seed": 0}, "/value", "empty"),
        ({"value": "x", "seed": 0}, "/value", "not_a_number"),
        ({"value": "1" * 101, "seed": 0}, "/value", "too_long"),
    ],
)
def test_what_is_no_response_is_refused_with_the_place(response, pointer, code) -> None:
    refused = grading.grade(BODY, response)
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == (pointer, code)


@pytest.mark.parametrize("seed", ["", "zero", "-1", "1" * 400, "１"])
def test_a_form_with_a_spoilt_seed_is_refused(seed) -> None:
    assert isinstance(grading.grade(BODY, BODY.response_from_form({"value": "1", "seed": seed})), Refused)


def test_decimals_round_half_up_and_take_half_a_unit_of_the_last_one() -> None:
    asked = body("x / 8", decimals=2)
    seed = next(seed for seed in range(99) if asked.drawn(seed)["x"] == 1)
    assert asked.asked(seed).revealed().value == 0.13
    for typed, score in [("0.13", 1), ("0.125", 1), ("0.135", 1), ("0.12", 0), ("0.1351", 0)]:
        assert mark(asked, typed, seed).score == score


def test_a_relative_tolerance_is_a_share_of_the_right_value() -> None:
    asked = body("x * 100", relative=0.05)
    seed = next(seed for seed in range(99) if asked.drawn(seed)["x"] == 2)
    assert asked.asked(seed).revealed().tolerance == 10
    assert [mark(asked, typed, seed).score for typed in ("190", "210", "189.9", "210.1")] == [1, 1, 0, 0]


@given(seed=SEEDS)
def test_the_key_is_right_whatever_kind_of_tolerance_there_is(seed) -> None:
    for fields in ({"tolerance": 0.001}, {"relative": 0.01}, {"decimals": 3}, {"decimals": 1, "tolerance": 0.2}):
        asked = body("exp(x / 3) / 7", **fields).asked(seed)
        assert mark(asked, repr(asked.revealed().value), seed).score == 1


def test_the_key_shows_how_it_comes_out_or_without_numbers_the_formula() -> None:
    assert BODY.asked(0).revealed().working == "w − r × g = 0.5 − 0.01 × (−2) = 0.52"
    key = BODY.revealed()
    assert (key.value, key.tolerance, key.working, key.formula) == (None, None, None, "w − r × g")
    assert "≈" in body("x / 7", decimals=2).asked(1).revealed().working


# --- authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": "w -"}, "the answer is no formula: a number or a name is missing"),
        ({"answer": "w - q"}, "the answer needs 'q', which is none of the values"),
        ({"answer": "w / g"}, "the answer cannot be computed for .*g = 0: division by zero"),
        ({"answer": "sqrt(g)"}, "the answer cannot be computed for w = 0.1, r = 0.01, g = −3: sqrt is not defined"),
        ({"answer": "w / 3"}, "the answer is no short decimal for .*: give a tolerance, relative or decimals"),
        ({"mistakes": {"sign": "w - g*r"}}, "the mistake 'sign' is the right answer"),
        ({"mistakes": {"sign": "w / g"}}, "the mistake 'sign' cannot be computed"),
        ({"mistakes": {}}, "texts of unknown mistakes"),
        ({"tolerance": 0.1, "relative": 0.1}, "either tolerance or relative"),
        ({"values": {**SAMPLE["values"], "pi": {"one_of": [1, 2]}}}, "'pi' is no name for a value"),
        ({"values": {**SAMPLE["values"], "z": {"one_of": [1, 2]}}}, r"the prompt \(en\) does not say \{z\}"),
        ({"values": {**SAMPLE["values"], "w": {"low": 1, "high": 0, "step": 0.1}}}, "2 to 1,000,000 steps"),
        ({"values": {**SAMPLE["values"], "w": {"low": 0, "high": 1, "step": 0}}}, "greater than 0"),
        ({"values": {**SAMPLE["values"], "w": {"one_of": [1, 1]}}}, "a number stands twice"),
        ({"values": {}}, "at least 1"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**SAMPLE, **changes})


def test_a_number_in_feedback_is_refused_for_feedback_is_the_same_for_all() -> None:
    with pytest.raises(ValidationError, match=r"feedback \(en\) is the same for all numbers: there is no \{x\} in it"):
        body("x", texts={"en": {"prompt": "{x}?", "feedback": "It was {x}."}})
    body("x", texts={"en": {"prompt": "{x}?", "feedback": "It was $\\frac{x }{2}$."}})


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_sends_the_seed_of_its_numbers_and_shows_how_they_come_out(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    html = client.get(address).content.decode()
    seed = int(form_for(html)["seed"])
    assert f"The weight is {BODY.drawn(seed)['w']}" in html
    after = client.post(address, {"value": "7", "seed": str(seed)}, follow=True).content.decode()
    assert BODY.asked(seed).revealed().working in after
    assert "Not right yet" in after


def test_what_was_typed_stays_where_it_is_no_number(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    form = form_for(client.get(address).content.decode())
    html = client.post(address, {**form, "value": "seven"}).content.decode()
    assert 'value="seven"' in html
    assert "Write a number" in html


def test_the_right_answer_to_the_numbers_of_the_page_is_right(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    form = form_for(client.get(address).content.decode())
    after = client.post(address, form, follow=True).content.decode()
    assert "</span> Right" in after
    assert BODY.asked(int(form["seed"])).revealed().working in after


def test_the_numbers_of_another_sitting_are_refused_and_nothing_is_kept(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    form = form_for(client.get(address).content.decode())
    response = client.post(address, {**form, "seed": str(int(form["seed"]) + 1)})
    assert response.status_code == 422
    assert not Response.objects.exists()

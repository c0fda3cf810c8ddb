import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Refused
from quizzes.kinds.challenge import MEASURES, Challenge, Ended
from sandbox.spec import parse_spec
from tests.quizzes.challenge_samples import BODY
from tests.quizzes.strategies import json_values
from tests.sandbox.samples import spec

SAMPLE = BODY


def asked(targets, start=None):
    body = kinds.parse({**BODY, "targets": targets, "start": start or spec()})
    assert isinstance(body, Challenge)
    return body


def ended(outcome="succeeded", epochs=20, changes=None, **measures):
    return Ended(outcome, parse_spec(spec(**(changes or {}))), epochs, measures)


ALL = kinds.parse(BODY)


def test_a_run_that_meets_every_target_is_right_and_earns_the_feedback() -> None:
    judged = ALL.judge(ended(val_accuracy=0.9))
    assert (judged.score, judged.met, judged.feedback) == (1, True, ("feedback",))
    assert judged.parts == {"val_accuracy": True, "epochs": True, "parameters": True}
    assert judged.values == {"val_accuracy": 0.9, "epochs": 20, "parameters": 642}


def test_a_run_that_meets_some_has_their_share_and_no_feedback() -> None:
    judged = ALL.judge(ended(epochs=21, val_accuracy=0.8999))
    assert (judged.score, judged.met, judged.feedback) == (1 / 3, False, ())
    assert judged.parts == {"val_accuracy": False, "epochs": False, "parameters": True}


def test_what_float32_makes_of_nine_tenths_is_nine_tenths() -> None:
    assert ALL.judge(ended(val_accuracy=0.8999999761581421)).met
    assert not ALL.judge(ended(val_accuracy=0.89999)).met


def test_a_measure_that_was_not_taken_or_is_no_number_is_missed() -> None:
    for measures in ({}, {"val_accuracy": None}):
        assert ALL.judge(ended(**measures)).parts["val_accuracy"] is False


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"seed": 9, "epochs": 5, "batch_size": 50, "optimizer": {"kind": "sgd", "learning_rate": 0.5}}, True),
        ({"data": {**spec()["data"], "scaling": "min_max"}}, True),
        ({"data": {**spec()["data"], "rows": 2000}}, False),
        ({"data": {**spec()["data"], "seed": 2}}, False),
        ({"data": {**spec()["data"], "validation": 0.2}}, False),
        ({"data": {"kind": "circles", "rows": 2100, "validation": 0.1}}, False),
    ],
)
def test_the_data_must_be_that_of_the_start(changes, same) -> None:
    layers = [{"kind": "dense", "units": 2, "activation": "softmax"}]
    judged = ALL.judge(ended(changes={"layers": layers, **changes}, val_accuracy=1.0))
    assert judged.met == same
    assert judged.parts.get("data") == (None if same else False)


def test_a_run_that_diverged_is_not_met_whatever_it_measured() -> None:
    judged = ALL.judge(ended(outcome="diverged", val_accuracy=1.0))
    assert judged.parts["outcome"] is False
    assert judged.score == 3 / 4


def test_diverging_can_be_the_target() -> None:
    body = asked({"outcome": "diverged", "optimizers": ["adam"]})
    assert body.judge(ended(outcome="diverged")).met
    calm = body.judge(ended(outcome="succeeded"))
    assert calm.parts == {"optimizers": True, "outcome": False}


@pytest.mark.parametrize(
    ("targets", "parts"),
    [
        ({"layers": ["dense"]}, {"layers": False}),
        ({"layers": ["dropout", "dense"]}, {"layers": True}),
        ({"activations": ["relu"]}, {"activations": False}),
        ({"activations": ["linear", "relu", "softmax"]}, {"activations": True}),
        ({"optimizers": ["sgd"]}, {"optimizers": False}),
    ],
)
def test_only_allowed_kinds_may_be_used(targets, parts) -> None:
    layers = [
        {"kind": "dense", "units": 4, "activation": "relu"},
        {"kind": "dropout", "rate": 0.1},
        {"kind": "dense", "units": 2, "activation": "softmax"},
    ]
    assert asked(targets).judge(ended(changes={"layers": layers})).parts == parts


@given(
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    low=st.floats(-1e6, 1e6),
    high=st.floats(-1e6, 1e6),
    epochs=st.integers(0, 500),
)
def test_a_mark_lies_between_0_and_1_and_is_1_only_if_all_parts_are_met(value, low, high, epochs) -> None:
    low, high = min(low, high), max(low, high)
    judged = asked({"loss": {"at_least": low, "at_most": high}, "epochs": {"at_most": 20}}).judge(
        ended(epochs=epochs, loss=value)
    )
    assert 0 <= judged.score <= 1
    assert (judged.score == 1) == all(judged.parts.values())
    if value is None or not low - abs(low) * 1e-5 <= value <= high + abs(high) * 1e-5:
        assert judged.parts["loss"] is False
    elif low <= value <= high:
        assert judged.parts["loss"] is True


@given(response=json_values)
def test_nobody_can_answer_it_but_a_run(response) -> None:
    assert isinstance(grading.grade(ALL, response), Refused)
    assert ALL.revealed() is None


def test_it_shows_its_targets_and_no_feedback() -> None:
    shown = ALL.public(ALL.render(render_fragment)["en"]).model_dump()
    assert shown["title"] == "Ninety percent"
    assert shown["prompt"] == "<p>Reach <strong>90%</strong> on rows it has not seen.</p>"
    assert [(one["name"], one["at_least"], one["at_most"]) for one in shown["targets"]] == [
        ("val_accuracy", 0.9, None),
        ("epochs", None, 20),
        ("parameters", None, 700),
    ]
    assert "longer step" not in str(shown)


def test_a_recipe_decides_some_targets_before_it_is_trained() -> None:
    body = asked({"val_loss": {"at_most": 1}, "epochs": {"at_most": 20}, "parameters": {"at_most": 600}})
    assert body.foresee(parse_spec(spec())) == {"epochs": True, "parameters": False}
    stopping = spec(epochs=50, early_stopping={"monitor": "loss"})
    assert body.foresee(parse_spec(stopping)) == {"parameters": False}
    assert body.foresee(parse_spec(spec(epochs=50))) == {"epochs": False, "parameters": False}
    other = spec(data={"kind": "circles", "rows": 300})
    assert body.foresee(parse_spec(other))["data"] is False


def test_it_knows_which_measures_a_run_of_the_start_will_not_have() -> None:
    names = {name: {"at_least": 0} for name in MEASURES}
    assert asked(names).unmeasured() == ["mean_absolute_error", "val_mean_absolute_error", "r2_score", "val_r2_score"]
    unsplit = spec(data={**spec()["data"], "validation": 0.0})
    assert asked({"val_loss": {"at_most": 1}}, unsplit).unmeasured() == ["val_loss"]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({}, "needs a target"),
        ({"val_acuracy": {"at_least": 0.9}}, "Extra inputs"),
        ({"val_accuracy": 0.9}, "valid dictionary"),
        ({"val_accuracy": {}}, "a bound is needed"),
        ({"val_accuracy": {"at_least": "0.9"}}, "valid number"),
        ({"val_accuracy": {"at_least": math.inf}}, "finite"),
        ({"loss": {"at_least": 2, "at_most": 1}}, "nothing can meet both"),
        ({"layers": ["dens"]}, "there is no layer 'dens'"),
        ({"layers": []}, "at least 1 item"),
        ({"activations": ["rulu"]}, "there is no activation 'rulu'"),
        ({"optimizers": ["adem"]}, "there is no optimizer 'adem'"),
        ({"outcome": "cancelled"}, "'succeeded' or 'diverged'"),
    ],
)
def test_an_author_is_told_what_does_not_fit(targets, message) -> None:
    with pytest.raises(ValidationError, match=message):
        asked(targets)

"""The script that the sandbox writes of a spec is read back to that spec, all but its data: those are not in code."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

from sandbox.keras_code import translate
from sandbox.keras_script import script
from sandbox.spec import Spec, metrics, parse_spec
from tests.sandbox.generated_specs import sensible, specs
from tests.sandbox.script_specs import TRAINED, trained

NOT_READ = {"data", "metrics", "stop_at", "snapshots"}
FEW = [HealthCheck.filter_too_much, HealthCheck.too_slow]


def read_back(spec: Spec) -> Spec:
    found = translate(script(spec))
    assert [(remark.line, remark.detail) for remark in found.refusals] == []
    return parse_spec(found.spec)


def assert_same(spec: Spec) -> None:
    again = read_back(spec)
    assert again.model_dump(exclude=NOT_READ) == spec.model_dump(exclude=NOT_READ)
    assert metrics(again) == metrics(spec) or spec.metrics == ()


@pytest.mark.parametrize("name", TRAINED)
def test_a_script_is_read_back(name: str) -> None:
    assert_same(trained(name))


@given(specs())
@settings(max_examples=12, suppress_health_check=FEW)
def test_any_script_is_read_back(sent) -> None:
    spec = sensible(sent)
    assume(spec is not None)
    assert_same(spec)


@pytest.mark.slow
@given(specs())
@settings(max_examples=300, suppress_health_check=FEW, deadline=None)
def test_any_of_many_scripts_is_read_back(sent) -> None:
    spec = sensible(sent)
    assume(spec is not None)
    assert_same(spec)

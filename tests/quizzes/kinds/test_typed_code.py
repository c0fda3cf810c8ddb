import ast
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.kinds.typed_code import same_code, straight, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dense( 16 , activation = 'relu' )", 'Dense(16, activation="relu")'),
        ("'relu'", '"relu"'),
        ("'it\\'s'", '"it\'s"'),
        ("1e-3", "0.001"),
        (".001", "1.0E-3"),
        ("032", "32"),
        ("1_000", "1000"),
        ("10.0", "1e1"),
        ("f(1,)", "f(1)"),
        ("f(shape=(2,),)", "f(shape=(2,))"),
        ("(2, 3,)", "(2,3)"),
        ("[1,]", "[1]"),
        ("{'a': 1,}", '{"a":1}'),
        ("model . fit(\n    x)", "model.fit(x)"),
        ("u'x'", "'x'"),
    ],
)
def test_the_same_code_by_two_hands(one, other) -> None:
    assert same_code(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'Relu'", "'relu'"),
        ("relu", "'relu'"),
        ("'a b'", "'ab'"),
        ("'re lu'", "'relu'"),
        ("32", "32.0"),
        ("(2,)", "(2)"),
        ("f((2,))", "f((2))"),
        ("return (2,)", "return (2)"),
        ("x[1,]", "x[1]"),
        ("a not in b", "a notin b"),
        ("a == b", "a = = b"),
        ("f(a=1, b=2)", "f(b=2, a=1)"),
        ("lr=0.01", "0.01"),
        ("f(16 # )", "f(16)"),
        ("'relu", "'relu'"),
        ("b'x'", "'x'"),
        ("1e400", "1e401"),
    ],
)
def test_what_is_not_the_same_code(one, other) -> None:
    assert not same_code(one, other)


def test_quotes_of_a_phone_are_straightened() -> None:
    assert straight(" “relu” ") == '"relu"'
    assert straight("‘relu’") == "'relu'"


@given(number=st.floats(0, 1e300))
def test_a_number_is_the_same_however_it_is_written(number) -> None:
    in_full = f"{Decimal(repr(number)):f}"
    in_full = in_full if "." in in_full else f"{in_full}.0"
    assert same_code(repr(number), in_full)
    assert same_code(repr(number), f"0{in_full}00")


_parts = st.sampled_from(
    ["16", "0.5", "relu", "'relu'", '"a b"', "(", ")", "[", "]", ",", "=", "-", "*", "x", "(2,)", " "]
)


@given(code=st.lists(_parts, max_size=12).map("".join))
def test_same_code_means_the_same_to_python(code) -> None:
    """What is compared is itself code, and Python reads it as it reads the code."""
    try:
        read = ast.dump(ast.parse(code.strip()))
    except SyntaxError:
        return
    assert ast.dump(ast.parse(" ".join(tokens(code)))) == read


@given(code=st.text(max_size=80))
def test_any_text_has_tokens_and_is_the_same_as_itself(code) -> None:
    assert same_code(code, code)


@pytest.mark.parametrize(
    "code", ["'" * 5000, "1" * 5000 + "x", "\\'" * 2500, "(," * 2500, "1_" * 2500 + "a", "u" * 5000]
)
def test_no_text_takes_long(code) -> None:
    begun = time.perf_counter()
    tokens(code)
    assert time.perf_counter() - begun < 0.2

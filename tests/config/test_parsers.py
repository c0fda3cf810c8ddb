import pytest

from config.parsers import parse_strict


def test_it_reads_ordinary_json() -> None:
    assert parse_strict('{"a": [1, 2.5, "学习率", null, true]}'.encode()) == {"a": [1, 2.5, "学习率", None, True]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": NaN}', "no number in JSON"),
        (b"[-Infinity]", "no number in JSON"),
        (b"[1e999]", "too large"),
        (b"[" * 40 + b"]" * 40, "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a": ' * 50_000, "nested deeper"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\u0000": 1}', "NUL"),
        (b"\xff\xfe", "decode"),
        (b"[" + b"9" * 5000 + b"]", "digits"),
        (b"{", "Expecting"),
    ],
)
def test_it_refuses_what_is_ambiguous_or_unbounded(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_strict(body)

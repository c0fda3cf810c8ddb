"""What may come as a response: anything that JSON can say, and what nearly fits a question."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_numbers = st.text("0123456789.,-+eE −％３ %", max_size=12)


def near_misses(sample: dict[str, Any], right: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Responses with the fields of the right one, filled with words of the question, numbers as typed, or anything."""
    words = st.sampled_from(sorted(set(_words([sample, right]))))
    value = words | _numbers | json_values
    field = value | st.lists(words, max_size=6) | st.dictionaries(words, words | value, max_size=6)
    alone = [st.fixed_dictionaries({name: field}) for name in right]
    return st.one_of(*alone, st.fixed_dictionaries({}, optional=dict.fromkeys(right, field)))


def _words(written: Any) -> Iterator[str]:
    """Every text and every name of a field in it: some of them are ids."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict):
        for name, inner in written.items():
            yield name
            yield from _words(inner)
    elif isinstance(written, list):
        for inner in written:
            yield from _words(inner)

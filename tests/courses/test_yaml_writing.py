"""YAML reads well, and every reader gets the value back."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.documents import read_yaml
from courses.yaml_writing import to_yaml

VALUE = {
    "id": "learning-rate",
    "explained_in": ["lesson/section"],
    "empty": [],
    "no": ["no", "1e-4", "01", "Zürich", "CC-BY-SA-4.0"],
    "key": 3.0,
    "tolerance": 0.005,
    "shuffle": True,
    "texts": {"zh-hans": {"text": "学习率", "code": "one:\n\n  two"}},
}
WRITTEN = """\
id: learning-rate
explained_in:
  - lesson/section
empty: []
'no':
  - 'no'
  - "1e-4"
  - "01"
  - "Zürich"
  - CC-BY-SA-4.0
key: 3
tolerance: 0.005
shuffle: true
texts:
  zh-hans:
    text: "学习率"
    code: |-
      one:

        two
"""


def test_it_writes_what_people_read():
    assert to_yaml(VALUE) == WRITTEN
    assert to_yaml({"title": "neurons"}, texts=True) == 'title: "neurons"\n'


SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(SIGNS, max_size=20) | st.text("\n a#-:|>\t'\"\\!&*\r\u2028\x85[]{},%@`1.e", max_size=20)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e300, 1e300)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.booleans())
def test_every_reader_gets_the_value_back(value, texts):
    written = to_yaml({"value": value}, texts=texts)
    assert read_yaml(written, "x").value["value"] == value
    assert yaml.safe_load(written)["value"] == value

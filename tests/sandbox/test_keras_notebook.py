"""A spec's notebook …"""

import ast
import json
from typing import Any

import nbformat
import pytest
from django.utils import translation
from django.utils.translation import gettext

from sandbox.keras_script import notebook as keras_notebook
from sandbox.keras_script import script
from sandbox.keras_script.notebook import notebook
from tests.sandbox.script_specs import TRAINED, table_spec, trained

HOSTILE = "<img src=x onerror=alert(1)> `x` [a](javascript:b)"


def cells(text: str, kind: str) -> list[str]:
    made: Any = nbformat.reads(text, as_version=4)
    return [cell.source for cell in made.cells if cell.cell_type == kind]


@pytest.mark.parametrize("name", TRAINED)
def test_it_is_a_notebook(name: str) -> None:
    text = notebook(trained(name))
    made: Any = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    assert (made.nbformat, made.metadata.kernelspec.language) == (4, "python")
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code"] * 6
    for code in cells(text, "code"):
        ast.parse(code)


def test_its_code_is_that_of_the_script_and_the_curves() -> None:
    code = cells(notebook(trained("pictures")), "code")
    assert [part in script(trained("pictures")) for part in code] == [True, True, True, True, False, True]
    assert "matplotlib" in code[4]


def test_it_is_the_same_every_time() -> None:
    assert notebook(trained("pictures")) == notebook(trained("pictures"))


def test_it_says_what_is_trained_on_what() -> None:
    words = cells(notebook(trained("the notes' network")), "markdown")
    assert words[0].startswith("# Clinical trial\n\nAn experiment made with Engram")
    assert "tensorflow 2.21, keras 3.15, numpy 2.4." in words[0]
    assert "642 weights and biases" in words[2]
    assert "all 1890 training rows once, in 189 steps of at most 10 rows" in words[3]
    assert "which classes" in words[5]
    assert "which classes" not in cells(notebook(trained("regression with huber")), "markdown")[5]


def test_its_words_are_in_the_reader_s_language() -> None:
    with translation.override("zh-hans"):
        words = cells(notebook(trained("pictures"), gettext), "markdown")
    assert words[0].startswith("# 手写数字")
    assert words[1].startswith("## 数据")


def test_every_text_can_be_filled_in() -> None:
    texts = [*keras_notebook.TEXTS.values(), keras_notebook.NUMBERS_ALONE]
    for text in texts:
        assert text % {"parameters": 1, "rows": 2, "steps": 3, "batch": 4}


def test_a_learner_s_names_are_in_no_text() -> None:
    spec = table_spec(target=HOSTILE, columns=[{"name": HOSTILE + "1"}], classes=[HOSTILE, "b"])
    text = notebook(spec)
    assert not any("onerror" in words for words in cells(text, "markdown"))
    assert "`table.csv`" in cells(text, "markdown")[1]
    assert any("onerror" in code for code in cells(text, "code"))
    assert json.loads(text)["cells"][0]["source"][0] == "# Your own table\n"

"""YAML that people read: blocks, the keys in the order given, texts in quotation marks or, if they have lines, below.

`read_yaml` and any other reader of YAML 1.1 or 1.2 give the same value back. Pure.
"""

import re
from typing import Any

import yaml

from courses.documents import FLOAT, INTEGER, WORDS

# What may stand without quotation marks: an id, unless a reader could take it for a number or a truth value.
ID = re.compile(r"[a-z0-9]+([-_./][a-z0-9]+)*", re.IGNORECASE)
# Line breaks that are none to us would be lost in a block.
OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
# A whole number is written without a point, as people write it.
MOST_DIGITS = 1e15
STRING = "tag:yaml.org,2002:str"


class _Quoted(str):
    """In quotation marks: `no`, `1e-4` and `null` stay words."""


class _Lines(str):
    """Line by line, where YAML can write it so."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand below their key and two further in."""
        super().increase_indent(flow, indentless=False)


_Dumper.add_representer(_Quoted, lambda dumper, text: dumper.represent_scalar(STRING, text, style='"'))
_Dumper.add_representer(_Lines, lambda dumper, text: dumper.represent_scalar(STRING, text, style="|"))


def to_yaml(value: Any, *, texts: bool = False) -> str:
    """Write what JSON can hold. Below a key `texts`, or everywhere with `texts`, no word stands without its marks."""
    return yaml.dump(_styled(value, texts), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


def _styled(value: Any, texts: bool) -> Any:
    if isinstance(value, dict):
        return {_styled_key(key): _styled(item, texts or key == "texts") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_styled(item, texts) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < MOST_DIGITS:
        return int(value)
    return _styled_text(value, texts) if isinstance(value, str) else value


def _styled_key(key: str) -> str:
    return key if ID.fullmatch(key) else _Quoted(key)


def _styled_text(text: str, texts: bool) -> str:
    if "\n" in text and not OTHER_BREAKS.search(text):
        return _Lines(text)
    if texts or not ID.fullmatch(text) or text in WORDS or INTEGER.fullmatch(text) or FLOAT.fullmatch(text):
        return _Quoted(text)
    return text

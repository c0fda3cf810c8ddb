"""The ids of choices, items, pairs, answers and blanks where a file has none of its own. Pure.

A format without ids names a choice by its text, the course as its author liked. The texts say which is which.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

FIELDS: Final = ("choices", "items", "pairs", "distractors", "answers", "mistakes")
"""Where the kinds list what has an id, in their order: ids, mappings with an `id`, or a mapping of ids to numbers."""


def align(written: Mapping[str, Any], current: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return `written` with the ids of `current`, both bodies of one kind as `questions.yaml` has them.

    What reads the same in `locale` is the same; what is left over goes by its place, if as much is left on both sides.
    Everything else keeps the id that it has, unless that is taken.
    """
    if len(written.get("blanks", ())) == len(current.get("blanks", ())) == 1:
        return _with_blank(written, current, locale)
    renamed: dict[str, str] = {}
    for field in FIELDS:
        renamed |= _renamed(field, written, current, locale)
    if all(old == new for old, new in renamed.items()):
        return dict(written)
    body = {field: _with(renamed, value) if field in (*FIELDS, "key") else value for field, value in written.items()}
    texts = written["texts"][locale]
    own = {name: _with_keys(renamed, value) if isinstance(value, dict) else value for name, value in texts.items()}
    return {**body, "texts": {locale: own}}


def _renamed(field: str, written: Mapping[str, Any], current: Mapping[str, Any], locale: str) -> dict[str, str]:
    found, known = list(_ids(written.get(field))), list(_ids(current.get(field)))
    if set(found) == set(known):
        return {}
    free = {one: _label(current, field, one, locale) for one in known}
    renamed: dict[str, str] = {}
    for one in found:
        label = _label(written, field, one, locale)
        alike = next((other for other, text in free.items() if text == label), None)
        if alike is not None:
            renamed[one] = alike
            del free[alike]
    left = [one for one in found if one not in renamed]
    if len(left) == len(free):
        return renamed | dict(zip(left, free, strict=True))
    taken = {*renamed.values(), *free}
    for one in left:
        renamed[one] = _untaken(one, taken.union(left)) if one in taken else one
        taken.add(renamed[one])
    return renamed


def _untaken(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _ids(field: Any) -> Iterator[str]:
    for one in field or ():
        yield str(one["id"]) if isinstance(one, dict) else str(one)


def _label(body: Mapping[str, Any], field: str, name: str, locale: str) -> list[Any]:
    """All that is to be read under an id, without what is said of it afterwards."""
    if isinstance(body[field], dict):
        return [body[field][name]]
    texts = body["texts"].get(locale, {})
    read = [value[name] for value in texts.values() if isinstance(value, dict) and name in value]
    return [one.get("text", one.get("accept", one)) if isinstance(one, dict) else one for one in read]


def _with(renamed: Mapping[str, str], value: Any) -> Any:
    """Rename ids: in lists, below `id`, or as the keys of a mapping."""
    if isinstance(value, str):
        return renamed.get(value, value)
    if isinstance(value, list):
        return [_with(renamed, one) for one in value]
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return {**value, "id": renamed.get(value["id"], value["id"])}
    return _with_keys(renamed, value) if isinstance(value, dict) else value


def _with_keys(renamed: Mapping[str, str], value: Mapping[str, Any]) -> dict[str, Any]:
    return {renamed.get(name, name): inner for name, inner in value.items()}


def _with_blank(written: Mapping[str, Any], current: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Of a text with one blank: it is the same blank, and its options are choices."""
    (found,), (name,) = written["blanks"], current["blanks"]
    texts = written["texts"][locale]
    blank, words = written["blanks"][found], texts["blanks"][found]
    if "options" in blank and "options" in current["blanks"][name]:
        own = align(_as_choices(written, found, locale), _as_choices(current, name, locale), locale)
        blank = {**blank, "options": own["choices"], "key": own["key"]}
        words = {**words, "options": own["texts"][locale]["choices"]}
    text = str(texts["text"]).replace(f"[[{found}]]", f"[[{name}]]")
    return {**written, "blanks": {name: blank}, "texts": {locale: {**texts, "text": text, "blanks": {name: words}}}}


def _as_choices(body: Mapping[str, Any], blank: str, locale: str) -> dict[str, Any]:
    options = body["texts"][locale]["blanks"][blank].get("options", {})
    own = body["blanks"][blank]
    return {"choices": own["options"], "key": own["key"], "texts": {locale: {"choices": options}}}

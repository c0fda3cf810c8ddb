"""Questions of every kind with any texts: what an author could have written."""

from typing import Any

from hypothesis import strategies as st

from quizzes import kinds
from quizzes.interchange.items import Entry

_signs = st.sampled_from([
    *"ab B2{}~#=\\%:*|'\"@+-<>&;$`_[]()!，权＝\n\t\r\xa0é",
    *("[[a]]", "[[", "]]", "{1:SA:=", "\\[[", "&#", "&amp;", "<b>", "]]>", "A", "1", "true", "x005F_", "#N/A", " to "),
    "5 %",
])  # fmt: skip
texts = st.lists(_signs, min_size=1, max_size=5).map("".join).filter(lambda text: text.strip() == text and bool(text))
ids = st.sampled_from(["a", "b", "1", "2", "c1", "c2", "true", "a-2", "b2", "item1", "pair2", "blank1", "kg"])
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-20, 20).map(float)
positive = st.floats(min_value=1e-300, max_value=1e300)


def _ids(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(ids, min_size=least, max_size=most, unique=True)


def _filled(names: list[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict.fromkeys(names, value))


@st.composite
def _choices(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(_ids(2, 5))
    kind = draw(st.sampled_from(["single_choice", "multiple_choice"]))
    keys = draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True))
    choice = st.fixed_dictionaries({"text": texts}, optional={"feedback": texts})
    key: object = keys[0] if kind == "single_choice" else keys
    return {
        "kind": kind,
        "choices": names,
        "key": key,
        "texts": {"prompt": draw(texts), "choices": draw(_filled(names, choice))},
    }


@st.composite
def _true_false(draw: st.DrawFn) -> dict[str, Any]:
    said = st.fixed_dictionaries({"prompt": texts}, optional={"if_true": texts, "if_false": texts})
    return {"kind": "true_false", "key": draw(st.booleans()), "texts": draw(said)}


@st.composite
def _short_text(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(_ids(1, 4))
    shares = [1.0, *draw(st.lists(st.floats(0, 1), min_size=len(names) - 1, max_size=len(names) - 1))]
    answer = st.fixed_dictionaries({"accept": st.lists(texts, min_size=1, max_size=3)}, optional={"feedback": texts})
    return {
        "kind": "short_text",
        "case": draw(st.booleans()),
        "answers": [{"id": name, "share": share} for name, share in zip(names, shares, strict=True)],
        "texts": {"prompt": draw(texts), "answers": draw(_filled(names, answer))},
    }


@st.composite
def _numeric(draw: st.DrawFn) -> dict[str, Any]:
    mistakes = draw(st.dictionaries(ids, numbers, max_size=2))
    right = draw(
        st.fixed_dictionaries({"key": numbers}, optional={"tolerance": positive})
        | st.fixed_dictionaries({"key": numbers, "relative": st.floats(1e-9, 0.999)})
        | st.lists(numbers, min_size=2, max_size=2).map(lambda ends: {"range": sorted(ends)})
    )
    said = {"prompt": draw(texts), "mistakes": draw(_filled(list(mistakes), texts))}
    said |= draw(st.fixed_dictionaries({}, optional={"unit": texts | st.just("kg")}))
    units = draw(st.dictionaries(texts | st.just("kg"), positive | st.just(1.0), max_size=3))
    return {"kind": "numeric", **right, "mistakes": mistakes, "units": units, "texts": said}


@st.composite
def _matching(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(_ids(2, 5))
    count = draw(st.integers(2, len(names)))
    said = {
        "prompt": draw(texts), "left": draw(_filled(names[:count], texts)), "right": draw(_filled(names, texts)),
    }  # fmt: skip
    return {"kind": "matching", "pairs": names[:count], "distractors": names[count:], "texts": said}


@st.composite
def _ordering(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(_ids(2, 5))
    said = {"prompt": draw(texts), "items": draw(_filled(names, texts))}
    return {"kind": "ordering", "items": names, "key": draw(st.permutations(names)), "texts": said}


@st.composite
def _cloze(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(_ids(1, 3))
    around = draw(st.lists(texts, min_size=len(names) + 1, max_size=len(names) + 1))
    text = around[0] + "".join(f" [[{name}]] {after}" for name, after in zip(names, around[1:], strict=True))
    blanks: dict[str, Any] = {}
    said: dict[str, Any] = {}
    for name in names:
        if draw(st.booleans()):
            options = draw(_ids(2, 3))
            blanks[name] = {"input": "choose", "options": options, "key": draw(st.sampled_from(options))}
            said[name] = {"options": draw(_filled(options, texts))}
        else:
            blanks[name], said[name] = {"input": "type"}, {"accept": draw(st.lists(texts, min_size=1, max_size=3))}
    return {"kind": "cloze", "blanks": blanks, "texts": {"text": text, "blanks": said}}


@st.composite
def _flashcard(draw: st.DrawFn) -> dict[str, Any]:
    return {"kind": "flashcard", "texts": {"front": draw(texts), "back": draw(texts)}}


_any = st.one_of(_choices(), _true_false(), _short_text(), _numeric(), _matching(), _ordering(), _cloze(), _flashcard())


def _is_question(written: dict[str, Any]) -> bool:
    try:
        kinds.parse(written)
    except ValueError:
        return False
    return True


@st.composite
def entry_lists(draw: st.DrawFn) -> list[Entry]:
    drawn = draw(st.lists(_written().filter(_is_question), max_size=3))
    titles = st.text(max_size=8)
    return [
        Entry(
            f"q-{place}",
            draw(titles),
            kinds.parse(body),
            tuple(draw(st.lists(ids, max_size=2, unique=True))),
            draw(titles),
        )
        for place, body in enumerate(drawn)
    ]


@st.composite
def _written(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(_any)
    said = body["texts"] | draw(st.fixed_dictionaries({}, optional={"hints": st.lists(texts, max_size=3)}))
    if body["kind"] != "flashcard":
        said |= draw(st.fixed_dictionaries({}, optional={"feedback": texts}))
    return {**body, "texts": {"en": said}}

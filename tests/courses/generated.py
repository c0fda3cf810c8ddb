"""Any course: folders with every kind of question and directive, in any languages, that import without an error."""

import itertools
import string
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from courses.yaml_writing import to_yaml
from tests.sandbox.kinds import EVERY

Files = dict[str, bytes]
Draw = Callable[[st.SearchStrategy[Any]], Any]

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
PICTURES = {"png": PIXEL, "jpg": b"\xff\xd8\xff\xe0 jpeg", "gif": b"GIF89a gif", "webp": b"RIFF\x00\x00\x00\x00WEBP"}
LOCALES = ["en", "zh-hans", "de", "pt-br", "ar"]
# What YAML, Markdown or HTML could take for something else.
TRICKY = [
    "no", "null", "~", "1e-4", "0x1f", "012", "1:30", "2026-01-01", "- a", "# a", "a: b", "a #b", "'", '"', "\\", "@a",
    "`a`", "%a", "&a *a", "!a", "{a: b}", "[a]", "| a", "> a", "? a", "---", "...", "a\n---\nb", "  a\n b", "a\n\nb",
    "==a== **b** $x_1 < 2$", "<script>", "&amp;", "a\u2028b", "a\x85b", "😀", "学习率", "e\u0301", "\ufeffa", "a\tb",
]  # fmt: skip
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
texts = (anything | st.sampled_from(TRICKY)).filter(lambda text: text.strip())
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
# Words that mean nothing in the text of a lesson, where a wrong sign is an error.
words = st.text(st.sampled_from("abc XYZ019.,;'学习率，。éß😀"), min_size=1, max_size=30).map(str.strip).filter(bool)
slugs = st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
BLOCKS = [
    "A ==mark==, **bold**, `code` and $x_i^2 \\le 1$.",
    "$$\\frac{\\partial L}{\\partial w} = \\sum_i x_i$$",
    "| a | b |\n|---|--:|\n| 1 | $2$ |",
    "```python\nimport keras\n\nmodel = 1  # {not: yaml}\n```",
    "~~~\n---\n# no heading\n::preset{none}\n~~~",
    "- one\n    - two\n\n1. three",
    "!!! note \"Title\"\n    Said beside.\n\n    ---",
    "A footnote[^1].\n\n[^1]: Below, with a\ttab and two spaces  \nand a break.",
    "> quoted\n\n* * *",
    "[out](https://example.org/?a=b&c) and <b>HTML</b> <script>alert(1)</script>",
    '::diagram[A *caption*]{network layers=2-3-1 alt="Six \\"nodes\\""}',
]  # fmt: skip


@st.composite
def courses(draw: Draw) -> Files:
    """The files of a course folder."""
    return _Course(draw).files


class _Course:
    def __init__(self, draw: Draw) -> None:
        self.draw, self.files = draw, dict[str, bytes]()
        self.locales = draw(st.lists(st.sampled_from(LOCALES), min_size=1, max_size=3, unique=True))
        self.names = (f"{letter}{number}" for number in itertools.count() for letter in string.ascii_lowercase)
        self.slugs = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
        self.sections = {slug: draw(st.lists(slugs, min_size=1, max_size=3, unique=True)) for slug in self.slugs}
        self.concepts = draw(st.lists(slugs, max_size=3, unique=True))
        numbers = sorted(draw(st.sets(st.integers(0, 9999), min_size=len(self.slugs), max_size=len(self.slugs))))
        self.folders = {slug: f"{number:02d}-{slug}" for number, slug in zip(numbers, self.slugs, strict=True)}
        self.presets: list[str] = []
        for slug in self.slugs:
            self._lesson(slug)
        self.files["course.yaml"] = to_yaml(self._manifest()).encode()

    def some(self, values: list[str], most: int = 3) -> list[str]:
        if not values:
            return []
        found: list[str] = self.draw(st.lists(st.sampled_from(values), max_size=most, unique=True))
        return found

    def optional(self, key: str, strategy: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {key: self.draw(strategy)} if self.draw(st.booleans()) else {}

    def _manifest(self) -> dict[str, Any]:
        paths = [f"{lesson}/{section}" for lesson, sections in self.sections.items() for section in sections]
        titled = {locale: {"title": self.draw(lines), **self.optional("summary", texts)} for locale in self.locales}
        concepts = [
            {
                "id": concept,
                "explained_in": self.some(paths),
                "texts": {
                    locale: {"name": self.draw(lines), "definition": self.draw(texts)} for locale in self.locales
                },
            }
            for concept in self.concepts
        ]
        head = {"slug": self.draw(slugs), **self.optional("licence", lines), "locales": self.locales, "texts": titled}
        return {**head, "lessons": [self.folders[slug] for slug in self.slugs], "concepts": concepts}

    # --- lessons -----------------------------------------------------------------------------------------------------

    def _lesson(self, slug: str) -> None:
        folder, sections = self.folders[slug], self.sections[slug]
        kinds = self.draw(st.lists(st.sampled_from(list(QUESTIONS)), max_size=4))
        questions = [self._question(kind, sections) for kind in kinds]
        experiments = [self._experiment(sections) for _ in range(self.draw(st.integers(0, 2)))]
        challenges = [self._challenge(sections) for _ in range(self.draw(st.integers(0, 1)))]
        self._write_yaml(f"{folder}/questions.yaml", {**self._quiz(questions), "questions": questions})
        self._write_yaml(f"{folder}/experiments.yaml", {"experiments": experiments, "challenges": challenges})
        self.presets += [entry["id"] for entry in experiments]
        pictures = {
            f"{self.draw(st.sampled_from(['', 'img/', 'a/b/']))}{next(self.names)}.{kind}": PICTURES[kind]
            for kind in self.some(list(PICTURES), 2)
        }
        self.files |= {f"{folder}/{name}": content for name, content in pictures.items()}
        placed = [f"::preset[A **caption**]{{{name}}}" for name in self.presets]
        placed += [f"::question{{{entry['id']}}}" for entry in questions]
        placed += [f"::challenge[$x$]{{{entry['id']}}}" for entry in challenges]
        placed += [f"![A picture]({name})" for name in pictures]
        placed += [f"[there](../{other}#{self.sections[other][0]})" for other in self.slugs]
        for locale in self.locales:
            front = {"title": self.draw(lines), **self.optional("summary", texts)}
            body = self._body(sections, placed if pictures else self.some(placed), must=list(pictures))
            self.files[f"{folder}/lesson.{locale}.md"] = f"---\n{to_yaml(front, texts=True)}---\n{body}".encode()

    def _body(self, sections: list[str], placed: list[str], must: list[str]) -> str:
        blocks = [*placed]
        blocks += self.draw(st.lists(st.sampled_from(BLOCKS), max_size=3, unique=True))
        blocks += self.draw(st.lists(words, max_size=2))
        blocks = list(self.draw(st.permutations(blocks)))
        cut = len(blocks) // len(sections)
        pieces = [self.draw(st.sampled_from(["", "\n", "Before.\n"]))]
        for index, section in enumerate(sections):
            own = blocks[index * cut : (index + 1) * cut if index + 1 < len(sections) else None]
            pieces += [f"{'#' * self.draw(st.integers(2, 3))} {self.draw(words)} {{#{section}}}", *own]
        return "\n\n".join(pieces) + self.draw(st.sampled_from(["", "\n", "\n\n"]))

    def _write_yaml(self, name: str, value: dict[str, Any]) -> None:
        """Leaves out what is empty, or leaves it in: both are the same."""
        kept = {key: item for key, item in value.items() if item or self.draw(st.booleans())}
        if kept or (name.endswith("questions.yaml") and self.draw(st.booleans())):
            self.files[name] = to_yaml(kept).encode()

    # --- questions ---------------------------------------------------------------------------------------------------

    def _quiz(self, questions: list[dict[str, Any]]) -> dict[str, Any]:
        asked = self.some([entry["id"] for entry in questions if entry["kind"] != "flashcard"], 4)
        if not asked:
            return {}
        titles = {locale: {"title": self.draw(lines)} for locale in self.locales}
        return {"quiz": {"id": next(self.names), "texts": titles, "questions": asked}}

    def _head(self, sections: list[str]) -> dict[str, Any]:
        section = self.optional("section", st.sampled_from(sections))
        return {"id": next(self.names), **section, "concepts": self.some(self.concepts)}

    def _question(self, kind: str, sections: list[str]) -> dict[str, Any]:
        body, text = QUESTIONS[kind](self)
        hints = st.lists(texts, max_size=5)
        written = {
            locale: {**text(), **self.feedback(kind), **self.optional("hints", hints)} for locale in self.locales
        }
        return {**self._head(sections), "kind": kind, **body, "texts": written}

    def feedback(self, kind: str) -> dict[str, Any]:
        return {} if kind == "flashcard" else self.optional("feedback", texts)

    def ids(self, least: int = 2) -> list[str]:
        found: list[str] = self.draw(st.lists(slugs, min_size=least, max_size=4, unique=True))
        return found

    def _experiment(self, sections: list[str]) -> dict[str, Any]:
        titles = {locale: {"title": self.draw(lines), **self.optional("summary", texts)} for locale in self.locales}
        section = self.optional("section", st.sampled_from(sections))
        spec = self.draw(st.sampled_from(list(EVERY.values())))
        return {"id": next(self.names), **section, "texts": titles, "spec": spec}

    def _challenge(self, sections: list[str]) -> dict[str, Any]:
        number = st.floats(0, 1000)
        targets = {
            "epochs": {"at_most": self.draw(number)},
            **self.optional("parameters", number.map(lambda most: {"at_least": 1, "at_most": most + 1})),
            **self.optional("optimizers", st.just(["sgd", "adam"])),
            **self.optional("outcome", st.just("diverged")),
        }
        told = {
            locale: {
                "title": self.draw(lines)[:200],
                "prompt": self.draw(texts),
                **self.optional("hint", texts),
                **self.optional("hints", st.lists(texts, max_size=5)),
            }
            for locale in self.locales
        }
        start = self.draw(st.sampled_from(list(EVERY.values())))
        return {**self._head(sections), "start": start, "targets": targets, "texts": told}


Text = Callable[[], dict[str, Any]]


def _choices(course: _Course, key: Callable[[list[str]], Any], names: str = "choices") -> tuple[dict[str, Any], Text]:
    ids = course.ids()

    def text() -> dict[str, Any]:
        said = {one: {"text": course.draw(texts), **course.optional("feedback", texts)} for one in ids}
        return {"prompt": course.draw(texts), names: said}

    return {names: ids, "key": key(ids)}, text


def _single_choice(course: _Course) -> tuple[dict[str, Any], Text]:
    return _choices(course, lambda ids: course.draw(st.sampled_from(ids)))


def _multiple_choice(course: _Course) -> tuple[dict[str, Any], Text]:
    return _choices(course, lambda ids: ids[:-1])


def _ordering(course: _Course) -> tuple[dict[str, Any], Text]:
    ids = course.ids()

    def text() -> dict[str, Any]:
        return {"prompt": course.draw(texts), "items": {one: course.draw(texts) for one in ids}}

    return {"items": ids, "key": ids[::-1]}, text


def _true_false(course: _Course) -> tuple[dict[str, Any], Text]:
    def text() -> dict[str, Any]:
        return {"prompt": course.draw(texts), **course.optional("if_true", texts), **course.optional("if_false", texts)}

    return {"key": course.draw(st.booleans())}, text


def _numeric(course: _Course) -> tuple[dict[str, Any], Text]:
    key = course.draw(st.floats(-1e6, 1e6) | st.integers(-100, 100))
    tolerance = course.optional("tolerance", st.floats(0, 0.5))
    mistakes = course.optional("mistakes", st.just({"sign": key + 2}))

    def text() -> dict[str, Any]:
        told = {"mistakes": {"sign": course.draw(texts)}} if mistakes else {}
        return {"prompt": course.draw(texts), **course.optional("unit", st.just("%")), **told}

    return {"key": key, **tolerance, **mistakes}, text


def _cloze(course: _Course) -> tuple[dict[str, Any], Text]:
    options = course.ids()
    key = course.draw(st.sampled_from(options))

    def text() -> dict[str, Any]:
        chosen = {"options": {one: course.draw(lines) for one in options}}
        typed = {"accept": course.draw(st.lists(lines, min_size=1, max_size=3))}
        return {"text": f"{course.draw(words)} [[b1]] and [[b2]].", "blanks": {"b1": chosen, "b2": typed}}

    return {"blanks": {"b1": {"input": "choose", "options": options, "key": key}, "b2": {"input": "type"}}}, text


def _short_text(course: _Course) -> tuple[dict[str, Any], Text]:
    ids = course.ids()
    shares = [{"id": one, **({"share": course.draw(st.floats(0, 1))} if one != ids[0] else {})} for one in ids]
    patterns = st.lists(lines.map(lambda line: f"x*{line}"), min_size=1, max_size=3)

    def text() -> dict[str, Any]:
        answers = {one: {"accept": course.draw(patterns), **course.optional("feedback", texts)} for one in ids}
        return {"prompt": course.draw(texts), "answers": answers}

    return {**course.optional("case", st.booleans()), "answers": shares}, text


def _matching(course: _Course) -> tuple[dict[str, Any], Text]:
    *pairs, distractor = course.ids(least=3)

    def text() -> dict[str, Any]:
        left = {one: course.draw(texts) for one in pairs}
        right = {one: f"{one}: {course.draw(texts)}" for one in (*pairs, distractor)}
        return {"prompt": course.draw(texts), "left": left, "right": right}

    return {"pairs": pairs, "distractors": [distractor]}, text


def _flashcard(course: _Course) -> tuple[dict[str, Any], Text]:
    return {}, lambda: {"front": course.draw(texts), "back": course.draw(texts)}


def _calculated(course: _Course) -> tuple[dict[str, Any], Text]:
    drawn = course.draw(
        st.sampled_from([{"low": -1, "high": 1, "step": 0.25}, {"one_of": [1, 2.5]}, {"one_of": [-3.5, 0.001, 1e4]}])
    )
    near = course.draw(st.sampled_from([{"decimals": 2}, {"tolerance": 0.01}, {"relative": 0.1}]))
    mistakes = course.optional("mistakes", st.just({"sign": "x + 7"}))

    def text() -> dict[str, Any]:
        told = {"mistakes": {"sign": course.draw(texts)}} if mistakes else {}
        prompt = f"{course.draw(words)} {{rate}} and $\\frac{{x}}{{y}}$?"
        return {"prompt": prompt, **course.optional("unit", st.just("%")), **told}

    return {"values": {"rate": drawn, "x": drawn}, "answer": "x / 3 - rate", **near, **mistakes}, text


def _hotspot(course: _Course) -> tuple[dict[str, Any], Text]:
    inputs = course.draw(st.integers(1, 20))
    layers = course.draw(st.lists(st.integers(0, 20), min_size=1, max_size=4))
    columns = len(layers) + 1
    names = course.optional("names", st.lists(lines, min_size=columns, max_size=columns))
    key = course.draw(st.lists(st.integers(0, len(layers)), min_size=1, max_size=len(layers), unique=True))

    def text() -> dict[str, Any]:
        return {"prompt": course.draw(texts), **names}

    network = {"inputs": inputs, "layers": layers}
    return {"network": network, **course.optional("many", st.booleans()), "key": [f"layer-{one}" for one in key]}, text


def _code_cloze(course: _Course) -> tuple[dict[str, Any], Text]:
    typed = {"accept": course.draw(st.lists(lines, min_size=1, max_size=3))}
    code = f"{course.draw(lines)}\nx = [[b1]]([[0]], [[b2]])  # {course.draw(lines)}\n"

    def text() -> dict[str, Any]:
        return {"prompt": course.draw(texts)}

    return {"code": code, "blanks": {"b1": {"options": ["f", "g"], "key": "g"}, "b2": typed}}, text


QUESTIONS: dict[str, Callable[[_Course], tuple[dict[str, Any], Text]]] = {
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "ordering": _ordering,
    "true_false": _true_false,
    "numeric": _numeric,
    "cloze": _cloze,
    "short_text": _short_text,
    "matching": _matching,
    "calculated": _calculated,
    "hotspot": _hotspot,
    "code_cloze": _code_cloze,
    "flashcard": _flashcard,
}

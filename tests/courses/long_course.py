"""A course of any length, for benchmarks and limits: every lesson as long as those of the shipped course.

Two languages, six sections of about 900 words with formulas, a table, code and diagrams, eight questions, eight
flashcards, an experiment and a challenge; links go to the lesson before.
"""

from itertools import cycle, islice
from pathlib import Path
from typing import Any

from courses.yaml_writing import to_yaml

LOCALES = ("en", "zh-hans")
SECTIONS = ("idea", "numbers", "picture", "code", "training", "keep")
SENTENCES = {
    "en": [
        "A network learns by changing its weights a little after each batch, ==against the gradient== of the loss.",
        "The size of that change is the **learning rate**, and it is chosen before training begins.",
        "With a rate of $0.1$ the loss falls quickly at first, and then more and more slowly.",
        "If the rate is too large, each step lands further from the minimum than the one before: $|1 - 2\\eta| > 1$.",
        "What the network has seen says little about what it will do with rows that it has never seen.",
        "So a part of the rows is kept apart, and after every epoch the loss of these rows is computed, too.",
        "Look at both curves: as long as they fall together, the network learns something that is true elsewhere.",
        "A hidden layer of `units=3` folds the plane three times, once along the line of each node.",
    ],
    "zh-hans": [
        "网络每看完一个批次，就把权重改动一点，方向总是==损失的负梯度==。",
        "改动的大小由**学习率**决定，它在训练开始之前就选好了。",
        "学习率取 $0.1$ 时，损失起初下降得很快，后来越来越慢。",
        "学习率太大时，每一步都落得比上一步离最小值更远：$|1 - 2\\eta| > 1$。",
        "网络见过的数据，说明不了它遇到没见过的数据会怎样。",
        "所以要留出一部分数据，每个轮次之后也算一算它们的损失。",
        "两条曲线一起看：只要它们同时下降，网络学到的东西在别处也成立。",
        "隐藏层写 `units=3`，就把平面折三次，每个节点沿自己的直线折一次。",
    ],
}  # fmt: skip
TITLES = {"en": "Lesson {n}", "zh-hans": "第 {n} 课"}
CODE = """```python
import keras
from keras import layers

model = keras.Sequential([
    keras.Input(shape=(2,)),
    layers.Dense({units}, activation="relu"),
    layers.Dense(2, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
```"""
TABLE = """| $w$ | $x$ | $w x$ |
|----:|----:|------:|
| 0.5 | {n} | {half} |
| −1 | 2 | −2 |"""
SPEC: dict[str, Any] = {
    "schema": 1,
    "data": {"kind": "circles", "rows": 400, "noise": 0.1, "validation": 0.2, "split": "last_rows", "seed": 1},
    "layers": [
        {"kind": "dense", "units": 3, "activation": "relu"},
        {"kind": "dense", "units": 2, "activation": "softmax"},
    ],
    "optimizer": {"kind": "sgd", "learning_rate": 0.1},
    "loss": "sparse_categorical_crossentropy",
    "epochs": 5,
    "batch_size": 10,
    "shuffle": True,
    "seed": 1,
}


def make_course(folder: Path, lessons: int, slug: str = "long-course") -> Path:
    """Write the folder; returns it."""
    folders = [f"{number:03d}-lesson-{number}" for number in range(1, lessons + 1)]
    for number, name in enumerate(folders, 1):
        (folder / name).mkdir(parents=True)
        for locale in LOCALES:
            (folder / name / f"lesson.{locale}.md").write_text(_text(number, locale), "utf-8")
        (folder / name / "questions.yaml").write_text(to_yaml(_questions(number)), "utf-8")
        (folder / name / "experiments.yaml").write_text(to_yaml(_experiments(number)), "utf-8")
    (folder / "course.yaml").write_text(to_yaml(_manifest(slug, folders)), "utf-8")
    return folder


def _manifest(slug: str, folders: list[str]) -> dict[str, Any]:
    concepts = [
        {
            "id": f"concept-{number}",
            "explained_in": [f"lesson-{number}/idea", f"lesson-{number}/training"],
            "texts": {
                locale: {"name": f"{number}", "definition": SENTENCES[locale][number % len(SENTENCES[locale])]}
                for locale in LOCALES
            },
        }
        for number in range(1, len(folders) + 1)
    ]
    texts = {locale: {"title": TITLES[locale].format(n=len(folders))} for locale in LOCALES}
    return {"slug": slug, "locales": list(LOCALES), "texts": texts, "lessons": folders, "concepts": concepts}


def _text(number: int, locale: str) -> str:
    front = to_yaml({"title": TITLES[locale].format(n=number), "summary": SENTENCES[locale][0]}, texts=True)
    pieces = [f"---\n{front}---", ""]
    for place, section in enumerate(SECTIONS):
        pieces += [f"## {TITLES[locale].format(n=number)}.{place} {{#{section}}}", *_section(number, place, locale)]
    return "\n\n".join(pieces) + "\n"


def _section(number: int, place: int, locale: str) -> list[str]:
    join = " " if locale == "en" else ""
    said = islice(cycle(SENTENCES[locale]), number + place, None)
    paragraphs = [join.join(islice(said, 4)) for _ in range(2)]
    blocks = {
        "idea": f"$$w_{{neu}} = w - \\eta \\frac{{\\partial L}}{{\\partial w}}, \\quad n = {number}$$",
        "numbers": TABLE.format(n=number, half=number / 2),
        "picture": f'::diagram[{paragraphs[0][:20]}]{{network layers=2-{number % 6 + 2}-2 alt="{number}"}}',
        "code": CODE.format(units=number % 60 + 2),
        "training": f"::preset[{number}]{{train-{number}}}\n\n::challenge[{number}]{{reach-{number}}}",
        "keep": f"::question[{number}]{{choice-{number}-0}}\n\n[{number}](../lesson-{max(1, number - 1)}#idea)",
    }
    return [paragraphs[0], blocks[SECTIONS[place]], f"- {paragraphs[1]}\n- ==**{number}**==", paragraphs[0]]


def _questions(number: int) -> dict[str, Any]:
    choices = [_choice(number, index) for index in range(8)]
    quiz = {"id": f"quiz-{number}", "texts": {locale: {"title": TITLES[locale].format(n=number)} for locale in LOCALES}}
    cards = [_card(number, index) for index in range(8)]
    return {"quiz": {**quiz, "questions": [choice["id"] for choice in choices]}, "questions": [*choices, *cards]}


def _choice(number: int, index: int) -> dict[str, Any]:
    section = SECTIONS[index % len(SECTIONS)]
    ids = ["a", "b", "c", "d"]
    texts = {}
    for locale in LOCALES:
        said = SENTENCES[locale]
        texts[locale] = {
            "prompt": f"{number}.{index}: {said[index]}",
            "choices": {
                one: {"text": said[place], "feedback": said[place + 1]}
                for place, one in enumerate(ids, start=index % 4)
            },
            "feedback": said[-1],
        }
    head = {"id": f"choice-{number}-{index}", "kind": "single_choice", "section": section}
    return {**head, "concepts": [f"concept-{number}"], "choices": ids, "key": ids[index % 4], "texts": texts}


def _card(number: int, index: int) -> dict[str, Any]:
    texts = {
        locale: {"front": f"{number}.{index}: {said[index]}", "back": said[(index + 1) % len(said)]}
        for locale, said in SENTENCES.items()
    }
    head = {"id": f"card-{number}-{index}", "kind": "flashcard", "section": SECTIONS[index % len(SECTIONS)]}
    return {**head, "concepts": [f"concept-{number}"], "texts": texts}


def _experiments(number: int) -> dict[str, Any]:
    titles = {locale: {"title": TITLES[locale].format(n=number)} for locale in LOCALES}
    prompts = {locale: {**titles[locale], "prompt": SENTENCES[locale][1]} for locale in LOCALES}
    preset = {"id": f"train-{number}", "section": "training", "texts": titles, "spec": {**SPEC, "seed": number}}
    challenge = {"id": f"reach-{number}", "section": "training", "concepts": [f"concept-{number}"]}
    targets = {"val_accuracy": {"at_least": 0.9}, "epochs": {"at_most": 20}}
    return {"experiments": [preset], "challenges": [{**challenge, "start": SPEC, "targets": targets, "texts": prompts}]}

"""What is hostile in the YAML of a course is refused by `import_course --check`, quickly, with its file and line."""

import time

import pytest
from django.core.management import CommandError, call_command

from courses.documents import MAX_MESSAGE

MANIFEST = "course.yaml"
LESSON = ("01-neurons/lesson.en.md", "01-neurons/questions.yaml", "01-neurons/experiments.yaml")
FILES = (MANIFEST, *LESSON)
LAUGHS = "\n".join(
    ["a0: &a0 [lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)],
)
HOSTILE = {
    "a tag that runs code": ("x: 1\ny: !!python/object/apply:os.system ['touch /tmp/x']", 2, "tag"),
    "a tag of a key": ("x: 1\n!!python/name:os.system y: 1", 2, "tag"),
    "a tag of its own": ("x: !include /etc/passwd", 1, "tag"),
    "a billion laughs": (LAUGHS, 6, "more than 100000 values"),
    "an anchor in itself": ("x: 1\ny: &y [*y]", 2, "no anchor"),
    "an anchor of a merged key": ("x: &x {a: 1}\ny:\n  <<: *x\n  b: *z", 4, "no anchor"),
    "deep lists": ("x: 1\ny: " + "[" * 100_000, 2, "deeper than 30"),
    "deep mappings": ("\n".join(" " * n + "x:" for n in range(40)), 32, "deeper than 30"),
    "too many values": ("x: 1\n" + "y: [" + "1, " * 100_001 + "]", 2, "more than 100000 values"),
    "a key twice": ("x: 1\ny: 2\nx: 3", 3, "second time; the first is in line"),
    "a key twice, quoted": ("x: 1\n\"\\x78\": 3", 2, "second time"),
    "a key that is a list": ("x: 1\n? [a]\n: b", 2, "must be a word"),
    "a number beyond all": ("x: 1e999", 1, "too large"),
    "NUL in a text": ('x: 1\ny: "a\\0b"', 2, "NUL"),
    "half a sign": ('x: "\\ud800"', 1, "not valid YAML"),
    "a second document": ("x: 1\n...\n---\ny: 1", 3, "second document"),
    "an end that never comes": ("x: 'a\n\n\n", 4, "not valid YAML"),
    "tabs": ("x:\n\ty: 1", 2, "not valid YAML"),
}  # fmt: skip


def check(folder, capsys):
    began = time.perf_counter()
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_course", str(folder), "--check")
    assert time.perf_counter() - began < 5
    return capsys.readouterr().err.splitlines()


def write(folder, file, text):
    """Returns how many lines stand before the text."""
    if not file.endswith(".md"):
        (folder / file).write_text(text)
        return 0
    (folder / file).write_text(f"---\n{text}\n---\n\n## A {{#a}}\n")
    return 1


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_file_and_line(folder, capsys, name):
    text, line, words = HOSTILE[name]
    files = [file for file in FILES if "---" not in text or not file.endswith(".md")]  # that ends front matter
    before = {file: write(folder, file, text) for file in files[1:]}
    printed = check(folder, capsys)
    before[MANIFEST] = write(folder, MANIFEST, text)
    printed += check(folder, capsys)
    for file in files:
        found = [text for text in printed if text.startswith(f"{folder}/{file}:{line + before[file]}: ")]
        assert any(words in text for text in found), printed


def test_anchors_cost_no_more_than_they_are_long(folder, capsys):
    write(folder, LESSON[0], "x:\n" + "\n".join(f"  - &a{number} x" for number in range(60_000)))
    assert any("“title” is missing" in text for text in check(folder, capsys))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("course.yaml", f"slug: {'x' * 400_000}"),
        ("course.yaml", f"{'x' * 400_000}: 1"),
        ("01-neurons/questions.yaml", f"questions: [{{id: {'x' * 400_000}, kind: {'y' * 400_000}}}]"),
        ("01-neurons/experiments.yaml", f"experiments: [{{id: {'x' * 400_000}, texts: {{}}, {'y' * 400_000}: 1}}]"),
        ("01-neurons/lesson.en.md", f"---\ntitle: {'x' * 400_000}\n---\n"),
        ("01-neurons/lesson.en.md", f"---\ntitle: x\n---\n\n## A {{#a}}\n\n[a](#{'x' * 400_000})\n"),
    ],
)
def test_a_huge_text_makes_no_huge_message(folder, capsys, file, text):
    (folder / file).write_text(text)
    printed = check(folder, capsys)
    assert any(line.startswith(f"{folder}/{file}:") for line in printed)
    assert max(map(len, printed)) < MAX_MESSAGE + 200


def test_a_file_that_is_too_large_is_not_read(folder, capsys):
    (folder / "01-neurons" / "questions.yaml").write_text("x" * 1_000_001)
    assert any("questions.yaml: This file is larger than" in line for line in check(folder, capsys))


def test_a_text_with_nul_is_no_text(folder, capsys):
    (folder / "01-neurons" / "lesson.en.md").write_bytes(b"---\ntitle: x\n---\n\n## A {#a}\n\x00\n")
    assert any("lesson.en.md:6: This is not text" in line for line in check(folder, capsys))


def test_a_course_of_nothing_but_errors_is_given_up(folder, capsys, monkeypatch):
    monkeypatch.setattr("courses.parsing.MAX_PROBLEMS", 3)
    for lesson in ("01-neurons", "02-learning-rate"):
        for locale in ("en", "zh-hans"):
            text = "---\ntitle: x\n---\n\n## A {#a}\n\n" + "[a](#b)\n\n[a](#c)\n\n"
            (folder / lesson / f"lesson.{locale}.md").write_text(text)
    printed = check(folder, capsys)
    assert any("what follows 01-neurons has not been read" in line for line in printed)
    assert not any("02-learning-rate/lesson" in line for line in printed)

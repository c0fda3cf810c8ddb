"""The directions of the house: who may import whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ["accounts", "courses", "quizzes", "sandbox"]
MAY_IMPORT = {
    "accounts": {"accounts"},
    "courses": {"accounts", "courses"},
    "sandbox": {"accounts", "sandbox"},
    "quizzes": {"accounts", "courses", "sandbox", "quizzes"},
}
ENTRY_POINTS = ("views", "api", "admin", "urls", "tasks", "forms", "management", "folders", "editing")
PURE = [
    "courses/cleaning.py",
    "courses/comparing.py",
    "courses/course_checks.py",
    "courses/decoding.py",
    "courses/diagrams",
    "courses/directives.py",
    "courses/documents.py",
    "courses/finished_html.py",
    "courses/lesson_source.py",
    "courses/markdown_dialect.py",
    "courses/maths.py",
    "courses/notes/answer_keys.py",
    "courses/notes/blocks.py",
    "courses/notes/drafting.py",
    "courses/notes/emphasis.py",
    "courses/notes/front_matter.py",
    "courses/notes/inline.py",
    "courses/notes/lesson_inline.py",
    "courses/notes/lesson_text.py",
    "courses/notes/lessons.py",
    "courses/notes/questions.py",
    "courses/notes/quiz_drafting.py",
    "courses/notes/quiz_marks.py",
    "courses/notes/quiz_reading.py",
    "courses/notes/reading.py",
    "courses/notes/regions.py",
    "courses/notes/report.py",
    "courses/notes/tables.py",
    "courses/notes/titles.py",
    "courses/parsed.py",
    "courses/parsing.py",
    "courses/rendering.py",
    "courses/svg.py",
    "courses/yaml_writing.py",
    "quizzes/bank/aligning.py",
    "quizzes/bank/formats.py",
    "quizzes/grading.py",
    "quizzes/interchange",
    "quizzes/kinds",
    "quizzes/memory/anki/identity.py",
    "quizzes/memory/anki/log_reading.py",
    "quizzes/memory/anki/note_rendering.py",
    "quizzes/memory/anki/package_reading.py",
    "quizzes/memory/anki/question_sides.py",
    "quizzes/memory/browsing/drawing.py",
    "quizzes/memory/browsing/own_texts.py",
    "quizzes/memory/browsing/tables.py",
    "quizzes/memory/fsrs.py",
    "quizzes/memory/insight/charts.py",
    "quizzes/memory/insight/sums.py",
    "quizzes/memory/lab/rows.py",
    "quizzes/memory/lab/simulated.py",
    "quizzes/memory/learning/chart.py",
    "quizzes/memory/learning/evidence.py",
    "quizzes/memory/learning/figures.py",
    "quizzes/memory/learning/fitting.py",
    "quizzes/memory/planning/candidates.py",
    "quizzes/memory/planning/drawing.py",
    "quizzes/memory/planning/exams.py",
    "quizzes/memory/planning/line.py",
    "quizzes/memory/planning/simulation.py",
    "quizzes/memory/planning/workload.py",
    "quizzes/memory/reviewing/typed.py",
    "quizzes/rules.py",
    "quizzes/statistics/guessing.py",
    "quizzes/statistics/measures.py",
    "quizzes/statistics/moments.py",
    "quizzes/statistics/responses.py",
    "sandbox/advice.py",
    "sandbox/cost.py",
    "sandbox/datasets.py",
    "sandbox/defaults.py",
    "sandbox/drawing.py",
    "sandbox/keras_code",
    "sandbox/keras_script",
    "sandbox/messages.py",
    "sandbox/probe_messages.py",
    "sandbox/probe_rules.py",
    "sandbox/queueing.py",
    "sandbox/spec",
    "sandbox/table_recipes.py",
    "sandbox/tables/__init__.py",
    "sandbox/tables/reading.py",
    "sandbox/tables/texts.py",
]


def modules(folder: Path) -> Iterator[Path]:
    yield from sorted(file for file in folder.rglob("*.py") if "migrations" not in file.parts)


def imported(file: Path) -> set[str]:
    """Return the dotted name of every import in the file, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def is_entry_point(file: Path) -> bool:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return any(part == name or part.endswith(f"_{name}") for part in parts[1:] for name in ENTRY_POINTS)


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_what_lies_below_it(app: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(ROOT / app)
        if not is_entry_point(file)
        for name in sorted(imported(file))
        if name.split(".")[0] in APPS and name.split(".")[0] not in MAY_IMPORT[app]
    ]
    assert wrong == []


def test_only_the_engine_imports_the_heavy_libraries() -> None:
    heavy = {"tensorflow", "keras", "sklearn"}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for app in [*APPS, "config"]
        for file in modules(ROOT / app)
        if ROOT / "sandbox" / "engine" not in file.parents
        for name in imported(file)
        if name.split(".")[0] in heavy
    ]
    assert wrong == []


def test_a_web_process_starts_without_what_few_requests_need() -> None:
    script = "import sys, config.asgi; print(sorted({'numpy', 'openpyxl', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_engine_knows_no_database() -> None:
    allowed = (
        "sandbox.engine",
        "sandbox.spec",
        "sandbox.datasets",
        "sandbox.messages",
        "sandbox.probe_messages",
        "sandbox.probe_rules",
        "sandbox.tables",
        "sandbox.cost",
    )
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(ROOT / "sandbox" / "engine")
        for name in imported(file)
        if name.split(".")[0] in {"django", "config", *APPS} and not name.startswith(allowed)
    ]
    assert [line for line in wrong if not line.endswith("imports sandbox")] == []


def test_pure_modules_touch_no_model_no_clock_and_no_chance() -> None:
    banned = ("django.db", "django.conf", "django.utils.timezone", "random", "secrets", "time", "os", "socket")
    files = [file for path in PURE for file in (modules(ROOT / path) if (ROOT / path).is_dir() else [ROOT / path])]
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imported(file)
        if any(name == ban or name.startswith(f"{ban}.") for ban in banned) or name.endswith(".models")
    ]
    assert wrong == []

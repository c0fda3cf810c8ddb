"""Importing a course of 50 and of 500 lessons: seconds, and whether memory grows with the course.

    python -m tests.benchmarks.course_import

Each step is a process of its own, so that its peak of memory is its own, too; that of a process that has only started
stands beside it. Own memory is what the process and its children have made; resident memory is that of the process
alone, with the pages of the database file that SQLite maps (at most 128 MB, which the system takes back when it needs
them). Processor time counts the start, too.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers import ROOT, Installation

LENGTHS = [50, 500]
EXPECTED_SECONDS = 60
STEPS = ["start", "import", "again", "one lesson changed", "export"]


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["measure", step, folder]:
            print(json.dumps(measure(step, Path(folder))))
        case _:
            print_side_by_side({lessons: measure_all(lessons) for lessons in LENGTHS})


def measure_all(lessons: int) -> dict[str, dict[str, float]]:
    """Return the figures of every step for a course of this length."""
    from tests.courses.long_course import make_course

    with tempfile.TemporaryDirectory() as temporary, Installation(Path(temporary)) as installation:
        installation.manage("migrate", "--verbosity", "0")
        folder = make_course(Path(temporary) / "course", lessons)
        figures = {}
        for step in STEPS:
            if step == "one lesson changed":
                file = next(folder.glob("*/lesson.en.md"))
                file.write_text(file.read_text("utf-8") + "\nOne sentence more.\n", "utf-8")
            figures[step] = run_step(step, folder, installation.environment)
        figures["database"] = {"MB": (Path(temporary) / "engram.sqlite3").stat().st_size / 1e6}
        return figures


def run_step(step: str, folder: Path, environment: dict[str, str]) -> dict[str, float]:
    """Do one step in a process of its own; its memory is looked at from here, that of its children with it."""
    command = [sys.executable, "-m", "tests.benchmarks.course_import", "measure", step, str(folder)]
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=printed)
        own = 0.0
        while process.poll() is None:
            own = max(own, own_memory(process.pid))
            time.sleep(0.05)
        assert process.returncode == 0, step
        printed.seek(0)
        figures: dict[str, float] = json.loads(printed.read())
        return {**figures, "own": own}


def own_memory(pid: int) -> float:
    """The megabytes that a process and its children have made: no files, and what they share is counted once."""
    total = 0.0
    with suppress(OSError, StopIteration):  # it may end at any moment
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += own_memory(int(child))
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += int(next(line for line in lines if line.startswith("Pss_Anon:")).split()[1]) / 1000
    return total


def measure(step: str, folder: Path) -> dict[str, float]:
    """Do one step in this process; return its seconds and the peak of its memory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from courses import folders  # what the step needs is part of what a process that has started holds

    steps: dict[str, Callable[[], Any]] = {
        "start": lambda: {},
        "import": lambda: _import(folder),
        "again": lambda: _again(folder),
        "one lesson changed": lambda: _import(folder),
        "export": lambda: _export(folder, folders),
    }
    begin = time.perf_counter()
    more = steps[step]()
    seconds = time.perf_counter() - begin
    with_children = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "cpu": sum(usage.ru_utime + usage.ru_stime for usage in with_children),
        "resident": with_children[0].ru_maxrss / 1000,
        **more,
    }


def _import(folder: Path) -> dict[str, float]:
    from courses.folders import check_folder, write_folder
    from courses.processes import how_many

    begin = time.perf_counter()
    checked = check_folder(folder, processes=how_many())
    assert checked.errors == 0, checked.problems[:5]
    check = time.perf_counter() - begin
    write_folder(checked)
    return {"check": check, "write": time.perf_counter() - begin - check}


def _again(folder: Path) -> dict[str, float]:
    from courses.folders import is_current

    assert is_current(folder)
    return {}


def _export(folder: Path, folders: Any) -> dict[str, float]:
    from courses.course_files import replace_folder
    from courses.models import Course

    replace_folder(folder.parent / "export", folders.export_files(Course.objects.get()))
    return {}


def print_side_by_side(figures: dict[int, dict[str, dict[str, float]]]) -> None:
    print(f"two languages, 16 questions, an experiment and a challenge a lesson; {EXPECTED_SECONDS} s are allowed")
    print(f"{'':22}" + "".join(f"{f'{lessons} lessons':>48}" for lessons in figures))
    print(f"{'':22}" + f"{'seconds':>15}{'(CPU)':>9}{'own':>12}{'resident':>12}" * len(figures))
    for step in STEPS:
        print(f"{step:22}" + "".join(cells(one[step]) for one in figures.values()))
    for part in ("check", "write"):
        print(
            f"{f'  import: {part}':22}" + "".join(f"{one['import'][part]:13.2f} s{'':33}" for one in figures.values())
        )
    print(f"{'  database':22}" + "".join(f"{one['database']['MB']:45.0f} MB" for one in figures.values()))
    short, long = figures[min(figures)]["import"], figures[max(figures)]["import"]
    print(f"{max(figures)} lessons: {long['seconds']:.1f} s, {long['own'] - short['own']:+.0f} MB of its own")


def cells(figures: dict[str, float]) -> str:
    seconds, cpu = figures["seconds"], f"({figures['cpu']:.1f})"
    return f"{seconds:13.2f} s{cpu:>9}{figures['own']:9.0f} MB{figures['resident']:9.0f} MB"


if __name__ == "__main__":
    main(sys.argv[1:])

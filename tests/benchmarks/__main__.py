"""`python -m tests.benchmarks [all | NAME]`: prints figures, decides nothing. The names stand below."""

import subprocess
import sys

NAMES = ["engine", "web_runs", "answers", "reviews", "course_import", "lesson_pages", "statistics"]

if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "all"
    if chosen not in [*NAMES, "all"]:
        sys.exit(f"BENCH is one of {', '.join(NAMES)} or all, not {chosen!r}")
    for name in NAMES if chosen == "all" else [chosen]:
        print(f"\n=== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)

"""Request → first epoch on the way to the page, request → run finished, through the web: the notes' network.

A web server and a worker are started on a database file of their own; figures are medians.
"""

import statistics
import tempfile
import time
from pathlib import Path

from tests.sandbox.phone import Phone, is_over
from tests.sandbox.specs import NOTES
from tests.servers import Installation

REPEATS = 10
EXPECTED = {"request → first epoch": 1.0, "request → run finished": 1.5}


def one_run(phone: Phone) -> tuple[float, float]:
    """Start a run and follow its event stream; return the seconds to the first epoch and to the end."""
    begin = time.perf_counter()
    path = phone.start(NOTES)
    first = end = 0.0
    for kind, _ in phone.events(path):
        now = time.perf_counter() - begin
        if kind == "epoch" and not first:
            first = now
        end = now
    run = phone.get(path)
    assert (run["status"], run["epochs_done"]) == ("succeeded", 20), run
    return first, end


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as engram:
        engram.manage("migrate", "--verbosity", "0")
        engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        warm_up = phone.start(NOTES)
        phone.wait(warm_up, is_over, seconds=60)
        measured = [one_run(phone) for _ in range(REPEATS)]
    print(f"1→16→32→2, 2,100 rows, batch 10, 20 epochs; median of {REPEATS} (fastest – slowest), expected")
    for (label, expected), seconds in zip(EXPECTED.items(), zip(*measured, strict=True), strict=True):
        spread = f"{min(seconds):.2f} – {max(seconds):.2f}"
        print(f"{label:26} {statistics.median(seconds):5.2f} s  ({spread} s)  ≤ {expected:.1f} s")


if __name__ == "__main__":
    main()

"""Request → first epoch on the way to the page, request → run finished, through the web: the notes' network.

A web server and a worker are started on a database file of their own; figures are medians. Then a second worker joins,
and eight learners start a run at the same moment; every event of every run is counted.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.sandbox.phone import Phone, is_over
from tests.sandbox.specs import NOTES
from tests.servers import Installation

REPEATS = 20
AT_ONCE = 8
EXPECTED = {"request → first epoch": 0.8, "request → run finished": 1.2}


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


def together(phones: list[Phone]) -> float:
    """Start a run for each phone at once and follow them all; return the seconds until the last has ended."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(len(phones)) as pool:
        histories = list(pool.map(history, phones))
    seconds = time.perf_counter() - begin
    for events in histories:
        assert [event["seq"] for _, event in events] == list(range(1, len(events) + 1)), "an event is missing"
        assert [event["payload"]["number"] for kind, event in events if kind == "epoch"] == list(range(1, 21))
    return seconds


def history(phone: Phone) -> list[tuple[str, Any]]:
    return [(kind, event) for kind, event in phone.events(phone.start(NOTES)) if kind != "place"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as engram:
        engram.manage("migrate", "--verbosity", "0")
        engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        warm_up = phone.start(NOTES)
        phone.wait(warm_up, is_over, seconds=60)
        measured = [one_run(phone) for _ in range(REPEATS)]
        engram.start_worker()
        phones = [Phone(engram.url) for _ in range(AT_ONCE)]
        seconds_together = together(phones)
    print(f"1→16→32→2, 2,100 rows, batch 10, 20 epochs; median of {REPEATS} (fastest – slowest), expected")
    for (label, expected), seconds in zip(EXPECTED.items(), zip(*measured, strict=True), strict=True):
        spread = f"{min(seconds):.2f} – {max(seconds):.2f}"
        print(f"{label:26} {statistics.median(seconds):5.2f} s  ({spread} s)  ≤ {expected:.1f} s")
    print(f"{AT_ONCE} runs at once, two workers: {seconds_together:.2f} s, no event missing")


if __name__ == "__main__":
    main()

"""The README's first command, as a person runs it: started twice, stopped with Ctrl-C."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers import ROOT, free_port


@contextmanager
def make_run(folder: Path, port: int, name: str) -> Iterator[Path]:
    """`make run` in a session of its own, until the server answers; Ctrl-C at the end."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))},
        "DATABASE_URL": f"sqlite:///{folder / 'engram.sqlite3'}",
        "QUEUE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
    }
    output = folder / f"{name}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until_it_answers(process, port, output)
        yield output
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, output.read_text()
        try:
            if httpx.get(f"http://localhost:{port}/health/").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(output.read_text())


def processes_that_know(folder: Path) -> list[str]:
    """Return the command line of every process whose environment names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def contents(folder: Path) -> dict[str, str]:
    """Return a hash of every table, the sessions and migrations included."""
    with sqlite3.connect(f"file:{folder / 'engram.sqlite3'}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: hashlib.sha256(repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode()).hexdigest()
            for table in tables
        }


def test_it_starts_twice_changes_no_data_and_leaves_no_process(tmp_path: Path) -> None:
    port = free_port()
    with make_run(tmp_path, port, "first") as output:
        assert f"http://127.0.0.1:{port}/" in output.read_text()
        assert "One-time password" in output.read_text()
        assert "keras" in httpx.get(f"http://localhost:{port}/courses/deep-learning-with-keras/").text.lower()
    assert processes_that_know(tmp_path) == []
    before = contents(tmp_path)

    with make_run(tmp_path, port, "second") as output:
        assert "One-time password" not in output.read_text()
    assert processes_that_know(tmp_path) == []
    assert contents(tmp_path) == before

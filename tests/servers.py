"""A whole Engram in a folder of its own: database file, queue file, web server and worker as processes.

Browser, worker and benchmark code share it. What a request needs at run time (WAL, event streams, a second process)
cannot be seen on an in-memory database.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
SPLIT, ALL_ASGI = "config.asgi:application", "config.asgi:all_asgi"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """Use as a context manager; every process it started is gone at the end."""

    def __init__(self, folder: Path, *, application: str = SPLIT, **environment: str) -> None:
        self.folder = folder
        self.application = application
        self.port = free_port()
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "only-for-tests",
            "DATABASE_URL": f"sqlite:///{folder / 'engram.sqlite3'}",
            "QUEUE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
            "HTTPS": "false",
            "DEBUG": "false",
            "LOG_LEVEL": "WARNING",
            "LOGIN_LIMITS": "false",
            "API_RATE_ANONYMOUS": "1000000/min",
            "API_RATE_USER": "1000000/min",
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a management command; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def start_web(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "uvicorn", self.application, "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--lifespan", "off", "--timeout-graceful-shutdown", "1", "--log-level", "warning", *options]
        process = self._start("web", command)
        self._wait_for_web(process)
        self.web = process
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        self.worker = self._start("worker", [sys.executable, "manage.py", "run_huey"])
        return self.worker

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def _wait_for_web(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert process.poll() is None, f"the web server ended:\n{self.log('web')}"
            try:
                urllib.request.urlopen(f"{self.url}/health/", timeout=5)
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"the web server did not answer:\n{self.log('web')}")

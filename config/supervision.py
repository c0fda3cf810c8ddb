"""Ends this process with those that supervise it: nobody serves or trains on, unseen, after `make run` was killed."""

import os
import select
import signal
import threading
import time

VARIABLE = "ENGRAM_SUPERVISORS"
SECONDS_TO_END_IN = 10.0


def end_with_supervisors() -> None:
    """If the environment names supervisors (process ids with spaces between), end as soon as one of them is gone: as at
    SIGTERM, and where that takes too long, at once.

    The kernel's PR_SET_PDEATHSIG would tell of the parent alone, which under honcho is a helper that outlives honcho.
    """
    named = [int(pid) for pid in os.environ.pop(VARIABLE, "").split()]
    if not named or not hasattr(os, "pidfd_open"):  # Linux has it
        return
    gone = select.poll()
    for pid in named:
        try:
            gone.register(os.pidfd_open(pid), select.POLLIN)
        except ProcessLookupError:
            raise SystemExit(f"process {pid}, which supervises this one, is gone already") from None
    threading.Thread(target=_end_when, args=(gone,), name="supervision", daemon=True).start()


def _end_when(gone: select.poll) -> None:
    gone.poll()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_END_IN)
    os.kill(os.getpid(), signal.SIGKILL)

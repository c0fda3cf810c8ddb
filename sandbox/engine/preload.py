"""Imported by the forkserver before it serves: pays for `import keras` once, and dies with its parent.

A TensorFlow operation, even building a model, must never run here: children forked after one hang.
"""

import ctypes
import gc
import os
import signal
import traceback
from pathlib import Path

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies, and die now if it already has."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def load() -> None:
    """Everything a child runs, so that a deployment under a running worker cannot mix two versions in one child.

    TensorFlow greets on standard error, whatever its log level is; an ImportError's traceback still appears.
    """
    stderr, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        import keras  # noqa: F401
        import sklearn.datasets  # noqa: F401

        import sandbox.engine.child
        import sandbox.engine.probes
        import sandbox.engine.seal
        import sandbox.engine.training  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(silence)


if "ENGRAM_FORKSERVER_PARENT" in os.environ:
    die_with_parent(int(os.environ.pop("ENGRAM_FORKSERVER_PARENT")))
    try:
        load()
        # The collector of a child would look at everything that was loaded here, and so copy every page of it.
        gc.collect()
        gc.freeze()
        Path(os.environ["KERAS_HOME"], f"ready-{os.getpid()}").touch()
    except ImportError:  # the forkserver swallows it
        traceback.print_exc()
        raise

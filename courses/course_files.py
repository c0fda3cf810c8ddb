"""A course folder on the disk, written as a whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from courses.course_checks import READ_BY_PEOPLE


class OccupiedError(Exception):
    """The folder is not to be replaced; the message says why."""


def refuse_to_replace(folder: Path, force: bool) -> None:
    """Raise OccupiedError unless the folder is free or, with `force`, holds a course."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OccupiedError(f"{folder} is no course folder; it is not replaced.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise OccupiedError(f"{folder} exists. Give another folder, or --force to replace it.")
    if not (folder / "course.yaml").is_file():
        raise OccupiedError(f"{folder} is no course folder; it is not replaced.")


def replace_folder(folder: Path, files: Iterable[tuple[str, str | bytes]]) -> None:
    """Write all files or none: a folder that is there is what it was before until the new one is complete.

    Of what it held, only that is kept which is no part of the course: hidden files (a repository), and what is written
    for people.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        for name, content in files:
            file = new / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        _swap(folder, new, old)
        shutil.rmtree(old, ignore_errors=True)


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Put `new` in the place of `folder`, which becomes `old`; if that fails, everything is where it was."""
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    kept: list[str] = []
    try:
        for name in _kept(old, new):
            (old / name).rename(new / name)
            kept.append(name)
        new.rename(folder)
    except OSError:
        for name in kept:
            (new / name).rename(old / name)
        old.rename(folder)
        raise


def _kept(old: Path, new: Path) -> list[str]:
    names = [path.name for path in old.iterdir()]
    return [name for name in names if (name.startswith(".") or name in READ_BY_PEOPLE) and not (new / name).exists()]

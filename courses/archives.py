"""A course folder in a zip: out of one, distrusting every byte of it, and into one.

Nothing in an archive is believed. Names are checked before anything is written, sizes are counted while reading, and
what comes out is a fresh temporary folder that holds nothing but files and folders.
"""

import io
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from courses.parsing import MAX_FILES

MAX_ARCHIVE_BYTES = 200_000_000
MAX_DIRECTORY_BYTES = 4_000_000
MAX_MEMBER_BYTES = 5_000_000
MAX_TOTAL_BYTES = 500_000_000
# Texts shrink to a fifth; below the floor anything may shrink as it likes.
MAX_RATIO, RATIO_FLOOR = 100, 1_000_000
MAX_NAME_BYTES, MAX_PART_BYTES, MAX_DEPTH = 400, 200, 10
CHUNK = 65_536
END_OF_DIRECTORY, LARGE_END = b"PK\x05\x06", b"PK\x06\x07"
# What operating systems put beside one's files.
IGNORED_FOLDERS, IGNORED_FILES = {"__macosx"}, {".ds_store", "thumbs.db", "desktop.ini"}
# Whatever `zipfile` raises for bytes that are no archive.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)
ENCRYPTED = 0x1 | 0x40 | 0x2000
UTF8 = 0x800


class ArchiveError(Exception):
    """The archive is not taken; the message says why and names the member that is to blame."""


@dataclass(frozen=True)
class _Member:
    info: zipfile.ZipInfo
    path: PurePosixPath

    def refusal(self, reason: str) -> ArchiveError:
        return ArchiveError(f"{_shown(str(self.path))}: {reason}")


@contextmanager
def unpacked(archive: IO[bytes], find: Callable[[Path], Path] | None = None) -> Iterator[Path]:
    """Give the course folder in the archive, in a temporary folder that is gone afterwards; raises ArchiveError.

    `archive` can be read from any place. The course stands at the top, or in the one folder that is there; `find` may
    look for something else in what came out.
    """
    size = _check_directory(archive)
    with tempfile.TemporaryDirectory(prefix="engram-archive-") as temporary:
        top = Path(temporary)
        try:
            with zipfile.ZipFile(archive) as opened:
                _extract(opened, size, top)
        except UnicodeDecodeError:
            raise ArchiveError("A name in the archive says that it is UTF-8, and is not.") from None
        except DAMAGED as error:
            raise ArchiveError(f"The archive is damaged: {error}") from None
        yield (find or course_in)(top)


def pack(files: Iterable[tuple[str, str | bytes]], folder: str) -> Iterator[bytes]:
    """Give a zip of the files below `folder`, piece by piece: one file is in memory. Same files, same bytes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Takes what a zip writes and hands it on; there is no way back in it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


# --- what is in it ---------------------------------------------------------------------------------------------------


def _members(opened: zipfile.ZipFile) -> list[_Member]:
    """The files of the archive, every name and kind checked; what operating systems add is left out."""
    infos = opened.infolist()
    if len(infos) > MAX_FILES:
        raise ArchiveError(f"There are {len(infos)} files in the archive; {MAX_FILES} are allowed.")
    taken: dict[str, tuple[str, bool]] = {}
    members = []
    for info in infos:
        member = _Member(info, _path(info))
        _check_kind(member)
        if _is_ignored(member.path):
            continue
        _check_place(member, taken)
        if not info.is_dir():
            members.append(member)
    return members


def _check_directory(archive: IO[bytes]) -> int:
    """Refuse what `zipfile` would read into memory before anything can be counted; returns the archive's bytes."""
    size = archive.seek(0, io.SEEK_END)
    if size > MAX_ARCHIVE_BYTES:
        raise ArchiveError(f"The archive is larger than {MAX_ARCHIVE_BYTES // 1_000_000} MB.")
    start = max(0, size - 66_000)
    archive.seek(start)
    tail = archive.read()
    place = tail.rfind(END_OF_DIRECTORY)
    if place < 0 or len(tail) - place < 22:
        raise ArchiveError("This is no zip archive.")
    if tail[max(0, place - 20) : place].startswith(LARGE_END):
        raise ArchiveError("The archive is made for more than 65,535 files or 4 GB; a course is smaller.")
    entries, directory = struct.unpack_from("<HL", tail, place + 10)
    if directory > MAX_DIRECTORY_BYTES or entries > MAX_FILES:
        raise ArchiveError(f"There are more than {MAX_FILES} files in the archive.")
    archive.seek(0)
    return size


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The name as it was meant; refuses one that leads anywhere but into the folder."""
    name = _decoded(info)
    shown = _shown(name)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise ArchiveError(f"{shown}: a name cannot hold control characters.")
    if "\\" in name:
        raise ArchiveError(f"{shown}: a name cannot hold a backslash.")
    if name.startswith("/") or name[1:2] == ":":
        raise ArchiveError(f"{shown}: the name is an absolute path.")
    parts = name.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise ArchiveError(f"{shown}: the name leads out of the folder.")
    too_long = len(name.encode()) > MAX_NAME_BYTES or any(len(part.encode()) > MAX_PART_BYTES for part in parts)
    if too_long or len(parts) > MAX_DEPTH:
        raise ArchiveError(f"{shown}: the name is too long.")
    return PurePosixPath(*parts)


def _decoded(info: zipfile.ZipInfo) -> str:
    """Names without a mark of their encoding: UTF-8 as macOS writes them, or GB 18030 as Chinese Windows does."""
    # `zipfile` cuts `filename` off at a NUL; `orig_filename` is all of it.
    name = info.orig_filename
    if not info.flag_bits & UTF8:
        content = name.encode("cp437")
        for encoding in ("utf-8", "gb18030", "cp437"):
            try:
                name = content.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name)


def _shown(name: str) -> str:
    shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
    return f"“{shown}”" if len(shown) <= 100 else f"“{shown[:99]}…”"


def _check_kind(member: _Member) -> None:
    kind = stat.S_IFMT(member.info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise member.refusal("this is a link; put the file itself into the archive.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR and not member.info.is_dir()):
        raise member.refusal("this is no ordinary file.")
    if member.info.flag_bits & ENCRYPTED:
        raise member.refusal("this file is encrypted.")
    if member.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise member.refusal("this file is compressed in a way that is not read here; deflate is.")


def _is_ignored(path: PurePosixPath) -> bool:
    parts = [part.casefold() for part in path.parts]
    return parts[-1] in IGNORED_FILES or parts[-1].startswith("._") or not IGNORED_FOLDERS.isdisjoint(parts)


def _check_place(member: _Member, taken: dict[str, tuple[str, bool]]) -> None:
    """Refuse two names for one place, on file systems that tell capitals apart and on those that do not.

    `taken`: the places so far as they were written, and whether each is a folder.
    """
    place = (str(member.path), member.info.is_dir())
    found = taken.get(_key(member.path))
    if found and not (found == place and member.info.is_dir()):
        raise member.refusal("this name is in the archive a second time, perhaps in other letters.")
    for folder in member.path.parents:
        if taken.setdefault(_key(folder), (str(folder), True)) != (str(folder), True):
            raise member.refusal("its folder is in the archive a second time, as a file or in other letters.")
    taken[_key(member.path)] = place


def _key(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFKC", str(path)).casefold()


# --- out of it -------------------------------------------------------------------------------------------------------


def _extract(opened: zipfile.ZipFile, size: int, top: Path) -> None:
    """Write the files below `top`. `size`: the bytes of the archive."""
    total = 0
    for member in _members(opened):
        target = top / member.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member.info) as source, target.open("xb") as sink:
            total += _copy(source, sink, member, left=MAX_TOTAL_BYTES - total)
        if total > RATIO_FLOOR * 10 and total > MAX_RATIO * size:
            raise ArchiveError(f"The archive unpacks to more than {MAX_RATIO} times its size.")


def _copy(source: IO[bytes], sink: IO[bytes], member: _Member, left: int) -> int:
    """Copy the bytes that really come out, whatever the header says of them; returns how many."""
    count = 0
    while chunk := source.read(CHUNK):
        count += len(chunk)
        if count > MAX_MEMBER_BYTES:
            raise member.refusal(f"this file is larger than {MAX_MEMBER_BYTES // 1_000_000} MB.")
        if count > left:
            raise ArchiveError(f"The archive unpacks to more than {MAX_TOTAL_BYTES // 1_000_000} MB.")
        if count > RATIO_FLOOR and count > MAX_RATIO * max(1, member.info.compress_size):
            raise member.refusal(f"this file unpacks to more than {MAX_RATIO} times its size.")
        sink.write(chunk)
    return count


def course_in(top: Path) -> Path:
    """The folder with the manifest: the top, or the only folder in it."""
    if (top / "course.yaml").is_file():
        return top
    inside = list(top.iterdir())
    if len(inside) == 1 and (inside[0] / "course.yaml").is_file():
        return inside[0]
    raise ArchiveError("There is no course.yaml at the top of the archive, nor in the only folder there.")

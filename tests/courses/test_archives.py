"""A zip of a course folder is unpacked without trust in any byte of it, and packed so that it can be unpacked."""

import io
import stat
import struct
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses import archives
from courses.archives import ArchiveError, pack, unpacked
from tests.courses.conftest import SMALL_COURSE

MANIFEST = "slug: x\n"


def zipped(*members, compression=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer


def course(*members):
    return zipped(("course.yaml", MANIFEST), *members)


def refusal(archive):
    before = set(Path(tempfile.gettempdir()).glob("engram-archive-*"))
    with pytest.raises(ArchiveError) as caught, unpacked(archive):
        pass
    assert set(Path(tempfile.gettempdir()).glob("engram-archive-*")) <= before
    return str(caught.value)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_gives_back_what_was_packed():
    content = files(SMALL_COURSE)
    packed = b"".join(pack(content.items(), "small-course"))
    assert packed == b"".join(pack(content.items(), "small-course"))
    with unpacked(io.BytesIO(packed)) as folder:
        assert folder.name == "small-course"
        assert files(folder) == content
    assert not folder.exists()


def test_it_packs_one_file_after_another():
    taken = []

    def content():
        for number in range(3):
            taken.append(number)
            yield f"{number}.txt", "x" * 1000

    pieces = pack(content(), "c")
    first = next(pieces)
    assert first.startswith(b"PK")
    assert taken == [0]


@pytest.mark.parametrize("top", ["", "my course/"])
def test_it_finds_the_course_at_the_top_or_in_the_only_folder(top):
    archive = zipped(
        (f"{top}course.yaml", MANIFEST),
        (f"{top}01-a/", ""),
        (f"{top}01-a/lesson.en.md", "x"),
        (f"__MACOSX/{top}._course.yaml", "x"),
        (f"{top}.DS_Store", "x"),
        (f"{top}01-a/Thumbs.db", "x"),
        (f"{top}01-a/old.zip", course().getvalue()),
    )
    with unpacked(archive) as folder:
        assert sorted(files(folder)) == ["01-a/lesson.en.md", "01-a/old.zip", "course.yaml"]


@pytest.mark.parametrize("members", [["a/lesson.md"], ["a/course.yaml", "b/x"], ["a/b/course.yaml"], []])
def test_it_says_where_the_course_is_missing(members):
    assert "no course.yaml" in refusal(zipped(*[(name, "x") for name in members]))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.txt", "leads out"),
        ("a/../../evil.txt", "leads out"),
        ("a/./b", "leads out"),
        ("a//b", "leads out"),
        ("/etc/passwd", "absolute"),
        ("C:/windows.ini", "absolute"),
        ("c:evil.txt", "absolute"),
        ("a\\..\\evil.txt", "backslash"),
        ("\\\\server\\evil.txt", "backslash"),
        ("evil\x00.txt", "control"),
        ("evil\n.txt", "control"),
        ("evil\x9b.txt", "control"),
        ("x" * 201, "too long"),
        ("/".join("abcdefghijk"), "too long"),
    ],
)
def test_it_refuses_names_that_are_no_place_in_the_folder(name, words):
    place = zipfile.ZipInfo("placeholder")
    place.orig_filename = place.filename = name
    message = refusal(course((place, "evil")))
    assert words in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("names", "to_blame"),
    [
        (["course.yaml"], "course.yaml"),
        (["Course.YAML"], "Course.YAML"),
        (["é.png", "e\u0301.png"], "é.png"),
        (["01-a/x.md", "01-A/y.md"], "01-A/y.md"),
        (["a", "a/b"], "a/b"),
        (["a/b", "a"], "a"),
        (["a/", "A/"], "A"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_it_refuses_two_names_for_one_place(names, to_blame):
    message = refusal(course(*[(name, "x") for name in names]))
    assert f"“{to_blame}”" in message
    assert "second time" in message or "a file" in message


@pytest.mark.parametrize(
    ("kind", "words"),
    [(stat.S_IFLNK, "link"), (stat.S_IFIFO, "no ordinary"), (stat.S_IFCHR, "no ordinary"), (stat.S_IFDIR, "ordinary")],
)
def test_it_refuses_what_is_no_file(kind, words):
    info = zipfile.ZipInfo("01-a/secret.md")
    info.external_attr = (kind | 0o777) << 16
    message = refusal(course((info, "/etc/passwd")))
    assert words in message
    assert "01-a/secret.md" in message


def test_it_reads_names_as_windows_and_macos_write_them():
    archive = course(*[(zipfile.ZipInfo(f"name{number}.md"), "x") for number in range(3)])
    content = archive.getvalue()
    for place, name in enumerate(["网络.md".encode("gb18030"), "图.md".encode(), b"\xff\xfe\x80\xfc.m"]):
        content = content.replace(f"name{place}.md".encode(), name.ljust(8, b"_")[:8])
    with unpacked(io.BytesIO(content)) as folder:
        found = {path.name for path in folder.iterdir()}
    assert {"course.yaml", "网络.md_", "图.md__"} < found
    assert len(found) == 4


def test_it_refuses_a_name_that_claims_to_be_utf_8():
    info = zipfile.ZipInfo("é.md")
    content = course((info, "x")).getvalue()
    assert "UTF-8" in refusal(io.BytesIO(content.replace("é".encode(), b"\xff\xff")))


# --- sizes -----------------------------------------------------------------------------------------------------------


def with_header(archive, name, **fields):
    """The archive with other numbers in the headers of a member: what they claim need not be true."""
    content = bytearray(archive.getvalue())
    for mark, base, places in (
        (b"PK\x03\x04", 30, {"flags": (6, "<H"), "packed": (18, "<L"), "size": (22, "<L")}),
        (b"PK\x01\x02", 46, {"flags": (8, "<H"), "packed": (20, "<L"), "size": (24, "<L")}),
    ):
        place = content.find(mark)
        while content[place + base : place + base + len(name)] != name.encode():
            place = content.index(mark, place + 1)
        for field, value in fields.items():
            offset, form = places[field]
            struct.pack_into(form, content, place + offset, value)
    return io.BytesIO(bytes(content))


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 100_000)
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 250_000)
    monkeypatch.setattr(archives, "MAX_FILES", 10)


def test_it_refuses_a_member_that_is_too_large(small_limits):
    assert "“big.md”: this file is larger" in refusal(course(("big.md", b"x" * 100_001)))


def test_it_counts_the_bytes_that_come_out_and_not_those_of_the_header(small_limits):
    lying = with_header(course(("big.md", b"x" * 200_000)), "big.md", size=10)
    assert "damaged" in refusal(lying)
    assert "damaged" in refusal(with_header(course(("a.md", b"x" * 100)), "a.md", packed=2))


def test_it_refuses_files_that_are_too_large_together(small_limits):
    members = [(f"{number}.md", bytes([number]) * 90_000) for number in range(3)]
    assert "unpacks to more than" in refusal(course(*members))


def test_it_refuses_too_many_files(small_limits):
    assert "files in the archive" in refusal(course(*[(f"{number}.md", "x") for number in range(10)]))


def test_it_refuses_a_bomb():
    bomb = course(("bomb.md", bytes(4_000_000)))
    assert len(bomb.getvalue()) < 10_000
    assert "“bomb.md”: this file unpacks to more than 100 times" in refusal(bomb)


def test_it_refuses_a_bomb_whose_header_hides_the_ratio(monkeypatch):
    monkeypatch.setattr(archives, "RATIO_FLOOR", 100_000)
    members = [(f"{number}.md", bytes(1_500_000)) for number in range(4)]
    archive = course(*members)
    for name, _ in members:
        archive = with_header(archive, name, packed=1_000_000)
    with pytest.raises(ArchiveError), unpacked(archive):
        pass


def overlapping(count, content):
    """Many members of one and the same compressed content."""
    archive = course(("0.md", content)).getvalue()
    directory = archive.index(b"PK\x01\x02")
    entry = archive[archive.index(b"PK\x01\x02", directory + 1) : archive.rindex(b"PK\x05\x06")]
    entries = archive[directory : archive.rindex(b"PK\x05\x06")] + entry * (count - 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(entries), directory, 0)
    return io.BytesIO(archive[:directory] + entries + end)


def test_it_refuses_members_that_share_their_bytes():
    assert "second time" in refusal(overlapping(3, b"x"))


def test_it_refuses_a_directory_that_is_itself_too_large(monkeypatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 1_000)
    assert "files in the archive" in refusal(course(*[(f"{number}-{'x' * 50}.md", "") for number in range(20)]))
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 100)
    assert "larger than" in refusal(course())


def test_it_refuses_the_headers_of_huge_archives():
    content = course().getvalue()
    end = content.rindex(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    assert "65,535" in refusal(io.BytesIO(content[:end] + locator + content[end:]))


# --- what is no archive ----------------------------------------------------------------------------------------------


def test_it_refuses_encrypted_members():
    locked = with_header(course(("secret.md", "x")), "secret.md", flags=1)
    assert "“secret.md”: this file is encrypted" in refusal(locked)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_it_refuses_other_compressions(compression):
    assert "compressed in a way" in refusal(zipped(("course.yaml", MANIFEST), compression=compression))


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no zip at all", b"PK\x05\x06", b"\x1f\x8b\x08 gzip", course().getvalue()[:-1]]
)
def test_it_refuses_what_is_no_archive(content):
    assert "no zip archive" in refusal(io.BytesIO(content))


def test_it_refuses_content_that_is_not_what_was_packed():
    content = zipped(("course.yaml", "slug: abcdef"), compression=zipfile.ZIP_STORED).getvalue()
    assert "damaged" in refusal(io.BytesIO(content.replace(b"abcdef", b"abcdeg")))


GOOD = zipped(("a/course.yaml", MANIFEST), ("a/b/lesson.md", "text " * 20), ("a/c/", "")).getvalue()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_is_refused_or_harmless(changes):
    content = bytearray(GOOD)
    for place, byte in changes:
        content[place] = byte
    with suppress(ArchiveError), unpacked(io.BytesIO(bytes(content))) as folder:
        inside = list(folder.rglob("*"))
        assert all(path.is_file() or path.is_dir() for path in inside)
        assert not any(path.is_symlink() for path in inside)

"""The bytes of notes become text whatever editor wrote them; what is no text is refused in words."""

import pytest

from courses.decoding import DecodingError, decode_notes

SIMPLIFIED = "# 一 学习率\n\n学习率就是**步长**，太大会==发散==！\n"
TRADITIONAL = "# 一 學習率\n\n學習率就是**步長**，太大會==發散==！\n"
WESTERN = "# Café\n\nThe “learning rate” isn’t naïve – it is a ==hyperparameter==.\n"


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED + "🧠", "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-16-le", "utf-16"),
        (SIMPLIFIED, "utf-16-be", "utf-16"),
        (SIMPLIFIED, "utf-32", "utf-32"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "utf-8", "utf-8"),
        ("", "utf-8", "utf-8"),
        ("plain ASCII", "ascii", "utf-8"),
        ("a null \0 in a text that is long enough" * 5, "utf-8", "utf-8"),
    ],
)
def test_it_reads_what_editors_write(text, written, found):
    assert decode_notes(text.encode(written)) == (text, found)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7 ...", "This is a PDF, not text"),
        (b"PK\x03\x04...", "Word document or another ZIP"),
        (b"\xd0\xcf\x11\xe0...", "old Word document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x00\x01\x02\x03" * 9, "no text file"),
        (SIMPLIFIED.encode()[:-2], "UTF-8 but for a few bytes, the first of them in line 3"),
        (SIMPLIFIED.encode("utf-16")[:-1], "begin like UTF-16 text but cannot be read"),
        (bytes(range(1, 256)), "line 2 is not UTF-8"),
        (b"x" * 1_000_001, "larger than 1000 KB"),
    ],
)
def test_it_says_why_it_cannot_read(content, message):
    with pytest.raises(DecodingError, match=message):
        decode_notes(content)

"""The bytes of a student's notes → text. Pure.

UTF-8 is what most editors write. Chinese Windows writes GB 18030, Taiwanese Windows Big5, old Notepad UTF-16
(“Unicode”), Western Windows cp1252. Any bytes can be read as some of these, so each must also look like what it is.
"""

import re

MAX_NOTES_BYTES = 1_000_000

MARKS = {
    b"\xef\xbb\xbf": "utf-8", b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32", b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}  # fmt: skip
FORMATS = {
    b"%PDF": "a PDF", b"PK\x03\x04": "a Word document or another ZIP file", b"\xd0\xcf\x11\xe0": "an old Word document",
    b"{\\rtf": "an RTF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
}  # fmt: skip
# Two bytes of a Chinese encoding, or four of GB 18030.
GB_SIGN = re.compile(rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\x7e\x80-\xfe])")
GB_COMMON = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]|[\x81-\xfe][\x30-\x39].[\x30-\x39]", re.DOTALL)
BIG5_SIGN = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]")
BIG5_COMMON = re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]")
HIGH = re.compile(rb"[\x80-\xff]")
ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff]{1,2}(?![\x80-\xff])")
ENOUGH = 0.8


class DecodingError(ValueError):
    """These bytes are no text that can be read; the message is for their author."""


def decode_notes(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding; raises DecodingError."""
    if len(content) > MAX_NOTES_BYTES:
        raise DecodingError(f"The notes are larger than {MAX_NOTES_BYTES // 1000} KB.")
    what = next((what for magic, what in FORMATS.items() if content.startswith(magic)), "")
    if what:
        raise DecodingError(f"This is {what}, not text. Save the notes as Markdown or plain text.")
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return _by_its_mark(content, encoding), encoding
    if not content:
        return "", "utf-8"
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        text, line = "", content.count(b"\n", 0, error.start) + 1
    if text and _is_text(text):
        return text, "utf-8"
    if encoding := _wide(content):
        return content.decode(encoding), "utf-16"
    if text or content.count(0) * 100 > len(content):
        raise DecodingError("This is no text file. Save the notes as Markdown or plain text.")
    return _by_its_looks(content, line)


def _is_text(text: str) -> bool:
    """Whether hardly any of it is a control character."""
    return 10 * sum(1 for sign in text if sign < " " and sign not in "\t\n\r\f") <= len(text)


def _by_its_mark(content: bytes, encoding: str) -> str:
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"The notes begin like {encoding.upper()} text but cannot be read as such in line {line}."
        raise DecodingError(f"{message} Save them as UTF-8.") from None


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: half of every Latin letter, sign and line end is zero."""
    low, high = content[0::2].count(0), content[1::2].count(0)
    if len(content) % 2 or max(low, high) < 8 * min(low, high) or max(low, high) * 50 < len(content):
        return ""
    encoding = "utf-16-le" if high > low else "utf-16-be"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return encoding if _is_text(text) else ""


def _by_its_looks(content: bytes, line: int) -> tuple[str, str]:
    """`line`: the first that is not UTF-8."""
    if _is_damaged_utf8(content):
        raise DecodingError(
            f"The notes are UTF-8 but for a few bytes, the first of them in line {line}. Mend it there."
        )
    shares = {
        "gb18030": _share(GB_COMMON, GB_SIGN, content),
        "big5": _share(BIG5_COMMON, BIG5_SIGN, content),
        "cp1252": sum(len(run) for run in ALONE.findall(content)) / len(HIGH.findall(content)),
    }
    likely = [name for name in sorted(shares, key=lambda name: -shares[name]) if shares[name] >= ENOUGH]
    for encoding in likely or ["gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if likely or _is_chinese(text):  # rare signs, such as traditional ones
            return text, encoding
    raise DecodingError(
        f"The notes cannot be read: line {line} is not UTF-8, and the whole is neither UTF-16 nor GB 18030, Big5 or"
        " Western text. Save them as UTF-8."
    )


def _share(common: re.Pattern[bytes], sign: re.Pattern[bytes], content: bytes) -> float:
    """How many of the signs beyond ASCII are common ones of an encoding."""
    signs = sign.findall(content)
    return sum(1 for found in signs if common.fullmatch(found)) / len(signs) if signs else 0.0


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether nearly all signs beyond ASCII are UTF-8: no other encoding looks like that by chance."""
    text = content.decode(errors="replace")
    good = sum(1 for sign in text if sign > "\x7f" and sign != "\ufffd")
    return good > 10 * (text.count("\ufffd") - content.count(b"\xef\xbf\xbd"))


def _is_chinese(text: str) -> bool:
    beyond = [sign for sign in text if sign > "\x7f"]
    return sum(1 for sign in beyond if "\u3000" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uff5e") >= ENOUGH * len(
        beyond
    )

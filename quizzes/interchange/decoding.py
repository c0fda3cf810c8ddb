"""The bytes of a file of questions → text. Pure."""

from quizzes.interchange.items import MAX_BYTES, FileFault

BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def decoded(content: bytes) -> str:
    """Return the text with line feeds as its only line ends and no byte order mark; raise FileFault.

    UTF-8 alone: what Moodle writes and asks for. A guess between other encodings would be a guess at every answer.
    """
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are read.")
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            raise FileFault(f"The file is {encoding}. Save it as UTF-8.", 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault(*_not_utf8(content, error.start)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileFault(f"Line {line} holds a zero byte: this is no text file.", line)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _not_utf8(content: bytes, at: int) -> tuple[str, int]:
    at += 3 * content.startswith(b"\xef\xbb\xbf")  # the decoder counts without the mark
    line = content.count(b"\n", 0, at) + 1
    fault = f"Byte {at + 1:,} of the file (0x{content[at]:02X}, in line {line}) is not UTF-8. Save the file as UTF-8."
    return fault, line

"""What stands before the notes proper: YAML between two ---, or Logseq's `title:: …` lines. Pure."""

import re
from dataclasses import dataclass

from courses.documents import DocumentError, read_yaml

MAX_LINES = 200
KEY = re.compile(r"(?P<key>[\w][\w -]{0,40}?)\s?:(?:\s|$)(?P<value>.*)")
PROPERTY = re.compile(r"(?P<key>[\w-]{1,40})::\s+(?P<value>.*)")


@dataclass(frozen=True)
class FrontMatter:
    """`end`: the line (0-based) on which the notes proper begin. `fault`: why it cannot be read as YAML, or ""."""

    title: str
    text: str
    end: int
    fault: str = ""


def read_front_matter(lines: list[str]) -> FrontMatter | None:
    """None where the notes begin with something else."""
    first = next((number for number, line in enumerate(lines[:5]) if line.strip()), 0)
    if lines[first].strip() == "---":
        return _between_rules(lines, first)
    end = first
    while end < len(lines) and PROPERTY.match(lines[end]):
        end += 1
    if end == first:
        return None
    titles = [
        found["value"] for line in lines[first:end] if (found := PROPERTY.match(line)) and found["key"] == "title"
    ]
    return FrontMatter(titles[0].strip() if titles else "", "\n".join(lines[first:end]), end)


def _between_rules(lines: list[str], first: int) -> FrontMatter | None:
    start = first + 1
    body = lines[start : start + MAX_LINES]
    length = next((number for number, line in enumerate(body) if line.strip() in ("---", "...")), None)
    if length is not None:
        body, end, fault = body[:length], start + length + 1, ""
        if not _looks_like_yaml(body):
            return None
    else:
        length = next((number for number, line in enumerate(body) if not line.strip()), len(body))
        body, end, fault = body[:length], start + length, "it is never closed with ---"
        if not body or not all(KEY.match(line) or line.startswith((" ", "\t", "- ")) for line in body):
            return None
    try:
        value = read_yaml("\n".join(body), "front matter", first_line=start + 1).value
    except DocumentError as error:
        value, fault = None, fault or f"line {error.line}: {error.message}"
    title = value.get("title") if isinstance(value, dict) else _title_line(body)
    title = str(title) if isinstance(title, str | int | float) and not isinstance(title, bool) else ""
    return FrontMatter(" ".join(title.split()), "\n".join(body), end, fault)


def _looks_like_yaml(body: list[str]) -> bool:
    """All of it reads like YAML; or, where it is broken, it begins so, has no gap, and most lines do."""
    if not body:
        return False
    good = [bool(KEY.match(line) or re.match(r"[ \t#-]|$", line)) for line in body]
    begins = next((KEY.match(line) for line in body if line.strip() and not line.startswith("#")), None)
    if begins is None:
        return False
    return all(good) or (all(line.strip() for line in body) and 2 * sum(good) >= len(good))


def _title_line(body: list[str]) -> str:
    found = next((found for line in body if (found := KEY.match(line)) and found["key"] == "title"), None)
    return found["value"].strip().strip("\"'") if found else ""

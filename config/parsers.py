"""JSON as an API should read it: nothing ambiguous, nothing unbounded, nothing that a database cannot hold."""

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = "The body is larger than this server accepts."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Refuses duplicate keys, NaN and Infinity, nesting deeper than 32, lone surrogates, NUL and bodies too large."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(settings.API_BODY_MAX_BYTES + 1)
        if len(body) > settings.API_BODY_MAX_BYTES:
            raise BodyTooLarge
        try:
            return parse_strict(body)
        except ValueError as error:
            raise ParseError(f"The body is no JSON that this server reads: {error}") from error


def parse_strict(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raise ValueError with the reason."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError as error:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels") from error
    _check(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large for a number")
    return number


def _check(value: Any) -> None:
    """Level by level, each as one list: a million bytes of small parts must not keep a worker busy."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        _check_text("".join([item for item in level if isinstance(item, str)]))
        level = [part for item in level if isinstance(item, (dict, list)) for part in _parts(item)]
        if not level:
            return
    raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")


def _parts(item: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return chain(item, item.values()) if isinstance(item, dict) else item


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValueError("a text holds the character NUL")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half of a surrogate pair") from error

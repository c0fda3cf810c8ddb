"""The kinds of questions: strict types of what is written, shown, answered and revealed. Pure.

A new kind is a module here with a `KIND`, a template `quizzes/kinds/<kind>.html`, and a test file
`tests/quizzes/kinds/test_<kind>.py`. Nothing else names it: the registry and the unions below are read off the modules.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from quizzes.kinds.base import Body, Graded, PublicQuestion, Refused, Strict, Texts

__all__ = [
    "KINDS",
    "AnyKey",
    "AnyPublic",
    "AnyResponse",
    "Body",
    "Graded",
    "Refused",
    "Texts",
    "UnknownKindError",
    "content_hash",
    "in_locale",
    "parse",
]

_MODULES: Final = {module.name: import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)}
KINDS: Final[Mapping[str, type[Body]]] = {
    name: module.KIND for name, module in sorted(_MODULES.items()) if hasattr(module, "KIND")
}
"""Every kind by its name, which is that of its module; in alphabetical order, as messages and the API list them."""

if TYPE_CHECKING:
    # A type checker cannot follow a union that is found.
    AnyPublic = PublicQuestion
    AnyKey = Strict
    AnyResponse = Strict
else:
    # So that the API's document shows the shape of every kind.
    AnyPublic = Annotated[reduce(or_, (kind.Public for kind in KINDS.values())), Field(discriminator="kind")]
    AnyKey = Annotated[reduce(or_, (kind.Key for kind in KINDS.values() if kind.Key)), Field(discriminator="kind")]
    AnyResponse = reduce(or_, (kind.Response for kind in KINDS.values() if kind.Response))


class UnknownKindError(ValueError):
    pass


def parse(body: Mapping[str, Any], allowed: Collection[str] = KINDS.keys()) -> Body:
    """Return the body as its kind; raise UnknownKindError, or ValidationError with the place of each fault."""
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in allowed:
        raise UnknownKindError(f"unknown kind {kind!r}; known are {', '.join(allowed)}")
    return KINDS[kind].model_validate(body)


def content_hash(body: Body) -> str:
    """Return the same for the same content, whatever the order of keys and locales."""
    canonical = json.dumps(body.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def in_locale(rendered: Mapping[str, Texts], locale: str, fallback: str) -> Texts:
    """Return the rendered texts in `locale`, else in `fallback` (the course's first locale), else in any."""
    return rendered.get(locale) or rendered.get(fallback) or next(iter(rendered.values()))

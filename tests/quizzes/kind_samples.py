"""A question of every kind, as the test file of the kind has it: `tests/quizzes/kinds/test_<kind>.py`.

Each has a SAMPLE (in English, with plain words as feedback). A kind that is marked also has a RIGHT response, the FORM
that gives it, a WRONG one that scores 0, and SECRETS: words that only who has answered may read. A kind whose numbers
are drawn has a function `in_sitting` too, which returns the first three for a seed.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from tests.quizzes import kinds

_NAMES: Final = [module.name for module in iter_modules(kinds.__path__) if module.name.startswith("test_")]
_FOUND: Final = [import_module(f"{kinds.__name__}.{name}") for name in _NAMES]
_TESTS: Final = {module.SAMPLE["kind"]: module for module in _FOUND if hasattr(module, "SAMPLE")}
EVERY: Final[dict[str, dict[str, Any]]] = {kind: module.SAMPLE for kind, module in _TESTS.items()}

_MARKED: Final = {kind: module for kind, module in _TESTS.items() if hasattr(module, "RIGHT")}
SAMPLES: Final[dict[str, dict[str, Any]]] = {kind: module.SAMPLE for kind, module in _MARKED.items()}
RIGHT: Final[dict[str, dict[str, Any]]] = {kind: module.RIGHT for kind, module in _MARKED.items()}
WRONG: Final[dict[str, dict[str, Any]]] = {kind: module.WRONG for kind, module in _MARKED.items()}
FORMS: Final[dict[str, dict[str, str]]] = {kind: module.FORM for kind, module in _MARKED.items()}
SECRETS: Final[dict[str, list[str]]] = {kind: module.SECRETS for kind, module in _MARKED.items()}


def in_sitting(kind: str, seed: int | None = None) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """The right response, the wrong one and the form, to the numbers of this seed if the kind draws any."""
    drawn = getattr(_MARKED[kind], "in_sitting", None)
    return drawn(seed) if drawn else (RIGHT[kind], WRONG[kind], FORMS[kind])


def in_two_languages(body: dict[str, Any]) -> dict[str, Any]:
    """The question as a course in English and Chinese has it."""
    return {**body, "texts": {"en": body["texts"]["en"], "zh-hans": body["texts"]["en"]}}

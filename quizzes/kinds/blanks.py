"""Blanks to be filled in, in a text or in code: how they are marked, and how a form holds them."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quizzes.kinds.base import Graded, Refused, Strict
from quizzes.kinds.typed_text import MAX_TYPED


class ClozeResponse(Strict):
    blanks: dict[str, str]


class WithBlanks:
    """For a body with `blanks` by name; one that is chosen has `options`."""

    if TYPE_CHECKING:
        blanks: Mapping[str, Any]

    @abstractmethod
    def _is_right(self, name: str, text: str) -> bool: ...

    def grade(self, response: ClozeResponse) -> Graded | Refused:
        """An empty blank is wrong; the mark is the share of right blanks."""
        given = {name: text for name, text in response.blanks.items() if text.strip()}
        refusal = self._refusal(given)
        if refusal:
            return refusal
        parts = {name: name in given and self._is_right(name, given[name]) for name in self.blanks}
        return Graded(sum(parts.values()) / len(parts), parts, ("feedback",))

    def _refusal(self, given: Mapping[str, str]) -> Refused | None:
        if not given:
            return Refused("/blanks", "empty", "No blank is filled in.")
        for name, text in given.items():
            # The pointer goes to the object, for a name that is no blank may hold anything.
            if name not in self.blanks:
                return Refused("/blanks", "unknown_blank", f"There is no blank {name[:100]!r}.")
            options = getattr(self.blanks[name], "options", None)
            if options is not None and text not in options:
                return Refused(f"/blanks/{name}", "unknown_option", "This is none of the options.")
            if len(text) > MAX_TYPED:
                return Refused(f"/blanks/{name}", "too_long", f"At most {MAX_TYPED} characters.")
        return None

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"blanks": {name: form[f"blank-{name}"] for name in self.blanks if f"blank-{name}" in form}}

    def fields(self, response: ClozeResponse) -> dict[str, str]:
        return {f"blank-{name}": text for name, text in response.blanks.items()}

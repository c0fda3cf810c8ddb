"""The experiments of a lesson as its folder has them, from the rows."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from sandbox.models import Preset
from sandbox.spec import parse_spec

# Written even where they have their default: what a reader looks for first.
EXPLICIT = frozenset(
    {"kind", "rows", "noise", "validation", "split", "activation", "learning_rate", "shuffle", "seed", "monitor"}
)


def lesson_presets(
    collection: str, lesson_id: UUID, locales: Sequence[str], sections: Collection[str]
) -> list[dict[str, Any]]:
    """The list below `experiments:`, in the order in which it was written. `sections`: those that the lesson has."""
    presets = Preset.objects.experiments().filter(collection=collection, lesson_id=lesson_id)
    return [_written(preset, locales, sections) for preset in presets]


def _written(preset: Preset, locales: Sequence[str], sections: Collection[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": preset.slug}
    if preset.section in sections:
        entry["section"] = preset.section
    entry["texts"] = {
        locale: {name: text for name in ("title", "summary") if (text := preset.texts[locale].get(name))}
        for locale in [*locales, *sorted(preset.texts)]
        if locale in preset.texts
    }
    entry["spec"] = written_spec(preset.spec)
    return entry


def written_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec as an author would write it: without the defaults that nobody looks for."""
    try:
        parsed = parse_spec(spec)
    except ValidationError:  # made for an older schema
        return spec
    short = parsed.model_dump(mode="json", exclude_defaults=True)
    written: dict[str, Any] = _with_explicit(parsed.model_dump(mode="json"), short)
    return written


def _with_explicit(full: Any, short: Any) -> Any:
    if isinstance(full, list):
        return [_with_explicit(one, other) for one, other in zip(full, short, strict=True)]
    if not isinstance(full, dict) or not isinstance(short, dict):
        return full
    names = [name for name in full if name in short or (name in EXPLICIT and full[name] is not None)]
    names.sort(key=lambda name: name != "kind")
    return {name: _with_explicit(full[name], short.get(name)) for name in names}

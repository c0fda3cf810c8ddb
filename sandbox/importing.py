"""Presets from a course folder: `experiments:` of an experiments.yaml becomes checked drafts, drafts become rows.

    drafts, problems = read_presets(raw)          # problems: (path in `raw`, message)
    drafts = [replace(draft, lesson_id=lesson_id) for draft in drafts]
    import_presets(course_slug, [(content_id(course_slug, "preset", d.slug), d.slug, d) for d in drafts], now=now)

`import_presets` takes all presets of the collection at once: what is missing from the list is archived.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.models import Preset
from sandbox.spec import parse_spec
from sandbox.spec.sense import check

Path = tuple[str | int, ...]
Problem = tuple[Path, str]

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class PresetText(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    summary: str = Field(default="", max_length=2000)


class _Experiment(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    id: str = Field(pattern=_SLUG, max_length=100)
    section: str = Field(default="", max_length=100)
    texts: dict[str, PresetText] = Field(min_length=1)
    spec: dict[str, Any]


@dataclass(frozen=True)
class PresetDraft:
    """A preset that has been checked; `lesson_id` is filled in by whoever knows the lesson."""

    slug: str
    section: str
    texts: dict[str, dict[str, str]]
    spec: dict[str, Any]
    lesson_id: UUID | None = None


def read_presets(raw: object) -> tuple[list[PresetDraft], list[Problem]]:
    """Check the list below `experiments:`. Returns what is good, and every problem with its path in `raw`."""
    if not isinstance(raw, list):
        return [], [((), "expected a list of experiments")]
    drafts: list[PresetDraft] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, item in enumerate(raw):
        draft, found = _read_one(item)
        problems += [((index, *path), message) for path, message in found]
        if draft is None:
            continue
        if draft.slug in seen:
            problems.append(((index, "id"), f"the id {draft.slug!r} is given twice"))
        seen.add(draft.slug)
        drafts.append(draft)
    return drafts, problems


def _read_one(item: object) -> tuple[PresetDraft | None, list[Problem]]:
    try:
        experiment = _Experiment.model_validate(item)
    except ValidationError as error:
        return None, list(_lines(error))
    try:
        spec = parse_spec(experiment.spec)
    except ValidationError as error:
        return None, [(("spec", *path), message) for path, message in _lines(error)]
    wrong = [(_path(p.pointer), p.detail) for p in check(spec) if p.severity == "error"]
    if wrong:
        return None, wrong
    texts = {locale: text.model_dump() for locale, text in experiment.texts.items()}
    return PresetDraft(experiment.id, experiment.section, texts, spec.model_dump(mode="json")), []


def _lines(error: ValidationError) -> Iterator[Problem]:
    for line in error.errors(include_url=False, include_input=False):
        yield line["loc"], line["msg"]


def _path(pointer: str) -> Path:
    parts = pointer.strip("/").split("/")
    return ("spec", *(int(part) if re.fullmatch(r"\d+", part) else part for part in parts))


def import_presets(collection: str, drafts: Sequence[tuple[UUID, str, PresetDraft]], *, now: datetime) -> None:
    """Make the collection's presets those of `drafts`, in their order; archive the others.

    Rows that are right already are not written. To be called within the import's transaction.
    """
    existing = {preset.pk: preset for preset in Preset.objects.filter(collection=collection)}
    for position, (preset_id, slug, draft) in enumerate(drafts):
        wanted = {
            "collection": collection,
            "slug": slug,
            "position": position,
            "texts": draft.texts,
            "spec": draft.spec,
            "lesson_id": draft.lesson_id,
            "section": draft.section,
            "archived_at": None,
        }
        preset = existing.pop(preset_id, None)
        if preset is None:
            Preset.objects.create(pk=preset_id, **wanted)
        elif any(getattr(preset, name) != value for name, value in wanted.items()):
            Preset.objects.filter(pk=preset_id).update(**wanted)
    gone = [preset.pk for preset in existing.values() if preset.archived_at is None]
    Preset.objects.filter(pk__in=gone).update(archived_at=now)

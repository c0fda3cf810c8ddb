"""Presets from a course folder: `experiments:` of an experiments.yaml becomes checked drafts, drafts become rows.

    drafts, problems = read_presets(raw)          # problems: (path in `raw`, message)
    drafts = [replace(draft, lesson_id=lesson_id) for draft in drafts]
    import_presets(course_slug, [(content_id(course_slug, "preset", d.slug), d.slug, d) for d in drafts], now=now)

`import_presets` takes all presets of the collection at once: what is missing from the list is archived.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.models import Preset
from sandbox.spec import parse_spec
from sandbox.spec.sense import check

Path = tuple[str | int, ...]
Problem = tuple[Path, str]

MOST_AT_ONCE = 100

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
    is_challenge: bool = False


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
    spec, wrong = _read_spec(experiment.spec, "spec")
    if spec is None:
        return None, wrong
    texts = {locale: text.model_dump() for locale, text in experiment.texts.items()}
    return PresetDraft(experiment.id, experiment.section, texts, spec), []


def _read_spec(raw: object, key: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The spec with every default filled in, or what is wrong with it; `key` is where it stands."""
    try:
        spec = parse_spec(raw)
    except ValidationError as error:
        return None, [((key, *path), message) for path, message in _lines(error)]
    wrong = [((key, *_path(p.pointer)), p.detail) for p in check(spec) if p.severity == "error"]
    return (None, wrong) if wrong else (spec.model_dump(mode="json"), [])


def read_starts(raw: object) -> tuple[list[PresetDraft], list[Problem]]:
    """The specs that the challenges of the list `raw` begin with, as presets, and what is wrong with them.

    All else that a challenge says is a question's, and is checked there: an entry that is no challenge is passed over.
    """
    drafts: list[PresetDraft] = []
    problems: list[Problem] = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        match item:
            case {"id": str(slug), "start": start, "texts": dict(texts)}:
                section = str(item.get("section") or "")
                spec, found = _read_spec(start, "start")
                problems += [((index, *path), message) for path, message in found]
                titles = {locale: {"title": str(text["title"])} for locale, text in texts.items() if _has_title(text)}
                if spec is not None:
                    drafts.append(PresetDraft(slug, section, titles, spec, is_challenge=True))
    return drafts, problems


def _has_title(text: object) -> bool:
    return isinstance(text, dict) and "title" in text


def _lines(error: ValidationError) -> Iterator[Problem]:
    for line in error.errors(include_url=False, include_input=False):
        yield line["loc"], line["msg"]


def _path(pointer: str) -> Path:
    parts = pointer.strip("/").split("/")
    return tuple(int(part) if re.fullmatch(r"\d+", part) else part for part in parts)


def import_presets(collection: str, drafts: Iterable[tuple[UUID, str, PresetDraft]], *, now: datetime) -> None:
    """Make the collection's presets those of `drafts`, in their order; archive the others.

    Rows that are right already are not written. `drafts` are taken a hundred at a time, so that they may be many. To
    be called within the import's transaction.
    """
    rows, seen = enumerate(drafts), set[UUID]()
    while some := list(islice(rows, MOST_AT_ONCE)):
        wanted = {preset_id: _values(collection, slug, position, draft) for position, (preset_id, slug, draft) in some}
        _write(wanted)
        seen |= wanted.keys()
    present = Preset.objects.filter(collection=collection, archived_at=None).values_list("pk", flat=True)
    gone = [pk for pk in present if pk not in seen]
    for begin in range(0, len(gone), MOST_AT_ONCE):
        Preset.objects.filter(pk__in=gone[begin : begin + MOST_AT_ONCE]).update(archived_at=now)


def _values(collection: str, slug: str, position: int, draft: PresetDraft) -> dict[str, Any]:
    return {
        "collection": collection,
        "slug": slug,
        "position": position,
        "texts": draft.texts,
        "spec": draft.spec,
        "lesson_id": draft.lesson_id,
        "section": draft.section,
        "is_challenge": draft.is_challenge,
        "archived_at": None,
    }


def _write(wanted: dict[UUID, dict[str, Any]]) -> None:
    existing = Preset.objects.in_bulk(list(wanted))
    Preset.objects.bulk_create(Preset(pk=pk, **values) for pk, values in wanted.items() if pk not in existing)
    for pk, preset in existing.items():
        if any(getattr(preset, name) != value for name, value in wanted[pk].items()):
            Preset.objects.filter(pk=pk).update(**wanted[pk])

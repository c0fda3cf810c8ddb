"""Many rows in few queries, for imports: rows that are right already are not written."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

MOST_AT_ONCE = 200


def write_rows(model: type[Model], wanted: Mapping[uuid.UUID, Mapping[str, Any]]) -> int:
    """Make the rows with these ids have these values; returns how many are new. Every row names the same fields."""
    rows = model._default_manager
    existing = rows.in_bulk(list(wanted))
    new = [model(pk=pk, **values) for pk, values in wanted.items() if pk not in existing]
    rows.bulk_create(new, batch_size=MOST_AT_ONCE)
    changed: list[Model] = []
    names: set[str] = set()
    for pk, row in existing.items():
        differing = {name: value for name, value in wanted[pk].items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        if differing:
            changed.append(row)
            names |= differing.keys()
    if changed:
        rows.bulk_update(changed, sorted(names), batch_size=MOST_AT_ONCE)
    return len(new)


def archive_others(rows: QuerySet[Any], kept: Collection[uuid.UUID], now: datetime) -> int:
    """Archive those of `rows` whose ids are not kept; returns how many they are."""
    gone = [pk for pk in rows.filter(archived_at=None).order_by().values_list("pk", flat=True) if pk not in kept]
    for begin in range(0, len(gone), MOST_AT_ONCE):
        some = rows.model._default_manager.filter(pk__in=gone[begin : begin + MOST_AT_ONCE])
        some.update(archived_at=now)
    return len(gone)


def link_in_order(
    through: type[Model], owner: str, other: str, wanted: Mapping[uuid.UUID, Sequence[uuid.UUID]]
) -> None:
    """Make the links of each owner those wanted. Their keys grow in the order given, so that it can be read again."""
    rows = through._default_manager
    present: dict[uuid.UUID, list[uuid.UUID]] = {}
    found = rows.filter(**{f"{owner}__in": list(wanted)}).order_by("pk")
    for one, its in found.values_list(owner, other):
        present.setdefault(one, []).append(its)
    changed = {
        one: unique for one, its in wanted.items() if (unique := list(dict.fromkeys(its))) != present.get(one, [])
    }
    if changed:
        rows.filter(**{f"{owner}__in": list(changed)}).delete()
        links = [through(**{owner: one, other: its}) for one, all_its in changed.items() for its in all_its]
        rows.bulk_create(links, batch_size=MOST_AT_ONCE)

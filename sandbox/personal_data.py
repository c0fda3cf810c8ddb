"""What the sandbox keeps of a learner: tables, runs and their history."""

from typing import Any

from accounts.models import User
from sandbox.models import Event, Run, Table
from sandbox.tables.reading import decode


def export(user: User) -> dict[str, Any]:
    runs = Run.objects.owned_by(user).newest_first().select_related("preset")
    epochs: dict[Any, list[Any]] = {}
    rows = Event.objects.filter(run__owner=user, kind=Event.EPOCH).order_by("run", "attempt", "number")
    for run_id, attempt, payload in rows.values_list("run_id", "attempt", "payload"):
        epochs.setdefault((run_id, attempt), []).append(payload)
    tables = Table.objects.owned_by(user).newest_first()
    return {
        "runs": [_export_run(run, epochs.get((run.pk, run.attempt), [])) for run in runs],
        "tables": [_export_table(table) for table in tables],
    }


def _export_run(run: Run, epochs: list[Any]) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "title": run.title,
        "preset": str(run.preset) if run.preset else None,
        "spec": run.spec,
        "status": run.status,
        "created_at": run.created_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "outcome": run.outcome,
        "epochs": epochs,
    }


def _export_table(table: Table) -> dict[str, Any]:
    text, _ = decode(bytes(table.content))
    return {"id": str(table.pk), "name": table.name, "created_at": table.created_at.isoformat(), "csv": text}


def erase(user: User) -> None:
    """A run that is being trained loses its row: its worker's next write touches nothing, and it lets go."""
    Run.objects.owned_by(user).delete()
    Table.objects.owned_by(user).delete()

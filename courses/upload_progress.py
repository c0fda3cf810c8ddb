"""How far a worker is with an upload: a glance, kept by the queue and not by the database.

While a course is written, its transaction would hide what stands beside it in the database, and on SQLite nobody else
can write at all. Losing a glance loses nothing: the row of the upload is the truth.
"""

import logging
import uuid
from dataclasses import dataclass

from huey.contrib.djhuey import HUEY

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Glance:
    """`done` of `total` lessons, and what is done with them; `total` is 0 where there is nothing to count."""

    done: int
    total: int
    what: str


def tell(upload_id: uuid.UUID, glance: Glance) -> None:
    try:
        HUEY.put(_key(upload_id), (glance.done, glance.total, glance.what))
    except Exception:  # whatever the queue's own store raises: nobody looks, the work goes on
        logger.exception("the progress of upload %s cannot be kept", upload_id)


def look(upload_id: uuid.UUID) -> Glance | None:
    try:
        kept = HUEY.get(_key(upload_id), peek=True)
    except Exception:
        logger.exception("the progress of upload %s cannot be read", upload_id)
        return None
    return Glance(*kept) if kept else None


def forget(upload_id: uuid.UUID) -> None:
    try:
        HUEY.delete(_key(upload_id))
    except Exception:
        logger.exception("the progress of upload %s cannot be removed", upload_id)


def _key(upload_id: uuid.UUID) -> str:
    return f"upload-{upload_id}"

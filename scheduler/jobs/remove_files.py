"""Files that nobody may keep any more."""

from __future__ import annotations

from app.integrations.storage import open_storage
from app.media.discarding import remove_due
from scheduler.context import Context

LONGEST_RUN = 100


def remove_files(context: Context) -> None:
    """Delete them from the storage."""
    storage = open_storage(context.settings.effective_storage_url)
    for _ in range(LONGEST_RUN):
        if context.stopping() or not remove_due(storage, limit=1):
            break

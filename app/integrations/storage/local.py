"""Files in a directory: for one machine, or for several that mount the same one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.integrations.storage.contract import checked_key
from app.integrations.storage.errors import StorageDown, StorageMissing


class LocalStorage:
    """Keeps each file at `directory/key`, readable by the service's own user only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Write aside, flush to the disk, rename: after a power cut there is the old file or the new one.

        The content type is not kept; the row that names the file knows it.
        """
        path = self._path(key)
        with _translated(missing=StorageDown):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, data)

    def get(self, key: str) -> bytes:
        path = self._path(key)
        with _translated():
            return path.read_bytes()

    def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(StorageMissing), _translated():
            path.unlink()

    def exists(self, key: str) -> bool:
        path = self._path(key)
        with _translated():
            return path.is_file()

    def _path(self, key: str) -> Path:
        return self._directory / checked_key(key)


@contextmanager
def _translated(missing: type[StorageMissing | StorageDown] = StorageMissing) -> Iterator[None]:
    """Name the system's errors; `missing` is what an absent path means to the caller."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise missing from error
    except OSError as error:
        raise StorageDown from error


def _write_atomically(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def _flush_directory(directory: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

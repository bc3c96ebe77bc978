"""What can go wrong with stored files, in the words that the person reads."""

from __future__ import annotations

from app.core.errors import NotFound, Unavailable


class StorageMissing(NotFound):
    """Nothing is stored under this key."""

    code = "file_missing"
    message = "这张照片找不到了,可能已被删除"


class BadStorageKey(StorageMissing):
    """A key that can never have been stored (traversal, upper case, blanks): to the outside just missing."""


class StorageDown(Unavailable):
    """The storage does not answer, is full, or refuses our credentials."""

    code = "storage_down"
    message = "照片和录音暂时存取不了,请过几分钟再试"

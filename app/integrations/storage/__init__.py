"""Where photos lie: a directory or an S3 bucket behind one small Protocol."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.integrations.storage.contract import Storage, checked_key
from app.integrations.storage.errors import BadStorageKey, StorageDown, StorageMissing
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage

__all__ = ["BadStorageKey", "Storage", "StorageDown", "StorageMissing", "checked_key", "open_storage"]


def open_storage(url: str) -> Storage:
    """The storage that the setting STORAGE_URL names; contacts nothing yet.

    `file:///directory` or `s3://key:secret@host:port/bucket?tls=0|1&region=…` (TLS unless tls=0; key and
    secret percent-encoded). Raises ValueError, without repeating the secret, for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return _s3(parts)
    raise ValueError("STORAGE_URL 只支持 file:///目录 或 s3://key:secret@host:port/bucket")


def _s3(parts: SplitResult) -> S3Storage:
    bucket = parts.path.strip("/")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = options.pop("tls", "1")
    region = options.pop("region", "us-east-1")
    if not (parts.hostname and parts.username and parts.password and bucket) or "/" in bucket:
        raise ValueError("STORAGE_URL 不完整,应为 s3://key:secret@host:port/bucket")
    if options or tls not in ("0", "1"):
        raise ValueError("STORAGE_URL 的参数只能是 tls=0|1 和 region=…")
    return S3Storage(
        parts.netloc.rpartition("@")[2],
        key=unquote(parts.username),
        secret=unquote(parts.password),
        bucket=bucket,
        tls=tls == "1",
        region=region,
    )

"""Files in a bucket of any S3-compatible server (MinIO, Ceph, a cloud), with path-style addresses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from app.integrations.storage.contract import checked_key
from app.integrations.storage.errors import StorageDown, StorageMissing

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0

_MISSING = ("NoSuchKey", "NoSuchBucket", "NoSuchObject")
_BUCKET_IS_THERE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


class S3Storage:
    """One bucket, created at the first `put` when it is missing; nothing is contacted before that."""

    def __init__(
        self,
        endpoint: str,
        *,
        key: str,
        secret: str,
        bucket: str,
        tls: bool = True,
        region: str = "us-east-1",
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._bucket = bucket
        self._region = region
        self._client = Minio(
            endpoint,
            access_key=key,
            secret_key=secret,
            secure=tls,
            region=region,  # given, so that the client need not ask the server for it first
            http_client=_http(read_seconds),
        )
        self._client.disable_virtual_style_endpoint()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        checked_key(key)
        with _translated(missing=StorageDown):
            try:
                self._put(key, data, content_type)
            except S3Error as error:
                if error.code != "NoSuchBucket":
                    raise
                self._make_bucket()
                self._put(key, data, content_type)

    def get(self, key: str) -> bytes:
        checked_key(key)
        with _translated():
            response = self._client.get_object(self._bucket, key)
            try:
                return response.read()
            finally:
                response.close()
                response.release_conn()

    def delete(self, key: str) -> None:
        checked_key(key)
        with suppress(StorageMissing), _translated():
            self._client.remove_object(self._bucket, key)

    def exists(self, key: str) -> bool:
        checked_key(key)
        try:
            with _translated():
                self._client.stat_object(self._bucket, key)
        except StorageMissing:
            return False
        return True

    def _put(self, key: str, data: bytes, content_type: str) -> None:
        self._client.put_object(self._bucket, key, io.BytesIO(data), len(data), content_type=content_type)

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket, location=self._region)
        except S3Error as error:
            if error.code not in _BUCKET_IS_THERE:  # another node may have been faster
                raise


def _http(read_seconds: float) -> urllib3.PoolManager:
    """The client's own default waits five minutes and tries six times; a resident does not."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
        maxsize=10,
        retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
    )


@contextmanager
def _translated(missing: type[StorageMissing | StorageDown] = StorageMissing) -> Iterator[None]:
    """Name the client's errors; `missing` is what an absent key or bucket means to the caller."""
    try:
        yield
    except S3Error as error:
        raise (missing if error.code in _MISSING else StorageDown) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StorageDown from error

"""The archive bucket on S3."""

from typing import TYPE_CHECKING

from alert_responder.adapters.aws_errors import dependency_errors

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class S3Archive:
    """See `usecases.ports.Archive`. Every method raises `DependencyError` if the call fails."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        """Write an object, or replace it."""
        with dependency_errors("put_object"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=document, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """Read an object."""
        with dependency_errors("get_object"):
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the bucket, with its content type."""
        with dependency_errors("copy_object"):
            self._client.copy_object(
                Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
            )

"""The archive bucket on S3."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import as_dependency_error


class S3Archive:
    """See `usecases.ports.Archive`. Every method raises `DependencyError` when S3 does not answer as it should.

    Parameters
    ----------
    client
        A boto3 S3 client.
    bucket
        The bucket's name.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        """Write an object, replacing what is there."""
        self._call("put_object", Key=key, Body=document, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """Read an object."""
        body: bytes = self._call("get_object", Key=key)["Body"].read()
        return body

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the bucket, its content type with it."""
        self._call("copy_object", Key=target, CopySource={"Bucket": self._bucket, "Key": source})

    def _call(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **request)
        except (ClientError, BotoCoreError) as error:
            raise as_dependency_error(operation, error) from error

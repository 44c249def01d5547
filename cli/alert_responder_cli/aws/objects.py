"""Read objects of the archive bucket that may be missing."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_cli.aws.access import explain_aws_errors

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


def read_object(client: "S3Client", bucket: str, key: str) -> bytes | None:
    """Return the content of an object, or None if it does not exist; raise `CommandError` if AWS rejects the call."""
    answer = _call(client.get_object, bucket, key)
    return None if answer is None else bytes(answer["Body"].read())


def object_version(client: "S3Client", bucket: str, key: str) -> tuple[Any, ...] | None:
    """Return what identifies the current version of an object; otherwise as `read_object`."""
    answer = _call(client.head_object, bucket, key)
    return None if answer is None else (answer.get("VersionId"), answer.get("ETag"), answer.get("LastModified"))


def _call(operation: Any, bucket: str, key: str) -> Any:
    with explain_aws_errors():
        try:
            return operation(Bucket=bucket, Key=key)
        except ClientError as error:
            if error_code(error) not in _MISSING:
                raise
            return None

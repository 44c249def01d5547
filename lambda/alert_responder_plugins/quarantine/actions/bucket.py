"""S3 buckets, whose public access is blocked: by policies and by ACLs, whatever they allow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, PartLocation, SimpleAction, error_of
from alert_responder_plugins.quarantine.model import Part, TargetState

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
BLOCKED: Final = dict.fromkeys(_SETTINGS, True)
"""The public access block of a contained bucket."""

_NO_BUCKET, _NO_BLOCK = "NoSuchBucket", "NoSuchPublicAccessBlockConfiguration"
_OLDEST_REGIONS = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}
"""Regions by the location constraint that S3 returns for them."""


class Bucket(SimpleAction):
    """See `actions.Action`; the only part is the bucket's own public access block, its owner the bucket's region.

    The value is an object with four booleans, or None if the bucket has no block. The block of the account is neither
    read nor changed. Each call names the account, so that S3 refuses it for a bucket of another one.

    Parameters
    ----------
    client
        Returns the client of a region.
    region
        Region of the first call, which returns the bucket's own.
    """

    def __init__(self, client: Callable[[str], "S3Client"], partition: str, account_id: str, region: str) -> None:
        self._client = client
        self._arns = f"arn:{partition}:s3:::"
        self._account_id = account_id
        self._region = region

    def look(self, target: str) -> TargetState:
        """Return the public access block of a bucket, unless it blocks everything, and the bucket's ARN."""
        arn = f"{self._arns}{target}"
        found = self._call("get_bucket_location", self._region, target)
        if found == GONE:
            return TargetState(refusal="The bucket does not exist.")
        constraint: str | None = found.get("LocationConstraint")
        region = _OLDEST_REGIONS.get(constraint, str(constraint))
        before = self.read(PartLocation(target, region, arn))
        if before == GONE:
            return TargetState(refusal="The bucket does not exist.")
        return TargetState(
            parts=() if before == BLOCKED else (Part(name=arn, before=before, after=BLOCKED),),
            arns=(arn,),
            owner=region,
        )

    def read(self, location: PartLocation) -> Any:
        """Return the bucket's public access block."""
        found = self._call("get_public_access_block", location.owner, location.target)
        if found in (None, GONE):
            return found
        block = found["PublicAccessBlockConfiguration"]
        # S3 treats a missing setting as false.
        return {name: bool(block.get(name)) for name in _SETTINGS}

    def write(self, location: PartLocation, value: Any) -> None:
        """Set or delete the bucket's public access block."""
        if value is None:
            written = self._call("delete_public_access_block", location.owner, location.target)
        else:
            request = {"PublicAccessBlockConfiguration": value}
            written = self._call("put_public_access_block", location.owner, location.target, **request)
        if written == GONE:
            raise ActionFailedError(f"put_public_access_block: {_NO_BUCKET}")

    def _call(self, operation: str, region: str, bucket: str, **request: Any) -> Any:
        """Return the answer; None if the bucket has no block, and `GONE` if it does not exist."""
        call = getattr(self._client(region), operation)
        try:
            return call(Bucket=bucket, ExpectedBucketOwner=self._account_id, **request)
        except ClientError as error:
            code = error_code(error)
            if code in (_NO_BUCKET, _NO_BLOCK):
                return GONE if code == _NO_BUCKET else None
            if code == "AccessDenied":
                hint = "the bucket belongs to another account, or its policy denies access"
                raise ActionFailedError(f"{operation}: {code} ({hint})") from None
            raise error_of(call, error) from None
        except BotoCoreError as error:
            raise ActionFailedError(f"{operation}: {type(error).__name__}") from None

"""Access keys of IAM users, which are deactivated."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.quarantine.actions import GONE, PartLocation, SimpleAction, call_aws, error_of
from alert_responder_plugins.quarantine.model import Part, TargetState

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

_NO_ENTITY = "NoSuchEntity"


class AccessKey(SimpleAction):
    """See `actions.Action`; the only part is the key, its value `Active` or `Inactive`, its owner the user's name."""

    def __init__(self, client: "IAMClient") -> None:
        self._client = client

    def look(self, target: str) -> TargetState:
        """Return the status of the key and the ARN of its user."""
        if not target.startswith("AKIA"):
            return TargetState(refusal="A temporary key cannot be deactivated; contain its role instead.")
        user = self._user_of(target)
        if user is None:
            return TargetState(refusal="The key does not exist in this account.")
        status = self.read(PartLocation(target, user, target))
        if status == GONE:
            return TargetState(refusal="The key belongs to the root user, or to no user.")
        described = call_aws(self._client.get_user, UserName=user)["User"]
        return TargetState(
            parts=(Part(name=target, before="Active", after="Inactive"),) if status == "Active" else (),
            arns=(described["Arn"],),
            owner=user,
        )

    def read(self, location: PartLocation) -> Any:
        """Return the key's status."""
        call = self._client.list_access_keys
        try:
            keys: Any = call(UserName=location.owner)["AccessKeyMetadata"]
        except ClientError as error:
            if error_code(error) == _NO_ENTITY:
                return GONE
            raise error_of(call, error) from None
        return next((key["Status"] for key in keys if key["AccessKeyId"] == location.part), GONE)

    def write(self, location: PartLocation, value: Any) -> None:
        """Set the key's status."""
        call_aws(self._client.update_access_key, UserName=location.owner, AccessKeyId=location.part, Status=value)

    def _user_of(self, key: str) -> str | None:
        call = self._client.get_access_key_last_used
        try:
            user: str | None = call(AccessKeyId=key).get("UserName")
        except ClientError as error:
            # AWS denies access to keys of other accounts.
            if error_code(error) in {_NO_ENTITY, "AccessDenied"}:
                return None
            raise error_of(call, error) from None
        return user

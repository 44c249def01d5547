"""IAM users' access keys: deactivated."""

from typing import Any

from botocore.exceptions import ClientError

from alert_responder_plugins.quarantine.actions import GONE, PartLocation, SimpleAction, called, code_of, failed
from alert_responder_plugins.quarantine.model import Part, TargetState

_NO_ENTITY = "NoSuchEntity"


class AccessKey(SimpleAction):
    """See `actions.Action`; the one part is the key, its value `Active` or `Inactive`, its owner the user's name.

    Parameters
    ----------
    client
        A boto3 client of IAM.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def look(self, target: str) -> TargetState:
        """Return the key's status and its user's ARN."""
        if not target.startswith("AKIA"):
            return TargetState(refusal="It is a temporary key, which cannot be deactivated; deny its role instead.")
        user = self._user_of(target)
        if user is None:
            return TargetState(refusal="There is no such key in this account.")
        status = self.read(PartLocation(target, user, target))
        if status == GONE:
            return TargetState(refusal="It belongs to no user, as keys of the root user do.")
        described = called(self._client.get_user, UserName=user)["User"]
        return TargetState(
            parts=(Part(name=target, before="Active", after="Inactive"),) if status == "Active" else (),
            arns=(described["Arn"],),
            owner=user,
        )

    def read(self, place: PartLocation) -> Any:
        """Return the key's status."""
        call = self._client.list_access_keys
        try:
            keys = call(UserName=place.owner)["AccessKeyMetadata"]
        except ClientError as error:
            if code_of(error) == _NO_ENTITY:
                return GONE
            raise failed(call, error) from None
        return next((key["Status"] for key in keys if key["AccessKeyId"] == place.part), GONE)

    def write(self, place: PartLocation, value: Any) -> None:
        """Set the key's status."""
        called(self._client.update_access_key, UserName=place.owner, AccessKeyId=place.part, Status=value)

    def _user_of(self, key: str) -> str | None:
        call = self._client.get_access_key_last_used
        try:
            user: str | None = call(AccessKeyId=key).get("UserName")
        except ClientError as error:
            # Keys of other accounts are not ours to ask for.
            if code_of(error) in {_NO_ENTITY, "AccessDenied"}:
                return None
            raise failed(call, error) from None
        return user

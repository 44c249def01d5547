"""IAM users and roles, to which a policy that denies everything is attached; it applies to running sessions as well."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, PartLocation, SimpleAction, error_of
from alert_responder_plugins.quarantine.model import Part, TargetState
from alert_responder_plugins.quarantine.names import without_path

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

_NO_ENTITY = "NoSuchEntity"
_AWS_PATHS = ("/aws-service-role/", "/aws-reserved/")
"""Paths of roles that only AWS can change."""


class Principal(SimpleAction):
    """See `actions.Action`; the only part is the policy, its value whether it is attached, its owner the target.

    Parameters
    ----------
    policy_arn
        The policy that denies everything.
    """

    def __init__(self, client: "IAMClient", policy_arn: str, partition: str, account_id: str) -> None:
        self._client = client
        self._policy_arn = policy_arn
        self._arns = f"arn:{partition}:iam::{account_id}:"

    def resolve(self, target: str, /) -> str:
        """Return the target without its path if the path is right; otherwise `look` does not find the target."""
        if target.count("/") == 1:
            return target
        name = without_path(target)
        principal = self._describe(name)
        return name if principal and principal["Arn"] == f"{self._arns}{target}" else target

    def look(self, target: str) -> TargetState:
        """Return whether the policy is attached, and the ARN of the user or role."""
        kind, _, name = target.partition("/")
        principal = None if "/" in name else self._describe(target)
        if principal is None or principal["UserName" if kind == "user" else "RoleName"] != name:
            return TargetState(refusal="The user or role does not exist in this account.")
        arn: str = principal["Arn"]
        if not arn.startswith(self._arns):
            return TargetState(refusal="The user or role belongs to another account.")
        if principal.get("Path", "/").startswith(_AWS_PATHS):
            return TargetState(refusal="Only AWS can change this role.")
        attached = self.read(PartLocation(target, target, self._policy_arn))
        return TargetState(
            parts=(Part(name=self._policy_arn, before=False, after=True),) if attached is False else (),
            arns=(arn,),
            owner=target,
        )

    def read(self, location: PartLocation) -> Any:
        """Return whether the policy is attached."""
        call, request = self._call(location.owner, "list_attached_{}_policies")
        while True:
            try:
                page = call(**request)
            except ClientError as error:
                if error_code(error) == _NO_ENTITY:
                    return GONE
                raise error_of(call, error) from None
            if any(policy["PolicyArn"] == location.part for policy in page["AttachedPolicies"]):
                return True
            if not page.get("IsTruncated"):
                return False
            request["Marker"] = page["Marker"]

    def write(self, location: PartLocation, value: Any) -> None:
        """Attach or detach the policy."""
        call, request = self._call(location.owner, "attach_{}_policy" if value else "detach_{}_policy")
        try:
            call(**request, PolicyArn=location.part)
        except ClientError as error:
            # A policy that is not attached need not be detached.
            if value or error_code(error) != _NO_ENTITY:
                raise error_of(call, error) from None
        except BotoCoreError as error:
            raise ActionFailedError(f"{call.__name__}: {type(error).__name__}") from None

    def _describe(self, target: str) -> dict[str, Any] | None:
        call, request = self._call(target, "get_{}")
        try:
            answer: dict[str, dict[str, Any]] = call(**request)
        except ClientError as error:
            if error_code(error) == _NO_ENTITY:
                return None
            raise error_of(call, error) from None
        return answer["User"] if target.startswith("user/") else answer["Role"]

    def _call(self, owner: str, operation: str) -> tuple[Callable[..., Any], dict[str, Any]]:
        kind, _, name = owner.partition("/")
        return getattr(self._client, operation.format(kind)), {"UserName" if kind == "user" else "RoleName": name}

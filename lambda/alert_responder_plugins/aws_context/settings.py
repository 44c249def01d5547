"""Settings of the inspector `aws-context`."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from alert_responder_plugins.common.members import MemberSettings
from alert_responder_plugins.common.settings import Texts, parse_json

_Arn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:role/.+$")]
_Arns = Annotated[tuple[_Arn, ...], BeforeValidator(parse_json)]


class AwsContextSettings(MemberSettings):
    """Environment variables that `modules/aws-context` sets; lists are JSON.

    Attributes
    ----------
    account_id, partition
        The function's own account and its partition.
    regions
        Regions of lookups, in this order.
    role_arns
        Roles in other accounts, one per account; used in this order after the function's own account.
    external_id
        External id for the roles' trust policies; may be empty.
    table_name
        The table with the directory of accounts.
    owner_tags, purpose_tags
        Keys of tags with the owner and the purpose of a resource, case-insensitive; other tags are not shown.
    activity_hours
        Time range of CloudTrail lookups [h]; 0 disables them.
    time_budget_seconds
        Time limit after which no call begins [s].
    """

    account_id: str = Field(alias="ACCOUNT_ID", pattern="^[0-9]{12}$")
    partition: str = Field(alias="PARTITION", min_length=1)
    regions: Texts = Field(alias="REGIONS", min_length=1)
    role_arns: _Arns = Field(alias="ROLE_ARNS")
    external_id: str = Field(alias="EXTERNAL_ID", default="")
    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    session_name: str = Field(alias="SESSION_NAME", pattern=r"^[\w+=,.@-]{2,64}$")
    owner_tags: Texts = Field(alias="OWNER_TAGS")
    purpose_tags: Texts = Field(alias="PURPOSE_TAGS")
    activity_hours: int = Field(alias="ACTIVITY_HOURS", ge=0, le=168)
    time_budget_seconds: int = Field(alias="TIME_BUDGET_SECONDS", ge=5, le=600)

    @field_validator("role_arns")
    @classmethod
    def _one_role_an_account(cls, role_arns: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        accounts = [info.data.get("account_id"), *(arn.split(":")[4] for arn in role_arns)]
        if len(set(accounts)) < len(accounts):
            raise ValueError("must contain at most one role per account, and none in the function's own account")
        return role_arns

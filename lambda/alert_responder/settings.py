"""The functions' environment variables; `functions.tf` sets exactly these names (a test compares them)."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.errors import SettingsError

_Limit = Annotated[int, Field(ge=1)] | Literal["none"]
_Settings = TypeVar("_Settings", bound="CommonSettings")


class CommonSettings(BaseModel):
    """Settings of all functions.

    Attributes
    ----------
    report_retention_days
        How long a report is kept after the end of its window [days].
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    archive_bucket: str = Field(alias="ARCHIVE_BUCKET", min_length=1)
    report_retention_days: int = Field(alias="REPORT_RETENTION_DAYS", ge=1)
    installation: str = Field(alias="INSTALLATION", min_length=1)


class ReceptorSettings(CommonSettings):
    """Settings of the receptor: the state machine that it starts, and how long a report accepts alerts [seconds].

    Attributes
    ----------
    formats
        Version of the custom formats, which changes with them; `none` without custom formats.
    max_new_reports_per_detector, max_new_reports_per_installation
        Maximum number of reports that open in an hour; `none`: no limit.
    administrator_accounts
        Accounts whose services send the findings of other accounts, separated by commas.
    verified_stream_arn
        The stream that only rules of EventBridge may write to; `none`: there is none.
    """

    workflow_arn: str = Field(alias="WORKFLOW_ARN", min_length=1)
    aggregation_window_seconds: int = Field(alias="AGGREGATION_WINDOW_SECONDS", ge=1)
    formats: str = Field(alias="FORMATS", default="none")
    administrator_accounts: str = Field(
        alias="ADMINISTRATOR_ACCOUNTS", default="", pattern=r"^([0-9]{12}(,[0-9]{12})*)?$"
    )
    verified_stream_arn: str = Field(alias="VERIFIED_STREAM_ARN", default="none", pattern=r"^(arn:.+|none)$")
    max_new_reports_per_detector: _Limit = Field(alias="MAX_NEW_REPORTS_PER_DETECTOR")
    max_new_reports_per_installation: _Limit = Field(alias="MAX_NEW_REPORTS_PER_INSTALLATION")


class CoordinatorSettings(CommonSettings):
    """Settings of the coordinator: the state machine that it starts, and the limits of inspection."""

    workflow_arn: str = Field(alias="WORKFLOW_ARN", min_length=1)
    inspection_timeout_seconds: int = Field(alias="INSPECTION_TIMEOUT_SECONDS", ge=1, le=840)
    max_inspection_depth: int = Field(alias="MAX_INSPECTION_DEPTH", ge=0, le=5)
    max_inspections_per_report: int = Field(alias="MAX_INSPECTIONS_PER_REPORT", ge=1, le=500)


class RunnerSettings(CommonSettings):
    """Settings of the runner: how long an inspector may take [seconds], and how people open a report's page.

    Attributes
    ----------
    archive_console_url
        URL of an object of the archive in the AWS console, without the key, which is appended; `none` in partitions
        whose console is unknown.
    """

    inspection_timeout_seconds: int = Field(alias="INSPECTION_TIMEOUT_SECONDS", ge=1, le=840)
    report_link_type: Literal["console", "none", "presigned"] = Field(alias="REPORT_LINK_TYPE", default="none")
    archive_console_url: str = Field(alias="ARCHIVE_CONSOLE_URL", default="none", pattern=r"^(https://.+=|none)$")


def read_settings(model: type[_Settings], environment: Mapping[str, str]) -> _Settings:
    """Parse a function's settings, or raise a `SettingsError` that names every fault."""
    try:
        return model.model_validate(dict(environment))
    except ValidationError as error:
        raise SettingsError(f"invalid environment: {'; '.join(describe_faults(error, 'environment'))}") from None

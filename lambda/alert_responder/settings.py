"""What each function reads from its environment; `functions.tf` sets exactly these names (a test compares them)."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alert_responder.errors import SettingsError

_Limit = Annotated[int, Field(ge=1)] | Literal["none"]
_Settings = TypeVar("_Settings", bound="CommonSettings")


class CommonSettings(BaseModel):
    """What all functions share.

    Attributes
    ----------
    report_retention_days
        How long everything of a report is kept after its window [days].
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    archive_bucket: str = Field(alias="ARCHIVE_BUCKET", min_length=1)
    report_retention_days: int = Field(alias="REPORT_RETENTION_DAYS", ge=1)
    installation: str = Field(alias="INSTALLATION", min_length=1)


class ReceptorSettings(CommonSettings):
    """The receptor's: the state machine it starts, and how long a report takes alerts [seconds].

    Attributes
    ----------
    formats
        Tells one version of the operator's own formats from another; `none`: there are none, and nothing is read.
    max_new_reports_per_detector, max_new_reports_per_installation
        Most reports that open in an hour; `none`: no limit.
    """

    workflow_arn: str = Field(alias="WORKFLOW_ARN", min_length=1)
    aggregation_window_seconds: int = Field(alias="AGGREGATION_WINDOW_SECONDS", ge=1)
    formats: str = Field(alias="FORMATS", default="none")
    max_new_reports_per_detector: _Limit = Field(alias="MAX_NEW_REPORTS_PER_DETECTOR")
    max_new_reports_per_installation: _Limit = Field(alias="MAX_NEW_REPORTS_PER_INSTALLATION")


class CoordinatorSettings(CommonSettings):
    """The coordinator's: the state machine it starts, and the limits of inspection."""

    workflow_arn: str = Field(alias="WORKFLOW_ARN", min_length=1)
    inspection_timeout_seconds: int = Field(alias="INSPECTION_TIMEOUT_SECONDS", ge=1, le=840)
    max_inspection_depth: int = Field(alias="MAX_INSPECTION_DEPTH", ge=0, le=5)
    max_inspections_per_report: int = Field(alias="MAX_INSPECTIONS_PER_REPORT", ge=1, le=500)


class RunnerSettings(CommonSettings):
    """The runner's: how long an inspector may take [seconds], and how people open a report's page.

    Attributes
    ----------
    archive_console_url
        Where the console shows an object of the archive, but for the object's key, which is its end; `none` where AWS
        has no console that is known.
    """

    inspection_timeout_seconds: int = Field(alias="INSPECTION_TIMEOUT_SECONDS", ge=1, le=840)
    report_link_type: Literal["console", "none", "presigned"] = Field(alias="REPORT_LINK_TYPE", default="none")
    archive_console_url: str = Field(alias="ARCHIVE_CONSOLE_URL", default="none", pattern=r"^(https://.+=|none)$")


def read_settings(model: type[_Settings], environment: Mapping[str, str]) -> _Settings:
    """Read a function's settings; raise `SettingsError` that names every fault at once."""
    try:
        return model.model_validate(dict(environment))
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise SettingsError(f"wrong environment: {faults}") from None

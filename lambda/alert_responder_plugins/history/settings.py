"""Settings of the inspector `history`."""

from pydantic import Field

from alert_responder_plugins.common.settings import PluginSettings


class HistorySettings(PluginSettings):
    """Environment variables that `modules/history` sets.

    Attributes
    ----------
    max_reports
        Maximum number of reports read by a lookup, in addition to the oldest ones.
    """

    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    max_reports: int = Field(alias="MAX_REPORTS", ge=10, le=20_000)

"""What the function reads from its environment; `modules/history` sets exactly these names."""

from pydantic import Field

from alert_responder_plugins.common.settings import PluginSettings


class HistorySettings(PluginSettings):
    """Settings of `history`.

    Attributes
    ----------
    max_reports
        How many reports a lookup reads, beside the oldest ones.
    """

    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    max_reports: int = Field(alias="MAX_REPORTS", ge=10, le=20_000)

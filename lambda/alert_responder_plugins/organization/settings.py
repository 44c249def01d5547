"""Settings of the function that keeps the directory, from its environment."""

from typing import Annotated

from pydantic import Field, Json

from alert_responder_plugins.common.settings import PluginSettings

Tags = Json[Annotated[tuple[str, ...], Field(max_length=20)]]


class OrganizationSettings(PluginSettings):
    """The settings; Terraform checks their ranges.

    Attributes
    ----------
    home
        Id of the account in which AlertResponder runs.
    listed
        Whether the accounts come from the item that Terraform writes, not from AWS Organizations.
    organizational_units
        Ids of the units whose accounts are covered; None: all accounts.
    time_budget_seconds
        Time for one refresh [s].
    """

    installation: str = Field(alias="INSTALLATION")
    table_name: str = Field(alias="TABLE_NAME")
    home: str = Field(alias="HOME_ACCOUNT")
    listed: bool = Field(alias="LISTED")
    owner_tags: Tags = Field(alias="OWNER_TAGS")
    environment_tags: Tags = Field(alias="ENVIRONMENT_TAGS")
    organizational_units: Json[frozenset[str] | None] = Field(alias="ORGANIZATIONAL_UNITS")
    time_budget_seconds: float = Field(alias="TIME_BUDGET_SECONDS", gt=0)

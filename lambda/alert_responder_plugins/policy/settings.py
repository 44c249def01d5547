"""Settings of the reviewer `policy`."""

from typing import Annotated

from pydantic import Field

from alert_responder_plugins.common.settings import PluginSettings


class PolicySettings(PluginSettings):
    """Environment variables that `modules/policy` sets.

    Attributes
    ----------
    name
        Name of the policy, by which its item is found.
    """

    installation: Annotated[str, Field(alias="INSTALLATION", min_length=1)]
    name: Annotated[str, Field(alias="PLUGIN_NAME", min_length=1)]
    table: Annotated[str, Field(alias="TABLE_NAME", min_length=1)]

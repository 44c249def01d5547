"""What a plug-in reads from its function's environment."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder_plugins.common.errors import SettingsFaultError


class PluginSettings(BaseModel):
    """Base of every plug-in's settings; fields are aliases of the variables that its module sets."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


_Settings = TypeVar("_Settings", bound=PluginSettings)


def read_settings(model: type[_Settings], environment: Mapping[str, str]) -> _Settings:
    """Read settings; raise `SettingsFaultError` that names every fault at once."""
    try:
        return model.model_validate(dict(environment))
    except ValidationError as error:
        # A fault of several settings together has no place.
        faults = "; ".join(
            f"{fault['loc'][0] if fault['loc'] else 'settings'}: {fault['msg']}"
            for fault in error.errors(include_input=False)
        )
        raise SettingsFaultError(f"wrong environment: {faults}") from None

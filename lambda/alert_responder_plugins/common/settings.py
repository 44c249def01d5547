"""Settings of a plug-in, read from the environment of its function."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import from_json

from alert_responder.contracts.base import describe_faults
from alert_responder_plugins.common.errors import SettingsFaultError


def parse_json(value: Any) -> Any:
    """Parse a variable that is JSON; values that are not texts are unchanged."""
    return from_json(value) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(parse_json)]
"""A list of texts, as JSON."""


class PluginSettings(BaseModel):
    """Base of all settings; each field's alias is the environment variable that the Terraform module sets."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


_Settings = TypeVar("_Settings", bound=PluginSettings)


def read_settings(model: type[_Settings], environment: Mapping[str, str]) -> _Settings:
    """Read settings; raise `SettingsFaultError` with all invalid variables."""
    try:
        return model.model_validate(dict(environment))
    except ValidationError as error:
        faults = "; ".join(describe_faults(error, "environment"))
        raise SettingsFaultError(f"invalid environment: {faults}") from None

"""What is attached to an installation: the registry, the functions behind it, and formats of its own."""

from collections.abc import Mapping
from typing import Any, Literal

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, ReviewerPlugin
from alert_responder.formats.mapping import build_formats
from alert_responder.formats.registry import FormatRegistry
from alert_responder.store import keys
from alert_responder.store.registry import read_mappings
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.health import Health

Kind = Literal["inspector", "reviewer", "emitter"]
Registered = InspectorPlugin | ReviewerPlugin | EmitterPlugin

_KINDS: Mapping[Kind, tuple[str, type[Any]]] = {
    "inspector": (keys.INSPECTORS, InspectorPlugin),
    "reviewer": (keys.REVIEWERS, ReviewerPlugin),
    "emitter": (keys.EMITTERS, EmitterPlugin),
}
_FILTERS = ("attribute_types", "contexts", "detectors", "severities")


class AttachedPlugin(BaseModel):
    """One plug-in that is attached.

    Attributes
    ----------
    filters
        What it is called for, by the filter's name; a filter that lets everything through is left out.
    cache_seconds, cache_empty_seconds
        How long its answers are reused, and those that nothing is known [seconds]; None: not of this kind.
    function
        The function's state, such as `Active`; `missing`, `not allowed to look`, or why it cannot be told.
    timeout_seconds, runtime
        As the function is configured; None where that cannot be told.
    health
        What became of its last calls; None: nobody looked.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    name: str
    arn: str
    enabled: bool
    filters: dict[str, tuple[str, ...]]
    cache_seconds: int | None
    function: str
    timeout_seconds: int | None = None
    runtime: str | None = None
    cache_empty_seconds: int | None = None
    health: Health | None = None


def attached_plugins(installation: Installation) -> list[AttachedPlugin]:
    """List all plug-ins of an installation, disabled ones too: inspectors, the reviewer, emitters, each by name.

    Raises
    ------
    CommandError
        When the registry cannot be read; see `registered`. A function that cannot be looked at is no error: its state
        says so.
    """
    functions = installation.client("lambda")
    return [
        AttachedPlugin(
            kind=kind,
            name=plugin.name,
            arn=plugin.arn,
            enabled=plugin.enabled,
            filters={name: getattr(plugin, name) for name in _FILTERS if getattr(plugin, name, ())},
            cache_seconds=getattr(plugin, "cache_seconds", None),
            cache_empty_seconds=getattr(plugin, "cache_empty_seconds", None),
            **_state(functions, plugin.arn),
        )
        for kind, plugin in registered(installation)
    ]


def registered(installation: Installation) -> list[tuple[Kind, Registered]]:
    """Read the registry alone: each plug-in with its kind, disabled ones too, in the order of `attached`.

    Raises
    ------
    CommandError
        When the table cannot be read (`dynamodb:Query`), or an entry is not as Terraform writes it.
    """
    table = DynamoDBTable(installation.client("dynamodb"), installation.table)
    found: list[tuple[Kind, Registered]] = []
    for kind, (partition, model) in _KINDS.items():
        with explain_aws_errors():
            entries = list(table.query(partition, " ", keys.LAST))
        for entry in entries:
            try:
                found.append((kind, model.model_validate({**entry, "name": entry["sk"]})))
            except ValidationError as error:
                fault = describe_faults(error, "the entry")[0]
                raise CommandError(
                    f"The entry of {kind} '{entry['sk']}' is not as Terraform writes it: {fault}."
                ) from None
    return found


def formats_of(installation: Installation) -> FormatRegistry:
    """Give the formats an installation reads: its own, and those that are shipped.

    Raises
    ------
    CommandError
        When its own cannot be read (`dynamodb:GetItem`). One with a wrong expression is left out, as the receptor does.
    """
    with explain_aws_errors():
        found = read_mappings(DynamoDBTable(installation.client("dynamodb"), installation.table))
    own, _ = build_formats(found or ())
    return FormatRegistry(own)


def _state(client: Any, arn: str) -> dict[str, Any]:
    try:
        configuration = client.get_function_configuration(FunctionName=arn)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "ResourceNotFoundException":
            return {"function": "missing"}
        return {"function": "not allowed to look" if code == "AccessDeniedException" else f"unknown ({code})"}
    reason = configuration.get("StateReason")
    state = str(configuration.get("State") or "Active")
    return {
        "function": f"{state}: {reason}" if reason and state != "Active" else state,
        "timeout_seconds": configuration.get("Timeout"),
        "runtime": configuration.get("Runtime"),
    }

"""Read the registry of an installation: attached plug-ins with their functions, and custom formats."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from alert_responder.adapters.aws_errors import error_code
from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, ReviewerPlugin
from alert_responder.domain.internal import InternalEstate, internal_estate
from alert_responder.formats.mapping import build_formats
from alert_responder.formats.registry import FormatRegistry
from alert_responder.store import keys
from alert_responder.store.registry import installation_settings, read_mappings
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.health import Health

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Kind = Literal["inspector", "reviewer", "emitter"]
Registered = InspectorPlugin | ReviewerPlugin | EmitterPlugin

_KINDS: Mapping[Kind, tuple[str, type[Any]]] = {
    "inspector": (keys.INSPECTORS, InspectorPlugin),
    "reviewer": (keys.REVIEWERS, ReviewerPlugin),
    "emitter": (keys.EMITTERS, EmitterPlugin),
}
_FILTERS = ("attribute_types", "contexts", "detectors", "severities", "labels")


class AttachedPlugin(BaseModel, frozen=True):
    """An attached plug-in.

    Attributes
    ----------
    filters
        The filters that are set, by name.
    cache_seconds, cache_empty_seconds
        How long answers and empty answers are reused [s]; None: this kind of plug-in has no cache.
    function
        State of the function, such as `Active`; `missing`, `access denied`, or `unknown` with the error code.
    timeout_seconds, runtime
        Configuration of the function; None: unknown.
    health
        Summary of its last calls; None: not read.
    """

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
    """List all plug-ins of an installation, including disabled ones: inspectors, the reviewer, emitters, each by name.

    Raises
    ------
    CommandError
        The registry cannot be read; see `registered`. A function whose configuration cannot be read raises no error.
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
    """Read the registry without the functions: each plug-in with its kind, in the order of `attached_plugins`.

    Raises
    ------
    CommandError
        The table cannot be read (`dynamodb:Query`), or an entry is invalid.
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
    """Return the formats of an installation: the custom and the built-in ones.

    Raises
    ------
    CommandError
        The custom formats cannot be read (`dynamodb:GetItem`). Like the receptor, this skips invalid ones.
    """
    with explain_aws_errors():
        found = read_mappings(DynamoDBTable(installation.client("dynamodb"), installation.table))
    own, _ = build_formats(found or ())
    return FormatRegistry(own)


def internal_of(installation: Installation) -> InternalEstate:
    """Return the internal networks and domains of an installation.

    Raises
    ------
    CommandError
        The settings cannot be read (`dynamodb:GetItem`), or are invalid.
    """
    with explain_aws_errors():
        return internal_estate(
            installation_settings(DynamoDBTable(installation.client("dynamodb"), installation.table))
        )


def _state(client: "LambdaClient", arn: str) -> dict[str, Any]:
    try:
        configuration = client.get_function_configuration(FunctionName=arn)
    except ClientError as error:
        code = error_code(error)
        if code == "ResourceNotFoundException":
            return {"function": "missing"}
        return {"function": "access denied" if code == "AccessDeniedException" else f"unknown ({code})"}
    reason = configuration.get("StateReason")
    state = str(configuration.get("State", "Active"))
    return {
        "function": f"{state}: {reason}" if reason and state != "Active" else state,
        "timeout_seconds": configuration.get("Timeout"),
        "runtime": configuration.get("Runtime"),
    }

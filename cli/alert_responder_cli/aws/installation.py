"""Find the installation that a command works on, and the names of its resources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alert_responder_cli.aws.access import Access, explain_aws_errors
from alert_responder_cli.errors import CommandError

_ROLE = "coordinator"
_HANDLER = f"alert_responder.handlers.{_ROLE}.handler"


@dataclass(frozen=True)
class Installation:
    """An installation in the current account and region.

    Attributes
    ----------
    access
        The access to AWS.
    name
        Its name, from which the names of stream, functions and state machine are derived.
    table, archive_bucket, workflow_arn
        Resources with the reports, the archive and the executions.
    settings
        Environment variables of the coordinator, such as INSPECTION_TIMEOUT_SECONDS.
    """

    access: Access
    name: str
    table: str
    archive_bucket: str
    workflow_arn: str
    settings: Mapping[str, str]

    @property
    def stream(self) -> str:
        """The name of the alert stream."""
        return self.name

    @property
    def kept_days(self) -> int:
        """Days after its opening when a report has expired; its window is at most a week."""
        return int(self.settings.get("REPORT_RETENTION_DAYS", "3650")) + 8

    def function(self, key: str) -> str:
        """Return the name of a function: coordinator, receptor or runner."""
        return f"{self.name}-{key}"

    def client(self, service: str, **settings: Any) -> Any:
        """Create a boto3 client; see `Access.client`."""
        return self.access.client(service, **settings)


def find(access: Access, name: str | None = None) -> Installation:
    """Find an installation by name, or the only one in the account and region.

    Raises
    ------
    CommandError
        It does not exist; there are several, and no name is given; or a permission is missing
        (`lambda:GetFunctionConfiguration` with a name, `lambda:ListFunctions` without).
    """
    if name is None:
        found = installations(access)
        if len(found) == 1:
            return found[0]
        if not found:
            raise CommandError("No installation of AlertResponder was found in this account and region.")
        names = ", ".join(one.name for one in found)
        raise CommandError(f"There are several installations: {names}. Choose one with --installation.")
    client = access.client("lambda")
    with explain_aws_errors():
        try:
            configuration = client.get_function_configuration(FunctionName=f"{name}-{_ROLE}")
        except client.exceptions.ResourceNotFoundException:
            raise CommandError(f"Installation '{name}' was not found in this account and region.") from None
    installation = _read(access, configuration)
    if installation is None:
        raise CommandError(
            f"The function {name}-{_ROLE} does not belong to AlertResponder, or its settings cannot be read."
        )
    return installation


def installations(access: Access) -> list[Installation]:
    """List all installations in the account and region, by name."""
    client = access.client("lambda")
    with explain_aws_errors():
        pages = client.get_paginator("list_functions").paginate()
        functions: Iterable[Any] = [function for page in pages for function in page["Functions"]]
    found = [_read(access, function) for function in functions if function.get("Handler") == _HANDLER]
    return sorted((one for one in found if one is not None), key=lambda one: one.name)


def _read(access: Access, configuration: Mapping[str, Any]) -> Installation | None:
    """Read an installation from the settings of its coordinator; None: the function is not a coordinator."""
    settings = configuration.get("Environment", {}).get("Variables", {})
    try:
        return Installation(
            access=access,
            name=settings["INSTALLATION"],
            table=settings["TABLE_NAME"],
            archive_bucket=settings["ARCHIVE_BUCKET"],
            workflow_arn=settings["WORKFLOW_ARN"],
            settings=settings,
        )
    except KeyError:
        return None

"""Find the name and the external id of the roles in member accounts, in the settings of the attached functions."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from botocore.exceptions import ClientError

from alert_responder_cli.aws.access import explanation
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.registry import registered
from alert_responder_plugins.common.member_roles import name_of

_USE = "Use --member-name and --external-id"


class Member(NamedTuple):
    """How the roles are assumed: the `name` of `modules/member`, and its external id, which is not shown."""

    name: str
    external_id: str


def find_member(installation: Installation, name: str | None, external_id: str | None) -> Member:
    """Return name and external id: those given, otherwise those with which the attached plug-ins were applied.

    Raises
    ------
    CommandError
        No plug-in has them, several have different ones, or a permission is missing (`dynamodb:Query`,
        `lambda:GetFunctionConfiguration`).
    """
    if name and external_id:
        return Member(name, external_id)
    found: dict[Member, list[str]] = {}
    unreadable: str | None = None
    functions = installation.client("lambda")
    for kind, plugin in registered(installation):
        try:
            configuration = functions.get_function_configuration(FunctionName=plugin.arn)
        except ClientError as error:
            unreadable = explanation(error)
            continue
        for member in members_in(configuration.get("Environment", {}).get("Variables", {})):
            chosen = Member(name or member.name, external_id or member.external_id)
            if name in (None, member.name):
                found.setdefault(chosen, []).append(f"{kind} {plugin.name}")
    if len(found) == 1:
        return next(iter(found))
    if found:
        users = [f"{member.name}: {', '.join(plugins)}" for member, plugins in found.items()]
        raise CommandError(f"The plug-ins use different roles in member accounts. {_USE}.", users)
    reason = f" {unreadable}" if unreadable else ""
    raise CommandError(f"No attached plug-in uses the roles of modules/member in other accounts.{reason} {_USE}.")


def members_in(settings: Mapping[str, str]) -> Iterator[Member]:
    """Read name and external id from a function's environment, as the modules write it."""
    name = name_of(settings.get("MEMBER_ROLE_NAME", ""))
    if name and settings.get("EXTERNAL_ID"):
        yield Member(name, settings["EXTERNAL_ID"])
    try:
        members = json.loads(settings.get("MEMBERS", "null"))
    except ValueError:
        return
    if isinstance(members, dict) and members.get("name") and members.get("external_id"):
        yield Member(str(members["name"]), str(members["external_id"]))

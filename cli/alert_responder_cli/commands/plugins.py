"""`alert-responder plugins`: what is attached."""

from collections.abc import Sequence

from rich.text import Text

from alert_responder_cli.attached import Attached, attached
from alert_responder_cli.aws import Access
from alert_responder_cli.console import explaining, output, print_json, table
from alert_responder_cli.installation import find
from alert_responder_cli.options import InstallationName, Json, Local, Profile, Region


@explaining
def plugins(
    installation: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List the plug-ins that are attached: filters, whether they are enabled, and how their functions are."""
    made = find(Access(profile, region, local), installation)
    found = attached(made)
    if as_json:
        print_json(found)
        return
    console = output()
    if not found:
        console.print(f"No plug-in is attached to '{made.name}'.")
        return
    console.print(table(("kind", "name", "called for", "function", "state"), [_row(one) for one in found]))
    _say_what_is_missing(found)


def _row(plugin: Attached) -> tuple[str | Text, ...]:
    filters = "; ".join(f"{name.replace('_', ' ')}: {', '.join(values)}" for name, values in plugin.filters.items())
    if plugin.cache_seconds:
        filters = f"{filters or 'everything'}; kept {plugin.cache_seconds} s"
    state = plugin.function if plugin.enabled else f"disabled; {plugin.function}"
    fine = plugin.enabled and plugin.function == "Active"
    called_for = filters or "every report" if plugin.kind != "inspector" else filters or "everything"
    return (plugin.kind, plugin.name, called_for, plugin.arn, Text(state, style="" if fine else "yellow"))


def _say_what_is_missing(found: Sequence[Attached]) -> None:
    if any(plugin.function == "not allowed to look" for plugin in found):
        output().print("The permission lambda:GetFunctionConfiguration is missing for some functions.")
    if not any(plugin.kind == "reviewer" and plugin.enabled for plugin in found):
        output().print("No reviewer is attached: every report is 'unclassified'.")

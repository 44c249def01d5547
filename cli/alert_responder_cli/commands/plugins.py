"""`alert-responder plugins`: the attached plug-ins and the outcomes of their last calls."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.plugins.health import REVIEWER, Health, Plugin, health, last_calls
from alert_responder_cli.plugins.registry import AttachedPlugin, attached_plugins
from alert_responder_cli.terminal.console import explain_errors, output, print_json, progress, table
from alert_responder_cli.terminal.tables import Records
from alert_responder_cli.times import now


@explain_errors
def plugins(
    calls: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=1000, help="Number of last calls to read of each plug-in; 0 reads none."),
    ] = 20,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List attached plug-ins and the outcomes of their last calls."""
    installation = find(Access(profile, region, local), installation_name)
    attached = attached_plugins(installation)
    if calls and attached:
        attached = _with_health(installation, attached, calls)
    if as_json:
        print_json(attached)
        return
    console = output()
    if not attached:
        console.print(f"No plug-in is attached to '{installation.name}'.")
        return
    console.print(plugins_table(attached))
    if any(one.health and one.health.calls for one in attached):
        console.print()
        console.print(f"Last calls, at most {calls} of each plug-in:")
        console.print(health_table(attached))
    if idle := [one.name for one in attached if one.health and not one.health.calls]:
        console.print(f"No calls in the newest reports of the last 7 days: {', '.join(idle)}.", soft_wrap=True)
    _print_what_is_missing(attached)


def plugins_table(attached: Sequence[AttachedPlugin]) -> Records:
    """Draw the table of attached plug-ins."""
    headings = ("kind", "name", "called for", "function", "state")
    return table(headings, map(_row, attached), whole=("kind", "name", "function"), head=2)


def health_table(attached: Sequence[AttachedPlugin]) -> Records:
    """Draw the table of the last calls of each plug-in."""
    figures = ("name", "calls", "answered", "throttled", "failed", "median", "95 %", "longest")
    rows = [_health_row(one.name, one.health) for one in attached if one.health and one.health.calls]
    return table((*figures, "last failure"), rows, whole=figures)


def _with_health(installation: Installation, attached: Sequence[AttachedPlugin], most: int) -> list[AttachedPlugin]:
    with progress("Reading reports") as on_progress:
        calls = last_calls(installation, [_plugin(one) for one in attached], most, now(), on_progress)
    return [one.model_copy(update={"health": health(calls[_plugin(one)])}) for one in attached]


def _plugin(one: AttachedPlugin) -> Plugin:
    return REVIEWER if one.kind == "reviewer" else (one.kind, one.name)


def _health_row(name: str, of: Health) -> tuple[str | Text, ...]:
    times = (of.median_seconds, of.p95_seconds, of.longest_seconds)
    return (
        name,
        str(of.calls),
        str(of.answered),
        Text(str(of.throttled), style="yellow" if of.throttled else ""),
        Text(str(of.failed), style="yellow" if of.failed else ""),
        *("-" if seconds is None else f"{seconds:.2f} s" for seconds in times),
        f"{of.last_failure} (report {of.last_failure_report_id})" if of.last_failure else "",
    )


def _row(plugin: AttachedPlugin) -> tuple[str | Text, ...]:
    filters = "; ".join(f"{name.replace('_', ' ')}: {', '.join(values)}" for name, values in plugin.filters.items())
    if plugin.cache_seconds:
        filters = f"{filters or 'everything'}; cached {plugin.cache_seconds} s"
    if plugin.cache_empty_seconds:
        filters = f"{filters or 'everything'}; cached {plugin.cache_empty_seconds} s if empty"
    state = plugin.function if plugin.enabled else f"disabled; {plugin.function}"
    fine = plugin.enabled and plugin.function == "Active"
    called_for = filters or "every report" if plugin.kind != "inspector" else filters or "everything"
    return (plugin.kind, plugin.name, called_for, plugin.arn, Text(state, style="" if fine else "yellow"))


def _print_what_is_missing(attached: Sequence[AttachedPlugin]) -> None:
    if any(plugin.function == "access denied" for plugin in attached):
        output().print("The permission lambda:GetFunctionConfiguration is missing for some functions.")
    if not any(plugin.kind == "reviewer" and plugin.enabled for plugin in attached):
        output().print("No enabled reviewer is attached: every report is 'unclassified'.")

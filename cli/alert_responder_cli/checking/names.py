"""Resolve the name of a plug-in: an attached plug-in, or a function on Lambda."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_cli.aws.access import Access, explain_aws_errors
from alert_responder_cli.aws.installation import Installation, find, installations
from alert_responder_cli.checking.results import Kind
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.registry import Registered, registered

_ARTICLES: Mapping[Kind, str] = {"inspector": "an", "reviewer": "a", "emitter": "an"}


@dataclass(frozen=True)
class RegistryEntry:
    """A plug-in in the registry of an installation.

    Attributes
    ----------
    types
        Attribute types an inspector is called for; empty: all, or another kind of plug-in.
    seconds
        Time limit of an inspector in this installation; None: unknown.
    batch_size, batch_types
        Lookups in one call of an inspector, and the types that are looked up so; None: all.
    """

    installation_name: str
    kind: Kind
    name: str
    arn: str
    types: tuple[str, ...] = ()
    seconds: float | None = None
    batch_size: int = 1
    batch_types: tuple[str, ...] | None = None

    @property
    def function(self) -> str:
        """The name of its function without version or alias; empty if the ARN is not that of a function."""
        return "".join(self.arn.split(":")[6:7])


def find_attached(
    kind: Kind, name: str, access: Access, installation_name: str | None, note: Callable[[str], None] = lambda _: None
) -> RegistryEntry | None:
    """Find the plug-in that is attached under a name; None: it is the name of a function.

    Parameters
    ----------
    installation_name
        The installation whose registry is used; None: all installations in the account and region.
    note
        Called with a sentence for the user if no registry can be read, so that the name is used as a function's.

    Raises
    ------
    CommandError
        The name is ambiguous or unknown; the message lists the attached plug-ins.
    """
    entries, unread = _entries(access, installation_name)
    meant = resolve(kind, name, entries)
    if meant is not None and meant.function == name:
        return meant
    there = _function(access, name)
    if meant is not None:
        if there:
            raise CommandError(
                f"'{name}' is ambiguous: the {kind} attached as '{name}' is {meant.arn}, and there is a function "
                f"{there}. Give the ARN."
            )
        return meant
    if there is None:
        sentence = f"No {kind} is attached as '{name}', and no function has that name."
        raise CommandError(f"{sentence} {unread or listed(kind, entries)}{_file_of_that_name(name)}")
    if unread:
        note(f"Using '{name}' as the name of a function. {unread}")
    return None


def resolve(kind: Kind, name: str, entries: Iterable[RegistryEntry]) -> RegistryEntry | None:
    """Find the plug-in that is attached under a name, or return None.

    Raises
    ------
    CommandError
        Several functions are attached under the name, or only plug-ins of another kind.

    Examples
    --------
    >>> whois = Entry("secops", "inspector", "whois", "arn:aws:lambda:eu-west-1:111122223333:function:secops-whois")
    >>> resolve("inspector", "whois", [whois]).function
    'secops-whois'
    """
    entries = list(entries)
    found = [entry for entry in entries if (entry.kind, entry.name) == (kind, name)]
    if len({entry.arn for entry in found}) > 1:
        places = ", ".join(f"{entry.arn} (installation '{entry.installation_name}')" for entry in found)
        raise CommandError(f"'{name}' is ambiguous: {places}. Choose one with --installation.")
    if found:
        return found[0]
    others = [entry for entry in entries if name in (entry.name, entry.function)]
    if others and all(entry.kind != kind for entry in others):
        other = others[0]
        what = f"the {other.kind} '{other.name}' of '{other.installation_name}', not {_ARTICLES[kind]} {kind}"
        raise CommandError(f"'{name}' is {what}. Use 'check {other.kind} {other.name}'. {listed(kind, entries)}")
    return None


def listed(kind: Kind, entries: Sequence[RegistryEntry]) -> str:
    """List the attached plug-ins of a kind in one sentence, by installation."""
    names: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind == kind:
            names.setdefault(entry.installation_name, []).append(entry.name)
    if not names:
        return f"No {kind} is attached."
    places = "; ".join(f"{', '.join(found)} (installation '{name}')" for name, found in names.items())
    return f"Attached {kind}s: {places}."


def _file_of_that_name(name: str) -> str:
    """Suggest a file of the current folder, if there is one of that name."""
    given = [f"{name}{suffix}:handler" for suffix in (".py", ".mjs", ".cjs", ".js")]
    if name == "bootstrap":
        given.append("./bootstrap")
    found = next((each for each in given if Path(each.removesuffix(":handler")).is_file()), None)
    return f" To check the file in the current folder, use {found}." if found else ""


def _entries(access: Access, installation_name: str | None) -> tuple[list[RegistryEntry], str]:
    """Read the registries; without permission return no entry and the reason: a function name needs no registry."""
    try:
        installation = [find(access, installation_name)] if installation_name else installations(access)
        found = [_entry(one, kind, plugin) for one in installation for kind, plugin in registered(one)]
    except CommandError as error:
        if installation_name or not isinstance(error.__cause__, ClientError):
            raise
        return [], f"The registry could not be read: {error}"
    return found, ""


def _entry(installation: Installation, kind: Kind, plugin: Registered) -> RegistryEntry:
    waits = installation.settings.get("INSPECTION_TIMEOUT_SECONDS", "")
    seconds = float(waits) if kind == "inspector" and waits.isdecimal() else None
    types = tuple(getattr(plugin, "attribute_types", ()))
    size, batched = getattr(plugin, "batch_size", 1), getattr(plugin, "batch_types", None)
    return RegistryEntry(installation.name, kind, plugin.name, plugin.arn, types, seconds, size, batched)


def _function(access: Access, name: str) -> str | None:
    """Return the ARN of a function; None: it does not exist; empty: access denied."""
    client = access.client("lambda")
    with explain_aws_errors():
        try:
            return str(client.get_function_configuration(FunctionName=name)["FunctionArn"])
        except client.exceptions.ResourceNotFoundException:
            return None
        except ClientError as error:
            if error_code(error) != "AccessDeniedException":
                raise
            return ""

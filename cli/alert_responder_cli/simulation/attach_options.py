"""Attach the plug-ins of a simulation from the options of the command line."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from alert_responder.contracts.plugin import EmitterPlugin, Plugins, ReviewerPlugin
from alert_responder.contracts.primitives import SEVERITIES
from alert_responder_cli.checking.target_factory import local_target
from alert_responder_cli.checking.targets import FILES, parse_local
from alert_responder_cli.errors import CommandError
from alert_responder_cli.simulation.pipeline import Clock
from alert_responder_cli.simulation.plugins import Call, SimulatedPlugins
from alert_responder_cli.simulation.recorded import NAME, NAMES, Recording, read_recordings, recorded_inspector

FUNCTION = FILES


class NamedCall(NamedTuple):
    """A plug-in in this process."""

    name: str
    call: Call


@contextmanager
def attach_plugins(
    clock: Clock,
    answers: Path | None,
    inspectors: Sequence[str],
    reviewer: str | NamedCall | None,
    emitters: Sequence[str],
) -> Generator[tuple[Plugins, SimulatedPlugins]]:
    """Attach all plug-ins; the processes of local functions end with the context.

    Parameters
    ----------
    answers
        Folder of recordings, or None.
    inspectors
        Functions to call for lookups that are not recorded, as `NAME=FUNCTION`.
    reviewer
        A function; None attaches no reviewer.
    emitters
        As `NAME`, `NAME=SEVERITY,...`, `NAME=FUNCTION` or `NAME=SEVERITY,...=FUNCTION`.

    Raises
    ------
    CommandError
        An argument is invalid; during use, if a function cannot be loaded.
    """
    plugins = SimulatedPlugins(clock.text)
    functions = dict(map(_inspector, inspectors))
    recordings = {name: Recording(recorded_inspector(name), {}) for name in functions}
    recordings |= {each.plugin.name: each for each in (read_recordings(answers) if answers else ())}
    attached_emitters = {emitter.name: (emitter, function) for emitter, function in map(_emitter, emitters)}
    reviewer_name = reviewer.name if isinstance(reviewer, NamedCall) else reviewer
    attached_reviewer = ReviewerPlugin(name="reviewer", arn=reviewer_name, version=1) if reviewer_name else None
    with ExitStack() as stack:
        for name, recording in recordings.items():
            plugins.attach_recording(recording, _opened(stack, functions[name]) if name in functions else None)
        for emitter, function in attached_emitters.values():
            plugins.attach_emitter(emitter.name, emitter.arn, _opened(stack, function) if function else None)
        if attached_reviewer:
            call = reviewer.call if isinstance(reviewer, NamedCall) else _opened(stack, attached_reviewer.arn)
            plugins.attach_reviewer(attached_reviewer.arn, call)
        registry = Plugins(
            inspectors=tuple(recordings[name].plugin for name in sorted(recordings)),
            emitters=tuple(attached_emitters[name][0] for name in sorted(attached_emitters)),
            reviewer=attached_reviewer,
        )
        yield registry, plugins


def _opened(stack: ExitStack, target: str) -> Call:
    return stack.enter_context(local_target(parse_local(target))).call


def _inspector(given: str) -> tuple[str, str]:
    name, equals, function = given.partition("=")
    if not equals or NAME.fullmatch(name) is None:
        raise CommandError(f"--inspector must be NAME=FUNCTION (a name {NAMES}, and {FUNCTION}), got '{given}'.")
    return name, function


def _emitter(given: str) -> tuple[EmitterPlugin, str]:
    name, _, rest = given.partition("=")
    words, _, function = rest.partition("=")
    severities = tuple(filter(None, words.split(",")))
    if not set(severities) <= set(SEVERITIES) and (":" in rest or "/" in rest):
        severities, function = (), rest
    if NAME.fullmatch(name) is None or not set(severities) <= set(SEVERITIES):
        forms = "NAME, NAME=SEVERITY,..., NAME=FUNCTION or NAME=SEVERITY,...=FUNCTION"
        parts = f"a name {NAMES}, severities ({', '.join(SEVERITIES)}), and {FUNCTION}"
        raise CommandError(f"--emitter must be {forms} ({parts}), got '{given}'.")
    return EmitterPlugin(name=name, arn=f"emitter/{name}", version=1, severities=severities), function

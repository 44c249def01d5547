"""Run alerts through the whole pipeline with a policy as its reviewer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder_cli.errors import CommandError
from alert_responder_cli.policy.files import read_policy_file
from alert_responder_cli.policy.reviewer import PolicyReviewer
from alert_responder_cli.records.preview import read_records
from alert_responder_cli.simulation.attach_options import NamedCall, attach_plugins
from alert_responder_cli.simulation.pipeline import BEGINNING, Clock, Settings, Simulation
from alert_responder_plugins.policy.evaluate import Decision
from alert_responder_plugins.policy.model import Policy


def policy_reviewer(policy: Policy, clock: Clock, *, keeps_decisions: bool = False) -> PolicyReviewer:
    """Create a reviewer whose time is that of the simulation."""
    return PolicyReviewer(
        policy, lambda: datetime.fromtimestamp(clock.now / 1000, UTC), keeps_decisions=keeps_decisions
    )


def named_reviewer(path: Path, clock: Clock) -> NamedCall:
    """Read a policy, and create a reviewer with the name of its file."""
    return NamedCall(str(path), policy_reviewer(read_policy_file(path).policy, clock).call)


def simulate_policy(
    policy: Policy, paths: Sequence[Path], answers: Path | None, at: datetime | None
) -> tuple[list[dict[str, Any]], dict[str, Decision]]:
    """Simulate; return the last round of each report, and the last decision by report id.

    Parameters
    ----------
    answers
        Folder with recorded answers.
    at
        When the first alert arrives; None: at the default beginning of a simulation.

    Raises
    ------
    CommandError
        A file cannot be read, or one of its records is rejected.
    """
    formats = FormatRegistry()
    parsed = []
    for name, line, data in read_records(paths):
        alerts, rejected = parse_record(data, formats)
        if rejected:
            where = name if line is None else f"{name}:{line}"
            raise CommandError(f"The record {where} is rejected: {rejected[0].reason}.")
        parsed.append((data, alerts))
    clock = Clock(BEGINNING if at is None else int(at.timestamp() * 1000))
    reviewer = policy_reviewer(policy, clock, keeps_decisions=True)
    with attach_plugins(clock, answers, (), NamedCall(reviewer.name, reviewer.call), ()) as (registry, plugins):
        simulation = Simulation(Settings(), clock, registry, plugins)
        simulation.run(parsed)
    return simulation.reports(), reviewer.decisions

"""Rate incidents: real formats, the pipeline in memory with inspectors' answers, and the policy."""

import itertools
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from alert_responder.contracts.plugin import Plugins
from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Report
from alert_responder.domain.attributes import identity
from alert_responder.errors import PluginError
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder.plugin import Attribute
from alert_responder_cli.policy.files import read_policy_file
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.simulation.pipeline import Clock, Settings, Simulation
from alert_responder_cli.simulation.plugins import SimulatedPlugins
from alert_responder_cli.simulation.recorded import Recording, recorded_inspector
from alert_responder_plugins.policy.evaluate import Decision, PreparedPolicy
from tests.unit.plugins.policy.incidents.answers import Answer
from tests.unit.plugins.policy.incidents.events import Event, record
from tests.unit.plugins.policy.incidents.model import Incident
from tools.paths import ROOT

STARTER = ROOT / "examples" / "policy" / "policy.yaml"

_ATTACHED: dict[str, dict[str, Any]] = {
    "virustotal": {"attribute_types": ("domain", "ipaddr", "url"), "contexts": ("remote",)},
    "virustotal-files": {"attribute_types": ("filehashvalue",)},
    "aws-context": {"attribute_types": ("accesskey", "arn", "instance", "ipaddr", "username")},
    "history": {},
}
"""Inspectors as their modules attach them, by name."""


@cache
def starter_policy() -> PreparedPolicy:
    """Read the starter policy."""
    return PreparedPolicy(read_policy_file(STARTER).policy)


def rate(incident: Incident, policy: PreparedPolicy) -> Decision:
    """Rate an incident."""
    report = report_of(incident.events, incident.answers)
    now = parse_rfc3339(report.updated_at)
    assert now
    return policy.evaluate(report, now)


def report_of(events: Sequence[Event], answers: Sequence[Answer]) -> Report:
    """Return the report of events, of which there must be one; inspectors are attached if there are any answers."""
    clock = Clock()
    plugins = SimulatedPlugins(clock.text)
    attached = []
    for name in _ATTACHED if answers else ():
        recorded: dict[str, bytes | PluginError] = {
            identity(Attribute(type=each.type, value=each.value)): _bytes(each.answer)
            for each in answers
            if each.inspector == name
        }
        plugin = recorded_inspector(name, _ATTACHED[name])
        attached.append(plugin)
        plugins.attach_recording(Recording(plugin, recorded), lambda _task, _seconds: b"null")
    simulation = Simulation(Settings(), clock, Plugins(inspectors=tuple(attached)), plugins)
    simulation.run([(data, parse_record(data, _formats())[0]) for data in map(record, events)])
    (report,) = simulation.reports()
    return Report.model_validate(report)


@cache
def _formats() -> FormatRegistry:
    files = [ROOT / "examples" / "formats" / f"{name}.json" for name in ("abnormal", "proofpoint")]
    return FormatRegistry(tuple(itertools.chain.from_iterable(map(read_format_file, files))))


def _bytes(answer: Any) -> bytes:
    return json.dumps(answer and answer.model_dump(mode="json")).encode()

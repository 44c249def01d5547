"""Rate incidents: real formats, the pipeline in memory with inspectors' answers, and the policy."""

import importlib
import itertools
import json
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
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.simulation.pipeline import Clock, Settings, Simulation
from alert_responder_cli.simulation.plugins import SimulatedPlugins
from alert_responder_cli.simulation.recorded import Recording, recorded_inspector
from alert_responder_plugins.policy.evaluate import Decision, PreparedPolicy
from alert_responder_plugins.policy.model import read_policy
from tests.unit.plugins.policy.incidents.events import record
from tests.unit.plugins.policy.incidents.model import Incident
from tools.paths import ROOT

STARTER = ROOT / "examples" / "policy" / "policy.yaml"

_YAML: Any = importlib.import_module("yaml")

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
    return PreparedPolicy(read_policy(_YAML.safe_load(STARTER.read_bytes())))


def rate(incident: Incident, policy: PreparedPolicy) -> Decision:
    """Rate an incident; all its events must become one report."""
    (report,) = reports_of(incident)
    now = parse_rfc3339(report.updated_at)
    assert now
    return policy.evaluate(report, now)


def reports_of(incident: Incident) -> list[Report]:
    """Return the reports of an incident, with its inspectors attached if it has any answers."""
    clock = Clock()
    plugins = SimulatedPlugins(clock.text)
    attached = []
    for name in _ATTACHED if incident.answers else ():
        answers: dict[str, bytes | PluginError] = {
            identity(Attribute(type=each.type, value=each.value)): _bytes(each.answer)
            for each in incident.answers
            if each.inspector == name
        }
        plugin = recorded_inspector(name, _ATTACHED[name])
        attached.append(plugin)
        plugins.attach_recording(Recording(plugin, answers), lambda _task, _seconds: b"null")
    simulation = Simulation(Settings(), clock, Plugins(inspectors=tuple(attached)), plugins)
    simulation.run([(data, parse_record(data, _formats())[0]) for data in map(record, incident.events)])
    return [Report.model_validate(report) for report in simulation.reports()]


@cache
def _formats() -> FormatRegistry:
    files = [ROOT / "examples" / "formats" / f"{name}.json" for name in ("abnormal", "proofpoint")]
    return FormatRegistry(tuple(itertools.chain.from_iterable(map(read_format_file, files))))


def _bytes(answer: Any) -> bytes:
    return json.dumps(answer and answer.model_dump(mode="json")).encode()

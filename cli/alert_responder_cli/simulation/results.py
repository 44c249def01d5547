"""The result of a simulation."""

from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.primitives import Status
from alert_responder_cli.records.preview import PreviewedRecord
from alert_responder_cli.simulation.failures import PluginFailure
from alert_responder_cli.simulation.plugins import SimulatedEmission, UnansweredLookup
from alert_responder_cli.simulation.unknown_types import UnknownType

_MOST = 3
"""Maximum number of lookups in one sentence."""


class SimulatedReport(BaseModel, frozen=True):
    """A report at the end of the simulation.

    Attributes
    ----------
    report
        Its last round, as emitters get it; the other fields are copied from it.
    """

    report_id: str
    title: str
    detector: str
    rule_id: str
    alert_key: str
    severity: str
    reason: str
    rounds: int
    alert_count: int
    status: Status
    report: dict[str, Any]


class SimulationResult(BaseModel, frozen=True):
    """The result of a simulation.

    Attributes
    ----------
    ended_at
        Simulated time at the end [RFC 3339].
    records
        The records with their alerts and problems.
    reports
        In the order they were opened.
    emissions
        Deliveries, in order.
    unanswered
        Lookups without a recorded answer, each once.
    failures
        Failed and invalid calls of plug-ins, without recorded failures.
    unknown_types
        Unknown attribute types in alerts and answers.
    """

    ended_at: str
    records: tuple[PreviewedRecord, ...]
    reports: tuple[SimulatedReport, ...]
    emissions: tuple[SimulatedEmission, ...]
    unanswered: tuple[UnansweredLookup, ...]
    failures: tuple[PluginFailure, ...]
    unknown_types: tuple[UnknownType, ...]

    def strict_sentences(self) -> list[str]:
        """List the errors of a strict simulation."""
        unanswered = [f"{one.inspector} on {one.type} {one.value}" for one in self.unanswered]
        more = f" and {len(unanswered) - _MOST} more" if len(unanswered) > _MOST else ""
        return [
            *(failure.sentence for failure in self.failures),
            *([f"No answer is recorded for {', '.join(unanswered[:_MOST])}{more}."] if unanswered else ()),
            *(one.sentence for one in self.unknown_types),
        ]


def simulated_report(report: dict[str, Any]) -> SimulatedReport:
    """Create the summary of a report."""
    alert = report["alerts"][-1]
    return SimulatedReport(
        report_id=report["id"],
        title=report["title"],
        detector=alert["detector"],
        rule_id=alert["rule_id"],
        alert_key=alert["alert_key"],
        severity=report["result"]["severity"],
        reason=report["result"]["reason"],
        rounds=report["round"],
        alert_count=report["alert_count"],
        status=report["status"],
        report=report,
    )

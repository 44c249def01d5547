"""What came out of a simulation."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder_cli.records.preview import PreviewedRecord
from alert_responder_cli.simulation.failures import PluginFailure
from alert_responder_cli.simulation.plugins import SimulatedEmission, UnansweredLookup
from alert_responder_cli.simulation.unknown_types import UnknownType

_MOST = 3
"""Lookups that one sentence names."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class SimulatedReport(_Value):
    """A report as it ended.

    Attributes
    ----------
    report
        Its last round, as emitters get it; the other fields are taken from it.
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
    report: dict[str, Any]


class SimulationResult(_Value):
    """What came out.

    Attributes
    ----------
    ended_at
        The simulation's time when nothing was left to do [RFC 3339].
    records
        What was read, and of each what is wrong with it; a record may hold alerts beside what is none.
    reports
        In the order they were opened.
    emissions
        In the order they would be sent.
    unanswered
        Lookups without a recorded answer, each once.
    failures
        What went wrong in calls of plug-ins; not what is recorded as a failure.
    unknown_types
        Types of attributes in alerts and answers that nobody knows.
    """

    ended_at: str
    records: tuple[PreviewedRecord, ...]
    reports: tuple[SimulatedReport, ...]
    emissions: tuple[SimulatedEmission, ...]
    unanswered: tuple[UnansweredLookup, ...]
    failures: tuple[PluginFailure, ...]
    unknown_types: tuple[UnknownType, ...]

    def strict_sentences(self) -> list[str]:
        """Say what a strict simulation does not let pass; empty: nothing."""
        unanswered = [f"{one.inspector} on {one.type} {one.value}" for one in self.unanswered]
        more = f" and {len(unanswered) - _MOST} more" if len(unanswered) > _MOST else ""
        return [
            *(failure.sentence for failure in self.failures),
            *([f"No answer is recorded for {', '.join(unanswered[:_MOST])}{more}."] if unanswered else ()),
            *(one.sentence for one in self.unknown_types),
        ]


def simulated_report(report: dict[str, Any]) -> SimulatedReport:
    """Take a report's main fields out of it."""
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
        report=report,
    )

"""The emitter's `state`, which it receives again with the report's next round: its issue, and what comments show."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alert_responder.contracts.primitives import Severity, Status, canonical_json, digest_of
from alert_responder.contracts.report import Finding, Report


class IssueState(BaseModel):
    """The issue of a report after a round.

    Attributes
    ----------
    repository
        Repository of the issue: API address and `owner/name`.
    issue
        Number of the issue.
    severity
        Severity in the last delivered round.
    findings
        Digests of the findings that comments show.
    status
        Status in the last delivered round.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    repository: str
    issue: Annotated[int, Field(ge=1)]
    severity: Severity | None = None
    findings: frozenset[str] = frozenset()
    status: Status = "active"

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON in a fixed order."""
        return {**self.model_dump(mode="json"), "findings": sorted(self.findings)}


def read_state(state: Any, repository: str) -> IssueState | None:
    """Read the state; return None if it is missing, unreadable, or describes another repository."""
    try:
        issue = IssueState.model_validate(state)
    except ValidationError:
        return None
    return issue if issue.repository == repository else None


def next_state(report: Report, repository: str, issue: int) -> IssueState:
    """Return the state after the report was delivered."""
    digests = frozenset(map(finding_digest, report.findings))
    return IssueState(
        repository=repository, issue=issue, severity=report.result.severity, findings=digests, status=report.status
    )


def new_findings(findings: Iterable[Finding], shown: frozenset[str]) -> tuple[Finding, ...]:
    """Return the findings whose digests are not among those shown before."""
    return tuple(finding for finding in findings if finding_digest(finding) not in shown)


def finding_digest(finding: Finding) -> str:
    """Return a digest that is equal for findings with the same contents, whatever their times."""
    fields = {"inspector", "attribute_id", "outcome", "reason", "contents"}
    return digest_of(canonical_json(finding.model_dump(mode="json", include=fields)))[:16]

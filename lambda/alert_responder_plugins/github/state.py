"""What is remembered of a report between its rounds, as the emitter's `state`."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alert_responder.contracts.primitives import Severity, canonical_json, digest_of
from alert_responder.contracts.report import Finding, Report


class Told(BaseModel):
    """What was told last.

    Attributes
    ----------
    repository
        Which one the issue is in: the API's address and `owner/name`.
    issue
        The issue's number.
    severity
        How bad the report was.
    findings
        Digests of the findings that comments have told.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    repository: str
    issue: Annotated[int, Field(ge=1)]
    severity: Severity | None = None
    findings: frozenset[str] = frozenset()

    def as_state(self) -> dict[str, Any]:
        """Return it as JSON, in a fixed order."""
        return {**self.model_dump(mode="json"), "findings": sorted(self.findings)}


def read_told(state: Any, repository: str) -> Told | None:
    """Read the state; None for none, for that of another version, and for that of another repository."""
    try:
        told = Told.model_validate(state)
    except ValidationError:
        return None
    return told if told.repository == repository else None


def told_now(report: Report, repository: str, issue: int) -> Told:
    """Return what is remembered when the whole report was told."""
    digests = frozenset(map(digest, report.findings))
    return Told(repository=repository, issue=issue, severity=report.result.severity, findings=digests)


def news(findings: Iterable[Finding], told: frozenset[str]) -> tuple[Finding, ...]:
    """Return the findings that no comment has told yet, in their order."""
    return tuple(finding for finding in findings if digest(finding) not in told)


def digest(finding: Finding) -> str:
    """Return what two findings share if they say the same, whenever and however fast it was found."""
    said = finding.model_dump(mode="json", include={"inspector", "attribute_id", "outcome", "reason", "contents"})
    return digest_of(canonical_json(said))[:16]

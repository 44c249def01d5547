"""A query for reports, with its conversion to a DynamoDB request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alert_responder.domain.identifiers import ULID_LENGTH, ulid
from alert_responder_cli.reports.summary import ReportSummary


@dataclass(frozen=True)
class ReportQuery:
    """A query for reports.

    Attributes
    ----------
    since, until
        Period in which they were opened [ms since the epoch].
    severities, detectors, labels
        Any of these; empty: all.
    suppressed
        Only suppressed reports, which emitters are not notified of.
    limit
        Maximum number.
    prefix
        Prefix of their ids; empty: any.
    """

    since: int
    until: int
    severities: Sequence[str] = ()
    detectors: Sequence[str] = ()
    limit: int = 50
    prefix: str = ""
    labels: Sequence[str] = ()
    suppressed: bool = False

    def fits(self, report: ReportSummary) -> bool:
        """Return whether a report passes the filters."""
        return (
            (not self.severities or report.severity in self.severities)
            and (not self.detectors or report.detector in self.detectors)
            and (not self.labels or not {*self.labels}.isdisjoint(report.labels))
            and (not self.suppressed or report.is_suppressed)
        )

    @property
    def is_filtered(self) -> bool:
        """Whether reports of the period may be left out."""
        return bool(self._filters or self.suppressed)

    @property
    def _filters(self) -> dict[str, Sequence[str]]:
        """Allowed values by attribute, for each filter that is set."""
        given = {"severity": self.severities, "detector": self.detectors, "labels": self.labels}
        return {name: values for name, values in given.items() if values}

    def _conditions(self) -> Iterator[str]:
        for name, wanted in self._filters.items():
            values = [f":{name}{number}" for number in range(len(wanted))]
            if name == "labels":
                yield f"({' OR '.join(f'contains(#{name}, {value})' for value in values)})"
            else:
                yield f"#{name} IN ({', '.join(values)})"
        if self.suppressed:
            yield "attribute_exists(#suppressed)"
            yield "attribute_not_exists(#breakthrough)"

    def request(self, condition: str, **values: str) -> dict[str, Any]:
        """Build the arguments of a DynamoDB query, newest first, with the filters."""
        named = {
            f":{name}{number}": value for name, wanted in self._filters.items() for number, value in enumerate(wanted)
        }
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {
                **{name: {"S": value} for name, value in named.items()},
                **{f":{name}": {"S": value} for name, value in values.items()},
                **self.bounds,
            },
            "ScanIndexForward": False,
        }
        if self.is_filtered:
            names = (*self._filters, *(("suppressed", "breakthrough") if self.suppressed else ()))
            request["FilterExpression"] = " AND ".join(self._conditions())
            request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        return request

    @property
    def bounds(self) -> dict[str, Any]:
        """The smallest and largest possible report id, as values of a query: ids sort by opening time."""
        first, last = self.prefix.ljust(ULID_LENGTH, "0"), self.prefix.ljust(ULID_LENGTH, "Z")
        return {
            ":first": {"S": max(first, ulid(self.since, b"\x00" * 10))},
            ":last": {"S": min(last, ulid(self.until, b"\xff" * 10))},
        }

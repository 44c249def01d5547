"""List reports by attribute."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import attribute_hash, canonical
from alert_responder.store import keys
from alert_responder_cli.aws.dynamodb_pages import query_pages
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.attribute_types import CHECKED, read_types
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.scan_limit import GROWTH, MAX_LOOKED_AT, PageCounter, collected
from alert_responder_cli.reports.summary import ReportList


def reports_with_attribute(
    installation: Installation, value: str, type_: str | None, query: ReportQuery, now: int
) -> ReportList:
    """List the reviewed reports that have an attribute, in any spelling.

    Parameters
    ----------
    type_
        Type of the attribute; None: every type with a canonical form that the value fits.

    Raises
    ------
    CommandError
        The table cannot be read (`dynamodb:Query`), or the value does not fit the type.
    """
    ids = attribute_ids(value, type_)
    client = installation.client("dynamodb")
    seen = PageCounter("sk", MAX_LOOKED_AT)
    partitions = [
        chain.from_iterable(
            query_pages(
                client,
                query.limit,
                GROWTH if query.is_filtered else 1,
                seen.add_page,
                TableName=installation.table,
                **query.request("pk = :pk AND sk BETWEEN :first AND :last", pk=keys.attribute_history(each, "").pk),
            )
        )
        for each in ids
    ]
    merged = heapq.merge(*partitions, key=lambda item: str(item["sk"]), reverse=True)
    return collected(_once({**item, "report_id": item["sk"], "snapshot": "yes"} for item in merged), query, now, seen)


def attribute_ids(value: str, type_: str | None) -> list[str]:
    """Return the hashes of the attributes that may have this value."""
    hashes: list[str] = []
    for each in read_types([type_]) if type_ else CHECKED:
        try:
            same = canonical(Attribute(type=each, value=value))
        except ValueError:
            raise CommandError("--attribute must not be empty.") from None
        if same is not None:
            hashes.append(attribute_hash(each, same))
    if not hashes:
        raise CommandError(f"--attribute must be a value of type {type_}, got '{value}'.")
    return hashes


def _once(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last = None
    for item in items:
        if item["report_id"] != last:
            yield item
        last = item["report_id"]

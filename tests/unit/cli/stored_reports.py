"""Store reports in an emulated account as the functions do."""

import json
from collections.abc import Iterable
from typing import Any

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.records import Meta
from alert_responder.store import items, keys
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import client

DAY = 86_400_000


def table(name: str = "secops") -> DynamoDBTable:
    return DynamoDBTable(client("dynamodb"), name)


def report_id(opened: int, number: int = 0) -> str:
    return ulid(opened, number.to_bytes(10, "big"))


def meta(opened: int, number: int = 0, **changes: Any) -> Meta:
    fields: dict[str, Any] = {
        "report_id": report_id(opened, number),
        "alert_id": "a" * 64,
        "title": f"Title {number}",
        "detector": "vpn",
        "rule_id": "new-address",
        "created_at": format_rfc3339(opened),
        "updated_at": format_rfc3339(opened + 60_000),
        "severity": "unclassified",
        "reason": "Why.",
        "alert_count": 1,
        "round": 1,
        "snapshot": "snapshots/x.json",
    }
    return Meta(**{**fields, **changes})


def store(metas: Iterable[Meta], expires_at: int = 4_000_000_000) -> None:
    """Store what lists show of reports."""
    table().put_many((keys.meta(each.report_id), {**items.meta_item(each), "expires_at": expires_at}) for each in metas)


def archive(key: str, document: Any) -> None:
    """Put an object into the archive bucket."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    client("s3").put_object(Bucket="secops-archive", Key=key, Body=body)


def upload(made: Installation) -> None:
    """Copy what an installation in memory has stored to the emulated account."""
    table().put_many(
        (key, {name: value for name, value in item.items() if name not in ("pk", "sk")})
        for key, item in made.table.items.items()
    )
    for key, document in made.archive.objects.items():
        archive(key, document)

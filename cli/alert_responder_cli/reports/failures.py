"""Failed deliveries and lookups of one report, and whether another round may repeat the deliveries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.identifiers import emission_id
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.store import keys
from alert_responder_cli.aws.dynamodb_pages import report_items
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.recovery.failures import Failure

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_FIELDS = ("sk", "outcome", "reason", "state", "round", "attempts", "failures", "ended", "opened")
_DELIVERED = ("ok", "late")


def of_report(items: Sequence[dict[str, Any]], report_id: str) -> list[Failure]:
    """List the failures in the items of a report.

    A delivery with outcome `failed` or `unknown` is unresolved until a later one to the same emitter succeeds, which
    includes everything that the failed one would have delivered. `may_reopen` decides what may be repeated.
    """
    head = next((item for item in items if item["sk"] == keys.HEAD), None)
    if head is None:
        return []
    is_open = head["state"] == "open"
    failures: list[Failure] = []
    last = _last_deliveries(items)
    delivered = _last_delivered_rounds(items)
    reopened = not is_open and may_reopen(items)
    for item in items:
        sk, outcome = item["sk"], item.get("outcome")
        at = format_rfc3339(item.get("ended") or head["opened"])
        if sk.startswith(keys.DELIVERIES) and (outcome in ("failed", "unknown") or (outcome is None and not is_open)):
            emitter = _emitter(item)
            again = reopened and outcome == "failed" and last[emitter] is item
            failures.append(
                Failure(
                    kind="delivery",
                    what=emission_id(report_id, emitter, _round(item)),
                    of=emitter,
                    report_id=report_id,
                    outcome=outcome or "open",
                    reason=item.get("reason") or "",
                    at=at,
                    open=_round(item) > delivered.get(emitter, 0),
                    redrive="another round" if again else None,
                )
            )
        elif sk.startswith(keys.LOOKUPS) and (outcome in UNANSWERED or (outcome is None and not is_open)):
            lookup = sk.removeprefix(keys.LOOKUPS)
            failures.append(
                Failure(
                    kind="lookup",
                    what=f"{report_id}/{lookup}",
                    of=lookup.rpartition("/")[0],
                    report_id=report_id,
                    outcome=outcome or "open",
                    reason=item.get("reason") or "",
                    at=at,
                )
            )
    return failures


def may_reopen(items: Sequence[dict[str, Any]]) -> bool:
    """Return whether another round of a closed report reaches an emitter it missed, and notifies none twice.

    The last delivery to some emitter must have failed. No emitter may have a delivery that is `unknown` or open after
    its last success: another round might notify it twice.
    """
    unsure: dict[str, bool] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.DELIVERIES):
            emitter, outcome = _emitter(item), item.get("outcome")
            is_delivered = outcome in _DELIVERED
            unsure[emitter] = not is_delivered and (outcome in ("unknown", None) or unsure.get(emitter, False))
    failed = any(item.get("outcome") == "failed" for item in _last_deliveries(items).values())
    return failed and not any(unsure.values())


def items_of(client: "DynamoDBClient", installation: Installation, report_id: str) -> list[dict[str, Any]]:
    """Read the state, deliveries and lookups of a report, without the answers of inspectors."""
    return report_items(client, installation.table, report_id, _FIELDS, ConsistentRead=True)


def _last_deliveries(items: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the last delivery to each emitter that was not superseded; sort keys end with the round."""
    last: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.DELIVERIES) and item.get("outcome") != "superseded":
            last[_emitter(item)] = item
    return last


def _last_delivered_rounds(items: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return the last round that was delivered to each emitter."""
    rounds: dict[str, int] = {}
    for item in items:
        if item["sk"].startswith(keys.DELIVERIES) and item.get("outcome") in _DELIVERED:
            rounds[_emitter(item)] = max(_round(item), rounds.get(_emitter(item), 0))
    return rounds


def _emitter(item: dict[str, Any]) -> str:
    return str(item["sk"]).removeprefix(keys.DELIVERIES).rpartition("/")[0]


def _round(item: dict[str, Any]) -> int:
    return int(str(item["sk"]).rpartition("/")[2])

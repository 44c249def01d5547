"""What failed of one report: deliveries and lookups, and whether another round may be begun for them."""

from collections.abc import Sequence
from typing import Any

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.identifiers import emission_id
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.store import keys
from alert_responder_cli.aws.dynamodb_pages import query_pages
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.recovery.failures import Failure

_FIELDS = ("sk", "outcome", "reason", "state", "round", "attempts", "failures", "ended", "opened")
_TOLD = ("ok", "late")


def of_report(items: Sequence[dict[str, Any]], report_id: str) -> list[Failure]:
    """Pick what failed from a report's items.

    A delivery that failed, or of which nobody knows, is open until a later one to the same emitter has arrived: that
    told all that it would have told. See `reopening_is_safe` for what may be done again.
    """
    head = next((item for item in items if item["sk"] == keys.HEAD), None)
    if head is None:
        return []
    is_open = head["state"] == "open"
    found: list[Failure] = []
    last = _last_deliveries(items)
    arrived = _last_arrivals(items)
    reopened = not is_open and reopening_is_safe(items)
    for item in items:
        sk, outcome = item["sk"], item.get("outcome")
        at = format_rfc3339(item.get("ended") or head["opened"])
        if sk.startswith(keys.EMISSIONS) and (outcome in ("failed", "unknown") or (outcome is None and not is_open)):
            emitter = _emitter(item)
            again = reopened and outcome == "failed" and last[emitter] is item
            found.append(
                Failure(
                    kind="delivery",
                    what=emission_id(report_id, emitter, _round(item)),
                    of=emitter,
                    report_id=report_id,
                    outcome=outcome or "open",
                    reason=item.get("reason") or "",
                    at=at,
                    open=_round(item) > arrived.get(emitter, 0),
                    redrive="another round" if again else None,
                )
            )
        elif sk.startswith(keys.LOOKUPS) and (outcome in UNANSWERED or (outcome is None and not is_open)):
            lookup = sk.removeprefix(keys.LOOKUPS)
            found.append(
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
    return found


def reopening_is_safe(items: Sequence[dict[str, Any]]) -> bool:
    """Say whether another round of a report that is not open tells somebody who was not told, and nobody twice.

    The last delivery to some emitter has to have failed for certain. No emitter may have one that is `unknown`, or
    open, after it was last told for certain: another round would tell it again what it may know.
    """
    unsure: dict[str, bool] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.EMISSIONS):
            emitter, outcome = _emitter(item), item.get("outcome")
            told = outcome in _TOLD
            unsure[emitter] = not told and (outcome in ("unknown", None) or unsure.get(emitter, False))
    failed = any(item.get("outcome") == "failed" for item in _last_deliveries(items).values())
    return failed and not any(unsure.values())


def items_of(client: Any, installation: Installation, report_id: str) -> list[dict[str, Any]]:
    """Read state, deliveries and lookups of a report, without what inspectors answered."""
    names = {f"#{name}": name for name in _FIELDS}
    pages = query_pages(
        client,
        1000,
        TableName=installation.table,
        KeyConditionExpression="pk = :pk AND #sk BETWEEN :first AND :last",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":pk": {"S": keys.report(report_id)},
            ":first": {"S": keys.EMISSIONS},
            ":last": {"S": keys.LOOKUPS + keys.LAST},
        },
        ProjectionExpression=", ".join(names),
        ConsistentRead=True,
    )
    return [item for page in pages for item in page]


def _last_deliveries(items: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the last delivery to each emitter; sort keys end with the round. What was never begun tells nothing."""
    found: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.EMISSIONS) and item.get("outcome") != "superseded":
            found[_emitter(item)] = item
    return found


def _last_arrivals(items: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Find the last round in which each emitter was told for certain."""
    found: dict[str, int] = {}
    for item in items:
        if item["sk"].startswith(keys.EMISSIONS) and item.get("outcome") in _TOLD:
            found[_emitter(item)] = max(_round(item), found.get(_emitter(item), 0))
    return found


def _emitter(item: dict[str, Any]) -> str:
    return str(item["sk"]).removeprefix(keys.EMISSIONS).rpartition("/")[0]


def _round(item: dict[str, Any]) -> int:
    return int(str(item["sk"]).rpartition("/")[2])

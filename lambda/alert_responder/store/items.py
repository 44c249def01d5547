"""Records to table items and back. Whatever may be large, or holds text of an attacker, is compressed JSON."""

import json
import zlib
from collections.abc import Iterable
from typing import Any, cast

from pydantic_core import to_json, to_jsonable_python

from alert_responder.contracts.alert import Attribute, Source
from alert_responder.domain.admission import Overflow
from alert_responder.domain.missing_attributes import Missing
from alert_responder.domain.records import (
    AlertHead,
    DeliveryRecord,
    EmitterRecord,
    GroupSummary,
    Head,
    LookupRecord,
    Meta,
    ReportState,
    Window,
)
from alert_responder.domain.report_caps import Held
from alert_responder.store import keys
from alert_responder.store.table import Item


def pack(value: Any) -> bytes:
    """Compress a JSON value, or one with models in it; equal values give equal bytes. Lone surrogates survive."""
    try:
        text = to_json(value)
    except ValueError:
        # Text that UTF-8 cannot carry: json escapes it, and needs twice the time.
        text = json.dumps(to_jsonable_python(value), separators=(",", ":")).encode()
    return zlib.compress(text, 6)


def unpack(data: bytes) -> Any:
    """Undo `pack`."""
    return json.loads(json_of(data))


def json_of(data: bytes) -> bytes:
    """Return the JSON that `pack` has compressed."""
    return zlib.decompress(data)


def plain_text(text: str, limit: int) -> str:
    """Shorten text to `limit` characters and make it encodable: a lone surrogate becomes `?`."""
    return text[:limit].encode("utf-8", "replace").decode()


def window_item(window: Window) -> Item:
    """Write P."""
    return _without_none(
        report_id=window.report_id,
        opened=window.opened,
        ends=window.ends,
        previous=window.previous,
        previous_ends=window.previous_ends,
        overflow=window.overflow or None,
    )


def read_window(item: Item) -> Window:
    """Read P."""
    return Window(
        report_id=item["report_id"],
        opened=item["opened"],
        ends=item["ends"],
        previous=item.get("previous"),
        previous_ends=item.get("previous_ends"),
        overflow=item.get("overflow", False),
    )


def head_item(head: Head) -> Item:
    """Write H; `open_shard` puts it into the index of open reports."""
    return _without_none(
        alert_id=head.alert_id,
        revision=head.revision,
        state=head.state,
        round=head.round,
        started=head.started,
        opened=head.opened,
        ends=head.ends,
        previous=head.previous,
        previous_ends=head.previous_ends,
        dead_rounds=head.dead_rounds,
        overflow=list(head.overflow) if head.overflow else None,
        attributes=head.held.attributes,
        stored=head.held.stored,
        alerts=head.held.alerts,
        more=head.held.more or None,
        open_shard=keys.open_shard(head.report_id) if head.state == "open" else None,
    )


def read_head(item: Item) -> Head:
    """Read H."""
    return Head(
        report_id=keys.report_id_of(item["pk"]),
        alert_id=item["alert_id"],
        revision=item["revision"],
        state=cast(ReportState, item["state"]),
        round=item["round"],
        started=item["started"],
        opened=item["opened"],
        ends=item["ends"],
        previous=item.get("previous"),
        previous_ends=item.get("previous_ends"),
        dead_rounds=item.get("dead_rounds", 0),
        overflow=Overflow(*item["overflow"]) if "overflow" in item else None,
        held=Held(item.get("attributes", 0), item.get("stored", 0), item.get("alerts", 0), item.get("more", False)),
    )


def group_item(summary: GroupSummary) -> Item:
    """Write G."""
    return {
        "alert_count": len(summary.events),
        "summary": pack(
            {
                "events": summary.events,
                "heads": [_alert_head(head) for head in summary.heads],
                "attributes": summary.attributes,
                "left_out": summary.left_out,
                "cut_off": summary.cut_off,
                "sources": summary.sources,
                "missing": summary.missing,
                **({"keys": summary.keys} if summary.keys else {}),
                "unfit": summary.unfit,
            }
        ),
    }


def read_group(item: Item) -> GroupSummary:
    """Read G."""
    summary = unpack(item["summary"])
    return GroupSummary(
        group_id=item["sk"].removeprefix(keys.GROUPS),
        events=tuple((event_id, arrival) for event_id, arrival in summary["events"]),
        heads=tuple(AlertHead(**(head | {"attributes": tuple(head["attributes"])})) for head in summary["heads"]),
        attributes=tuple((read_attribute(attribute), head) for attribute, head in summary["attributes"]),
        left_out=summary["left_out"],
        cut_off=summary.get("cut_off", 0),
        sources=tuple(Source.model_validate(source) for source in summary.get("sources", ())),
        missing=tuple(Missing(why, read_attribute(one), number) for why, one, number in summary.get("missing", ())),
        keys=tuple((detector, rule_id, key) for detector, rule_id, key in summary.get("keys", ())),
        unfit=summary.get("unfit", 0),
    )


def lookup_item(record: LookupRecord) -> Item:
    """Write T, open or answered."""
    return _without_none(
        arn=record.arn,
        sequence=record.sequence,
        depth=record.depth,
        task=pack(record.task),
        cache_seconds=record.cache_seconds,
        cache_empty_seconds=record.cache_empty_seconds or None,
        max_per_minute=record.max_per_minute,
        carrier=record.carrier or None,
        wave=record.wave,
        no_turn=record.no_turn or None,
        reopened=record.reopened or None,
        claimed=record.claimed,
        ended=record.ended,
        outcome=record.outcome,
        reason=record.reason,
        **(answer_fields(record.answer, record.new_attributes) if record.outcome else {}),
    )


def read_lookup(item: Item) -> LookupRecord:
    """Read T."""
    inspector, _, attribute_id = item["sk"].removeprefix(keys.LOOKUPS).rpartition("/")
    answer, new_attributes = read_answer(item)
    return LookupRecord(
        inspector=inspector,
        attribute_id=attribute_id,
        arn=item["arn"],
        sequence=item["sequence"],
        depth=item["depth"],
        task=unpack(item["task"]),
        cache_seconds=item.get("cache_seconds", 0),
        cache_empty_seconds=item.get("cache_empty_seconds", 0),
        max_per_minute=item.get("max_per_minute", 0),
        carrier=item.get("carrier", ""),
        wave=item.get("wave", 0),
        no_turn=item.get("no_turn", False),
        reopened=item.get("reopened", False),
        claimed=item.get("claimed"),
        ended=item.get("ended"),
        outcome=item.get("outcome"),
        reason=item.get("reason"),
        answer=answer,
        new_attributes=new_attributes,
    )


def answer_fields(answer: bytes | None, new_attributes: Iterable[Attribute]) -> dict[str, bytes]:
    """Write an inspector's answer for the ledger and the cache: what was found, and what is found from it."""
    return _without_none(answer=answer, found=pack(list(new_attributes)))


def read_answer(item: Item) -> tuple[bytes | None, tuple[Attribute, ...]]:
    """Undo `answer_fields`: what was found stays packed."""
    if "found" in item:
        return item.get("answer"), tuple(map(read_attribute, unpack(item["found"])))
    if "answer" not in item:
        return None, ()
    # An earlier version packed both together.
    contents, new_attributes = unpack(item["answer"])
    return (pack(contents) if contents else None), tuple(map(read_attribute, new_attributes))


def seen_item(carriers: Iterable[str]) -> Item:
    """Write which alerts a Plan left without any lookup."""
    return {"carriers": pack(list(carriers))}


def read_seen(found: Iterable[Item]) -> dict[str, int]:
    """Read the alerts left without any lookup, each with the first wave in which it was noted."""
    seen: dict[str, int] = {}
    for item in found:
        wave = int(item["sk"].removeprefix(keys.SEEN))
        for carrier in unpack(item["carriers"]):
            seen[carrier] = min(wave, seen.get(carrier, wave))
    return seen


def delivery_item(record: DeliveryRecord) -> Item:
    """Write D."""
    return _without_none(
        arn=record.arn,
        round=record.round,
        digest=record.digest,
        snapshot=record.snapshot,
        page=record.page,
        expires_at=record.expires_at,
        attempts=record.attempts,
        failures=record.failures,
        lease=record.lease,
        owner=record.owner,
        outcome=record.outcome,
        reason=record.reason,
        url=record.url,
        took=record.took,
        ended=record.ended,
    )


def read_delivery(item: Item) -> DeliveryRecord:
    """Read D."""
    emitter, _, round_ = item["sk"].removeprefix(keys.EMISSIONS).rpartition("/")
    return DeliveryRecord(
        emitter=emitter,
        round=int(round_),
        arn=item["arn"],
        digest=item["digest"],
        snapshot=item["snapshot"],
        expires_at=item["expires_at"],
        page=item.get("page"),
        attempts=item["attempts"],
        failures=item.get("failures", 0),
        lease=item.get("lease"),
        owner=item.get("owner"),
        outcome=item.get("outcome"),
        reason=item.get("reason"),
        url=item.get("url"),
        took=item.get("took"),
        ended=item.get("ended"),
    )


def read_emitter(item: Item) -> EmitterRecord:
    """Read E."""
    return EmitterRecord(
        emitter=item["sk"].removeprefix(keys.EMITTER_STATES),
        round=item["round"],
        digest=item.get("digest"),
        state=unpack(item["state"]) if "state" in item else None,
    )


def meta_item(meta: Meta) -> Item:
    """Write M, with its place in the index of reports by day."""
    return _without_none(
        report_id=meta.report_id,
        alert_id=meta.alert_id,
        title=plain_text(meta.title, 500),
        detector=plain_text(meta.detector, 200),
        rule_id=plain_text(meta.rule_id, 500),
        created_at=meta.created_at,
        updated_at=meta.updated_at,
        severity=meta.severity,
        reason=plain_text(meta.reason, 1_000),
        alert_count=meta.alert_count,
        round=meta.round,
        snapshot=meta.snapshot,
        revision=meta.revision,
        timings=dict(meta.timings),
        lookups_left=meta.lookups_left or None,
        alert_key=plain_text(meta.alert_key, 500) or None,
        day_shard=keys.day_shard(meta.report_id, meta.created_at[:10]),
    )


def read_meta(item: Item) -> Meta:
    """Read M."""
    return Meta(**{name: item[name] for name in Meta._fields if name in item})


def read_attribute(value: dict[str, Any]) -> Attribute:
    """Read an attribute that this package wrote."""
    return Attribute.model_validate(value)


def _alert_head(head: AlertHead) -> dict[str, Any]:
    return head._asdict()


def _without_none(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}

"""Converts records to table items and back. Large values and hostile text are stored as compressed JSON."""

import json
import zlib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic_core import to_json, to_jsonable_python

from alert_responder.contracts.alert import Attribute, Source
from alert_responder.domain.admission import Overflow
from alert_responder.domain.missing_attributes import Missing
from alert_responder.domain.records import (
    AlertHead,
    DeliveryRecord,
    EmitterRecord,
    FindingState,
    GroupSummary,
    Head,
    LookupRecord,
    Meta,
    Window,
)
from alert_responder.domain.report_caps import Held
from alert_responder.store import keys
from alert_responder.store.table import Item

_Record = TypeVar("_Record", Window, Head, LookupRecord, DeliveryRecord, Meta)


def pack(value: Any) -> bytes:
    """Compress a JSON value, which may contain models; equal values give equal bytes. Lone surrogates are kept."""
    try:
        text = to_json(value)
    except ValueError:
        # Lone surrogates cannot be encoded in UTF-8: json escapes them, but takes twice the time.
        text = json.dumps(to_jsonable_python(value), separators=(",", ":")).encode()
    return zlib.compress(text, 6)


def unpack(data: bytes) -> Any:
    """Undo `pack`."""
    return json.loads(json_of(data))


def json_of(data: bytes) -> bytes:
    """Return the JSON in the result of `pack`."""
    return zlib.decompress(data)


def plain_text(text: str, limit: int) -> str:
    """Shorten text to `limit` characters, and replace lone surrogates by `?`."""
    return text[:limit].encode("utf-8", "replace").decode()


def window_item(window: Window) -> Item:
    """Write a window."""
    return _without_none(**(window._asdict() | {"overflow": window.overflow or None}))


def read_window(item: Item) -> Window:
    """Read a window."""
    return _from_item(Window, item, previous=item.get("previous"), previous_ends=item.get("previous_ends"))


def head_item(head: Head) -> Item:
    """Write a head; `open_shard` adds it to the index of open reports."""
    fields = {
        **head.held._asdict(),
        "report_id": None,
        "held": None,
        "overflow": list(head.overflow) if head.overflow else None,
        "more": head.held.more or None,
        "open_shard": keys.open_shard(head.report_id) if head.state == "open" else None,
    }
    return _without_none(**(head._asdict() | fields))


def read_head(item: Item) -> Head:
    """Read a head."""
    return _from_item(
        Head,
        item,
        report_id=keys.report_id_of(item["pk"]),
        previous=item.get("previous"),
        previous_ends=item.get("previous_ends"),
        overflow=Overflow(*item["overflow"]) if "overflow" in item else None,
        held=Held(item.get("attributes", 0), item.get("stored", 0), item.get("alerts", 0), item.get("more", False)),
    )


def group_item(summary: GroupSummary) -> Item:
    """Write a group."""
    return {
        "alert_count": len(summary.events),
        "summary": pack(
            {
                "events": summary.events,
                "heads": [head._asdict() for head in summary.heads],
                "attributes": summary.attributes,
                "left_out": summary.left_out,
                "cut_off": summary.cut_off,
                "sources": summary.sources,
                "missing": summary.missing,
                **({"keys": summary.keys} if summary.keys else {}),
                "unfit": summary.unfit,
                "states": summary.states,
                **({"native": summary.native} if summary.native else {}),
                **({"mismatched": summary.mismatched} if summary.mismatched else {}),
            }
        ),
    }


def read_group(item: Item) -> GroupSummary:
    """Read a group."""
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
        states=_states(summary.get("states")),
        native=tuple(summary.get("native", ())),
        mismatched=summary.get("mismatched", 0),
    )


_OFTEN_EMPTY = (
    "cache_empty_seconds",
    "carrier",
    "incomplete",
    "max_per_day",
    "no_turn",
    "per_account",
    "reopened",
    "shares_call",
)


def lookup_item(record: LookupRecord) -> Item:
    """Write a lookup, open or with an outcome."""
    fields = {
        **dict.fromkeys(("inspector", "attribute_id", "answer", "new_attributes")),
        **{name: getattr(record, name) or None for name in _OFTEN_EMPTY},
        "batch_size": record.batch_size if record.batch_size > 1 else None,
        "task": pack(record.task),
        **(answer_fields(record.answer, record.new_attributes) if record.outcome else {}),
    }
    return _without_none(**(record._asdict() | fields))


def read_lookup(item: Item) -> LookupRecord:
    """Read a lookup."""
    inspector, _, attribute_id = item["sk"].removeprefix(keys.LOOKUPS).rpartition("/")
    answer, new_attributes = read_answer(item)
    return _from_item(
        LookupRecord,
        item,
        inspector=inspector,
        attribute_id=attribute_id,
        task=unpack(item["task"]),
        answer=answer,
        new_attributes=new_attributes,
    )


def answer_fields(answer: bytes | None, new_attributes: Iterable[Attribute]) -> dict[str, bytes]:
    """Write an answer for the ledger or the cache: packed contents, and new attributes."""
    return _without_none(answer=answer, found=pack(list(new_attributes)))


def read_answer(item: Item) -> tuple[bytes | None, tuple[Attribute, ...]]:
    """Undo `answer_fields`; the contents stay packed."""
    if "found" in item:
        return item.get("answer"), tuple(map(read_attribute, unpack(item["found"])))
    if "answer" not in item:
        return None, ()
    # An earlier version packed both together.
    contents, new_attributes = unpack(item["answer"])
    return (pack(contents) if contents else None), tuple(map(read_attribute, new_attributes))


def seen_item(carriers: Iterable[str]) -> Item:
    """Write a seen record."""
    return {"carriers": pack(list(carriers))}


def read_seen(found: Iterable[Item]) -> dict[str, int]:
    """Read seen records: the alerts without a lookup, each with its first wave."""
    seen: dict[str, int] = {}
    for item in found:
        wave = int(item["sk"].removeprefix(keys.SEEN))
        for carrier in unpack(item["carriers"]):
            seen[carrier] = min(wave, seen.get(carrier, wave))
    return seen


def delivery_item(record: DeliveryRecord) -> Item:
    """Write a delivery."""
    return _without_none(
        **(
            record._asdict()
            | {
                "emitter": None,
                "fresh": record.fresh or None,
                "lacks": list(record.lacks) or None,
                "updates": record.updates or None,
            }
        )
    )


def read_delivery(item: Item) -> DeliveryRecord:
    """Read a delivery."""
    emitter, _, round_ = item["sk"].removeprefix(keys.DELIVERIES).rpartition("/")
    return _from_item(DeliveryRecord, item, emitter=emitter, round=int(round_), lacks=tuple(item.get("lacks", ())))


def emitter_item(record: EmitterRecord) -> Item:
    """Write an inherited emitter state."""
    fields = {
        "emitter": None,
        "state": pack(record.state),
        "knows": record.knows or None,
        "lacks": list(record.lacks) or None,
    }
    return _without_none(**(record._asdict() | fields))


def read_emitter(item: Item) -> EmitterRecord:
    """Read an emitter state."""
    return EmitterRecord(
        emitter=item["sk"].removeprefix(keys.EMITTER_STATES),
        round=item["round"],
        digest=item.get("digest"),
        state=unpack(item["state"]) if "state" in item else None,
        inherited_from=item.get("inherited_from"),
        knows=item.get("knows", False),
        substance=item.get("substance"),
        lacks=tuple(item.get("lacks", ())),
    )


def meta_item(meta: Meta) -> Item:
    """Write a meta, with its partition in the index of reports by day."""
    limits = {"title": 500, "detector": 200, "rule_id": 500, "reason": 1_000, "alert_key": 500}
    texts = {name: plain_text(getattr(meta, name), limit) for name, limit in limits.items()}
    fields = {
        "alert_key": texts["alert_key"] or None,
        "timings": dict(meta.timings),
        "lookups_left": meta.lookups_left or None,
        "test": meta.test or None,
        "status": meta.status if meta.status != "active" else None,
        "states": None if meta.states is None else pack(meta.states),
        "labels": None,
        **review_fields(meta),
        "day_shard": keys.day_shard(meta.report_id, meta.created_at[:10]),
    }
    return _without_none(**(meta._asdict() | texts | fields))


def review_fields(meta: Meta) -> dict[str, Any]:
    """Write what only some reviewers answer."""
    return _without_none(
        labels=list(meta.labels) or None,
        suppressed=meta.suppressed and plain_text(meta.suppressed, 100),
        breakthrough=meta.breakthrough and plain_text(meta.breakthrough, 500),
    )


def read_meta(item: Item) -> Meta:
    """Read a meta."""
    return _from_item(
        Meta,
        item,
        states=_states(unpack(item["states"])) if "states" in item else None,
        labels=tuple(item.get("labels", ())),
    )


def read_attribute(value: dict[str, Any]) -> Attribute:
    """Read a stored attribute."""
    return Attribute.model_validate(value)


def _states(stored: list[list[Any]] | None) -> tuple[FindingState, ...] | None:
    return None if stored is None else tuple(FindingState(*state) for state in stored)


def _from_item(kind: type[_Record], item: Item, **known: Any) -> _Record:
    """Build a record from the attributes with the names of its fields, and from known values."""
    return kind(**({name: item[name] for name in kind._fields if name in item} | known))


def _without_none(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}

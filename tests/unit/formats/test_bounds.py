"""Parsing any record is linear in its bytes; work is counted, not timed."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from alert_responder.contracts import alert
from alert_responder.domain import attributes
from alert_responder.formats import parse_record

MOST_CALLS_A_BYTE = 40
"""Function calls, including those of the interpreter: the worst of the records below takes 32."""

MOST_MEMORY_A_BYTE = 120
"""Peak memory above that of a small record [bytes]. Objects of two bytes, `{}`, take 64 when parsed."""

NATIVE = {"detector": "edr", "rule_id": "r", "alert_key": "k"}
ASFF = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
OCSF = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}
TRAIL = {"eventVersion": "1", "eventID": "1", "eventTime": "1", "eventName": "n", "eventSource": "s3.amazonaws.com"}
GUARDDUTY = {"type": "Recon:EC2/X", "severity": 5, "resource": {}}


def _native(*attributes: dict[str, Any]) -> dict[str, Any]:
    return {**NATIVE, "attributes": list(attributes)}


def _sequence(**parts: Any) -> dict[str, Any]:
    return {**GUARDDUTY, "service": {"detection": {"sequence": parts}}}


def _call(parameters: Any) -> dict[str, Any]:
    return {**TRAIL, "userIdentity": {}, "recipientAccountId": "111122223333", "requestParameters": parameters}


def _nested(value: Any) -> Any:
    for _ in range(90):
        value = [value]
    return value


def _findings(depth: int, findings: list[Any]) -> dict[str, Any]:
    return {"findings": [_findings(depth - 1, findings)] if depth else findings}


def _message(depth: int, document: Any) -> str:
    """Wrap a document into SNS messages; each envelope doubles the escapes inside."""
    for _ in range(depth):
        document = {"TopicArn": "arn:t", "Message": json.dumps(document)}
    return json.dumps(document)


def _process(depth: int) -> dict[str, Any]:
    process: dict[str, Any] = {"user": {"name": "u"}}
    for _ in range(depth):
        process = {"user": {"name": "u"}, "parent_process": process}
    return process


def _group(size: int) -> dict[str, Any]:
    labels = {"alertname": "a", "severity": "critical"}
    return {
        "receiver": "r",
        "commonLabels": {f"k{number}": "x" * 100 for number in range(60)},
        "alerts": [
            {
                "labels": {**labels, "instance": f"host-{number}:9100"},
                "startsAt": "2026-03-02T10:00:00Z",
                "fingerprint": "f",
            }
            for number in range(size)
        ],
    }


RECORDS: dict[str, tuple[int, Callable[[int], Any]]] = {
    "attributes": (400, lambda n: _native(*({"type": "username", "value": f"u{i}"} for i in range(n)))),
    "urls": (400, lambda n: _native(*({"type": "url", "value": f"http://{i}.example.com"} for i in range(n)))),
    "one attribute again": (400, lambda n: _native(*({"type": "arn", "value": "arn:" + "i-:/" * 9},) * n)),
    "lists of hashes": (
        300,
        lambda n: _native(*({"type": "filehashvalue", "value": f"MD5={i:032x},SHA1={i:040x}"} for i in range(n))),
    ),
    "placeholders": (400, lambda n: _native(*({"type": "ipaddr", "value": "0.0.0.0"},) * n)),  # noqa: S104
    "international names": (
        50,
        lambda n: _native(*({"type": "domain", "value": f"{'é' * 60}.x{i}"} for i in range(n))),
    ),
    "ligatures": (50, lambda n: _native(*({"type": "domain", "value": "\ufdfa" * 62 + f".x{i}"} for i in range(n)))),
    "contexts": (500, lambda n: _native({"type": "a", "value": "b", "context": [f"w{i}" for i in range(n)]})),
    "json values": (1250, lambda n: _native({"type": "json", "value": [[]] * n})),
    "a nested value": (9_000, lambda n: _native({"type": "json", "value": "[" * n + "]" * n})),
    "body of lists": (2250, lambda n: {**NATIVE, "body": [[]] * n}),
    "body of keys": (500, lambda n: {**NATIVE, "body": {f"k{i}": {} for i in range(n)}}),
    "findings of nothing": (2250, lambda n: {"findings": [{}] * n}),
    "native findings": (300, lambda n: {"findings": [NATIVE] * n}),
    "findings of OCSF": (200, lambda n: {"findings": [OCSF] * n}),
    "evidences of nothing": (2250, lambda n: {**OCSF, "evidences": [{}] * n}),
    "evidences": (500, lambda n: {**OCSF, "evidences": [{"url": {"a": 1}}] * n}),
    "endpoints": (750, lambda n: {**OCSF, "evidences": [{"src_endpoint": [{"a": 1}] * n}]}),
    "observables": (
        1_000,
        lambda n: {**OCSF, "observables": [{"type_id": 2, "value": f"1.2.3.{i}"} for i in range(n)]},
    ),
    "nested observables": (2250, lambda n: {**OCSF, "observables": _nested([1] * n)}),
    "resources of nothing": (2250, lambda n: {**ASFF, "Resources": [{}] * n}),
    "resources": (500, lambda n: {**ASFF, "Resources": [{"Details": {"a": 1}}] * n}),
    "instances": (400, lambda n: {**ASFF, "Resources": [{"Id": f"i-{i:08x}"} for i in range(n)]}),
    "product fields": (
        500,
        lambda n: {
            **ASFF,
            "ProductFields": {f"aws/guardduty/{i}/remoteipdetails/ipaddressv4": "1.2.3.4" for i in range(n)},
        },
    ),
    "fields of products": (500, lambda n: {**ASFF, "ProductFields": {f"edr/{i}/ip": f"1.2.3.{i}" for i in range(n)}}),
    "deep product fields": (
        300,
        lambda n: {**ASFF, "ProductFields": {"aws/guardduty/service/" + "a/" * 30 + str(i): "" for i in range(n)}},
    ),
    "unmapped fields": (
        500,
        lambda n: {**OCSF, "unmapped": {f"ProductFields.edr/{i}/user": f"u{i}" for i in range(n)}},
    ),
    "details as text": (
        300,
        lambda n: {**OCSF, "resources": [{"data": '{"AwsEc2Instance": {"a": [{}, {}]}}'}] * n},
    ),
    "owners of keys": (
        200,
        lambda n: {
            **OCSF,
            "metadata": {"product": {"uid": "arn:aws:securityhub:eu-west-1::productv2/aws/guardduty"}},
            "resources": [{"data": {"user_type": "Role", "user_name": f"u{i}"}} for i in range(n)],
        },
    ),
    "other details": (
        300,
        lambda n: {**ASFF, "Resources": [{"Details": {"Other": {"ip": f"1.2.3.{i}"}}} for i in range(n)]},
    ),
    "controls in OCSF": (200, lambda n: {"findings": [{**OCSF, "compliance": {"status": "Fail"}}] * n}),
    "sequence of nothing": (2250, lambda n: _sequence(resources=[{}] * n)),
    "resources of a sequence": (500, lambda n: _sequence(resources=[{"data": {"a": 1}}] * n)),
    "findings in findings": (500, lambda n: _findings(80, [{}] * n)),
    "envelopes as text": (100, lambda n: {"Records": [{"Sns": {"Message": _message(3, {"findings": [{}] * 9})}}] * n}),
    "parameters of nothing": (2250, lambda n: _call([[]] * n)),
    "parameters": (500, lambda n: _call({f"{i}Id": "x" for i in range(n)})),
    "named objects": (500, lambda n: _call([{"userName": f"u{i}"} for i in range(n)])),
    "instances of a call": (500, lambda n: _call([f"i-{i:08x}" for i in range(n)])),
    "principals of a policy": (
        400,
        lambda n: _call({"policy": json.dumps({"Principal": [f"arn:aws:iam::{i:012}:root" for i in range(n)]})}),
    ),
    "policies": (200, lambda n: _call([json.dumps({"Principal": "*"})] * n)),
    "addresses of a call": (400, lambda n: _call({"cidr": [f"10.0.{i // 256}.{i % 256}/32" for i in range(n)]})),
    "one envelope as text": (200, lambda n: json.loads(_message(3, {"findings": [{}] * n}))),
    "parent processes": (40, lambda n: {**OCSF, "process": _process(n)}),
    "alerts of a group": (100, lambda n: _group(n)),
    "members of a binding": (
        300,
        lambda n: {
            "finding": {
                "name": "n",
                "category": "c",
                "parent": "p",
                "iamBindings": [{"member": f"user:a{i}@example.com"} for i in range(n)],
            }
        },
    ),
    "actors": (400, lambda n: _sequence(actors=[{"user": {"name": f"u{i}"}} for i in range(n)])),
}


@pytest.mark.parametrize("name", RECORDS)
def test_work_is_linear_in_the_bytes(name: str) -> None:
    size, make = RECORDS[name]
    small, large = (json.dumps(make(n), ensure_ascii=False).encode() for n in (size, 2 * size))
    calls, double = _calls(small), _calls(large)
    assert calls / len(small) < MOST_CALLS_A_BYTE
    assert double / calls < 1.2 * len(large) / len(small)


@pytest.mark.parametrize("name", RECORDS)
def test_memory_is_linear_in_the_bytes(name: str) -> None:
    size, make = RECORDS[name]
    small, large = (json.dumps(make(n), ensure_ascii=False).encode() for n in (size, 2 * size))
    parse_record(small)
    assert _memory(large) - _memory(small) < MOST_MEMORY_A_BYTE * (len(large) - len(small))


def _forget() -> None:
    """Make every value unique, because cached values are faster to parse."""
    for module in (alert, attributes):
        for remembered in vars(module).values():
            if hasattr(remembered, "cache_clear"):
                remembered.cache_clear()


def _calls(data: bytes) -> int:
    parse_record(data)  # One-time work is not counted.
    _forget()
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        parse_record(data)
    finally:
        sys.setprofile(before)
    return count


def _memory(data: bytes) -> int:
    tracemalloc.start()
    try:
        parse_record(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

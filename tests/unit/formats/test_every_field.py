"""Each field that the coded formats parse, its attributes, and the priority of alternative fields."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.domain.attributes import identity
from alert_responder.formats import guardduty, ocsf, parse_record, securityhub

GUARDDUTY: dict[str, Any] = {"type": "Recon:EC2/X", "id": "1", "severity": 5, "service": {}, "resource": {}}
ASFF: dict[str, Any] = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
OCSF: dict[str, Any] = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}
ACCOUNT = identity(Attribute(type="account", value="123456789012"))

FIELDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_bytes()) for path in (Path(__file__).parent / "fields").glob("*.json")
}
"""The cases of each format: fields of an event, and their attributes."""


def read(document: dict[str, Any]) -> Alert:
    (parsed,), rejected = parse_record(json.dumps(document).encode())
    assert rejected == []
    return parsed.alert


def lines(document: dict[str, Any]) -> list[str]:
    """Format each attribute as in the files: type, value, contexts, key."""
    return [f"{each.type} {each.value} ({' '.join(each.context)}) {each.key}" for each in read(document).attributes]


def placed(base: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Set values in a copy of a document, each at a path of keys joined by dots."""
    document: dict[str, Any] = json.loads(json.dumps(base))
    for path, value in values.items():
        *way, last = path.split(".")
        node = document
        for key in way:
            node = node.setdefault(key, {})
        node[last] = value
    return document


def in_turn(base: dict[str, Any], paths: list[str], values: list[Any], field: str) -> list[Any]:
    """Return a field of the alert for a document with values at all paths, then without the first path, and so on."""
    return [
        getattr(read(placed(base, dict(zip(paths[first:], values[first:], strict=True)))), field)
        for first in range(len(paths))
    ]


@pytest.mark.parametrize(
    ("base", "case"),
    [
        pytest.param(base, case, id=f"{name} {title}")
        for name, base in (("ocsf", OCSF), ("securityhub", ASFF), ("guardduty", GUARDDUTY))
        for title, case in FIELDS[name].items()
    ],
)
def test_each_field_becomes_the_listed_attributes(base: dict[str, Any], case: dict[str, Any]) -> None:
    assert lines({**base, **case["fields"]}) == case["attributes"]


@pytest.mark.parametrize(
    ("direction", "source", "destination"),
    [
        (1, "client remote", "local server"),
        (2, "client local", "remote server"),
        (3, "client local", "local server"),
        (4, "client local", "local server"),
        (0, "client", "server"),
        (True, "client", "server"),
    ],
)
def test_the_direction_in_ocsf_decides_the_sides(direction: int, source: str, destination: str) -> None:
    ends = {"src_endpoint": {"ip": "10.0.0.1"}, "dst_endpoint": {"ip": "8.8.8.8"}}
    assert lines({**OCSF, "evidences": [{**ends, "connection_info": {"direction_id": direction}}]}) == [
        f"ipaddr 10.0.0.1 ({source}) source IP address",
        f"ipaddr 8.8.8.8 ({destination}) destination IP address",
    ]


@pytest.mark.parametrize("field", ["instance_uid", "interface_uid", "vpc_uid", "subnet_uid"])
def test_an_endpoint_with_a_local_identifier_is_local(field: str) -> None:
    endpoint = {"ip": "8.8.8.8", field: "x"}
    assert lines({**OCSF, "evidences": [{"src_endpoint": endpoint}]}) == [
        "ipaddr 8.8.8.8 (client local) source IP address"
    ]


def test_the_rule_of_ocsf_is_the_first_that_is_present() -> None:
    base = {"class_uid": 2004, "metadata": {}, "finding_info": {}}
    paths = ["metadata.event_code", "finding_info.analytic.uid", "finding_info.analytic.name", "compliance.control"]
    paths += ["vulnerabilities.cve.uid", "finding_info.types", "finding_info.title", "message"]
    values = ["code", "uid", "name", "control", "CVE-1", ["type"], "title", "message"]
    rules = ["code", "uid", "name", "control", "CVE-1", "type", "title", "message"]
    assert in_turn(base, paths, values, "rule_id") == rules
    assert in_turn(base, paths, values, "rule_name") == ["title"] * 7 + ["message"]
    assert read(placed(base, {"metadata.event_code": "code"})).rule_name == "code"
    assert read(placed(base, {"metadata.event_code": "code", "message": "message"})).rule_name == "message"
    assert parse_record(json.dumps(base).encode())[1][0].reason == (
        "the rule is missing: one of metadata.event_code, finding_info.analytic, finding_info.types and "
        "finding_info.title is required"
    )


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": "Urgent", "severity_id": 99}, "Urgent"),
        ({"severity": "Important", "severity_id": 4}, "Important"),
        ({"severity": "8.0", "severity_id": 4}, "High (8.0)"),
        ({"severity_id": 4}, "High"),
        ({"severity_id": True}, None),
        ({}, None),
    ],
)
def test_the_severity_of_ocsf_is_its_word_or_its_number_s_word(fields: dict[str, Any], severity: str | None) -> None:
    assert read({**OCSF, **fields}).severity == severity


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("no address", ["ipaddr no address (client) source IP address"]),
        ("", []),
        ({"a": 1}, []),
    ],
)
def test_an_endpoint_whose_side_is_unknown_has_only_its_role(address: Any, found: list[str]) -> None:
    endpoint = {"ip": address, "hostname": "a.example"}
    assert lines({**OCSF, "evidences": [{"src_endpoint": endpoint}]}) == [
        *found,
        "domain a.example (client) source host",
    ]


@pytest.mark.parametrize("document", [GUARDDUTY, ASFF, OCSF], ids=["guardduty", "securityhub", "ocsf"])
def test_the_body_is_the_unchanged_finding(document: dict[str, Any]) -> None:
    assert read(document).body == document


def test_the_description_of_ocsf_begins_with_the_concrete_sentence() -> None:
    paths = ["message", "status_detail", "finding_info.desc"]
    texts = ["Bucket b is public.", "ACL of b", "Public buckets leak"]
    assert in_turn(OCSF, paths, texts, "description") == [
        "Bucket b is public. ACL of b. Public buckets leak",
        "ACL of b. Public buckets leak",
        "Public buckets leak",
    ]
    assert read({**OCSF, "message": "t"}).description == ""


def test_the_time_of_ocsf_is_the_first_that_is_present() -> None:
    paths = ["finding_info.last_seen_time", "finding_info.first_seen_time", "time"]
    paths += ["finding_info.modified_time", "finding_info.created_time"]
    moments = in_turn(OCSF, paths, [1, 2, 3, 4, 5], "timestamp")
    assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4, 5]
    texts = [f"1970-01-01T00:00:0{second}Z" for second in (1, 2, 3, 4, 5)]
    moments = in_turn(OCSF, [f"{path}_dt" for path in paths], texts, "timestamp")
    assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4, 5]


def test_the_detector_of_ocsf_is_a_short_word() -> None:
    assert read(placed(OCSF, {"metadata.product.name": "x" * 65})).detector == "x" * 64
    assert read(placed(OCSF, {"metadata.product.name": "(X-Ray)"})).detector == "x-ray"


def test_the_severity_of_security_hub_is_the_first_that_is_present() -> None:
    paths = ["Severity.Label", "FindingProviderFields.Severity.Label", "Severity.Normalized", "Severity.Original"]
    assert in_turn(ASFF, paths, ["HIGH", "LOW", 70, "8.0"], "severity") == ["HIGH", "LOW", "High (70)", "8.0"]
    assert read({**ASFF, "Severity": {"Original": "Urgent", "Normalized": 70}}).severity == "Urgent"


def test_an_invalid_normalized_severity_is_left_out() -> None:
    for value, severity in ((0, "Informational (0)"), (101, "101"), ("70", None), (True, None), ({}, None)):
        assert read({**ASFF, "Severity": {"Normalized": value}}).severity == severity


def test_the_time_of_a_finding_is_the_first_that_is_present() -> None:
    texts = [f"1970-01-01T00:00:0{second}Z" for second in (1, 2, 3, 4)]
    for base, paths in (
        (ASFF, ["LastObservedAt", "UpdatedAt", "FirstObservedAt", "CreatedAt"]),
        (GUARDDUTY, ["service.eventLastSeen", "updatedAt", "service.eventFirstSeen", "createdAt"]),
    ):
        moments = in_turn(base, paths, texts, "timestamp")
        assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4]


def test_threat_intelligence_has_its_time() -> None:
    (found,) = read({**ASFF, **FIELDS["securityhub"]["threat intelligence"]["fields"]}).attributes
    assert found.timestamp is not None
    assert found.timestamp.isoformat() == "2026-03-02T10:20:00+00:00"


def test_title_and_description_are_optional() -> None:
    assert read(GUARDDUTY).description == read(ASFF).description == ""


def test_a_sample_is_marked_once() -> None:
    sample = {"title": "[SAMPLE] T", "description": "D", "service": {"additionalInfo": {"sample": True}}}
    alert = read({**GUARDDUTY, **sample})
    assert (alert.rule_name, alert.description) == ("[SAMPLE] T", "[SAMPLE] D")
    assert read({**GUARDDUTY, **sample, "description": ""}).description == "[SAMPLE]"
    assert read({**ASFF, "Sample": True, "Title": "T"}).rule_name == "[SAMPLE] T"


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (
            {"type": "T", "service": {}, "severity": 1, "accountId": "123456789012", "region": "eu-west-1"},
            ["T", "123456789012", "eu-west-1", [ACCOUNT]],
        ),
        (
            {"ProductArn": "arn:p", "GeneratorId": "g", "Title": "t", "AwsAccountId": "123456789012"},
            ["g", "t", "123456789012", [ACCOUNT]],
        ),
        (
            {
                "class_uid": 2004,
                "finding_info": {"title": "t", "types": ["r"]},
                "resources": [{"uid": "b"}, {"uid": "a"}, {"uid": 5}],
                "cloud": {"account": {"uid": "123456789012"}},
            },
            ["123456789012", "r", "t", ["a", "b"], [ACCOUNT]],
        ),
    ],
    ids=["guardduty", "securityhub", "ocsf"],
)
def test_hashed_keys_never_change(document: dict[str, Any], parts: Any) -> None:
    text = json.dumps(parts, separators=(",", ":"))
    assert read(document).alert_key == hashlib.sha256(text.encode()).hexdigest()


def test_an_id_without_product_is_the_key() -> None:
    assert read({"SchemaVersion": "2018-10-08", "Id": "1", "GeneratorId": "g"}).alert_key == "1"


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        ({"Arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/f"}, True),
        ({"arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/d", "ProductArn": "arn:p"}, False),
        ({"arn": "arn:aws:s3:::b"}, False),
        ({"arn": 5}, False),
        ({"arn": "x" * 69 + ":guardduty:"}, True),
        ({"arn": "x" * 70 + ":guardduty:"}, False),
        ({"type": "T", "service": {}, "severity": 1}, True),
        ({"type": "T", "service": {}, "resource": {}}, True),
        ({"type": "T", "service": {}}, False),
        ({"type": "T", "severity": 1}, False),
        ({"type": "T", "service": "s", "severity": 1}, False),
        ({"service": {}, "severity": 1}, False),
    ],
)
def test_guardduty_is_recognised_by_its_arn_or_fields(document: dict[str, Any], is_one: bool) -> None:
    assert guardduty.recognises(document) is is_one


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("AWS::S3::Bucket", "b", ["arn arn:aws:s3:::b (local object) affected bucket"]),
        ("AWS::S3::Bucket", "arn:aws:s3:::b", ["arn arn:aws:s3:::b (local object) affected resource"]),
        ("AWS::S3::Bucket", "", []),
        ("AWS::S3::Bucket", 5, []),
        ("AWS::IAM::User", "bob", ["username bob (local object) affected user"]),
        ("AWS::IAM::Role", "r", ["username r (local object) affected role"]),
        (
            "AWS::IAM::Role",
            "arn:aws:iam::123456789012:role/r",
            ["arn arn:aws:iam::123456789012:role/r (local object) affected resource"],
        ),
        ("AWS::EC2::Instance", "web", []),
        ("AWS::EC2::Volume", "vol-01234567", ["resource vol-01234567 (local object) affected resource"]),
    ],
)
def test_affected_resources_by_kind(kind: str, value: Any, found: list[str]) -> None:
    action = {"awsApiCallAction": {"affectedResources": {kind: value}}}
    assert lines({**GUARDDUTY, "service": {"action": action}}) == found


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        ({"SchemaVersion": "2018-10-08"}, True),
        ({"SchemaVersion": "2"}, False),
        ({"productArn": "arn:p", "id": "1"}, True),
        ({"ProductArn": "arn:p", "GeneratorId": "g"}, True),
        ({"ProductArn": "arn:p"}, False),
        ({"Id": "1", "GeneratorId": "g"}, False),
    ],
)
def test_security_hub_is_recognised_by_its_version_or_fields(document: dict[str, Any], is_one: bool) -> None:
    assert securityhub.recognises(document) is is_one


@pytest.mark.parametrize(
    ("fields", "is_one"),
    [
        (("class_uid", "metadata"), True),
        (("class_uid", "finding_info"), True),
        (("class_uid",), False),
        (("metadata", "finding_info"), False),
    ],
)
def test_ocsf_is_recognised_by_its_class_and_common_fields(fields: tuple[str, ...], is_one: bool) -> None:
    assert ocsf.recognises(dict.fromkeys(fields, 1)) is is_one

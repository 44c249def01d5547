"""Rejected records are listed with their reasons, shown harmlessly, and replayed as they arrived."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.mapping import FormatMapping
from alert_responder.domain.stream import rejected_document
from alert_responder.formats import parse_record
from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.registry import CODED_FORMATS, Format
from alert_responder.kinesis_records import read_record
from alert_responder.store.archive_keys import rejected_key
from alert_responder_cli.aws.access import Access
from alert_responder_cli.times import now
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.records.test_send import ALERT, MAPPING, ODD
from tests.unit.cli.stored_reports import archive

SHARD = "shardId-000000000003"


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


class Receptor:
    """Lambda, as far as the receptor is called; everything else of AWS is left to moto.

    What it cannot read it archives, as the receptor does.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, failing: str = "", formats: Sequence[Format] = CODED_FORMATS
    ) -> None:
        self.records: list[dict[str, Any]] = []
        self.invoked: list[str] = []
        self._failing, self._formats = failing, formats
        client = Access.client

        def of_service(access: Access, service: str, **settings: Any) -> Any:
            made = client(access, service, **settings)
            if service == "lambda":
                monkeypatch.setattr(made, "invoke", self.invoke, raising=False)
            return made

        monkeypatch.setattr(Access, "client", of_service)

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        records = json.loads(Payload)["Records"]
        self.invoked.append(FunctionName)
        self.records += records
        for record in map(read_record, records):
            _, rejects = parse_record(record.data, self._formats)
            if rejects:
                archive(rejected_key(record), rejected_document(record, rejects))
        numbers = [record["kinesis"]["sequenceNumber"] for record in records]
        failures = [{"itemIdentifier": number} for number in numbers if number == self._failing]
        return {"Payload": _Body(json.dumps({"batchItemFailures": failures}).encode())}

    def data(self) -> list[bytes]:
        return [base64.b64decode(record["kinesis"]["data"]) for record in self.records]


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


def reject(number: int, data: bytes, reason: str = "unknown format") -> str:
    record = read_record(
        {
            "eventID": f"{SHARD}:{number}",
            "kinesis": {
                "sequenceNumber": str(number),
                "partitionKey": "p\x1b[2J",
                "approximateArrivalTimestamp": now() / 1000 - 60,
                "data": base64.b64encode(data).decode(),
            },
        }
    )
    key = rejected_key(record)
    archive(key, rejected_document(record, [(None, reason)]))
    return key


def test_rejected_records_are_listed_with_reason_and_whether_they_can_be_parsed_now() -> None:
    reject(1, b"{", "it is not JSON [red]\x1b[2J")
    parsable = reject(2, json.dumps(ALERT).encode())

    result = run("rejected", "list")
    found = {each["key"]: each for each in answer("rejected", "list")["objects"]}

    assert result.exit_code == 0, result.output
    assert "it is not JSON [red]\\x1b[2J" in result.stdout
    assert "can be parsed now: replay it" in result.stdout
    assert "\x1b[2J" not in result.stdout
    assert [each["now"] for each in found.values()].count(1) == 1
    assert found[parsable]["now"] == 1
    assert len(answer("rejected", "list", "--limit", "1")["objects"]) == 1
    assert answer("rejected", "list", "--limit", "1")["more"]


def test_an_empty_list_is_reported() -> None:
    assert run("rejected", "list").stdout.startswith("No record was rejected since ")


def test_show_prints_a_record_and_saves_its_bytes(tmp_path: Path) -> None:
    key = reject(1, b'{"x": "\x1b[2J[bold]"}')

    result = run("rejected", "show", key, "--save", tmp_path / "data")
    found = answer("rejected", "show", key)

    assert result.exit_code == 0, result.output
    assert "partition key p\\x1b[2J" in result.stdout
    assert "rejected: unknown format" in result.stdout
    assert '{"x": "\\x1b[2J[bold]"}' in result.stdout
    assert "\x1b[2J" not in result.stdout
    assert (tmp_path / "data").read_bytes() == b'{"x": "\x1b[2J[bold]"}'
    assert (found["alerts_now"], len(found["problems_now"])) == (0, 1)


def test_records_are_replayed_as_they_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [reject(1, json.dumps(ALERT).encode()), reject(2, b"{")]
    receptor = Receptor(monkeypatch)

    result = run("rejected", "replay", "--all")

    assert result.exit_code == 1, result.output
    assert "The receptor processed 2 records of 2 objects." in result.stdout
    assert receptor.invoked == ["secops-receptor"]
    assert receptor.data() == [json.dumps(ALERT).encode(), b"{"]
    assert [record["eventID"] for record in receptor.records] == [f"{SHARD}:1", f"{SHARD}:2"]
    assert answer("rejected", "replay", keys[0]) == {
        "objects": 1,
        "taken": 1,
        "still_rejected": {},
        "failing": {},
        "unreadable": {},
        "unmatched": [],
    }


def test_records_rejected_again_are_reported_with_reason_and_exit_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    good, wrong = reject(1, json.dumps(ALERT).encode()), [reject(number, b'{"\x1b[2J') for number in (2, 3)]
    partly = reject(4, json.dumps([ALERT, {"[red]": 1}]).encode())
    Receptor(monkeypatch)

    result = run("rejected", "replay", "--all")
    found = answer("rejected", "replay", "--all", code=1)
    only = run("rejected", "replay", good)

    assert result.exit_code == 1
    assert "Rejected again: 3 records." in result.stderr
    assert f"  2 records, the first {wrong[0]}: the record is not JSON" in result.stderr
    assert f"  {partly}: 1: unknown format" in result.stderr
    assert "\x1b[2J" not in result.output
    assert found["still_rejected"].keys() == {*wrong, partly}
    assert found["still_rejected"][partly][0].startswith("1: unknown format")
    assert (only.exit_code, only.stderr) == (0, "")


def test_the_receptor_decides_which_records_are_rejected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known, unknown = reject(1, json.dumps(ODD).encode()), reject(2, json.dumps(ALERT).encode())
    # It has a format that this version does not know, and does not have one that this version knows.
    Receptor(monkeypatch, formats=[MappedFormat(FormatMapping.model_validate(MAPPING))])

    found = answer("rejected", "replay", known, unknown, code=1)

    assert list(found["still_rejected"]) == [unknown]


@pytest.mark.parametrize(
    ("arguments", "unmatched"),
    [
        (["--all"], ["rejected/"]),
        (["rejected/2026-02-30/"], ["rejected/2026-02-30/"]),
        (["rejected/x\x1b[2J", "rejected/y"], ["rejected/x\x1b[2J", "rejected/y"]),
    ],
)
def test_a_replay_without_a_match_exits_with_1(
    arguments: list[str], unmatched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receptor = Receptor(monkeypatch)

    result = run("rejected", "replay", *arguments)

    assert (result.exit_code, result.stdout, receptor.invoked) == (1, "", [])
    assert [line.replace("\\x1b", "\x1b") for line in result.stderr.splitlines()] == [
        f"No key in the archive starts with {key}" for key in unmatched
    ]
    assert answer("rejected", "replay", *arguments, code=1)["unmatched"] == unmatched


def test_a_key_without_a_match_is_named_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    key = reject(1, json.dumps(ALERT).encode())
    Receptor(monkeypatch)

    found = answer("rejected", "replay", "rejected/typo", key, code=1)

    assert (found["objects"], found["taken"], found["unmatched"]) == (1, 1, ["rejected/typo"])


def test_a_format_file_converts_records_to_native_alerts_in_the_same_position(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "format.json").write_text(json.dumps(MAPPING))
    odd, other = reject(1, json.dumps(ODD).encode()), reject(2, b'{"app": "roof"}')
    receptor = Receptor(monkeypatch)

    found = answer("rejected", "replay", odd, other, "--format", tmp_path / "format.json", code=1)

    assert (found["objects"], found["taken"], list(found["unreadable"])) == (2, 1, [other])
    ((read,), _) = parse_record(receptor.data()[0])
    assert (read.alert.detector, read.alert.alert_key, read.alert.body) == ("door", "alice", ODD)
    assert receptor.records[0]["eventID"] == f"{SHARD}:1"


def test_records_that_are_not_processed_are_listed_and_exit_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    reject(1, json.dumps(ALERT).encode())
    reject(2, json.dumps(ALERT).encode())
    archive("rejected/2026-01-01/x", b"{}")
    Receptor(monkeypatch, failing="2")

    result = run("rejected", "replay", "--all")

    assert result.exit_code == 1
    assert f"{SHARD}:2: the receptor reported it as failed" in result.stderr
    assert "rejected/2026-01-01/x: " in result.stderr
    assert "1 record of 3 objects" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay"], "Give either keys"),
        (["replay", "rejected/x", "--all"], "Give either keys"),
        (["replay", "reports/x"], "must start with rejected/"),
        (["show", "aws/lambda/x"], "must start with rejected/"),
        (["show", "rejected/no/such.json"], "The archive has no object rejected/no/such.json"),
        (["list", "--since", "soon"], "A time must be"),
    ],
)
def test_an_invalid_command_is_an_error(arguments: list[str], said: str) -> None:
    result = run("rejected", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_missing_bucket_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    client("s3").delete_bucket(Bucket="secops-archive")

    assert run("rejected", "list").exit_code == 2
    assert "AWS rejected ListObjectsV2 (NoSuchBucket)" in run("rejected", "list").stderr

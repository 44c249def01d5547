"""All records are parsed before any is sent, and all of them reach the stream."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder.formats import parse_record
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.preview import STANDARD_INPUT, records_of_file
from alert_responder_cli.records.put import MAX_BYTES, TRIES, put
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run

ALERT: dict[str, Any] = {
    "detector": "vpn",
    "rule_id": "new-address",
    "alert_key": "alice",
    "attributes": [{"type": "ipaddr", "key": "source", "value": "198.51.100.7", "context": ["remote"]}],
}
ODD = {"app": "door", "what": "forced", "who": "alice"}
MAPPING = {"name": "door", "match": "app == 'door'", "detector": "app", "rule_id": "what", "alert_key": "who"}


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def file(folder: Path, name: str, *documents: Any) -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(document) for document in documents) + "\n")
    return path


def on_the_stream() -> list[tuple[str, bytes]]:
    stream = client("kinesis")
    shards = stream.list_shards(StreamName="secops")["Shards"]
    iterator = stream.get_shard_iterator(
        StreamName="secops", ShardId=shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return [
        (record["PartitionKey"], record["Data"]) for record in stream.get_records(ShardIterator=iterator)["Records"]
    ]


def test_files_are_sent_unchanged(tmp_path: Path) -> None:
    one, many = file(tmp_path, "one.json", ALERT), file(tmp_path, "many.jsonl", ALERT, {**ALERT, "alert_key": "bob"})

    result = run("send", one, many)

    assert result.exit_code == 0, result.output
    assert "Sent 3 records with 3 alerts of 2 incidents to the stream secops." in result.stdout
    assert f"{many}:2" in result.stdout
    assert next(data for _, data in on_the_stream()) == one.read_bytes()
    assert len({key for key, _ in on_the_stream()}) == 3


def test_json_contains_the_position_of_each_record(tmp_path: Path) -> None:
    (found,) = answer("send", file(tmp_path, "one.json", ALERT), "--partition-key", "alice")

    assert found["placed"][0].startswith("shardId-000000000000:")
    assert found["alerts"][0]["alert_key"] == "alice"
    assert found["problems"] == []
    assert [key for key, _ in on_the_stream()] == ["alice"]


def test_nothing_is_sent_if_a_record_is_not_an_alert_and_all_such_records_are_listed(tmp_path: Path) -> None:
    hostile = file(tmp_path, "odd.json", {"[red]\x1b[2J": 1})
    (tmp_path / "no.json").write_bytes(b"{")

    result = run("send", file(tmp_path, "one.json", ALERT), hostile, tmp_path / "no.json")

    assert result.exit_code == 1
    assert "unknown format" in result.stdout
    assert "the record is not JSON" in result.stdout
    assert "\x1b[2J" not in result.stdout
    assert "Nothing was sent: 2 of 3 records are not alerts." in result.stderr
    assert on_the_stream() == []
    problems = [record["problems"] for record in answer("send", hostile, file(tmp_path, "one.json", ALERT), code=1)]
    assert [len(problem) for problem in problems] == [1, 0]


def test_a_dry_run_sends_nothing_and_needs_no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    result = run("send", file(tmp_path, "one.json", ALERT), "--dry-run")

    assert result.exit_code == 0, result.output
    assert "1 record with 1 alert of 1 incident. Nothing was sent." in result.stdout
    assert run("send", file(tmp_path, "odd.json", ODD), "--dry-run").exit_code == 1


def test_the_formats_of_the_installation_are_known(tmp_path: Path) -> None:
    odd = file(tmp_path, "odd.json", ODD)
    assert run("send", odd).exit_code == 1
    broken = {**MAPPING, "name": "broken", "match": "("}
    client("dynamodb").put_item(
        TableName="secops",
        Item={"pk": {"S": "config"}, "sk": {"S": "formats"}, "mappings": {"S": json.dumps([broken, MAPPING])}},
    )

    assert run("send", odd, "--dry-run", "-i", "secops").exit_code == 0
    assert on_the_stream() == []
    assert run("send", odd).exit_code == 0
    assert json.loads(on_the_stream()[0][1]) == ODD


def test_a_format_file_sends_native_alerts_with_the_original_event_id(tmp_path: Path) -> None:
    event = {"id": "7", "detail-type": "door", "detail": ODD}

    result = run("send", file(tmp_path, "odd.json", event), "--format", file(tmp_path, "format.json", MAPPING))

    assert result.exit_code == 0, result.output
    ((_, data),) = on_the_stream()
    (read,), rejects = parse_record(data)
    assert rejects == []
    assert (read.event_id, read.alert.detector, read.alert.alert_key) == ("7", "door", "alice")
    assert read.alert.body == ODD


def test_a_dry_run_shows_alerts_and_expressions_without_a_match(tmp_path: Path) -> None:
    mapping = {
        **MAPPING,
        "description": "join(nothing, who)",
        "severity": "high",
        "attributes": [
            {"type": "username", "key": "who", "value": "who", "context": ["subject"]},
            {"type": "ipaddr", "key": "where", "value": "[who, door.address]"},
            {"type": "url", "value": "link"},
        ],
    }
    odd, form = file(tmp_path, "odd.json", ODD), file(tmp_path, "format.json", mapping)

    result = run("send", odd, "--dry-run", "--format", form)
    (found,) = answer("send", odd, "--dry-run", "--format", form)

    (alert,) = found["alerts"]
    assert [(each["type"], each["value"], each["valid"]) for each in alert["found"]] == [
        ("username", "alice", True),
        ("ipaddr", "alice", False),
    ]
    assert alert["unfound"] == [
        ["description", "join(nothing, who)"],
        ["severity", "high"],
        ["attributes[2].value", "link"],
    ]
    for said in ("alice  (who, subject)", "alice  (where; does not fit its type)", "no match for severity"):
        assert said in result.stdout


def test_a_dry_run_shows_only_the_first_alerts(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text("\n".join(json.dumps(ALERT | {"alert_key": f"k{number}"}) for number in range(12)))

    result = run("send", many, "--dry-run")

    assert result.stdout.count("  value") == 10
    assert "2 more alerts not shown: use --json to show all." in result.stdout


def test_an_event_that_matches_no_format_is_reported_with_the_expressions(tmp_path: Path) -> None:
    form = file(tmp_path, "format.json", {**MAPPING, "match": "doors"})

    result = run("send", file(tmp_path, "odd.json", ODD), "--dry-run", "--format", form)

    assert result.exit_code == 1
    said = " ".join(result.stdout.replace("│", " ").split())
    assert "no format in the file matches (door: doors); first fields: " in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "contains no format"),
        ('{"name": "x"}', "match of format 0 is required; detector of format 0 is required"),
        (json.dumps({**MAPPING, "match": "("}), "match: invalid JMESPath: incomplete expression, in '('"),
        (json.dumps({**MAPPING, "rule_id": "upper(a)"}), "rule_id: unknown function upper; the functions are abs, "),
        (
            json.dumps({**MAPPING, "detectr": "a", "attributes": [{"type": "x", "value": "a", "kee": "b"}]}),
            "unknown fields: detectr, attributes.kee. Known fields: name, match, events, detector, ",
        ),
        (json.dumps({**MAPPING, "name": "X Y"}), "name of format 0 must be lower-case letters, digits and single"),
        (json.dumps({**MAPPING, "rule_id": 7}), "rule_id of format 0 must be a string, got 7"),
        (
            json.dumps([MAPPING, {**MAPPING, "attributes": [{"type": "IP", "value": ""}]}]),
            "attributes[0].type of format 1 must be a word of at most 32 lower-case letters",
        ),
        ("[1]", "format 0 must be an object, got 1"),
        (json.dumps({**MAPPING, "match": "\ud800"}), "match of format 0 must be a string, unable"),
        (json.dumps({**MAPPING, "match": "(" * 490}), "match: invalid JMESPath: nested too deep, in '((((("),
        (json.dumps({**MAPPING, "rule_id": "what[::0]"}), "rule_id: the step of a slice must not be 0, in 'what[::0]'"),
    ],
)
def test_an_invalid_format_file_is_an_error(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text(content)

    result = run("send", file(tmp_path, "odd.json", ODD), "--dry-run", "--format", tmp_path / "format.json")

    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-file.json"], "cannot be read"),
        (["pyproject.toml", "--format", "no-such-file"], "cannot be read"),
        (["pyproject.toml", "--partition-key", ""], "1 to 256"),
    ],
)
def test_an_invalid_command_is_an_error(arguments: list[str], said: str) -> None:
    result = run("send", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


LINES = "\n".join(json.dumps({**ALERT, "alert_key": key}) for key in ("alice", "bob")) + "\n"


@pytest.mark.parametrize(
    ("given", "alerts", "names"),
    [
        (json.dumps(ALERT), 1, ["standard input"]),
        (json.dumps(ALERT, indent=2), 1, ["standard input"]),
        (json.dumps([ALERT, ALERT]), 2, ["standard input"]),
        (LINES, 2, ["standard input:1", "standard input:2"]),
        ("\n" + LINES.replace("\n", "\r\n\r\n"), 2, ["standard input:2", "standard input:4"]),
    ],
)
def test_standard_input_is_one_record_or_one_per_line(given: str, alerts: int, names: list[str]) -> None:
    result = run("send", "-", input=given)

    assert result.exit_code == 0, result.output
    assert f"{len(names)} record{'s' * (len(names) > 1)} with {alerts} alert" in result.stdout
    assert [name for name in names if name not in result.stdout] == []
    assert len(on_the_stream()) == len(names)


def test_standard_input_goes_with_files_in_the_order_given(tmp_path: Path) -> None:
    many = file(tmp_path, "many.jsonl", ALERT, ALERT)

    found = json.loads(run("send", many, "-", "--dry-run", "--json", input=json.dumps(ALERT)).stdout)

    assert [(record["file"], record["line"]) for record in found] == [(str(many), 1), (str(many), 2), ("-", None)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        # A wrong line is named, and does not make one record of the others.
        (LINES + '{"detector": ', ["standard input:3", "Nothing was sent: 1 of 3 records is not an alert."]),
        # What does not begin with a document is not lines of documents.
        ('{"detector": \n' + LINES, ["standard input", "Nothing was sent: 1 of 1 record is not an alert."]),
        ("a log line\nanother\n", ["the record is not JSON", "Nothing was sent: 1 of 1 record is not an alert."]),
    ],
)
def test_problems_in_standard_input_are_reported(given: str, said: list[str]) -> None:
    result = run("send", "-", input=given)

    assert result.exit_code == 1
    assert [words for words in said if words not in result.output] == []
    assert on_the_stream() == []


@pytest.mark.parametrize(
    ("files", "said"), [(["-"], "Standard input is empty"), (["-", "-"], "can be given only once")]
)
def test_standard_input_without_records_is_an_error(files: list[str], said: str) -> None:
    result = run("send", *files, input=" \n\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_standard_input_that_is_closed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(CommandError, match="Standard input is closed"):
        list(records_of_file(STANDARD_INPUT))


MISSPELT: dict[str, Any] = {
    **ALERT,
    "severty": "high",
    "\x1b[2J": 1,
    "attributes": [{"type": "ipadr", "value": "198.51.100.7", "kye": "a"}, {"type": "hostname", "value": "h"}],
    "source": {"product": "vpn", "regoin": "eu-west-1"},
}


def test_a_dry_run_lists_ignored_fields_with_suggestions(tmp_path: Path) -> None:
    many = file(tmp_path, "many.jsonl", ALERT, MISSPELT, {"detail-type": "x", "detail": MISSPELT})

    result = run("send", many, "--dry-run")
    found = answer("send", many, "--dry-run")

    assert result.exit_code == 0, result.output
    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for row in (
        f"severty severity 2 alerts {many}:2",
        f"\\x1b[2J 2 alerts {many}:2",
        f"attributes[].kye key 2 alerts {many}:2",
        f"source.regoin region 2 alerts {many}:2",
    ):
        assert row in rows, row
    unread = [[each["field"] for each in record["alerts"][0]["unread"]] for record in found]
    assert unread == [[], *[["severty", "\x1b[2J", "attributes[0].kye", "source.regoin"]] * 2]
    assert "not read" not in run("send", file(tmp_path, "one.json", ALERT), "--dry-run").stdout


PHISHING: dict[str, Any] = {
    "detector": "mail",
    "rule_id": "link",
    "status": "closed",
    "attributes": [
        {"type": "url", "key": "link", "value": "https://login.example.net/reset", "context": ["remote"]},
        {"type": "email", "key": "sender", "value": "help@mail.acme.com", "context": ["subject"]},
        {"type": "ipaddr", "key": "relay", "value": "10.1.2.3", "context": ["client"]},
        {"type": "ipaddr", "value": "10.0.0"},
        {"type": "domain", "value": "LOGIN.example.net", "context": ["server"]},
        {"type": "domain", "value": "lambda.amazonaws.com"},
    ],
}


def test_a_dry_run_shows_status_sides_and_derived_attributes(tmp_path: Path) -> None:
    mail = file(tmp_path, "mail.json", PHISHING)

    result = run("send", mail, "--dry-run")
    (found,) = answer("send", mail, "--dry-run")

    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for row in (
        "status resolved",
        "url https://login.example.net/reset (link, remote)",
        "email help@mail.acme.com (sender, subject; side remote)",
        "ipaddr 10.1.2.3 (relay, client; side local)",
        "ipaddr 10.0.0 (does not fit its type)",
        "domain LOGIN.example.net (server; side remote)",
        "domain lambda.amazonaws.com",
        "domain mail.acme.com (domain of sender; side remote; derived)",
    ):
        assert row in rows, row
    (alert,) = found["alerts"]
    assert (alert["status"], alert["attributes"], len(alert["found"])) == ("resolved", 6, 7)
    shown = {each["value"]: each for each in alert["found"]}
    assert shown["10.1.2.3"]["context"] == ["client", "local"]
    assert (shown["10.1.2.3"]["side"], shown["10.1.2.3"]["side_is_derived"]) == ("local", True)
    assert shown["mail.acme.com"]["derived_from"] == "help@mail.acme.com"
    assert shown["LOGIN.example.net"]["derived_from"] is None
    assert shown["lambda.amazonaws.com"]["side"] is None


def test_a_dry_run_for_an_installation_uses_its_networks_and_domains(tmp_path: Path) -> None:
    item = {
        "pk": {"S": "config"},
        "sk": {"S": "settings"},
        "version": {"N": "1"},
        "internal_domains": {"L": [{"S": "acme.com"}]},
    }
    client("dynamodb").put_item(TableName="secops", Item=item)
    mail = file(tmp_path, "mail.json", PHISHING)

    def side(*options: str) -> str:
        (found,) = answer("send", mail, "--dry-run", *options)
        return str(next(each["side"] for each in found["alerts"][0]["found"] if each["value"] == "mail.acme.com"))

    assert (side(), side("--installation", "secops")) == ("remote", "local")


def test_a_dry_run_warns_about_unknown_types(tmp_path: Path) -> None:
    result = run("send", file(tmp_path, "odd.json", MISSPELT), "--dry-run")
    (found,) = answer("send", tmp_path / "odd.json", "--dry-run")

    assert "198.51.100.7  (a" not in result.stdout
    assert "198.51.100.7  (unknown type)" in result.stdout
    assert "The attribute type ipadr is unknown. Did you mean ipaddr?" in result.stderr
    assert [(each["type"], each["known"]) for each in found["alerts"][0]["found"]] == [
        ("ipadr", False),
        ("hostname", True),
    ]


def test_a_record_rejected_for_a_misspelt_field_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    odd = file(tmp_path, "odd.json", {"detector": "vpn", "ruel_id": "r", "alert_key": "k"})

    result = run("send", odd, "--dry-run")

    assert result.exit_code == 1
    assert "rule_id is required; ignored fields: ruel_id (did you mean rule_id?)" in result.stdout


def test_at_most_100_ignored_fields_of_an_alert_are_listed(tmp_path: Path) -> None:
    hostile = ALERT | {f"field{number}": 1 for number in range(5_000)}

    (found,) = answer("send", file(tmp_path, "odd.json", hostile), "--dry-run")

    assert len(found["alerts"][0]["unread"]) == 100


def test_an_empty_file_has_no_record(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n\n")

    assert "contain no record" in run("send", tmp_path / "empty.jsonl").stderr


class Stream(Any):  # type: ignore[misc]  # stands for any client
    """Takes records, but turns the first ones of each of its bad requests away."""

    def __new__(cls, *_: Any, **__: Any) -> "Stream":
        return object.__new__(cls)

    def __init__(self, *turned_away: int, error: ClientError | None = None) -> None:
        self._turned_away, self._error = list(turned_away), error
        self.requests: list[list[bytes]] = []
        self.taken: list[bytes] = []

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self._error and self.requests:
            raise self._error
        data = [record["Data"] for record in Records]
        self.requests.append(data)
        bad = self._turned_away.pop(0) if self._turned_away else 0
        self.taken += data[bad:]
        good = [{"ShardId": "s", "SequenceNumber": each.decode()} for each in data[bad:]]
        return {
            "FailedRecordCount": bad,
            "Records": [{"ErrorCode": "ProvisionedThroughputExceededException"}] * bad + good,
        }


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_only_rejected_records_are_sent_again() -> None:
    stream, waits = Stream(2, 1), list[float]()

    placed = put(stream, "s", numbered(3), wait=waits.append)

    assert stream.requests == [[b"0", b"1", b"2"], [b"0", b"1"], [b"0"]]
    assert placed == ["s:0", "s:1", "s:2"]
    assert len(waits) == 2


def test_requests_respect_the_limits_of_the_stream() -> None:
    stream = Stream()
    put(stream, "s", numbered(1201))
    assert [len(request) for request in stream.requests] == [500, 500, 201]

    stream = Stream()
    large = [str(number).encode().zfill(MAX_BYTES // 2) for number in range(3)]
    put(stream, "s", large)
    assert [len(request) for request in stream.requests] == [1, 1, 1]


def test_the_error_after_all_tries_says_how_many_records_were_sent() -> None:
    with pytest.raises(CommandError, match=f"1 record {TRIES} times. 1 of 2 records is on the stream"):
        put(Stream(*[1] * TRIES), "s", numbered(2), wait=lambda _: None)
    denied = ClientError(
        {
            "Error": {
                "Code": "AccessDeniedException",
                "Message": "is not authorized to perform: kinesis:PutRecords on resource: arn:x because",
            }
        },
        "PutRecords",
    )
    with pytest.raises(CommandError, match=r"kinesis:PutRecords on arn:x is missing. 500 of 501 records are on"):
        put(Stream(error=denied), "s", numbered(501))

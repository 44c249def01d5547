"""The inspector `history` on moto's DynamoDB: items written by Review, and read by lookups."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.inspection import AlertSummary, InspectionTask
from alert_responder.domain.attributes import identity
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.records import Meta
from alert_responder.store.reports import ReportStore, Retention
from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.history import handler, table
from alert_responder_plugins.history.table import HistoryTable

NOW = 1_800_000_000
ADDRESS = Attribute(type="ipaddr", value="198.51.100.7", context=("remote",))
ALERT = AlertSummary(
    detector="vpn",
    rule_id="r",
    rule_name="r",
    alert_key="k",
    description="",
    timestamp=None,
    severity=None,
    attributes=(),
)


def report_id(number: int) -> str:
    return ulid(1_790_000_000_000 + number * 60_000, number.to_bytes(10, "big"))


def meta(number: int, severity: str = "safe") -> Meta:
    return Meta(
        report_id=report_id(number),
        alert_id="a",
        title="Login from a new address",
        detector="vpn",
        rule_id="new-address",
        created_at=f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
        updated_at="2026-01-02T00:00:00.000Z",
        severity=severity,
        reason="",
        alert_count=1,
        round=1,
    )


def task(attribute: Attribute = ADDRESS, asking: int = 0) -> InspectionTask:
    return InspectionTask(
        report_id=report_id(asking),
        task_id=f"history/{identity(attribute)}",
        inspector="history",
        attribute=attribute,
        alert=ALERT,
        depth=0,
    )


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client("dynamodb")
        made.create_table(
            TableName="secops",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield made


@pytest.fixture
def store(client: Any) -> ReportStore:
    return ReportStore(DynamoDBTable(client, "secops"), Retention(30))


def test_lookup_returns_what_review_wrote(client: Any, store: ReportStore) -> None:
    for number, severity in ((1, "urgent"), (2, "safe"), (3, "safe")):
        store.remember_attributes(meta(number, severity), [identity(ADDRESS), "another"], NOW + 1)
    answered = handler.look_up(task(asking=3), HistoryTable(client, "secops", 100), NOW)

    assert answered is not None
    [content] = answered.contents
    assert content.type == "note"
    assert content.text.startswith("In 2 other reports: 1 urgent, 1 safe.")
    assert [each["report_id"] for each in content.data["newest"]] == [report_id(2), report_id(1)]
    assert {each["rule_id"] for each in content.data["newest"]} == {"new-address"}


def test_another_spelling_of_the_attribute_is_found(client: Any, store: ReportStore) -> None:
    store.remember_attributes(meta(1), [identity(ADDRESS)], NOW + 1)
    mapped = Attribute(type="ipaddr", value="::ffff:198.51.100.7")

    assert handler.look_up(task(mapped), HistoryTable(client, "secops", 100), NOW) is not None


def test_another_attribute_is_not_found(client: Any, store: ReportStore) -> None:
    store.remember_attributes(meta(1), [identity(ADDRESS)], NOW + 1)
    other = Attribute(type="ipaddr", value="198.51.100.8")

    assert handler.look_up(task(other), HistoryTable(client, "secops", 100), NOW) is None


def test_severities_of_all_reports_are_counted(
    client: Any, store: ReportStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_PAGE_SIZE", 20)
    for number in range(1, 91):
        store.remember_attributes(meta(number, "urgent" if number == 45 else "safe"), [identity(ADDRESS)], NOW + 1)
    answered = handler.look_up(task(), HistoryTable(client, "secops", 5_000), NOW)

    assert answered is not None
    [content] = answered.contents
    assert content.type == "note"
    assert content.data["severities"] == {"urgent": 1, "safe": 89}
    assert (content.data["more_reports"], content.data["first_is_exact"]) == (False, True)


@pytest.mark.parametrize("stored", [60, 120])
def test_lookup_reads_at_most_its_limit(client: Any, store: ReportStore, stored: int) -> None:
    for number in range(1, stored + 1):
        store.remember_attributes(meta(number), [identity(ADDRESS)], NOW + 1)
    found: Counter[str] = Counter()

    def count(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        found[model.name] += 1
        found["items"] += parsed["ScannedCount"]

    client.meta.events.register("after-call.dynamodb", count)
    answered = handler.look_up(task(), HistoryTable(client, "secops", 20), NOW)

    assert found == {"Query": 2, "items": 40}
    assert answered is not None
    [content] = answered.contents
    assert content.type == "note"
    assert content.data["reports"] == 40
    assert content.data["more_reports"] is True
    assert content.data["first_opened_at"] == meta(1).created_at
    assert content.data["last_opened_at"] == meta(stored).created_at


class Refusing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def query(self, **_: Any) -> Any:
        raise self._error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret words"}}, "Query")


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_throttled_query_is_throttled(code: str) -> None:
    answered = handler.look_up(task(), HistoryTable(cast(Any, Refusing(refusal(code))), "secops", 20), NOW)

    assert answered is not None
    assert answered.throttled == "DynamoDB throttled the query."


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (refusal("AccessDeniedException"), SettingsFaultError, "The role lacks the permission dynamodb:Query"),
        (refusal("ResourceNotFoundException"), ReceiverFailedError, "DynamoDB rejected the query: ResourceNotFound"),
        (ConnectTimeoutError(endpoint_url="secret words"), ReceiverFailedError, "did not answer: ConnectTimeoutError"),
    ],
)
def test_other_errors_contain_no_text_of_aws(error: Exception, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as raised:
        handler.look_up(task(), HistoryTable(cast(Any, Refusing(error)), "secops", 20), NOW)

    assert "secret words" not in str(raised.value)


def test_handler_returns_json(client: Any, store: ReportStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.remember_attributes(meta(1), [identity(ADDRESS)], 10_000_000_000)
    monkeypatch.setenv("TABLE_NAME", "secops")
    monkeypatch.setenv("MAX_REPORTS", "100")
    handler._table.cache_clear()
    answered = handler.handler(task().model_dump(mode="json"), None)

    assert answered is not None
    assert answered["contents"][0]["type"] == "note"
    assert answered["contents"][0]["data"]["reports"] == 1


def test_invalid_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME", raising=False)
    monkeypatch.setenv("MAX_REPORTS", "9")
    handler._table.cache_clear()
    with pytest.raises(SettingsFaultError, match=r"TABLE_NAME.*MAX_REPORTS"):
        handler.handler(task().model_dump(mode="json"), None)

"""What each function builds from its environment, without calling AWS."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from alert_responder.bootstrap import common, coordinator, plugin_caller, receptor, runner
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.lookup_plan import Limits
from alert_responder.errors import DependencyError, SettingsError
from alert_responder.formats import parse_record
from alert_responder.formats.registry import CODED_FORMATS
from alert_responder.store import keys
from alert_responder.store.registry import read_mappings
from alert_responder.store.reports import Retention
from alert_responder.store.table import Key, Put
from tests.fakes.memory import MemoryTable
from tests.fakes.reports import a_report

ENVIRONMENT = {
    "AGGREGATION_WINDOW_SECONDS": "600",
    "MAX_NEW_REPORTS_PER_DETECTOR": "70",
    "MAX_NEW_REPORTS_PER_INSTALLATION": "none",
    "ARCHIVE_BUCKET": "bucket",
    "ARCHIVE_CONSOLE_URL": "https://console.example/bucket?prefix=",
    "INSPECTION_TIMEOUT_SECONDS": "90",
    "INSTALLATION": "name",
    "MAX_INSPECTIONS_PER_REPORT": "20",
    "MAX_INSPECTION_DEPTH": "1",
    "REPORT_LINK_TYPE": "console",
    "REPORT_RETENTION_DAYS": "30",
    "TABLE_NAME": "table",
    "WORKFLOW_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:name",
}
BUILDERS: tuple[Callable[[], object], ...] = (
    receptor.receptor,
    receptor.archive,
    coordinator.planner,
    coordinator.reviewer,
    coordinator.closer,
    coordinator.sweeper,
    runner.inspection,
    runner.deliverer,
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for module in (plugin_caller, common, coordinator, receptor, runner):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def test_settings_are_passed_to_the_parts_that_use_them() -> None:
    receiver, _ = receptor.receptor()
    assert receiver._window_ms == 600_000
    assert receiver.admission._limits == AdmissionLimits(per_detector=70, per_installation=None)
    planner, reviewer, inspection = coordinator.planner(), coordinator.reviewer(), runner.inspection()
    assert planner.limits == reviewer.limits == Limits(1, 20)
    assert (planner.inspection_timeout_ms, inspection.timeout_ms) == (90_000, 90_000)
    assert planner.store.retention == coordinator.closer().store.retention == Retention(30)


def test_concurrent_receptors_rarely_count_new_reports_on_the_same_item() -> None:
    receiver, _ = receptor.receptor()
    assert len({receiver.admission.counters("edr", 0) for _ in range(200)}) == 8


def test_plug_in_calls_have_their_full_time_and_no_retry_by_botocore() -> None:
    """Otherwise the runner would not know whether a plug-in ran."""
    config = runner.inspection().plugins._client.meta.config  # type: ignore[attr-defined]
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout > 90
    own = coordinator.sweeper().workflow._client.meta.config  # type: ignore[attr-defined]
    assert own.retries["total_max_attempts"] > 1


class _Throttled:
    """The answer of a throttled DynamoDB, as botocore reads it from a connection."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'


def test_a_throttled_table_is_retried_after_milliseconds_and_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    client: Any = common.client("dynamodb")
    client.meta.events.register(
        "before-send.dynamodb", lambda request, **_: AWSResponse(request.url, 400, HTTPHeaders(), _Throttled())
    )
    with pytest.raises(DependencyError, match="ProvisionedThroughputExceeded"):
        common.table("table").get(Key("report/1", "head"))
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.parametrize("build", BUILDERS)
def test_each_function_is_built_once_in_a_container_and_requires_its_settings(
    build: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build() is build()
    _forget()
    monkeypatch.delenv("TABLE_NAME")
    monkeypatch.setenv("REPORT_RETENTION_DAYS", "0")
    with pytest.raises(SettingsError, match=r"TABLE_NAME is required; REPORT_RETENTION_DAYS must"):
        build()


def test_generated_ids_are_unique_and_valid() -> None:
    first, second = receptor.new_report_id(common.now()), receptor.new_report_id(common.now())
    assert first != second
    assert (len(first), len(common.new_token())) == (26, 32)


def test_waits_between_retries_of_an_emitter_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    wait = runner.deliverer().wait
    for attempt in range(5):
        wait(attempt)
    assert all(0 <= seconds <= 8 for seconds in slept)
    assert len(slept) == 5


def test_custom_formats_are_read_from_the_table_without_invalid_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapping = {"name": "edr", "match": "threat", "detector": "'edr'", "rule_id": "threat"}
    stored = MemoryTable()
    stored.write(Put(keys.formats(), {"mappings": json.dumps([mapping, mapping | {"name": "wrong", "match": "a ||"}])}))
    monkeypatch.setattr(receptor, "table", lambda _: stored)
    assert tuple(receptor.formats()[0])[: len(CODED_FORMATS)] == CODED_FORMATS

    _forget()
    monkeypatch.setenv("FORMATS", "a version")
    formats, faults = receptor.formats()

    ((parsed,), _) = parse_record(b'{"threat": "x"}', formats)
    assert parsed.alert.detector == "edr"
    assert [fault.partition(": ")[0] for fault in faults] == ["format wrong"]


def test_formats_of_an_earlier_version_call_the_list_of_events_each() -> None:
    stored, old = MemoryTable(), {"name": "edr", "match": "a", "detector": "a", "rule_id": "a", "each": "a"}
    stored.write(Put(keys.formats(), {"mappings": json.dumps([old])}))

    assert [mapping.events for mapping in read_mappings(stored) or ()] == ["a"]


def test_no_record_is_parsed_if_the_custom_formats_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receptor, "table", lambda _: MemoryTable())
    monkeypatch.setenv("FORMATS", "a version")

    with pytest.raises(DependencyError, match="config/formats"):
        receptor.formats()


def test_a_runner_sleeps_until_its_slot_and_pauses_before_it_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    limiter = runner.inspection().rate_limiter
    limiter.sleep(1_500)
    for attempt in range(20):
        limiter.pause(attempt)
    assert slept[0] == 1.5
    assert all(0 <= seconds <= 1 for seconds in slept[1:])
    assert len(slept) == 21


@pytest.mark.parametrize(
    ("links", "begins"),
    [
        ("console", "https://console.example/bucket?prefix=reports/r/000001.html"),
        ("presigned", "https://bucket.s3."),
        ("none", ""),
    ],
)
def test_links_to_pages_have_the_configured_type(links: str, begins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_LINK_TYPE", links)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = runner.deliverer().link("reports/r/000001.html")
    assert (link or "").startswith(begins)
    assert (link is None) == (links == "none")


def test_the_coordinator_makes_pages() -> None:
    page = coordinator.reviewer().publisher.archive.print_page(a_report(), [0], (), "reports/r/000001.json")
    assert b"Login from a new address" in page
    assert b"reports/r/000001.json" in page


def test_connections_to_plugins_are_probed_before_a_network_forgets_them() -> None:
    """Paths such as NAT gateways forget a connection after 350 s without packets; inspectors may take 840 s."""
    session = plugin_caller.plugins(10)._client._endpoint.http_session  # type: ignore[attr-defined]
    options = {
        option[1]: option[2]
        for option in session._manager.connection_from_url("https://aws.test").conn_kw["socket_options"]
    }
    assert options[socket.SO_KEEPALIVE] == 1
    assert options[socket.TCP_KEEPIDLE] <= 300

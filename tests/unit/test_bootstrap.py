"""What each function builds from its environment, without any call."""

import json
from collections.abc import Callable, Iterator

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
    "REPORT_LINKS": "console",
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
    runner.delivering,
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


def test_settings_reach_what_they_are_for() -> None:
    receiver, _ = receptor.receptor()
    assert receiver._window_ms == 600_000
    assert receiver.admission._limits == AdmissionLimits(per_detector=70, per_installation=None)
    planner, reviewer, inspection = coordinator.planner(), coordinator.reviewer(), runner.inspection()
    assert planner.limits == reviewer.limits == Limits(1, 20)
    assert (planner.inspection_timeout_ms, inspection.timeout_ms) == (90_000, 90_000)
    assert planner.store.retention == coordinator.closer().store.retention == Retention(30)


def test_receptors_that_count_new_reports_at_once_seldom_meet() -> None:
    receiver, _ = receptor.receptor()
    assert len({receiver.admission.counters("edr", 0) for _ in range(200)}) == 8


def test_plug_ins_are_waited_for_and_never_called_twice() -> None:
    """Whether a plug-in ran must stay known: no retry below ours, and no answer cut off before its time."""
    config = runner.inspection().plugins._client.meta.config  # type: ignore[attr-defined]
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout > 90
    own = coordinator.sweeper().workflow._client.meta.config  # type: ignore[attr-defined]
    assert own.retries["total_max_attempts"] > 1


class _Throttled:
    """What DynamoDB answers when it is asked too much, as botocore reads it from a connection."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'


def test_a_throttled_table_is_asked_again_after_milliseconds_and_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    client = common.client("dynamodb")
    client.meta.events.register(
        "before-send.dynamodb", lambda request, **_: AWSResponse(request.url, 400, HTTPHeaders(), _Throttled())
    )
    with pytest.raises(DependencyError, match="ProvisionedThroughputExceeded"):
        common.table("table").get(Key("report/1", "head"))
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.parametrize("build", BUILDERS)
def test_each_is_built_once_a_container_and_not_without_its_settings(
    build: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build() is build()
    _forget()
    monkeypatch.delenv("TABLE_NAME")
    monkeypatch.setenv("REPORT_RETENTION_DAYS", "0")
    with pytest.raises(SettingsError, match=r"TABLE_NAME is required; REPORT_RETENTION_DAYS must"):
        build()


def test_names_made_are_new_and_fit_their_use() -> None:
    first, second = receptor.new_report_id(common.now()), receptor.new_report_id(common.now())
    assert first != second
    assert (len(first), len(common.new_token())) == (26, 32)


def test_waits_between_tries_of_an_emitter_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    wait = runner.delivering().wait
    for attempt in range(5):
        wait(attempt)
    assert all(0 <= seconds <= 8 for seconds in slept)
    assert len(slept) == 5


def test_formats_of_ones_own_are_read_from_the_table_and_one_that_is_wrong_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapping = {"name": "edr", "match": "threat", "detector": "'edr'", "rule_id": "threat"}
    stored = MemoryTable()
    stored.write(Put(keys.formats(), {"mappings": json.dumps([mapping, mapping | {"name": "wrong", "match": "a ||"}])}))
    monkeypatch.setattr(receptor, "table", lambda _: stored)
    assert tuple(receptor.formats()[0])[: len(CODED_FORMATS)] == CODED_FORMATS

    _forget()
    monkeypatch.setenv("FORMATS", "a version")
    made, faults = receptor.formats()

    ((parsed,), _) = parse_record(b'{"threat": "x"}', made)
    assert parsed.alert.detector == "edr"
    assert [fault.partition(": ")[0] for fault in faults] == ["format wrong"]


def test_without_the_formats_that_there_are_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receptor, "table", lambda _: MemoryTable())
    monkeypatch.setenv("FORMATS", "a version")

    with pytest.raises(DependencyError, match="config/formats"):
        receptor.formats()


def test_a_runner_sleeps_until_a_turn_and_pauses_shortly_before_it_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    turns = runner.inspection().turns
    turns.sleep(1_500)
    for attempt in range(20):
        turns.pause(attempt)
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
def test_pages_have_the_address_that_is_chosen(links: str, begins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_LINKS", links)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = runner.delivering().link("reports/r/000001.html")
    assert (link or "").startswith(begins)
    assert (link is None) == (links == "none")


def test_the_coordinator_makes_pages() -> None:
    page = coordinator.reviewer().publishing.archiving.print_page(a_report(), [0], (), "reports/r/000001.json")
    assert b"Login from a new address" in page
    assert b"reports/r/000001.json" in page

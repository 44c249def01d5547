"""Buckets, whose public access is blocked, and functions, which are stopped: contained and released exactly."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder.adapters.aws_errors import error_code
from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder.store import keys
from alert_responder.store.table import Key, Put
from alert_responder_plugins.quarantine.own_functions import CORE, with_own_functions
from alert_responder_plugins.quarantine.proposals import plan
from tests.fakes.memory import Crash, MemoryTable
from tests.fakes.quarantine import ACCOUNT, REGION, World, attribute, report, settings
from tests.unit.plugins.quarantine.test_crashes import Dying, striking, undo

BUCKETS: dict[str, dict[str, bool] | None] = {
    "website": None,
    "open": dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False),
    "partly": {"BlockPublicAcls": True, "IgnorePublicAcls": True},
}
FUNCTIONS = {"batch": None, "nightly": 7}
PREFIX = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
BLOCKED, STOPPED = [True] * 4, 0


class Things(World):
    """A world with the buckets and functions."""

    def __init__(self) -> None:
        super().__init__(MAX_ACTIONS_PER_HOUR="100")
        made = [self.make_bucket(block, name) for name, block in BUCKETS.items()]
        made += [self.make_function(reserved, name) for name, reserved in FUNCTIONS.items()]
        self.report: Report = report(*made)

    def values(self) -> dict[str, Any]:
        """Return the block of each bucket and the reserved concurrency of each function; None without."""
        found: dict[str, Any] = {}
        for name in BUCKETS:
            try:
                block = self.client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
                found[name] = [value for _, value in sorted(block.items())]
            except ClientError as error:
                missing = error_code(error) == "NoSuchPublicAccessBlockConfiguration"
                found[name] = None if missing else "unknown"
        for name in FUNCTIONS:
            answer = self.client("lambda").get_function_concurrency(FunctionName=name)
            found[name] = answer.get("ReservedConcurrentExecutions")
        return found

    def propose(self, *attributes: ReportedAttribute, **changed: Any) -> dict[str, Any]:
        """Propose the targets of a report, and return the entries by id."""
        told = report(*attributes) if attributes else self.report
        return {each.id: each for each in self.quarantine(**changed).containment.propose(told).entries}


CONTAINED = {**dict.fromkeys(BUCKETS, BLOCKED), **dict.fromkeys(FUNCTIONS, STOPPED)}


@pytest.fixture(scope="module")
def shared() -> Iterator[Things]:
    with mock_aws():
        yield Things()


@pytest.fixture
def things(shared: Things) -> Iterator[Things]:
    """Buckets and functions, which are as before at the end."""
    shared.table = MemoryTable()
    before = shared.values()
    yield shared
    shared.release_all(force=True)
    assert shared.values() == before


def test_targets_are_contained_and_released_exactly(things: Things) -> None:
    before = things.values()
    assert before["website"] is None
    assert before["batch"] is None
    assert {entry.state for entry in things.propose().values()} == {"contained"}
    assert things.values() == CONTAINED

    assert set(things.release_all().values()) == {"released"}
    assert things.values() == before
    assert set(things.release_all().values()) == {"released"}


def test_dry_run_and_limits_change_nothing(things: Things) -> None:
    before = things.values()
    entries = things.propose(DRY_RUN="true")
    assert {entry.state for entry in entries.values()} == {"planned"}
    assert entries["bucket/website"].parts[0].before is None
    assert entries["function/nightly"].parts[0].before == 7
    assert things.values() == before


def test_targets_that_are_already_so_are_not_changed(things: Things) -> None:
    things.client("s3").put_public_access_block(
        Bucket="website", PublicAccessBlockConfiguration=dict.fromkeys(BUCKETS["open"] or (), True)
    )
    things.client("lambda").put_function_concurrency(FunctionName="batch", ReservedConcurrentExecutions=0)
    try:
        entries = things.propose()
        for id_ in ("bucket/website", "function/batch"):
            assert (entries[id_].state, entries[id_].refusal) == ("refused", "There is nothing to change.")
    finally:
        things.client("s3").delete_public_access_block(Bucket="website")
        things.client("lambda").delete_function_concurrency(FunctionName="batch")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["contain", "release"])
def test_every_interrupted_call_is_resumed_and_undone_exactly(things: Things, step: str, after: bool) -> None:
    before = things.values()
    told = report(*(each for each in things.report.attributes if each.value.endswith((":::website", "nightly:live"))))
    number, struck = 0, True
    while struck:
        number += 1
        things.table = MemoryTable()
        faults = Dying(number, after=after)
        if step == "release":
            things.propose(*told.attributes)
        with contextlib.suppress(Crash):
            if step == "contain":
                things.quarantine(striking(faults)).containment.propose(told)
            else:
                undo(things.quarantine(striking(faults)))
        struck = faults.struck
        things.clock.hours(0.1)
        things.propose(*told.attributes)
        things.quarantine().housekeeping.run()
        if step == "contain":
            assert set(things.states().values()) == {"contained"}
            assert things.values() == before | {"website": BLOCKED, "nightly": STOPPED}
        assert set(things.release_all().values()) == {"released"}
        assert things.values() == before
        things.clock.hours(1.1)
    assert number > 4


def test_containments_that_others_undid_are_noticed_and_repeated(things: Things) -> None:
    things.propose()
    things.client("s3").delete_public_access_block(Bucket="website")
    things.client("lambda").put_function_concurrency(FunctionName="nightly", ReservedConcurrentExecutions=3)
    things.clock.hours(0.1)
    assert things.quarantine().housekeeping.run().undone == 2
    assert "arn:aws:s3:::website" in str(things.entry("bucket/website").refusal)
    assert things.entry("function/nightly").state == "undone"

    again: dict[str, Any] = {"REAPPLY": "true"}
    things.clock.hours(0.1)
    assert things.quarantine(**again).housekeeping.run().undone == 2
    assert things.values() == CONTAINED


def test_changes_of_others_are_kept_and_named_unless_forced(things: Things) -> None:
    things.propose()
    things.client("lambda").put_function_concurrency(FunctionName="nightly", ReservedConcurrentExecutions=3)
    assert things.release_all()["function/nightly"] == "conflict"
    assert things.values()["nightly"] == 3
    assert things.release_all(force=True)["function/nightly"] == "released"
    assert things.values()["nightly"] == 7


def test_release_waits_until_concurrency_is_left(things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    things.propose()
    client = things.client("lambda")

    def refused(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InvalidParameterValueException"}}, "PutFunctionConcurrency")

    with monkeypatch.context() as patch:
        patch.setattr(client, "put_function_concurrency", refused)
        states = [things.release_all()["function/nightly"] for _ in range(3)]
    assert states == ["releasing", "releasing", "conflict"]
    assert "other functions may have reserved the concurrency meanwhile" in str(
        things.entry("function/nightly").refusal
    )
    assert things.release_all()["function/nightly"] == "released"
    assert things.values()["nightly"] == 7


def test_removed_targets_are_released_without_a_call(things: Things) -> None:
    made = things.make_bucket(None, "short-lived"), things.make_function(None, "short-lived")
    things.propose(*made)
    things.client("s3").delete_bucket(Bucket="short-lived")
    things.client("lambda").delete_function(FunctionName="short-lived")
    assert things.release_all() == {"bucket/short-lived": "released", "function/short-lived": "released"}

    things.table = MemoryTable()
    refusals = [entry.refusal for entry in things.propose(*made).values()]
    assert refusals == ["The bucket does not exist.", "The function does not exist in this account and region."]


def test_bucket_of_another_account_is_not_touched(things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 refuses calls whose expected owner is another account; moto does not compare it."""
    client, owners = things.client("s3"), list[str]()

    def refused(**request: str) -> None:
        owners.append(request["ExpectedBucketOwner"])
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketLocation")

    with monkeypatch.context() as patch:
        patch.setattr(client, "get_bucket_location", refused)
        entry = things.propose(attribute("arn", "arn:aws:s3:::foreign", "object"))["bucket/foreign"]
    assert entry.state == "refused"
    assert "the bucket belongs to another account, or its policy denies access" in str(entry.refusal)
    assert owners == [ACCOUNT]


def test_every_call_of_s3_names_the_account(things: Things) -> None:
    requests: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        requests.append(params["headers"])

    events = things.client("s3").meta.events
    events.register("before-call.s3", note)
    try:
        things.propose()
        things.quarantine().housekeeping.run()
        things.release_all()
    finally:
        events.unregister("before-call.s3", note)
    assert len(requests) > 10
    assert {headers.get("x-amz-expected-bucket-owner") for headers in requests} == {ACCOUNT}


def test_protected_targets_are_refused(things: Things) -> None:
    before = things.values()
    protected = ["arn:aws:s3:::website", "arn:aws:s3:::open", "arn:aws:s3:::partly"]
    protected += [f"{PREFIX}{name}" for name in FUNCTIONS]
    entries = things.propose(PROTECTED_ARNS=json.dumps(protected))
    assert {entry.refusal for entry in entries.values()} == {"Its ARN is in protected_arns."}
    assert things.values() == before


def test_own_functions_and_those_of_attached_plug_ins_are_protected() -> None:
    table = MemoryTable()
    for partition, name, version in (
        (keys.INSPECTORS, "inspector-history", ""),
        (keys.EMITTERS, "emitter-slack", ":live"),
        (keys.REVIEWERS, "reviewer-policy", ""),
        (keys.COMMANDS, "commands-quarantine", ""),
    ):
        table.write(Put(Key(partition, name), {"arn": f"{PREFIX}secops-{name}{version}"}))
    protected = with_own_functions(settings(PROTECTED_ARNS='["arn:aws:s3:::website"]'), table).protected_arns
    names = {"inspector-history", "emitter-slack", "reviewer-policy", "commands-quarantine", *CORE}
    assert protected == {"arn:aws:s3:::website", *(f"{PREFIX}secops-{name}" for name in names)}
    assert with_own_functions(settings(KINDS='["access_key"]'), table) == settings(KINDS='["access_key"]')


@pytest.mark.parametrize(
    ("given_", "target"),
    [
        (attribute("arn", "arn:aws:s3:::my.data-1", "local", "object"), ("bucket", "my.data-1")),
        (attribute("arn", f"{PREFIX}batch", "subject"), ("function", "batch")),
        (attribute("arn", f"{PREFIX}batch:$LATEST", "subject"), ("function", "batch")),
        (attribute("arn", f"{PREFIX}batch:7", "subject"), ("function", "batch")),
        (attribute("arn", "arn:aws:s3:::data/key", "object"), None),
        (attribute("arn", "arn:aws:s3:::data", "subject"), None),
        (attribute("arn", "arn:aws-cn:s3:::data", "object"), None),
        (attribute("arn", "arn:aws:s3:::*", "object"), None),
        (attribute("arn", "arn:aws:s3:::da..ta?x=1", "object"), None),
        (attribute("arn", f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/data", "object"), None),
        (attribute("arn", f"{PREFIX}batch", "object"), None),
        (attribute("arn", f"{PREFIX}batch:7:8", "subject"), None),
        (attribute("arn", f"{PREFIX}../batch", "subject"), None),
        (attribute("arn", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:batch", "subject"), None),
        (attribute("arn", f"arn:aws:lambda:{REGION}:999999999999:function:batch", "subject"), None),
        (attribute("arn", f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:batch", "subject"), None),
    ],
)
def test_arns_that_are_proposed(given_: ReportedAttribute, target: tuple[str, str] | None) -> None:
    found = [(each.location.kind, each.location.target) for each in plan(report(given_), settings())]
    assert found == ([target] if target else [])

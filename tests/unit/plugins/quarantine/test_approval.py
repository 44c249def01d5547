"""Approvals and their signatures, which are verified here as STS verifies them."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto import mock_aws

from alert_responder.store.table import Key, Put
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.quarantine.approval import HEADER, Callers, Proof, sign, statement
from alert_responder_plugins.quarantine.client import QuarantineClient
from tests.fakes.quarantine import ACCOUNT, ADDRESS, REGION, World, attribute, report
from tests.fakes.sts import ALICE, PERSON, Sts

APPROVAL = {"APPROVAL": "true", "APPROVERS": f'["arn:aws:sts::{ACCOUNT}:assumed-role/security/*"]'}
LABEL = f"{ACCOUNT}/{REGION}/secops/quarantine"


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with mock_aws():
        yield World(**APPROVAL)


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    before = shared.described()
    shared.table.items.clear()
    shared.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    yield shared
    shared.release_all()
    assert shared.described() == before


def statement_of(world: World) -> str:
    entry = world.entry(f"address/{ADDRESS}")
    return statement(LABEL, entry.id, entry.token)


def approve(
    world: World,
    proof: Proof | dict[str, Any],
    sts: Sts | None = None,
    id_: str = f"address/{ADDRESS}",
    **changed: Any,
) -> dict[str, Any]:
    quarantine = world.quarantine(callers=Callers((sts or Sts()).client, REGION), **changed)
    given = proof.model_dump() if isinstance(proof, Proof) else proof
    return quarantine.commands().do({"action": "approve", "id": id_, "proof": given})


def test_nothing_is_done_before_somebody_approves(world: World) -> None:
    before = world.described()
    world.quarantine().housekeeping.run()
    assert world.states() == {f"address/{ADDRESS}": "waiting"}
    assert world.described() == before


def test_approved_entry_is_contained_and_names_the_signer(world: World) -> None:
    answer = approve(world, sign(ALICE, REGION, statement_of(world)))

    assert answer["done"], answer
    entry = world.entry(f"address/{ADDRESS}")
    assert (entry.state, entry.approved_by) == ("contained", PERSON)
    again = approve(world, sign(ALICE, REGION, statement_of(world)))
    assert again["reason"] == "The entry is not waiting for approval; its state is contained."


def test_function_sends_its_own_address_body_and_header(world: World) -> None:
    sts = Sts()
    approve(world, sign(ALICE, REGION, statement_of(world)), sts)

    # Verified at the approval and at the beginning of the action.
    assert len(sts.sent) == 2
    for sent in sts.sent:
        assert (sent.method, sent.url) == ("POST", f"https://sts.{REGION}.amazonaws.com/")
        assert sent.body in (
            b"Action=GetCallerIdentity&Version=2011-06-15",
            "Action=GetCallerIdentity&Version=2011-06-15",
        )


def wrong(change: Callable[[str], str]) -> Callable[[World], Proof]:
    return lambda world: sign(ALICE, REGION, change(statement_of(world)))


def unsigned_header(world: World) -> Proof:
    """Sign without the approval header, as any tool would."""
    request = AWSRequest(
        "POST",
        f"https://sts.{REGION}.amazonaws.com/",
        data="Action=GetCallerIdentity&Version=2011-06-15",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    )
    SigV4Auth(ALICE, "sts", REGION).add_auth(request)
    return Proof(
        authorization=request.headers["Authorization"],
        date=request.headers["X-Amz-Date"],
        security_token=request.headers["X-Amz-Security-Token"],
    )


def with_header_named_but_not_signed(world: World) -> Proof:
    proof = unsigned_header(world)
    return proof.model_copy(
        update={"authorization": proof.authorization.replace("x-amz-date", f"x-amz-date;{HEADER.lower()}")}
    )


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (wrong(lambda what: what.replace("secops", "other")), "STS rejected"),
        (wrong(lambda what: what.replace(ADDRESS, "45.67.89.11")), "STS rejected"),
        (wrong(lambda what: what[:-1] + ("0" if what[-1] != "0" else "1")), "STS rejected"),
        (unsigned_header, "does not cover"),
        (with_header_named_but_not_signed, "STS rejected"),
        (lambda world: sign(ALICE, "us-east-1", statement_of(world)), "not for STS in eu-west-1"),
        (lambda world: sign(Credentials("AKIAIOSFODNN7EXAMPLE", "guess"), REGION, statement_of(world)), "STS rejected"),
    ],
    ids=["installation", "target", "token", "header not signed", "header only named", "region", "wrong secret"],
)
def test_signature_for_anything_else_is_rejected(world: World, make: Callable[[World], Proof], reason: str) -> None:
    before = world.described()
    answer = approve(world, make(world))

    assert not answer["done"]
    assert reason in answer["reason"]
    assert world.states() == {f"address/{ADDRESS}": "waiting"}
    assert world.described() == before


@pytest.mark.parametrize(
    ("sts", "reason"),
    [
        ({"account": "999999999999"}, "another account"),
        ({"arn": f"arn:aws:iam::{ACCOUNT}:root"}, "must be a user or a role session"),
        ({"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/secops-runner-eu-west-1/x"}, "AlertResponder's own roles"),
        ({"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/developers/bob"}, "may not approve"),
        ({"arn": f"arn:aws:iam::{ACCOUNT}:user/security/alice"}, "may not approve"),
    ],
)
def test_only_permitted_principals_may_approve(world: World, sts: dict[str, str], reason: str) -> None:
    answer = approve(world, sign(ALICE, REGION, statement_of(world)), Sts(**sts))

    assert not answer["done"]
    assert reason in answer["reason"]
    assert world.states() == {f"address/{ADDRESS}": "waiting"}


def test_target_cannot_approve_its_own_containment(world: World) -> None:
    quarantine = world.quarantine(APPROVERS='["*"]')
    quarantine.containment.propose(report(attribute("arn", f"arn:aws:iam::{ACCOUNT}:user/mallory", "subject")))
    entry = world.entry("principal/user/mallory")
    proof = sign(ALICE, REGION, statement(LABEL, entry.id, entry.token))

    sts = Sts(arn=f"arn:aws:iam::{ACCOUNT}:user/mallory")
    answer = approve(world, proof, sts, entry.id, APPROVERS='["*"]')
    assert "signer is the target" in answer["reason"]


def test_an_approval_comes_too_late(world: World) -> None:
    proof = sign(ALICE, REGION, statement_of(world))
    world.clock.hours(24)
    assert approve(world, proof)["reason"] == "The time limit for the approval has passed."
    world.quarantine().housekeeping.run()
    assert world.entry(f"address/{ADDRESS}").refusal == "The entry was not approved in time."


def forge(world: World, **fields: Any) -> None:
    """Write an entry with write access to the table alone."""
    entry = world.entry(f"address/{ADDRESS}").model_copy(update={"state": "queued", **fields})
    attributes = {"entry": entry.model_dump_json(), "state": entry.state, "version": 1, "writer": "x"}
    world.table.write(Put(Key("quarantine/quarantine", f"entry/{entry.id}"), attributes))


def run(world: World, sts: Sts | None = None) -> None:
    world.quarantine(callers=Callers((sts or Sts()).client, REGION)).housekeeping.run()


def forged(world: World) -> list[dict[str, Any]]:
    """Yield fields of entries that only appear to be approved."""
    other = sign(ALICE, REGION, statement_of(world).replace(ADDRESS, "45.67.89.11")).model_dump()
    return [
        {},
        {"approved_by": PERSON},
        {"approved_by": PERSON, "proof": {"authorization": "x", "date": "20260101T000000Z"}},
        {"approved_by": PERSON, "proof": {"nonsense": 1}},
        {"approved_by": PERSON, "proof": other},
        {"approved_by": PERSON, "proof": sign(ALICE, REGION, statement_of(world)).model_dump(), "token": "0" * 32},
    ]


@pytest.mark.parametrize("number", range(6))
def test_what_the_table_says_of_an_approval_is_verified_before_anything_begins(world: World, number: int) -> None:
    before = world.described()
    forge(world, **forged(world)[number])

    run(world)
    world.quarantine().housekeeping.run()

    entry = world.entry(f"address/{ADDRESS}")
    assert (entry.state, entry.approved_by, entry.proof) == ("waiting", None, None)
    assert world.described() == before


@pytest.mark.parametrize(
    "sts",
    [
        {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/developers/bob"},
        {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/secops-runner-eu-west-1/x"},
        {"account": "999999999999"},
    ],
)
def test_who_may_not_approve_cannot_do_so_by_the_table_either(world: World, sts: dict[str, str]) -> None:
    forge(world, approved_by=PERSON, proof=sign(ALICE, REGION, statement_of(world)).model_dump())
    run(world, Sts(**sts))
    assert world.states() == {f"address/{ADDRESS}": "waiting"}


def test_schedule_resumes_an_approval_whose_call_ended(world: World) -> None:
    forge(world, approved_by=PERSON, proof=sign(ALICE, REGION, statement_of(world)).model_dump())
    run(world)

    entry = world.entry(f"address/{ADDRESS}")
    # The signature is removed after its use.
    assert (entry.state, entry.approved_by, entry.proof) == ("contained", PERSON, None)


def test_signatures_are_not_listed(world: World) -> None:
    proof = sign(ALICE, REGION, statement_of(world))
    forge(world, state="waiting", proof=proof.model_dump())
    assert proof.authorization not in json.dumps(commanded(world, action="list"))


def test_approved_entry_is_evaluated_again(world: World) -> None:
    proof = sign(ALICE, REGION, statement_of(world))
    answer = approve(world, proof, PROTECTED_NETWORKS='["45.0.0.0/8"]')
    assert answer["reason"] == "The address is in a protected network."


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"authorization": "x", "date": "now"},
        {"authorization": "AWS4-HMAC-SHA256 x\r\nHost: evil", "date": "20260101T000000Z"},
        {"authorization": "Bearer x", "date": "20260101T000000Z"},
        {"authorization": "x", "date": "20260101T000000Z", "url": "https://evil.example.com"},
    ],
)
def test_invalid_proof_is_rejected_before_it_is_sent(world: World, proof: dict[str, Any]) -> None:
    sts = Sts()
    assert not approve(world, proof, sts)["done"]
    assert sts.sent == []


def commanded(world: World, **command: Any) -> dict[str, Any]:
    return world.quarantine(callers=Callers(Sts().client, REGION)).commands().do(command)


def test_list_contains_all_entries_and_the_content_to_sign(world: World) -> None:
    answer = commanded(world, action="list")
    json.dumps(answer)
    assert (answer["stopped"], answer["label"]) == (False, LABEL)
    (entry,) = answer["entries"]
    assert (entry["id"], entry["state"]) == (f"address/{ADDRESS}", "waiting")
    assert statement(answer["label"], entry["id"], entry["token"]) == statement_of(world)


def test_list_of_one_account_has_its_entries_only(world: World) -> None:
    forge(world, account="444455556666", region="us-east-1", state="waiting")
    listed = {
        account: commanded(world, action="list", account=account)["entries"] for account in (ACCOUNT, "444455556666")
    }

    assert {account: [(each["id"], each["region"]) for each in entries] for account, entries in listed.items()} == {
        ACCOUNT: [(f"address/{ADDRESS}", REGION)],
        "444455556666": [(f"444455556666/us-east-1/address/{ADDRESS}", "us-east-1")],
    }
    world.table.items.clear()


def test_list_leaves_out_and_counts_old_refusals(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alert_responder_plugins.quarantine.commands.MAX_SHOWN", 2)
    for number in range(3):
        world.clock.hours(0.1)
        world.quarantine().containment.propose(report(attribute("ipaddr", f"10.0.0.{number}", "remote")))

    answer = commanded(world, action="list")
    assert [entry["id"] for entry in answer["entries"]] == [f"address/{ADDRESS}", "address/10.0.0.2"]
    assert answer["left_out"] == 2


def test_release_withdraws_waiting_entries_and_names_conflicts(world: World) -> None:
    assert commanded(world, action="release", id=f"address/{ADDRESS}")["done"]
    assert world.states() == {f"address/{ADDRESS}": "refused"}

    world.quarantine(APPROVAL="false").containment.propose(report(attribute("instance", world.instance, "subject")))
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=world.interfaces[0], Groups=[world.web])
    answer = commanded(world, action="release", id=f"instance/{world.instance}")
    assert not answer["done"]
    assert world.interfaces[0] in answer["reason"]
    assert commanded(world, action="release", id=f"instance/{world.instance}", force=True)["done"]


class Function:
    """Lambda with one function."""

    def __init__(self, world: World, *, fails: bool = False) -> None:
        self._world, self._fails = world, fails

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 (boto3's own)
        assert FunctionName == "secops-commands-quarantine"
        if self._fails:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "secret"}')}
        answer = commanded(self._world, **json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


def remote(world: World, *, fails: bool = False) -> QuarantineClient:
    return QuarantineClient(cast(Any, Function(world, fails=fails)), "secops-commands-quarantine", ALICE, REGION)


def test_client_lists_approves_releases_stops_and_starts(world: World) -> None:
    id_ = f"address/{ADDRESS}"
    assert [entry["id"] for entry in remote(world).list()["entries"]] == [id_]
    assert remote(world).stop() == remote(world).start() == {"done": True}
    assert remote(world).approve("address/10.0.0.1")["reason"] == "The entry does not exist; list returns all entries."
    assert remote(world).approve(id_)["done"]
    assert world.entry(id_).approved_by == PERSON
    assert remote(world).release(id_)["done"]
    assert world.states() == {id_: "released"}


def test_failed_function_is_reported_without_its_message(world: World) -> None:
    with pytest.raises(ReceiverFailedError) as raised:
        remote(world, fails=True).list()
    assert "secret" not in str(raised.value)


def test_stop_and_start(world: World) -> None:
    assert commanded(world, action="stop") == {"done": True}
    assert commanded(world, action="list")["stopped"]
    assert approve(world, sign(ALICE, REGION, statement_of(world)))["reason"] == "The quarantine is stopped."
    assert commanded(world, action="start") == {"done": True}
    assert not commanded(world, action="list")["stopped"]


def test_release_due_runs_the_schedule(world: World) -> None:
    assert approve(world, sign(ALICE, REGION, statement_of(world)), RELEASE_AFTER_HOURS="1")["done"]
    world.clock.hours(1)
    answer = commanded(world, action="release_due")
    assert [(entry["id"], entry["state"]) for entry in answer["entries"]] == [(f"address/{ADDRESS}", "released")]


@pytest.mark.parametrize(
    "command",
    [
        {"action": "destroy"},
        {"action": "release"},
        {"action": "release", "id": "address/9.9.9.9"},
        {"action": "release", "id": "address/45.67.89.10", "everything": True},
        {"action": ["list"]},
        {"action": "release", "id": "a b"},
    ],
)
def test_invalid_command_is_rejected_with_a_reason(world: World, command: dict[str, Any]) -> None:
    answer = commanded(world, **command)
    assert not answer["done"]
    assert answer["reason"]

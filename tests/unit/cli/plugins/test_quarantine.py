"""Commands are sent to the quarantine's function, and its answers are shown harmlessly."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_cli.aws.access import Access
from alert_responder_plugins.quarantine.model import Entry, Part
from tests.unit.cli.aws_account import attach, make_installation
from tests.unit.cli.command_runner import answer, run

# A long name, as it is cut.
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:secops-commands-quarantine-4f0c1d3a"
KEY = "access_key/AKIAIOSFODNN7EXAMPLE"
ENTRY = Entry(
    kind="access_key",
    target="AKIAIOSFODNN7EXAMPLE",
    state="waiting",
    token="t",
    report_id="01KG9Z9Q7R2D4B6C8E0FGHJKMN",
    reason="It did \x1b[31mthat.",
    parts=(Part(name="AKIAIOSFODNN7EXAMPLE", before="Active", after="Inactive"),),
    created_at=1,
)


class Function:
    """The quarantine's function: lists one entry, and carries out commands unless it has a reason not to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refusal: str | None = None
        self.stopped = False

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == FUNCTION
        command = json.loads(Payload)
        self.asked.append(command)
        entry = {"id": ENTRY.id, **ENTRY.model_dump(mode="json")}
        said: dict[str, Any] = {"done": True, "entries": [entry]}
        if command["action"] == "list":
            said |= {"stopped": self.stopped, "label": "secops", "left_out": 0}
        elif self.refusal:
            said = {"done": False, "reason": self.refusal, "entries": [entry]}
        return {"Payload": io.BytesIO(json.dumps(said).encode())}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    made = Function()
    client = Access.client

    def of_service(access: Access, service: str, **settings: Any) -> Any:
        found = client(access, service, **settings)
        if service == "lambda":
            monkeypatch.setattr(found, "invoke", made.invoke, raising=False)
        return found

    with mock_aws():
        make_installation("secops")
        attach("secops", "emitter", "quarantine", "arn:aws:lambda:us-east-1:123456789012:function:not-this-one")
        attach("secops", "commands", "quarantine", FUNCTION)
        monkeypatch.setattr(Access, "client", of_service)
        yield made


def test_list_shows_pending_containments_and_their_changes(function: Function) -> None:
    function.stopped = True
    ended = run("quarantine", "list")

    assert ended.exit_code == 0
    assert KEY in ended.output
    assert "Active -> Inactive" in " ".join(ended.output.split())
    assert "The quarantine is stopped" in ended.output
    assert "\x1b[31m" not in ended.output


def test_list_prints_json(function: Function) -> None:
    (entry,) = answer("quarantine", "list", "--json")["entries"]

    assert (entry["id"], entry["state"]) == (KEY, "waiting")


def test_list_asks_for_one_account(function: Function) -> None:
    assert run("quarantine", "list", "--account", "111122223333").exit_code == 0
    assert function.asked[-1] == {"action": "list", "account": "111122223333"}

    ended = run("quarantine", "list", "--account", "1111-2222-3333")
    assert (ended.exit_code, len(function.asked)) == (2, 1)
    assert "--account must have 12 digits, got" in ended.output


def test_approval_is_signed_with_the_credentials_at_hand(function: Function) -> None:
    assert run("quarantine", "approve", KEY).exit_code == 0

    command = function.asked[-1]
    assert (command["action"], command["id"]) == ("approve", KEY)
    assert "/sts/aws4_request" in json.dumps(command["proof"])


def test_an_unknown_entry_cannot_be_approved(function: Function) -> None:
    ended = run("quarantine", "approve", "access_key/none")

    assert ended.exit_code == 1
    assert "The entry does not exist" in ended.output


@pytest.mark.parametrize("force", [False, True])
def test_release(function: Function, force: bool) -> None:
    assert run("quarantine", "release", KEY, *(["--force"] if force else [])).exit_code == 0
    assert function.asked[-1] == {"action": "release", "id": KEY, "force": force}


@pytest.mark.parametrize("action", ["stop", "start"])
def test_stop_and_start(function: Function, action: str) -> None:
    assert run("quarantine", action).exit_code == 0
    assert function.asked[-1] == {"action": action}


def test_a_command_that_is_not_carried_out_shows_the_reason(function: Function) -> None:
    function.refusal = "Somebody else has changed it."
    ended = run("quarantine", "release", KEY)

    assert ended.exit_code == 1
    assert "Somebody else has changed it." in ended.output


def test_a_missing_quarantine_is_an_error(function: Function) -> None:
    ended = run("quarantine", "list", "--emitter", "other")

    assert ended.exit_code == 2
    assert "No quarantine 'other' is attached to 'secops'." in ended.output

"""The commands as a user runs them: output and exit codes."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError
from moto import mock_aws
from typer.testing import CliRunner, Result

from alert_responder.errors import DependencyError
from alert_responder_cli.aws.access import Access, explain_aws_errors, explanation, session
from alert_responder_cli.aws.installation import find, installations
from alert_responder_cli.commands.options import complete_installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.main import app
from tests.unit.cli.aws_account import REGION, attach, make_function, make_installation

GOOD = """
def handler(event, context):
    value = event["attribute"]["value"]
    return None
"""
REMARKABLE = GOOD.replace("None", "{'contents': [{'type': 'note', 'title': 't', 'text': value, 'tittle': value}]}")
BROKEN = GOOD.replace("None", "{'contents': [{'type': 'host', 'verdict': 'evil \\x1b[31m[bold]'}]}")
REVIEWER = "def handler(report, context):\n    return {'severity': 'urgent', 'reason': str(len(report['findings']))}\n"
EMITTER = "def handler(emission, context):\n    return {'state': emission['report']['id']}\n"


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        yield


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "220", "TERM": "dumb"})


def file(folder: Path, code: str) -> str:
    (folder / "plug_in.py").write_text(code)
    return f"{folder / 'plug_in.py'}:handler"


@pytest.mark.parametrize(
    "command", [[], ["check"], ["check", "inspector"], ["check", "reviewer"], ["check", "emitter"], ["plugins"]]
)
def test_help_says_what_a_command_does_and_how_it_ends(command: list[str]) -> None:
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert "Usage:" in result.output
    if len(command) < 2 and command != ["plugins"]:
        assert "Exit codes: 0" in result.output
    else:
        assert "--json" in result.output


@pytest.mark.parametrize(("kind", "code"), [("inspector", GOOD), ("reviewer", REVIEWER), ("emitter", EMITTER)])
def test_a_good_plug_in_exits_with_0(tmp_path: Path, kind: str, code: str) -> None:
    result = run("check", kind, file(tmp_path, code))

    assert result.exit_code == 0, result.output
    assert "honours its contract: 0 faults, 0 remarks." in result.stdout
    assert "requests; the first took" in result.stdout
    assert "Not checked:" in result.stdout


def test_a_broken_plug_in_exits_with_1_and_is_shown_harmlessly(tmp_path: Path) -> None:
    result = run("check", "inspector", file(tmp_path, BROKEN), "--type", "ipaddr")

    assert result.exit_code == 1
    assert "contents.0.verdict" in result.stdout
    assert "malicious, suspicious, harmless, unknown" in result.stdout
    assert "[bold]" in result.stdout
    assert "\x1b[31m" not in result.stdout


def test_remarks_exit_with_0_unless_strict(tmp_path: Path) -> None:
    target = file(tmp_path, REMARKABLE)

    assert run("check", "inspector", target).exit_code == 0
    assert run("check", "inspector", target, "--strict").exit_code == 1


def test_json_is_one_document_with_everything(tmp_path: Path) -> None:
    result = run("check", "inspector", file(tmp_path, BROKEN), "--json", "--type", "ipaddr")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["kind"] == "inspector"
    assert found["times"]["limit"] == 60
    assert {(one["check"], one["level"], one["path"]) for one in found["problems"]} == {
        ("schema", "fault", "contents.0.verdict")
    }
    assert found["unseen"]


def test_a_failure_of_all_requests_is_shown_once(tmp_path: Path) -> None:
    target = file(tmp_path, "import os\ndef handler(task, context):\n    return os.environ['NO_SUCH_SETTING']\n")

    result = run("check", "inspector", target, "--type", "ipaddr")

    assert result.exit_code == 1
    assert result.stdout.count("KeyError: 'NO_SUCH_SETTING'") == 1
    assert "Every request failed in the same way: The function failed: KeyError: 'NO_SUCH_SETTING'" in result.stdout
    assert "NO_SUCH_SETTING may be a setting of the function" in result.stdout


def test_a_local_function_gets_region_and_profile(tmp_path: Path) -> None:
    code = (
        "import os\ndef handler(task, context):\n    task['attribute']['value'].strip()\n"
        "    assert os.environ['AWS_REGION'] == os.environ['AWS_DEFAULT_REGION'] == 'eu-central-2'\n"
        "    assert os.environ['AWS_PROFILE'] == 'secops'\n"
    )
    target = file(tmp_path, code)

    assert run("check", "inspector", target, "--region", "eu-central-2", "--profile", "secops").exit_code == 0
    assert run("check", "inspector", target, "--region", "eu-central-1", "--profile", "secops").exit_code == 1


def test_the_local_receiver_counts_requests(tmp_path: Path) -> None:
    code = (
        "import os, urllib.request\n"
        "def handler(emission, context):\n"
        "    emission['report']['id']\n"
        "    request = urllib.request.Request(os.environ['PAGER_URL'], data=b'{}', method='POST')\n"
        "    with urllib.request.urlopen(request) as answer:\n"
        "        return {'state': answer.read().decode()}\n"
    )
    result = run(
        "check", "emitter", file(tmp_path, code), "--receiver", "PAGER_URL", "--receiver-answer", '{"id": 7}', "--json"
    )

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {(one["check"], one["case"]) for one in found["problems"]} == {
        ("repeated", "repeated delivery"),
        ("repeated", "late retry of round 3"),
        ("state", "resolved, without state"),
    }
    assert "1 more request" in found["problems"][0]["what"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "inspector", "no/such.py:handler"], "The file no/such.py does not exist."),
        (["check", "inspector", "not a target"], "A plug-in must be the name or ARN"),
        (["check", "reviewer", "no_such_module:handler"], "No module named 'no_such_module'"),
        (["check", "emitter", "secops-pager"], "confirm with --yes"),
        (["check", "emitter", "secops-pager", "--receiver", "URL"], "Lambda cannot reach this machine"),
        (["check", "emitter", "a:b", "--receiver", "URL", "--receiver-answer", "{"], "must be JSON"),
        (["check", "inspector", "a:b", "--log", "/no/such/folder/log"], "cannot be written"),
        (["plugins", "--profile", "no-such-profile"], "no-such-profile"),
        (["plugins", "--local"], "No local run was found on this machine: run 'make up'"),
    ],
)
def test_an_invalid_command_exits_with_2_and_one_sentence(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    result = run(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("account")
class TestPlugins:
    def test_everything_attached_is_listed(self) -> None:
        make_installation("secops")
        attach(
            "secops",
            "inspector",
            "whois",
            make_function("whois"),
            attribute_types=["domain", "ipaddr"],
            cache_seconds=60,
        )
        attach(
            "secops", "emitter", "pager", "arn:aws:lambda:us-east-1:123456789012:function:gone", severities=["urgent"]
        )
        attach("secops", "reviewer", "reviewer", make_function("policy"), enabled=False)

        shown = run("plugins", "--region", REGION)
        found = json.loads(run("plugins", "--region", REGION, "--json").stdout)

        assert shown.exit_code == 0
        assert "attribute types: domain, ipaddr; cached 60 s" in shown.stdout
        assert "disabled; Active" in shown.stdout
        assert "every report is 'unclassified'" in shown.stdout
        assert [(one["kind"], one["name"], one["enabled"], one["function"]) for one in found] == [
            ("inspector", "whois", True, "Active"),
            ("reviewer", "reviewer", False, "Active"),
            ("emitter", "pager", True, "missing"),
        ]
        assert found[0]["filters"] == {"attribute_types": ["domain", "ipaddr"]}
        assert (found[0]["cache_seconds"], found[0]["timeout_seconds"], found[0]["runtime"]) == (60, 30, "python3.12")
        assert found[2]["timeout_seconds"] is None

    def test_an_empty_registry_is_reported(self) -> None:
        make_installation("secops")

        assert run("plugins").stdout == "No plug-in is attached to 'secops'.\n"
        assert json.loads(run("plugins", "--json").stdout) == []

    def test_an_invalid_registry_entry_is_an_error(self) -> None:
        make_installation("secops")
        attach("secops", "inspector", "odd", "arn", version=2)

        result = run("plugins")

        assert result.exit_code == 2
        assert "The entry of inspector 'odd' is not as Terraform writes it: version must be 1" in result.stderr

    def test_one_of_several_installations_must_be_chosen(self) -> None:
        make_installation("secops")
        make_installation("other")
        make_function("something-coordinator")

        assert run("plugins").exit_code == 2
        assert "other, secops. Choose one with --installation" in run("plugins").stderr
        assert run("plugins", "-i", "other").exit_code == 0
        assert complete_installation("sec") == ["secops"]

    def test_both_variables_set_the_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_installation("secops")
        assert run("plugins").exit_code == 0

        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        assert "No installation of AlertResponder" in run("plugins").stderr
        assert run("plugins", "--region", REGION).exit_code == 0

    def test_a_missing_installation_is_an_error(self) -> None:
        assert "No installation of AlertResponder was found" in run("plugins").stderr
        assert "Installation 'secops' was not found" in run("plugins", "-i", "secops").stderr

    def test_a_foreign_function_is_not_an_installation(self) -> None:
        make_function("secops-coordinator")

        assert installations(Access(region=REGION)) == []
        with pytest.raises(CommandError, match="does not belong to AlertResponder, or its settings cannot be read"):
            find(Access(region=REGION), "secops")

    def test_an_installation_has_the_names_of_its_resources(self) -> None:
        make_installation("secops")

        found = find(Access(region=REGION))

        assert (found.name, found.stream, found.table, found.archive_bucket) == (
            "secops",
            "secops",
            "secops",
            "secops-archive",
        )
        assert found.workflow_arn.endswith(":stateMachine:secops")
        assert found.function("runner") == "secops-runner"
        assert found.settings["INSPECTION_TIMEOUT_SECONDS"] == "60"
        assert found.client("dynamodb").list_tables()["TableNames"] == ["secops"]

    def test_a_function_that_is_not_there_cannot_be_checked(self) -> None:
        result = run("check", "inspector", "no-such-function", "--region", REGION)

        assert result.exit_code == 2
        assert "No inspector is attached as 'no-such-function', and no function" in result.stderr
        missing = "arn:aws:lambda:us-east-1:123456789012:function:no-such-function"
        assert "the function does not exist" in run("check", "inspector", missing, "--region", REGION).stderr


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListFunctions")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            refused(
                "AccessDeniedException",
                "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: lambda:ListFunctions on "
                "resource: * because no identity-based policy allows the lambda:ListFunctions action",
            ),
            "Access denied: the permission lambda:ListFunctions on * is missing.",
        ),
        (
            refused("AccessDenied", "Access Denied"),
            "Access denied: the permission for ListFunctions is missing.",
        ),
        (refused("ExpiredTokenException"), "expired (ExpiredTokenException): log in again."),
        (refused("Throttling"), "AWS rejected ListFunctions (Throttling)."),
        (NoCredentialsError(), "No AWS credentials found"),
        (NoRegionError(), "No region is set"),
        (EndpointConnectionError(endpoint_url="https://127.0.0.1:1"), "AWS cannot be reached at https://127.0.0.1:1."),
        (DependencyError("query: Timeout"), "Unexpected answer from AWS (query: Timeout)."),
    ],
)
def test_aws_errors_are_explained_in_a_sentence(error: Exception, words: str) -> None:
    with pytest.raises(CommandError) as raised, explain_aws_errors():
        raise error

    assert words in str(raised.value)


def test_a_permission_that_an_adapter_dropped_is_named() -> None:
    cause = refused("AccessDeniedException", "not authorized to perform: dynamodb:Query on resource: arn:x because")

    with pytest.raises(CommandError, match="permission dynamodb:Query on arn:x is missing"), explain_aws_errors():
        raise DependencyError("query: AccessDeniedException") from cause
    assert "dynamodb:Query" in explanation(cause)


def test_the_current_credentials_can_be_passed_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    session.cache_clear()
    fixed = pickle.loads(pickle.dumps(Access(region="us-east-1").fixed()))  # noqa: S301 - as another process gets it
    session.cache_clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "others")

    assert fixed.key == ReadOnlyCredentials("test", "test", None)
    assert fixed.client("s3")._request_signer._credentials.access_key == "test"
    assert Access(region="us-east-1").client("s3")._request_signer._credentials.access_key == "others"
    session.cache_clear()

"""`check` accepts the names that `plugins` lists."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder_cli.aws.access import Access
from alert_responder_cli.checking.names import RegistryEntry, find_attached, listed, resolve
from alert_responder_cli.checking.results import Kind
from alert_responder_cli.errors import CommandError
from tests.unit.cli.aws_account import REGION, attach, make_function, make_installation
from tests.unit.cli.command_runner import run

ACCESS = Access(region=REGION)


def arn(function: str) -> str:
    return f"arn:aws:lambda:{REGION}:123456789012:function:{function}"


def entry(kind: Kind, name: str, function: str, installation: str = "secops") -> RegistryEntry:
    return RegistryEntry(installation, kind, name, arn(function))


ENTRIES = [
    entry("inspector", "whois", "secops-whois"),
    entry("inspector", "networks", "networks:live"),
    entry("reviewer", "reviewer", "policy"),
    entry("emitter", "pager", "secops-pager"),
    entry("inspector", "whois", "other-whois", "other"),
    entry("inspector", "shared", "shared", "secops"),
    entry("inspector", "shared", "shared", "other"),
]


@pytest.mark.parametrize(
    ("kind", "name", "function"),
    [
        ("inspector", "networks", "networks:live"),
        ("inspector", "shared", "shared"),
        ("reviewer", "reviewer", "policy"),
        ("emitter", "pager", "secops-pager"),
    ],
)
def test_an_attached_name_resolves_to_its_function(kind: Kind, name: str, function: str) -> None:
    found = resolve(kind, name, ENTRIES)

    assert found is not None
    assert found.arn == arn(function)
    assert found.function == function.partition(":")[0]


@pytest.mark.parametrize("name", ["secops-whois", "policy-next", "NETWORKS"])
def test_an_unknown_name_resolves_to_nothing(name: str) -> None:
    assert resolve("inspector", name, ENTRIES) is None


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("inspector", "whois", "'whois' is ambiguous: "),
        (
            "inspector",
            "pager",
            "'pager' is the emitter 'pager' of 'secops', not an inspector. Use 'check emitter pager'.",
        ),
        (
            "reviewer",
            "secops-pager",
            "not a reviewer. Use 'check emitter pager'. Attached reviewers: reviewer (installation 'secops').",
        ),
        ("emitter", "policy", "'policy' is the reviewer 'reviewer' of 'secops', not an emitter"),
    ],
)
def test_ambiguous_names_and_other_kinds_are_errors(kind: Kind, name: str, sentence: str) -> None:
    with pytest.raises(CommandError) as error:
        resolve(kind, name, ENTRIES)

    assert sentence in str(error.value)


def test_attached_plug_ins_are_listed_by_installation() -> None:
    assert listed("inspector", ENTRIES) == (
        "Attached inspectors: whois, networks, shared (installation 'secops'); whois, shared (installation 'other')."
    )
    assert listed("emitter", []) == "No emitter is attached."


@pytest.fixture
def secops() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every function answer what an inspector may, and note which one was called."""
    names: list[str] = []
    make = Access.client

    def invoke(**given: Any) -> Any:
        names.append(given["FunctionName"])
        return {"Payload": io.BytesIO(b"null")}

    def client(caller: Access, service: str, **settings: Any) -> Any:
        made = make(caller, service, **settings)
        if service == "lambda":
            made.invoke = invoke
        return made

    monkeypatch.setattr(Access, "client", client)
    return names


@pytest.mark.usefixtures("secops")
class TestNames:
    def test_check_calls_the_plug_in_attached_under_the_name(self, called: list[str]) -> None:
        function = make_function("secops-plugin-whois")
        attach("secops", "inspector", "whois", f"{function}:live", enabled=False)

        result = run("check", "inspector", "whois", "--region", REGION, "--type", "ipaddr")

        assert set(called) == {f"{function}:live"}
        assert f"The inspector whois ({function}:live) honours its contract" in result.stdout

    @pytest.mark.parametrize("given", ["free", arn("free")])
    def test_the_name_and_the_arn_of_any_function_still_work(self, called: list[str], given: str) -> None:
        make_function("free")

        result = run("check", "inspector", given, "--region", REGION, "--type", "ipaddr")

        assert result.exit_code == 0, result.output
        assert set(called) == {given}

    def test_types_and_time_limit_are_those_of_the_registry(self, called: list[str]) -> None:
        attach("secops", "inspector", "whois", make_function("whois"), attribute_types=["ipaddr", "x-badge"])

        attached = run("check", "inspector", "whois", "--region", REGION)
        told = run("check", "inspector", "whois", "--region", REGION, "--type", "url", "--timeout", "7")

        assert "Checked types: ipaddr, x-badge." in attached.stdout
        assert "limit 60 s." in attached.stdout
        assert "Checked types: url." in told.stdout
        assert "limit 7 s." in told.stdout

    def test_batches_are_those_of_the_registry(self, called: list[str]) -> None:
        function = make_function("whois")
        attach("secops", "inspector", "whois", function, attribute_types=["ipaddr"], batch_size=50)

        attached = run("check", "inspector", "whois", "--region", REGION)
        given = run("check", "inspector", function, "--region", REGION, "--type", "ipaddr", "--batch-size", "7")
        alone = run("check", "inspector", "whois", "--region", REGION, "--batch-size", "1")

        assert "batches" in attached.stdout
        assert attached.exit_code == given.exit_code == 1
        assert alone.exit_code == 0

    def test_an_unknown_name_lists_the_attached_plug_ins(self, called: list[str]) -> None:
        attach("secops", "inspector", "whois", make_function("a"))
        attach("secops", "inspector", "networks", make_function("b"))

        result = run("check", "inspector", "who-is", "--region", REGION)

        assert result.exit_code == 2
        assert result.stderr == (
            "No inspector is attached as 'who-is', and no function has that name. "
            "Attached inspectors: networks, whois (installation 'secops').\n"
        )
        assert called == []

    @pytest.mark.parametrize(
        ("file", "name", "given"),
        [
            ("whois.py", "whois", "whois.py:handler"),
            ("index.mjs", "index", "index.mjs:handler"),
            ("bootstrap", "bootstrap", "./bootstrap"),
        ],
    )
    def test_a_file_of_that_name_is_suggested(
        self, file: str, name: str, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / file).write_text("")
        monkeypatch.chdir(tmp_path)

        assert run("check", "inspector", name, "--region", REGION).stderr.endswith(
            f"No inspector is attached. To check the file in the current folder, use {given}.\n"
        )

    def test_a_name_of_two_functions_is_an_error(self, called: list[str]) -> None:
        attach("secops", "emitter", "pager", make_function("secops-pager"))
        other = make_function("pager")

        result = run("check", "emitter", "pager", "--yes", "--region", REGION)

        assert result.exit_code == 2
        assert (
            f"attached as 'pager' is {arn('secops-pager')}, and there is a function {other}. Give the ARN."
            in result.stderr
        )
        assert called == []

    def test_a_name_in_several_installations_requires_a_choice(self, called: list[str]) -> None:
        make_installation("other")
        attach("secops", "reviewer", "reviewer", make_function("a"))
        attach("other", "reviewer", "reviewer", make_function("b"))

        result = run("check", "reviewer", "reviewer", "--region", REGION)
        run("check", "reviewer", "reviewer", "--region", REGION, "--installation", "other")

        assert result.exit_code == 2
        assert "'reviewer' is ambiguous" in result.stderr
        assert "Choose one with --installation." in result.stderr
        assert set(called) == {arn("b")}

    def test_without_an_installation_names_are_those_of_functions(self) -> None:
        assert find_attached("inspector", "secops-coordinator", ACCESS, None) is None
        with pytest.raises(CommandError, match="Installation 'nowhere' was not found"):
            find_attached("inspector", "secops-coordinator", ACCESS, "nowhere")

    def test_without_access_to_the_registry_names_are_those_of_functions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        notes: list[str] = []
        deny(monkeypatch, "ListFunctions", "AccessDeniedException")

        assert find_attached("inspector", "secops-coordinator", ACCESS, None, notes.append) is None
        (note,) = notes
        assert note.startswith("Using 'secops-coordinator' as the name of a function. The registry could not be")
        assert "ListFunctions" in note
        with pytest.raises(CommandError, match=r"no function has that name\. The registry could not"):
            find_attached("inspector", "whois", ACCESS, None)

    def test_without_access_to_functions_attached_names_still_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        attach("secops", "inspector", "whois", arn("secops-whois"))
        deny(monkeypatch, "GetFunctionConfiguration", "AccessDeniedException")

        found = find_attached("inspector", "whois", ACCESS, None)
        assert found is not None
        assert found.arn == arn("secops-whois")
        assert find_attached("inspector", "free", ACCESS, None) is None

    def test_other_aws_errors_are_reported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        deny(monkeypatch, "GetFunctionConfiguration", "ThrottlingException")

        with pytest.raises(CommandError, match=r"AWS rejected GetFunctionConfiguration \(ThrottlingException\)"):
            find_attached("inspector", "free", ACCESS, None)


def deny(monkeypatch: pytest.MonkeyPatch, operation: str, code: str) -> None:
    make: Callable[..., Any] = boto3.Session.client

    def client(session: Any, service: str, **settings: Any) -> Any:
        made = make(session, service, **settings)

        def refuse(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)

        if service == "lambda":
            made.meta.events.register(f"before-call.lambda.{operation}", refuse)
        return made

    monkeypatch.setattr(boto3.Session, "client", client)

"""`--local` finds the runs of `make up` from any folder, notes its choice, and reports a run that has ended."""

import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, SSLError

from alert_responder_cli.aws import access, local_runs
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.local_runs import LocalRun, choose, forget, record, recorded
from alert_responder_cli.errors import CommandError
from tests.unit.cli.command_runner import run

ONE, TWO, THREE = "https://127.0.0.1:4001", "https://127.0.0.1:4002", "https://127.0.0.1:4003"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test records and a current folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(local_runs.CHOICE, raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    access.local_run.cache_clear()
    return tmp_path / "state"


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the addresses that something answers at; a test changes them. No client is made in earnest."""

    class Session:
        def __init__(self, **_: Any) -> None: ...

        def client(self, _: str, **settings: Any) -> None:
            raise EndpointConnectionError(endpoint_url=settings["endpoint_url"])

    found: set[str] = set()
    monkeypatch.setattr(boto3, "Session", Session)
    monkeypatch.setattr(local_runs, "answers", lambda run: run.endpoint in found)
    return found


def started(folder: str, endpoint: str = ONE, at: float = 1.0) -> LocalRun:
    return LocalRun(folder=folder, endpoint=endpoint, authority="/tmp/authority.pem", started_at=at)


def pick(*runs: LocalRun, alive: set[str], choice: str | None = None, here: str = "/elsewhere") -> str:
    return choose(runs, choice, Path(here), lambda run: run.endpoint in alive)[0].endpoint


def test_a_record_is_readable_by_its_owner_only(state: Path) -> None:
    record(started("/a", ONE, 5.0))
    record(started("/b", TWO, 7.0))

    assert recorded() == [started("/b", TWO, 7.0), started("/a", ONE, 5.0)]
    (folder,) = state.glob("*/*")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_clone_has_one_record_and_it_can_be_forgotten() -> None:
    record(started("/a", ONE, 5.0))
    record(started("/a", TWO, 6.0))
    assert [run.endpoint for run in recorded()] == [TWO]

    forget("/a")
    forget("/never recorded")
    assert recorded() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"folder": "/b"}', '{"folder": "/b", "started_at": "x"}'])
def test_an_unreadable_record_does_not_hide_the_others(state: Path, content: str) -> None:
    record(started("/a"))
    (folder,) = state.glob("*/*")
    (folder / "broken.json").write_text(content, encoding="utf-8")

    assert [run.folder for run in recorded()] == ["/a"]


def test_the_home_folder_is_the_default_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for relative in ("", "state"):
        # The specification has relative paths ignored.
        monkeypatch.setenv("XDG_STATE_HOME", relative)
        record(started("/a"))
    assert len(list(tmp_path.glob(".local/state/alert-responder/local-runs/*.json"))) == 1


def test_the_newest_run_that_answers_is_used_and_the_others_are_listed() -> None:
    runs = [started("/c", THREE, 3), started("/b", TWO, 2), started("/a", ONE, 1)]

    taken, others = choose(runs, None, Path("/elsewhere"), lambda run: run.endpoint != THREE)

    assert (taken.folder, [run.folder for run in others]) == ("/b", ["/a"])


@pytest.mark.parametrize("here", ["/a", "/a/examples/local"])
def test_inside_a_clone_its_run_is_used(here: str) -> None:
    runs = (started("/b", TWO, 2), started("/a", ONE, 1))

    assert pick(*runs, alive={ONE, TWO}, here=here) == ONE
    assert pick(*runs, alive={ONE, TWO}, here="/ab") == TWO
    with pytest.raises(CommandError, match=r"The local run of /a has ended"):
        pick(*runs, alive={TWO}, here=here)


def test_a_run_is_chosen_by_the_folder_of_its_clone() -> None:
    runs = (started("/b", TWO, 2), started("/a", ONE, 1))

    assert pick(*runs, alive={ONE, TWO}, choice="/a/", here="/b") == ONE
    with pytest.raises(CommandError, match=r"The local run of /a has ended.*its reports are lost.*'make up' in /a"):
        pick(*runs, alive={TWO}, choice="/a")
    with pytest.raises(CommandError, match=r"No local run was started in /c.*: /b, /a"):
        pick(*runs, alive={ONE, TWO}, choice="/c")


def test_no_answering_run_is_distinguished_from_no_run() -> None:
    with pytest.raises(CommandError, match=r"The local run of /b has ended: nothing answers at https://127.0.0.1:4002"):
        pick(started("/b", TWO, 2), started("/a", ONE, 1), alive=set())
    with pytest.raises(CommandError, match="No local run was found on this machine: run 'make up'"):
        pick(alive=set())


def test_a_run_whose_certificate_is_gone_does_not_answer(tmp_path: Path) -> None:
    # Nothing is asked: another program may have the port by now.
    assert not local_runs.answers(started("/a"))


def ended_in_between(run_: LocalRun) -> list[tuple[Exception, bool]]:
    """List what botocore raises, and whether that means that the run has ended though its port answers."""
    url = f"{run_.endpoint}/"
    return [
        (EndpointConnectionError(endpoint_url=url), False),
        (ConnectionClosedError(endpoint_url=url), False),
        (SSLError(endpoint_url=url, error=OSError("self-signed certificate")), True),
    ]


def test_an_ended_run_is_distinguished_from_an_unreachable_aws(alive: set[str]) -> None:
    gone = started("/a", ONE)
    record(gone)
    for error, though_something_answers in ended_in_between(gone):
        with pytest.raises(CommandError, match=r"The local run of /a has ended"), access.explain_aws_errors():
            raise error
        alive.add(ONE)
        expected = "The local run of /a has ended" if though_something_answers else "^AWS"
        with pytest.raises(CommandError, match=expected), access.explain_aws_errors():
            raise error
        alive.clear()
    with pytest.raises(CommandError, match="AWS cannot be reached at https://kinesis"), access.explain_aws_errors():
        raise EndpointConnectionError(endpoint_url="https://kinesis.us-east-1.amazonaws.com/")


def test_a_client_reaches_the_run_from_any_folder(alive: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    record(started("/a", ONE))
    alive.add(ONE)
    made: dict[str, Any] = {}

    class Session:
        def __init__(self, **settings: Any) -> None:
            made.update(settings)

        def client(self, service: str, **settings: Any) -> str:
            made.update(settings)
            return service

    monkeypatch.setattr(boto3, "Session", Session)

    assert Access(local=True).client("lambda") == "lambda"
    assert (made["endpoint_url"], made["verify"], made["region_name"]) == (ONE, "/tmp/authority.pem", "us-east-1")


@pytest.mark.parametrize(
    ("answering", "words"),
    [(set(), "The local run of /b has ended"), ({ONE, TWO}, "using the newest, of /b. To use another one, set")],
)
def test_a_command_prints_its_choice_of_run_on_standard_error(
    answering: set[str],
    words: str,
    alive: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record(started("/a", ONE, 1))
    record(started("/b", TWO, 2))
    alive.update(answering)

    result = run("reports", "--local")

    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_a_single_run_is_used_without_a_note(alive: set[str]) -> None:
    record(started("/a", ONE, 1))
    alive.add(ONE)

    assert local_runs.note() is None


def test_a_hostile_folder_name_is_shown_harmlessly(alive: set[str]) -> None:
    record(started("/a\x1b[2J", ONE, 1))

    result = run("reports", "--local")

    assert r"/a\x1b[2J" in result.stderr
    assert "\x1b" not in result.stderr

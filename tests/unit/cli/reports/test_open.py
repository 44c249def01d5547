"""The page of a report is rendered from stored data, written for its owner only, and opened."""

import stat
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from alert_responder.errors import PluginFailedError
from alert_responder_cli.times import now
from tests.fakes.html import PageReader
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import archive, upload
from tests.unit.domain.builders import attribute, event

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """An account with an installation, and a browser that takes whatever it is given."""
    found: list[str] = []

    def browser(url: str) -> bool:
        found.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with mock_aws():
        make_installation("secops")
        yield found


def reported(rounds: int = 2) -> str:
    """Make a report of so many rounds, one alert each."""
    made = Installation(
        {"whois": lambda _: {"contents": [{"type": "note", "title": "known", "verdict": "malicious"}]}},
        lambda report: {"severity": "urgent", "reason": f"{report['alert_count']} alerts"},
        {"inbox": lambda _: {"url": "https://inbox.example/1"}, "pager": lambda _: PluginFailedError("no line")},
        window_ms=HOUR,
    )
    made.now = now()
    for number in range(rounds):
        made.receive(event(number, made.now - HOUR + number, attribute(f"host{number}.example"), rule_name="<b>Login"))
        made.run()
    upload(made)
    (head,) = made.heads()
    return head.report_id


def words(path: str | Path) -> str:
    return " ".join(PageReader(Path(path).read_bytes()).text.split())


def test_the_page_lists_the_deliveries_of_all_rounds(opened: list[str]) -> None:
    report_id = reported()
    result = run("open", report_id.lower())

    assert result.exit_code == 0, result.output
    path = Path(result.stdout.strip())
    assert path.name == f"{report_id}-000002.html"
    assert opened == [path.as_uri()]
    said = words(path)
    assert "<b>Login" in said
    assert "2 alerts within" in said
    assert "✓ delivered inbox round 2, " in said
    assert "✗ failed pager round 2, " in said


def test_only_the_owner_can_read_the_file() -> None:
    path = Path(answer("open", reported(), "--no-browser")["path"])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_earlier_round_is_shown_as_it_was(opened: list[str], tmp_path: Path) -> None:
    report_id, target = reported(), tmp_path / "page.html"
    made = answer("open", report_id, "--round", "1", "--no-browser", "--output", target)

    assert made == {"report_id": report_id, "round": 1, "path": str(target)}
    assert opened == []
    assert "1 alert, at" in words(target)
    assert "round 2" not in words(target)


def test_a_missing_browser_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    result = run("open", reported())

    assert result.exit_code == 0
    assert "No browser could be started" in result.stderr
    assert Path(result.stdout.strip()).exists()


def test_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    report_id = reported(1)
    key = f"reports/{report_id}/000001.json"
    document = client("s3").get_object(Bucket="secops-archive", Key=key)["Body"].read()
    archive(key, document.replace(b'"notes":', b'"later": 1, "notes":'))

    assert run("open", report_id, "--no-browser").exit_code == 0
    archive(key, {"id": report_id})
    assert "by another version of AlertResponder" in run("open", report_id, "--no-browser").stderr


def test_invalid_requests_are_errors(tmp_path: Path) -> None:
    report_id = reported()
    for arguments, said in (
        (["x/y"], "must be a report id"),
        (["01KG9Z9Q7R2D4B6C8E0FGHJKMN"], "Report 01KG9Z9Q7R2D4B6C8E0FGHJKMN was not found"),
        ([report_id, "--round", "9"], f"Round 9 of report {report_id} is not in the archive"),
        ([report_id, "--output", str(tmp_path / "none" / "page.html")], "cannot be written to"),
    ):
        result = run("open", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


def test_a_report_that_is_not_published_has_no_page() -> None:
    made = Installation(window_ms=HOUR)
    made.now = now()
    made.receive(event(1, made.now, attribute("host.example")))
    upload(made)

    assert "is not published yet" in run("open", made.heads()[0].report_id).stderr

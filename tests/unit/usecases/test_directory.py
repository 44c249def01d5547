"""The directory of accounts describes accounts in reports, and never prevents one."""

from dataclasses import replace
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.errors import DependencyError
from alert_responder.store.directory import CachedDirectory, write_directory
from alert_responder.usecases.directory import RETRY_AFTER_MS, DirectoryReader
from alert_responder.usecases.review import Reviewer
from tests.fakes.installation import Installation
from tests.fakes.memory import MemoryTable
from tests.unit.usecases.test_rounds import by_count, event, note

SHOP = AccountFacts(id="111122223333", name="shop", status="active", kind="member", owner="web")
ABOUT_SHOP = Attribute(type="account", value=SHOP.id, key="account", context=("local",))
ALERT = Alert(detector="d", rule_id="r", alert_key="k", attributes=(ABOUT_SHOP,))


def reported(monkeypatch: pytest.MonkeyPatch, reader: DirectoryReader) -> dict[str, Any]:
    """Return a report that is compiled with a directory."""
    made = Installation({"i": note}, by_count, {})
    review = Reviewer.review
    with monkeypatch.context() as patched:
        patched.setattr(Reviewer, "review", lambda self, round_: review(replace(self, directory=reader), round_))
        made.receive(event(1)._replace(alert=ALERT))
        made.run()
    return made.report()


def test_a_report_describes_its_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    table = MemoryTable()
    write_directory(table, Directory(accounts=(SHOP,), read_at=0))
    cached = CachedDirectory(table, lambda: 0)

    [account] = reported(monkeypatch, DirectoryReader(cached.directory, lambda: 0))["overview"]["accounts"]

    assert account == {
        "id": SHOP.id,
        "name": "shop",
        "in_directory": True,
        "unit": None,
        "owner": "web",
        "environment": None,
    }


def test_a_report_is_published_without_a_directory_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> Directory | None:
        raise DependencyError("organization/directory: item is invalid")

    report = reported(monkeypatch, DirectoryReader(unreadable, lambda: 0))

    assert report["overview"]["accounts"][0]["name"] is None
    assert any(note.startswith("The directory of accounts could not be read") for note in report["notes"])


def test_a_failed_read_is_tried_again_after_five_minutes() -> None:
    now, tries = [1_000], [0]

    def fails_once() -> Directory | None:
        tries[0] += 1
        if tries[0] == 1:
            raise DependencyError("table: the call failed")
        return None

    reader = DirectoryReader(fails_once, lambda: now[0])
    assert reader.read() == reader.read() == (None, "table: the call failed")
    now[0] += RETRY_AFTER_MS - 1
    assert reader.read() == (None, "table: the call failed")
    assert tries == [1]
    now[0] += 1
    assert reader.read() == reader.read() == (None, None)

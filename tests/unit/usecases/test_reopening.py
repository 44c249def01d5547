"""A report that is reopened without a new alert notifies only emitters whose delivery failed."""

from typing import Any

from alert_responder.domain.records import Head
from alert_responder.errors import PluginFailedError
from alert_responder.store.reports import ReportStore, Retention
from tests.fakes.installation import Installation
from tests.unit.domain.builders import attribute, event


def installation(pager: list[Any]) -> tuple[Installation, dict[str, int]]:
    delivered = {"pager": 0, "inbox": 0}

    def answer_pager(_: Any) -> Any:
        delivered["pager"] += 1
        return pager.pop(0) if pager else None

    def answer_inbox(_: Any) -> Any:
        delivered["inbox"] += 1

    def rate(_: Any) -> Any:
        return {"severity": "urgent", "reason": "why"}

    made = Installation({"whois": lambda _: None}, rate, {"pager": answer_pager, "inbox": answer_inbox})
    made.receive(event(1, 1, attribute("evil.example.net")))
    made.run()
    return made, delivered


def reopen(made: Installation, head: Head) -> bool:
    return ReportStore(made.table, Retention(1)).reopen(head)


def test_only_the_emitter_whose_delivery_failed_is_notified() -> None:
    made, delivered = installation([PluginFailedError("no line")] * 3)
    (head,) = made.heads()
    assert (head.state, made.deliveries()["pager", 1].outcome) == ("settled", "failed")

    assert reopen(made, head)
    made.sweep()
    made.run()

    assert delivered == {"pager": 4, "inbox": 1}
    assert made.deliveries()["pager", 2].outcome == "ok"
    assert ("inbox", 2) not in made.deliveries()
    (settled,) = made.heads()
    assert (settled.state, settled.round, settled.revision) == ("settled", 2, head.revision)
    assert reopen(made, settled)
    made.sweep()
    made.run()
    assert delivered == {"pager": 4, "inbox": 1}


def test_a_report_is_reopened_once_and_only_if_it_is_not_open() -> None:
    made, _ = installation([])
    (head,) = made.heads()

    assert reopen(made, head)
    assert not reopen(made, head)
    (opened,) = made.heads()
    assert not reopen(made, opened)


def test_an_alert_joins_a_reopened_report() -> None:
    made, delivered = installation([PluginFailedError("no line")] * 3)
    (head,) = made.heads()
    reopen(made, head)
    made.receive(event(2, 2, attribute("evil.example.net")))
    made.run_and_sweep()

    (settled,) = made.heads()
    assert (settled.state, settled.round, made.report()["alert_count"]) == ("settled", 2, 2)
    assert delivered == {"pager": 4, "inbox": 1}

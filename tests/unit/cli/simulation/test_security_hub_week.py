"""A week of a small account's Security Hub with its re-sends makes one delivery for each finding."""

from collections import Counter
from collections.abc import Iterable

import pytest

from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder_cli.simulation.attach_options import attach_plugins
from alert_responder_cli.simulation.pipeline import Clock, Settings, Simulation
from tests.fakes.security_hub_week import HOURS, Sent, week

FORMATS = FormatRegistry()
FIXED, SEEN_AGAIN = 60, (40,)


def delivered(events: Iterable[Sent]) -> Counter[tuple[str, str]]:
    """Run events through the pipeline in memory; count the deliveries by finding and the status of the report."""
    clock = Clock()
    with attach_plugins(clock, None, (), None, ("emitter",)) as (registry, plugins):
        simulation = Simulation(Settings(every=3600), clock, registry, plugins)
        by_hour: list[list[Sent]] = [[] for _ in range(HOURS)]
        for sent in events:
            by_hour[sent.hour].append(sent)
        # One record an hour; at most one finding is sent in an hour, as a list otherwise.
        records = [b"[" + b",".join(sent.record for sent in each) + b"]" for each in by_hour]
        simulation.run([(data, parse_record(data, FORMATS)[0] if data != b"[]" else ()) for data in records])
    return Counter(
        (alert["finding_id"], report["status"])
        for each in plugins.emissions
        for report in [each.request["report"]]
        for alert in report["alerts"][-1:]
    )


def ids(events: Iterable[Sent]) -> set[str]:
    """Return the findings' ids as alerts have them: GuardDuty's own, not its ARN."""
    return {alert.alert.finding_id for sent in events for alert in parse_record(sent.record, FORMATS)[0]}


@pytest.mark.parametrize("notation", ["asff", "ocsf"])
class TestAWeek:
    def test_every_event_is_read_with_its_status_and_id(self, notation: str) -> None:
        events = week(notation, fixed_at=FIXED)

        for sent in events:
            parsed, rejected = parse_record(sent.record, FORMATS)
            assert rejected == []
            ((status, finding_id),) = {(each.alert.status, each.alert.finding_id) for each in parsed}
            assert (status == "active") is sent.is_open
            assert finding_id
            assert sent.finding.endswith(finding_id)

    def test_re_sends_of_a_finding_differ_only_in_times(self, notation: str) -> None:
        found: dict[str, set[tuple[object, ...]]] = {}
        for sent in week(notation):
            ((parsed,), _) = parse_record(sent.record, FORMATS)
            alert = parsed.alert
            said = (alert.alert_id, alert.severity, alert.status, alert.attributes, alert.description)
            found.setdefault(alert.finding_id, set()).add(said)

        assert len(found) == 13
        assert all(len(each) == 1 for each in found.values())

    def test_each_open_finding_is_delivered_once(self, notation: str) -> None:
        events = [sent for sent in week(notation) if sent.is_open]

        assert len(events) > 100
        assert delivered(events) == Counter((each, "active") for each in ids(events))

    def test_with_all_updates_a_fixed_finding_is_delivered_once_more(self, notation: str) -> None:
        events = week(notation, fixed_at=FIXED)
        (fixed,) = {sent.finding for sent in events if sent.is_open} & {
            sent.finding for sent in events if not sent.is_open
        }
        opened = ids(sent for sent in events if sent.is_open)

        assert delivered(events) == Counter([*((each, "active") for each in opened), (fixed, "resolved")])

    def test_new_activity_is_news(self, notation: str) -> None:
        events = [sent for sent in week(notation, active_again=SEEN_AGAIN) if sent.is_open]
        (threat,) = {each for each in ids(events) if each.endswith("10") and ":" not in each}

        found = delivered(events)

        assert found[threat, "active"] == 2
        assert set(found.values()) == {1, 2}
        assert sum(found.values()) == len(ids(events)) + 1

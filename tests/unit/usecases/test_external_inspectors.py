"""Rounds with an external inspector: what it is sent, and how the report lists the rest."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import External, InspectorPlugin, InstallationSettings
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from tests.fakes.installation import Installation
from tests.fakes.meter import Meter
from tests.unit.usecases.test_rounds import by_count, note, remember

SETTINGS = InstallationSettings.model_validate(
    {"version": 1, "internal_networks": ["8.8.0.0/16"], "internal_domains": ["corp.acme.com"]}
)
ATTRIBUTES = [
    ("domain", "evil.com"),
    ("domain", "git.corp.acme.com"),
    ("ipaddr", "10.0.0.1"),
    ("ipaddr", "8.8.8.8"),
    ("username", "alice"),
    ("url", "https://alice@evil.com/"),
]
SKIPPED = {
    "git.corp.acme.com": "internal_domains",
    "10.0.0.1": "reserved_address",
    "8.8.8.8": "internal_networks",
    "alice": "identity",
    "https://alice@evil.com/": "user_info",
}


def plug_in(**fields: Any) -> InspectorPlugin:
    return InspectorPlugin.model_validate({"name": "outside", "arn": "outside", "version": 1, "external": {}, **fields})


def installation(plugin: InspectorPlugin, inspect: Any = note, **more: Any) -> Installation:
    made = Installation({"outside": inspect, "inside": note}, by_count, {"inbox": remember}, filters=[plugin], **more)
    set_up(made, SETTINGS)
    return made


def set_up(made: Installation, settings: InstallationSettings) -> None:
    made.registry.attached = made.registry.attached.model_copy(update={"settings": settings})


def alert(number: int = 1, *attributes: tuple[str, str]) -> Event:
    found = [{"type": type_, "value": value} for type_, value in attributes or ATTRIBUTES]
    fields = {"detector": "d", "rule_id": "r", "alert_key": "k", "description": "alice on 10.0.0.1"}
    return Event(f"e{number}", 100 + number, str(number), Alert.model_validate({**fields, "attributes": found}))


def sent(made: Installation, name: str = "outside") -> list[dict[str, Any]]:
    return [task for arn, task in made.plugins.calls if arn == name]


def test_an_attribute_that_a_rule_forbids_is_skipped_and_never_sent() -> None:
    made = installation(plug_in())
    made.receive(alert())
    made.run()
    findings = {value: found for (name, value), found in made.findings().items() if name == "outside"}
    assert findings.pop("evil.com") == ("ok", None)
    assert {value: outcome for value, (outcome, _) in findings.items()} == dict.fromkeys(SKIPPED, "skipped")
    for value, (_, reason) in findings.items():
        assert (reason or "").startswith(f"Egress rule {SKIPPED[value]}: ")
    assert [task["attribute"]["value"] for task in sent(made)] == ["evil.com"]
    assert not {"alice", "10.0.0.1", "8.8.8.8", "acme"} & set(str(sent(made)).replace("'", " ").split())
    assert "alice" not in str(sent(made))
    assert len(sent(made, "inside")) == len(ATTRIBUTES), "internal inspectors must get all attributes"
    assert sent(made, "inside")[0]["alert"]["description"] == "alice on 10.0.0.1"
    assert any("5 lookups were skipped: egress rules" in note_ for note_ in made.report()["notes"])


def test_a_url_is_sent_without_query_and_spelling_unless_they_are_allowed() -> None:
    url = "hxxps://Evil[.]com/login?session=81#top"
    for external, value, spelling in (
        (External(), "https://evil.com/login", None),
        (External(allow_internal=True, allow_identities=True), "https://evil.com/login", None),
        (External(allow_query=True), "https://evil.com/login?session=81#top", None),
        (
            External(allow_internal=True, allow_identities=True, allow_query=True),
            "https://evil.com/login?session=81#top",
            url,
        ),
        (None, "https://evil.com/login?session=81#top", url),
    ):
        made = installation(plug_in(external=external))
        made.receive(alert(1, ("url", url)))
        made.run()
        task, host = sorted(sent(made), key=lambda task: str(task["attribute"]["type"]), reverse=True)
        assert (task["attribute"]["value"], task["spelling"]) == (value, spelling)
        assert [one["value"] for one in task["alert"]["attributes"]] == [value]
        assert host["attribute"]["value"] == "evil.com"
        assert host["alert"] == task["alert"]


def test_a_skipped_lookup_ends_in_plan_with_one_write() -> None:
    meter = Meter()
    made = Installation({"outside": note}, filters=[plug_in(max_per_minute=4, cache_seconds=60)], meter=meter)
    made.receive(alert(1, ("ipaddr", "10.0.0.1")))
    report_id = made.heads()[0].report_id
    meter.reset()
    plan = made._planner.plan(report_id, 1, 1, None)
    assert plan.chunks == []
    assert meter.requests == {"Query": 2, "UpdateItem": 1}
    assert [task.outcome for task in made._planner.ledger.lookups(report_id)] == ["skipped"]
    made.run()
    assert made.plugins.calls == []
    assert made.findings()["outside", "10.0.0.1"][0] == "skipped"
    assert not [key for key in made.table.items if key.pk.startswith(("cache/", "quota/"))]


def test_a_repeated_plan_changes_nothing() -> None:
    made = installation(plug_in())
    made.receive(alert())
    report_id = made.heads()[0].report_id
    first = made._planner.plan(report_id, 1, 1, None)
    stored = {key: dict(item) for key, item in made.table.items.items()}
    again = made._planner.plan(report_id, 1, 1, first.deadline)
    assert again.chunks == first.chunks
    assert {key: dict(item) for key, item in made.table.items.items()} == stored
    later = made._planner.plan(report_id, 1, 2, first.deadline)
    assert later.chunks == first.chunks, "only open lookups must be handed out"


def test_skipped_lookups_do_not_count_against_the_budget() -> None:
    made = installation(plug_in(), limits=Limits(2, 9))
    made.receive(alert())
    made.run()
    assert made.findings()["outside", "evil.com"] == ("ok", None)
    assert len(made.plugins.calls) == 7 + 2, "seven lookups, a reviewer and an emitter"
    assert not any("max_inspections_per_report" in note_ for note_ in made.report()["notes"])


def test_skipped_attributes_beyond_their_limit_are_counted() -> None:
    made = installation(plug_in(), limits=Limits(2, 2))
    made.registry.attached = made.registry.attached.model_copy(update={"inspectors": (plug_in(),)})
    made.receive(alert(1, *(("domain", f"host{number}.corp.acme.com") for number in range(3)), ("domain", "evil.com")))
    made.run()
    reasons = {value: (reason or "").split(":")[0] for (_, value), (_, reason) in made.findings().items()}
    assert reasons == {
        "host0.corp.acme.com": "Egress rule internal_domains",
        "host1.corp.acme.com": "Egress rule internal_domains",
        "host2.corp.acme.com": "Egress rule internal_domains",
        "evil.com": "",
    }
    assert [task["attribute"]["value"] for task in sent(made)] == ["evil.com"]


def test_rules_apply_to_attributes_from_lookups() -> None:
    new = [{"type": "ipaddr", "value": "10.1.1.1"}, {"type": "domain", "value": "next.com"}]

    def find(task: dict[str, Any]) -> Any:
        return {"new_attributes": new} if task["depth"] == 0 else None

    made = installation(plug_in(), find)
    made.receive(alert(1, ("domain", "evil.com")))
    made.run()
    assert [task["attribute"]["value"] for task in sent(made)] == ["evil.com", "next.com"]
    assert made.findings()["outside", "10.1.1.1"][0] == "skipped"
    assert made.findings()["inside", "10.1.1.1"][0] == "ok"
    found = next(task for task in sent(made, "inside") if task["depth"] == 1)
    assert found["alert"]["description"] == "alice on 10.0.0.1", "its alert is whole, though the finder's was not"


def test_the_cache_is_not_read_for_an_attribute_that_a_rule_forbids() -> None:
    made = installation(plug_in(cache_seconds=3_600, external=None))
    made.receive(alert(1, ("domain", "git.corp.acme.com")))
    made.run()
    assert made.findings()["outside", "git.corp.acme.com"][0] == "ok"
    made.registry.attached = made.registry.attached.model_copy(update={"inspectors": (plug_in(cache_seconds=3_600),)})
    made.now += 10_000
    other = Alert.model_validate({"detector": "d", "rule_id": "other", "attributes": alert().alert.attributes})
    made.receive(Event("e9", made.now, "9", other))
    made.run()
    assert made.findings()["outside", "git.corp.acme.com"][0] == "skipped"


def test_stricter_rules_apply_to_waiting_lookups() -> None:
    made = installation(plug_in())
    made.receive(alert(1, ("domain", "evil.com"), ("domain", "later.com")))
    made._planner.plan(made.heads()[0].report_id, 1, 1, None)
    set_up(made, InstallationSettings(internal_domains=("later.com",)))
    made.workflow.running.clear()
    made.sweep()
    made.run()
    assert [task["attribute"]["value"] for task in sent(made)] == ["evil.com"]
    assert "later.com" not in str(sent(made)), "nor may it be in the alert of the task"
    outcome, reason = made.findings()["outside", "later.com"]
    assert (outcome, "internal_domains" in (reason or "")) == ("skipped", True)


def test_an_inspector_that_becomes_external_gets_redacted_tasks() -> None:
    made = installation(plug_in(external=None))
    made.receive(alert(1, ("domain", "evil.com"), ("username", "alice")))
    made._planner.plan(made.heads()[0].report_id, 1, 1, None)
    made.registry.attached = made.registry.attached.model_copy(update={"inspectors": (plug_in(),)})
    made.workflow.running.clear()
    made.sweep()
    made.run()
    assert [task["attribute"]["value"] for task in sent(made)] == ["evil.com"]
    assert "alice" not in str(sent(made))
    assert made.findings()["outside", "alice"][0] == "skipped"


@pytest.mark.parametrize(
    ("external", "values"),
    [
        (External(allow_internal=True), {"evil.com", "git.corp.acme.com", "10.0.0.1", "8.8.8.8"}),
        (External(allow_identities=True), {"evil.com", "alice", "https://alice@evil.com/"}),
        (External(allow_internal=True, allow_identities=True), {value for _, value in ATTRIBUTES}),
    ],
)
def test_allowed_attributes_are_sent(external: External, values: set[str]) -> None:
    made = installation(plug_in(external=external))
    made.receive(alert())
    made.run()
    assert {task["attribute"]["value"] for task in sent(made)} == values
    whole = external.allow_internal and external.allow_identities
    assert {bool(task["alert"]["description"]) for task in sent(made)} == {whole}

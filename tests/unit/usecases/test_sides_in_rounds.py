"""Sides and derived attributes in rounds: one rule for lookups, tasks and reports, by the settings of the moment."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import InspectorPlugin, InstallationSettings
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from tests.fakes.installation import Installation
from tests.unit.usecases.test_rounds import by_count, note

ROOT = Path(__file__).parents[3]
HOSTS = ("domain", "ipaddr", "url")


def inspector(**filters: Any) -> InspectorPlugin:
    return InspectorPlugin.model_validate(
        {"name": "lists", "arn": "lists", "version": 1, "attribute_types": HOSTS, "contexts": ["remote"], **filters}
    )


def installation(*attached: InspectorPlugin, inspect: Any = note, **settings: Any) -> Installation:
    plugins = attached or (inspector(),)
    made = Installation({each.name: inspect for each in plugins}, by_count, {}, Limits(2, 200), filters=plugins)
    set_up(made, **settings)
    return made


def set_up(made: Installation, **settings: Any) -> None:
    update = {"settings": InstallationSettings.model_validate(settings)}
    made.registry.attached = made.registry.attached.model_copy(update=update)


def alert(number: int, *attributes: tuple[str, str, list[str]]) -> Event:
    found = [{"type": type_, "value": value, "context": context} for type_, value, context in attributes]
    fields = {"detector": "d", "rule_id": "r", "alert_key": "k", "attributes": found}
    return Event(f"e{number}", 100 + number, str(number), Alert.model_validate(fields))


def looked_up(made: Installation) -> dict[str, list[str]]:
    return {
        task["attribute"]["value"]: task["attribute"]["context"] for arn, task in made.plugins.calls if arn == "lists"
    }


def contexts(made: Installation) -> dict[str, list[str]]:
    return {each["value"]: each["context"] for each in made.report()["attributes"]}


def test_lookups_tasks_and_report_agree_on_the_side() -> None:
    made = installation(internal_networks=["8.8.0.0/16"], internal_domains=["acme.com"])
    made.receive(
        alert(
            1,
            ("ipaddr", "10.1.2.3", ["client"]),
            ("ipaddr", "8.8.8.8", []),
            ("ipaddr", "9.9.9.9", ["server"]),
            ("domain", "c2.example.net", ["server"]),
            ("domain", "git.acme.com", []),
            ("domain", "lambda.amazonaws.com", []),
        )
    )
    made.run()
    assert looked_up(made) == {"9.9.9.9": ["remote", "server"], "c2.example.net": ["remote", "server"]}
    assert contexts(made) == {
        "10.1.2.3": ["client", "local"],
        "8.8.8.8": ["local"],
        "9.9.9.9": ["remote", "server"],
        "c2.example.net": ["remote", "server"],
        "git.acme.com": ["local"],
        "lambda.amazonaws.com": [],
    }
    (task, *_) = [task for _, task in made.plugins.calls if "attribute" in task]
    assert [each["context"] for each in task["alert"]["attributes"]] == list(contexts(made).values())
    assert made.report()["notes"] == []


def test_changed_settings_apply_to_what_is_planned_afterwards() -> None:
    made = installation()
    made.receive(alert(1, ("ipaddr", "9.9.9.9", [])))
    made.run()
    set_up(made, internal_networks=["9.9.9.0/24"])
    made.receive(alert(2, ("ipaddr", "9.9.9.10", []), ("ipaddr", "8.8.8.8", [])))
    made.run()
    assert looked_up(made) == {"9.9.9.9": ["remote"], "8.8.8.8": ["remote"]}
    assert contexts(made) == {"9.9.9.9": ["local"], "9.9.9.10": ["local"], "8.8.8.8": ["remote"]}
    assert made.findings()["lists", "9.9.9.9"] == ("ok", None)


def test_attributes_that_inspectors_find_have_a_side_and_hosts() -> None:
    def inspect(task: dict[str, Any]) -> dict[str, Any]:
        if task["depth"]:
            return note(task)
        found = [("ipaddr", "10.0.0.9"), ("url", "http://8.8.8.8/a"), ("email", "x@evil.example.net")]
        return {"new_attributes": [{"type": type_, "value": value, "context": ["subject"]} for type_, value in found]}

    made = installation(inspect=inspect)
    made.receive(alert(1, ("domain", "c2.example.net", [])))
    made.run()
    assert looked_up(made) == {
        "c2.example.net": ["remote"],
        "http://8.8.8.8/a": ["remote", "subject"],
        "8.8.8.8": ["remote"],
        "evil.example.net": ["remote"],
    }
    assert contexts(made)["10.0.0.9"] == ["local", "subject"]
    origins = {each["value"]: (each["depth"], each["origin"]) for each in made.report()["attributes"]}
    assert origins["8.8.8.8"] == (
        1,
        {"inspector": None, "attribute_type": "url", "attribute_value": "http://8.8.8.8/a"},
    )


def test_url_and_mail_address_of_a_phishing_alert_have_their_hosts_looked_up() -> None:
    made = installation(inspector(attribute_types=["domain"]), inspector(name="all", arn="all", contexts=[]))
    made.receive(
        alert(
            1,
            ("url", "https://login.example.net/reset?u=1", ["remote"]),
            ("email", "help@mail.example.net", ["remote", "subject"]),
        )
    )
    made.run()
    assert looked_up(made) == {"login.example.net": ["remote"], "mail.example.net": ["remote"]}
    assert [value for name, value in made.findings() if name == "all"].count("login.example.net") == 1


@pytest.mark.parametrize(
    ("attached", "noted"),
    [
        ([inspector()], True),
        ([inspector(contexts=[])], False),
        ([inspector(contexts=["local"])], False),
        ([inspector(contexts=["subject"])], False),
        ([inspector(attribute_types=["domain"])], False),
        ([inspector(detectors=["other"])], False),
        ([inspector(), inspector(name="more", arn="more", contexts=["local", "object"])], False),
    ],
)
def test_a_public_address_without_lookup_because_the_alert_calls_it_local_is_noted(
    attached: list[InspectorPlugin], noted: bool
) -> None:
    made = installation(*attached, internal_networks=["203.0.113.0/24"])
    made.receive(
        alert(
            1,
            ("ipaddr", "9.9.9.9", ["local"]),
            ("ipaddr", "10.0.0.1", ["local"]),
            ("ipaddr", "203.0.113.5", ["local"]),
            ("ipaddr", "8.8.8.8", ["local", "remote"]),
            ("domain", "s3.amazonaws.com", ["local"]),
            ("url", "https://console.example.net/finding/1", ["local"]),
        )
    )
    made.run()
    sentence = (
        "1 public addresses or domains were not looked up: alerts call them local, and the filters of inspectors"
        " ask for remote ones."
    )
    assert (sentence in made.report()["notes"]) is noted


def test_an_inspector_for_one_side_has_a_finding_for_a_value_that_is_invalid() -> None:
    made = installation(inspector(), inspector(name="subjects", arn="subjects", contexts=["subject"]))
    made.receive(alert(1, ("ipaddr", "any", []), ("domain", "evil..example.net", ["local"])))
    made.run()
    assert made.findings() == {("lists", "any"): ("skipped", "The value does not fit its type.")}


def default_contexts(module: str) -> list[str]:
    text = (ROOT / "modules" / module / "variables.tf").read_text(encoding="utf-8")
    (default,) = re.findall(r'variable "contexts" \{[^}]*?\n  default +=( \[.*?\])\n', text)
    return list(json.loads(default))


@pytest.mark.parametrize("module", ["aws-context", "history", "virustotal"])
@pytest.mark.parametrize("stated", [[], ["client"], ["server", "object"], ["subject"], ["additional"]])
def test_default_filters_of_ready_made_inspectors_take_public_addresses(module: str, stated: list[str]) -> None:
    made = installation(inspector(contexts=default_contexts(module)))
    made.receive(alert(1, ("ipaddr", "9.9.9.9", stated), ("domain", "evil.example.net", stated)))
    made.run()
    assert set(looked_up(made)) == {"9.9.9.9", "evil.example.net"}

"""Whose side is whose in an action, which GuardDuty's findings and Security Hub's copies of them tell alike."""

from typing import Any

import pytest

from alert_responder.formats.aws_activity import Sides, sides
from alert_responder.formats.extraction import folded

INWARDS = Sides(("local", "server"), ("remote", "client"))
OUTWARDS = Sides(("local", "client"), ("remote", "server"))
UNKNOWN = Sides(("local",), ("remote",))


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ({"networkConnectionAction": {"connectionDirection": "INBOUND"}}, INWARDS),
        ({"NetworkConnectionAction": {"ConnectionDirection": "in"}}, INWARDS),
        ({"portProbeAction": {"blocked": False}}, INWARDS),
        ({"rdsLoginAttemptAction": {"LoginAttributes": []}}, INWARDS),
        ({"networkConnectionAction": {"connectionDirection": "OUTBOUND"}}, OUTWARDS),
        ({"NetworkConnectionAction": {"ConnectionDirection": "out"}}, OUTWARDS),
        ({"dnsRequestAction": {"domain": "a.example"}}, OUTWARDS),
        ({"networkConnectionAction": {"connectionDirection": "UNKNOWN"}}, UNKNOWN),
        ({"networkConnectionAction": {"blocked": False}}, UNKNOWN),
        ({"awsApiCallAction": {"api": "GetObject"}}, UNKNOWN),
        ({}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_the_direction_says_who_is_client_and_who_is_server(action: Any, who: Sides) -> None:
    assert sides(folded(action), "") == who


@pytest.mark.parametrize(
    ("role", "who"),
    [
        ("TARGET", Sides(("local", "object"), ("remote", "subject"))),
        ("ACTOR", Sides(("local", "subject"), ("remote", "object"))),
        ("", UNKNOWN),
        ("OTHER", UNKNOWN),
    ],
)
def test_the_role_says_who_did_it_and_to_whom(role: str, who: Sides) -> None:
    assert sides({}, role) == who


def test_direction_and_role_are_said_together() -> None:
    action = folded({"networkConnectionAction": {"connectionDirection": "OUTBOUND"}})

    assert sides(action, "ACTOR") == Sides(("local", "client", "subject"), ("remote", "server", "object"))

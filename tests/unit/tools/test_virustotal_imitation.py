"""The imitation of VirusTotal refuses what VirusTotal refuses, in its words."""

from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tools.receivers.virustotal import Key, VirusTotalImitation, analysed, resolution

URL = "http://example.net/"
FILE = "ab" * 32


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def imitation(clock: Clock) -> VirusTotalImitation:
    keys = {"public": Key(per_minute=4, per_day=6), "premium": Key(premium=True)}
    made = VirusTotalImitation(keys, clock)
    names = [resolution(f"h{number}.example.net", "198.51.100.7", number) for number in range(50)]
    made.know("ip_addresses", "198.51.100.7", analysed(1, {"Alpha": ("malicious", "bad")}), {"resolutions": names})
    made.know("urls", URL, {"url": URL})
    made.know("files", FILE, {"sha256": FILE, "md5": "cd" * 16})
    return made


def ask(imitation: VirusTotalImitation, path: str, key: str | None = "premium", **more: Any) -> tuple[int, Any]:
    headers = Headers([] if key is None else [("X-Apikey", key)])
    request = Request(EnvironBuilder(path=f"/api/v3{path}", headers=headers, **more).get_environ())
    response = imitation.answer(request)
    document = response.get_json()
    assert isinstance(document, dict)
    return response.status_code, document.get("error", {}).get("code") or document


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        ("/ip_addresses/198.51.100.7", None, 401, "AuthenticationRequiredError"),
        ("/ip_addresses/198.51.100.7", "none", 401, "WrongCredentialsError"),
        ("/ip_addresses/198.51.100.8", "premium", 404, "NotFoundError"),
        ("/ip_addresses/198.51.100", "premium", 400, "InvalidArgumentError"),
        ("/domains/-.net", "premium", 400, "InvalidArgumentError"),
        ("/domains/example.org", "premium", 404, "NotFoundError"),
        ("/urls/no-url!", "premium", 404, "NotFoundError"),
        ("/files/abc", "premium", 404, "NotFoundError"),
        ("/nothing/abc", "premium", 404, "NotFoundError"),
        ("/ip_addresses/198.51.100.7/siblings", "premium", 404, "NotFoundError"),
        ("/ip_addresses/198.51.100.7/urls", "public", 403, "ForbiddenError"),
    ],
)
def test_refusals(imitation: VirusTotalImitation, path: str, key: str | None, status: int, code: str) -> None:
    assert ask(imitation, path, key) == (status, code)


@pytest.mark.parametrize("limit", ["0", "41", "x", "-1", ""])
def test_limits_of_a_page(imitation: VirusTotalImitation, limit: str) -> None:
    answer = ask(imitation, "/ip_addresses/198.51.100.7/resolutions", query_string={"limit": limit})

    assert answer == (400, "BadRequestError")


def test_nothing_can_be_sent(imitation: VirusTotalImitation) -> None:
    assert ask(imitation, "/files", method="POST") == (404, "NotFoundError")


def test_pages_follow_each_other(imitation: VirusTotalImitation) -> None:
    path = "/ip_addresses/198.51.100.7/resolutions"
    seen: list[int] = []
    cursor: dict[str, str | None] = {}
    for _ in range(2):
        _, document = ask(imitation, path, query_string={"limit": "40", **cursor})
        seen += [each["attributes"]["date"] for each in document["data"]]
        cursor = {"cursor": document["meta"].get("cursor")}

    assert (seen, cursor) == (list(range(50)), {"cursor": None})


@pytest.mark.parametrize("identifier", ["aHR0cDovL2V4YW1wbGUubmV0Lw", None])
def test_a_url_is_found_by_both_identifiers(imitation: VirusTotalImitation, identifier: str | None) -> None:
    _, first = ask(imitation, "/urls/aHR0cDovL2V4YW1wbGUubmV0Lw")
    status, again = ask(imitation, f"/urls/{identifier or first['data']['id']}")

    assert (status, again) == (200, first)
    assert len(first["data"]["id"]) == 64


@pytest.mark.parametrize("name", [FILE, FILE.upper(), "cd" * 16])
def test_a_file_is_found_by_its_digests(imitation: VirusTotalImitation, name: str) -> None:
    assert ask(imitation, f"/files/{name}")[1]["data"]["id"] == FILE


def test_quotas_of_the_minute_and_the_day(imitation: VirusTotalImitation, clock: Clock) -> None:
    def statuses(number: int) -> list[int]:
        return [ask(imitation, f"/files/{FILE}", "public")[0] for _ in range(number)]

    assert statuses(5) == [200, 200, 200, 200, 429]
    clock.now += 61
    assert statuses(3) == [200, 200, 429]
    clock.now += 86_400
    assert ask(imitation, f"/files/{FILE}", "public")[0] == 200
    assert ask(imitation, f"/files/{FILE}", "premium")[0] == 200

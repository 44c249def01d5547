"""Which requests reach the stream, and the answers to all others."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.webhook import verification
from alert_responder_plugins.webhook.receive import MAX_BODY_BYTES
from alert_responder_plugins.webhook.request import read_request
from tests.unit.plugins.webhook.builders import (
    BODY,
    NOW,
    PREVIOUS,
    PRODUCTS,
    SECRET,
    Secret,
    Stream,
    answered,
    basic,
    bearer,
    crowdstrike,
    event,
    github,
    grafana,
    hmac_of,
)

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("version", [SECRET, PREVIOUS])
def test_an_authentic_document_is_on_the_stream_as_it_was_sent(product: str, version: bytes) -> None:
    stream = Stream()
    answer = answered(event(headers=PRODUCTS[product](version)), stream)

    assert (answer.status, stream.records) == (200, [BODY])
    assert json.loads(answer.as_event()["body"]) == {"status": "accepted"}


@pytest.mark.parametrize("product", PRODUCTS)
def test_another_secret_is_refused(product: str) -> None:
    stream, secret = Stream(), Secret()
    answer = answered(event(headers=PRODUCTS[product](b"a secret of somebody else")), stream, secret)

    assert (answer.status, answer.fault, stream.records) == (401, verification.WRONG, [])
    assert answer.as_event()["headers"]["www-authenticate"] == "Bearer"
    assert secret.reads == [300, 30], "the secret may have been rotated since it was read"


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_rotated_secret_is_read_again(product: str) -> None:
    secret = Secret(PREVIOUS, rotated=(SECRET, PREVIOUS))
    assert answered(event(headers=PRODUCTS[product](SECRET)), secret=secret).status == 200


@pytest.mark.parametrize("sign", [github, grafana, crowdstrike])
def test_a_changed_body_is_refused(sign: Any) -> None:
    assert answered(event(BODY + b" ", sign())).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": SECRET.decode()},
        {"Authorization": f"Digest {SECRET.decode()}"},
        {"Authorization": f"Basic {base64.b64encode(SECRET).decode()}"},
        {"X-Hub-Signature": f"sha1={hmac_of(BODY).hex()}"},
        {"X-Other-Key": SECRET.decode()},
    ],
)
def test_a_request_without_credentials_is_refused_with_the_allowed_ones(headers: dict[str, str]) -> None:
    answer = answered(event(headers=headers))
    assert (answer.status, answer.fault) == (401, verification.MISSING)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !"},
        {"Authorization": f"Bearer {SECRET.decode()[:-1]}"},
        {"Authorization": f"Bearer {SECRET.decode()}x"},
        basic(b""),
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=not hexadecimal"},
        {"X-Hub-Signature-256": f"sha256={hmac_of(BODY, b'').hex()}"},
        {"X-Grafana-Alerting-Signature": "é"},
        {"X-Cs-Primary-Signature": "="},
        {"X-Api-Key": ""},
    ],
)
def test_invalid_credentials_are_refused(headers: dict[str, str]) -> None:
    answer = answered(event(headers=headers))
    assert answer.status == 401
    assert SECRET.decode() not in answer.as_event()["body"]


def test_names_of_headers_and_schemes_are_not_case_sensitive() -> None:
    sent = event(headers={})
    sent["headers"] |= {"AUTHORIZATION": f"bEARER  {SECRET.decode()} "}
    assert answered(sent).status == 200


@pytest.mark.parametrize("sign", [grafana, crowdstrike])
@pytest.mark.parametrize(("age", "status"), [(0, 200), (299, 200), (-299, 200), (301, 401), (-301, 401)])
def test_a_recorded_request_with_a_signed_time_cannot_be_sent_later(sign: Any, age: int, status: int) -> None:
    headers = sign(time=str(int(NOW) - age))
    answer = answered(event(headers=headers))
    assert answer.status == status
    assert answer.fault == ("" if status == 200 else verification.TOO_OLD)
    # Neither without its time, nor with wrong credentials beside it.
    stripped = {name: value for name, value in headers.items() if "ignature" in name}
    assert answered(event(headers=stripped)).status == 401
    assert answered(event(headers={**headers, **bearer(b"wrong")})).status == status


def test_a_signed_time_that_cannot_be_read_is_refused() -> None:
    assert answered(event(headers=crowdstrike(time="yesterday"))).fault == verification.TOO_OLD
    assert answered(event(headers=crowdstrike(time=""))).fault == verification.TOO_OLD


def test_all_secrets_and_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.extend((one, other))
        return one == other

    monkeypatch.setattr("hmac.compare_digest", compare)
    for headers in (bearer(), github()):
        compared.clear()
        assert answered(event(headers=headers)).status == 200
        assert len(compared) == 4, "both versions, even if the first one matches"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", ""])
def test_only_post_is_allowed(method: str) -> None:
    answer = answered(event(method=method))
    assert (answer.status, answer.as_event()["headers"]["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "body", "status", "fault"),
    [
        (
            {"content-type": "application/x-www-form-urlencoded"},
            b"payload=%7B%7D",
            415,
            "set the content type",
        ),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x", 415, "must be JSON, not a form"),
        ({"content-encoding": "gzip"}, BODY, 415, "remove the header Content-Encoding"),
        (JSON, b"", 400, "the body is empty"),
        (JSON, b" \n", 400, "the body is empty"),
        (JSON, b"{", 400, "the body is not JSON"),
        (JSON, b"<alert/>", 400, "the body is not JSON"),
        (JSON, b"{}", 400, "must be a JSON object or an array of objects, and not empty"),
        (JSON, b"[]", 400, "must be a JSON object or an array of objects, and not empty"),
        (JSON, b'"text"', 400, "must be a JSON object or an array of objects, and not empty"),
        (JSON, b"null", 400, "must be a JSON object or an array of objects, and not empty"),
        (JSON, b"[" * 100_000, 400, "the body"),
        (JSON, b'"' + b"x" * MAX_BODY_BYTES + b'"', 413, "has 1,048,546 bytes; at most 1,048,544 are allowed"),
    ],
)
def test_a_body_that_is_not_a_document_is_refused(
    headers: dict[str, str], body: bytes, status: int, fault: str
) -> None:
    stream = Stream()
    answer = answered(event(body, {**bearer(), **headers}), stream)
    assert (answer.status, stream.records, stream.dead_letters) == (status, [], [])
    assert fault in json.loads(answer.as_event()["body"])["error"]


def test_credentials_are_checked_before_the_body() -> None:
    assert answered(event(b"x" * 2 * MAX_BODY_BYTES, {})).status == 401


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "text/plain", "application/vnd.x+json", ""]
)
def test_json_is_recognised_by_its_content(content_type: str) -> None:
    assert answered(event(headers={**bearer(), "content-type": content_type})).status == 200


def test_a_body_of_the_largest_size_is_accepted() -> None:
    stream = Stream()
    body = b'{"a":"' + b"x" * (MAX_BODY_BYTES - 8) + b'"}'
    assert answered(event(body), stream).status == 200
    assert [len(record) for record in stream.records] == [MAX_BODY_BYTES]


def test_a_body_in_base64_is_decoded() -> None:
    stream = Stream()
    body = '{"who": "Zoë"}'.encode()
    sent = event(base64.b64encode(body).decode(), github(body), isBase64Encoded=True)
    assert answered(sent, stream).status == 200
    assert stream.records == [body]
    latin = '{"who": "Zoë"}'.encode("latin-1")
    sent = event(base64.b64encode(latin).decode(), github(latin), isBase64Encoded=True)
    assert answered(sent, stream).status == 400
    assert answered(event("%", isBase64Encoded=True)).status == 400


def test_a_ping_of_github_is_answered_but_not_put() -> None:
    stream = Stream()
    body = b'{"zen": "Keep it logically awesome.", "hook_id": 1}'
    assert answered(event(body, {**github(body), "X-GitHub-Event": "ping"}), stream).status == 200
    assert stream.records == []
    assert answered(event(body, {"X-GitHub-Event": "ping"}), stream).status == 401


def test_the_sender_repeats_what_the_stream_did_not_accept_and_a_copy_is_kept() -> None:
    stream = Stream("put")
    answer = answered(event(), stream)
    assert (answer.status, stream.dead_letters) == (503, [BODY])
    assert "it was kept, and may be sent again" in answer.fault


def test_without_a_copy_the_sender_is_asked_to_repeat() -> None:
    stream = Stream("put", "keep")
    answer = answered(event(), stream)
    assert (answer.status, stream.dead_letters) == (503, [])
    assert "was not kept; send it again" in answer.fault


def test_no_representation_contains_headers_or_body() -> None:
    shown = repr(read_request(event()))
    assert SECRET.decode() not in shown
    assert "firing" not in shown


_TEXT = st.text(alphabet=st.characters(), max_size=60)
_HEADERS = st.dictionaries(
    st.sampled_from(
        (
            *("authorization", "x-hub-signature-256", "x-grafana-alerting-signature", "x-grafana-alerting-timestamp"),
            *("x-cs-primary-signature", "x-cs-delivery-timestamp", "x-api-key", "content-type", "x-github-event"),
        )
    ),
    st.one_of(_TEXT, _TEXT.map(lambda text: f"Basic {text}"), _TEXT.map(lambda text: f"sha256={text}")),
    max_size=4,
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(_HEADERS, _TEXT, st.booleans())
def test_hostile_requests_are_refused_without_an_exception(
    headers: dict[str, str], body: str, is_encoded: bool
) -> None:
    stream = Stream()
    answer = answered(event(body, headers, isBase64Encoded=is_encoded), stream)
    assert (answer.status, stream.records) == (401, [])
    json.dumps(answer.as_event())


@given(_TEXT, st.booleans())
def test_hostile_bodies_of_an_authentic_sender_are_put_or_refused(body: str, is_encoded: bool) -> None:
    stream = Stream()
    answer = answered(event(body, isBase64Encoded=is_encoded), stream)
    assert (answer.status == 200) == bool(stream.records)
    assert answer.status in {200, 400}


@given(st.dictionaries(st.sampled_from(["headers", "requestContext", "body", "isBase64Encoded"]), _ANYTHING))
def test_events_of_any_shape_are_answered(given_event: dict[str, Any]) -> None:
    assert answered(given_event).status in {401, 405}

"""URLs of pages: of the console, or presigned without a call."""

from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.exceptions import NoCredentialsError

from alert_responder.adapters.links import (
    PRESIGNED_SECONDS,
    PRESIGNING,
    console_links,
    no_links,
    presigned_links,
)
from tests.unit.adapters.stubs import StubClient

KEY = "reports/01KG9Z9Q7R2D4B6C8E0FGHJKMN/000001.html"


def test_a_console_url_contains_the_key() -> None:
    link = console_links("https://eu-west-1.console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix=")
    assert link(KEY) == f"https://eu-west-1.console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix={KEY}"
    assert no_links(KEY) is None


def test_a_presigned_url_is_regional_and_expires_and_contains_no_secret() -> None:
    client = boto3.client(
        "s3",
        config=PRESIGNING,
        region_name="eu-west-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        aws_session_token="token",
    )
    link = presigned_links(client, "bucket")(KEY)
    assert link is not None
    parts = urlsplit(link)
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.hostname, parts.path) == ("https", "bucket.s3.eu-west-1.amazonaws.com", f"/{KEY}")
    assert query["X-Amz-Expires"] == [str(PRESIGNED_SECONDS)]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert "secret" not in link


def test_there_is_no_url_without_credentials() -> None:
    assert presigned_links(StubClient(NoCredentialsError()), "bucket")(KEY) is None

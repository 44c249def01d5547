"""Emitter: writes pages to a bucket. With `{"failures": 2}` in control/pager.json it fails twice for each page."""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

S3 = boto3.client("s3")


class PagingServiceError(Exception):
    """The paging service refused the page."""


def handler(emission: dict[str, Any], context: object) -> dict[str, Any]:
    report = emission["report"]
    page = f"pager/{emission['emission_id']}.json"
    tries = read(page).get("tries", 0) + 1
    failing = tries <= read("control/pager.json").get("failures", 0)
    # The next round of the report updates this incident instead of opening another.
    incident = (emission["state"] or {}).get("incident") or f"incident-{emission['emission_id']}"
    body = {
        "tries": tries,
        "paged": not failing,
        "incident": incident,
        "title": report["title"],
        "severity": report["result"]["severity"],
    }
    S3.put_object(Bucket=os.environ["BUCKET"], Key=page, Body=json.dumps(body).encode())
    if failing:
        raise PagingServiceError("The paging service answers 503.")
    return {"state": {"incident": incident}}


def read(key: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(S3.get_object(Bucket=os.environ["BUCKET"], Key=key)["Body"].read())
    except ClientError as error:
        # Without the right to list a bucket, S3 answers "access denied" for a missing object.
        if error.response["Error"]["Code"] in ("NoSuchKey", "AccessDenied"):
            return {}
        raise
    return found

"""Emitter: keeps what it is told of as one object for each delivery, so that one can look."""

import json
import os
from typing import Any

import boto3

S3 = boto3.client("s3")


def handler(emission: dict[str, Any], context: object) -> dict[str, Any]:
    report = emission["report"]
    key = f"inbox/{report['id']}/{report['round']:06d}.json"
    # The same emission comes to the same key: told twice is told once.
    S3.put_object(Bucket=os.environ["BUCKET"], Key=key, Body=json.dumps(emission).encode())
    return {
        "state": {"told": (emission["state"] or {"told": 0})["told"] + 1},
        "url": f"s3://{os.environ['BUCKET']}/{key}",
    }

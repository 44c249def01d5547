"""Emitter: stores each delivery as an object in a bucket."""

import json
import os
from typing import Any

import boto3

S3 = boto3.client("s3")


def handler(emission: dict[str, Any], context: object) -> dict[str, Any]:
    report = emission["report"]
    key = f"inbox/{report['id']}/{report['round']:06d}.json"
    # A repeated delivery overwrites the same key.
    S3.put_object(Bucket=os.environ["BUCKET"], Key=key, Body=json.dumps(emission).encode())
    return {
        "state": {"rounds": (emission["state"] or {"rounds": 0})["rounds"] + 1},
        "url": f"s3://{os.environ['BUCKET']}/{key}",
    }

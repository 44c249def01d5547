"""CrowdStrike Falcon Fusion: the webhook of a workflow, with the data that the workflow includes.

Webhook: https://marketplace.crowdstrike.com/listings/webhook
A workflow chooses which fields of the detection it includes, such as `detections.hostname`; their names are those of
alerts of the API. A webhook with a custom body has the format of the fields that it uses.
"""

from typing import Any


def _field(name: str) -> str:
    return f'data."detections.{name}"'


_SUBJECT = f"{_field('device_id')} || {_field('hostname')} || {_field('user_name')}"


MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(data) == 'object' && type(meta) == 'object' && meta.trigger_name"
        f" && ({' || '.join(map(_field, ('hostname', 'user_name', 'url', 'command_line')))})",
        "detector": "'crowdstrike'",
        # The trigger is the same for all detections, but only some workflows include more.
        "rule_id": f"{_field('name')} || {_field('technique')} || {_field('scenario')} || meta.trigger_name",
        "alert_key": f"join('/', known([data.cid, {_SUBJECT}]))",
        "description": f"sentences([{_field('description')}, meta.trigger_category && meta.trigger_name"
        f" && join(': ', [meta.trigger_category, meta.trigger_name]) || null, {_field('command_line')}])",
        "timestamp": "meta.timestamp",
        "severity": _field("severity"),
        "status": _field("status"),
        "finding_id": f"{_field('id')} || {_field('url')}",
        "attributes": [
            {"type": "hostname", "key": "host", "value": _field("hostname"), "context": ["local", "object"]},
            {"type": "device", "key": "sensor", "value": _field("device_id"), "context": ["local", "object"]},
            {"type": "username", "key": "user", "value": _field("user_name"), "context": ["subject"]},
            {"type": "filehashvalue", "key": "executable", "value": _field("sha256"), "context": ["file"]},
            {"type": "filehashvalue", "key": "executable", "value": _field("md5"), "context": ["file"]},
        ],
    }
]

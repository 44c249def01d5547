"""An imitation of PagerDuty's Events API v2, from its public documentation: events become incidents of one service.

Like PagerDuty, it refuses unknown routing keys and events that are incomplete, too long or too large.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

ROUTING_KEY = "0123456789abcdef0123456789abcdef"

_MOST_BYTES = 512 * 1024
_ACTIONS = ("trigger", "acknowledge", "resolve")
_SEVERITIES = ("critical", "error", "warning", "info")


@dataclass
class Incident:
    """An incident of one `dedup_key`; an event for a resolved incident opens another one.

    Attributes
    ----------
    events
        The events that opened and updated it, oldest first.
    """

    dedup_key: str
    status: str = "triggered"
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class PagerDuty:
    """One service with one integration.

    Attributes
    ----------
    incidents
        Oldest first.
    """

    routing_key: str = ROUTING_KEY
    incidents: list[Incident] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """Receive an event."""
        if request.path != "/v2/enqueue" or request.method != "POST":
            return Response("", 404)
        body = request.get_data()
        if len(body) > _MOST_BYTES:
            return _said(413, {"status": "invalid event", "message": "Event too large"})
        try:
            event = json.loads(body)
        except ValueError:
            return _said(400, {"status": "unrecognized object", "message": "Event object format is unrecognized"})
        faults = self._faults(event)
        if faults:
            return _said(400, {"status": "invalid event", "message": "Event object is invalid", "errors": faults})
        dedup_key = event.get("dedup_key") or f"made-{len(self.incidents)}"
        self._take(event, dedup_key)
        return _said(202, {"status": "success", "message": "Event processed", "dedup_key": dedup_key})

    def _take(self, event: dict[str, Any], dedup_key: str) -> None:
        alive = [one for one in self.incidents if one.dedup_key == dedup_key and one.status != "resolved"]
        if event["event_action"] == "trigger":
            if not alive:
                alive = [Incident(dedup_key)]
                self.incidents += alive
            alive[0].events.append(event)
        elif alive:
            alive[0].status = "resolved" if event["event_action"] == "resolve" else "acknowledged"

    def _faults(self, event: Any) -> list[str]:
        if not isinstance(event, dict):
            return ["The event is not an object"]
        if len(str(event.get("routing_key"))) != 32:
            return ["Length of 'routing_key' is incorrect (should be 32 characters)"]
        if event["routing_key"] != self.routing_key:
            return ["Invalid 'routing_key'"]
        if event.get("event_action") not in _ACTIONS:
            return ["'event_action' is invalid"]
        if len(event.get("dedup_key") or "") > 255:
            return ["'dedup_key' is too long (maximum is 255 characters)"]
        if event["event_action"] != "trigger":
            return [] if event.get("dedup_key") else ["'dedup_key' is missing or blank"]
        return [*_faults_of(event.get("payload")), *_faults_of_links(event)]


def _faults_of(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    faults = [
        f"'payload.{name}' is missing or blank" for name in ("summary", "source", "severity") if not payload.get(name)
    ]
    if len(payload.get("summary") or "") > 1_024:
        faults.append("'payload.summary' is too long (maximum is 1024 characters)")
    if payload.get("severity") not in _SEVERITIES:
        faults.append("'payload.severity' is invalid (must be one of the following: 'critical', ...)")
    if "timestamp" in payload:
        try:
            datetime.fromisoformat(payload["timestamp"])
        except (TypeError, ValueError):
            faults.append("'payload.timestamp' is invalid")
    if not isinstance(payload.get("custom_details", {}), dict):
        faults.append("'payload.custom_details' is invalid")
    return faults


def _faults_of_links(event: Mapping[str, Any]) -> list[str]:
    links, images = event.get("links", []), event.get("images", [])
    if not isinstance(links, list) or not all(isinstance(link, dict) and link.get("href") for link in links):
        return ["'links' is invalid"]
    if not isinstance(images, list) or not all(str(image.get("src", "")).startswith("https://") for image in images):
        return ["'images' is invalid"]
    return []


def _said(status: int, body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")

"""An imitation of VirusTotal's API v3, from its public documentation, as far as the inspector `virustotal` uses it.

It has objects (`/api/v3/<collection>/<id>`) and their relationships (`/api/v3/<collection>/<id>/<relationship>`), keys
in `X-Apikey`, errors as `{"error": {"code": ..., "message": ...}}`, quotas by minute and day, and premium features.
"""

import base64
import binascii
import hashlib
import ipaddress
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

MOST = 40
"""Largest number of objects in a page; the default is 10."""

_USUAL = 10
_HOSTS = {
    "communicating_files": False,
    "downloaded_files": True,
    "referrer_files": False,
    "resolutions": False,
    "urls": True,
}
RELATIONSHIPS: dict[str, dict[str, bool]] = {
    "ip_addresses": _HOSTS,
    "domains": _HOSTS,
    "urls": {"communicating_files": True, "downloaded_files": True, "referrer_files": True},
    "files": {"contacted_domains": False, "contacted_ips": False, "contacted_urls": False},
}
"""The relationships by collection, and whether they need a premium key."""

_TYPES = {"ip_addresses": "ip_address", "domains": "domain", "urls": "url", "files": "file"}
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_DAY = 86_400


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Key:
    """An API key and its rights.

    Attributes
    ----------
    per_minute, per_day
        Its quotas [calls]; None: unlimited. The public API has 4 and 500.
    """

    premium: bool = False
    per_minute: int | None = None
    per_day: int | None = None
    used: list[float] = field(default_factory=list)


class VirusTotalImitation:
    """VirusTotal.

    Parameters
    ----------
    keys
        The valid keys by their text.
    clock
        Returns seconds since 1970, for the quotas.
    """

    def __init__(self, keys: Mapping[str, Key], clock: Callable[[], float] = time.time) -> None:
        self._keys = dict(keys)
        self._clock = clock
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._related: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._names: dict[tuple[str, str], str] = {}

    def know(
        self,
        collection: str,
        name: str,
        attributes: Mapping[str, Any],
        related: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> None:
        """Add an object; a file is found by its SHA-256 and by the other digests in its attributes."""
        identifier = _identifier(collection, name)
        stored = described(collection, identifier, attributes)
        self._objects[collection, identifier] = stored
        for other in ("md5", "sha1"):
            if other in attributes:
                self._names[collection, attributes[other]] = identifier
        for relationship, objects in (related or {}).items():
            self._related[collection, identifier, relationship] = [dict(each) for each in objects]

    def revoke(self, key: str) -> None:
        """Make a key invalid."""
        self._keys.pop(key, None)

    def grant(self, key: str, what: Key) -> None:
        """Make a key valid."""
        self._keys[key] = what

    def answer(self, request: Request) -> Response:
        """Answer a request as VirusTotal does."""
        try:
            return _json(200, self._answer(request))
        except _RefusedError as refused:
            return _json(refused.status, {"error": {"code": refused.code, "message": refused.message}})

    def _answer(self, request: Request) -> dict[str, Any]:
        key = self._authenticated(request)
        self._counted(key)
        parts = request.path.strip("/").split("/")
        if request.method != "GET" or parts[:2] != ["api", "v3"] or len(parts) not in {4, 5}:
            raise _RefusedError(404, "NotFoundError", "Resource not found.")
        collection, name = parts[2], parts[3]
        if collection not in RELATIONSHIPS:
            raise _RefusedError(404, "NotFoundError", "Resource not found.")
        identifier = self._find(collection, name)
        if len(parts) == 4:
            return {"data": self._objects[collection, identifier]}
        return self._page(request, key, collection, identifier, parts[4])

    def _authenticated(self, request: Request) -> Key:
        text = request.headers.get("X-Apikey")
        if not text:
            raise _RefusedError(401, "AuthenticationRequiredError", "X-Apikey header is missing")
        if text not in self._keys:
            raise _RefusedError(401, "WrongCredentialsError", "Wrong API key")
        return self._keys[text]

    def _counted(self, key: Key) -> None:
        now = self._clock()
        day = [at for at in key.used if at // _DAY == now // _DAY]
        minute = [at for at in day if at > now - 60]
        if _full(len(day), key.per_day) or _full(len(minute), key.per_minute):
            raise _RefusedError(429, "QuotaExceededError", "Quota exceeded")
        key.used = [*day, now]

    def _find(self, collection: str, name: str) -> str:
        identifier = _identifier(collection, name)
        identifier = self._names.get((collection, identifier), identifier)
        if (collection, identifier) not in self._objects:
            kind = {"ip_addresses": "IP address", "domains": "Domain", "urls": "URL", "files": "File"}[collection]
            raise _RefusedError(404, "NotFoundError", f'{kind} "{name}" not found')
        return identifier

    def _page(self, request: Request, key: Key, collection: str, identifier: str, relationship: str) -> dict[str, Any]:
        if relationship not in RELATIONSHIPS[collection]:
            raise _RefusedError(404, "NotFoundError", "Resource not found.")
        if RELATIONSHIPS[collection][relationship] and not key.premium:
            raise _RefusedError(403, "ForbiddenError", "You are not authorized to perform the requested operation")
        limit, start = _number(request, "limit", _USUAL, 1, MOST), _number(request, "cursor", 0, 0, 10**6)
        found = self._related.get((collection, identifier, relationship), [])
        page, more = found[start : start + limit], start + limit < len(found)
        meta = {"count": len(found)} | ({"cursor": str(start + limit)} if more else {})
        return {"data": page, "meta": meta, "links": {"self": f"https://www.virustotal.com{request.path}"}}


def described(collection: str, identifier: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Make an object as the API returns it."""
    link = f"https://www.virustotal.com/api/v3/{collection}/{identifier}"
    return {
        "type": _TYPES[collection],
        "id": identifier,
        "links": {"self": link},
        "attributes": dict(attributes),
    }


def resolution(host_name: str, ip_address: str, date: int) -> dict[str, Any]:
    """Make a resolution as the API returns it."""
    return {
        "type": "resolution",
        "id": f"{ip_address}{host_name}",
        "links": {"self": f"https://www.virustotal.com/api/v3/resolutions/{ip_address}{host_name}"},
        "attributes": {
            "date": date,
            "host_name": host_name,
            "ip_address": ip_address,
            "resolver": "VirusTotal",
        },
    }


def analysed(date: int, results: Mapping[str, tuple[str, str | None]], **more: Any) -> dict[str, Any]:
    """Make the attributes of an analysis, from each engine's category and label for the object."""
    stats: dict[str, int] = dict.fromkeys(("malicious", "suspicious", "undetected", "harmless", "timeout"), 0)
    for category, _ in results.values():
        stats[category] = stats.get(category, 0) + 1
    return {
        "last_analysis_date": date,
        "last_analysis_stats": stats,
        "last_analysis_results": {
            engine: {"category": category, "engine_name": engine, "method": "blacklist", "result": result}
            for engine, (category, result) in results.items()
        },
        **more,
    }


def sample(sha256: str, date: int, results: Mapping[str, tuple[str, str | None]], **more: Any) -> dict[str, Any]:
    """Make a file as the API returns it."""
    return described("files", sha256, analysed(date, results, sha256=sha256, **more))


def found_url(url: str, date: int, results: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    """Make a URL as the API returns it."""
    return described("urls", hashlib.sha256(url.encode()).hexdigest(), analysed(date, results, url=url))


def _identifier(collection: str, name: str) -> str:
    if collection == "ip_addresses":
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            raise _RefusedError(400, "InvalidArgumentError", f'"{name}" is not a valid IP address') from None
    if collection == "domains":
        if not _DOMAIN.fullmatch(name):
            raise _RefusedError(400, "InvalidArgumentError", f'"{name}" is not a valid domain pattern')
        return name.lower()
    if collection == "files":
        if not _DIGEST.fullmatch(name.lower()):
            raise _RefusedError(404, "NotFoundError", f'File "{name}" not found')
        return name.lower()
    return _url_identifier(name)


def _url_identifier(name: str) -> str:
    """Parse a URL's identifier: the SHA-256 of the URL, the URL in base64 without padding, or, in tests, the URL."""
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return name
    if "://" not in name:
        try:
            name = base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _RefusedError(404, "NotFoundError", f'URL "{name}" not found') from None
    return hashlib.sha256(name.encode()).hexdigest()


def _number(request: Request, name: str, usual: int, least: int, most: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise _RefusedError(400, "BadRequestError", f'Invalid value for parameter "{name}"')
    return int(text)


def _full(used: int, quota: int | None) -> bool:
    return quota is not None and used >= quota


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(json.dumps(document), status, content_type="application/json; charset=utf-8")

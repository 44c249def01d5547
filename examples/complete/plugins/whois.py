"""Inspector: looks up the owner of an address or a domain by RDAP, the registries' public service."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

SERVICE = "https://rdap.org"
KINDS = {"domain": "domain", "ipaddr": "ip"}


def handler(task: dict[str, Any], context: object) -> dict[str, Any] | None:
    attribute = task["attribute"]
    link = f"{SERVICE}/{KINDS[attribute['type']]}/{urllib.parse.quote(attribute['value'], safe=':')}"
    try:
        with urllib.request.urlopen(link, timeout=20) as answer:  # nosec B310 # noqa: S310 - begins with https
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (400, 404):
            # Not registered, or not a value that can be. Any other error becomes the lookup's outcome.
            return None
        raise
    content = {
        "type": "host",
        "source": "RDAP",
        "link": link,
        "country": [found["country"]] if found.get("country") else [],
        "owner": [name for name in map(owner, found.get("entities", [])) if name],
    }
    return {"contents": [content]}


def owner(entity: dict[str, Any]) -> str | None:
    """Find the full name in an entity's vCard."""
    fields = entity.get("vcardArray", ["vcard", []])[1]
    return next((field[3] for field in fields if field[0] == "fn" and isinstance(field[3], str)), None)

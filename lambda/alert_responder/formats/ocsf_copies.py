"""The identity of findings in OCSF that Security Hub has in ASFF as well: both notations name the same fields.

Security Hub's findings: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-ocsf.html
"""

import re
from typing import Any

from alert_responder.formats.extraction import every, text, word
from alert_responder.formats.identity import Identity
from alert_responder.formats.nested_text import opened
from alert_responder.formats.securityhub_controls import control, standards
from alert_responder.formats.securityhub_copies import copied, product_of

_ACCOUNT = re.compile(r"[0-9]{12}")
_VULNERABILITY = (2002, "2002")
_TYPE_OF_VULNERABILITY = "Software and Configuration Checks/Vulnerabilities/CVE"
"""The type in ASFF of findings whose class in OCSF says as much."""

_KEY_FIELDS = {
    "access_key_id": "accesskeyid",
    "principal_id": "principalid",
    "user_name": "principalname",
    "user_type": "principaltype",
}
"""Fields of an access key in Security Hub's OCSF, and in ASFF; both in lower case."""


def identity_of(finding: Any, info: Any) -> tuple[Identity | None, tuple[str, ...]]:
    """Return the identity and the standards of a folded finding of Security Hub, as its copy in ASFF has them.

    Parameters
    ----------
    info
        Its `finding_info`. The finding also has `productfields`, the result of `product_fields_of`.

    Returns
    -------
    tuple
        None and an empty tuple for findings of other products and for those that are not known to have a copy.
    """
    product = text(finding, "metadata.product.uid")
    if product_of({"productarn": product}) is None:
        return None, ()
    as_asff = {"productarn": product, **_as_asff(finding, info)}
    return copied(as_asff) or control(as_asff), standards(as_asff)


def details_of(resource: Any) -> Any:
    """Return the details of a folded resource with the field names of ASFF."""
    details = opened(resource.get("data") or resource.get("details")) if isinstance(resource, dict) else None
    if isinstance(details, dict) and not _KEY_FIELDS.keys().isdisjoint(details):
        return {"awsiamaccesskey": {name: details.get(field) for field, name in _KEY_FIELDS.items()}}
    if isinstance(details, dict):
        # Inspector's are called `awsEc2InstanceDetails`.
        return {name.removesuffix("details") or name: value for name, value in details.items()}
    return details


def product_fields_of(finding: Any) -> dict[str, Any]:
    """Return what a product said beside the fields of OCSF; of ASFF, the `ProductFields`."""
    unmapped = opened(finding.get("unmapped"))
    if not isinstance(unmapped, dict):
        return {}
    inner = unmapped.get("productfields")
    flat = {name.removeprefix("productfields."): value for name, value in unmapped.items()}
    return {**flat, **inner} if isinstance(inner, dict) else flat


def resource_id(resource: Any) -> str | None:
    """Return the id that ASFF has for a folded resource: its ARN, if there is one."""
    ids = [each for path in ("uid", "uid_alt") for each in every(resource, path) if isinstance(each, str) and each]
    given = next((each for each in ids if each.startswith("arn:")), ids[0] if ids else None)
    kind = word(resource, "type").replace(":", "")
    if given and kind.endswith("ACCOUNT") and _ACCOUNT.fullmatch(given):
        return f"AWS::::Account:{given}"
    return f"AWS::IAM::AccessKey:{given}" if given and kind == "AWSIAMACCESSKEY" and given.isalnum() else given


def _as_asff(finding: Any, info: Any) -> dict[str, Any]:
    types = list(every(info, "types[]"))
    if finding.get("class_uid") in _VULNERABILITY:
        types.append(_TYPE_OF_VULNERABILITY)
    return {
        "id": text(info, "uid"),
        "generatorid": text(finding, "metadata.product.feature.uid"),
        "awsaccountid": text(finding, "cloud.account.uid", "cloud.account_uid"),
        "region": text(finding, "cloud.region"),
        "types": types,
        "firstobservedat": [info.get("first_seen_time_dt"), info.get("first_seen_time")],
        "productfields": finding["productfields"],
        "resources": [_as_resource(each) for path in ("resources[]", "resource") for each in every(finding, path)],
        "vulnerabilities": [{"id": each} for each in every(finding, "vulnerabilities[].cve.uid")],
        "compliance": {
            "securitycontrolid": text(finding, "compliance.control"),
            "associatedstandards": [{"standardsid": each} for each in every(finding, "compliance.standards[]")],
        },
    }


def _as_resource(resource: Any) -> dict[str, Any]:
    details = details_of(resource)
    name = text(details, "AwsIamAccessKey.PrincipalName", "AwsIamAccessKey.UserName") or text(resource, "user.name")
    return {
        "id": resource_id(resource),
        "type": text(resource, "type"),
        "details": {"awsiamaccesskey": {"principalname": name}},
    }

"""What a call of AWS was about: names, ids and ARNs anywhere in its parameters and its answer. Pure.

Services spell the same thing in hundreds of ways, so a value is read by its own form where it has one (ARN, id, access
key), and otherwise by the name of its field. The tables below are all there is about single services.
"""

import re
from typing import Any, NamedTuple

from alert_responder.formats.extraction import Collector, identifiers, resource_kind
from alert_responder.formats.lenient_json import json_in

MAX_LENGTH, MAX_NAME_LENGTH = 2_048, 256
"""Longest ARN or URL, and longest name that is read [characters]."""

MAX_TARGETS = 100
"""Maximum number of targets, and of grantees, that are returned; all of them are attributes."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_IAM_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST_OF_AWS = re.compile(r"https?://[a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|api\.aws)(?:[/:?#].*)?", re.IGNORECASE)
_REMOVED = re.compile(r"<.*>|\*\*+|HIDDEN_DUE_TO_SECURITY_REASONS", re.DOTALL)
_WILDCARD = re.compile(r"[*?]|\$\{")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

_ARN_NOUNS = {
    "db": "database",
    "loadbalancer": "load balancer",
    "key": "KMS key",
    "oidc-provider": "identity provider",
    "saml-provider": "identity provider",
    "sns": "topic",
    "sqs": "queue",
    "assumed-role": "session",
}
"""What an ARN stands for, by its resource type, or by its service if it has none; otherwise it is the type itself."""

_OF_IAM = {
    "rolename": ("role", "affected role"),
    "username": ("user", "affected user"),
    "groupname": ("group", "group"),
    "instanceprofilename": ("instance-profile", "instance profile"),
    "iaminstanceprofilename": ("instance-profile", "instance profile"),
}
"""Names in calls of IAM, by field: resource type in the ARN, and key. Their path is unknown."""

_ALSO_ELSEWHERE = frozenset(["groupname", "username"])
"""Fields of `_OF_IAM` that name something else in calls of other services, such as a security group."""

_KEYS = {"accesskey": "affected access key", "username": "affected user"}
"""Keys of values that are identifiers by themselves, by type; otherwise the type is the key."""

_RESERVED = ("AWSReservedSSO_", "AWSServiceRoleFor")
"""Beginnings of the names of roles that always have a path."""

_GRANTED = re.compile(
    r"accountidstoadd|add|addallowedprincipals|awsaccountids?|grantees?|granteeprincipal|principals?|sharedaccounts"
    r"|valuestoadd"
)
"""Fields with accounts and principals that something is given to."""

_WITHDRAWN = re.compile(r"accountidstoremove|remove|removeallowedprincipals|valuestoremove")
"""Fields with accounts and principals that something is taken from."""

_EVERYONE = frozenset(
    ["*", "all", "public-read", "public-read-write", "authenticated-read"]
    + [f"http://acs.amazonaws.com/groups/global/{group}users" for group in ("all", "authenticated")]
)
"""What stands for everyone where something is given, in lower case."""

_NAMED_BY_PARENT = frozenset(["iaminstanceprofile", "resourcerecordset"])
"""Objects in calls of EC2 and Route 53 whose field `name` is what the call is about, in lower case."""

_ACLS = frozenset(["x-amz-acl", "acl", "cannedacl"])

_OF_ACCOUNTS = re.compile(r"(?:.*account|.*accountid|.*owner|.*ownerid|userid)s?")
_OF_ADDRESSES = re.compile(r".*(?:ip|address|ipaddresse|cidr|cidrblock|ipv4|ipv6)s?")
_VALUES = frozenset(["value", "values"])
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_DOMAINS = frozenset(["domainname", "resourcerecordname"])
_DOMAIN = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}\.?")
_ANONYMOUS_ACCESS = frozenset(["authtype", "functionurlauthtype"])
"""Fields in which NONE means that anybody may call."""

_OF_MAIL = re.compile(
    r".*email(?:address)?(?:es|s)?|.*endpoint|(?:to|cc|bcc|replyto)addresses|destinations|identity|returnpath|source"
)
_ALWAYS_NAMES = frozenset(["commandid", "environmentid", "hostedzoneid", "instanceid", "sessionid"])
_NAMES = re.compile(r".*(?:name|id|identifier|url)s?|cluster|target|taskdefinition")
_NAMES_NOTHING = re.compile(
    r".*(?:attribute|parameter|metric|session|region|zone|type|engine|display|device|host)names?"
    r"|.*(?:token|request|requester|version|external|statement|zone|reservation|account|owner|user|group)ids?"
)
_ENDINGS = frozenset(["name", "names", "id", "ids", "identifier", "identifiers", "url", "urls"])
"""Fields that end like names, but name nothing that a call could be about; accounts, users and groups have rules."""


class Call(NamedTuple):
    """Where a call was recorded.

    Attributes
    ----------
    service
        The first label of the event source: `iam` of `iam.amazonaws.com`.
    account
        The account in which the call was made; None if unknown.
    partition
        The partition for ARNs that are built from names.
    parameters, answer
        The request parameters, and what the service answered or reported.
    """

    service: str
    account: str | None
    partition: str
    parameters: Any
    answer: Any


class Objects(NamedTuple):
    """What a call was about, beside the attributes.

    Attributes
    ----------
    targets
        Key and value of what the parameters name, in order: of direct parameters, if any of them names something. At
        most `MAX_TARGETS`.
    grantees
        Who was given something: accounts, principals, `everyone`. At most `MAX_TARGETS`.
    """

    targets: tuple[tuple[str, str], ...]
    grantees: tuple[str, ...]


def add_objects(found: Collector, call: Call) -> Objects:
    """Add the attributes of what a call was about, and of those whom it gave something."""
    reader = _Reader(found, call)
    reader.read(call.parameters)
    targets = reader.direct or reader.nested
    reader.read(call.answer, is_answer=True)
    reader.add_built()
    return Objects(tuple(dict.fromkeys(targets)), tuple(dict.fromkeys(reader.grantees)))


def arn_noun(arn: str) -> str:
    """Return what an ARN stands for, in words.

    Examples
    --------
    >>> arn_noun("arn:aws:iam::111122223333:policy/p"), arn_noun("arn:aws:s3:::b/k"), arn_noun("arn:aws:sns:x:1:t")
    ('policy', 'object in the bucket', 'topic')
    """
    _, _, service, _, _, resource = [*arn.split(":", 5), *[""] * 6][:6]
    if service == "s3":
        return "object in the bucket" if "/" in resource else "bucket"
    kind = re.split("[:/]", resource, maxsplit=1)[0] if re.search("[:/]", resource) else service
    return _ARN_NOUNS.get(kind) or kind.replace("-", " ")[:32] or "resource"


def account_of(arn: str) -> str | None:
    """Return the account in an ARN, or None."""
    account = [*arn.split(":", 5), *[""] * 5][4]
    return account if _ACCOUNT.fullmatch(account) else None


def _noun(field: str) -> str:
    """Return what a field names, in words: `dBInstanceIdentifier` names a DB instance."""
    words = _WORDS.findall(field.replace("dB", "DB", 1) if field.startswith("dB") else field)[:8]
    if words and words[-1].lower() in _ENDINGS:
        last = words.pop()
        words = words or [last.removesuffix("s")]
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def _is_name(field: str) -> bool:
    return bool(_NAMES.fullmatch(field)) and not _NAMES_NOTHING.fullmatch(field)


def _share(field: str) -> str:
    return "granted" if _GRANTED.fullmatch(field) else "withdrawn" if _WITHDRAWN.fullmatch(field) else ""


class _Field(NamedTuple):
    """A value, and where it is.

    Attributes
    ----------
    name
        Name of the nearest field.
    share
        `granted` or `withdrawn` below a field of that kind.
    is_direct
        Whether the value is a parameter itself, or an element of one.
    is_document
        Whether the value was JSON inside a text.
    """

    name: str
    value: Any
    share: str = ""
    is_direct: bool = False
    is_document: bool = False


class _Reader:
    """Reads the values of a call in order, and adds their attributes."""

    def __init__(self, found: Collector, call: Call) -> None:
        self._found, self._call = found, call
        self._arns: set[str] = set()
        self._names: dict[tuple[str, str, str], None] = {}
        self._bucket, self._key = "", ""
        self._waiting: list[_Field] = []
        self._is_answer = False
        self.direct: list[tuple[str, str]] = []
        self.nested: list[tuple[str, str]] = []
        self.grantees: list[str] = []

    def read(self, value: Any, *, is_answer: bool = False) -> None:
        """Add the attributes of all values in the parameters, or in the answer."""
        self._is_answer = is_answer
        self._waiting.append(_Field("", value))
        while self._waiting:
            field = self._waiting.pop()
            if isinstance(field.value, dict):
                self._open(field)
            elif isinstance(field.value, list):
                self._waiting += [field._replace(value=item) for item in reversed(field.value)]
            elif isinstance(field.value, str):
                self._text(field)
            elif field.value is True and field.name.lower() == "publiclyaccessible" and not is_answer:
                self.grantees.append("everyone")

    def add_built(self) -> None:
        """Add the ARNs that are made of names: users and roles unless their ARN was found, and an object in S3."""
        resources = (arn.split(":", 5)[-1] for arn in self._arns)
        known = {(resource.partition("/")[0], resource.rpartition("/")[2]) for resource in resources}
        for kind, name, key in self._names:
            if (kind, name) in known:
                continue
            if (
                _ACCOUNT.fullmatch(self._call.account or "")
                and _IAM_NAME.fullmatch(name)
                and not name.startswith(_RESERVED)
            ):
                arn = f"arn:{self._call.partition}:iam::{self._call.account}:{kind}/{name}"
                self._found.add_fitting("arn", key, arn, ("local", "object"))
            elif kind != "user":
                self._found.add("resource", key, name, ("local", "object"))
        if self._bucket and self._key and self._call.service == "s3":
            arn = f"arn:{self._call.partition}:s3:::{self._bucket}/{self._key}"
            self._found.add_fitting("arn", "object in the bucket", arn, ("object",))

    def _open(self, field: _Field) -> None:
        """Read the values of an object next, in their order."""
        is_root = not field.name
        is_direct = is_root or (field.is_direct and field.name.lower().endswith("request"))
        denies = "Deny" in (field.value.get("Effect"), field.value.get("effect"))
        for name in reversed(field.value):
            lower = name.lower()
            share = _share(lower) or field.share
            if lower == "name" and field.name.lower() in _NAMED_BY_PARENT:
                name, value = f"{field.name.removesuffix('Set')}Name", field.value[name]
            else:
                value = field.value[name]
            inside = _Field(name, value, "" if denies else share, is_direct, field.is_document)
            self._waiting.append(inside)

    def _text(self, field: _Field) -> None:
        value = field.value.strip()
        if value[:1] == "{":
            inside = None if field.is_document else json_in(value)
            if inside is not None:
                self._waiting.append(field._replace(value=inside, is_direct=False, is_document=True))
        elif not value or len(value) > MAX_LENGTH or _REMOVED.fullmatch(value):
            return
        elif not (field.share and self._add_share(field, value)) and not self._add_by_form(field, value):
            self._add_by_name(field, field.name.lower(), value)

    def _add_share(self, field: _Field, value: str) -> bool:
        """Add who was given something; return False for other values."""
        account = value if _ACCOUNT.fullmatch(value) else account_of(value)
        words = "was given access" if field.share == "granted" else "lost access"
        grantee = "everyone" if value.lower() in _EVERYONE else value
        if grantee == value and not account:
            return False
        if value.startswith("arn:"):
            self._found.add_fitting("arn", f"principal that {words}", value, ("object",))
        if account and account != self._call.account:
            self._found.add("account", f"account that {words}", account, ("object",))
        if field.share == "granted" and len(self.grantees) < MAX_TARGETS:
            self.grantees.append(grantee)
        return True

    def _add_by_form(self, field: _Field, value: str) -> bool:
        """Add a value that shows by itself what it is; return False for other values."""
        if value.startswith("arn:"):
            if not _WILDCARD.search(value):
                key, own = arn_noun(value), account_of(value) == self._call.account
                self._arns.add(value)
                self._add(field, "arn", key, value, ("local", "object") if own else ("object",))
                if not own:
                    self._found.add("account", f"account of the {key}", account_of(value), ("object",))
                for kind, part in identifiers(value):
                    if kind != "arn":
                        self._found.add(kind, key, part, ("local", "object"))
            return True
        for kind, part in identifiers(value):
            key = resource_kind(part) or _KEYS.get(kind, kind)
            self._add(field, kind, key, part, ("object",) if kind == "resource" else ("local", "object"))
            return True
        if value[:7].lower() in {"http://", "https:/"} and not _HOST_OF_AWS.match(value):
            self._add(field, "url", f"{_noun(field.name)} URL", value, ("object",))
            return True
        return False

    def _add_by_name(self, field: _Field, name: str, value: str) -> None:
        """Add a value whose field tells what it is."""
        is_of_iam = name in _OF_IAM and (self._call.service == "iam" or name not in _ALSO_ELSEWHERE)
        if is_of_iam:
            kind, key = _OF_IAM[name]
            self._names[kind, value, key] = None
            self._target(field, key, value)
        if name.endswith("username"):
            key = "affected user" if name == "username" else _noun(field.name)
            self._found.add("username", key, value, ("local", "object"))
        elif self._is_public(name, value):
            self.grantees.append("everyone")
        elif name in _DOMAINS and not self._is_answer and _DOMAIN.fullmatch(value):
            self._add(field, "domain", "domain", value.rstrip("."), ("object",))
        elif self._is_bucket(name) and _BUCKET.fullmatch(value):
            self._bucket = value
            self._add(field, "arn", "bucket", f"arn:{self._call.partition}:s3:::{value}", ("object",))
        elif name == "key" and field.is_direct:
            self._key = value
        elif _ACCOUNT.fullmatch(value) and (_OF_ACCOUNTS.fullmatch(name) or _is_name(name)):
            if value != self._call.account:
                self._add(field, "account", "account in the call", value, ("object",))
        elif _OF_MAIL.fullmatch(name) or (name == "id" and "@" in value):
            if "@" in value:
                self._add(field, "email", "e-mail address", value, ("object",))
        elif _OF_ADDRESSES.fullmatch(name) or (name in _VALUES and _ADDRESS.fullmatch(value)):
            self._add_network(field, value)
        elif name in _ALWAYS_NAMES or (
            field.is_direct
            and not self._is_answer
            and not is_of_iam
            and _is_name(name)
            and len(value) <= MAX_NAME_LENGTH
        ):
            self._add(field, "resource", _noun(field.name), value, ("object",))

    def _is_bucket(self, name: str) -> bool:
        return name.endswith(("bucketname", "s3bucket")) or (name == "bucket" and self._call.service == "s3")

    def _is_public(self, name: str, value: str) -> bool:
        """Check whether a value opens something to everyone: a canned ACL, or access without authentication."""
        is_open = name in _ANONYMOUS_ACCESS and value == "NONE" and not self._is_answer
        return is_open or (name in _ACLS and value.lower() in _EVERYONE)

    def _add_network(self, field: _Field, value: str) -> None:
        address, _, length = value.partition("/")
        if not length or length == ("128" if ":" in value else "32"):
            self._add(field, "ipaddr", "IP address", address, ("object",))
        else:
            self._found.add("network", "network in a rule", value, ("object",))

    def _add(self, field: _Field, kind: str, key: str, value: str, contexts: tuple[str, ...]) -> None:
        if self._found.add_fitting(kind, key, value, contexts):
            self._target(field, key, value)

    def _target(self, field: _Field, key: str, value: str) -> None:
        targets = self.direct if field.is_direct else self.nested
        if not self._is_answer and not field.is_document and len(targets) < MAX_TARGETS:
            targets.append((key, value))

"""What the company does every day: calls of AWS, flows and DNS queries."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

ACCOUNT = "111122223333"
REGIONS = ("eu-west-1", "us-east-1")
OFFICE = "198.51.100."
PEOPLE = ("alice", "bob", "carol", "dave", "erin")
KEYS = {name: f"AKIA{name.upper():X<16}"[:20] for name in PEOPLE}
INSTANCES = {f"i-0{letter * 16}": f"10.0.1.{number}" for number, letter in enumerate("abcdef", 10)}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
ASSETS = "invented-assets"

_CALLS = {
    "alice": (("s3.amazonaws.com", "ListBuckets", False), ("s3.amazonaws.com", "GetBucketPolicy", False)),
    "bob": (("ec2.amazonaws.com", "DescribeInstances", False), ("ec2.amazonaws.com", "RunInstances", True)),
    "carol": (("cloudwatch.amazonaws.com", "GetMetricData", False),),
    "dave": (("iam.amazonaws.com", "ListUsers", False), ("iam.amazonaws.com", "ListRoles", False)),
    "erin": (("rds.amazonaws.com", "DescribeDBInstances", False),),
}
_NAMES = ("api.partner.example", "updates.vendor.example", "db.internal.example", "mail.example.net")
_PEERS = ("192.0.2.10", "192.0.2.11", "192.0.2.12")

Row = dict[str, Any]


def user_identity(name: str) -> Row:
    """Return the identity of a person with an access key."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return identity(type="IAMUser", arn=arn, accesskeyid=KEYS[name], username=name)


def session_identity(instance: str, key: str) -> Row:
    """Return the identity of an instance's credentials."""
    issuer = {"type": "Role", "principalid": "AROAWEB", "arn": ROLE, "accountid": ACCOUNT, "username": "web"}
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{instance}"
    return identity(type="AssumedRole", arn=arn, accesskeyid=key, sessioncontext={"sessionissuer": issuer})


def identity(**fields: Any) -> Row:
    """Return an identity with all of its fields."""
    empty = {"sessionissuer": dict.fromkeys(("type", "principalid", "arn", "accountid", "username"))}
    names = ("type", "principalid", "arn", "invokedby", "accesskeyid", "username")
    return {**dict.fromkeys(names), "accountid": ACCOUNT, "sessioncontext": empty, **fields}


def call(
    at: datetime,
    who: Row,
    address: str,
    service: str,
    action: str,
    *,
    writes: bool = False,
    error: str | None = None,
    parameters: str | None = None,
    answer: str | None = None,
    resources: Sequence[Row] = (),
    region: str = "eu-west-1",
) -> Row:
    """Return a row of CloudTrail."""
    return {
        "useridentity": who,
        "eventtime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventsource": service,
        "eventname": action,
        "awsregion": region,
        "sourceipaddress": address,
        "useragent": "aws-cli/2.30",
        "errorcode": error,
        "requestparameters": parameters,
        "responseelements": answer,
        "readonly": "false" if writes else "true",
        "resources": list(resources),
        "timestamp": f"{at:%Y/%m/%d}",
    }


def resource(kind: str, arn: str) -> Row:
    """Return a resource of a row of CloudTrail; only calls of some services, such as S3 and KMS, have them."""
    return {"type": kind, "arn": arn, "accountid": None if kind == "AWS::S3::Object" else ACCOUNT}


def get_object(at: datetime, who: Row, address: str) -> Row:
    """Return a read of an object, which names its bucket three times."""
    arn = f"arn:aws:s3:::{ASSETS}"
    return call(
        at,
        who,
        address,
        "s3.amazonaws.com",
        "GetObject",
        parameters=json.dumps({"bucketName": ASSETS, "key": "index.html"}),
        resources=(resource("AWS::S3::Object", f"{arn}/index.html"), resource("AWS::S3::Bucket", arn)),
    )


def flow(
    at: datetime,
    instance: str,
    source: str,
    source_port: int,
    destination: str,
    destination_port: int,
    size: int,
    *,
    accepted: bool = True,
) -> Row:
    """Return a row of VPC flow logs, recorded at the interface of the instance."""
    return {
        "interface_id": f"eni-{instance[2:10]}",
        "srcaddr": source,
        "dstaddr": destination,
        "srcport": source_port,
        "dstport": destination_port,
        "protocol": 6,
        "packets": max(1, size // 1000),
        "bytes": size,
        "start": int(at.timestamp()),
        "action": "ACCEPT" if accepted else "REJECT",
        "instance_id": instance,
        "flow_direction": "egress" if source == INSTANCES[instance] else "ingress",
        "date": f"{at:%Y-%m-%d}",
    }


def query(at: datetime, instance: str, name: str, answer: str | None, kind: str = "A") -> Row:
    """Return a row of Resolver query logs."""
    return {
        "query_timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "query_name": f"{name}.",
        "query_type": kind,
        "rcode": "NOERROR" if answer else "NXDOMAIN",
        "answers": [{"rdata": answer, "type": kind, "class": "IN"}] if answer else [],
        "srcaddr": INSTANCES[instance],
        "srcids": {"instance": instance, "resolver_endpoint": None},
        "date": f"{at:%Y/%m/%d}",
    }


def ordinary_day(day: datetime, dice: random.Random) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a day with the names of their tables."""
    for name in PEOPLE:
        address = f"{OFFICE}{10 + PEOPLE.index(name)}"
        for service, action, writes in _CALLS[name]:
            for _ in range(dice.randint(4, 12)):
                region = dice.choice(REGIONS)
                at = _office_hours(day, dice)
                yield (
                    "cloudtrail",
                    call(at, user_identity(name), address, service, action, writes=writes, region=region),
                )
    sign_in = call(
        _office_hours(day, dice), user_identity("carol"), f"{OFFICE}12", "signin.amazonaws.com", "ConsoleLogin"
    )
    yield "cloudtrail", {**sign_in, "responseelements": '{"ConsoleLogin": "Success"}'}
    for instance, address in INSTANCES.items():
        session = session_identity(instance, f"ASIA{instance[-1].upper() * 16}")
        for _ in range(6):
            yield "cloudtrail", get_object(_any_time(day, dice), session, "192.0.2.200")
        for _ in range(40):
            peer, port, size = dice.choice(_PEERS), dice.randint(32768, 60999), dice.randint(500, 50_000)
            at = _any_time(day, dice)
            yield "flows", flow(at, instance, address, port, peer, 443, size)
            yield "flows", flow(at, instance, peer, 443, address, port, 3 * size)
        for _ in range(30):
            yield "names", query(_any_time(day, dice), instance, dice.choice(_NAMES), "192.0.2.10")


def _office_hours(day: datetime, dice: random.Random) -> datetime:
    return day + timedelta(seconds=dice.randint(8 * 3600, 18 * 3600))


def _any_time(day: datetime, dice: random.Random) -> datetime:
    return day + timedelta(seconds=dice.randint(0, 86_399))

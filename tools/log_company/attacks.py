"""Six attacks on the last day, and what an analyst should learn about 12 findings of GuardDuty."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.log_company.ordinary import (
    ACCOUNT,
    INSTANCES,
    KEYS,
    Row,
    call,
    flow,
    get_object,
    query,
    resource,
    session_identity,
    user_identity,
)

THIEF, OUTSIDE, SCANNER, POOL, GUESSER = "203.0.113.66", "203.0.113.77", "203.0.113.200", "192.0.2.99", "203.0.113.30"
WEB, MINER, LEAK, SCANNING, SHELL = (f"i-0{letter * 16}" for letter in "abcde")
BUCKET = "invented-payroll"
KMS_KEY = "12345678-0000-4000-8000-123456789012"
KMS_KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KMS_KEY}"
STOLEN_SESSION = "ASIA" + "STOLEN" + "SESSION000"


@dataclass(frozen=True)
class Fact:
    """An activity that the answer must have.

    Attributes
    ----------
    action, principal, remote_addr
        The ends of the texts of the activity.
    """

    source: str
    action: str
    principal: str
    remote_addr: str
    count: int
    new: bool


@dataclass(frozen=True)
class Expected:
    """A finding, the attribute that is asked about, and what should be learnt."""

    finding: str
    attribute_type: str
    value: str
    facts: tuple[Fact, ...]


def attacks(day: datetime, dice: random.Random) -> Iterator[tuple[str, Row]]:
    """Yield the rows of the attacks with the names of their tables."""
    noon = day + timedelta(hours=12)
    yield from _stolen_key(noon)
    yield from _stolen_session(noon)
    yield from _miner(noon)
    yield from _dns_exfiltration(noon, dice)
    yield from _scans(noon)
    yield from _guessed_password(noon)


def expected(dave_lists_users: int) -> tuple[Expected, ...]:
    """Return what should be learnt; `dave_lists_users`: number of calls of an ordinary day that no attack made."""
    by_thief = ("user/alice", THIEF)
    return (
        Expected(
            "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
            "ipaddr",
            THIEF,
            (
                Fact("cloudtrail", "GetCallerIdentity", *by_thief, 1, new=True),
                Fact("cloudtrail", "CreateAccessKey", *by_thief, 1, new=True),
                Fact("cloudtrail", "ListBuckets", *by_thief, 3, new=True),
            ),
        ),
        Expected(
            "Persistence:IAMUser/AnomalousBehavior",
            "accesskey",
            KEYS["alice"],
            (
                Fact("cloudtrail", "CreateAccessKey", *by_thief, 1, new=True),
                Fact("cloudtrail", "PutUserPolicy (AccessDenied)", *by_thief, 2, new=True),
            ),
        ),
        Expected(
            "Stealth:IAMUser/CloudTrailLoggingDisabled",
            "username",
            "alice",
            (Fact("cloudtrail", "StopLogging", *by_thief, 1, new=True),),
        ),
        Expected(
            "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
            "accesskey",
            STOLEN_SESSION,
            (
                Fact("cloudtrail", "GetObject", f"web/{WEB}", OUTSIDE, 40, new=True),
                Fact("cloudtrail", "ListSecrets", f"web/{WEB}", OUTSIDE, 1, new=True),
            ),
        ),
        Expected(
            "CryptoCurrency:EC2/BitcoinTool.B",
            "instance",
            MINER,
            (
                Fact("flows", "connected to", MINER, POOL, 48, new=True),
                Fact("names", "resolved", MINER, POOL, 24, new=True),
            ),
        ),
        Expected(
            "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            "domain",
            "miner.example",
            (Fact("names", "resolved", MINER, POOL, 24, new=True),),
        ),
        Expected(
            "Trojan:EC2/DNSDataExfiltration",
            "domain",
            "exfil.example",
            (Fact("names", "resolved", LEAK, "192.0.2.53", 400, new=True),),
        ),
        Expected(
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "ipaddr",
            SCANNER,
            (Fact("flows", "connected to", SHELL, INSTANCES[SHELL], 200, new=True),),
        ),
        Expected(
            "Recon:EC2/Portscan",
            "instance",
            SCANNING,
            (Fact("flows", "connected to (rejected)", SCANNING, "10.0.1.10", 300, new=True),),
        ),
        Expected(
            "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
            "username",
            "carol",
            (
                Fact("cloudtrail", "ConsoleLogin (Failure)", "user/carol", GUESSER, 24, new=True),
                Fact("cloudtrail", "ConsoleLogin", "user/carol", GUESSER, 1, new=True),
            ),
        ),
        Expected(
            "Policy:S3/BucketAnonymousAccessGranted",
            "arn",
            f"arn:aws:s3:::{BUCKET}",
            (Fact("cloudtrail", "PutBucketPolicy", "user/carol", GUESSER, 1, new=True),),
        ),
        Expected(
            "Discovery:IAMUser/AnomalousBehavior",
            "username",
            "dave",
            (Fact("cloudtrail", "ListUsers", "user/dave", "198.51.100.13", dave_lists_users, new=False),),
        ),
    )


def _stolen_key(noon: datetime) -> Iterator[tuple[str, Row]]:
    alice = user_identity("alice")
    answer = json.dumps({"accessKey": {"accessKeyId": "AKIANEWKEYOFBOB00001", "userName": "bob"}})
    for minute, (service, action, writes, error, parameters, response) in enumerate(
        (
            ("sts.amazonaws.com", "GetCallerIdentity", False, None, None, None),
            *((("s3.amazonaws.com", "ListBuckets", False, None, None, None),) * 3),
            ("iam.amazonaws.com", "CreateAccessKey", True, None, '{"userName": "bob"}', answer),
            *((("iam.amazonaws.com", "PutUserPolicy", True, "AccessDenied", '{"userName": "bob"}', None),) * 2),
            ("cloudtrail.amazonaws.com", "StopLogging", True, None, '{"name": "main"}', None),
        )
    ):
        yield (
            "cloudtrail",
            call(
                noon + timedelta(minutes=minute),
                alice,
                THIEF,
                service,
                action,
                writes=writes,
                error=error,
                parameters=parameters,
                answer=response,
            ),
        )


def _stolen_session(noon: datetime) -> Iterator[tuple[str, Row]]:
    session = session_identity(WEB, STOLEN_SESSION)
    yield "cloudtrail", call(noon, session, OUTSIDE, "secretsmanager.amazonaws.com", "ListSecrets")
    for second in range(40):
        yield "cloudtrail", get_object(noon + timedelta(seconds=second), session, OUTSIDE)


def _miner(noon: datetime) -> Iterator[tuple[str, Row]]:
    address = INSTANCES[MINER]
    for number in range(24):
        at = noon + timedelta(minutes=number)
        yield "names", query(at, MINER, "pool.miner.example", POOL)
        yield "flows", flow(at, MINER, address, 40_000 + number, POOL, 3333, 900_000)
        yield "flows", flow(at, MINER, POOL, 3333, address, 40_000 + number, 100_000)


def _dns_exfiltration(noon: datetime, dice: random.Random) -> Iterator[tuple[str, Row]]:
    for number in range(400):
        name = f"{dice.randbytes(20).hex()}.t.exfil.example"
        yield "names", query(noon + timedelta(seconds=number), LEAK, name, "192.0.2.53", "TXT")


def _scans(noon: datetime) -> Iterator[tuple[str, Row]]:
    for number in range(200):
        at = noon + timedelta(seconds=number)
        yield "flows", flow(at, SHELL, SCANNER, 50_000 + number, INSTANCES[SHELL], 22, 2_000)
    for port in range(1, 301):
        at = noon + timedelta(seconds=port)
        yield "flows", flow(at, SCANNING, INSTANCES[SCANNING], 45_000, "10.0.1.10", port, 40, accepted=False)


def _guessed_password(noon: datetime) -> Iterator[tuple[str, Row]]:
    carol = user_identity("carol")
    for number in range(25):
        outcome = "Success" if number == 24 else "Failure"
        at = noon + timedelta(seconds=10 * number)
        row = call(at, carol, GUESSER, "signin.amazonaws.com", "ConsoleLogin")
        yield "cloudtrail", {**row, "responseelements": json.dumps({"ConsoleLogin": outcome})}
    yield (
        "cloudtrail",
        call(
            noon + timedelta(minutes=10),
            carol,
            GUESSER,
            "s3.amazonaws.com",
            "PutBucketPolicy",
            writes=True,
            parameters=json.dumps({"bucketName": BUCKET, "bucketPolicy": {"Statement": []}}),
            resources=(resource("AWS::S3::Bucket", f"arn:aws:s3:::{BUCKET}"),),
        ),
    )
    yield (
        "cloudtrail",
        call(
            noon + timedelta(minutes=11),
            carol,
            GUESSER,
            "kms.amazonaws.com",
            "DisableKey",
            writes=True,
            error="AccessDenied",
            parameters=json.dumps({"keyId": KMS_KEY}),
            resources=(resource("AWS::KMS::Key", KMS_KEY_ARN),),
        ),
    )

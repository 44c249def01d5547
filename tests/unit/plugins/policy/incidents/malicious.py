"""Thirty incidents that were attacks, or let attackers in."""

from tests.unit.plugins.policy.incidents.answers import (
    aws_instance,
    aws_role,
    aws_user,
    history,
    scanned_file,
    unknown,
    virustotal,
)
from tests.unit.plugins.policy.incidents.events import (
    ACCOUNT,
    INSTANCE,
    OTHER_ACCOUNT,
    abnormal,
    access_key,
    address_evidence,
    api_call,
    assumed_role,
    bucket,
    cloudtrail,
    console_login,
    control,
    crowdstrike,
    defender,
    device,
    dns,
    file_evidence,
    guardduty,
    iam_user,
    instance,
    mail_alert,
    mail_evidence,
    okta,
    process,
    proofpoint,
    secret,
    sentinelone,
    sentinelone_alert,
    sign_in_alert,
)
from tests.unit.plugins.policy.incidents.model import Incident

_C2, _HOSTING = "198.51.100.7", "198.51.100.44"
_PHISHING = "https://login.example.net/office"

MALICIOUS = (
    Incident(
        "guardduty",
        "An instance asks for a known command-and-control domain",
        (guardduty("Backdoor:EC2/C&CActivity.B!DNS", 8, instance(), role="ACTOR", **dns("c2.example.net")),),
        (virustotal("domain", "c2.example.net", malicious=9), aws_instance(INSTANCE, Name="web-1", team="shop")),
    ),
    Incident(
        "guardduty",
        "Credentials of an instance are used from elsewhere",
        (
            guardduty(
                "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                8,
                access_key("web", "AssumedRole"),
                **api_call("s3", "ListBuckets", _HOSTING),
            ),
        ),
    ),
    Incident(
        "guardduty",
        "An intruder switches off the trail, which GuardDuty rates low",
        (
            guardduty(
                "Stealth:IAMUser/CloudTrailLoggingDisabled",
                2,
                access_key("Admin", "AssumedRole"),
                **api_call("cloudtrail", "StopLogging", _HOSTING),
            ),
        ),
        (unknown("virustotal", "ipaddr", _HOSTING),),
    ),
    Incident(
        "guardduty",
        "A miner starts in a container",
        (guardduty("Execution:Runtime/NewBinaryExecuted", 5, instance(), **process("/tmp/kdevtmpfsi")),),
        (scanned_file("/tmp/kdevtmpfsi", malicious=41),),
    ),
    Incident(
        "guardduty",
        "A stolen key creates another key, which is unusual for the user",
        (
            guardduty(
                "Persistence:IAMUser/AnomalousBehavior",
                5,
                access_key("ci"),
                **api_call("iam", "CreateAccessKey", _HOSTING),
            ),
        ),
        (virustotal("ipaddr", _HOSTING, harmless=60), aws_user("ci", mfa=False)),
    ),
    Incident(
        "guardduty",
        "A stolen key lists buckets from an address known for attacks, which GuardDuty rates low",
        (
            guardduty(
                "Discovery:S3/AnomalousBehavior", 2, bucket("orders", "backup"), **api_call("s3", "ListObjects", _C2)
            ),
        ),
        (virustotal("ipaddr", _C2, malicious=11),),
    ),
    Incident(
        "controls",
        "A bucket with orders can be read by everyone",
        (
            control(
                "S3.2", "S3 general purpose buckets should block public read access", "CRITICAL", "arn:aws:s3:::orders"
            ),
        ),
    ),
    Incident(
        "controls",
        "SSH is open to the internet",
        (
            control(
                "EC2.13",
                "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
                "HIGH",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-0a1b2c3d4e5f60718",
                "AwsEc2SecurityGroup",
            ),
        ),
    ),
    Incident(
        "controls",
        "The trail was deleted an hour ago",
        (
            control(
                "CloudTrail.1",
                "CloudTrail should be enabled and configured with at least one multi-Region trail that includes "
                "read and write management events",
                "HIGH",
                f"AWS::::Account:{ACCOUNT}",
                "AwsAccount",
            ),
        ),
    ),
    Incident(
        "controls",
        "A snapshot of a disk can be restored by everyone",
        (
            control(
                "EC2.1",
                "Amazon EBS snapshots should not be publicly restorable",
                "CRITICAL",
                f"AWS::::Account:{ACCOUNT}",
                "AwsAccount",
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "The trail is stopped by a session of an administrator who is on holiday",
        (
            cloudtrail(
                "cloudtrail",
                "StopLogging",
                assumed_role("Admin", "judy@example.com"),
                _HOSTING,
                {"name": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/audit"},
            ),
        ),
        (aws_role(f"arn:aws:iam::{ACCOUNT}:role/Admin", admin=True),),
    ),
    Incident(
        "cloudtrail",
        "A key of the pipeline gives an unused account a password",
        (cloudtrail("iam", "CreateLoginProfile", iam_user("ci"), _HOSTING, {"userName": "support"}),),
        (virustotal("ipaddr", _HOSTING, suspicious=2, harmless=40), aws_user("ci", mfa=False)),
    ),
    Incident(
        "cloudtrail",
        "A snapshot is shared with an account of a stranger",
        (
            cloudtrail(
                "ec2",
                "ModifySnapshotAttribute",
                assumed_role("Developer", "bob@example.com"),
                _HOSTING,
                {
                    "attributeType": "CREATE_VOLUME_PERMISSION",
                    "createVolumePermission": {"add": {"items": [{"userId": OTHER_ACCOUNT}]}},
                    "snapshotId": "snap-0a1b2c3d4e5f60718",
                },
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "A user signs in without MFA from an address known for attacks",
        (console_login(iam_user("carol"), _C2, mfa=False),),
        (virustotal("ipaddr", _C2, malicious=7), aws_user("carol", mfa=False)),
    ),
    Incident(
        "cloudtrail",
        "A web server that was broken into makes a user an administrator",
        (
            cloudtrail(
                "iam",
                "AttachUserPolicy",
                assumed_role("web", INSTANCE),
                "203.0.113.17",
                {"userName": "deploy", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
        ),
        (aws_instance(INSTANCE, Name="web-1"),),
    ),
    Incident(
        "cloudtrail",
        "Secrets are read with a stolen session, from an address known for attacks",
        (
            cloudtrail(
                "secretsmanager",
                "GetSecretValue",
                assumed_role("api", "session"),
                _C2,
                secret("prod/db"),
                readOnly=True,
            ),
        ),
        (virustotal("ipaddr", _C2, malicious=5),),
    ),
    Incident(
        "endpoint",
        "Passwords are read from memory",
        (crowdstrike("CredentialDump", 90, file="p.exe"),),
        (unknown("virustotal-files", "filehashvalue", "0" * 64),),
    ),
    Incident(
        "endpoint",
        "A script downloads malware, which Defender rates medium",
        (
            defender(
                "Suspicious PowerShell command line",
                "medium",
                device(),
                file_evidence("run.ps1"),
                address_evidence(_C2),
            ),
        ),
        (scanned_file("run.ps1", malicious=17),),
    ),
    Incident(
        "endpoint",
        "Ransomware is not stopped",
        (sentinelone("Ransomware", "invoice.exe", "malicious"),),
        (scanned_file("invoice.exe", malicious=52),),
    ),
    Incident(
        "endpoint",
        "A program signals to its command-and-control server",
        (crowdstrike("SuspiciousNetworkActivity", 50, file="updater.exe", remote=(_C2,)),),
        (virustotal("ipaddr", _C2, malicious=6), scanned_file("updater.exe")),
    ),
    Incident(
        "endpoint",
        "An intruder reads the memory of LSASS, which Defender rates medium",
        (defender("Suspicious access to LSASS service", "medium", device(), file_evidence("rundll32.exe")),),
        (scanned_file("rundll32.exe"),),
    ),
    Incident(
        "endpoint",
        "A document starts a shell, about which no inspector knows anything",
        (sentinelone_alert("Office program started a shell", "MALWARE", "MEDIUM", "order.docm"),),
    ),
    Incident(
        "identity",
        "An attacker signs in to Okta with a phished password",
        (
            okta(
                "user.session.start",
                "User login to Okta",
                address=_C2,
                risk="{reasons=Anomalous Location, New Device, level=HIGH}",
            ),
        ),
        (virustotal("ipaddr", _C2, malicious=4),),
    ),
    Incident(
        "identity",
        "A user reports a sign-in that was not theirs",
        (
            okta(
                "user.account.report_suspicious_activity_by_enduser",
                "User report suspicious activity",
                "WARN",
                target="carol@example.com",
                suspiciousActivityEventIp=_HOSTING,
                suspiciousActivityEventType="user.session.start",
            ),
        ),
    ),
    Incident(
        "identity",
        "A stolen session is used, according to Entra",
        (sign_in_alert("Anomalous Token", "medium", _HOSTING),),
        (virustotal("ipaddr", _HOSTING, harmless=55),),
    ),
    Incident(
        "identity",
        "An identity provider of the attacker is added to Okta",
        (okta("system.idp.lifecycle.create", "Create Identity Provider", address=_HOSTING, target="corp-sso"),),
    ),
    Incident(
        "identity",
        "An attacker who has the password tires the user with pushes",
        tuple(
            okta(
                "user.mfa.okta_verify.deny_push",
                "User rejected Okta push verify",
                result="FAILURE",
                reason="INVALID_CREDENTIALS",
                address=_HOSTING,
                uuid=f"9b1d6a10-{number:04d}",
            )
            for number in range(4)
        ),
        (history("username", "carol@example.com", "unclassified", detector="okta", rule="user.session.start"),),
    ),
    Incident(
        "mail",
        "An employee opens the link to a copy of the sign-in page",
        (
            mail_alert(
                "A potentially malicious URL click was detected",
                "high",
                mail_evidence("example.net", _HOSTING, _PHISHING),
            ),
        ),
        (virustotal("url", _PHISHING, malicious=8),),
    ),
    Incident(
        "mail",
        "Proofpoint delivered a message with a link to a copy of the sign-in page",
        (proofpoint("PHISH", _PHISHING),),
        (virustotal("url", _PHISHING, malicious=5),),
    ),
    Incident(
        "mail",
        "A partner's mailbox sends another bank account",
        (abnormal("Invoice/Payment Fraud (BEC)", attackStrategy="External Compromised Account"),),
    ),
)

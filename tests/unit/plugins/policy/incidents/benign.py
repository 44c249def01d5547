"""Thirty incidents that needed no action."""

from tests.unit.plugins.policy.incidents.answers import (
    aws_instance,
    aws_role,
    aws_user,
    history,
    scanned_file,
    virustotal,
)
from tests.unit.plugins.policy.incidents.events import (
    ACCOUNT,
    INSTANCE,
    access_key,
    api_call,
    assumed_role,
    bucket,
    cloudtrail,
    connection,
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
    port_probe,
    proofpoint,
    secret,
    sentinelone,
    sign_in_alert,
)
from tests.unit.plugins.policy.incidents.model import Incident

_NOISE, _HOME, _CLOUD = "198.51.100.9", "198.51.100.61", "198.51.100.90"
_LINK = "https://news.example.net/january"

BENIGN = (
    Incident(
        "guardduty",
        "A known scanner of the internet probes the web server",
        (guardduty("Recon:EC2/PortProbeUnprotectedPort", 2, instance(), **port_probe(_NOISE)),),
        (
            virustotal("ipaddr", _NOISE, malicious=12),
            history("ipaddr", _NOISE, "unclassified", "unclassified", "unclassified"),
            aws_instance(INSTANCE, Name="web-1", environment="production"),
        ),
    ),
    Incident(
        "guardduty",
        "Passwords are guessed at a bastion host that accepts only keys",
        (
            guardduty(
                "UnauthorizedAccess:EC2/SSHBruteForce",
                2,
                instance("bastion"),
                **connection(_NOISE, outbound=False, port=22),
            ),
        ),
        (virustotal("ipaddr", _NOISE, malicious=3, suspicious=1),),
    ),
    Incident(
        "guardduty",
        "Our own vulnerability scanner scans",
        (guardduty("Recon:EC2/Portscan", 5, instance("scanner"), role="ACTOR", **connection("10.0.2.9", port=22)),),
        (aws_instance(INSTANCE, Name="scanner", purpose="vulnerability-scanner", team="security"),),
    ),
    Incident(
        "guardduty",
        "A backup uses another port since the last update",
        (
            guardduty(
                "Behavior:EC2/NetworkPortUnusual", 5, instance("backup"), role="ACTOR", **connection(_CLOUD, port=9443)
            ),
        ),
        (virustotal("ipaddr", _CLOUD, harmless=62), aws_instance(INSTANCE, Name="backup", team="infra")),
    ),
    Incident(
        "guardduty",
        "Terraform removes the block of public access from the bucket of a website",
        (
            guardduty(
                "Policy:S3/BucketBlockPublicAccessDisabled",
                2,
                bucket("website", "terraform", "AssumedRole"),
                **api_call("s3", "PutBucketPublicAccessBlock", _CLOUD),
            ),
        ),
        (virustotal("ipaddr", _CLOUD, harmless=58),),
    ),
    Incident(
        "guardduty",
        "A sample finding",
        (
            guardduty(
                "Backdoor:EC2/C&CActivity.B!DNS",
                8,
                instance(instance_id="i-99999999"),
                role="ACTOR",
                sample=True,
                **dns("GeneratedFindingDomainName"),
            ),
        ),
    ),
    Incident(
        "guardduty",
        "A new engineer lists roles for the first time",
        (
            guardduty(
                "Discovery:IAMUser/AnomalousBehavior",
                2,
                access_key("Engineer", "AssumedRole"),
                **api_call("iam", "ListRoles", _HOME),
            ),
        ),
        (virustotal("ipaddr", _HOME, harmless=60), aws_role(f"arn:aws:iam::{ACCOUNT}:role/Engineer")),
    ),
    Incident(
        "controls",
        "A queue is not encrypted",
        (
            control(
                "SQS.1",
                "Amazon SQS queues should be encrypted at rest",
                "MEDIUM",
                f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders",
                "AwsSqsQueue",
            ),
        ),
    ),
    Incident(
        "controls",
        "The files of the trail are not validated",
        (
            control(
                "CloudTrail.4",
                "CloudTrail log file validation should be enabled",
                "LOW",
                f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/audit",
                "AwsCloudTrailTrail",
            ),
        ),
    ),
    Incident(
        "controls",
        "Access to a bucket is not logged",
        (
            control(
                "S3.9",
                "S3 general purpose buckets should have server access logging enabled",
                "MEDIUM",
                "arn:aws:s3:::a",
            ),
        ),
    ),
    Incident(
        "controls",
        "A key was not rotated for 91 days",
        (
            control(
                "IAM.3",
                "IAM users' access keys should be rotated every 90 days or less",
                "MEDIUM",
                f"arn:aws:iam::{ACCOUNT}:user/alice",
                "AwsIamUser",
            ),
        ),
        (aws_user("alice"),),
    ),
    Incident(
        "controls",
        "A test instance accepts version 1 of the metadata service",
        (
            control(
                "EC2.8",
                "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)",
                "HIGH",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{INSTANCE}",
                "AwsEc2Instance",
            ),
        ),
        (aws_instance(INSTANCE, Name="test-1", environment="test"),),
    ),
    Incident(
        "controls",
        "A web server has a public address, as it must",
        (
            control(
                "EC2.9",
                "EC2 instances should not have a public IPv4 address",
                "HIGH",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{INSTANCE}",
                "AwsEc2Instance",
            ),
        ),
        (aws_instance(INSTANCE, Name="web-1", environment="production"),),
    ),
    Incident(
        "cloudtrail",
        "A user signs in with MFA",
        (console_login(iam_user("carol"), _HOME),),
        (virustotal("ipaddr", _HOME, harmless=61), aws_user("carol")),
    ),
    Incident(
        "cloudtrail",
        "A user mistypes the password",
        (console_login(iam_user("carol"), _HOME, mfa=False, success=False),),
        (virustotal("ipaddr", _HOME, harmless=61),),
    ),
    Incident(
        "cloudtrail",
        "A user rotates their own key",
        (cloudtrail("iam", "CreateAccessKey", iam_user("alice"), _HOME, {"userName": "alice"}),),
        (aws_user("alice"),),
    ),
    Incident(
        "cloudtrail",
        "Terraform lets a role read",
        (
            cloudtrail(
                "iam",
                "AttachRolePolicy",
                assumed_role("terraform", "run-1234"),
                _CLOUD,
                {"roleName": "audit", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            ),
        ),
        (aws_role(f"arn:aws:iam::{ACCOUNT}:role/terraform", admin=True),),
    ),
    Incident(
        "cloudtrail",
        "An application reads its secret",
        (
            cloudtrail(
                "secretsmanager",
                "GetSecretValue",
                assumed_role("orders", "orders-7"),
                "10.0.1.20",
                secret("orders/db"),
                readOnly=True,
            ),
        ),
    ),
    Incident(
        "endpoint",
        "A toolbar comes with a free program",
        (crowdstrike("AdwareOrPup", 20, file="toolbar.exe"),),
        (scanned_file("toolbar.exe", malicious=2),),
    ),
    Incident(
        "endpoint",
        "Somebody tests the antivirus with EICAR's file",
        (defender("'EICAR_Test_File' malware was prevented", "informational", device(), file_evidence("eicar.com")),),
        (scanned_file("eicar.com", malicious=62),),
    ),
    Incident(
        "endpoint",
        "A license tool is unwanted, and removed",
        (sentinelone("PUA", "keygen.exe", "suspicious", mitigationStatus="mitigated"),),
        (scanned_file("keygen.exe"),),
    ),
    Incident(
        "endpoint",
        "An administrator starts a program on another host",
        (defender("Suspicious service launched", "low", device(), file_evidence("psexesvc.exe")),),
        (scanned_file("psexesvc.exe"),),
    ),
    Incident(
        "endpoint",
        "The script of the software distribution hides its window",
        (crowdstrike("SuspiciousScript", 40, file="deploy.ps1"),),
        (history("hostname", "WS-0815", "unclassified", detector="crowdstrike", rule="5701"),),
    ),
    Incident(
        "identity",
        "A user signs in to Okta",
        (okta("user.session.start", "User login to Okta", address=_HOME, risk="{reasons=New Device, level=LOW}"),),
        (virustotal("ipaddr", _HOME, harmless=60),),
    ),
    Incident(
        "identity",
        "A user is locked out after the holidays",
        (
            okta(
                "user.account.lock",
                "Max sign in attempts exceeded",
                "DEBUG",
                result="LOCKED_OUT",
                target="carol@example.com",
            ),
        ),
    ),
    Incident(
        "identity",
        "Okta refuses a sign-in with a wrong password from a hotel",
        (
            okta(
                "user.session.start",
                "User login to Okta",
                "WARN",
                result="FAILURE",
                reason="INVALID_CREDENTIALS",
                address=_NOISE,
                risk="{reasons=Anomalous Location, level=HIGH}",
            ),
        ),
        (virustotal("ipaddr", _NOISE, suspicious=1),),
    ),
    Incident(
        "identity",
        "A user signs in from a train",
        (sign_in_alert("Unfamiliar sign-in properties", "low", _HOME),),
        (virustotal("ipaddr", _HOME, harmless=59),),
    ),
    Incident(
        "mail",
        "A user reports a newsletter",
        (mail_alert("Email reported by user as malware or phish", "low", mail_evidence("example.net", _CLOUD, _LINK)),),
        (virustotal("url", _LINK, harmless=70),),
    ),
    Incident(
        "mail",
        "A message with a malicious link was removed before anybody read it",
        (
            mail_alert(
                "Email messages containing malicious URL removed after delivery",
                "informational",
                mail_evidence("example.net", _NOISE, "https://login.example.net/x"),
            ),
        ),
        (virustotal("url", "https://login.example.net/x", malicious=9),),
    ),
    Incident(
        "mail",
        "Advertising was delivered",
        (proofpoint("SPAM", _LINK),),
        (virustotal("url", _LINK, harmless=66),),
    ),
)

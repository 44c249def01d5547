"""Thirty other attacks, which were written after the policy."""

from tests.unit.plugins.policy.incidents.answers import aws_instance, aws_role, history, scanned_file, virustotal
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
    connection,
    control,
    crowdstrike,
    defender,
    device,
    dns,
    guardduty,
    iam_user,
    instance,
    mail_alert,
    okta,
    process,
    root,
    sentinelone,
    sentinelone_alert,
    sign_in_alert,
)
from tests.unit.plugins.policy.incidents.model import Incident

_BAD, _VPN, _NEW = "198.51.100.77", "198.51.100.78", "198.51.100.79"
_LINK = "https://docs.example.net/share"

OTHER_MALICIOUS = (
    Incident(
        "guardduty",
        "A key from a public repository is tried from an address on our list of threats",
        (
            guardduty(
                "Recon:IAMUser/MaliciousIPCaller.Custom", 5, access_key("bot"), **api_call("iam", "ListUsers", _NEW)
            ),
        ),
        (virustotal("ipaddr", _NEW, harmless=50),),
    ),
    Incident(
        "guardduty",
        "Somebody signs in to the console from a country where no colleague is",
        (
            guardduty(
                "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
                5,
                access_key("dave"),
                **api_call("signin", "ConsoleLogin", _VPN),
            ),
        ),
        (virustotal("ipaddr", _VPN, suspicious=1, harmless=40),),
    ),
    Incident(
        "guardduty",
        "A stolen role copies a bucket",
        (
            guardduty(
                "Exfiltration:S3/AnomalousBehavior",
                8,
                bucket("orders", "api", "AssumedRole"),
                **api_call("s3", "GetObject", _VPN),
            ),
        ),
    ),
    Incident(
        "guardduty",
        "A process runs from memory",
        (guardduty("DefenseEvasion:Runtime/FilelessExecution", 5, instance(), **process("memfd:x")),),
    ),
    Incident(
        "guardduty",
        "An instance sends far more than usual, to an address known for attacks",
        (guardduty("Behavior:EC2/TrafficVolumeUnusual", 5, instance(), role="ACTOR", **connection(_BAD)),),
        (virustotal("ipaddr", _BAD, malicious=8), aws_instance(INSTANCE, Name="db-1", environment="prod")),
    ),
    Incident(
        "guardduty",
        "An instance guesses passwords of others",
        (guardduty("UnauthorizedAccess:EC2/SSHBruteForce", 8, instance(), role="ACTOR", **connection(_NEW, port=22)),),
    ),
    Incident(
        "guardduty",
        "Data leaves in DNS requests",
        (guardduty("Trojan:EC2/DNSDataExfiltration", 8, instance(), role="ACTOR", **dns("x1.tunnel.example.net")),),
    ),
    Incident(
        "guardduty",
        "A key is used through Tor",
        (
            guardduty(
                "UnauthorizedAccess:IAMUser/TorIPCaller",
                5,
                access_key("eve"),
                **api_call("ec2", "DescribeInstances", _BAD),
            ),
        ),
        (virustotal("ipaddr", _BAD, malicious=14),),
    ),
    Incident(
        "controls",
        "A database can be reached by everyone",
        (
            control(
                "RDS.2",
                "RDS DB Instances should prohibit public access, as determined by the PubliclyAccessible configuration",
                "CRITICAL",
                f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders",
                "AwsRdsDbInstance",
            ),
        ),
    ),
    Incident(
        "controls",
        "GuardDuty was switched off in a region",
        (control("GuardDuty.1", "GuardDuty should be enabled", "HIGH", f"AWS::::Account:{ACCOUNT}", "AwsAccount"),),
    ),
    Incident(
        "controls",
        "Risky ports are open to the internet",
        (
            control(
                "EC2.19",
                "Security groups should not allow unrestricted access to ports with high risk",
                "CRITICAL",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-0a1b2c3d4e5f60718",
                "AwsEc2SecurityGroup",
            ),
        ),
    ),
    Incident(
        "controls",
        "A function can be called by everyone",
        (
            control(
                "Lambda.1",
                "Lambda function policies should prohibit public access",
                "CRITICAL",
                f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay",
                "AwsLambdaFunction",
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "A session of the pipeline deletes the detector of GuardDuty",
        (
            cloudtrail(
                "guardduty",
                "DeleteDetector",
                assumed_role("ci", "run-1"),
                _NEW,
                {"detectorId": "12abc34d567e8fa901bc2d34e56789f0"},
            ),
        ),
        (aws_role(f"arn:aws:iam::{ACCOUNT}:role/ci"),),
    ),
    Incident(
        "cloudtrail",
        "A role trusts an account of a stranger",
        (
            cloudtrail(
                "iam",
                "UpdateAssumeRolePolicy",
                assumed_role("Admin", "bob@example.com"),
                _VPN,
                {
                    "roleName": "deploy",
                    "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":'
                    f'"arn:aws:iam::{OTHER_ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}]}}',
                },
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "A bucket is opened to everyone",
        (
            cloudtrail(
                "s3",
                "PutBucketPolicy",
                assumed_role("Developer", "bob@example.com"),
                _VPN,
                {
                    "bucketName": "orders",
                    "bucketPolicy": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": "*",
                                "Action": "s3:GetObject",
                                "Resource": "arn:aws:s3:::orders/*",
                            }
                        ]
                    },
                },
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "The root user gets a key",
        (cloudtrail("iam", "CreateAccessKey", root(), _VPN),),
    ),
    Incident(
        "cloudtrail",
        "A stolen key starts instances for miners",
        (cloudtrail("ec2", "RunInstances", iam_user("ci"), _NEW, {"instanceType": "p4d.24xlarge"}),),
    ),
    Incident(
        "cloudtrail",
        "An intruder with a session of a developer writes a policy for themselves",
        (
            cloudtrail(
                "iam",
                "PutRolePolicy",
                assumed_role("Developer", "bob@example.com"),
                _NEW,
                {
                    "roleName": "Developer",
                    "policyName": "x",
                    "policyDocument": '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
                },
            ),
        ),
        (virustotal("ipaddr", _NEW, harmless=30),),
    ),
    Incident(
        "cloudtrail",
        "An intruder removes the MFA device of a user",
        (
            cloudtrail(
                "iam", "DeactivateMFADevice", iam_user("helpdesk"), _BAD, {"userName": "carol", "serialNumber": "x"}
            ),
        ),
        (virustotal("ipaddr", _BAD, suspicious=2),),
    ),
    Incident(
        "endpoint",
        "A trojan was stopped once, and may be on more hosts",
        (sentinelone("Trojan", "setup.exe", "malicious", mitigationStatus="mitigated"),),
    ),
    Incident(
        "endpoint",
        "A person steers an attack on a server",
        (defender("Hands-on keyboard attack involving multiple devices", "high", device("srv-4.corp.example")),),
    ),
    Incident(
        "endpoint",
        "An intruder moves to another host, which CrowdStrike rates medium",
        (crowdstrike("SuspiciousLateralMovement", 50, file="wmic.exe"),),
        (scanned_file("wmic.exe"),),
    ),
    Incident(
        "endpoint",
        "A file that looked unwanted is known as a stealer",
        (crowdstrike("MLDetection-Low", 30, file="viewer.exe"),),
        (scanned_file("viewer.exe", malicious=33),),
    ),
    Incident(
        "endpoint",
        "Code is put into another process",
        (defender("Process was injected with potentially malicious code", "medium", device(), address_evidence(_NEW)),),
        (virustotal("ipaddr", _NEW, harmless=50),),
    ),
    Incident(
        "endpoint",
        "A tool of attackers is started on a server",
        (sentinelone_alert("Suspicious tool was started", "MALWARE", "HIGH", "scan.exe"),),
    ),
    Incident(
        "identity",
        "A password of an employee is for sale",
        (sign_in_alert("Leaked credentials", "high", _NEW),),
    ),
    Incident(
        "identity",
        "An attacker is let in from an address known for attacks",
        (sign_in_alert("Atypical travel", "medium", _BAD),),
        (virustotal("ipaddr", _BAD, malicious=6),),
    ),
    Incident(
        "identity",
        "An intruder with an administrator's session resets the MFA of a colleague",
        (
            okta(
                "user.mfa.factor.reset_all",
                "Reset all factors for user",
                address=_VPN,
                target="dave@example.com",
                risk="{reasons=New Device, New IP, level=HIGH}",
            ),
        ),
        (
            history(
                "email", "carol@example.com", "unclassified", "unclassified", detector="okta", rule="user.session.start"
            ),
        ),
    ),
    Incident(
        "mail",
        "A rule hides answers to messages that the user did not write",
        (mail_alert("Suspicious inbox manipulation rule", "medium"),),
    ),
    Incident(
        "mail",
        "Abnormal found a link to a copy of a sign-in page, and did not remove the message",
        (abnormal("Phishing: Credential", _LINK),),
        (virustotal("url", _LINK, malicious=3),),
    ),
)

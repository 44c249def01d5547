"""Thirty other incidents that needed no action, which were written after the policy."""

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
    abnormal,
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
    file_evidence,
    guardduty,
    instance,
    mail_alert,
    mail_evidence,
    okta,
    process,
    root,
    sentinelone,
    sign_in_alert,
)
from tests.unit.plugins.policy.incidents.model import Incident

_NOISE, _HOME, _CLOUD = "198.51.100.112", "198.51.100.113", "198.51.100.114"
_LINK = "https://shop.example.net/offers"

OTHER_BENIGN = (
    Incident(
        "guardduty",
        "Passwords of RDP are guessed, which is closed",
        (
            guardduty(
                "UnauthorizedAccess:EC2/RDPBruteForce",
                2,
                instance("win-1"),
                **connection(_NOISE, outbound=False, port=3389),
            ),
        ),
        (
            virustotal("ipaddr", _NOISE, malicious=21),
            history("ipaddr", _NOISE, *("unclassified",) * 6, rule="UnauthorizedAccess:EC2/RDPBruteForce"),
        ),
    ),
    Incident(
        "guardduty",
        "The emergency access with the root user is tested",
        (
            guardduty(
                "Policy:IAMUser/RootCredentialUsage",
                2,
                access_key("Root", "Root"),
                **api_call("iam", "ListUsers", _HOME),
            ),
        ),
        (virustotal("ipaddr", _HOME, harmless=55),),
    ),
    Incident(
        "guardduty",
        "The password policy becomes stricter",
        (
            guardduty(
                "Stealth:IAMUser/PasswordPolicyChange",
                2,
                access_key("terraform", "AssumedRole"),
                **api_call("iam", "UpdateAccountPasswordPolicy", _CLOUD),
            ),
        ),
        (virustotal("ipaddr", _CLOUD, harmless=50), aws_role(f"arn:aws:iam::{ACCOUNT}:role/terraform", admin=True)),
    ),
    Incident(
        "guardduty",
        "A release is downloaded more often than usual",
        (guardduty("Behavior:EC2/TrafficVolumeUnusual", 5, instance("mirror"), role="ACTOR", **connection(_CLOUD)),),
        (virustotal("ipaddr", _CLOUD, harmless=64), aws_instance(INSTANCE, Name="mirror", team="release")),
    ),
    Incident(
        "guardduty",
        "A build starts a program that it has just made",
        (guardduty("Execution:Runtime/NewBinaryExecuted", 5, instance("build-1"), **process("/build/bin/test")),),
        (aws_instance(INSTANCE, Name="build-1", purpose="ci"),),
    ),
    Incident(
        "guardduty",
        "A new report reads all objects of a bucket",
        (
            guardduty(
                "Discovery:S3/AnomalousBehavior",
                2,
                bucket("sales", "report", "AssumedRole"),
                **api_call("s3", "ListObjects", _CLOUD),
            ),
        ),
        (virustotal("ipaddr", _CLOUD, harmless=64),),
    ),
    Incident(
        "guardduty",
        "A sample finding about a key",
        (
            guardduty(
                "UnauthorizedAccess:IAMUser/TorIPCaller",
                5,
                access_key("GeneratedFindingUserName"),
                sample=True,
                **api_call("ec2", "DescribeInstances", "198.51.100.0"),
            ),
        ),
    ),
    Incident(
        "controls",
        "Disks are not encrypted by default",
        (
            control(
                "EC2.7", "EBS default encryption should be enabled", "MEDIUM", f"AWS::::Account:{ACCOUNT}", "AwsAccount"
            ),
        ),
    ),
    Incident(
        "controls",
        "A role for support is missing",
        (
            control(
                "IAM.18",
                "Ensure a support role has been created to manage incidents with AWS Support",
                "LOW",
                f"AWS::::Account:{ACCOUNT}",
                "AwsAccount",
            ),
        ),
    ),
    Incident(
        "controls",
        "A bucket accepts requests without TLS",
        (
            control(
                "S3.5", "S3 general purpose buckets should require requests to use SSL", "MEDIUM", "arn:aws:s3:::assets"
            ),
        ),
    ),
    Incident(
        "controls",
        "Patches are due this week",
        (
            control(
                "SSM.2",
                "EC2 instances managed by Systems Manager should have a patch compliance status of COMPLIANT after a "
                "patch installation",
                "HIGH",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{INSTANCE}",
                "AwsSsmPatchCompliance",
            ),
        ),
    ),
    Incident(
        "controls",
        "HTTPS of the website is open to everyone, as it must be",
        (
            control(
                "EC2.18",
                "Security groups should only allow unrestricted incoming traffic for authorized ports",
                "HIGH",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-0a1b2c3d4e5f60718",
                "AwsEc2SecurityGroup",
            ),
        ),
    ),
    Incident(
        "controls",
        "A function has an old runtime",
        (
            control(
                "Lambda.2",
                "Lambda functions should use supported runtimes",
                "MEDIUM",
                f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay",
                "AwsLambdaFunction",
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "The group of web servers grows",
        (
            cloudtrail(
                "ec2",
                "RunInstances",
                {
                    **assumed_role("AWSServiceRoleForAutoScaling", "AutoScaling"),
                    "invokedBy": "autoscaling.amazonaws.com",
                },
                "autoscaling.amazonaws.com",
                {"instanceType": "m7g.large"},
            ),
        ),
    ),
    Incident(
        "cloudtrail",
        "A person signs in by the company's identity provider, which asked for MFA",
        (console_login(assumed_role("Engineer", "bob@example.com"), _HOME, mfa=False),),
        (virustotal("ipaddr", _HOME, harmless=55),),
    ),
    Incident(
        "cloudtrail",
        "The root user signs in with MFA to change the address of the company",
        (console_login(root(), _HOME),),
        (virustotal("ipaddr", _HOME, harmless=55),),
    ),
    Incident(
        "cloudtrail",
        "Terraform lets another role of the account read a bucket",
        (
            cloudtrail(
                "s3",
                "PutBucketPolicy",
                assumed_role("terraform", "run-1"),
                _CLOUD,
                {
                    "bucketName": "orders",
                    "bucketPolicy": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/report"},
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
        "The identity team creates a user for a partner",
        (
            cloudtrail(
                "iam", "CreateUser", assumed_role("IdentityTeam", "erin@example.com"), _HOME, {"userName": "partner-x"}
            ),
        ),
        (
            aws_role(f"arn:aws:iam::{ACCOUNT}:role/IdentityTeam"),
            history("arn", f"arn:aws:iam::{ACCOUNT}:role/IdentityTeam", *("unclassified",) * 5, detector="cloudtrail"),
        ),
    ),
    Incident(
        "cloudtrail",
        "A developer is not allowed to create a user",
        (
            cloudtrail(
                "iam",
                "CreateUser",
                assumed_role("Developer", "bob@example.com"),
                _HOME,
                {"userName": "x"},
                errorCode="AccessDenied",
                errorMessage="User is not authorized to perform: iam:CreateUser",
            ),
        ),
    ),
    Incident(
        "endpoint",
        "Unwanted software was prevented",
        (
            defender(
                "'Presenoker' unwanted software was prevented", "informational", device(), file_evidence("bundle.exe")
            ),
        ),
        (scanned_file("bundle.exe", malicious=14),),
    ),
    Incident(
        "endpoint",
        "SentinelOne removed a coupon program",
        (sentinelone("PUA", "coupon.exe", "malicious", mitigationStatus="mitigated"),),
        (scanned_file("coupon.exe", malicious=1),),
    ),
    Incident(
        "endpoint",
        "An administrator collects logs with a script",
        (crowdstrike("SuspiciousPowerShell", 50, file="collect.ps1"),),
        (scanned_file("collect.ps1"),),
    ),
    Incident(
        "endpoint",
        "The helpdesk starts a remote session",
        (defender("Suspicious remote activity", "medium", device(), file_evidence("psexec.exe")),),
        (
            scanned_file("psexec.exe"),
            history("hostname", "ws-1000.corp.example", "unclassified", detector="microsoft-defender"),
        ),
    ),
    Incident(
        "identity",
        "A user adds a phone for MFA",
        (okta("user.mfa.factor.activate", "User has activated a factor", address=_HOME, target="carol@example.com"),),
        (virustotal("ipaddr", _HOME, harmless=55),),
    ),
    Incident(
        "identity",
        "Okta refuses the requests of a botnet",
        (
            okta(
                "security.threat.detected",
                "Request from suspicious actor",
                "WARN",
                result="DENY",
                reason="Password Spray",
                address=_NOISE,
                actor="unknown",
            ),
        ),
        (virustotal("ipaddr", _NOISE, malicious=9),),
    ),
    Incident(
        "identity",
        "A user refuses a push by mistake",
        (okta("user.mfa.okta_verify.deny_push", "User rejected Okta push verify", result="FAILURE", address=_HOME),),
    ),
    Incident(
        "identity",
        "A traveller signs in, according to Entra from two countries",
        (sign_in_alert("Atypical travel", "low", _HOME),),
        (virustotal("ipaddr", _HOME, harmless=55), aws_user("frank")),
    ),
    Incident(
        "mail",
        "Abnormal moved advertising",
        (abnormal("Spam", _LINK, remediation="Auto-Remediated"),),
        (virustotal("url", _LINK, harmless=64),),
    ),
    Incident(
        "mail",
        "A colleague forwards messages to the team's mailbox",
        (mail_alert("Creation of forwarding/redirect rule", "informational"),),
    ),
    Incident(
        "mail",
        "A user reports the newsletter of a shop",
        (mail_alert("Email reported by user as malware or phish", "low", mail_evidence("example.net", _CLOUD, _LINK)),),
        (virustotal("url", _LINK, suspicious=1, harmless=60),),
    ),
)

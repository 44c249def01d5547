"""Each field that the formats read, what it becomes, and which of several fields comes first."""

import hashlib
import json
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.domain.attributes import identity
from alert_responder.formats import guardduty, ocsf, parse_record, securityhub

GUARDDUTY: dict[str, Any] = {"type": "Recon:EC2/X", "id": "1", "severity": 5, "service": {}, "resource": {}}
ASFF: dict[str, Any] = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
OCSF: dict[str, Any] = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}
ACCOUNT = identity(Attribute(type="account", value="123456789012"))

OCSF_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "malware": (
        {
            "malware": [
                {"path": "/m", "files": [{"path": "/f", "hashes": [{"value": "44d88612fea8a8f36de82e1278abb02f"}]}]}
            ]
        },
        """
        filehashvalue 44d88612fea8a8f36de82e1278abb02f (file) malicious file
        filepath /f (file local) malicious file
        filepath /m (file local) malicious file
        """,
    ),
    "related observables": (
        {
            "finding_info": {
                "uid": "1",
                "title": "t",
                "related_events": [{"observables": [{"type_id": 2, "value": "192.0.2.1"}]}],
            }
        },
        """
        ipaddr 192.0.2.1 (additional) observable
        """,
    ),
    "observables": (
        {
            "observables": [
                {"type_id": 2, "name": "evidences[].src_endpoint.ip", "value": "192.0.2.1"},
                {"type_id": 2, "name": "evidences[].dst_endpoint.ip", "value": "192.0.2.2"},
                {"type_id": 10, "name": "resources[].uid", "value": "i-0123abcd"},
                {"type_id": 1, "value": "no domain"},
                {"type_id": 1, "value": "a.example"},
                {"type_id": 4, "value": "bob"},
                {"type_id": 99, "value": "x"},
                {"type_id": True, "value": "a.example"},
            ]
        },
        """
        ipaddr 192.0.2.1 (additional client) evidences[].src_endpoint.ip
        ipaddr 192.0.2.2 (additional server) evidences[].dst_endpoint.ip
        instance i-0123abcd (additional) resources[].uid
        domain a.example (additional) observable
        username bob (additional) observable
        """,
    ),
    "threat intelligence": (
        {
            "osint": [
                {"type_id": 1, "value": "192.0.2.1"},
                {"type_id": 1, "value": "no address"},
                {"type_id": 6, "value": "x"},
            ]
        },
        """
        ipaddr 192.0.2.1 (additional remote) threat intelligence
        """,
    ),
    "vulnerabilities": (
        {"vulnerabilities": [{"cve": {"uid": "CVE-2026-12345"}}]},
        """
        cve CVE-2026-12345 (local) vulnerability
        """,
    ),
    "account": (
        {"cloud": {"account": {"uid": "123456789012"}}},
        """
        account 123456789012 (local) account
        """,
    ),
    "ways to endpoints": (
        {
            "evidences": [
                {
                    "src_endpoint": {"intermediate_ips": ["192.0.2.1"]},
                    "dst_endpoint": {"intermediate_ips": ["192.0.2.2"]},
                }
            ]
        },
        """
        ipaddr 192.0.2.1 (additional) on the way to the source
        ipaddr 192.0.2.2 (additional) on the way to the destination
        """,
    ),
    "hosts of endpoints": (
        {
            "evidences": [
                {
                    "src_endpoint": {"hostname": "a.example", "domain": "b.example"},
                    "dst_endpoint": {"instance_uid": "i-0123abcd"},
                }
            ]
        },
        """
        domain a.example (client remote) source host
        domain b.example (client remote) source host
        instance i-0123abcd (local server) destination
        """,
    ),
    "an API call": (
        {"evidences": [{"api": {"operation": "x"}, "src_endpoint": {"ip": "10.0.0.1"}}]},
        """
        ipaddr 10.0.0.1 (client remote) source IP address
        """,
    ),
    "users": (
        {
            "user": {"name": "bob", "uid_alt": "arn:aws:iam::123456789012:user/ops/bob"},
            "actor": {"user": {"name": "eve", "uid": "AROAX:i-0123abcd"}},
        },
        """
        username eve (subject) user
        instance i-0123abcd (subject) user
        username bob (subject) user
        arn arn:aws:iam::123456789012:user/ops/bob (subject) user
        """,
    ),
    "session": (
        {
            "actor": {
                "session": {"credential_uid": "AKIAIOSFODNN7EXAMPLE", "issuer": "arn:aws:iam::123456789012:role/r"},
                "invoked_by": "lambda.amazonaws.com",
            }
        },
        """
        accesskey AKIAIOSFODNN7EXAMPLE (subject) access key of the session
        arn arn:aws:iam::123456789012:role/r (subject) issuer of the session
        domain lambda.amazonaws.com (subject) invoked by
        """,
    ),
    "a URL as text": (
        {"evidences": [{"url": "http://a.example/x"}]},
        """
        url http://a.example/x (remote server) URL
        """,
    ),
    "a URL": (
        {"evidences": [{"url": {"url_string": "http://a.example/x", "hostname": "a.example", "domain": "b.example"}}]},
        """
        url http://a.example/x (remote server) URL
        domain a.example (remote server) URL's host
        domain b.example (remote server) URL's host
        """,
    ),
    "requests": (
        {
            "evidences": [
                {
                    "http_request": {
                        "url": "http://a.example/x",
                        "x_forwarded_for": ["192.0.2.1", "unknown"],
                        "referrer": "http://b.example",
                    },
                    "query": {"hostname": "c.example"},
                    "tls": {"sni": "d.example"},
                }
            ]
        },
        """
        url http://a.example/x (remote server) URL
        ipaddr 192.0.2.1 (additional client) forwarded for
        url http://b.example (additional) referrer
        domain c.example (remote server) requested domain
        domain d.example (remote server) TLS server name
        """,
    ),
    "senders": (
        {
            "evidences": [
                {
                    "email": {
                        "from": "from@a.example",
                        "sender": "sender@a.example",
                        "smtp_from": "smtp_from@a.example",
                        "reply_to": "reply_to@a.example",
                        "return_path": "return_path@a.example",
                        "from_list": ["from_list@a.example"],
                        "reply_to_list": ["reply_to_list@a.example"],
                    }
                }
            ]
        },
        """
        email from@a.example (remote subject) sender
        email from_list@a.example (remote subject) sender
        email sender@a.example (remote subject) sender
        email smtp_from@a.example (remote subject) sender
        email reply_to@a.example (remote subject) sender
        email reply_to_list@a.example (remote subject) sender
        email return_path@a.example (remote subject) sender
        """,
    ),
    "recipients": (
        {
            "evidences": [
                {
                    "email": {
                        "to": ["to@a.example"],
                        "cc": ["cc@a.example"],
                        "smtp_to": ["smtp_to@a.example"],
                        "delivered_to_list": ["delivered_to_list@a.example"],
                        "delivered_to": "delivered_to@a.example",
                    }
                }
            ]
        },
        """
        email to@a.example (local object) recipient
        email cc@a.example (local object) recipient
        email smtp_to@a.example (local object) recipient
        email delivered_to@a.example (local object) recipient
        email delivered_to_list@a.example (local object) recipient
        """,
    ),
    "a message": (
        {
            "evidences": [
                {
                    "email": {
                        "x_originating_ip": ["192.0.2.1"],
                        "urls": [{"url_string": "http://a.example"}],
                        "files": [{"path": "/f"}],
                    }
                }
            ]
        },
        """
        ipaddr 192.0.2.1 (remote) originating IP address
        url http://a.example (remote) URL in the message
        filepath /f (file local) attachment
        """,
    ),
    "the device": (
        {
            "device": {
                "ip": "10.0.0.1",
                "network_interfaces": [{"ip": "10.0.0.2"}],
                "hostname": "a.example",
                "domain": "b.example",
                "instance_uid": "i-0123abcd",
                "uid": "i-0123abce",
                "owner": {"name": "bob"},
            }
        },
        """
        ipaddr 10.0.0.1 (local) device
        ipaddr 10.0.0.2 (local) device
        domain a.example (local) device's host
        domain b.example (local) device's host
        instance i-0123abcd (local) device
        instance i-0123abce (local) device
        username bob (local) owner of the device
        """,
    ),
    "processes": (
        {
            "process": {
                "file": {"path": "/p"},
                "user": {"name": "bob"},
                "parent_process": {"file": {"path": "/q"}, "user": {"name": "eve"}},
            },
            "actor": {"process": {"file": {"path": "/r"}}},
        },
        """
        filepath /p (file local) executable of the process
        username bob (local subject) user of the process
        filepath /q (file local) executable of the parent process
        username eve (local subject) user of the parent process
        filepath /r (file local) executable of the process
        """,
    ),
    "files": (
        {
            "evidences": [
                {
                    "file": {"path": "/f", "hashes": [{"value": "44d88612fea8a8f36de82e1278abb02f"}, {"value": "T1"}]},
                    "script": {
                        "file": {"path": "/s"},
                        "hashes": [{"value": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}],
                    },
                    "job": {"file": {"path": "/j"}},
                    "databucket": {"file": {"path": "/d"}, "uid": "arn:aws:s3:::b"},
                }
            ]
        },
        """
        filehashvalue 44d88612fea8a8f36de82e1278abb02f (file) file
        filepath /f (file local) file
        filepath /s (file local) file
        filepath /j (file local) file
        filepath /d (file local) file
        filehashvalue aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (file) script
        arn arn:aws:s3:::b (local object) resource
        """,
    ),
    "a container": (
        {"evidences": [{"container": {"image": {"name": "a.example/i:1"}}}]},
        """
        image a.example/i:1 (local) container image
        """,
    ),
    "resources": (
        {
            "resources": [
                {
                    "uid": "i-0123abcd",
                    "uid_alt": "i-0123abce",
                    "name": "arn:aws:s3:::b",
                    "ip": "10.0.0.1",
                    "hostname": "a.example",
                    "domain": "b.example",
                    "owner": {
                        "name": "bob",
                        "email_addr": "bob@a.example",
                        "account": {"uid": "123456789012"},
                        "credential_uid": "AKIAIOSFODNN7EXAMPLE",
                        "uid": "arn:aws:iam::123456789012:user/ops/bob",
                    },
                }
            ]
        },
        """
        instance i-0123abcd (local object) resource
        instance i-0123abce (local object) resource
        arn arn:aws:s3:::b (local object) resource
        ipaddr 10.0.0.1 (local object) resource
        domain a.example (local object) resource's host
        domain b.example (local object) resource's host
        username bob (local) owner of the resource
        email bob@a.example (local) e-mail address of the owner of the resource
        account 123456789012 (local) account of the owner of the resource
        accesskey AKIAIOSFODNN7EXAMPLE (local) access key of the owner of the resource
        arn arn:aws:iam::123456789012:user/ops/bob (local) owner of the resource
        """,
    ),
}

ASFF_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "network inwards": (
        {
            "Network": {
                "Direction": "IN",
                "SourceIpV4": "192.0.2.1",
                "SourceIpV6": "2001:db8::1",
                "SourceDomain": "a.example",
                "DestinationIpV4": "10.0.0.1",
                "DestinationIpV6": "2001:db8::2",
                "DestinationDomain": "b.example",
            }
        },
        """
        ipaddr 192.0.2.1 (client remote) source IP address
        ipaddr 2001:db8::1 (client remote) source IP address
        domain a.example (client remote) source domain
        ipaddr 10.0.0.1 (local server) destination IP address
        ipaddr 2001:db8::2 (local server) destination IP address
        domain b.example (local server) destination domain
        """,
    ),
    "network outwards": (
        {"Network": {"Direction": "out", "SourceIpV4": "192.0.2.1", "DestinationIpV4": "10.0.0.1"}},
        """
        ipaddr 192.0.2.1 (client local) source IP address
        ipaddr 10.0.0.1 (remote server) destination IP address
        """,
    ),
    "network either way": (
        {"Network": {"SourceIpV4": "192.0.2.1", "DestinationIpV4": "10.0.0.1"}},
        """
        ipaddr 192.0.2.1 (client) source IP address
        ipaddr 10.0.0.1 (server) destination IP address
        """,
    ),
    "network path": (
        {
            "NetworkPath": [
                {
                    "Ingress": {
                        "Source": {"Address": ["192.0.2.1", "10.0.0.0/8"]},
                        "Destination": {"Address": ["192.0.2.2", "10.0.0.0/8"]},
                    },
                    "Egress": {
                        "Source": {"Address": ["192.0.2.3", "10.0.0.0/8"]},
                        "Destination": {"Address": ["192.0.2.4", "10.0.0.0/8"]},
                    },
                }
            ]
        },
        """
        ipaddr 192.0.2.1 (additional) source on the network path
        ipaddr 192.0.2.2 (additional) destination on the network path
        ipaddr 192.0.2.3 (additional) source on the network path
        ipaddr 192.0.2.4 (additional) destination on the network path
        """,
    ),
    "product fields": (
        {
            "ProductFields": {
                "aws/guardduty/service/action/0/remoteIpDetails/ipAddressV4": "192.0.2.1",
                "aws/other/remoteIpDetails/ipAddressV4": "192.0.2.2",
                "aws/guardduty/service/count": "3",
            }
        },
        """
        ipaddr 192.0.2.1 (remote) remote IP address
        """,
    ),
    "threat intelligence": (
        {
            "ThreatIntelIndicators": [
                {"Type": "ipv4_address", "Value": "192.0.2.1", "LastObservedAt": "2026-03-02T10:20:00Z"},
                {"Type": "MUTEX", "Value": "m"},
                {"Value": "n"},
            ]
        },
        """
        ipaddr 192.0.2.1 (additional remote) threat intelligence
        """,
    ),
    "files": (
        {
            "Threats": [{"FilePaths": [{"Hash": "44d88612fea8a8f36de82e1278abb02f", "FilePath": "/f"}]}],
            "Malware": [{"Path": "/m"}],
            "Process": {"Path": "/p"},
        },
        """
        filehashvalue 44d88612fea8a8f36de82e1278abb02f (file local) malicious file
        filepath /f (file local) malicious file
        filepath /m (file local) malware
        filepath /p (file local) executable of the process
        """,
    ),
    "vulnerabilities and account": (
        {"Vulnerabilities": [{"Id": "CVE-2026-12345"}], "AwsAccountId": "123456789012"},
        """
        cve CVE-2026-12345 (local) vulnerability
        account 123456789012 (local) account
        """,
    ),
    "a sequence": (
        {"Detection": {"Sequence": {"Actors": [{"User": {"Name": "bob"}}]}}},
        """
        username bob (subject) actor
        """,
    ),
    "an access key": (
        {
            "Resources": [
                {
                    "Type": "AwsIamAccessKey",
                    "Id": "AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE",
                    "Details": {"AwsIamAccessKey": {"PrincipalId": "AROAX:i-0123abcd", "UserName": "bob"}},
                }
            ]
        },
        """
        accesskey AKIAIOSFODNN7EXAMPLE (subject) resource
        username bob (subject) owner of the access key
        instance i-0123abcd (local subject) instance whose credentials were used
        """,
    ),
    "a resource that acted": (
        {
            "ProductFields": {"aws/guardduty/service/resourceRole": "ACTOR"},
            "Action": {
                "NetworkConnectionAction": {
                    "ConnectionDirection": "OUT",
                    "RemoteIpDetails": {"IpAddressV4": "192.0.2.1"},
                }
            },
            "Resources": [
                {
                    "Id": "i-0123abcd",
                    "Details": {
                        "AwsEc2Instance": {"IpV4Addresses": ["10.0.0.1"]},
                        "AwsElbLoadBalancer": {"DnsName": "a.example"},
                        "AwsLambdaFunction": {"Role": "arn:aws:iam::123456789012:role/r"},
                    },
                }
            ],
        },
        """
        ipaddr 192.0.2.1 (object remote server) remote IP address
        instance i-0123abcd (local subject) resource
        ipaddr 10.0.0.1 (client local subject) IP address of the instance
        arn arn:aws:iam::123456789012:role/r (local subject) role of the Lambda function
        domain a.example (client local subject) DNS name of the load balancer
        """,
    ),
    "a resource attacked": (
        {
            "ProductFields": {"aws/guardduty/service/resourceRole": "TARGET"},
            "Action": {
                "NetworkConnectionAction": {
                    "ConnectionDirection": "IN",
                    "RemoteIpDetails": {"IpAddressV4": "192.0.2.1"},
                }
            },
            "Resources": [{"Id": "i-0123abcd"}],
        },
        """
        ipaddr 192.0.2.1 (client remote subject) remote IP address
        instance i-0123abcd (local object) resource
        """,
    ),
    "a bucket of another partition": (
        {
            "Action": {"AwsApiCallAction": {"AffectedResources": {"AWS::S3::Bucket": "b"}}},
            "Resources": [{"Partition": "aws-cn"}],
        },
        """
        arn arn:aws-cn:s3:::b (local object) affected bucket
        """,
    ),
    "a bucket": (
        {"Action": {"AwsApiCallAction": {"AffectedResources": {"AWS::S3::Bucket": "b"}}}},
        """
        arn arn:aws:s3:::b (local object) affected bucket
        """,
    ),
}

GUARDDUTY_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "stolen credentials": (
        {"resource": {"accessKeyDetails": {"principalId": "AROAX:i-0123abcd"}}},
        """
        instance i-0123abcd (local subject) instance whose credentials were used
        """,
    ),
    "a call": (
        {
            "service": {
                "action": {
                    "awsApiCallAction": {
                        "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
                        "localIpDetails": {"ipAddressV4": "10.0.0.1"},
                        "domainDetails": {"domain": "a.example"},
                        "remoteAccountDetails": {"accountId": "123456789012"},
                        "affectedResources": {
                            "AWS::S3::Bucket": "b",
                            "AWS::IAM::User": "bob",
                            "AWS::EC2::Instance": "i-0123abcd",
                        },
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (client remote subject) remote IP address
        ipaddr 10.0.0.1 (local server) local IP address
        domain a.example (client remote) caller's domain
        account 123456789012 (remote subject) caller's account
        arn arn:aws:s3:::b (local object) affected bucket
        username bob (local object) affected user
        instance i-0123abcd (local object) affected resource
        """,
    ),
    "a bucket of another partition": (
        {
            "partition": "aws-cn",
            "service": {"action": {"awsApiCallAction": {"affectedResources": {"AWS::S3::Bucket": "b"}}}},
        },
        """
        arn arn:aws-cn:s3:::b (local object) affected bucket
        """,
    ),
    "calls of Kubernetes": (
        {
            "service": {
                "action": {
                    "kubernetesApiCallAction": {
                        "sourceIPs": ["192.0.2.1"],
                        "remoteIpDetails": {"ipAddressV6": "2001:db8::1"},
                    }
                }
            }
        },
        """
        ipaddr 2001:db8::1 (client remote subject) remote IP address
        ipaddr 192.0.2.1 (client remote subject) caller's IP address
        """,
    ),
    "a connection inwards": (
        {
            "service": {
                "action": {
                    "networkConnectionAction": {
                        "connectionDirection": "IN",
                        "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
                        "localIpDetails": {"ipAddressV4": "10.0.0.1"},
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (client remote) remote IP address
        ipaddr 10.0.0.1 (local server) local IP address
        """,
    ),
    "a connection outwards": (
        {
            "service": {
                "action": {
                    "networkConnectionAction": {
                        "connectionDirection": "OUT",
                        "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
                        "localIpDetails": {"ipAddressV4": "10.0.0.1"},
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (remote server) remote IP address
        ipaddr 10.0.0.1 (client local) local IP address
        """,
    ),
    "a connection of unknown direction": (
        {
            "service": {
                "action": {
                    "networkConnectionAction": {
                        "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
                        "localIpDetails": {"ipAddressV4": "10.0.0.1"},
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (remote) remote IP address
        ipaddr 10.0.0.1 (local) local IP address
        """,
    ),
    "actors": (
        {
            "service": {
                "detection": {
                    "sequence": {
                        "actors": [
                            {
                                "user": {
                                    "name": "bob",
                                    "uid": "arn:aws:iam::123456789012:user/ops/bob",
                                    "credentialUid": "AKIAIOSFODNN7EXAMPLE",
                                    "account": {"uid": "123456789012"},
                                },
                                "session": {"issuer": "arn:aws:iam::123456789012:role/r"},
                                "process": {
                                    "path": "/p",
                                    "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                },
                            }
                        ]
                    }
                }
            }
        },
        """
        username bob (subject) actor
        accesskey AKIAIOSFODNN7EXAMPLE (subject) actor's access key
        arn arn:aws:iam::123456789012:user/ops/bob (subject) actor
        account 123456789012 (subject) actor's account
        arn arn:aws:iam::123456789012:role/r (subject) issuer of the actor's session
        filehashvalue aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (file subject) actor's process
        filepath /p (file subject) actor's process
        """,
    ),
    "endpoints": (
        {
            "service": {
                "detection": {
                    "sequence": {
                        "endpoints": [
                            {"ip": "192.0.2.1", "connection": {"direction": "INBOUND"}},
                            {"ip": "192.0.2.2", "connection": {"direction": "OUTBOUND"}},
                            {"domain": "a.example"},
                        ]
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (client remote) endpoint
        ipaddr 192.0.2.2 (remote server) endpoint
        domain a.example (remote) endpoint
        """,
    ),
    "indicators": (
        {
            "service": {
                "detection": {
                    "sequence": {
                        "signals": [
                            {
                                "signalIndicators": [
                                    {"key": "MALICIOUS_IP", "values": ["192.0.2.1", "x"]},
                                    {"key": "MALICIOUS_FILE", "values": ["44d88612fea8a8f36de82e1278abb02f"]},
                                ]
                            }
                        ]
                    }
                }
            }
        },
        """
        ipaddr 192.0.2.1 (additional remote) malicious ip
        filehashvalue 44d88612fea8a8f36de82e1278abb02f (additional file) malicious file
        """,
    ),
    "resources of a sequence": (
        {
            "service": {
                "detection": {
                    "sequence": {
                        "resources": [
                            {
                                "uid": "i-0123abcd",
                                "name": "arn:aws:s3:::b",
                                "accountId": "123456789012",
                                "data": {
                                    "accessKey": {"userName": "bob"},
                                    "ec2NetworkInterface": {
                                        "publicIp": "192.0.2.1",
                                        "privateIpAddresses": [{"privateIpAddress": "10.0.0.1"}],
                                        "ipv6Addresses": ["2001:db8::1"],
                                    },
                                    "ec2Instance": {
                                        "IamInstanceProfile": {"arn": "arn:aws:iam::123456789012:instance-profile/p"}
                                    },
                                    "container": {"image": "a.example/i:1"},
                                },
                            }
                        ]
                    }
                }
            }
        },
        """
        instance i-0123abcd (local object) involved resource
        arn arn:aws:s3:::b (local object) involved resource
        account 123456789012 (local) account of an involved resource
        username bob (subject) owner of an involved access key
        ipaddr 192.0.2.1 (local object) public IP address
        ipaddr 10.0.0.1 (local object) private IP address
        ipaddr 2001:db8::1 (local object) IPv6 address
        arn arn:aws:iam::123456789012:instance-profile/p (local object) instance profile
        image a.example/i:1 (local object) container image
        """,
    ),
}


def read(document: dict[str, Any]) -> Alert:
    (parsed,), rejected = parse_record(json.dumps(document).encode())
    assert rejected == []
    return parsed.alert


def lines(document: dict[str, Any]) -> list[str]:
    """Give each attribute as it stands in the tables above: type, value, contexts, key."""
    return [f"{each.type} {each.value} ({' '.join(each.context)}) {each.key}" for each in read(document).attributes]


def wanted(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


def placed(base: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Put values into a copy of a document, each at a path of keys joined by dots."""
    document: dict[str, Any] = json.loads(json.dumps(base))
    for path, value in values.items():
        *way, last = path.split(".")
        node = document
        for key in way:
            node = node.setdefault(key, {})
        node[last] = value
    return document


def in_turn(base: dict[str, Any], paths: list[str], values: list[Any], field: str) -> list[Any]:
    """Read a field of the alert from the document with a value at each path, then without the first path, and so on."""
    return [
        getattr(read(placed(base, dict(zip(paths[first:], values[first:], strict=True)))), field)
        for first in range(len(paths))
    ]


@pytest.mark.parametrize("name", OCSF_FIELDS)
def test_a_field_of_ocsf_becomes_what_it_says(name: str) -> None:
    fields, table = OCSF_FIELDS[name]
    assert lines({**OCSF, **fields}) == wanted(table)


@pytest.mark.parametrize("name", ASFF_FIELDS)
def test_a_field_of_security_hub_becomes_what_it_says(name: str) -> None:
    fields, table = ASFF_FIELDS[name]
    assert lines({**ASFF, **fields}) == wanted(table)


@pytest.mark.parametrize("name", GUARDDUTY_FIELDS)
def test_a_field_of_guardduty_becomes_what_it_says(name: str) -> None:
    fields, table = GUARDDUTY_FIELDS[name]
    assert lines({**GUARDDUTY, **fields}) == wanted(table)


@pytest.mark.parametrize(
    ("direction", "source", "destination"),
    [
        (1, "client remote", "local server"),
        (2, "client local", "remote server"),
        (3, "client local", "local server"),
        (4, "client local", "local server"),
        (0, "client local", "remote server"),
        (True, "client local", "remote server"),
    ],
)
def test_ocsf_s_direction_says_whose_an_endpoint_is(direction: int, source: str, destination: str) -> None:
    ends = {"src_endpoint": {"ip": "10.0.0.1"}, "dst_endpoint": {"ip": "8.8.8.8"}}
    assert lines({**OCSF, "evidences": [{**ends, "connection_info": {"direction_id": direction}}]}) == [
        f"ipaddr 10.0.0.1 ({source}) source IP address",
        f"ipaddr 8.8.8.8 ({destination}) destination IP address",
    ]


@pytest.mark.parametrize("field", ["instance_uid", "interface_uid", "vpc_uid", "subnet_uid"])
def test_an_endpoint_with_an_identifier_of_ours_is_local(field: str) -> None:
    endpoint = {"ip": "8.8.8.8", field: "x"}
    assert lines({**OCSF, "evidences": [{"src_endpoint": endpoint}]}) == [
        "ipaddr 8.8.8.8 (client local) source IP address"
    ]


def test_the_rule_of_ocsf_is_the_first_there_is() -> None:
    base = {"class_uid": 2004, "metadata": {}, "finding_info": {}}
    paths = ["metadata.event_code", "finding_info.analytic.uid", "finding_info.analytic.name"]
    paths += ["finding_info.types", "finding_info.title", "message"]
    values = ["code", "uid", "name", ["type"], "title", "message"]
    assert in_turn(base, paths, values, "rule_id") == ["code", "uid", "name", "type", "title", "message"]
    assert in_turn(base, paths, values, "rule_name") == ["title"] * 5 + ["message"]
    assert read(placed(base, {"metadata.event_code": "code"})).rule_name == "code"
    assert read(placed(base, {"metadata.event_code": "code", "message": "message"})).rule_name == "message"
    assert parse_record(json.dumps(base).encode())[1][0].reason == (
        "finding_info.title: missing; a rule is required, by metadata.event_code, finding_info.analytic, "
        "finding_info.types or finding_info.title"
    )


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": "Urgent", "severity_id": 99}, "Urgent"),
        ({"severity": "Important", "severity_id": 4}, "Important"),
        ({"severity_id": 4}, "High"),
        ({"severity_id": True}, None),
        ({}, None),
    ],
)
def test_the_severity_of_ocsf_is_its_word_or_that_of_its_number(fields: dict[str, Any], severity: str | None) -> None:
    assert read({**OCSF, **fields}).severity == severity


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("no address", ["ipaddr no address (client remote) source IP address"]),
        ("", []),
        ({"a": 1}, []),
    ],
)
def test_an_endpoint_without_a_true_address_is_remote(address: Any, found: list[str]) -> None:
    endpoint = {"ip": address, "hostname": "a.example"}
    assert lines({**OCSF, "evidences": [{"src_endpoint": endpoint}]}) == [
        *found,
        "domain a.example (client remote) source host",
    ]


@pytest.mark.parametrize("document", [GUARDDUTY, ASFF, OCSF], ids=["guardduty", "securityhub", "ocsf"])
def test_the_body_is_the_finding_as_it_came(document: dict[str, Any]) -> None:
    assert read(document).body == document


def test_the_description_of_ocsf_is_the_first_there_is() -> None:
    paths = ["finding_info.desc", "message", "status_detail"]
    assert in_turn(OCSF, paths, ["desc", "message", "detail"], "description") == ["desc", "message", "detail"]


def test_the_time_of_ocsf_is_the_first_there_is() -> None:
    paths = ["time", "finding_info.last_seen_time", "finding_info.modified_time", "finding_info.created_time"]
    moments = in_turn(OCSF, paths, [1, 2, 3, 4], "timestamp")
    assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4]
    texts = [f"1970-01-01T00:00:0{second}Z" for second in (1, 2, 3, 4)]
    moments = in_turn(OCSF, [f"{path}_dt" for path in paths], texts, "timestamp")
    assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4]


def test_the_detector_of_ocsf_is_a_short_word() -> None:
    assert read(placed(OCSF, {"metadata.product.name": "x" * 65})).detector == "x" * 64
    assert read(placed(OCSF, {"metadata.product.name": "(X-Ray)"})).detector == "x-ray"


def test_the_severity_of_security_hub_is_the_first_there_is() -> None:
    paths = ["Severity.Label", "FindingProviderFields.Severity.Label", "Severity.Original", "Severity.Normalized"]
    assert in_turn(ASFF, paths, ["HIGH", "LOW", "8.0", 70], "severity") == ["HIGH", "LOW", "8.0", "High (70)"]


def test_a_normalized_severity_that_is_none_stays_out() -> None:
    for value, severity in ((0, "Informational (0)"), (101, "101"), ("70", None), (True, None), ({}, None)):
        assert read({**ASFF, "Severity": {"Normalized": value}}).severity == severity


def test_the_time_of_a_finding_is_the_first_there_is() -> None:
    texts = [f"1970-01-01T00:00:0{second}Z" for second in (1, 2, 3, 4)]
    for base, paths in (
        (ASFF, ["LastObservedAt", "UpdatedAt", "FirstObservedAt", "CreatedAt"]),
        (GUARDDUTY, ["service.eventLastSeen", "updatedAt", "service.eventFirstSeen", "createdAt"]),
    ):
        moments = in_turn(base, paths, texts, "timestamp")
        assert [moment.timestamp() for moment in moments] == [1, 2, 3, 4]


def test_threat_intelligence_has_the_time_it_was_seen() -> None:
    (found,) = read({**ASFF, **ASFF_FIELDS["threat intelligence"][0]}).attributes
    assert found.timestamp is not None
    assert found.timestamp.isoformat() == "2026-03-02T10:20:00+00:00"


def test_a_finding_without_title_and_description_has_none() -> None:
    assert read(GUARDDUTY).description == read(ASFF).description == ""


def test_a_sample_is_marked_once() -> None:
    sample = {"title": "[SAMPLE] T", "description": "D", "service": {"additionalInfo": {"sample": True}}}
    alert = read({**GUARDDUTY, **sample})
    assert (alert.rule_name, alert.description) == ("[SAMPLE] T", "[SAMPLE] D")
    assert read({**GUARDDUTY, **sample, "description": ""}).description == "[SAMPLE]"
    assert read({**ASFF, "Sample": True, "Title": "T"}).rule_name == "[SAMPLE] T"


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (
            {"type": "T", "service": {}, "severity": 1, "accountId": "123456789012", "region": "eu-west-1"},
            ["T", "123456789012", "eu-west-1", [ACCOUNT]],
        ),
        (
            {"ProductArn": "arn:p", "GeneratorId": "g", "Title": "t", "AwsAccountId": "123456789012"},
            ["g", "t", "123456789012", [ACCOUNT]],
        ),
        (
            {
                "class_uid": 2004,
                "finding_info": {"title": "t", "types": ["r"]},
                "resources": [{"uid": "b"}, {"uid": "a"}, {"uid": 5}],
                "cloud": {"account": {"uid": "123456789012"}},
            },
            ["123456789012", "r", "t", ["a", "b"], [ACCOUNT]],
        ),
    ],
    ids=["guardduty", "securityhub", "ocsf"],
)
def test_a_key_that_is_made_stays_the_same_from_version_to_version(document: dict[str, Any], parts: Any) -> None:
    text = json.dumps(parts, separators=(",", ":"))
    assert read(document).alert_key == hashlib.sha256(text.encode()).hexdigest()


def test_an_id_without_product_is_the_key() -> None:
    assert read({"SchemaVersion": "2018-10-08", "Id": "1", "GeneratorId": "g"}).alert_key == "1"


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        ({"Arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/f"}, True),
        ({"arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/d", "ProductArn": "arn:p"}, False),
        ({"arn": "arn:aws:s3:::b"}, False),
        ({"arn": 5}, False),
        ({"arn": "x" * 69 + ":guardduty:"}, True),
        ({"arn": "x" * 70 + ":guardduty:"}, False),
        ({"type": "T", "service": {}, "severity": 1}, True),
        ({"type": "T", "service": {}, "resource": {}}, True),
        ({"type": "T", "service": {}}, False),
        ({"type": "T", "severity": 1}, False),
        ({"type": "T", "service": "s", "severity": 1}, False),
        ({"service": {}, "severity": 1}, False),
    ],
)
def test_guardduty_is_told_by_its_arn_or_its_fields(document: dict[str, Any], is_one: bool) -> None:
    assert guardduty.recognises(document) is is_one


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("AWS::S3::Bucket", "b", ["arn arn:aws:s3:::b (local object) affected bucket"]),
        ("AWS::S3::Bucket", "arn:aws:s3:::b", ["arn arn:aws:s3:::b (local object) affected resource"]),
        ("AWS::S3::Bucket", "", []),
        ("AWS::S3::Bucket", 5, []),
        ("AWS::IAM::User", "bob", ["username bob (local object) affected user"]),
        ("AWS::IAM::Role", "r", ["username r (local object) affected role"]),
        (
            "AWS::IAM::Role",
            "arn:aws:iam::123456789012:role/r",
            ["arn arn:aws:iam::123456789012:role/r (local object) affected resource"],
        ),
        ("AWS::EC2::Instance", "web", []),
    ],
)
def test_an_affected_resource_is_named_by_its_kind(kind: str, value: Any, found: list[str]) -> None:
    action = {"awsApiCallAction": {"affectedResources": {kind: value}}}
    assert lines({**GUARDDUTY, "service": {"action": action}}) == found


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        ({"SchemaVersion": "2018-10-08"}, True),
        ({"SchemaVersion": "2"}, False),
        ({"productArn": "arn:p", "id": "1"}, True),
        ({"ProductArn": "arn:p", "GeneratorId": "g"}, True),
        ({"ProductArn": "arn:p"}, False),
        ({"Id": "1", "GeneratorId": "g"}, False),
    ],
)
def test_security_hub_is_told_by_its_version_or_its_fields(document: dict[str, Any], is_one: bool) -> None:
    assert securityhub.recognises(document) is is_one


@pytest.mark.parametrize(
    ("fields", "is_one"),
    [
        (("class_uid", "metadata"), True),
        (("class_uid", "finding_info"), True),
        (("class_uid",), False),
        (("metadata", "finding_info"), False),
    ],
)
def test_ocsf_is_told_by_its_class_and_what_every_event_has(fields: tuple[str, ...], is_one: bool) -> None:
    assert ocsf.recognises(dict.fromkeys(fields, 1)) is is_one

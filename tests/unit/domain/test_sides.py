"""Whose an address or name is: the event's words first, then the installation's settings, then the value."""

import json
import string
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import InstallationSettings
from alert_responder.domain.attributes import identity
from alert_responder.domain.aws_names import is_aws_own
from alert_responder.domain.internal import internal_estate
from alert_responder.domain.sides import derived_side, is_without_lookups, with_side
from tests.unit.domain.builders import attribute

MINE = internal_estate(
    InstallationSettings.model_validate(
        {"internal_networks": ["203.0.113.0/24", "2001:db8:1::/48"], "internal_domains": ["acme.com", "files"]}
    )
)


@pytest.mark.parametrize(
    "value",
    [
        "10.1.2.3",
        "172.31.255.1",
        "192.168.0.9",
        "100.64.3.2",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 (a value, not a binding)
        "224.0.0.251",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "fe80::1",
        "fd00::7",
        "ff02::fb",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
        "10[.]0.0.1:443",
    ],
)
def test_addresses_that_are_not_public_are_local(value: str) -> None:
    assert with_side(attribute(value, "ipaddr")).context == ("local",)


@pytest.mark.parametrize(
    "value",
    [
        "8.8.8.8",
        "198.51.100.27",
        "192.0.2.1",
        "203.0.113.9",
        "2606:4700::1",
        "2001:db8:9::1",
        "64:ff9b::8.8.8.8",
        "2002:c633:641b::1",
    ],
)
def test_other_addresses_are_remote_and_those_of_documents_stand_for_them(value: str) -> None:
    assert with_side(attribute(value, "ipaddr")).context == ("remote",)


@pytest.mark.parametrize(
    ("type_", "value", "side"),
    [
        ("ipaddr", "203.0.113.200", "local"),
        ("ipaddr", "2001:db8:1:2::3", "local"),
        ("ipaddr", "64:ff9b::203.0.113.1", "local"),
        ("domain", "git.acme.com", "local"),
        ("domain", "ACME[.]com.", "local"),
        ("domain", "acme.com.evil.net", "remote"),
        ("domain", "login-acme.com", "remote"),
        ("domain", "ip-10-1-2-3.eu-west-1.compute.internal", "local"),
        ("domain", "db.prod.svc.cluster.local", "local"),
        ("domain", "7.100.51.198.in-addr.arpa", "local"),
        ("domain", "nas.home.arpa", "local"),
        ("domain", "dc01.acme.corp", "local"),
        ("domain", "api.service.consul", "local"),
        ("domain", "c2.example.net", "remote"),
        ("domain", "c2.example", "remote"),
        ("domain", "hidden.onion", "remote"),
        ("domain", "xn--bcher-kva.example.com", "remote"),
        ("url", "https://git.acme.com/a", "local"),
        ("url", "http://intranet/login", "local"),
        ("url", "hxxp://10.0.0.5:8080/x", "local"),
        ("url", "http://[fd00::1]/", "local"),
        ("url", "http://u:p@198.51.100.7:81/", "remote"),
        ("url", "https://evil.example.net?to=10.0.0.1", "remote"),
        ("email", "bob@mail.acme.com", "local"),
        ("email", "Help <help@mail.example.net>", "remote"),
        ("domain", "d111111abcdef8.cloudfront.net", "remote"),
        ("url", "https://s3.amazonaws.com/some-bucket/x.exe", "remote"),
    ],
)
def test_names_urls_and_mail_addresses_have_the_side_of_their_host(type_: str, value: str, side: str) -> None:
    assert derived_side(attribute(value, type_), MINE) == side
    assert with_side(attribute(value, type_, ["client"]), MINE).context == tuple(sorted(["client", side]))


@pytest.mark.parametrize("said", ["local", "remote"])
@pytest.mark.parametrize("value", ["10.0.0.1", "8.8.8.8", "203.0.113.1"])
def test_what_the_event_says_has_priority(value: str, said: str) -> None:
    stated = attribute(value, "ipaddr", [said, "server"])
    assert with_side(stated, MINE) is stated


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("ipaddr", "any"),
        ("ipaddr", "AWS Internal"),
        ("ipaddr", "10.0.0.0/8"),
        ("domain", "intranet"),
        ("url", "javascript:alert(1)"),
        ("email", "bob"),
        ("username", "10.0.0.1"),
        ("filehashvalue", "a" * 32),
        ("other", "evil.com"),
    ],
)
def test_other_types_and_invalid_values_have_no_side(type_: str, value: str) -> None:
    made = attribute(value, type_, ["subject"])
    assert with_side(made, MINE) is made


AWS = """
amazonaws.com lambda.amazonaws.com s3.amazonaws.com ec2.amazonaws.com.cn iam.amazonaws.com sts.us-east-1.amazonaws.com
states.eu-central-1.amazonaws.com kms.us-gov-west-1.amazonaws.com ssm.cn-north-1.amazonaws.com.cn
kms.eusc-de-east-1.amazonaws.eu s3-us-west-2.amazonaws.com ec2.us-east-1.api.aws kms-fips.ca-central-1.amazonaws.com
s3.dualstack.eu-west-1.amazonaws.com api.ecr.eu-west-1.amazonaws.com streams.dynamodb.ap-southeast-4.amazonaws.com
eu-west-1.queue.amazonaws.com replicator.lambda.amazonaws.com member.org.stacksets.cloudformation.amazonaws.com
ecs.application-autoscaling.amazonaws.com resource-explorer-2.amazonaws.com
signin.aws.amazon.com eu-west-1.console.aws.amazon.com
""".split()  # noqa: SIM905 (25 names)

CUSTOMERS = """
bucket.s3.amazonaws.com api.s3.amazonaws.com data.s3.eu-west-1.amazonaws.com a.b.s3-us-west-2.amazonaws.com
bucket.s3.dualstack.eu-west-1.amazonaws.com us-east-1.s3.amazonaws.com lambda.s3.amazonaws.com
bucket.s3-website-us-east-1.amazonaws.com bucket.s3-website.eu-central-1.amazonaws.com b.s3-accelerate.amazonaws.com
ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com 111122223333.s3-control.eu-west-1.amazonaws.com
lb-123.eu-west-1.elb.amazonaws.com lb-0a1b.elb.eu-west-1.amazonaws.com
ec2-198-51-100-7.compute-1.amazonaws.com ec2-198-51-100-7.eu-west-1.compute.amazonaws.com
a1b2c3.execute-api.eu-west-1.amazonaws.com a1b2c3.lambda-url.eu-west-1.on.aws d111.cloudfront.net
111122223333.dkr.ecr.eu-west-1.amazonaws.com db.c1.eu-west-1.rds.amazonaws.com search-x.eu-west-1.es.amazonaws.com
a1-ats.iot.eu-west-1.amazonaws.com vpce-0a-1b.sts.eu-west-1.vpce.amazonaws.com a1.gr7.eu-west-1.eks.amazonaws.com
app.us-east-1.elasticbeanstalk.com amazonaws.com.evil.net evil-amazonaws.com lambda.amazonaws.com.evil.net
acme.signin.aws.amazon.com
x.amazonaws.com.evil.cn a1.awsapprunner.com x.awsglobalaccelerator.com pool.auth.eu-west-1.amazoncognito.com
""".split()  # noqa: SIM905 (33 names)


@pytest.mark.parametrize("name", AWS)
def test_endpoints_and_principals_of_aws_have_no_side_and_no_lookups(name: str) -> None:
    made = attribute(name.upper())
    assert with_side(made, MINE) is made
    assert is_without_lookups(made)
    assert is_without_lookups(attribute(name, context=["remote"])), "whatever the event says"


@pytest.mark.parametrize("name", CUSTOMERS)
def test_names_of_customers_of_aws_are_remote(name: str) -> None:
    assert with_side(attribute(name), MINE).context == ("remote",)
    assert not is_without_lookups(attribute(name))


@given(label=st.text(string.ascii_lowercase + string.digits + "-", min_size=3, max_size=20))
def test_no_bucket_has_a_name_of_aws(label: str) -> None:
    for service in (
        "s3",
        "s3-eu-west-1",
        "s3.eu-west-1",
        "s3.dualstack.eu-west-1",
        "s3-website-us-east-1",
        "s3-accelerate",
    ):
        assert not is_aws_own(f"{label}.{service}.amazonaws.com")


def test_the_endpoints_that_botocore_lists_are_names_of_aws() -> None:
    listed = json.loads(resources.files("botocore").joinpath("data/endpoints.json").read_text())
    partitions = [each for each in listed["partitions"] if each["partition"] in {"aws", "aws-cn", "aws-us-gov"}]
    services = [service for each in partitions for service in each["services"].values()]
    names = {one["hostname"] for each in services for one in each.get("endpoints", {}).values() if "hostname" in one}
    assert len(names) > 500
    assert len([name for name in names if not is_aws_own(name)]) < 0.05 * len(names)


@given(
    type_=st.sampled_from(["ipaddr", "domain", "url", "email"]),
    value=st.one_of(
        st.text(min_size=1),
        st.ip_addresses().map(str),
        st.from_regex(r"\A(https?://)?[a-z]{1,3}(\.[a-z]{1,4}){0,3}(:[0-9]{1,3})?(/[a-z]?)?\Z"),
    ),
    context=st.sets(st.sampled_from(["local", "remote", "client", "subject"])),
)
def test_a_side_changes_nothing_else_and_no_identity(type_: str, value: str, context: set[str]) -> None:
    made = Attribute(type=type_, value=value, context=tuple(context))
    given_ = with_side(made, MINE)
    assert identity(given_) == identity(made)
    assert given_.model_copy(update={"context": made.context}) == made
    assert {*given_.context} - {*made.context} <= {"local", "remote"}
    assert with_side(given_, MINE) is given_ or given_.context == made.context

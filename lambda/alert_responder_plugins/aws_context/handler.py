"""Lambda function of the inspector `aws-context`."""

import os
import time
from datetime import UTC, datetime
from functools import cache

import boto3

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import InspectionAnswer, InspectionTask, inspector
from alert_responder_plugins.aws_context.hosts import Hosts
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.lookup import AwsContextInspector
from alert_responder_plugins.aws_context.settings import AwsContextSettings
from alert_responder_plugins.aws_context.tags import TagFilter
from alert_responder_plugins.aws_context.trail import TrailLookup
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.members import members_in
from alert_responder_plugins.common.settings import read_settings


@inspector
def handler(task: InspectionTask) -> InspectionAnswer | None:
    """Describe the attribute with data from AWS."""
    return _inspector().look_up(task.attribute, task.alert.account)


@cache
def _inspector() -> AwsContextInspector:
    return build(read_settings(AwsContextSettings, os.environ))


def build(settings: AwsContextSettings) -> AwsContextInspector:
    """Wire the inspector."""
    home = settings.regions[0]
    table = DynamoDBTable(boto3.client("dynamodb", config=lookup_config(2, 5)), settings.table_name)
    accounts = Accounts(
        settings.account_id,
        settings.role_arns,
        home=home,
        session_name=settings.session_name,
        external_id=settings.external_id,
        clock=_now,
        members=members_in(table, settings, settings.partition),
    )
    identities = Identities(home)
    tag_filter = TagFilter(settings.owner_tags, settings.purpose_tags)
    trail = TrailLookup(settings.activity_hours, time.monotonic, time.sleep, _now)
    return AwsContextInspector(
        accounts=accounts,
        regions=settings.regions,
        hosts=Hosts(settings.regions, settings.partition, tag_filter, identities, trail),
        identities=identities,
        tag_filter=tag_filter,
        trail=trail,
        seconds=settings.time_budget_seconds,
        clock=time.monotonic,
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)

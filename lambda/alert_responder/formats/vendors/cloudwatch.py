"""Amazon CloudWatch alarms: state changes, from EventBridge, SNS or Lambda actions.

EventBridge and functions: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
SNS: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html

Every state change is an alert of one incident, the alarm: its key is the ARN, whichever way the alarm arrives. OK means
resolved. Alarms have no `finding_id`, because an alarm that is raised again is news.
"""

from typing import Any

from alert_responder.formats.mapping_variants import within

_EVENT: dict[str, Any] = {
    "name": "cloudwatch-event",
    "match": "alarmName && type(state) == 'object' && state.value",
    "detector": "'cloudwatch'",
    "rule_id": "alarmName",
    # A change of the alarm's configuration is an event too. An alarm is resolved neither when it is deleted, nor when
    # one of several contributors is OK.
    "description": "sentences([operation && join(': ', ['Change of the alarm', operation]), state.reason,"
    " configuration.description])",
    "timestamp": "state.timestamp",
    "severity": "state.value",
    "status": "operation || alarmContributor && 'active' || state.value",
    "attributes": [
        {
            "type": "instance",
            "key": "instance",
            "value": "configuration.metrics[].metricStat.metric.dimensions.InstanceId",
            "context": ["local", "object"],
        },
        {
            "type": "resource",
            "key": "dimension of the metric",
            "value": "configuration.metrics[].metricStat.metric.dimensions.* | []"
            " | [?type(@) == 'string' && !starts_with(@, 'i-')]",
            "context": ["object"],
        },
        {
            "type": "resource",
            "key": "contributor to the alarm",
            "value": "alarmContributor.attributes.*",
            "context": ["object"],
        },
        {
            "type": "arn",
            "key": "triggering alarm",
            "value": "from_json(state.reasonData).triggeringAlarms[].arn",
            "context": ["additional", "local"],
        },
        {
            "type": "account",
            "key": "account of the metric",
            "value": "configuration.metrics[].accountId",
            "context": ["local"],
        },
    ],
}

_INSIDE = within(_EVENT, "cloudwatch-action", "alarmData")

_ARN_OF_ALARM = "[_envelope.resources][] | [?type(@) == 'string' && contains(@, ':alarm:')] | [0]"

MAPPINGS: list[dict[str, Any]] = [
    {
        **_EVENT,
        "alert_key": f"({_ARN_OF_ALARM}) || join('/', [_envelope.account, _envelope.region, alarmName][?@])",
        "attributes": [
            {"type": "arn", "key": "alarm", "value": _ARN_OF_ALARM, "context": ["local"]},
            {"type": "account", "key": "account", "value": "_envelope.account", "context": ["local"]},
            *_EVENT["attributes"],
        ],
    },
    {
        **_INSIDE,
        "match": "alarmArn && type(alarmData) == 'object' && alarmData.alarmName && alarmData.state.value",
        "alert_key": "alarmArn",
        "timestamp": "alarmData.state.timestamp || time",
        "attributes": [
            {"type": "arn", "key": "alarm", "value": "alarmArn", "context": ["local"]},
            {"type": "account", "key": "account", "value": "accountId", "context": ["local"]},
            *_INSIDE["attributes"],
        ],
    },
    {
        "name": "cloudwatch-message",
        "match": "AlarmName && NewStateValue && (AlarmArn || OldStateValue || AWSAccountId)",
        "detector": "'cloudwatch'",
        "rule_id": "AlarmName",
        "alert_key": "AlarmArn || join('/', [AWSAccountId, Region, AlarmName][?@])",
        "description": "sentences([NewStateReason, AlarmDescription])",
        "timestamp": "StateChangeTime",
        "severity": "NewStateValue",
        "status": "NewStateValue",
        "attributes": [
            {"type": "arn", "key": "alarm", "value": "AlarmArn", "context": ["local"]},
            {"type": "account", "key": "account", "value": "AWSAccountId", "context": ["local"]},
            {
                "type": "instance",
                "key": "instance",
                "value": "Trigger.[Dimensions[], Metrics[].MetricStat.Metric.Dimensions[]][]"
                " | [?name == 'InstanceId'].value",
                "context": ["local", "object"],
            },
            {
                "type": "resource",
                "key": "dimension of the metric",
                "value": "Trigger.[Dimensions[], Metrics[].MetricStat.Metric.Dimensions[]][]"
                " | [?name != 'InstanceId'].value",
                "context": ["object"],
            },
            {
                "type": "arn",
                "key": "triggering alarm",
                "value": "TriggeringChildren[].Arn",
                "context": ["additional", "local"],
            },
        ],
    },
]

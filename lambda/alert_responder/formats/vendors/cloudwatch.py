"""Amazon CloudWatch alarms: state changes, from EventBridge, SNS or Lambda actions.

EventBridge and functions: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
SNS: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html

Every state change is an alert. The change to OK joins the alarm's report as well; to exclude it, filter it at the
source (event pattern, actions of the alarm).
"""

from typing import Any

from alert_responder.formats.mapping_variants import within

_EVENT: dict[str, Any] = {
    "name": "cloudwatch-event",
    "match": "alarmName && type(state) == 'object' && state.value",
    "detector": "'cloudwatch'",
    "rule_id": "alarmName",
    # An alarm is one incident as long as it lasts. Only the envelope has account and region, so alarms of several
    # accounts need different names.
    "alert_key": "alarmName",
    "description": "state.reason || configuration.description",
    "timestamp": "state.timestamp",
    "severity": "state.value",
    "attributes": [
        {
            "type": "instance",
            "key": "instance",
            "value": "configuration.metrics[].metricStat.metric.dimensions.InstanceId",
            "context": ["local", "object"],
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

MAPPINGS: list[dict[str, Any]] = [
    _EVENT,
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
        "alert_key": "AlarmArn || AlarmName",
        "description": "NewStateReason || AlarmDescription",
        "timestamp": "StateChangeTime",
        "severity": "NewStateValue",
        "attributes": [
            {"type": "arn", "key": "alarm", "value": "AlarmArn", "context": ["local"]},
            {"type": "account", "key": "account", "value": "AWSAccountId", "context": ["local"]},
            {
                "type": "instance",
                "key": "instance",
                "value": "Trigger.Dimensions[?name == 'InstanceId'].value",
                "context": ["local", "object"],
            },
            {
                "type": "instance",
                "key": "instance",
                "value": "Trigger.Metrics[].MetricStat.Metric.Dimensions[] | [?name == 'InstanceId'].value",
                "context": ["local", "object"],
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

"""The inspector `history`."""

from tests.plan.ready_made import ReadyMade, Refused

_MAX_REPORTS = "max_reports must be a whole number from 10 to 20000"

MODULE = ReadyMade(
    module="history",
    kind="inspector",
    variants={
        "options": {
            "attribute_types": ["ipaddr", "domain"],
            "contexts": ["remote"],
            "detectors": ["vpn"],
            "enabled": False,
            "max_reports": 20000,
            "name": "seen-before",
        },
        "least": {"max_reports": 10},
    },
    refused=tuple(Refused({"max_reports": value}, _MAX_REPORTS) for value in (9, 20001, 10.5)),
)

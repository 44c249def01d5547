"""Warnings of the modules that ask logs. Planned alone: the shared plan has targets, and evaluates no checks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tftest

from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case, Configuration, warnings
from tests.plan.ready_made import athena, logs_insights

_LIMITS: dict[str, tuple[str, Mapping[str, Any], dict[str, Any]]] = {
    # Two sources.
    "athena_enough": ("athena", athena.MODULE.required, {"max_gb_per_query": 7, "max_gb_per_day": 14}),
    "athena_short": ("athena", athena.MODULE.required, {"max_gb_per_query": 8, "max_gb_per_day": 15}),
    "athena_workgroup": ("athena", athena.MODULE.required, {"workgroup": "security", "max_gb_per_day": 15}),
    # One source and one query.
    "insights_enough": ("logs-insights", logs_insights.MODULE.required, {"max_gb_per_query": 3, "max_gb_per_day": 6}),
    "insights_short": ("logs-insights", logs_insights.MODULE.required, {"max_gb_per_query": 3, "max_gb_per_day": 5}),
}


def test_a_day_that_does_not_allow_the_queries_of_a_call_is_a_warning(
    code: Path, terraform_environment: dict[str, str]
) -> None:
    cases = {
        name: Case(
            f"modules/{module}",
            {
                "alert_responder": INTERFACE,
                **required,
                **({"queries": {"vpn": logs_insights.QUERY}} if module == "logs-insights" else {}),
                "name": name.replace("_", "-"),
                **limits,
            },
        )
        for name, (module, required, limits) in _LIMITS.items()
    }
    plan: tftest.TerraformPlanOutput = Configuration(code / "log-limits", cases, terraform_environment).plan()

    found = {name: warnings(plan, name, "max_gb_per_day") for name in cases}

    assert [name for name, messages in found.items() if messages] == ["athena_short", "insights_short"]
    for name in ("athena_short", "insights_short"):
        assert "max_gb_per_query times the number of sources and queries (2)" in found[name][0]

"""The whole month: `python -m tools.log_company.month FOLDER` writes it as JSON lines, with the expected answers."""

import dataclasses
import json
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.log_company.attacks import Expected, attacks, expected
from tools.log_company.ordinary import Row, ordinary_day

FIRST_DAY = datetime(2026, 10, 28, tzinfo=UTC)
DAYS = 31
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
ALERT_TIME = LAST_DAY + timedelta(hours=13)
"""When the findings are reported."""


@dataclass(frozen=True)
class Month:
    """Rows by table, and what should be learnt about the findings."""

    tables: dict[str, list[Row]]
    expected: tuple[Expected, ...]


def build_month(seed: int = 19) -> Month:
    """Generate the logs of 31 days; the attacks are on the last one."""
    dice = random.Random(seed)  # noqa: S311 # not for security  # nosec B311
    tables: dict[str, list[Row]] = {"cloudtrail": [], "flows": [], "names": []}
    for number in range(DAYS):
        for table, row in ordinary_day(FIRST_DAY + timedelta(days=number), dice):
            tables[table].append(row)
    # In the window of the alert: 24 hours before, one after.
    begins, ends = ALERT_TIME - timedelta(hours=24), ALERT_TIME + timedelta(hours=1)
    lists = sum(
        row["eventname"] == "ListUsers"
        and f"{begins:%Y-%m-%dT%H:%M:%SZ}" <= row["eventtime"] < f"{ends:%Y-%m-%dT%H:%M:%SZ}"
        for row in tables["cloudtrail"]
    )
    for table, row in attacks(LAST_DAY, dice):
        tables[table].append(row)
    return Month(tables, expected(lists))


def main(folder: str) -> None:
    """Write the month into a folder."""
    month = build_month()
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    for table, rows in month.tables.items():
        (where / f"{table}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    answers = [dataclasses.asdict(one) for one in month.expected]
    (where / "expected.json").write_text(json.dumps(answers, indent=2))


if __name__ == "__main__":
    main(sys.argv[1])

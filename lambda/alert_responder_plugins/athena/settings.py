"""Settings of the inspector `athena`."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from alert_responder_plugins.athena.custom_queries import CustomQuery, CustomTable
from alert_responder_plugins.athena.dialects import find_dialect
from alert_responder_plugins.athena.query import Rollup
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.settings import PluginSettings, parse_json
from alert_responder_plugins.logs.windows import TimeKind

BYTES_OF_GB = 1_000_000_000


class SourceSettings(BaseModel):
    """A source, as `modules/athena` writes it."""

    model_config = ConfigDict(frozen=True)

    database: str
    table: str
    dialect: str
    partition: dict[str, str] = {}
    fixed: dict[str, tuple[str, ...]] = {}
    account: str = ""
    baseline_days: int = Field(default=0, ge=0, le=90)

    @model_validator(mode="after")
    def _known(self) -> "SourceSettings":
        if find_dialect(self.dialect, self.table) is None:
            raise ValueError(
                f"the dialect {self.dialect} does not exist, or the table's name does not end like one of it"
            )
        return self


class TableSettings(BaseModel):
    """A table that a custom query reads, as `modules/athena` writes it."""

    model_config = ConfigDict(frozen=True)

    time: str
    time_type: TimeKind = "timestamp"
    partition: dict[str, str] = {}


class QuerySettings(BaseModel):
    """A custom query, as `modules/athena` writes it."""

    model_config = ConfigDict(frozen=True)

    database: str
    sql: str
    attribute_types: tuple[str, ...]
    tables: dict[str, TableSettings]


class AthenaSettings(PluginSettings):
    """Environment variables that `modules/athena` sets; sources and queries are JSON.

    Attributes
    ----------
    name
        Name under which the inspector is attached.
    max_gb_per_day
        Limit of all queries in a day (UTC) [GB of 1,000,000,000 bytes].
    hours_before, hours_after
        Window around the time of an alert [h].
    time_budget_seconds
        Time after which queries that still run are stopped [s].
    usd_per_tb
        Price of a scanned TB, for the costs that the answer names [USD].
    role_arn, external_id
        Role in the account of the workgroup, and the external id that it requires; empty: the function's own account.
    rollup_database, rollup_table
        Table with the counts of earlier days; empty if no source has a baseline.
    """

    name: str = Field(alias="NAME", min_length=1)
    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    region: str = Field(alias="AWS_REGION", min_length=1)
    console: str = Field(alias="CONSOLE", default="console.aws.amazon.com")
    workgroup: str = Field(alias="WORKGROUP", pattern=r"^[a-zA-Z0-9._-]{1,128}$")
    result_location: str = Field(alias="RESULT_LOCATION", default="")
    sources: Annotated[dict[str, SourceSettings], BeforeValidator(parse_json)] = Field(alias="SOURCES")
    queries: Annotated[dict[str, QuerySettings], BeforeValidator(parse_json)] = Field(alias="QUERIES", default={})
    max_gb_per_day: float = Field(alias="MAX_GB_PER_DAY", gt=0)
    hours_before: int = Field(alias="HOURS_BEFORE", ge=1, le=336)
    hours_after: int = Field(alias="HOURS_AFTER", ge=0, le=168)
    time_budget_seconds: int = Field(alias="TIME_BUDGET_SECONDS", ge=10, le=800)
    usd_per_tb: float = Field(alias="USD_PER_TB", default=5.0, ge=0)
    role_arn: str = Field(alias="ROLE_ARN", default="", pattern=r"^(arn:[a-z-]+:iam::[0-9]{12}:role/.+)?$")
    external_id: str = Field(alias="EXTERNAL_ID", default="")
    rollup_database: str = Field(alias="ROLLUP_DATABASE", default="")
    rollup_table: str = Field(alias="ROLLUP_TABLE", default="")

    @property
    def daily_bytes(self) -> int:
        """The limit of a day [bytes]."""
        return int(self.max_gb_per_day * BYTES_OF_GB)

    @property
    def rollup(self) -> Rollup | None:
        """The table with the counts of earlier days."""
        return Rollup(self.rollup_database, self.rollup_table) if self.rollup_database else None

    def read_sources(self) -> tuple[Source, ...]:
        """Return the sources by name."""
        return tuple(_source(name, source) for name, source in sorted(self.sources.items()))

    def custom_queries(self) -> tuple[CustomQuery, ...]:
        """Return the custom queries by name."""
        return tuple(_query(name, query) for name, query in sorted(self.queries.items()))


def _query(name: str, settings: QuerySettings) -> CustomQuery:
    tables = tuple(
        CustomTable(table, one.time, one.time_type, one.partition) for table, one in sorted(settings.tables.items())
    )
    return CustomQuery(name, settings.database, settings.sql, frozenset(settings.attribute_types), tables)


def _source(name: str, settings: SourceSettings) -> Source:
    dialect = find_dialect(settings.dialect, settings.table)
    if dialect is None:
        raise ValueError(settings.dialect)
    return Source(
        name=name,
        database=settings.database,
        table=settings.table,
        dialect=dialect,
        partition=settings.partition,
        fixed=settings.fixed,
        account=settings.account,
        baseline_days=settings.baseline_days,
    )

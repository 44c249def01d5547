"""Settings of the inspector `logs-insights`."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from alert_responder_plugins.common.members import MemberSettings
from alert_responder_plugins.common.settings import Texts, parse_json
from alert_responder_plugins.logs_insights.client import BYTES_OF_GB
from alert_responder_plugins.logs_insights.custom_queries import CustomQuery
from alert_responder_plugins.logs_insights.dialects import APPLICATION, DIALECTS, Dialect, application
from alert_responder_plugins.logs_insights.groups import Place, of_alert, places
from alert_responder_plugins.logs_insights.jobs import Source

_GroupArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:logs:[a-z0-9-]+:([0-9]{12}|\*):log-group:[A-Za-z0-9_/.#-]{1,512}\*?$")
]


class SourceSettings(BaseModel):
    """A source, as `modules/logs-insights` writes it."""

    model_config = ConfigDict(frozen=True)

    dialect: str
    log_groups: tuple[_GroupArn, ...] = Field(min_length=1)
    columns: dict[str, str] = {}
    parse: str = ""

    @model_validator(mode="after")
    def _known(self) -> "SourceSettings":
        self.read_dialect()
        return self

    def read_dialect(self) -> Dialect:
        """Return the dialect; raise `ValueError` if it does not exist."""
        if self.dialect == APPLICATION:
            return application(self.columns, self.parse)
        if self.dialect not in DIALECTS:
            raise ValueError(f"the dialect {self.dialect} does not exist")
        return DIALECTS[self.dialect]


class QuerySettings(BaseModel):
    """A custom query, as `modules/logs-insights` writes it."""

    model_config = ConfigDict(frozen=True)

    attribute_types: tuple[str, ...]
    log_groups: tuple[_GroupArn, ...] = Field(min_length=1)
    query: str


class LogsInsightsSettings(MemberSettings):
    """Environment variables that `modules/logs-insights` sets; sources, queries and role ARNs are JSON.

    Attributes
    ----------
    name
        Name under which the inspector is attached.
    max_gb_per_day, max_gb_per_query
        Limits of all queries in a day (UTC), and of a query [GB of 1,000,000,000 bytes].
    max_days
        Longest time that a query reads [d].
    hours_before, hours_after
        Window around the time of an alert [h].
    role_arns
        Roles in other accounts, at most one for each.
    partition
        Partition of the roles in member accounts.
    time_budget_seconds
        Time after which queries that still run are stopped [s].
    usd_per_gb
        Price of a scanned GB, for the costs that the answer names [USD].
    """

    name: str = Field(alias="NAME", min_length=1)
    account_id: str = Field(alias="ACCOUNT_ID", pattern="^[0-9]{12}$")
    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    region: str = Field(alias="AWS_REGION", min_length=1)
    console: str = Field(alias="CONSOLE", default="console.aws.amazon.com")
    sources: Annotated[dict[str, SourceSettings], BeforeValidator(parse_json)] = Field(alias="SOURCES")
    queries: Annotated[dict[str, QuerySettings], BeforeValidator(parse_json)] = Field(alias="QUERIES", default={})
    role_arns: Texts = Field(alias="ROLE_ARNS", default=())
    external_id: str = Field(alias="EXTERNAL_ID", default="")
    partition: str = Field(alias="PARTITION", default="aws")
    session_name: str = Field(alias="SESSION_NAME", default="alert-responder", pattern=r"^[\w+=,.@-]{2,64}$")
    max_gb_per_day: float = Field(alias="MAX_GB_PER_DAY", gt=0)
    max_gb_per_query: float = Field(alias="MAX_GB_PER_QUERY", gt=0)
    max_days: int = Field(alias="MAX_DAYS", ge=1, le=31)
    hours_before: int = Field(alias="HOURS_BEFORE", ge=1, le=336)
    hours_after: int = Field(alias="HOURS_AFTER", ge=0, le=168)
    time_budget_seconds: int = Field(alias="TIME_BUDGET_SECONDS", ge=10, le=800)
    usd_per_gb: float = Field(alias="USD_PER_GB", default=0.005, ge=0)

    @property
    def daily_bytes(self) -> int:
        """The limit of a day [bytes]."""
        return int(self.max_gb_per_day * BYTES_OF_GB)

    @property
    def query_bytes(self) -> int:
        """The limit of a query [bytes]."""
        return int(self.max_gb_per_query * BYTES_OF_GB)

    def read_sources(self) -> tuple[Source, ...]:
        """Return the sources by name."""
        return tuple(
            Source(name, source.read_dialect(), self._places(source.log_groups), of_alert(source.log_groups))
            for name, source in sorted(self.sources.items())
        )

    def custom_queries(self) -> tuple[CustomQuery, ...]:
        """Return the custom queries by name."""
        return tuple(
            CustomQuery(
                name,
                self._places(query.log_groups),
                query.query,
                frozenset(query.attribute_types),
                of_alert(query.log_groups),
            )
            for name, query in sorted(self.queries.items())
        )

    def _places(self, arns: Sequence[str]) -> tuple[Place, ...]:
        # With a role by name, all other accounts are asked with it.
        roles = arns if self.member_role_name else self.role_arns
        return places(arns, self.account_id, {arn.split(":")[4] for arn in roles})

"""A source: a table of logs, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.dialects import Dialect
from alert_responder_plugins.athena.partitions import fixed_predicates, partition_predicate, time_predicate
from alert_responder_plugins.athena.shapes import SHAPES, Shape
from alert_responder_plugins.logs.accounts import name_in
from alert_responder_plugins.logs.windows import Window


@dataclass(frozen=True)
class Source:
    """A table of logs.

    Attributes
    ----------
    partition
        Partition columns with their formats; those of the dialect if empty.
    fixed
        Values of further partition columns that the settings list.
    account
        Column with the account of a row, by which queries are restricted to the account of the alert; empty: they read
        the rows of all accounts.
    baseline_days
        Number of days before the window from which "new or usual" is decided; 0: it is not known.
    """

    name: str
    database: str
    table: str
    dialect: Dialect
    partition: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline_days: int = 0
    account: str = ""

    def of_account(self, account: str) -> "Source":
        """Return this source with the rows of one account."""
        return replace(self, name=name_in(self.name, account), fixed={**self.fixed, self.account: (account,)})

    @property
    def shape(self) -> Shape:
        """The shape of the logs."""
        return SHAPES[self.dialect.shape]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of keys by which rows are found."""
        return frozenset(kind for kind, _ in self.shape.keys)

    def rows(self, window: Window) -> str:
        """Return a query of the columns of the shape, restricted to the window and its partitions."""
        dialect = self.dialect
        columns = ",\n    ".join(f"{dialect.columns[column]} AS {column}" for column in self.shape.columns)
        partition = self.partition or dialect.partition
        predicates = [
            *([partition_predicate(partition, window)] if partition else []),
            *fixed_predicates(self.fixed),
            time_predicate(dialect.time, dialect.time_kind, window),
        ]
        return (
            f"SELECT\n    {dialect.time} AS seen_at,\n    {columns}\n"  # nosec
            f"  FROM {literals.name(self.database)}.{literals.name(self.table)}\n"
            f"  WHERE {' AND '.join(predicates)}"
        )

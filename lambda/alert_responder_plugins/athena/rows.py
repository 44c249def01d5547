"""Read the rows of a result. Pure."""

from collections.abc import Sequence

from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.logs.rows import LONGEST, Row, Usual, number
from alert_responder_plugins.logs.windows import read_time


def read_row(source: Source, columns: Sequence[str], values: Sequence[str | None]) -> Row:
    """Read a row of a result; a missing number is 0."""
    texts = {column: (value or "")[:LONGEST] for column, value in zip(columns, values, strict=True)}
    kind = source.dialect.time_kind
    days = texts["days"]
    return Row(
        place=number(texts["place"]),
        way=texts["way"],
        columns={name: texts[name] for name in (*source.shape.groups, *source.shape.measures)},
        times=number(texts["times"]),
        first=read_time(texts["first_at"], kind),
        last=read_time(texts["last_at"], kind),
        usual=Usual(
            number(days),
            number(texts["times_of_what"]),
            number(texts["times_of_network"]),
            number(texts["times_of_subject"]),
        )
        if number(days)
        else None,
        all_times=number(texts["all_times"]),
        all_failed=number(texts["all_failed"]),
        all_groups=number(texts["all_groups"]),
        all_first=read_time(texts["all_first"], kind),
        all_last=read_time(texts["all_last"], kind),
    )

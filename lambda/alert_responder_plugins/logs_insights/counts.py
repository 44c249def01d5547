"""Match the counted rows of a result with the attributes that were asked about, and add them up. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alert_responder_plugins.logs.jobs import Rows
from alert_responder_plugins.logs.questions import TO, AskedKey
from alert_responder_plugins.logs.rows import LONGEST, Row, ShapeName, number
from alert_responder_plugins.logs.windows import read_time
from alert_responder_plugins.logs_insights.dialects import PREFIX, Dialect

MAX_SHOWN = 15
"""Maximum number of rows for one attribute and direction."""

Columns = Mapping[str, str]


@dataclass
class _Group:
    """Rows that are shown as one."""

    columns: dict[str, str]
    failed: bool
    telling: bool
    times: int = 0
    first: datetime | None = None
    last: datetime | None = None
    parts: list[Columns] = field(default_factory=list)


def count(dialect: Dialect, asked: Sequence[Sequence[AskedKey]], rows: Rows) -> dict[int, list[Row]]:
    """Return the rows of each attribute, by its place: at most 15 in a direction, the most telling first.

    Parameters
    ----------
    rows
        The names of the columns, and the rows, of `query.build_query`.
    """
    names = [(name or "").removeprefix(PREFIX) for name in rows[0]] if rows else []
    groups: dict[tuple[int, str], dict[tuple[str, ...], _Group]] = {}
    index = _index(dialect, asked)
    for values in rows[1:]:
        # Matched in full: the domain that is asked about is at the end of a long name.
        columns = {name: value or "" for name, value in zip(names, values, strict=False)}
        for place, way, own in _owners(dialect, index, columns):
            _add(groups.setdefault((place, way), {}), dialect.shape, columns, own)
    found: dict[int, list[Row]] = {}
    for (place, way), of_way in groups.items():
        found.setdefault(place, []).extend(_rows(dialect.shape, place, way, list(of_way.values())))
    return found


def _index(dialect: Dialect, asked: Sequence[Sequence[AskedKey]]) -> dict[tuple[str, str], list[int]]:
    index: dict[tuple[str, str], list[int]] = {}
    for place, keys in enumerate(asked):
        for key in keys:
            if key.kind in dialect.kinds and place not in index.setdefault((key.kind, key.value), []):
                index[key.kind, key.value].append(place)
    return index


def _owners(
    dialect: Dialect, index: Mapping[tuple[str, str], Sequence[int]], columns: Columns
) -> Iterable[tuple[int, str, str]]:
    """Return the attributes that a row belongs to: place, direction, and the column with the key."""
    found: dict[tuple[int, str], str] = {}
    for kind, column in dialect.keys:
        value = columns.get(column, "")
        if not value:
            continue
        for each in _domains(value) if kind == "domain" else (value,):
            for place in index.get((kind, each), ()):
                found.setdefault((place, "to" if kind in TO else "by"), column)
    return [(place, way, column) for (place, way), column in found.items()]


def _domains(name: str) -> list[str]:
    labels = name.lower().removesuffix(".").split(".")
    return [".".join(labels[first:]) for first in range(len(labels))]


def _add(groups: dict[tuple[str, ...], _Group], shape: ShapeName, columns: Columns, own: str) -> None:
    described, failed, telling = _DESCRIBED[shape](columns, own)
    key = tuple(described.values())
    group = groups.setdefault(key, _Group(described, failed, telling))
    group.times += number(columns.get("times", ""))
    group.parts.append({**columns, "own": own})
    first, last = (_time(columns.get(name, "")) for name in ("first_at", "last_at"))
    group.first = min((moment for moment in (group.first, first) if moment), default=None)
    group.last = max((moment for moment in (group.last, last) if moment), default=None)


def _time(text: str) -> datetime | None:
    """Parse a time, which is in milliseconds since the epoch in a result of stats, or a text in UTC."""
    return read_time(text, "epoch_ms" if text[:1].isdigit() and "-" not in text else "timestamp")


def _rows(shape: ShapeName, place: int, way: str, groups: Sequence[_Group]) -> list[Row]:
    firsts, lasts = [one.first for one in groups if one.first], [one.last for one in groups if one.last]
    times = sum(one.times for one in groups)
    failed = sum(one.times for one in groups if one.failed)
    measured = [(one, _MEASURED[shape](one.parts)) for one in groups]
    measured.sort(key=lambda each: _order(shape, *each))
    return [
        Row(
            place=place,
            way=way,
            columns={name: text[:LONGEST] for name, text in {**one.columns, **measures}.items()},
            times=one.times,
            first=one.first,
            last=one.last,
            usual=None,
            all_times=times,
            all_failed=failed,
            all_groups=len(groups),
            all_first=min(firsts, default=None),
            all_last=max(lasts, default=None),
        )
        for one, measures in measured[:MAX_SHOWN]
    ]


def _order(shape: ShapeName, group: _Group, measures: Columns) -> tuple[float, ...]:
    last = group.last.timestamp() if group.last else 0.0
    if shape == "flows":
        return (-number(measures["bytes_out"]) - number(measures["bytes_in"]), -group.times, -last)
    return (0 if group.failed or group.telling else 1, -last, -group.times)


def _call(columns: Columns, _own: str) -> tuple[dict[str, str], bool, bool]:
    error = columns.get("error", "")
    # CloudTrail has no error code for a failed sign-in, but `Success` or `Failure` in its answer.
    error = "" if error == "Success" else error
    status = columns.get("status", "")
    if number(status) >= 400:
        error = status
    described = {
        "principal": columns.get("principal", "") or columns.get("user", ""),
        "issuer": columns.get("issuer", ""),
        "address": columns.get("address", ""),
        "service": columns.get("service", "") or ("kubernetes" if "verb" in columns else ""),
        "action": columns.get("action", "") or " ".join(filter(None, (columns.get("verb"), columns.get("kind")))),
        "error": error,
    }
    writes = columns.get("read_only") in ("0", "false") or columns.get("verb") in _WRITES
    return described, error != "", writes


_WRITES = ("create", "update", "patch", "delete", "deletecollection")


def _flow(columns: Columns, own: str) -> tuple[dict[str, str], bool, bool]:
    mine, other = ("source", "destination") if own == "source" else ("destination", "source")
    accepted = columns.get("verdict") == "ACCEPT"
    # The side with the higher port opened the connection.
    opened = number(columns.get(f"{mine}_port", "")) >= number(columns.get(f"{other}_port", ""))
    described = {
        "peer": columns.get(other, ""),
        "own": columns.get(mine, ""),
        # A scan of ports is one row, not one for each port.
        "port": columns.get("port", "") if accepted else "",
        "protocol": columns.get("protocol", ""),
        "opened": "true" if opened else "false",
        "verdict": {"ACCEPT": "accepted", "REJECT": "rejected"}.get(columns.get("verdict", ""), "unknown"),
        "instance": "",
    }
    return described, not accepted, False


def _name(columns: Columns, _own: str) -> tuple[dict[str, str], bool, bool]:
    code = columns.get("code", "")
    described = {
        "address": columns.get("address", ""),
        "instance": columns.get("instance", ""),
        "parent": ".".join(columns.get("name", "").lower().removesuffix(".").split(".")[-2:]),
        "code": code,
    }
    return described, code not in ("", "NOERROR"), False


def _call_measures(parts: Sequence[Columns]) -> dict[str, str]:
    targets = _distinct(parts, _target)
    regions = _distinct(parts, lambda part: part.get("region", ""))
    agents = _distinct(parts, lambda part: part.get("agent", ""))
    return {
        "regions": ", ".join(regions),
        "target": targets[0] if targets else "",
        "targets": str(len(targets)),
        "agent": agents[-1] if agents else "",
    }


def _target(columns: Columns) -> str:
    """Return what a call is about; an object of Kubernetes with its namespace, without which its name says little."""
    target = columns.get("target", "") or columns.get("resource", "")
    return "/".join(filter(None, (columns.get("namespace", ""), target)))


def _flow_measures(parts: Sequence[Columns]) -> dict[str, str]:
    ports = sorted(number(port) for port in _distinct(parts, lambda part: part.get("port", "")))
    out = sum(number(part.get("bytes", "")) for part in parts if part["own"] == "source")
    into = sum(number(part.get("bytes", "")) for part in parts if part["own"] != "source")
    return {
        "first_port": str(ports[0]) if ports else "",
        "ports": str(len(ports)),
        "bytes_out": str(out),
        "bytes_in": str(into),
    }


def _name_measures(parts: Sequence[Columns]) -> dict[str, str]:
    names = _distinct(parts, lambda part: part.get("name", "").removesuffix("."))
    answers = _distinct(parts, lambda part: part.get("answer", ""))
    records = _distinct(parts, lambda part: part.get("records", ""))
    return {
        "name": names[0] if names else "",
        "names": str(len(names)),
        "answer": answers[0] if answers else "",
        "records": records[-1] if records else "",
    }


def _distinct(parts: Sequence[Columns], of: Callable[[Columns], str]) -> list[str]:
    return sorted({text for part in parts if (text := of(part))})


_DESCRIBED = {"calls": _call, "events": _call, "flows": _flow, "names": _name}
_MEASURED = {
    "calls": _call_measures,
    "events": _call_measures,
    "flows": _flow_measures,
    "names": _name_measures,
}

"""Rows of a result, as activities and numbers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from alert_responder.contracts.inspection import Activity

ShapeName = Literal["calls", "events", "flows", "names", "requests"]
"""What a log contains: calls of APIs, events of an application, network flows, DNS queries, or requests."""

LONGEST = 200
"""Maximum length of a text from a log [characters]."""

_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


@dataclass(frozen=True, slots=True)
class Usual:
    """Counts of the days before the window for what a row does.

    Attributes
    ----------
    days
        Number of days that were counted.
    of_what, of_network, of_subject
        How often the subject did the same, anything from the same network, and anything.
    """

    days: int
    of_what: int
    of_network: int
    of_subject: int

    @property
    def new(self) -> bool:
        """Whether the subject did this, or anything from this network, for the first time."""
        return not (self.of_what and self.of_network)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a result: what somebody did, how often, and whether it is usual.

    Attributes
    ----------
    place
        Place of the attribute among those of the query.
    way
        `by` or `to`: the attribute acted, or was acted on.
    usual
        None without a baseline.
    """

    place: int
    way: str
    columns: Mapping[str, str]
    times: int
    first: datetime | None
    last: datetime | None
    usual: Usual | None
    all_times: int
    all_failed: int
    all_groups: int
    all_first: datetime | None
    all_last: datetime | None


def number(text: str) -> int:
    """Return a whole number of a result; 0 if it is not one."""
    try:
        return int(float(text)) if text else 0
    except (ValueError, OverflowError):
        return 0


def activity(shape: ShapeName, row: Row) -> Activity:
    """Describe a row as an activity: who, from where, what, on what, how often."""
    fields = _DESCRIBED[shape](row.columns)
    return Activity(
        **fields,
        first_seen=time_text(row.first),
        last_seen=time_text(row.last),
        count=row.times,
        usual=None if row.usual is None else not row.usual.new,
        basis=basis(shape, row.usual),
    )


def basis(shape: ShapeName, usual: Usual | None) -> str:
    """State in one phrase on what "new or usual" is based."""
    if usual is None:
        return ""
    noun = _NOUNS[shape]
    days = f"{usual.days} day{'' if usual.days == 1 else 's'}"
    if not usual.of_subject:
        return f"nothing of this kind in the {days} before"
    times = f"{usual.of_what:,} time{'' if usual.of_what == 1 else 's'}"
    which = f"{times} in {days}" if usual.of_what else f"first time in {days}"
    counted = f"{usual.of_subject:,} {noun} before"
    if shape in ("calls", "requests"):
        network = "none" if not usual.of_network else f"{usual.of_network:,}"
        return f"{which}; {counted}, {network} from this network"
    return f"{which}; {counted}"


def nouns(shape: ShapeName, times: int) -> str:
    """Return a number of what logs of a shape contain, such as `2 calls`."""
    noun = _NOUNS[shape]
    return f"{times:,} {noun.removesuffix('s') if times == 1 and noun != 'DNS queries' else noun}"


def time_text(moment: datetime | None) -> str | None:
    """Format a time as RFC 3339 in UTC."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def data(row: Row) -> dict[str, Any]:
    """Write a row as JSON, with the columns that activities lack."""
    usual = row.usual
    return {
        **{name: value for name, value in row.columns.items() if value},
        "way": row.way,
        "count": row.times,
        "first_seen": time_text(row.first),
        "last_seen": time_text(row.last),
        "new": None if usual is None else usual.new,
        "counts_before": None
        if usual is None
        else {"same": usual.of_what, "same_network": usual.of_network, "all": usual.of_subject, "days": usual.days},
    }


def _call(columns: Mapping[str, str]) -> dict[str, str]:
    error = columns["error"]
    return {
        "service_name": columns["service"],
        "remote_addr": columns["address"],
        "principal": columns["principal"],
        "action": f"{columns['action']} ({error})" if error else columns["action"],
        "target": _and_more(columns["target"], columns["targets"]),
    }


def _flow(columns: Mapping[str, str]) -> dict[str, str]:
    accepted = columns["verdict"] == "accepted"
    opened = columns["opened"] == "true"
    action = "connected to" if opened else "connected from"
    protocol = _PROTOCOLS.get(columns["protocol"], f"protocol {columns['protocol']}")
    return {
        "service_name": f"{protocol} {_and_more(columns['first_port'], columns['ports'])}",
        "remote_addr": columns["peer"],
        "principal": columns["instance"] or columns["own"],
        "action": action if accepted else f"{action} ({columns['verdict']})",
        "target": f"{number(columns['bytes_out']):,} bytes out, {number(columns['bytes_in']):,} bytes in",
    }


def _name(columns: Mapping[str, str]) -> dict[str, str]:
    code = columns["code"]
    return {
        "service_name": f"DNS {columns['records']}".strip(),
        "remote_addr": columns["answer"],
        "principal": columns["instance"] or columns["address"],
        "action": "resolved" if code in ("", "NOERROR") else f"resolved ({code})",
        "target": _and_more(columns["name"], columns["names"]),
    }


def _request(columns: Mapping[str, str]) -> dict[str, str]:
    status = columns["status"]
    return {
        "service_name": columns["host"],
        "remote_addr": columns["address"],
        "principal": columns["principal"],
        "action": f"{columns['method']} ({status})" if status else columns["method"],
        "target": _and_more(columns["path"], columns["paths"]),
    }


_DESCRIBED = {"calls": _call, "events": _call, "flows": _flow, "names": _name, "requests": _request}
_NOUNS: Mapping[ShapeName, str] = {
    "calls": "calls",
    "events": "events",
    "flows": "flows",
    "names": "DNS queries",
    "requests": "requests",
}


def _and_more(first: str, number_of_all: str) -> str:
    more = number(number_of_all) - 1
    return f"{first} and {more:,} more" if first and more > 0 else first

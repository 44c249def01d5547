"""Keys of all items: the key design of the table (see `docs/data.md`)."""

from alert_responder.domain.admission import Counter
from alert_responder.domain.identifiers import index_shard
from alert_responder.store.table import Key

LAST = "\uffff"
"""Sorts after every character used in a sort key."""

INSPECTORS, EMITTERS, REVIEWERS = "plugin/inspector", "plugin/emitter", "plugin/reviewer"
COMMANDS = "plugin/commands"
"""The functions that take commands of people, by the plug-in they are of."""

GROUPS, BODIES = "alerts/", "body/"
EMISSIONS, EMITTER_STATES, HEAD, META, SEEN, LOOKUPS = "emission/", "emitter/", "head", "meta", "seen/", "task/"
"""What sort keys in a report's partition begin with, in their order: some are read together as neighbours."""


def report(report_id: str) -> str:
    """Return the partition of everything that belongs to a report."""
    return f"report/{report_id}"


def report_id_of(partition: str) -> str:
    """Return the report id of a report's partition."""
    return partition.removeprefix("report/")


def window(alert_id: str) -> Key:
    """P: the newest report of an alert id."""
    return Key(f"alert/{alert_id}", "window")


def tries(shard: str, sequence_number: str) -> Key:
    """Tries to read a record of the stream; no alert id is such a text."""
    return Key(f"alert/record:{shard}:{sequence_number}", "tries")


def past_window(alert_id: str, report_id: str) -> Key:
    """Find the window of an alert id in an overflow report, kept when a newer one takes its place."""
    return Key(f"alert/{alert_id}", f"window/{report_id}")


def admission(counter: Counter) -> Key:
    """Find part of the count of an hour's new reports."""
    of_whom = f"detector/{counter.name}" if counter.scope == "detector" else "installation"
    return Key(f"admission/{counter.hour}/{of_whom}/{counter.part}", "opened")


def head(report_id: str) -> Key:
    """H: the state of a report."""
    return Key(report(report_id), HEAD)


def meta(report_id: str) -> Key:
    """M: what lists show of a report."""
    return Key(report(report_id), META)


def group(report_id: str, group_id: str) -> Key:
    """G: the summary of a group of alerts."""
    return Key(report(report_id), f"{GROUPS}{group_id}")


def body(report_id: str, group_id: str, part: int) -> Key:
    """Part of the compressed alerts of a group, from 0."""
    return Key(report(report_id), f"{BODIES}{group_id}/{part:03d}")


def group_id_of(body_key: str) -> str:
    """Return the group that a body's sort key belongs to."""
    return body_key.removeprefix(BODIES).partition("/")[0]


def lookup(report_id: str, task_id: str) -> Key:
    """T: one lookup in the ledger."""
    return Key(report(report_id), f"{LOOKUPS}{task_id}")


def seen(report_id: str, wave: int) -> Key:
    """Find which alerts of a wave were left without any lookup."""
    return Key(report(report_id), f"{SEEN}{wave:011d}")


def review(report_id: str, round_: int, revision: int) -> Key:
    """S: the reviewer's answer to the report as of a revision."""
    return Key(report(report_id), f"review/{round_:06d}/{revision:09d}")


def emission(report_id: str, emitter: str, round_: int) -> Key:
    """D: one delivery."""
    return Key(report(report_id), f"{EMISSIONS}{emitter}/{round_:06d}")


def emitter_state(report_id: str, emitter: str) -> Key:
    """E: what an emitter was last told."""
    return Key(report(report_id), f"{EMITTER_STATES}{emitter}")


def settings() -> Key:
    """Find what the root module says to all functions."""
    return Key("config", "settings")


def formats() -> Key:
    """Find the operator's own formats."""
    return Key("config", "formats")


def quota(inspector: str) -> Key:
    """Find when an inspector with a quota was called."""
    return Key(f"quota/{inspector}", "calls")


def cached_answer(arn: str, attribute_id: str) -> Key:
    """Find an inspector's answer that other reports may reuse."""
    return Key(f"cache/{arn}/{attribute_id}", "answer")


def attribute_history(attribute_id: str, report_id: str) -> Key:
    """Find that a report has an attribute."""
    return Key(f"attribute/{attribute_id}", report_id)


def open_shard(report_id: str) -> str:
    """Return the partition of the index of open reports."""
    return f"open/{index_shard(report_id)}"


def day_shard(report_id: str, day: str) -> str:
    """Return the partition of the index of reports by day (`YYYY-MM-DD`)."""
    return f"{day}/{index_shard(report_id)}"

"""Keys of all items: the key design of the table (`docs/data.md`). Records have the names of `docs/protocol.md`."""

from alert_responder.domain.admission import Counter
from alert_responder.domain.identifiers import INDEX_SHARDS, index_shard
from alert_responder.domain.records import AnswerKey
from alert_responder.store.table import Key

LAST = "\uffff"
"""Sorts after every character used in a sort key."""

INSPECTORS, EMITTERS, REVIEWERS = "plugin/inspector", "plugin/emitter", "plugin/reviewer"
COMMANDS = "plugin/commands"
"""Functions that take commands of operators, by plug-in."""

GROUPS, BODIES = "alerts/", "body/"
DELIVERIES, EMITTER_STATES, HEAD, META, SEEN, LOOKUPS = "emission/", "emitter/", "head", "meta", "seen/", "task/"
"""Prefixes of sort keys in a report's partition, in their order: adjacent ones are read in one query."""

OPEN_SHARDS = tuple(f"open/{number}" for number in range(INDEX_SHARDS))
"""Partitions of the index of open reports."""


def report(report_id: str) -> str:
    """Return the partition of a report."""
    return f"report/{report_id}"


def report_id_of(partition: str) -> str:
    """Return the report id of a report's partition."""
    return partition.removeprefix("report/")


def window(alert_id: str) -> Key:
    """Return the key of a window: the newest report of an alert id."""
    return Key(f"alert/{alert_id}", "window")


def tries(shard: str, sequence_number: str) -> Key:
    """Return the key of the tries of a stream record; no alert id has this form."""
    return Key(f"alert/record:{shard}:{sequence_number}", "tries")


def past_window(alert_id: str, report_id: str) -> Key:
    """Return the key of a past window: one of an overflow report, kept when a newer window replaces it."""
    return Key(f"alert/{alert_id}", f"window/{report_id}")


def admission(counter: Counter) -> Key:
    """Return the key of an admission counter: part of the count of an hour's new reports."""
    of_whom = f"detector/{counter.name}" if counter.scope == "detector" else "installation"
    return Key(f"admission/{counter.hour}/{of_whom}/{counter.part}", "opened")


def head(report_id: str) -> Key:
    """Return the key of a head: the state of a report."""
    return Key(report(report_id), HEAD)


def meta(report_id: str) -> Key:
    """Return the key of a meta: the part of a report that lists show."""
    return Key(report(report_id), META)


def group(report_id: str, group_id: str) -> Key:
    """Return the key of a group: the summary of a group of alerts."""
    return Key(report(report_id), f"{GROUPS}{group_id}")


def body(report_id: str, group_id: str, part: int) -> Key:
    """Return the key of a body: part of the compressed alerts of a group, counted from 0."""
    return Key(report(report_id), f"{BODIES}{group_id}/{part:03d}")


def group_id_of(body_key: str) -> str:
    """Return the group id in a body's sort key."""
    return body_key.removeprefix(BODIES).partition("/")[0]


def lookup(report_id: str, task_id: str) -> Key:
    """Return the key of a lookup."""
    return Key(report(report_id), f"{LOOKUPS}{task_id}")


def seen(report_id: str, wave: int) -> Key:
    """Return the key of a seen record: alerts of a wave without a lookup."""
    return Key(report(report_id), f"{SEEN}{wave:011d}")


def review(report_id: str, round_: int, revision: int) -> Key:
    """Return the key of a review: the reviewer's result for a revision."""
    return Key(report(report_id), f"review/{round_:06d}/{revision:09d}")


def delivery(report_id: str, emitter: str, round_: int) -> Key:
    """Return the key of a delivery."""
    return Key(report(report_id), f"{DELIVERIES}{emitter}/{round_:06d}")


def emitter_state(report_id: str, emitter: str) -> Key:
    """Return the key of an emitter state: the last successful delivery of an emitter."""
    return Key(report(report_id), f"{EMITTER_STATES}{emitter}")


def settings() -> Key:
    """Return the key of the installation's settings."""
    return Key("config", "settings")


def formats() -> Key:
    """Return the key of the custom formats."""
    return Key("config", "formats")


def directory() -> Key:
    """Return the key of the directory of accounts, which only the function of `modules/organization` writes."""
    return Key("organization", "directory")


def listed_accounts() -> Key:
    """Return the key of the accounts that Terraform lists for the directory, if AWS Organizations is not asked."""
    return Key("organization", "accounts")


def test_mark(alert_id: str) -> Key:
    """Return the key of a test mark, which only operators can write."""
    return Key("config", f"test/{alert_id}")


def quota(inspector: str) -> Key:
    """Return the key of an inspector's quota: the calls granted."""
    return Key(f"quota/{inspector}", "calls")


def cached_answer(key: AnswerKey) -> Key:
    """Return the key of a cached answer, which other reports may reuse."""
    sort = "answer" if key.account is None else f"answer/{key.account or 'unknown'}"
    return Key(f"cache/{key.arn}/{key.attribute_id}", sort)


def attribute_history(attribute_id: str, report_id: str) -> Key:
    """Return the key of an attribute's history: one report that has the attribute."""
    return Key(f"attribute/{attribute_id}", report_id)


def open_shard(report_id: str) -> str:
    """Return the partition of the index of open reports."""
    return OPEN_SHARDS[index_shard(report_id)]


def day_shard(report_id: str, day: str) -> str:
    """Return the partition of the index of reports by day (`YYYY-MM-DD`)."""
    return f"{day}/{index_shard(report_id)}"

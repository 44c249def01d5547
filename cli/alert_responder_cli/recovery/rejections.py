"""Find out which replayed records are rejected again, from the objects that the receptor archives."""

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alert_responder.kinesis_records import read_record
from alert_responder.store.archive_keys import rejected_key
from alert_responder_cli.aws.objects import object_version
from alert_responder_cli.recovery.archive import read, reasons_in
from alert_responder_cli.recovery.replay import Invoke, Replay, ReplayTarget, receptor, replay

_CONNECTIONS = 16
_Version = tuple[Any, ...] | None
"""Identifies the version of an object; None: the object does not exist."""


def replay_and_check(installation: ReplayTarget, objects: Iterable[tuple[str, bytes]]) -> Replay:
    """Replay records, and collect those that the receptor rejects again.

    Parameters
    ----------
    objects
        Keys and contents of archived objects.

    Raises
    ------
    CommandError
        A permission is missing: `lambda:InvokeFunction` on the receptor, `s3:GetObject` and `s3:ListBucket` on the
        archive bucket.
    """
    rejections = _Rejections(installation, receptor(installation))
    done = replay(objects, rejections.invoke)
    done.still_rejected = rejections.found
    return done


def by_reason(rejected: Mapping[str, Iterable[str]]) -> list[tuple[str, int, str]]:
    """Group rejected records by reason: reason, number and key of the first, the most frequent reason first."""
    numbers = Counter("; ".join(reasons) for reasons in rejected.values())
    first: dict[str, str] = {}
    for key, reasons in rejected.items():
        first.setdefault("; ".join(reasons), key)
    return [(reason, number, first[reason]) for reason, number in numbers.most_common()]


class _Rejections:
    """Calls the receptor, and finds the rejected records that it wrote during the call.

    The key of a rejected record is known beforehand. Whether it is rejected is not, since the receptor may have other
    formats than this command, or other versions of them.
    """

    def __init__(self, installation: ReplayTarget, invoke: Invoke) -> None:
        self._installation, self._invoke = installation, invoke
        self._client = installation.client("s3", max_pool_connections=_CONNECTIONS)
        self.found: dict[str, tuple[str, ...]] = {}

    def invoke(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """Call the receptor with a batch."""
        keys = list(dict.fromkeys(rejected_key(read_record(record)) for record in event["Records"]))
        before = self._versions(keys)
        answer = self._invoke(event)
        for key, old, new in zip(keys, before, self._versions(keys), strict=True):
            if new is not None and new != old:
                self.found[key] = reasons_in(read(self._installation, key))
        return answer

    def _versions(self, keys: Iterable[str]) -> list[_Version]:
        with ThreadPoolExecutor(_CONNECTIONS) as executor:
            return list(executor.map(self._version, keys))

    def _version(self, key: str) -> _Version:
        # The bucket is versioned: writing the same document again creates another version.
        return object_version(self._client, self._installation.archive_bucket, key)

"""The essence of an inspector's answer, which no size limit removes: type, verdict and source of each content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alert_responder.domain.verdicts import weight

_MAX_TITLE = 100
"""Longest title of a note [characters]; a note requires one."""

_MAX_SOURCES = 200
"""Longest list of merged sources [characters]."""

_MAX_ACTIVITY_TEXT = 200
"""Longest text of an activity that is kept [characters]."""

Content = Mapping[str, Any]
"""JSON of `contracts.inspection.Content`."""


def has_verdict(contents: Iterable[Content]) -> bool:
    """Check whether any of the contents has a verdict."""
    return any(content.get("verdict") for content in contents)


def short_activity(activity: Mapping[str, Any]) -> dict[str, Any]:
    """Cut the texts of an activity to 200 characters each."""
    return {name: value[:_MAX_ACTIVITY_TEXT] if isinstance(value, str) else value for name, value in activity.items()}


def essence(contents: Iterable[Content], activities: Sequence[Mapping[str, Any]] = ()) -> tuple[dict[str, Any], ...]:
    """Reduce an answer to its verdicts, their sources, and the given activities.

    Parameters
    ----------
    activities
        Activities of the answer to keep, as `short_activity` returns them.

    Returns
    -------
    tuple
        One content for each type and verdict, at most 20, in order of first appearance. Their sources are merged, up to
        200 characters.
    """
    sources: dict[tuple[str, str | None], dict[str, None]] = {}
    titles: dict[tuple[str, str | None], str] = {}
    kept: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    left = list(activities)
    for content in contents:
        key = (content["type"], content.get("verdict"))
        sources.setdefault(key, {}).update({content["source"]: None} if content.get("source") else {})
        titles.setdefault(key, str(content.get("title", ""))[:_MAX_TITLE])
        for activity in map(short_activity, content.get("activities", ()) if left else ()):
            if activity in left:
                left.remove(activity)
                kept.setdefault(key, []).append(activity)
    return tuple(
        _content(*key, sources=list(names), title=titles[key]) | ({"activities": kept[key]} if key in kept else {})
        for key, names in sources.items()
    )


def worst_contents(contents: Iterable[Content]) -> tuple[Content, ...]:
    """Keep only the content with the worst verdict, or the first one if none has a verdict, without activities."""
    contents = list(contents)
    rated = [content for content in contents if content.get("verdict")]
    worst = sorted(rated, key=lambda content: weight(content["verdict"]))[:1] or contents[:1]
    return tuple({name: value for name, value in content.items() if name != "activities"} for content in worst)


def _content(type_: str, verdict: str | None, *, sources: list[str], title: str) -> dict[str, Any]:
    kept: dict[str, Any] = {"type": type_}
    if verdict:
        kept["verdict"] = verdict
    if sources:
        kept["source"] = _joined(sources)
    return kept | {"title": title} if type_ == "note" else kept


def _joined(sources: list[str]) -> str:
    text = sources[0][:_MAX_SOURCES]
    for source in sources[1:]:
        if len(text) + 2 + len(source) > _MAX_SOURCES:
            break
        text = f"{text}, {source}"
    return text

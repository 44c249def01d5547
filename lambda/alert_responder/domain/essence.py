"""What of an inspector's answer outlives every limit on size: type, verdict and source of each content."""

from collections.abc import Iterable, Mapping
from typing import Any

from alert_responder.domain.verdicts import weight

_MAX_TITLE = 100
"""Longest title of a note that is kept [characters]: a note needs one."""

_MAX_SOURCES = 200
"""Longest text for the sources of what was united [characters]."""

Content = Mapping[str, Any]
"""JSON of `contracts.inspection.Content`."""


def has_verdict(contents: Iterable[Content]) -> bool:
    """Whether any of the contents rates what was looked up."""
    return any(content.get("verdict") for content in contents)


def essence(contents: Iterable[Content]) -> tuple[dict[str, Any], ...]:
    """Keep of an answer what it says of good and bad, and who says so.

    Returns
    -------
    tuple
        One content for each type and verdict, 20 at most, in order of first appearance. Its sources are united; those
        that do not fit 200 characters are left out from the end.
    """
    sources: dict[tuple[str, str | None], dict[str, None]] = {}
    titles: dict[tuple[str, str | None], str] = {}
    for content in contents:
        key = (content["type"], content.get("verdict"))
        sources.setdefault(key, {}).update({content["source"]: None} if content.get("source") else {})
        titles.setdefault(key, str(content.get("title", ""))[:_MAX_TITLE])
    return tuple(_content(*key, sources=list(names), title=titles[key]) for key, names in sources.items())


def worst_contents(contents: Iterable[Content]) -> tuple[Content, ...]:
    """Keep the content with the worst verdict alone; one without a verdict only where none has one."""
    contents = list(contents)
    rated = [content for content in contents if content.get("verdict")]
    return tuple(sorted(rated, key=lambda content: weight(content["verdict"]))[:1] or contents[:1])


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

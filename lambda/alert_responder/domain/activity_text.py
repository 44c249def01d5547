"""Activities in words. Texts are hostile, as in the report."""

from alert_responder.contracts.inspection import Activity
from alert_responder.domain.sanitize import ellipsize

NOT_KNOWN = "not known"
"""What is shown as "new or usual" without a baseline."""

_LONGEST = 150
"""Maximum length of a value in a sentence [characters]: a longer one would displace the others."""

_BASIS = 300


def new_or_usual(activity: Activity) -> str:
    """State whether the activity is new or usual, and on what that is based."""
    word = {None: NOT_KNOWN, False: "new", True: "usual"}[activity.usual]
    return f"{word}: {ellipsize(activity.basis, _BASIS)}" if activity.basis else word


def how_often(activity: Activity) -> str:
    """Write how often it was seen; empty if the inspector did not count."""
    return "" if activity.count is None else ellipsize(f"{activity.count:,}", 30)


def what(activity: Activity) -> str:
    """Write service, action and target."""
    target = f"on {activity.target}" if activity.target else ""
    return " ".join(filter(None, (activity.service_name, activity.action, target)))


def sentence(activity: Activity) -> str:
    """Describe an activity in one line: who, what, from where, when, how often, and whether that is new."""
    short = activity.model_copy(
        update={
            name: ellipsize(getattr(activity, name), _LONGEST)
            for name in ("service_name", "remote_addr", "principal", "action", "target")
        }
    )
    parts = (
        short.principal,
        what(short),
        f"from {short.remote_addr}" if short.remote_addr else "",
        f"at {ellipsize(activity.last_seen, 40)}" if activity.last_seen else "",
    )
    described = " ".join(filter(None, parts))
    times = "" if activity.count is None else f"{how_often(activity)} time{'' if activity.count == 1 else 's'}"
    known = "" if activity.usual is None else new_or_usual(activity)
    return ", ".join(filter(None, (described, times, known)))

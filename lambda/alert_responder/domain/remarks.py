"""What a report says of itself: which limits were met, what was skipped, and what they leave out."""

from collections.abc import Iterator

from alert_responder.contracts.report import Omission
from alert_responder.domain.alert_ranking import SHOWN_WORST
from alert_responder.domain.material import SHOWN_ALERTS, SHOWN_SKIPPED, Material
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.domain.stream import shared_ids


def omissions(material: Material, counted_only: int) -> Iterator[Omission]:
    """List what limits leave out; those that leave out nothing have a count of 0.

    Parameters
    ----------
    counted_only
        Alerts that are counted and not there.
    """
    yield Omission(
        what="attributes",
        count=counted_only + material.head.held.more,
        reason="Those of alerts beyond what one report holds.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.unfit for group in material.groups),
        reason="Fields of alerts did not fit and were left out or changed.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.left_out for group in material.groups),
        reason="They are too large to be inspected.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.cut_off for group in material.groups),
        reason="Their alert has too many attributes.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.over_budget),
        reason=f"max_inspections_per_report is {material.limits.max_tasks}.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.deferred),
        reason="They are made in the next round: alerts share what a round may look up.",
    )
    yield Omission(
        what="lookups",
        count=sum(task.no_turn for task in material.lookups),
        reason="They had no turn: no runner, inspector or quota was free in time.",
    )
    yield Omission(
        what="findings",
        count=len(material.answers.shortened),
        reason="All answers with their details take too much memory.",
    )


def notes(material: Material, whole: int, alert_count: int) -> tuple[str, ...]:
    """Say which limits were met and what was skipped, a sentence each.

    Parameters
    ----------
    whole, alert_count
        Alerts that are there, and all alerts.
    """
    limits, planned = material.limits, material.agenda
    invalid = sum(not attribute.valid for attribute in material.known)
    left_out = any(group.left_out for group in material.groups)
    cut_off = sum(group.cut_off for group in material.groups)
    unfit = sum(group.unfit for group in material.groups)
    shared = shared_ids({event_id for group in material.groups for event_id, _ in group.events})
    withheld = sum(task.outcome == "skipped" for task in material.lookups) + len(planned.unlisted)
    unanswered = sorted(
        {f"{each.inspector}: {each.outcome}" for each in material.lookups if each.outcome in UNANSWERED}
    )
    every = [
        (
            material.head.overflow,
            f"These {alert_count:,} alerts have no reports of their own: max_new_reports_per_hour was reached.",
        ),
        (
            whole > 2 * SHOWN_ALERTS + SHOWN_WORST,
            f"Of {whole:,} alerts the {SHOWN_ALERTS} oldest, the {SHOWN_ALERTS} newest, and up to {SHOWN_WORST}"
            " of the others that the detector calls worst are shown.",
        ),
        (
            alert_count > whole,
            f"{alert_count - whole:,} alerts are beyond what one report holds and are counted only; the archive keeps"
            " them under counted/.",
        ),
        (
            material.head.held.more,
            f"There are at least {alert_count:,} alerts: further ones are not counted; the archive keeps them under"
            " counted/.",
        ),
        (left_out, "Attributes too large to be inspected were left out; they stand in the alerts alone."),
        (
            cut_off,
            f"{cut_off:,} attributes were too many for one alert and left out; the archive keeps them under rejected/.",
        ),
        (
            unfit,
            f"{unfit:,} fields of alerts did not fit and were left out or changed; "
            "the archive keeps them under rejected/.",
        ),
        (
            shared,
            f"{shared:,} alerts came with an event id that other content came with as well; each is counted.",
        ),
        (invalid, f"{invalid} attributes do not fit their type and were not inspected."),
        (
            len(material.unasked) > SHOWN_SKIPPED,
            f"Of {len(material.unasked):,} lookups that no inspector could be asked, {SHOWN_SKIPPED} are listed.",
        ),
        (
            planned.too_deep,
            f"{len(planned.too_deep)} inspections were skipped: max_inspection_depth is {limits.max_depth}.",
        ),
        (
            planned.over_budget,
            f"{len(planned.over_budget)} inspections were skipped: max_inspections_per_report is {limits.max_tasks}.",
        ),
        (
            planned.deferred,
            f"{len(planned.deferred)} inspections are deferred to the next round: alerts share what a round may use.",
        ),
        (
            withheld,
            f"{withheld} inspections were skipped: egress rules keep what they are about from external inspectors.",
        ),
        (
            material.bodies.left_out,
            f"Left out because they take too much memory: the bodies of {material.bodies.left_out} alerts.",
        ),
        (
            material.answers.shortened,
            f"Left out because they take too much memory: the details of {len(material.answers.shortened)} answers.",
        ),
        (unanswered, f"Without an answer: {', '.join(unanswered)}."),
    ]
    return tuple(note for applies, note in every if applies)

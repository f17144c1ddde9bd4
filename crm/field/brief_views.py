"""Visit briefs (拜访参考): of an enterprise or a whole trip, as a page for the phone and as a Word file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, send_file

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.enterprises.rules import BLOCK_LABELS
from crm.field import brief_facts, brief_fits, brief_paper
from crm.field.brief_paper import Maker
from crm.field.brief_points import propose
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS, due_state
from crm.fieldwork.trips import queries
from crm.fieldwork.trips.rules import lines
from crm.pipeline.rules import STAGE_LABELS
from crm.resources.carriers.rules import KIND_LABELS as CARRIERS
from crm.resources.carriers.rules import LAND
from crm.signals.kinds import KIND_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.field.brief_facts import FirmFacts
    from crm.fieldwork.trips.models import Trip
    from crm.matching.reading import Fitting

bp = Blueprint("briefs", __name__)
P = Permission
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STAGES = frozenset({"stage", "next"})
WORDS = {
    "kinds": TOUCH_LABELS,
    "intentions": INTENTION_LABELS,
    "signal_kinds": KIND_LABELS,
    "stages": STAGE_LABELS,
    "blocks": BLOCK_LABELS,
    "due_state": due_state,
    "lines": lines,
    "carrier_kinds": CARRIERS,
    "land_kinds": LAND,
}


@bp.get("/enterprises/<int:enterprise_id>/brief")
@requires(P.TOUCH_READ)
def of_firm(enterprise_id: int) -> ResponseReturnValue:
    """Show the brief of an enterprise."""
    facts = brief_facts.of_firm(db.session(), current_actor(), enterprise_id)
    points = {enterprise_id: _points(facts)}
    return render_template(
        "field/briefs/firm.html",
        facts=facts,
        points=points,
        fits=_fits([facts]),
        today=timing.today(),
        stop=None,
        **WORDS,
    )


@bp.post("/enterprises/<int:enterprise_id>/brief.docx")
@requires(P.TOUCH_READ)
def firm_docx(enterprise_id: int) -> ResponseReturnValue:
    """Send the brief of an enterprise as a Word file."""
    facts = brief_facts.of_firm(db.session(), current_actor(), enterprise_id)
    note("enterprise", enterprise_id)
    return _send(
        brief_paper.of_firm(facts, None, maker(), _fits([facts]).get(enterprise_id)), f"拜访参考-{facts.firm.name}"
    )


@bp.get("/trips/<int:trip_id>/brief")
@requires(P.TOUCH_READ)
def of_trip(trip_id: int) -> ResponseReturnValue:
    """Show the brief of a trip, stop by stop."""
    trip = queries.route(db.session(), current_actor(), trip_id)
    facts = _facts(trip)
    points = {firm_id: _points(one) for firm_id, one in facts.items()}
    return render_template(
        "field/briefs/trip.html",
        trip=trip,
        facts=facts,
        points=points,
        fits=_fits(facts.values()),
        today=timing.today(),
        **WORDS,
    )


@bp.post("/trips/<int:trip_id>/brief.docx")
@requires(P.TOUCH_READ)
def trip_docx(trip_id: int) -> ResponseReturnValue:
    """Send the brief of a trip as a Word file."""
    trip = queries.trip(db.session(), current_actor(), trip_id)
    note("trip", trip_id)
    facts = _facts(trip)
    return _send(brief_paper.of_trip(trip, facts, maker(), _fits(facts.values())), f"拜访参考-{trip.title}")


def _points(facts: FirmFacts) -> list[str]:
    """Put the proposed points into the person's language; titles and quotations stay as they are."""
    return [
        tr(point.message, **{name: tr(str(value)) if name in STAGES else value for name, value in point.params.items()})
        for point in propose(facts, timing.today())
    ]


def _fits(facts: Iterable[FirmFacts]) -> dict[int, Fitting]:
    return brief_fits.of_firms(db.session(), facts, timing.today())


def _facts(trip: Trip) -> dict[int, FirmFacts]:
    ids = [stop.enterprise_id for stop in trip.stops if stop.enterprise_id is not None]
    return brief_facts.read(db.session(), current_actor(), ids)


def maker() -> Maker:
    """Say who makes a paper."""
    actor = current_actor()
    return Maker(actor.name, next(iter(actor.unit_names.values()), ""), timing.today())


def note(kind: str, number: int) -> None:
    """Put on record that a paper with names of people left the system."""
    audit.record(db.session(), current_actor().user_id, "brief.export", (kind, number), now=timing.now())


def _send(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=brief_paper.file_name([name]))

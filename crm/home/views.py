"""My day: what is due, what is new, what waits; a start guide in a new office."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from crm.agenda import gatherings
from crm.agenda.entries import KIND_ICONS, KIND_LABELS, in_order
from crm.agenda.queries import span
from crm.assessment.links import rows_href
from crm.assessment.rules import METRIC_UNITS, Metric
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.plans.queries import due_count, due_for
from crm.delivery.taskforces.queries import mine as my_forces
from crm.delivery.taskforces.queries import own_count
from crm.fieldwork.postings.attendance import turns
from crm.home import day, waiting, week
from crm.home.forms import FollowUpForm
from crm.notices import desk
from crm.pipeline.cards import Clock
from crm.pipeline.counting.telling import in_short
from crm.pipeline.landing.nodes import NODE_LABELS
from crm.pipeline.rules import STAGE_LABELS
from crm.pipeline.team.rules import FORCE_LABELS
from crm.signals.kinds import KIND_LABELS as SIGNAL_LABELS
from crm.web import db, timing
from crm.web.access import signed_in

bp = Blueprint("home", __name__)
TILE_LABELS = {Metric.VISITS: "本周走访", Metric.LEADS: "本周线索", Metric.INSPECTIONS: "本周考察"}


@bp.get("/")
@signed_in
def index() -> str:
    """Show the day of the signed-in person."""
    session, actor = db.session(), current_actor()
    now, today = timing.now(), timing.today()
    begun = week.start(session)
    office = actor.may(Permission.ADMIN_MANAGE) or actor.may(Permission.LIST_IMPORT)
    guide = begun if not begun.done and (office or not begun.enterprises) else None
    hour = now.astimezone(timing.zone()).hour
    until = today + day.AHEAD
    sources = current_app.extensions[desk.PLACE]
    more = {"nodes": due_count(actor, until), "forces": own_count(actor), **desk.counts(sources, actor, today)}
    found = waiting.counts(session, actor, more)
    common = {"guide": guide, "hour": hour, "now": now, "waiting": waiting.listed(found)}
    if not actor.may(Permission.PROJECT_READ):
        plant = week.plant(session, today) if actor.may(Permission.ADMIN_MANAGE) else None
        reviewer = actor.may(Permission.OPINION_GIVE)
        return render_template("home/admin_day.html", **common, plant=plant, reviewer=reviewer)
    field = actor.may(Permission.TOUCH_WRITE)
    clock = Clock(now, today, timing.zone())
    due = day.due_list(session, actor, today) if field else {}
    contracts = day.to_recognize(session, actor) if actor.may(Permission.AGREEMENT_RECOGNIZE) else []
    return render_template(
        "home/day.html",
        **common,
        **due,
        field=field,
        turns=turns(session, actor, today, timing.zone()) if actor.may(Permission.TOUCH_READ) else [],
        form=FollowUpForm(formdata=None),
        week=week.week(session, actor, now, today),
        tile_labels=TILE_LABELS,
        metric_units=METRIC_UNITS,
        rows_href=rows_href,
        mine=day.my_signals(session, actor) if field else [],
        hot=day.untouched_signals(session, actor, now),
        kinds=SIGNAL_LABELS,
        gatherings=in_order(gatherings.entries(session, actor, span(today, today), frozenset({actor.user_id}))),
        gathering_labels=KIND_LABELS,
        gathering_icons=KIND_ICONS,
        nodes=due_for(session, actor, until) if field and found["nodes"] else [],
        node_labels=NODE_LABELS,
        now_day=today,
        forces=my_forces(session, actor, today) if found["forces"] else [],
        duties=FORCE_LABELS,
        projects=day.my_projects(session, actor, clock) if field else [],
        stages=STAGE_LABELS,
        few=day.FEW,
        to_review=day.to_review(session, actor, clock) if actor.may(Permission.PROJECT_REVIEW) else [],
        to_recognize=contracts,
        barred=in_short(session, {row.project_id for row in contracts}) if contracts else {},
        papers=day.may_see_papers(actor),
        approvals=desk.ready(sources, session, actor, today, found),
    )

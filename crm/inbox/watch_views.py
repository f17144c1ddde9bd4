"""What a person follows and watches; following is also done from the page of an enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.inbox import listing
from crm.signals import filters, following, queries, watching
from crm.signals.kinds import KIND_LABELS
from crm.signals.triage_models import Telling
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import way_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from crm.signals.filters import SignalFilter
    from crm.signals.triage_models import SignalWatch

bp = Blueprint("watches", __name__)
TELLING_LABELS = {Telling.AT_ONCE: "立即提醒", Telling.DAILY: "进每日动态日报", Telling.NEVER: "不提醒，只保存条件"}


@bp.get("/signals/watches")
@requires(Permission.SIGNAL_READ)
def index() -> ResponseReturnValue:
    """Show what the person watches and follows."""
    session, actor = db.session(), current_actor()
    sources, lists = queries.choices(session)
    watches = [(row, filters.from_plain(row.chosen)) for row in watching.mine(session, actor)]
    firms = listing.firms_of(*(chosen for _row, chosen in watches))
    return render_template(
        "signals/watches.html",
        watches=[(row, *_spoken(chosen, listing.names_of(chosen, sources, lists, firms))) for row, chosen in watches],
        tellings=TELLING_LABELS,
        follows=following.follows(session, actor),
    )


@bp.get("/signals/watches/new")
@requires(Permission.SIGNAL_READ)
def new() -> ResponseReturnValue:
    """Show the form of a new watch, with the conditions of the inbox filled in."""
    chosen = listing.state_of(request.args).chosen
    return _form(None, chosen, "", "")


@bp.post("/signals/watches")
@requires(Permission.SIGNAL_READ)
def create() -> ResponseReturnValue:
    """Keep a watch."""
    return _save(None)


@bp.post("/signals/watches/trial")
@requires(Permission.SIGNAL_READ)
def trial() -> ResponseReturnValue:
    """Show what the conditions of the form would have found in the last seven days; nothing is kept."""
    session, actor = db.session(), current_actor()
    watch_id = request.form.get("watch", type=int)
    row = watching.get(session, actor, watch_id) if watch_id else None
    chosen, _dropped = filters.read(request.form.getlist("kind"), request.form)
    return _form(row, chosen, request.form.get("name", ""), request.form.get("telling", ""))


@bp.get("/signals/watches/<int:watch_id>")
@requires(Permission.SIGNAL_READ)
def edit(watch_id: int) -> ResponseReturnValue:
    """Show a watch and what it found in the last seven days."""
    row = watching.get(db.session(), current_actor(), watch_id)
    return _form(row, filters.from_plain(row.chosen), row.name, row.telling.value)


@bp.post("/signals/watches/<int:watch_id>")
@requires(Permission.SIGNAL_READ)
def change(watch_id: int) -> ResponseReturnValue:
    """Change a watch."""
    return _save(watch_id)


@bp.post("/signals/watches/<int:watch_id>/delete")
@requires(Permission.SIGNAL_READ)
def delete(watch_id: int) -> ResponseReturnValue:
    """Take a watch away."""
    name = watching.delete(db.session(), current_actor(), watch_id, now=timing.now())
    flash(tr("已删除关注条件“%(name)s”", name=name), "ok")
    return redirect(url_for("watches.index"), 303)


@bp.post("/enterprises/<int:enterprise_id>/follow")
@requires(Permission.SIGNAL_READ)
def follow(enterprise_id: int) -> ResponseReturnValue:
    """Follow an enterprise, or stop following it."""
    session, actor = db.session(), current_actor()
    if request.form.get("off") == "1":
        following.unfollow(session, actor, enterprise_id)
        flash(tr("已取消关注"), "ok")
    else:
        following.follow(session, actor, enterprise_id, now=timing.now())
        flash(tr("已关注，这家企业和下属企业的动态会排在前面，并进入每日动态日报"), "ok")
    page = url_for("register.show", enterprise_id=enterprise_id)
    return redirect(way_back(request.form.get("back", ""), page, "/signals", "/articles/"), 303)


def _save(watch_id: int | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    chosen, _dropped = filters.read(request.form.getlist("kind"), request.form)
    name, typed = request.form.get("name", "").strip(), request.form.get("telling", "")
    telling = Telling(typed) if typed in set(Telling) else Telling.DAILY
    try:
        if watch_id is None:
            row = watching.save(session, actor, name, chosen, telling, now=timing.now())
        else:
            row = watching.change(session, actor, watch_id, name, chosen, telling, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        kept = watching.get(session, actor, watch_id) if watch_id is not None else None
        return _form(kept, chosen, name, typed, error)
    flash(tr("已保存关注条件“%(name)s”", name=row.name), "ok")
    return redirect(url_for("watches.index"), 303)


def _form(
    row: SignalWatch | None, chosen: SignalFilter, name: str, telling: str, error: DomainError | None = None
) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    sources, lists = queries.choices(session)
    names = listing.names_of(chosen, sources, lists, listing.firms_of(chosen))
    count, found = watching.trial(session, actor, chosen, now=timing.now()) if chosen.narrowed else (0, [])
    page = render_template(
        "signals/watch.html",
        watch=row,
        chosen=chosen,
        name=name or " ".join(_spoken(chosen, names)[0])[: watching.LONGEST],
        telling=telling if telling in set(Telling) else Telling.DAILY.value,
        tellings=TELLING_LABELS,
        kinds=[(kind.value, listing.kind_label(kind.value)) for kind in KIND_LABELS],
        firm=names.get("enterprise", ""),
        sources=sources,
        lists=lists,
        count=count,
        found=found,
        problems={problem.field or "": say(problem) for problem in (error.problems if error else ())},
    )
    return page, error.status if error else 200


def _spoken(chosen: SignalFilter, names: Mapping[str, str]) -> tuple[list[str], str]:
    """Conditions in words, and the inbox with them."""
    kinds = [listing.kind_label(kind) for kind in chosen.kinds]
    return [*kinds, *(words for _key, words in listing.described(chosen, names))], listing.State(chosen).href()

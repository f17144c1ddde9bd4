"""Pages of follow-up chains: the templates of the office, what is under way, starting and stopping one."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.fieldwork.chains import queries, rules, services
from crm.fieldwork.chains.rules import Action, Answer, ChainDraft, Step, Trigger
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS, Intention, TouchKind
from crm.home.stalled_views import seat, seat_choices
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

Chosen = TypeVar("Chosen", bound=StrEnum)

bp = Blueprint("chains", __name__, url_prefix="/follow-ups/chains")
WORDS, SPARE = 200, 2
DAYS = Problem("chain.days", "每步的天数请填0到365的整数。", "steps")


@bp.get("")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List the chains of the office, and what of them is under way where the person looks."""
    session, actor = db.session(), current_actor()
    page = queries.under_way(session, actor, cursor=request.args.get("cursor"))
    return render_template(
        "home/chains.html",
        chains=queries.chains(session),
        page=page,
        counts=queries.counts(session, actor),
        **_words(),
    )


@bp.get("/new")
@requires(Permission.PIPELINE_CONFIGURE)
def new() -> ResponseReturnValue:
    """Show an empty chain."""
    step = Step("", Action.MATERIAL, 7)
    return _form(None, ChainDraft("", Trigger.TOUCH, (step,), TouchKind.VISIT))


@bp.post("/new")
@requires(Permission.PIPELINE_CONFIGURE)
def add() -> ResponseReturnValue:
    """Add a chain."""
    return _save(None)


@bp.get("/<int:chain_id>")
@requires(Permission.PIPELINE_CONFIGURE)
def edit(chain_id: int) -> ResponseReturnValue:
    """Show a chain to change it."""
    row = services.get(db.session(), chain_id)
    steps = tuple(rules.unpacked(one) for one in row.steps)
    return _form(chain_id, ChainDraft(row.name, row.starts, steps, row.touch_kind, row.intention, row.active))


@bp.post("/<int:chain_id>")
@requires(Permission.PIPELINE_CONFIGURE)
def save(chain_id: int) -> ResponseReturnValue:
    """Change a chain."""
    return _save(chain_id)


@bp.get("/start")
@requires(Permission.TOUCH_WRITE)
def ask() -> ResponseReturnValue:
    """Choose a chain and an owner for the enterprises that were picked."""
    return _start(_ids(request.args), [], 200)


@bp.post("/start")
@requires(Permission.TOUCH_WRITE)
def start() -> ResponseReturnValue:
    """Start a chain for enterprises."""
    session, form = db.session(), request.form
    ids, owner = _ids(form), seat(form.get("owner", ""))
    try:
        started = services.start(
            session,
            current_actor(),
            form.get("chain", type=int) or 0,
            ids,
            owner,
            key=form.get("key", "")[:32] or secrets.token_hex(8),
            now=timing.now(),
            today=timing.today(),
        )
    except DomainError as error:
        return _start(ids, [say(problem) for problem in error.problems], DomainError.status)
    words = tr("已为%(n)s家企业开始跟进", n=started.begun)
    if started.under_way:
        words = tr("已为%(n)s家企业开始跟进，%(m)s家正在跟进中，没有重复开始", n=started.begun, m=started.under_way)
    flash(words, "ok")
    return redirect(url_for("chains.index"), 303)


@bp.post("/runs/<int:run_id>/stop")
@requires(Permission.TOUCH_WRITE)
def stop(run_id: int) -> ResponseReturnValue:
    """Stop what is under way."""
    services.stop(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("已停止，没办的步骤不再提醒"), "ok")
    return redirect(url_for("chains.index"), 303)


def _save(chain_id: int | None) -> ResponseReturnValue:
    draft, problems = _draft(request.form)
    if not problems:
        try:
            services.save(db.session(), current_actor(), chain_id, draft, now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            problems = [say(problem) for problem in error.problems]
        else:
            flash(tr("已保存跟进方案，正在进行的按原步骤走完"), "ok")
            return redirect(url_for("chains.index"), 303)
    return _form(chain_id, draft, problems), DomainError.status


def _form(chain_id: int | None, draft: ChainDraft, problems: list[str] | None = None) -> str:
    spare = max(SPARE, 3 - len(draft.steps))
    steps = [*draft.steps, *[Step("", Action.TASK, 7)] * spare][: rules.MOST_STEPS]
    return render_template(
        "home/chain_form.html", chain_id=chain_id, draft=draft, steps=steps, problems=problems or [], **_words()
    )


def _draft(form: MultiDict[str, str]) -> tuple[ChainDraft, list[str]]:
    steps, problems = [], []
    for place in range(rules.MOST_STEPS):
        title = form.get(f"step_{place}_title", "").strip()[: WORDS + 1]
        if not title:
            continue
        days = number_or_none(form.get(f"step_{place}_days", "").strip())
        if days is None or days > rules.MOST_DAYS:
            problems = [say(DAYS)]
        stops = frozenset(Answer(one) for one in form.getlist(f"step_{place}_stops") if one in set(Answer))
        steps.append(
            Step(
                title=title,
                action=_one(Action, form.get(f"step_{place}_action", "")) or Action.TASK,
                days=days or 0,
                workdays=form.get(f"step_{place}_unit") == "workdays",
                after_previous=form.get(f"step_{place}_after") != "start",
                stops=stops,
            )
        )
    return ChainDraft(
        name=form.get("name", "").strip()[:80],
        starts=_one(Trigger, form.get("starts", "")) or Trigger.MANUAL,
        steps=tuple(steps),
        touch_kind=_one(TouchKind, form.get("touch_kind", "")),
        intention=_one(Intention, form.get("intention", "")),
        active=form.get("active") == "1",
    ), problems


def _start(ids: list[int], problems: list[str], status: int) -> ResponseReturnValue:
    session = db.session()
    if len(ids) > rules.MOST_STARTED and not problems:
        problems, status = [say(services.TOO_MANY)], DomainError.status
    firms = queries.firms(session, ids[: rules.MOST_STARTED])
    page = render_template(
        "home/chain_start.html",
        firms=firms,
        chains=[one for one in queries.chains(session) if one.active],
        owners=seat_choices(),
        me=_my_seat(),
        chosen=request.values,
        key=request.form.get("key") or secrets.token_hex(8),
        problems=problems or ([] if firms else [say(services.NO_FIRMS)]),
        **_words(),
    )
    return page, status


def _my_seat() -> str:
    actor = current_actor()
    return f"{actor.unit_ids[0]}:{actor.user_id}" if actor.unit_ids else ""


def _ids(args: MultiDict[str, str]) -> list[int]:
    numbers = (number_or_none(text) for text in args.getlist("id"))
    return list(dict.fromkeys(one for one in numbers if one is not None))


def _one(kind: type[Chosen], typed: str) -> Chosen | None:
    return kind(typed) if typed in set(kind) else None


def _words() -> Mapping[str, object]:
    return {
        "triggers": rules.TRIGGER_LABELS,
        "actions": rules.ACTION_LABELS,
        "answers": rules.ANSWER_LABELS,
        "kinds": TOUCH_LABELS,
        "intentions": INTENTION_LABELS,
        "unpacked": rules.unpacked,
    }

"""Pages of doubles: pairs side by side, what people say of them, the look through the whole register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.core.paging import Page
from crm.core.text import fold
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact
from crm.enterprises.rules import EnterpriseDraft
from crm.register import duplicate_runs as runs
from crm.register import duplicates, similar
from crm.register.duplicate_rules import reason_text
from crm.register.merge_fields import CONTACT, ENTERPRISE
from crm.register.models import PairState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask.typing import ResponseReturnValue

    from crm.register.duplicates import Shown

bp = Blueprint("duplicates", __name__)
LONGEST = 200
KIND_LABELS = {ENTERPRISE: "企业", CONTACT: "联系人"}
STATE_LABELS = {PairState.OPEN: "待处理", PairState.MERGED: "已合并", PairState.DIFFERENT: "不是同一家"}


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {"pair_reasons": spoken}


def spoken(reasons: Iterable[Mapping[str, Any]]) -> list[tuple[str, bool]]:
    """Put reasons into the person's language, with whether each speaks for it."""
    texts = [(reason_text(one), one) for one in reasons]
    return [(tr(text, **params), not text.startswith("但")) for (text, params), _one in texts]


@bp.get("/duplicates")
@requires(Permission.REGISTER_MERGE, Permission.CONTACT_WRITE)
def index() -> ResponseReturnValue:
    """Show pairs that may be one, the certain ones first."""
    session, actor = db.session(), current_actor()
    kinds = duplicates.kinds(actor)
    kind = request.args.get("kind", kinds[0])
    kind = kind if kind in kinds else kinds[0]
    wanted = request.args.get("state", "")
    state = PairState(wanted) if wanted in set(PairState) else PairState.OPEN
    page = duplicates.page(session, actor, kind, state, cursor=request.args.get("cursor"))
    return render_template(
        "register/duplicates.html",
        page=page,
        kind=kind,
        kinds=kinds,
        state=state.value,
        counts=duplicates.counts(session, actor),
        most=duplicates.MOST_COUNTED,
        kind_labels=KIND_LABELS,
        state_labels=STATE_LABELS,
        run=runs.latest(session, kind) if actor.may(Permission.REGISTER_MERGE) else None,
        **_beside(kind, page),
    )


@bp.post("/duplicates/<int:pair_id>/different")
@requires(Permission.REGISTER_MERGE, Permission.CONTACT_WRITE)
def different(pair_id: int) -> ResponseReturnValue:
    """Say that a pair is two, with an undo."""
    found = duplicates.different(db.session(), current_actor(), pair_id, now=timing.now())
    return _decided(found.id, found.kind, tr("已记为不是同一家，不再提示。"), undo=True)


@bp.post("/duplicates/<int:pair_id>/reopen")
@requires(Permission.REGISTER_MERGE, Permission.CONTACT_WRITE)
def reopen(pair_id: int) -> ResponseReturnValue:
    """Take back that a pair is two."""
    found = duplicates.reopen(db.session(), current_actor(), pair_id, now=timing.now())
    return _decided(found.id, found.kind, tr("已放回待处理。"), undo=False)


@bp.post("/duplicates/find")
@requires(Permission.REGISTER_MERGE)
def find() -> ResponseReturnValue:
    """Look through the whole register."""
    kind = request.form.get("kind", ENTERPRISE)
    try:
        runs.start(db.session(), current_actor(), kind, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "info")
    return redirect(url_for("duplicates.index", kind=kind), 303)


@bp.get("/duplicates/runs/<int:run_id>")
@requires(Permission.REGISTER_MERGE)
def run(run_id: int) -> ResponseReturnValue:
    """Show how far a look through the register is."""
    found = runs.get(db.session(), run_id)
    if "HX-Request" not in request.headers:
        return redirect(url_for("duplicates.index", kind=found.state["kind"]))
    return render_template("register/_duplicates_run.html", run=found)


@bp.post("/duplicates/runs/<int:run_id>/stop")
@requires(Permission.REGISTER_MERGE)
def stop(run_id: int) -> ResponseReturnValue:
    """Stop looking; what was found stays."""
    found = runs.stop(db.session(), current_actor(), run_id, now=timing.now())
    return redirect(url_for("duplicates.index", kind=found.state["kind"]), 303)


@bp.get("/enterprises/similar")
@requires(Permission.ENTERPRISE_WRITE)
def alike() -> ResponseReturnValue:
    """Show, as a part of the form, what is on record like the enterprise being typed."""
    name, uscc, website, codes = (
        request.args.get(name, "").strip()[:LONGEST] for name in ("name", "uscc", "website", "stock_codes")
    )
    draft = EnterpriseDraft(name, uscc=uscc, website=website, stock_codes=codes)
    found = similar.similar(db.session(), draft, request.args.get("own", type=int)) if fold(draft.name) else []
    return render_template("register/_similar.html", similar=found)


def _beside(kind: str, page: Page[Shown]) -> dict[str, Any]:
    session = db.session()
    records = [one for row in page.rows for one in (row.first, row.second)]
    deciders = people.names(session, [row.pair.decided_by for row in page.rows if row.pair.decided_by])
    if kind == CONTACT:
        units = [one.unit_id for one in records if isinstance(one, Contact)]
        return {"deciders": deciders, "units": people.unit_names(session, units)}
    ids = [one.id for one in records]
    return {
        "deciders": deciders,
        "hanging": duplicates.hanging(session, ids),
        "places": enterprises.places(session, ids),
    }


def _decided(pair_id: int, kind: str, text: str, *, undo: bool) -> ResponseReturnValue:
    back = url_for("duplicates.reopen", pair_id=pair_id) if undo else ""
    if "HX-Request" not in request.headers:
        flash({"text": text, "undo": back}, "ok")  # type: ignore[arg-type]  # the toast macro takes text with an undo
        return redirect(url_for("duplicates.index", kind=kind), 303)
    if undo:
        return render_template("register/_duplicate_decided.html", pair_id=pair_id, text=text)
    row = duplicates.shown(db.session(), current_actor(), pair_id)
    extra = _beside(kind, Page((row,), None, None))
    return render_template("register/_duplicate_card.html", row=row, kind=kind, state=row.pair.state.value, **extra)

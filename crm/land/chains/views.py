"""Pages of chains: the list, one chain with its picture and table, its head, its guide, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import options
from crm.land.chains import finding, picture, words
from crm.land.chains.forms import ChainForm, GuideForm, HomeForm
from crm.land.keeping import kept_units
from crm.pipeline import papers
from crm.pipeline.attempts import attempt
from crm.resources.chains import guides, listing, queries, rights, rules, services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

bp = Blueprint("industry", __name__)
P = Permission
PLACE = "/industry-chains"
MOST_REGIONS = 10


@bp.get(PLACE)
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List the chains."""
    session, actor = db.session(), current_actor()
    return render_template(
        "chains/index.html",
        page=listing.listed(session, request.args.get("cursor")),
        archived=listing.archived(session) if actor.may(P.RESOURCE_MANAGE) else [],
        may_add=actor.may(P.RESOURCE_MANAGE),
        may_export=actor.may(P.REGISTER_EXPORT),
        may_set=rights.may(actor, None),
        may=lambda chain: rights.may(actor, chain.unit_id),
        home=finding.home(session),
        rules=rules,
    )


@bp.route(f"{PLACE}/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Add a chain."""
    form = _offered(ChainForm())
    if request.method == "GET":
        return render_template("chains/form.html", form=form, chain=None)
    made: list[int] = []
    status = attempt(
        form,
        lambda: made.append(services.add_chain(db.session(), current_actor(), form.draft(), now=timing.now()).id),
    )
    if status is not None:
        return render_template("chains/form.html", form=form, chain=None), status
    flash(tr("已建立产业链，接着添加环节。"), "ok")
    return _to(made[0])


@bp.get(f"{PLACE}/<int:chain_id>")
@requires(P.RESOURCE_READ)
def show(chain_id: int) -> ResponseReturnValue:
    """Show a chain: what it lacks, its picture, its nodes."""
    return _page(chain_id, GuideForm(formdata=None), None)


def _page(chain_id: int, guide: GuideForm, status: int | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    whole = queries.whole(session, chain_id)
    units = {unit.id: unit.name for unit in people.units(session, timing.today())}
    page = render_template(
        "chains/show.html",
        whole=whole,
        chain=whole.chain,
        unit=units.get(whole.chain.unit_id or 0),
        chart=picture.options(whole) if whole.nodes else None,
        may_change=rights.may(actor, whole.chain.unit_id),
        may_export=actor.may(P.REGISTER_EXPORT),
        guide=guide,
        rules=rules,
        words=words,
    )
    return page, status or 200


@bp.route(f"{PLACE}/<int:chain_id>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(chain_id: int) -> ResponseReturnValue:
    """Change the head of a chain and its duties."""
    session, actor = db.session(), current_actor()
    chain = queries.chain(session, chain_id)
    rights.may_change(actor, chain.unit_id)
    if request.method == "GET":
        return render_template("chains/form.html", form=_offered(ChainForm(formdata=None)).show(chain), chain=chain)
    form = _offered(ChainForm())
    seen = text(form.version)
    version = int(seen) if seen.isdecimal() else 0

    def act() -> None:
        services.change_chain(session, actor, chain_id, form.draft(), version=version, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/form.html", form=form, chain=chain), status
    flash(tr("已保存"), "ok")
    return _to(chain_id)


@bp.post(f"{PLACE}/<int:chain_id>/archive")
@requires(P.RESOURCE_MANAGE)
def archive(chain_id: int) -> ResponseReturnValue:
    """Put a chain away."""
    chain = services.archive_chain(db.session(), current_actor(), chain_id, archived=True, now=timing.now())
    flash(tr("“%(name)s”已归档，可在本页最下面恢复。", name=chain.name), "ok")
    return redirect(url_for("industry.index"), 303)


@bp.post(f"{PLACE}/<int:chain_id>/restore")
@requires(P.RESOURCE_MANAGE)
def restore(chain_id: int) -> ResponseReturnValue:
    """Bring a chain back."""
    services.archive_chain(db.session(), current_actor(), chain_id, archived=False, now=timing.now())
    flash(tr("已恢复"), "ok")
    return _to(chain_id)


@bp.get(f"{PLACE}/<int:chain_id>/history")
@requires(P.RESOURCE_READ)
def history(chain_id: int) -> ResponseReturnValue:
    """Show who changed what."""
    session = db.session()
    chain = queries.chain(session, chain_id)
    page = queries.history(session, chain_id, request.args.get("cursor"))
    names = people.names(session, [row.actor_id for row in page.rows if row.actor_id])
    return render_template("chains/history.html", chain=chain, page=page, names=names, words=words)


@bp.post(f"{PLACE}/<int:chain_id>/guide")
@requires(P.RESOURCE_MANAGE)
def keep_guide(chain_id: int) -> ResponseReturnValue:
    """Keep a file of the guide."""
    session, actor, form = db.session(), current_actor(), GuideForm()

    def act() -> None:
        guides.keep(session, actor, chain_id, papers.upload(form.file.data), papers.folder(), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return _page(chain_id, form, status)
    flash(tr("已上传招商指南"), "ok")
    return _to(chain_id)


@bp.get(f"{PLACE}/guide-files/<int:file_id>")
@requires(P.RESOURCE_READ)
def guide_file(file_id: int) -> Response:
    """Send a file of the guide."""
    return papers.send(guides.get(db.session(), file_id))


@bp.post(f"{PLACE}/guide-files/<int:file_id>/drop")
@requires(P.RESOURCE_MANAGE)
def drop_guide(file_id: int) -> ResponseReturnValue:
    """Take a file of the guide out."""
    chain_id = guides.drop(db.session(), current_actor(), file_id, now=timing.now())
    flash(tr("已撤下文件"), "ok")
    return _to(chain_id)


@bp.route(f"{PLACE}/home", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def home() -> ResponseReturnValue:
    """Say what counts as here when local firms are proposed."""
    session, actor = db.session(), current_actor()
    if request.method == "GET":
        form = HomeForm(formdata=None, data={"regions": "、".join(finding.home(session))})
        return render_template("chains/home.html", form=form, may=rights.may(actor, None))
    rights.may_change(actor, None)
    form = HomeForm()

    def act() -> None:
        regions = list(rules.split_words(text(form.regions)))[:MOST_REGIONS]
        options.write(session, actor.user_id, finding.HOME, {"regions": regions}, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/home.html", form=form, may=True), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("industry.index"), 303)


def _offered(form: ChainForm) -> ChainForm:
    """Offer the departments a person may make answer for a chain."""
    whole = current_actor().scope(P.RESOURCE_MANAGE) is None
    return form.offer([(unit.id, unit.name) for unit in kept_units()], blank=whole)


def _to(chain_id: int) -> ResponseReturnValue:
    return redirect(url_for("industry.show", chain_id=chain_id), 303)

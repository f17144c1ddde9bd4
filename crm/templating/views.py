"""Pages of templates: what is in use for each paper, its file and placeholders, versions, putting one to use."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.filestore import DOCX
from crm.templating import kept, queries, services
from crm.templating.forms import TemplateForm
from crm.templating.guide import guide
from crm.templating.kinds import Kind, kinds
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.word.check.findings import WEIGHT_LABELS, Weight
from crm.word.template import queries as templates
from crm.word.template.places import PLACE_LABELS
from crm.word.template.rendering import TemplateFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.templating.services import FaultyError
    from crm.word.check.findings import Finding
    from crm.word.template.faults import Fault
    from crm.word.template.models import OfficeTemplate

bp = Blueprint("templates", __name__, url_prefix="/papers/templates")
MAY = Permission.REPORT_BUILD
NO_KIND = Problem("template.no_kind", "没有这种材料。")
TONES = {Weight.MUST: "seal", Weight.SHOULD: "amber"}


@dataclass(frozen=True, slots=True)
class Departure:
    """A departure from the norm in the person's language."""

    label: str
    tone: str
    text: str
    clause: str
    excerpt: str


def _kind(key: str) -> Kind:
    found = kinds().get(key)
    if found is None:
        raise NotFoundError(NO_KIND)
    return found


@bp.get("")
@requires(MAY)
def index() -> ResponseReturnValue:
    """List the kinds with the template in use."""
    return render_template("templating/index.html", kinds=kinds().values(), used=templates.actives(db.session()))


@bp.get("/<key>")
@requires(MAY)
def show(key: str) -> ResponseReturnValue:
    """Show a kind: what is in use, how to change it, its versions and placeholders."""
    return _shown(_kind(key), TemplateForm(formdata=None))


@bp.post("/<key>")
@requires(MAY)
def upload(key: str) -> ResponseReturnValue:
    """Check a file and keep it as a version, or say what is wrong with it."""
    kind, form = _kind(key), TemplateForm()
    if not form.validate():
        return _shown(kind, form), DomainError.status
    sent = form.file.data
    try:
        row = services.upload(db.session(), current_actor(), kind, sent.filename or "", sent.read(), now=timing.now())
    except services.FaultyError as error:
        form.refuse(error.problems)
        return _shown(kind, form, error.faults), error.status
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.refuse(error.problems)
        return _shown(kind, form), error.status
    flash(tr("检查通过，已存为第%(n)s版；看过试填的样子再启用", n=row.number), "ok")
    return redirect(url_for("templates.version", key=key, number=row.number), 303)


def _shown(kind: Kind, form: TemplateForm, faults: Sequence[Fault] = ()) -> str:
    session = db.session()
    page = queries.versions(session, kind.key, request.args.get("cursor"))
    return render_template(
        "templating/kind.html",
        kind=kind,
        form=form,
        faults=faults,
        used=templates.active(session, kind.key),
        page=page,
        places=kind.sample(False).places,  # noqa: FBT003 (a callable kept as data)
        labels=PLACE_LABELS,
    )


@bp.get("/<key>/<int:number>")
@requires(MAY)
def version(key: str, number: int) -> ResponseReturnValue:
    """Show a version: what departs from the norm, who brought it, how many papers were made with it."""
    return _version(_kind(key), number)


def _version(kind: Kind, number: int, refused: FaultyError | None = None) -> str:
    session = db.session()
    row = services.get(session, kind, number)
    faults = refused.faults if refused else ()
    found = kept.departures(kind, row)
    return render_template(
        "templating/version.html",
        kind=kind,
        row=row,
        author=queries.author(session, row),
        uses=queries.uses(session, row),
        faults=faults,
        outdated=services.OUTDATED.message,
        departures=None if found is None else _departures(found),
    )


def _departures(findings: Iterable[Finding]) -> list[Departure]:
    return [
        Departure(
            tr(WEIGHT_LABELS[one.weight]),
            TONES[one.weight],
            tr(one.sentence, **{key: tr(value) for key, value in one.params.items()}),
            one.clause,
            one.excerpt,
        )
        for one in findings
    ]


@bp.post("/<key>/<int:number>/activate")
@requires(MAY)
def activate(key: str, number: int) -> ResponseReturnValue:
    """Put a version to use."""
    kind = _kind(key)
    try:
        services.activate(db.session(), current_actor(), kind, number, now=timing.now())
    except services.FaultyError as error:
        return _version(kind, number, error), error.status
    flash(tr("第%(n)s版已启用，以后生成的材料都用它；已经定稿的不变", n=number), "ok")
    return redirect(url_for("templates.show", key=key), 303)


@bp.post("/<key>/builtin")
@requires(MAY)
def use_builtin(key: str) -> ResponseReturnValue:
    """Go back to the built-in template."""
    services.use_builtin(db.session(), current_actor(), _kind(key), now=timing.now())
    flash(tr("已改回内置模板；已经定稿的不变"), "ok")
    return redirect(url_for("templates.show", key=key), 303)


@bp.get("/<key>/current.docx")
@requires(MAY)
def current(key: str) -> Response:
    """Give the template in use: the office's own, or the built-in."""
    kind = _kind(key)
    row = templates.active(db.session(), kind.key)
    return _file(kind, row) if row else builtin(key)


@bp.get("/<key>/builtin.docx")
@requires(MAY)
def builtin(key: str) -> Response:
    """Give the built-in template to start from."""
    kind = _kind(key)
    return _send(kind.builtin(), tr("%(label)s模板（内置）", label=tr(kind.label)))


@bp.get("/<key>/<int:number>/template.docx")
@requires(MAY)
def download(key: str, number: int) -> Response:
    """Give a version as it was uploaded."""
    kind = _kind(key)
    return _file(kind, services.get(db.session(), kind, number))


@bp.get("/<key>/<int:number>/sample.docx")
@requires(MAY)
def sample(key: str, number: int) -> Response:
    """Give a version filled with invented contents."""
    kind = _kind(key)
    row = services.get(db.session(), kind, number)
    try:
        made = kind.preview(row.content)
    except TemplateFailedError as error:
        raise DomainError(services.OUTDATED) from error
    return _send(made, tr("%(label)s模板第%(n)s版试填", label=tr(kind.label), n=number))


@bp.get("/<key>/placeholders.docx")
@requires(MAY)
def placeholders(key: str) -> Response:
    """Give the list of placeholders with what each means."""
    kind = _kind(key)
    return _send(guide(kind, timing.today()), tr("%(label)s模板占位符表", label=tr(kind.label)))


def _file(kind: Kind, row: OfficeTemplate) -> Response:
    return _send(row.content, tr("%(label)s模板第%(n)s版", label=tr(kind.label), n=row.number))


def _send(data: bytes, name: str) -> Response:
    return send_file(BytesIO(data), DOCX, as_attachment=True, download_name=f"{name}.docx")

"""A page that checks any Word file against the layout of official papers; nothing of the file is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from crm.auth.rules import Permission
from crm.core.errors import Problem
from crm.web.access import requires
from crm.web.forms import Form
from crm.web.i18n import tr
from crm.word.check.checking import FONTS_NOTE, check
from crm.word.check.findings import WEIGHT_LABELS, Weight
from crm.word.check.package import UnreadableError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.word.check.checking import Report
    from crm.word.check.findings import Finding

bp = Blueprint("paper_check", __name__)
TONES = {Weight.MUST: "seal", Weight.SHOULD: "amber"}


class CheckForm(Form):
    """The file to check."""

    file = FileField(_("Word 文件"), [FileRequired(_("请选择一个 .docx 文件。"))])


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in the person's language."""

    label: str
    tone: str
    clause: str
    text: str
    places: str
    excerpt: str
    times: int


@bp.get("/reports/check")
@requires(Permission.REPORT_READ)
def index() -> ResponseReturnValue:
    """Ask for a file."""
    return render_template("reports/check.html", form=CheckForm(formdata=None), report=None)


@bp.post("/reports/check")
@requires(Permission.REPORT_READ)
def run() -> ResponseReturnValue:
    """Say where the file departs from the norm."""
    form = CheckForm()
    if not form.validate():
        return render_template("reports/check.html", form=form, report=None), 422
    name = form.file.data.filename or ""
    try:
        report = check(form.file.data.read())
    except UnreadableError as error:
        form.refuse([Problem("paper.unreadable", str(error), "file")])
        return render_template("reports/check.html", form=form, report=None), 422
    return _shown(form, report, name)


def _shown(form: CheckForm, report: Report, name: str) -> str:
    rows = [_row(one) for one in report.findings]
    return render_template("reports/check.html", form=form, report=report, rows=rows, name=name, note=tr(FONTS_NOTE))


def _row(one: Finding) -> ShownFinding:
    params = {key: tr(value) for key, value in one.params.items()}
    places = tr("、").join(str(number) for number in one.paragraphs)
    return ShownFinding(
        tr(WEIGHT_LABELS[one.weight]),
        TONES[one.weight],
        one.clause,
        tr(one.sentence, **params),
        places,
        one.excerpt,
        one.times,
    )

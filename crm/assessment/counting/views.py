"""The page on which the office sets the counting rules (认定规则), with who changed what and when."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from crm.assessment.counting import services
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.core.money import digits
from crm.pipeline import limits
from crm.pipeline.counting import finding, queries
from crm.pipeline.counting.words import BLANK, SPECS, Rule, Setting
from crm.pipeline.forms import LONG
from crm.pipeline.words import AREA_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.counting.book import Book

bp = Blueprint("counting_settings", __name__, url_prefix="/projects")
P = Permission
AREAS: dict[str, str] = {**{area.value: label for area, label in AREA_LABELS.items()}, BLANK: "没有填来源地"}


class EditionForm(Form):
    """From which day the rules hold, and on what ground."""

    effective_on = DayField(_("生效日期"), [InputRequired(_("请填生效日期。"))])
    reason = TextAreaField(_("依据"), [InputRequired(_("请写明依据，例如文件的名称和文号。")), LONG])


def _typed() -> tuple[Book, dict[Rule, str]]:
    """Read the rules of the form, and the numbers as they were typed."""
    book, numbers = {}, {}
    for rule, spec in SPECS.items():
        typed = request.form.get(f"number-{rule.value}", "").strip().replace(",", "").replace("，", "")
        numbers[rule] = typed
        words = request.form.getlist(f"words-{rule.value}")
        found = words if rule is Rule.SOURCE else " ".join(words).replace("、", " ").replace("，", " ").split()
        book[rule] = Setting(
            on=f"on-{rule.value}" in request.form,
            number=_number(typed) if spec.number else None,
            words=tuple(dict.fromkeys(found)),
        )
    return book, numbers


def _number(typed: str) -> Decimal | None:
    try:
        return Decimal(typed)
    except InvalidOperation:
        return None


@bp.route("/settings/counting", methods=["GET", "POST"])
@requires(P.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Show the rules in force and set them from a day on; a refusal keeps everything typed."""
    session, actor = db.session(), current_actor()
    if request.method == "GET":
        book = finding.book_of(session, timing.today())
        return _page(EditionForm(formdata=None, effective_on=timing.today()), book, _written(book))
    form = EditionForm()
    book, numbers = _typed()
    if not form.validate():
        return _page(form, book, numbers), limits.REFUSED
    day, reason = form.effective_on.data, text(form.reason)
    try:
        services.change(session, actor, book, effective_on=day, reason=reason, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _page(form, book, numbers), error.status
    flash(tr("已保存，%(day)s起签约的项目按新规则判定", day=day.isoformat() if day else ""), "ok")
    return redirect(url_for("counting_settings.edit"), 303)


def _written(book: Book) -> dict[Rule, str]:
    return {rule: "" if one.number is None else digits(one.number) for rule, one in book.items()}


def _page(form: EditionForm, book: Book, numbers: dict[Rule, str]) -> str:
    session = db.session()
    return render_template(
        "assessment/counting/settings.html",
        form=form,
        specs=SPECS,
        book=book,
        numbers=numbers,
        areas=AREAS,
        source=Rule.SOURCE,
        closed_to=services.closed_to(session),
        editions=queries.editions(session, request.args.get("cursor")),
    )

"""Pages of the talent pool: who can do what, who was where, who was trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.auth import queries as people
from crm.auth import staff
from crm.auth.identity import current_actor
from crm.auth.rules import ROLE_LABELS, SKILL_LABELS, Permission, SkillKind
from crm.auth.staff import SkillDraft, TrainingDraft
from crm.core.errors import DomainError
from crm.fieldwork.postings import queries as postings
from crm.fieldwork.postings.rules import POST_ROLE_LABELS, RANK_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("staff", __name__)
LONGEST = 40
LEVELS = {"": "不分级", "basic": "入门", "working": "能用于工作", "fluent": "熟练"}
TOO_LONG = Length(max=80, message=_("最多 %(max)d 个字。"))


class SkillForm(Form):
    """Add a skill."""

    kind = SelectField(_("类别"))
    name = StringField(_("名称"), [InputRequired(_("请写明是什么，例如 日语、生物医药、注册会计师。")), TOO_LONG])
    level = SelectField(_("程度"))
    since = DayField(_("起始日期"))
    note = StringField(_("备注"), [Length(max=200, message=_("最多 %(max)d 个字。"))])

    def draft(self) -> SkillDraft:
        """What was typed."""
        return SkillDraft(
            SkillKind(self.kind.data), text(self.name), optional(self.level), self.since.data, optional(self.note)
        )


class TrainingForm(Form):
    """Put a training on record."""

    title = StringField(_("培训名称"), [InputRequired(_("请填写培训名称。")), Length(max=200)])
    held_on = DayField(_("日期"))
    hours = WholeField(_("学时"))
    place = StringField(_("地点"), [Length(max=200)])
    topic = StringField(_("主题"), [Length(max=200)])
    people = SelectMultipleField(
        _("参加人"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), coerce=int
    )


@bp.get("/staff")
@requires(Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)
def index() -> ResponseReturnValue:
    """Show who is in the office, what they can do and how much they were trained."""
    query = request.args.get("q", "").strip()[:LONGEST]
    asked = request.args.get("kind", "")
    kind = SkillKind(asked) if asked in set(SkillKind) else None
    also = postings.sent_to(query) if query else None
    page, skills, totals = staff.pool(db.session(), query, kind, cursor=request.args.get("cursor"), also=also)
    return render_template(
        "admin/staff.html",
        page=page,
        skills=skills,
        totals=totals,
        q=query,
        kind=kind,
        kinds=SKILL_LABELS,
        levels=LEVELS,
        roles=ROLE_LABELS,
        at=postings.places_of(db.session(), [user.id for user in page.rows], timing.today()),
        today=timing.today(),
    )


@bp.get("/staff/<int:user_id>")
@requires(Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)
def show(user_id: int) -> ResponseReturnValue:
    """Show one colleague: skills, trainings, rotation history."""
    return _person(user_id, _skill_form(), 200)


@bp.post("/staff/<int:user_id>/skills")
@requires(Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)
def add_skill(user_id: int) -> ResponseReturnValue:
    """Add a skill."""
    form = _skill_form()
    if form.validate():
        try:
            staff.add_skill(db.session(), current_actor(), user_id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已登记“%(name)s”。", name=text(form.name)), "ok")
            return redirect(url_for("staff.show", user_id=user_id), 303)
    return _person(user_id, form, 422)


@bp.post("/staff/skills/<int:skill_id>/remove")
@requires(Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)
def remove_skill(skill_id: int) -> ResponseReturnValue:
    """Take a skill away."""
    row = staff.remove_skill(db.session(), current_actor(), skill_id, now=timing.now())
    flash(tr("已删除“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("staff.show", user_id=row.user_id), 303)


@bp.get("/staff/trainings")
@requires(Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)
def trainings() -> ResponseReturnValue:
    """Show the trainings that were held."""
    page, counts = staff.trainings(db.session(), cursor=request.args.get("cursor"))
    return render_template("admin/trainings.html", page=page, counts=counts)


@bp.get("/staff/trainings/new")
@requires(Permission.STAFF_MANAGE)
def new_training() -> ResponseReturnValue:
    """Show the form for a training."""
    form = _training_form()
    form.held_on.data = timing.today()
    return render_template("admin/training_new.html", form=form)


@bp.post("/staff/trainings/new")
@requires(Permission.STAFF_MANAGE)
def add_training() -> ResponseReturnValue:
    """Put a training on record."""
    form = _training_form()
    if form.validate():
        held_on = form.held_on.data or timing.today()
        draft = TrainingDraft(text(form.title), held_on, form.hours.data, optional(form.place), optional(form.topic))
        chosen = [int(user_id) for user_id in form.people.data or []]
        try:
            staff.hold_training(db.session(), current_actor(), draft, chosen, now=timing.now(), today=timing.today())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已登记培训，%(count)s 人参加。", count=len(chosen)), "ok")
            return redirect(url_for("staff.trainings"), 303)
    return render_template("admin/training_new.html", form=form), 422


@bp.post("/staff/trainings/<int:training_id>/remove")
@requires(Permission.STAFF_MANAGE)
def remove_training(training_id: int) -> ResponseReturnValue:
    """Take a training off the record."""
    row = staff.remove_training(db.session(), current_actor(), training_id, now=timing.now())
    flash(tr("已删除培训“%(name)s”。", name=row.title), "ok")
    return redirect(url_for("staff.trainings"), 303)


def _skill_form() -> SkillForm:
    form = SkillForm()
    form.kind.choices = choices(SKILL_LABELS.items())
    form.level.choices = choices(LEVELS.items())
    return form


def _training_form() -> TrainingForm:
    form = TrainingForm()
    form.people.choices = [(user.id, user.name) for user in people.colleagues(db.session(), None, timing.today())]
    return form


def _person(user_id: int, form: SkillForm, status: int) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "admin/staff_person.html",
        found=staff.colleague(db.session(), user_id),
        form=form,
        may_edit=actor.user_id == user_id or actor.may(Permission.STAFF_MANAGE),
        kinds=SKILL_LABELS,
        levels=LEVELS,
        roles=ROLE_LABELS,
        stays=postings.history_of(db.session(), user_id),
        post_roles=POST_ROLE_LABELS,
        ranks=RANK_LABELS,
        today=timing.today(),
    )
    return page, status

"""The form that stands inside a refusal: only the fields of what is missing."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField

from crm.auth.rules import Permission
from crm.fieldwork.rules import TouchDraft, TouchKind
from crm.pipeline import queries
from crm.pipeline.forms import LONG, VersionField
from crm.pipeline.mending.services import Mending
from crm.web import db, timing
from crm.web.fields import DayField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

NOON = time(12)
NEEDS = {
    "owner": (Permission.PROJECT_WRITE, ("owner_id",)),
    "visit": (Permission.TOUCH_WRITE, ("visit_on", "visit_summary")),
    "inspection": (Permission.TOUCH_WRITE, ("inspection_on", "inspection_summary", "inspection_report")),
    "inspection_report": (Permission.TOUCH_WRITE, ("report",)),
    "evidence": (Permission.PROJECT_MOVE, ("reason",)),
}


class MendForm(Form):
    """Everything that can be supplied on the spot."""

    client_id = HiddenField()
    stage = HiddenField()
    back = HiddenField()
    version = VersionField()
    owner_id = SelectField(_("负责人"), coerce=int, validate_choice=False)
    visit_on = DayField(_("走访日期"))
    visit_summary = TextAreaField(_("走访谈了什么"), [LONG])
    inspection_on = DayField(_("考察日期"))
    inspection_summary = TextAreaField(_("考察情况"), [LONG])
    inspection_report = TextAreaField(_("考察报告"), [LONG])
    report = TextAreaField(_("考察报告"), [LONG])
    reason = TextAreaField(_("推进依据"), [LONG])

    def keep(self, actor: Actor, project: Project, missing: Collection[str]) -> MendForm:
        """Leave only what is missing and the person may supply; a report goes with the inspection that lacks one."""
        wanted = set(missing)
        if "inspection" in wanted or queries.unreported_inspection(db.session(), project.id) is None:
            wanted.discard("inspection_report")
            if "inspection_report" in missing:
                wanted.add("inspection")
        for key, (permission, names) in NEEDS.items():
            if key not in wanted or not actor.reaches(permission, project.unit_id):
                for name in names:
                    del self[name]
        if "owner_id" in self:
            people = queries.owner_choices(db.session(), project.unit_id, timing.today())
            self.owner_id.choices = choices([(person.id, person.name) for person in people])  # type: ignore[misc]  # coerced to int
        return self

    @property
    def offers(self) -> list[str]:
        """Names of the fields that are shown."""
        return [name for _permission, names in NEEDS.values() for name in names if name in self]

    def mending(self) -> Mending:
        """Return what was typed as the service wants it; only after validation."""
        return Mending(
            client_id=text(self.client_id),
            owner_id=self.owner_id.data if "owner_id" in self else None,
            visit=self._touch("visit", TouchKind.VISIT),
            inspection=self._touch("inspection", TouchKind.INSPECTION),
            report=text(self.report) if "report" in self else "",
        )

    def _touch(self, name: str, kind: TouchKind) -> TouchDraft | None:
        if f"{name}_summary" not in self or not text(self[f"{name}_summary"]):
            return None
        report = text(self.inspection_report) if kind is TouchKind.INSPECTION else ""
        at = _instant(self[f"{name}_on"].data or timing.today())
        return TouchDraft(kind, at, text(self[f"{name}_summary"]), report=report or None)


def offer(actor: Actor, project: Project, target: str, missing: Collection[str], *, back: str) -> MendForm:
    """Return a blank form for what is missing."""
    today = timing.today()
    form = MendForm(
        formdata=None,
        client_id=secrets.token_hex(16),
        stage=target,
        back=back,
        version=project.version,
        visit_on=today,
        inspection_on=today,
    )
    return form.keep(actor, project, missing)


def _instant(day: date) -> datetime:
    """Return now for today, noon for another day."""
    if day == timing.today():
        return timing.now()
    return datetime.combine(day, NOON, tzinfo=timing.zone())

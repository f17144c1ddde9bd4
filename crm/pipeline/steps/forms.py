"""The form of a project's next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from crm.fieldwork.rules import FollowUpDraft
from crm.web.fields import DayField
from crm.web.forms import Form, text

if TYPE_CHECKING:
    from crm.pipeline.models import Project


class StepForm(Form):
    """What is to be done next, and until when; ``done`` is the step it follows."""

    done = HiddenField()
    title = StringField(_("下步做什么"), [Length(max=200, message=_("最多200字。"))])
    due_on = DayField(_("期限"))

    def draft(self, project: Project) -> FollowUpDraft:
        """Return what was typed as the rules want it."""
        return FollowUpDraft(text(self.title), self.due_on.data, project.enterprise_id, project.id)

"""Forms of exit cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired

from crm.delivery.exits.rules import CAUSE_LABELS, STEP_LABELS, StepDraft, StepKind
from crm.pipeline.forms import CHOOSE, LONG
from crm.web.fields import WholeField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Sequence

DETAIL = InputRequired(_("请写明情况，至少四个字。"))


class StartForm(Form):
    """Open a case with its reminder."""

    cause = SelectField(_("事由"), [CHOOSE])
    days = WholeField(_("期限（工作日）"), default=10)
    detail = TextAreaField(_("情况说明"), [DETAIL, LONG])

    def offer(self) -> StartForm:
        """Fill in what can be chosen."""
        self.cause.choices = choices(CAUSE_LABELS.items())
        return self

    def draft(self) -> StepDraft:
        """Return the reminder as typed."""
        return StepDraft(StepKind.REMIND, text(self.detail), self.days.data)


class StepForm(Form):
    """Go a step on."""

    kind = SelectField(_("下一步"), [CHOOSE])
    days = WholeField(_("期限（工作日）"))
    detail = TextAreaField(_("情况说明"), [DETAIL, LONG])

    def offer(self, kinds: Sequence[StepKind]) -> StepForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices((kind, STEP_LABELS[kind]) for kind in kinds)
        return self

    def draft(self) -> StepDraft:
        """Return what was typed; only after validation."""
        return StepDraft(StepKind(self.kind.data), text(self.detail), self.days.data)

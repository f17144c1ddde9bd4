"""Forms of issued papers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, TextAreaField

from crm.web.fields import WholeField
from crm.web.forms import Form


class DraftForm(Form):
    """Which paper is drafted, for which period."""

    key = HiddenField()
    period = HiddenField()


class StepForm(Form):
    """The version a person read before taking a step."""

    version = WholeField()


class WordsForm(StepForm):
    """A section's sentences in a person's own words."""

    heading = HiddenField()
    text = TextAreaField(_("文字"))


class WithdrawForm(StepForm):
    """Why a numbered paper is withdrawn."""

    reason = TextAreaField(_("撤回原因"), render_kw={"rows": 3, "maxlength": 500})
